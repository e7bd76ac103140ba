"""What becomes of a cell when a source says something else, or nothing any more. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from planillas import cells, joining, values
from planillas.cells import Candidate, Cell, Evidence, Status
from planillas.columns import Column
from planillas.records import Said

Stands = Callable[[Evidence], Evidence | None]
"""Where the words of an evidence stand now; None where they stand no more."""


def touches(cell: Cell, document_id: UUID) -> bool:
    """Say whether a cell leans on a document, or shows what it says."""
    return any(each.document_id == document_id for each in _all(cell))


def agrees(cell: Cell, said: Said, column: Column) -> bool:
    """Say whether what is said now is the cell's value."""
    if cell.value is None or said.value is None:
        return False
    return joining.agree(cell.value, said.value, column) or values.same(cell.value, said.value, column)


def said_again(cell: Cell, said: Said, column: Column, *, document_id: UUID, why: str) -> Cell:
    """Return a cell that leans on a document, as the document says it now.

    What says the same takes the new place, and revives a stale cell; another value makes it stale, with that value
    beside it, or a conflict where another source still says what it said.
    """
    evidence = said.evidence
    match cell.status:
        case Status.FOUND | Status.STALE if agrees(cell, said, column):
            return _found(cell, (*_others(cell.sources, document_id), *said.sources))
        case Status.FOUND:
            others = _others(cell.sources, document_id)
            if others and said.value is not None:
                return _conflict(cell, others, said)
            if others:
                return replace(cell, sources=others)
            return _stale(cell, said, why)
        case Status.CONFLICT | Status.EDITED if said.value is not None:
            kept = [
                replace(each, sources=sources)
                for each in cell.candidates
                if (sources := _others(each.sources, document_id))
                or joining.agree(each.value, said.value, column)
            ]
            for at, each in enumerate(kept):
                if joining.agree(each.value, said.value, column):
                    kept[at] = replace(each, sources=(*each.sources, evidence)[: joining.MOST_SOURCES])
                    break
            else:
                kept.append(Candidate(said.value, (evidence,)))
            is_new = [each.value for each in kept] != [each.value for each in cell.candidates]
            now = replace(cell, candidates=tuple(kept[: joining.MOST_CANDIDATES]))
            if cell.status == Status.EDITED and any(each.document_id == document_id for each in cell.sources):
                # A value that was chosen: the words that it was chosen by are there no more, or elsewhere.
                said_so = (evidence,) if agrees(cell, said, column) else ()
                now = replace(now, sources=(*_others(cell.sources, document_id), *said_so))
            return replace(now, why=why) if is_new and cell.status == Status.EDITED else now
        case Status.INVALID if said.value is None:
            return replace(cell, sources=(*_others(cell.sources, document_id), evidence), why=said.why)
        case Status.INVALID | Status.STALE:
            return _stale(cell, said, why)
    return cell


def unsaid(cell: Cell, *, document_id: UUID, stands: Stands, why: str, blank: bool = False) -> Cell:
    """Return a cell that leans on a document of which only what `stands` tells of is left.

    `blank`: the words of what is gone are not kept either. What a person wrote stays, and says what became of its
    source.
    """

    def left(sources: Sequence[Evidence]) -> tuple[Evidence, ...]:
        moved = (stands(each) if each.document_id == document_id else each for each in sources)
        return tuple(each for each in moved if each is not None)

    if cell.status == Status.EDITED:
        candidates = tuple(replace(each, sources=left(each.sources)) for each in cell.candidates)
        kept = tuple(each for each in candidates if each.sources)
        there = left(cell.sources)  # of a value that was chosen
        is_less = len(kept) < len(candidates) or len(there) < len(cell.sources)
        return replace(cell, sources=there, candidates=kept, why=why if is_less else cell.why)
    if cell.status == Status.CONFLICT:
        kept = tuple(
            replace(each, sources=sources) for each in cell.candidates if (sources := left(each.sources))
        )
        if len(kept) > 1:
            return replace(cell, candidates=kept)
        if kept:
            return cells.found(
                kept[0].value, kept[0].sources, confidence=cell.confidence or 0.5, engine=cell.engine
            )
        return Cell(None, Status.STALE, engine=cell.engine, why=why)
    there = left(cell.sources)
    candidates = tuple(
        replace(each, sources=sources) for each in cell.candidates if (sources := left(each.sources))
    )
    if there and cell.status != Status.STALE:
        return replace(cell, sources=there)
    was = tuple(
        replace(each, quote="") if blank and each.document_id == document_id else each
        for each in cell.sources
    )
    reason = why if cell.status != Status.STALE or blank else cell.why
    return replace(cell, status=Status.STALE, sources=was, candidates=candidates, why=reason)


def _all(cell: Cell) -> list[Evidence]:
    return [*cell.sources, *(each for candidate in cell.candidates for each in candidate.sources)]


def _others(sources: Sequence[Evidence], document_id: UUID) -> tuple[Evidence, ...]:
    return tuple(each for each in sources if each.document_id != document_id)


def _found(cell: Cell, sources: Sequence[Evidence]) -> Cell:
    assert cell.value is not None
    sure = cell.confidence if cell.confidence is not None else 1.0
    told = [each for each in sources if each.quote]  # what is gone was left without its words
    return cells.found(cell.value, told[-joining.MOST_SOURCES :], confidence=sure, engine=cell.engine)


def _conflict(cell: Cell, others: tuple[Evidence, ...], said: Said) -> Cell:
    assert cell.value is not None and said.value is not None
    candidates = (Candidate(cell.value, others), Candidate(said.value, (said.evidence,)))
    return Cell(None, Status.CONFLICT, candidates=candidates, engine=cell.engine)


def _stale(cell: Cell, said: Said, why: str) -> Cell:
    now = (Candidate(said.value, (said.evidence,)),) if said.value is not None else ()
    return replace(cell, status=Status.STALE, candidates=now, why=why)
