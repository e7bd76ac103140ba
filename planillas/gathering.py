"""Records of the sources joined into the rows of a planilla: found by what they are known by, written in batches."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Max

from engines.spanish import fold
from planillas import identity, joining, storing_rows
from planillas.cells import Cells, Evidence, Status, Value
from planillas.columns import Column
from planillas.models import Row
from planillas.records import Record, Said
from schools.ids import SchoolId, new_id
from schools.scope import school_scope

BATCH = 500
MOST_OF_A_KEY = 20  # rows
_PORTION = 5_000


@dataclass(slots=True, eq=False)
class Held:
    """A row at work, with its cells. `is_touched`: it has to be written."""

    row: Row
    cells: Cells
    keys: list[str]
    is_new: bool = False
    is_touched: bool = False


@dataclass(slots=True)
class Known:
    """The rows of a planilla by what they are known by: in memory no more than a hash of each key and the row's id."""

    school_id: SchoolId
    planilla_id: UUID
    columns: Sequence[Column]
    last: float = 0.0  # the position of the last row
    _ids: dict[int, int | tuple[int, ...]] = field(default_factory=dict)

    def load(self) -> None:
        """Read what the rows that are there are known by."""
        with school_scope(self.school_id):
            rows = Row.objects.filter(planilla_id=self.planilla_id)
            self.last = rows.aggregate(last=Max("position"))["last"] or 0.0
        after: UUID | None = None
        while True:
            with school_scope(self.school_id):
                rows = Row.objects.filter(planilla_id=self.planilla_id)
                rows = rows.filter(pk__gt=after) if after else rows
                portion = list(rows.order_by("pk").values_list("pk", "keys")[:_PORTION])
            for row_id, keys in portion:
                self.learn(row_id, keys)
            if len(portion) < _PORTION:
                return
            after = portion[-1][0]

    def learn(self, row_id: UUID, keys: Iterable[str]) -> None:
        """Take in what a row is known by."""
        for key in keys:
            name, one = hash(key), row_id.int
            there = self._ids.get(name)
            if there is None:
                self._ids[name] = one
            elif isinstance(there, int):
                self._ids[name] = there if there == one else (there, one)
            elif one not in there and len(there) < MOST_OF_A_KEY:
                self._ids[name] = (*there, one)

    def of(self, key: str) -> list[UUID]:
        """Return the rows that are known by a key; rarely also one that is not."""
        there = self._ids.get(hash(key), ())
        return [UUID(int=each) for each in ((there,) if isinstance(there, int) else there)]

    def keys(self, record: Record) -> list[str]:
        """Return what the row of a record is known by; an engine names the same thing again and again."""
        told = values_of(record)
        keys = identity.keys(told, self.columns)
        if keys or not record.engine or not told:
            return keys
        return ["said:" + "+".join(f"{key}={fold(str(told[key]))}" for key in sorted(told))]


def put(known: Known, records: Sequence[Record], *, rev: int) -> tuple[list[Held], int]:
    """Join records into rows and write these; return the rows touched, and how many records found no row.

    Inside a scope, the planilla locked. What a person took away does not come back. `Known` is to learn the rows
    that came only when the scope has ended well: see `learn`.
    """
    keyed = [(record, known.keys(record)) for record in records]
    there = load(known.planilla_id, {one for _record, keys in keyed for key in keys for one in known.of(key)})
    fresh: dict[str, list[Held]] = {}
    held: dict[UUID, Held] = {}

    def of_key(key: str) -> list[Held]:
        """Return the rows that have a key now: two keys may share a hash."""
        stored = [there[each] for each in known.of(key) if each in there and key in there[each].keys]
        return list({one.row.pk: one for one in (*stored, *fresh.get(key, ()))}.values())

    position, missed = known.last, 0
    for record, keys in keyed:
        one = identity.pick(keys, of_key, lambda each: each.keys)
        if one is None and not record.is_row:
            missed += 1
            continue
        if one is None:
            position += 1.0
            row = Row(
                id=new_id(), planilla_id=known.planilla_id, position=position, made_by=record.engine[:40]
            )
            one = Held(row, {}, [], is_new=True)
        if one.row.deleted_at is not None:
            continue
        if not join(one, record, known.columns, keys):
            continue
        held[one.row.pk] = one
        for key in one.keys:
            rows = fresh.setdefault(key, [])
            if one not in rows:
                rows.append(one)
    write(held.values(), rev=rev)
    return list(held.values()), missed


def join(held: Held, record: Record, columns: Sequence[Column], keys: Sequence[str] = ()) -> int:
    """Join a record into a row; return how many of its cells it says something new of. Does not write."""
    news = of_news(held.cells, record)
    if news.said:
        held.cells = joining.merge(held.cells, news, columns)
        held.keys = list(dict.fromkeys([*held.keys, *keys, *_keys_of(held.cells, columns)]))
        held.is_touched = True
    return len(news.said)


def learn(known: Known, held: Iterable[Held]) -> None:
    """Let `known` know of rows that were written."""
    for one in held:
        known.learn(one.row.pk, one.keys)
        known.last = max(known.last, one.row.position)


def load(planilla_id: UUID, ids: Collection[UUID]) -> dict[UUID, Held]:
    """Return rows, also those taken away, held until the scope ends. Inside a scope."""
    if not ids:
        return {}
    rows = Row.objects.filter(planilla_id=planilla_id, pk__in=ids).order_by("pk").select_for_update()
    return {row.pk: Held(row, row.read(), list(row.keys)) for row in rows}


def write(held: Iterable[Held], *, rev: int) -> None:
    """Write the rows that were touched. Inside a scope."""
    touched = [one for one in held if one.is_touched]
    for one in touched:
        one.row.write(one.cells)
        one.row.keys, one.row.rev = one.keys, rev
    storing_rows.insert([one.row for one in touched if one.is_new])
    storing_rows.update([one.row for one in touched if not one.is_new])


def of_news(cells: Cells, record: Record) -> Record:
    """Return the record without what the cells have from the very same words already."""
    said = {
        key: each
        for key, each in record.said.items()
        if key not in cells or not _has(cells, key, each.evidence)
    }
    return (
        Record(said, is_row=record.is_row, engine=record.engine) if len(said) < len(record.said) else record
    )


def values_of(record: Record) -> dict[str, Value]:
    """Return the values that a record says."""
    return {key: each.value for key, each in record.said.items() if each.value is not None}


def only(record: Record, keys: Collection[str]) -> Record:
    """Return what a record says of some columns."""
    said: dict[str, Said] = {key: each for key, each in record.said.items() if key in keys}
    return Record(said, is_row=record.is_row, engine=record.engine)


def _has(cells: Cells, key: str, evidence: Evidence) -> bool:
    cell = cells[key]
    return any(
        evidence.document_id == each.document_id
        and evidence.block == each.block
        and evidence.place == each.place
        and evidence.quote == each.quote
        for told in (cell.sources, *(one.sources for one in cell.candidates))
        for each in told
    )


def _keys_of(cells: Cells, columns: Sequence[Column]) -> list[str]:
    sure = (Status.FOUND, Status.EDITED)
    told = {key: each.value for key, each in cells.items() if each.status in sure and each.value is not None}
    return identity.keys(told, columns)
