"""A planilla's rows as its page asks for them: a piece at a time, sorted and filtered where they stand.

Columns are named by schools and what is sought by people: both travel as values of the statement, never as its text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, Count, F, Func, Q, QuerySet, TextField, Value, Window
from django.db.models.expressions import OrderBy
from django.db.models.fields.json import JSONField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from engines.spanish import fold
from planillas import columns, register
from planillas.cells import Status
from planillas.changing import NoSuchColumn
from planillas.columns import Column, Kind
from planillas.models import Planilla, Row
from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope

MOST = 200
PIECE = 1_000
EMPTY = "empty"  # as a state to filter by: no value, for whatever reason
_NUMERIC = (Kind.NUMBER, Kind.INTEGER, Kind.MONEY)
# As engines.spanish.fold has it, for Postgres: locales differ from one installation to the next. One after the other,
# which is ten times as fast as translate(), where each letter is looked for among them all.
_ACCENTED, _PLAIN = "áàâäãåéèêëíìîïóòôöõúùûüñç", "aaaaaaeeeeiiiiooooouuuunc"
_COUNTED = (Status.FOUND, Status.EDITED, Status.CONFLICT, Status.STALE, Status.INVALID)


class BadState(Refused):
    """No such state to filter by."""

    code = "invalid"


@dataclass(frozen=True, slots=True)
class Sought:
    """What the cells of a column must be: hold a text, or be in a state (one of Status, or EMPTY)."""

    column: str
    text: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows: `count` of them from `start` on. `state`: any cell is so; `text`: any cell holds it."""

    start: int = 0
    count: int = MOST
    sort: str = ""  # a column's key; "" as they stand
    is_descending: bool = False
    sought: tuple[Sought, ...] = ()
    state: str = ""
    text: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Say whether not every row is asked for."""
        return bool(self.sought or self.state or self.text)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as they were asked for. `total`: how many there are of the kind, None where it was not counted."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    rev: int
    state: str
    total: int | None


def page(member: Member, planilla_id: UUID, asked: Asked, *, with_total: bool = True) -> Page:
    """Return rows; raise NoSuchPlanilla, NoSuchColumn or BadState."""
    with school_scope(member.school_id):
        planilla = register.visible(member).filter(pk=planilla_id).first()
        if planilla is None:
            raise register.NoSuchPlanilla(_("No existe esa planilla."))
        told = columns.from_json(planilla.columns)
        start, count = max(asked.start, 0), min(max(asked.count, 1), MOST)
        found = narrowed(planilla, told, asked)
        ordered = found.order_by(*_order(told, asked))
        total: int | None = None
        if with_total and asked.is_narrowed:
            # In the same pass: what is sought in every cell is dear to seek twice.
            ordered = ordered.annotate(total=Window(Count("pk")))
        rows = tuple(ordered[start : start + count])
        if with_total:
            total = getattr(rows[0], "total", None) if rows else None
            total = found.count() if total is None else total
        return Page(
            rows=rows,
            columns=told,
            rev=planilla.rev,
            state=planilla.state,
            total=total,
        )


def narrowed(planilla: Planilla, told: Sequence[Column], asked: Asked) -> QuerySet[Row]:
    """Return the rows that are asked for, unordered. Inside a scope."""
    rows = living(planilla)
    if asked.state:
        rows = rows.filter(_any_cell(asked.state, told))
    if asked.text.strip():
        said = _folded(Func(F("cells"), template=_VALUES, output_field=TextField()))
        rows = rows.alias(said=said).filter(said__contains=fold(asked.text.strip()))
    for number, each in enumerate(asked.sought):
        column = _column(told, each.column)
        if each.text.strip():
            rows = rows.alias(**{f"text_{number}": _written(column)}).filter(
                **{f"text_{number}__contains": _as_sought(each.text, column)}
            )
        if each.state:
            rows = rows.alias(
                **{f"state_{number}": _path(column.key, "s"), f"value_{number}": _path(column.key, "v")}
            )
            rows = rows.filter(_of_state(each.state, f"state_{number}", f"value_{number}"))
    return rows


def living(planilla: Planilla) -> QuerySet[Row]:
    """Return the rows that were not taken away. Inside a scope."""
    return Row.objects.filter(planilla=planilla, deleted_at=None)


def following(member: Member, planilla_id: UUID, *, after: UUID | None, limit: int) -> list[Row]:
    """Return the rows behind one, or the first ones; raise NoSuchPlanilla."""
    with school_scope(member.school_id):
        entry = register.get_within(member, planilla_id)
        rows = living(entry.planilla).order_by("position", "pk")
        there = Row.objects.filter(planilla=entry.planilla)
        last = there.filter(pk=after).values_list("position", "pk").first() if after else None
        if last is not None:
            rows = rows.filter(position__gte=last[0]).exclude(position=last[0], pk__lte=last[1])
        return list(rows[:limit])


def as_stored(planilla: Planilla) -> Iterator[tuple[UUID, str, str]]:
    """Yield every row as they stand: its id, its cells and its places as JSON. Inside a scope.

    As Postgres writes them: nobody here reads what only goes into a file.
    """
    told = living(planilla).annotate(told=Cast("cells", TextField()), told_places=Cast("places", TextField()))
    for _position, row_id, cells, places in _in_pieces(told, "told", "told_places"):
        yield row_id, cells, places


def values(planilla: Planilla) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """Yield the values of every row by column, without what is known of them. Inside a scope."""
    said = Func(F("cells"), template=_ONLY_VALUES, output_field=JSONField())
    for _position, row_id, told in _in_pieces(living(planilla).annotate(said=said), "said"):
        yield row_id, told or {}


def in_pieces(planilla: Planilla) -> Iterator[list[Row]]:
    """Yield every row as they stand, so many at a time. Inside a scope."""
    ids = [row_id for _position, row_id in _in_pieces(living(planilla))]
    for first in range(0, len(ids), PIECE):
        there = living(planilla).in_bulk(ids[first : first + PIECE])
        yield [there[each] for each in ids[first : first + PIECE] if each in there]


def _in_pieces(rows: QuerySet[Row], *fields: str) -> Iterator[Any]:
    after: tuple[float, UUID] | None = None
    while True:
        asked = rows
        if after is not None:
            position, row_id = after
            asked = rows.filter(
                Q(position=position, pk__gt=row_id) | Q(position__gt=position), position__gte=position
            )
        piece = list(asked.order_by("position", "pk").values_list("position", "pk", *fields)[:PIECE])
        yield from piece
        if len(piece) < PIECE:
            return
        after = (piece[-1][0], piece[-1][1])


def empty_in(planilla: Planilla, keys: Sequence[str]) -> dict[str, int]:
    """Return how many rows have no value in each of these columns. Inside a scope."""
    if not keys:
        return {}
    rows = living(planilla).alias(**{f"value_{at}": _path(key, "v") for at, key in enumerate(keys)})
    empty: dict[str, Any] = {
        f"empty_{at}": Count("pk", filter=Q(**{f"value_{at}": None})) for at in range(len(keys))
    }
    counted = rows.aggregate(**empty)
    return {key: counted[f"empty_{at}"] for at, key in enumerate(keys)}


def _order(told: Sequence[Column], asked: Asked) -> list[Any]:
    if not asked.sort:
        return ["position", "pk"]
    column = _column(told, asked.sort)
    by: Any = _path(column.key, "v", as_text=False)
    if column.kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE):
        by = _folded(_path(column.key, "v"))
    # Empty cells last, whichever way: nobody sorts to read what is not there.
    return [OrderBy(by, descending=asked.is_descending, nulls_last=True), "position", "pk"]


def _column(told: Sequence[Column], key: str) -> Column:
    found = next((each for each in told if each.key == key), None)
    if found is None:
        raise NoSuchColumn(_("La planilla no tiene esa columna."), field="column")
    return found


def _path(key: str, part: str, *, as_text: bool = True) -> Func:
    """Return a part of a column's cell: "v" its value, "s" its state."""
    return Func(
        F("cells"),
        Value([key, part], output_field=ArrayField(TextField())),
        template="(%(expressions)s)",
        arg_joiner=" #>> " if as_text else " #> ",
        output_field=TextField() if as_text else JSONField(),
    )


_FOLD = "lower(%(expressions)s)"
for _accented, _plain in zip(_ACCENTED, _PLAIN, strict=True):
    _FOLD = f"replace({_FOLD}, '{_accented}', '{_plain}')"
_ONLY_VALUES = """(
    SELECT jsonb_object_agg(key, value->'v') FROM jsonb_each(%(expressions)s) WHERE jsonb_exists(value, 'v')
)"""
_VALUES = "jsonb_path_query_array(%(expressions)s, '$.*.v')::text"  # every value of a row, as JSON


def _folded(text: Any) -> Func:
    return Func(text, template=_FOLD, output_field=TextField())


def _written(column: Column) -> Func:
    """Return a column's values as people write them, folded."""
    value = _path(column.key, "v")
    if column.kind == Kind.DATE:
        return Func(
            value,
            Value(r"^(\d+)-0?(\d+)-0?(\d+)$"),
            Value(r"\3/\2/\1"),
            function="regexp_replace",
            output_field=TextField(),
        )
    if column.kind in _NUMERIC:
        return Func(value, Value("."), Value(","), function="replace", output_field=TextField())
    return _folded(value)


def _as_sought(text: str, column: Column) -> str:
    sought = fold(text.replace("\0", "").strip())
    if column.kind == Kind.DATE:
        return re.sub(r"\b0+(?=\d)", "", sought.replace("-", "/"))
    if column.kind in _NUMERIC:
        return re.sub(r"[\s$.]", "", sought) if "," in sought else sought.replace(".", ",").strip("$ ")
    if column.kind == Kind.YES_NO:
        return "true" if sought.startswith("s") else "false"
    return sought


def _any_cell(state: str, told: Sequence[Column]) -> Q:
    if state in _COUNTED:
        return Q(**{f"{state}__gt": 0})
    if state in (Status.NO_EVIDENCE, EMPTY):
        filled = sum((F(each) for each in _COUNTED[1:]), F(_COUNTED[0]))
        fewer = Func(
            filled,
            Value(len(told)),
            template="(%(expressions)s)",
            arg_joiner=" < ",
            output_field=BooleanField(),
        )
        return Q(fewer)
    raise BadState(_("No existe ese estado."), field="state")


def _of_state(state: str, told: str, value: str) -> Q:
    if state == EMPTY:
        return Q(**{value: None})
    if state == Status.NO_EVIDENCE:
        return Q(**{told: None}) | Q(**{told: Status.NO_EVIDENCE})
    if state not in _COUNTED:
        raise BadState(_("No existe ese estado."), field="state")
    return Q(**{told: state})
