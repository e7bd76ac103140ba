"""Stale cells, or all of chosen rows, filled again from the sources as they are now; nobody else's are touched.

Each cell that is filled again is an Edit of one batch, so that a person sees it and may take it back. A cell of which
nothing was found stays as it was.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone

from documents.models import Document
from planillas import changing, finding_cells, gathering, identity, readings, rules, staleness
from planillas.cells import Status
from planillas.filled import OfEngine
from planillas.filling import Filling
from planillas.finding_cells import Wanted
from planillas.gathering import BATCH, Held
from planillas.models import Act, Edit, Row, Source
from planillas.records import Record
from planillas.showing import Shown
from schools import bulk
from schools.scope import school_scope


@dataclass(slots=True)
class Again:
    """What is filled again: of each row the columns, as bits in the order of the planilla's.

    `touched`: what was found of it; `kept`: those whose Edit is there, maybe from a worker that died.
    """

    batch: UUID
    by: UUID | None
    targets: dict[UUID, int] = field(default_factory=dict)
    touched: dict[UUID, int] = field(default_factory=dict)
    kept: dict[UUID, int] = field(default_factory=dict)


def begin(filling: Filling) -> Again | None:
    """Return what was asked for; None where nothing is."""
    asked = filling.filled.refill
    if "batch" not in asked:
        return None
    by = UUID(asked["by"]) if asked.get("by") else None
    again = Again(UUID(asked["batch"]), by)
    if not asked.get("begun"):
        filling.filled.engine = OfEngine(windows=filling.filled.engine.windows)
        asked["begun"] = True
    chosen = [UUID(each) for each in asked["rows"]] if "rows" in asked else None
    keys = [each.key for each in filling.columns]
    for row in _rows(filling, chosen):
        for at, key in enumerate(keys):
            status = row.cells.get(key, {}).get("s")
            if status == Status.STALE or (chosen is not None and status != Status.EDITED):
                again.targets[row.pk] = again.targets.get(row.pk, 0) | 1 << at
    with school_scope(filling.school_id):
        edits = Edit.objects.filter(planilla_id=filling.planilla.pk, batch=again.batch)
        for row_id, column in edits.values_list("row_id", "column"):
            bit = 1 << keys.index(column)
            again.targets[row_id] = again.targets.get(row_id, 0) | bit
            again.kept[row_id] = again.kept.get(row_id, 0) | bit
    if asked.get("read"):
        again.touched = dict(again.kept)
    return again


def by_rules(filling: Filling, again: Again) -> None:
    """Read the sources by rules, as they are now; once, however often an engine is waited for afterwards."""
    if filling.filled.refill.get("read"):
        return
    filling.known.load()
    there = [each for each in filling.sources if each.document and each.document.status in readings.READY]
    sizes = readings.sizes(filling.school_id, [each.id for each in there])
    filling.lines = 2.0 * (sum(sizes.values()) or 1)
    for each in there:
        assert each.document is not None
        mark = readings.mark(filling.school_id, each.document)
        unknown = _read(filling, again, each.document)
        of = filling.filled.of(each.id)
        of.is_done, of.mark = True, mark
        filling.done += sizes.get(each.id, 0)
        _note(filling, each.document, mark, unknown)
    filling.filled.refill["read"] = True
    filling.save()


def by_engine(filling: Filling, again: Again, shown: Shown) -> None:
    """Ask an engine for what rules did not find again; raise asking.Stopped."""
    if not shown.index.passages:
        return
    own = finding_cells.own_documents(filling)

    def wanted() -> Iterator[Wanted]:
        for row in _rows(filling, [each for each in again.targets if _open(again, each)]):
            columns = [each for at, each in enumerate(filling.columns) if _open(again, row.pk) >> at & 1]
            if row.position > filling.filled.engine.after:
                one = finding_cells.wanted(filling, shown, row, columns, own)
                if one is not None:
                    yield one

    for unit in finding_cells.units(wanted()):
        if filling.filled.engine.calls >= finding_cells.MOST_CALLS:
            return
        filling.report()
        found = finding_cells.ask(filling, unit)
        filling.filled.engine.after = unit[-1].row.position
        with filling.writing() as rev:
            held = gathering.load(filling.planilla.pk, {row.pk for row, _record in found})
            edits: list[Edit] = []
            for row, record in found:
                if row.pk in held:
                    _take(filling, again, held[row.pk], record, edits)
            _write(held.values(), edits, rev=rev)


def finish(filling: Filling, again: Again) -> None:
    """Note in each Edit what its cell became; what became nothing else was no change."""
    after: UUID | None = None
    while True:
        with school_scope(filling.school_id):
            filling.work.hold()
            edits = Edit.objects.filter(planilla_id=filling.planilla.pk, batch=again.batch)
            edits = edits.filter(pk__gt=after) if after else edits
            portion = list(edits.select_related("row").order_by("pk")[:BATCH])
            same = []
            for edit in portion:
                edit.after = changing.one(edit.column, edit.row.read().get(edit.column))
                if edit.after == edit.before:
                    same.append(edit.pk)
            Edit.objects.bulk_update(portion, ["after"])
            Edit.objects.filter(pk__in=same).delete()
        if len(portion) < BATCH:
            break
        after = portion[-1].pk
    filling.filled.refill = {}


def _read(filling: Filling, again: Again, document: Document) -> int:
    """Read one source; return how many of its rows the planilla has not."""
    of = filling.filled.of(document.pk)
    of.read, of.told = [], []
    unknown = 0
    batch: list[Record] = []
    made = rules.records(
        readings.of_document(filling.school_id, document.pk),
        filling.columns,
        row_is=filling.planilla.row_is,
        tell=of.tell,
    )
    for record in made:
        filling.report()
        of.note_read(each.evidence.block for each in record.said.values())
        batch.append(record)
        if len(batch) >= BATCH:
            unknown += _put(filling, again, batch)
            batch = []
    return unknown + _put(filling, again, batch)


def _put(filling: Filling, again: Again, records: Sequence[Record]) -> int:
    """Join records into what is asked again; return how many are of rows that the planilla has not."""
    known, unknown = filling.known, 0
    keyed = [(record, known.keys(record)) for record in records]
    ids = {each for _record, keys in keyed for key in keys for each in known.of(key)}
    with filling.writing() as rev:
        held = gathering.load(filling.planilla.pk, ids)
        edits: list[Edit] = []
        for record, keys in keyed:
            one = identity.pick(
                keys,
                lambda key: [held[each] for each in known.of(key) if each in held and key in held[each].keys],
                lambda each: each.keys,
            )
            if one is None:
                unknown += record.is_row
            elif one.row.deleted_at is None:
                _take(filling, again, one, record, edits)
        _write(held.values(), edits, rev=rev)
    return unknown


def _take(filling: Filling, again: Again, one: Held, record: Record, edits: list[Edit]) -> None:
    """Let a record fill the cells of a row that are asked again; the first to do so empties them."""
    row_id, free = one.row.pk, set()
    for at, column in enumerate(filling.columns):
        bit = 1 << at
        if column.key not in record.said or not again.targets.get(row_id, 0) & bit:
            continue
        before = one.cells.get(column.key)
        if not again.touched.get(row_id, 0) & bit:
            if before is not None and before.status == Status.EDITED:
                continue  # a person was faster
            if not again.kept.get(row_id, 0) & bit:
                edits.append(
                    Edit(
                        planilla_id=filling.planilla.pk,
                        row_id=row_id,
                        batch=again.batch,
                        act=Act.REFILL,
                        column=column.key,
                        before=changing.one(column.key, before),
                        by_id=again.by,
                    )
                )
                again.kept[row_id] = again.kept.get(row_id, 0) | bit
            one.cells.pop(column.key, None)
            again.touched[row_id] = again.touched.get(row_id, 0) | bit
        free.add(column.key)
    if free:
        gathering.join(one, gathering.only(record, free), filling.columns)


def _write(held: Collection[Held], edits: Sequence[Edit], *, rev: int) -> None:
    gathering.write(held, rev=rev)
    bulk.insert(edits)


def _open(again: Again, row_id: UUID) -> int:
    """Return the columns that are asked again and of which nothing was found."""
    return again.targets.get(row_id, 0) & ~again.touched.get(row_id, 0)


def _rows(filling: Filling, chosen: Sequence[UUID] | None) -> Iterator[Row]:
    """Yield the rows asked for in their order; None: those with stale cells."""
    after = -1.0
    while True:
        with school_scope(filling.school_id):
            rows = Row.objects.filter(planilla_id=filling.planilla.pk, deleted_at=None, position__gt=after)
            rows = rows.filter(stale__gt=0) if chosen is None else rows.filter(pk__in=chosen)
            portion = list(rows.order_by("position")[:BATCH])
        yield from portion
        if len(portion) < BATCH:
            return
        after = portion[-1].position


def _note(filling: Filling, document: Document, mark: str, unknown: int) -> None:
    """Note in the source's row what was read; one that a newer document replaces stays marked as such."""
    facts: Mapping[str, object] = {
        "mark": mark, "read_at": timezone.now(), "title": document.title, "sha256": document.sha256,
    }  # fmt: skip
    with school_scope(filling.school_id):
        filling.work.hold()
        row = Source.objects.filter(planilla_id=filling.planilla.pk, document_id_then=document.pk)
        row.update(**facts)
        if not Document.objects.filter(supersedes_id=document.pk, deleted_at=None).exists():
            row.update(**staleness.told_of(stale=0, new_rows=unknown))
