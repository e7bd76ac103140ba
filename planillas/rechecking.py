"""The cells of one planilla held against one of its sources as it is now: read again by rules, quotes looked up."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from uuid import UUID

from django.utils.translation import gettext as _

from pipeline.stages import Work
from planillas import changing, gathering, identity, proof, quoting, readings, rechecked, rules, values
from planillas.blanking import blank_edits
from planillas.cells import Cell, Evidence
from planillas.columns import Column
from planillas.columns import from_json as columns_from_json
from planillas.gathering import BATCH, Held, Known
from planillas.models import Planilla, Row
from planillas.records import Numbered, Record, Said
from schools.scope import school_scope

MOST_MOVED = 2_000  # quotes that are looked for in the whole of a document
_TELLING_WORDS, _TELLING_CHARS = 3, 8  # of a quote that may be looked for elsewhere: fewer stand anywhere


@dataclass(slots=True)
class Check:
    """One source of one planilla, held against what is there now.

    `document_id`: of the source; `read_id`: what is read in its place: itself, the document that replaces it, or None
    where it is gone. `title`: its name, as staff know it.
    """

    work: Work
    planilla: Planilla
    document_id: UUID
    read_id: UUID | None
    title: str
    columns: tuple[Column, ...] = ()
    stale: int = 0  # cells that became so
    new_rows: int = 0  # records of rows that the planilla has not
    # The columns of a row of which rules said something, as bits; rows where that is all that leans on the source.
    _said: dict[UUID, int] = field(default_factory=dict)
    _settled: set[UUID] = field(default_factory=set)
    _is_loud: bool = False  # the batch at work changes what people see

    def __post_init__(self) -> None:
        self.columns = columns_from_json(self.planilla.columns)

    @property
    def is_replaced(self) -> bool:
        """Say whether another document is read in its place."""
        return self.read_id is not None and self.read_id != self.document_id

    def run(self) -> None:
        """Mark the cells that their source no longer bears out; what still stands takes its new place, silently."""
        if self.read_id is not None:
            self._read_again()
        moved = self._moved()
        for ids in self._row_ids():
            self._write(ids, lambda held: self._look_up(held, moved))
        if self.read_id is None:
            blank_edits(self.work, self.planilla.pk, self.document_id)

    # --- by rules ---

    def _read_again(self) -> None:
        assert self.read_id is not None
        known = Known(self.work.school_id, self.planilla.pk, self.columns)
        known.load()
        reading = readings.of_document(self.work.school_id, self.read_id)
        batch: list[Record] = []
        told = rules.records(
            reading, self.columns, row_is=self.planilla.row_is, tell=lambda _code, _words: None
        )
        for record in told:
            batch.append(record)
            if len(batch) >= BATCH:
                self._take_in(known, batch)
                batch = []
        self._take_in(known, batch)

    def _take_in(self, known: Known, records: list[Record]) -> None:
        """Hold the rows that some records speak of against them."""
        keyed = [(record, known.keys(record)) for record in records]
        ids = {each for _record, keys in keyed for key in keys for each in known.of(key)}

        def take(held: Mapping[UUID, Held]) -> None:
            for record, keys in keyed:
                one = identity.pick(
                    keys,
                    lambda key: [held[i] for i in known.of(key) if i in held and key in held[i].keys],
                    lambda each: each.keys,
                )
                if one is None:
                    self.new_rows += record.is_row
                elif one.row.deleted_at is None:
                    for at, column in enumerate(self.columns):
                        if (said := record.said.get(column.key)) is not None:
                            self._say(one, at, column, said)
            for one in held.values():
                if one.row.pk in self._said and next(self._unconfirmed(one), None) is None:
                    self._settled.add(one.row.pk)

        self._write(ids, take)

    def _say(self, one: Held, at: int, column: Column, said: Said) -> None:
        cell = one.cells.get(column.key)
        if cell is None or not rechecked.touches(cell, self.document_id):
            return
        self._said[one.row.pk] = self._said.get(one.row.pk, 0) | 1 << at
        why = "" if rechecked.agrees(cell, said, column) else self._why(said, column)
        now = rechecked.said_again(cell, said, column, document_id=self.document_id, why=why)
        if self.is_replaced:
            # The other document is no source of the planilla: whoever sees this may not be let to see that.
            if now.needs_a_person and not cell.needs_a_person:
                self._put(
                    one,
                    column.key,
                    rechecked.unsaid(cell, document_id=self.document_id, stands=lambda _each: None, why=why),
                )
            return
        self._put(one, column.key, now)

    # --- what rules say nothing of ---

    def _look_up(self, held: Mapping[UUID, Held], moved: Mapping[str, Evidence]) -> None:
        wanted = {each.block for one in held.values() for _key, _cell, each in self._unconfirmed(one)}
        blocks, why = self._blocks(wanted), self._why()
        for one in held.values():
            for key, cell in {key: cell for key, cell, _evidence in self._unconfirmed(one)}.items():

                def stands(each: Evidence, one: Held = one, cell: Cell = cell) -> Evidence | None:
                    there = self._stands(one, cell, each, blocks) or moved.get(each.quote)
                    # What another document says in its place proves the words, and is never named here: see _say.
                    return each if there is not None and self.is_replaced else there

                now = rechecked.unsaid(
                    cell,
                    document_id=self.document_id,
                    stands=stands,
                    why=why,
                    blank=self.read_id is None,
                )
                self._put(one, key, now)

    def _stands(
        self, one: Held, cell: Cell, each: Evidence, blocks: Mapping[int, Numbered]
    ) -> Evidence | None:
        """Return where words stand that no record was made of: in their block, or exactly in their place."""
        block = blocks.get(each.block)
        if block is None or self.read_id is None:
            return None
        span = proof.find(each.quote, block.block.text)
        if span is None:
            return None
        if self.is_replaced:
            return each if is_telling(each.quote) else None
        if not cell.engine and not is_telling(each.quote):
            # A short one stands on many lines; of a row that has a name its record would have been found.
            return each if not one.keys and _is_at(each, block) else None
        return quoting.quote(each.document_id, block, *span)

    def _moved(self) -> dict[str, Evidence]:
        """Return, for quotes that are not where they were, where else in the document they stand."""
        missing: set[str] = set()
        if self.read_id is None:
            return {}
        for ids in self._row_ids():
            with school_scope(self.work.school_id):
                held = gathering.load(self.planilla.pk, ids)
            wanted = {each.block for one in held.values() for _key, _cell, each in self._unconfirmed(one)}
            blocks = self._blocks(wanted)
            for one in held.values():
                for _key, cell, each in self._unconfirmed(one):
                    if is_telling(each.quote) and self._stands(one, cell, each, blocks) is None:
                        missing.add(each.quote)
            if len(missing) > MOST_MOVED:
                return {}
        found: dict[str, Evidence] = {}
        for block in readings.of_document(self.work.school_id, self.read_id).blocks if missing else ():
            flat = proof.flat(block.block.text)
            for quote in list(missing):
                if (span := proof.find_in(quote, flat)) is not None:
                    found[quote] = quoting.quote(self.read_id, block, *span)
                    missing.discard(quote)
        return found

    def _unconfirmed(self, one: Held) -> Iterator[tuple[str, Cell, Evidence]]:
        """Yield the cells that lean on the source and of which rules said nothing, with each of its evidence."""
        bits = self._said.get(one.row.pk, 0)
        known = {each.key for at, each in enumerate(self.columns) if bits >> at & 1}
        for key, cell in one.cells.items():
            if key in known:
                continue
            for told in (cell.sources, *(each.sources for each in cell.candidates)):
                for each in told:
                    if each.document_id == self.document_id:
                        yield key, cell, each

    def _blocks(self, ordinals: set[int]) -> dict[int, Numbered]:
        if self.read_id is None or not ordinals:
            return {}
        return readings.some(self.work.school_id, self.read_id, ordinals)

    # --- reading and writing ---

    def _row_ids(self) -> Iterator[set[UUID]]:
        """Yield the rows that lean on the source, some at a time."""
        after, there = -inf, set[UUID]()
        while True:
            with school_scope(self.work.school_id):
                # In the order of the index: each portion goes on where the last ended.
                rows = Row.objects.filter(
                    planilla_id=self.planilla.pk,
                    position__gte=after,
                    places__contains=[{"d": str(self.document_id)}],
                ).exclude(pk__in=there)
                found = list(rows.order_by("position").values_list("pk", "position")[:BATCH])
            if found:
                after = found[-1][1]
                there = {row_id for row_id, position in found if position == after}
            if left := {row_id for row_id, _position in found} - self._settled:
                yield left
            if len(found) < BATCH:
                return

    def _write(self, ids: set[UUID], change: Callable[[Mapping[UUID, Held]], None]) -> None:
        with school_scope(self.work.school_id):
            self.work.hold()
            planilla = Planilla.objects.select_for_update().get(pk=self.planilla.pk)
            held = gathering.load(self.planilla.pk, ids)
            self._is_loud = False
            change(held)
            # A place that moved is nobody's business, and nothing that was approved is another for it.
            gathering.write(held.values(), rev=planilla.rev + self._is_loud)
            if self._is_loud:
                changing.raise_rev(planilla)

    def _put(self, one: Held, key: str, now: Cell) -> None:
        before = one.cells[key]
        if now == before:
            return
        self.stale += now.needs_a_person and not before.needs_a_person
        self._is_loud |= _shown(now) != _shown(before)
        one.cells[key] = now
        one.is_touched = True

    def _why(self, said: Said | None = None, column: Column | None = None) -> str:
        told = {"title": self.title}
        if self.read_id is None:
            return _("Se borró el documento «%(title)s».") % told
        if self.is_replaced:
            return _("Otro documento reemplaza a «%(title)s» y no dice lo mismo.") % told
        if said is None or column is None or said.value is None:
            return _("«%(title)s» cambió y ya no dice esto.") % told
        told["now"] = values.show(said.value, column)[:120]
        return _("«%(title)s» cambió: ahora dice «%(now)s».") % told


def is_telling(quote: str) -> bool:
    """Say whether words are so many that they hardly stand twice by chance."""
    letters = sum(each.isalnum() for each in quote)
    return letters >= _TELLING_CHARS and (
        len(quote.split()) >= _TELLING_WORDS or letters >= 2 * _TELLING_CHARS
    )


def _shown(cell: Cell) -> tuple[object, ...]:
    return cell.status, cell.value, cell.why, [each.value for each in cell.candidates]


def _is_at(each: Evidence, block: Numbered) -> bool:
    """Say whether words stand in a block exactly where they stood."""
    flat = proof.flat(block.block.text)
    start = 0
    while (span := proof.find_in(each.quote, flat, start)) is not None:
        if quoting.quote(each.document_id, block, *span).place == each.place:
            return True
        start = span[1]
    return False
