"""What changed between two versions of a planilla, or between one and what stands now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from planillas import approving, columns, register, rows
from planillas.cells import Value
from planillas.columns import Column
from schools import scope
from schools.admission import Member

NOW = 0  # in the place of a version's number
TOLD_MOST = 1_000  # of each list; the counts are of all


@dataclass(frozen=True, slots=True)
class ChangedCell:
    """A cell whose value is another one. `row`: what the row is called, of its key columns."""

    row_id: UUID
    row: str
    column: Column
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class OneRow:
    """A row that is on one side only."""

    row_id: UUID
    row: str
    values: Mapping[str, Value]


@dataclass(slots=True)
class Comparison:
    """What `b` has that `a` has not, what it lost, and what it changed; each list up to TOLD_MOST."""

    columns: tuple[Column, ...]
    added: list[OneRow] = field(default_factory=list)
    removed: list[OneRow] = field(default_factory=list)
    changed: list[ChangedCell] = field(default_factory=list)
    added_count: int = 0
    removed_count: int = 0
    changed_count: int = 0

    @property
    def is_same(self) -> bool:
        """Say whether nothing changed."""
        return not (self.added_count or self.removed_count or self.changed_count)


def compare(member: Member, planilla_id: UUID, a: int, b: int = NOW) -> Comparison:
    """Return what changed from version `a` to version `b`, by their numbers; NOW: what stands now.

    Rows are the same by their id, so one that was moved or renamed is one row. Raises NoSuchPlanilla or NoSuchVersion.
    """
    shown, later = _side(member, planilla_id, b)
    shown_then, earlier = _side(member, planilla_id, a)
    known = {column.key: column for column in (*shown_then, *shown)}
    made = Comparison(tuple(known.values()))
    before = dict(earlier())
    for row_id, after in later():
        was = before.pop(row_id, None)
        if was is None:
            made.added_count += 1
            _keep(made.added, OneRow(row_id, name_of(after, shown), after))
        elif was != after:
            _compare_row(made, row_id, was, after, known)
    made.removed_count = len(before)
    for row_id, was in before.items():
        if len(made.removed) == TOLD_MOST:
            break
        made.removed.append(OneRow(row_id, name_of(was, shown_then), was))
    return made


def name_of(told: Mapping[str, Value], shown: Sequence[Column]) -> str:
    """Return what a row is called: the values of its key columns, or of the first that has one."""
    keys = [told[each.key] for each in shown if each.is_key and each.key in told]
    named = keys or [told[each.key] for each in shown if each.key in told][:1]
    return ", ".join(str(each) for each in named)


def _compare_row(
    made: Comparison,
    row_id: UUID,
    was: Mapping[str, Value],
    after: Mapping[str, Value],
    known: Mapping[str, Column],
) -> None:
    for key, column in known.items():
        if was.get(key) != after.get(key):
            made.changed_count += 1
            name = name_of(after, tuple(known.values()))
            _keep(made.changed, ChangedCell(row_id, name, column, was.get(key), after.get(key)))


def _keep(told: list[ChangedCell] | list[OneRow], each: ChangedCell | OneRow) -> None:
    if len(told) < TOLD_MOST:
        told.append(each)  # type: ignore[arg-type]  # each list gets its own kind


def _values(stored: Mapping[str, Any]) -> dict[str, Value]:
    # As they are stored: of a hundred thousand rows nobody wants the places.
    return {key: cell["v"] for key, cell in stored.items() if "v" in cell}


_Rows: TypeAlias = Callable[[], Iterable[tuple[UUID, dict[str, Value]]]]


def _side(member: Member, planilla_id: UUID, number: int) -> tuple[tuple[Column, ...], _Rows]:
    """Return the columns of one side, and what reads its rows."""
    if number != NOW:
        kept = approving.version(member, planilla_id, number)
        return columns.from_json(kept.columns), lambda: (
            (UUID(told["id"]), _values(told["cells"])) for told in approving.lines(kept)
        )
    entry = register.get(member, planilla_id)
    return entry.columns, lambda: scope.piecewise(
        member.school_id, rows.values(entry.planilla), size=rows.PIECE
    )
