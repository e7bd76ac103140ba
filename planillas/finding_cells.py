"""The cells that rules left empty, asked of an engine: some rows at a time, with the passages that speak of them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from planillas import fill_prompt, finding_rows, gathering, identity, passages, proof
from planillas.asking import Answer, Unusable
from planillas.cells import Cells, Status
from planillas.columns import Column
from planillas.fill_prompt import Asked
from planillas.filling import Filling
from planillas.gathering import Held
from planillas.models import Row
from planillas.passages import Passage
from planillas.proof import Proved
from planillas.records import Record
from planillas.showing import Shown
from schools import scope
from schools.scope import school_scope

MOST_CALLS = 600
MOST_ROWS = 6  # of one call
MOST_CELLS = 30
MOST_KNOWN = 4  # values by which a row is told to an engine
_PORTION = 200

_OWN = """
SELECT place->>'d' FROM planillas_row AS row, jsonb_array_elements(row.places) AS place
WHERE row.school_id = %(school)s AND row.planilla_id = %(planilla)s AND row.deleted_at IS NULL
GROUP BY 1 HAVING count(DISTINCT row.id) = 1
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row of which something is asked, how an engine is told of it, and the passages that may speak of it.

    `typed`: what of it a person wrote; `documents`: where the rest of what is told of it comes from; `name`: stems of
    what it is called, empty where rows are not people.
    """

    row: Row
    asked: Asked
    shown: Sequence[Passage]
    typed: str
    documents: frozenset[UUID]
    name: frozenset[int] = frozenset()

    @property
    def cells(self) -> int:
        """Return how many cells are asked for."""
        return len(self.asked.columns)


def find(filling: Filling, shown: Shown) -> None:
    """Ask for the empty cells, from the row on that another worker came to; raise asking.Stopped."""
    engine = filling.filled.engine
    if not shown.index.passages:
        return
    for unit in units(_wanted(filling, shown)):
        if engine.calls >= MOST_CALLS:
            engine.stopped = _("Hay demasiadas celdas vacías para buscarlas todas con un motor.")
            return
        filling.report()
        records = ask(filling, unit)
        engine.after = unit[-1].row.position
        filling.done = filling.lines * (0.7 + 0.3 * min(1.0, engine.after / max(1.0, filling.known.last)))
        with filling.writing() as rev:
            engine.cells += put(filling, records, _empty, rev=rev)


def own_documents(filling: Filling) -> frozenset[UUID]:
    """Return the documents that speak of one row alone."""
    asked = {"school": filling.school_id, "planilla": filling.planilla.pk}
    return frozenset(UUID(each) for (each,) in scope.run(filling.school_id, _OWN, asked))


def wanted(
    filling: Filling, shown: Shown, row: Row, columns: Sequence[Column], own: Collection[UUID]
) -> Wanted | None:
    """Return what is to be asked of a row; None where no passage speaks of it, or no engine may hear of it."""
    cells = row.read()
    told = _told(filling, cells, shown.documents)
    if told is None:
        return None
    known, typed, documents = told
    evidence = [each for cell in cells.values() for each in cell.sources]
    names = {each.name for each in finding_rows.identifying(filling.columns)}
    called = [each for name, each in known.items() if name in names] or list(known.values())
    name = passages.stems(*called)
    asked = passages.stems(*(text for each in columns for text in (each.name, each.meaning, *each.also)))
    ways = identity.ways(filling.columns)
    is_person = ways.is_person and bool(ways.names or ways.documents)
    found = shown.index.about(
        name,
        asked,
        # Of a person only what names them: what stands beside it speaks of somebody else as easily.
        near=() if is_person else {(each.document_id, each.block) for each in evidence},
        own={each.document_id for each in evidence} & set(own),
        least=min(2, len(name)) if is_person else 1,
    )
    told_of = frozenset(name) if is_person else frozenset()
    return Wanted(row, Asked(known, columns), found, typed, documents, told_of) if found else None


def ask(filling: Filling, unit: Sequence[Wanted]) -> list[tuple[Row, Record]]:
    """Return what an engine can prove of the cells asked for; raise asking.Stopped."""
    found: list[tuple[Row, Record]] = []
    for part in _parts(unit):
        try:
            found += _answered(filling, part)
        except Unusable:
            for half in _halves(part):
                try:
                    found += _answered(filling, half)
                except Unusable:
                    filling.filled.engine.unusable += 1
    return found


def _wanted(filling: Filling, shown: Shown) -> Iterator[Wanted]:
    own = own_documents(filling)
    counted = F("found") + F("edited") + F("conflict") + F("stale") + F("invalid")
    after = filling.filled.engine.after
    while True:
        with school_scope(filling.school_id):
            rows = Row.objects.filter(planilla_id=filling.planilla.pk, deleted_at=None, position__gt=after)
            rows = rows.annotate(filled=counted).filter(filled__lt=len(filling.columns))
            portion = list(rows.order_by("position")[:_PORTION])
        for row in portion:
            empty = [each for each in filling.columns if each.key not in row.cells]
            if empty and (one := wanted(filling, shown, row, empty, own)) is not None:
                yield one
        if len(portion) < _PORTION:
            return
        after = portion[-1].position


def units(found: Iterator[Wanted]) -> Iterator[list[Wanted]]:
    """Yield rows that are asked about together: few cells, and passages that fit into one call."""
    unit: list[Wanted] = []
    for each in found:
        if unit and not _fits([*unit, each]):
            yield unit
            unit = []
        unit.append(each)
    if unit:
        yield unit


def _fits(unit: Sequence[Wanted]) -> bool:
    size = sum(each.tokens for each in passages.together([one.shown for one in unit]))
    cells = sum(one.cells for one in unit)
    return len(unit) <= MOST_ROWS and cells <= MOST_CELLS and size <= passages.WINDOW_TOKENS


def _parts(unit: Sequence[Wanted]) -> list[Sequence[Wanted]]:
    """Return the calls of a unit: a row with very many empty cells takes several."""
    if len(unit) > 1 or unit[0].cells <= MOST_CELLS:
        return [unit]
    (one,) = unit
    return [
        [_of_columns(one, one.asked.columns[at : at + MOST_CELLS])] for at in range(0, one.cells, MOST_CELLS)
    ]


def _halves(part: Sequence[Wanted]) -> list[Sequence[Wanted]]:
    if len(part) > 1:
        return [part[: len(part) // 2], part[len(part) // 2 :]]
    (one,) = part
    if one.cells == 1:
        return [part]
    half = one.cells // 2
    return [[_of_columns(one, one.asked.columns[:half])], [_of_columns(one, one.asked.columns[half:])]]


def _of_columns(one: Wanted, columns: Sequence[Column]) -> Wanted:
    return replace(one, asked=Asked(one.asked.known, columns))


def _answered(filling: Filling, part: Sequence[Wanted]) -> list[tuple[Row, Record]]:
    shown = passages.together([one.shown for one in part])
    documents = {each.document_id for each in shown}.union(*(one.documents for one in part))
    typed = "\n".join(one.typed for one in part if one.typed)
    request = fill_prompt.for_cells(filling.sheet, [one.asked for one in part], shown)
    filling.filled.engine.calls += 1
    answer = filling.ask(request, filling.desk.errand(documents, typed=typed))
    return list(_proved(filling, answer, part, shown))


def _proved(
    filling: Filling, answer: Answer, part: Sequence[Wanted], shown: Sequence[Passage]
) -> Iterator[tuple[Row, Record]]:
    rows = answer.content.get("rows")
    for each in rows if isinstance(rows, list) else ():
        number = each.get("row") if isinstance(each, Mapping) else None
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(part):
            continue
        one = part[number - 1]
        # Words that speak of another row prove nothing of this one.
        mine = [passage if passage in one.shown else _NOTHING for passage in shown]
        others = [other.name for other in part if other is not one]

        def is_meant(
            passage: Passage, proved: Proved, one: Wanted = one, others: Sequence[frozenset[int]] = others
        ) -> bool:
            return proof.speaks_of(passage.text, proved, one.name, others)

        said = finding_rows.prove(filling, each.get("cells"), mine, one.asked.columns, is_meant)
        if said:
            yield one.row, Record(said, is_row=False, engine=answer.engine)


_NOTHING = Passage(UUID(int=0), -1, 0, "")


def put(
    filling: Filling,
    found: Sequence[tuple[Row, Record]],
    free: Callable[[Filling, Held], Collection[str]],
    *,
    rev: int,
) -> int:
    """Write what was found into those cells of each row that are `free`; return how many. Inside a scope."""
    there = gathering.load(filling.planilla.pk, {row.pk for row, _record in found})
    count = 0
    for row, record in found:
        one = there.get(row.pk)
        if one is not None and one.row.deleted_at is None:
            count += gathering.join(one, gathering.only(record, free(filling, one)), filling.columns)
    gathering.write(there.values(), rev=rev)
    return count


def _empty(filling: Filling, one: Held) -> set[str]:
    return {each.key for each in filling.columns if each.key not in one.cells}


def _told(
    filling: Filling, cells: Cells, documents: frozenset[UUID]
) -> tuple[dict[str, str], str, frozenset[UUID]] | None:
    """Return what an engine is told of a row, what of it a person wrote, and the documents of the rest."""
    known: dict[str, str] = {}
    typed: list[str] = []
    of: set[UUID] = set()
    names = {each.key for each in finding_rows.identifying(filling.columns)}
    for column in sorted(filling.columns, key=lambda each: each.key not in names):
        cell = cells.get(column.key)
        if cell is None or cell.value is None or cell.status not in (Status.FOUND, Status.EDITED):
            continue
        # A value that a person chose, or wrote as a source has it, is that source's still.
        said = [one.sources for one in cell.candidates if one.value == cell.value]
        by = {each.document_id for sources in (cell.sources, *said) for each in sources}
        if by and not by & documents:
            continue  # it is known only from what no engine may see
        of |= by & documents
        if cell.status == Status.EDITED:
            typed.append(str(cell.value))
        known[column.name] = str(cell.value)
        if len(known) >= MOST_KNOWN:
            break
    return (known, "\n".join(typed), frozenset(of)) if known else None
