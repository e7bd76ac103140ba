"""What the script of a planilla's grid asks for and sends, in JSON."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from planillas import editing, grid_shown, register, rows, undoing
from planillas.changing import Changed, PlanillaChanged
from planillas.editing import Change
from planillas.register import Entry
from planillas.rows import Asked, Sought
from schools import json_body
from schools.admission import Member, SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can

SOUGHT_MOST = 60


class BadRequest(Refused):
    """What was sent is not understood."""

    code = "invalid"


def answers_json(view: Callable[..., dict[str, Any]]) -> Callable[..., HttpResponse]:
    """Answer with JSON, or with why it was refused; what is missing into 404."""

    @wraps(view)
    def wrapper(request: SchoolRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return JsonResponse(view(request, *args, **kwargs))
        except Refused as error:
            if error.status == 404:
                raise Http404 from error
            body = {"type": "about:blank", "status": error.status, "detail": error.detail, "code": error.code}
            return JsonResponse(
                body | error.extra, status=error.status, content_type="application/problem+json"
            )

    return wrapper


@require_safe
@in_school(Can.READ)
@answers_json
def show_rows(request: SchoolRequest, planilla_id: UUID) -> dict[str, Any]:
    """Return a piece of the rows: `desde`, `cuantas`, `orden` (a column, "-" before it downwards), `filtros` (JSON)."""
    asked = _asked(request)
    page = rows.page(request.member, planilla_id, asked, with_total=request.GET.get("contar") == "1")
    return {
        "rev": page.rev,
        "state": page.state,
        "total": page.total,
        "rows": [grid_shown.row(each, page.columns) for each in page.rows],
    }


@require_POST
@in_school(Can.FILL)
def change_cells(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Write cells: {"rows": [id], "revs": {id: rev}, "changes": [[index in rows, column, value]], "batch"}.

    A value {"choose": n} takes one of the cell's candidates. What is no value is told by cell, the others are kept.
    """

    def change(member: Member, body: dict[str, Any]) -> Changed:
        ids, revs = _rows_of(body)
        changes = [_change(each, ids, revs) for each in _list(body, "changes")]
        if {each.row_id for each in changes} != set(ids):
            raise _not_understood("rows")
        return editing.change_cells(
            member, planilla_id, changes, cell_by_cell=True, batch=_maybe_uuid(body.get("batch"))
        )

    return _changed(request, planilla_id, change)


@require_POST
@in_school(Can.FILL)
def add_rows(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Add rows: {"after": id or "", "count", "batch"}."""

    def add(member: Member, body: dict[str, Any]) -> Changed:
        count = body.get("count", 1)
        if not isinstance(count, int):
            raise _not_understood("count")
        return editing.add_row(
            member,
            planilla_id,
            after=_maybe_uuid(body.get("after")),
            count=count,
            batch=_maybe_uuid(body.get("batch")),
        )

    return _changed(request, planilla_id, add)


@require_POST
@in_school(Can.FILL)
def remove_rows(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Take rows away: {"rows": [id], "revs": {id: rev}}."""

    def remove(member: Member, body: dict[str, Any]) -> Changed:
        ids, revs = _rows_of(body)
        return editing.remove_rows(member, planilla_id, ids, revs=revs)

    return _changed(request, planilla_id, remove)


@require_POST
@in_school(Can.FILL)
def undo(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Take back the person's last gesture."""
    return _changed(request, planilla_id, lambda member, _body: undoing.undo(member, planilla_id))


@require_POST
@in_school(Can.FILL)
def redo(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Do again what was taken back."""
    return _changed(request, planilla_id, lambda member, _body: undoing.redo(member, planilla_id))


def _changed(
    request: SchoolRequest, planilla_id: UUID, change: Callable[[Member, dict[str, Any]], Changed]
) -> HttpResponse:
    """Change the planilla, and answer with what that left behind."""

    @answers_json
    def answer(request: SchoolRequest) -> dict[str, Any]:
        try:
            left = change(request.member, _body(request))
        except PlanillaChanged as error:
            raise _Shown(error, register.get(request.member, planilla_id)) from error
        return grid_shown.changed(register.get(request.member, planilla_id), left)

    return answer(request)


class _Shown(Refused):
    """PlanillaChanged, with the rows as the page shows them."""

    code = PlanillaChanged.code
    status = PlanillaChanged.status

    def __init__(self, error: PlanillaChanged, entry: Entry) -> None:
        super().__init__(error.detail)
        self._extra = {**error.extra, "rows": [grid_shown.row(each, entry.columns) for each in error.present]}

    @property
    def extra(self) -> dict[str, Any]:
        """Return the rows as they are now."""
        return self._extra


def _asked(request: SchoolRequest) -> Asked:
    given = request.GET
    sort = given.get("orden", "")
    try:
        sought = json.loads(given.get("filtros") or "[]")
        told = tuple(
            Sought(str(each["c"]), str(each.get("t", "")), str(each.get("s", ""))) for each in sought
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _not_understood("filtros") from None
    return Asked(
        start=_number(given.get("desde", "")),
        count=_number(given.get("cuantas", "")) or rows.MOST,
        sort=sort.removeprefix("-"),
        is_descending=sort.startswith("-"),
        sought=told[:SOUGHT_MOST],
        state=given.get("estado", ""),
        text=given.get("texto", "").replace("\0", "")[:200],
    )


def _body(request: SchoolRequest) -> dict[str, Any]:
    try:
        body = json_body.loads(request.body or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _not_understood("")
    return body


def _not_understood(name: str) -> BadRequest:
    return BadRequest(_("Falta un dato del pedido, o no se entiende."), field=name or None)


def _change(given: object, ids: list[UUID], revs: dict[UUID, int]) -> Change:
    """Return a change as it was sent: [index in rows, column, value or {"choose": number}]."""
    match given:
        case [int(at), str(column), {"choose": int(number)}] if 0 <= at < len(ids):
            return Change(ids[at], column, choose=number, rev=revs.get(ids[at]))
        case [int(at), str(column), value] if 0 <= at < len(ids) and not isinstance(value, dict):
            return Change(ids[at], column, value, rev=revs.get(ids[at]))
    raise _not_understood("changes")


def _rows_of(body: dict[str, Any]) -> tuple[list[UUID], dict[UUID, int]]:
    """Return the rows that are named, and the rev at which each was seen."""
    ids = [uuid_of(each) for each in _list(body, "rows")]
    told = body.get("revs")
    given = told if isinstance(told, dict) else {}
    return ids, {each: rev for each in ids if isinstance(rev := given.get(str(each)), int)}


def _list(body: dict[str, Any], name: str) -> list[Any]:
    told = body.get(name)
    if not isinstance(told, list) or len(told) > editing.CELLS_MOST:
        raise _not_understood(name)
    return told


def uuid_of(given: object) -> UUID:
    """Return an id that was sent; raise BadRequest."""
    try:
        return UUID(str(given))
    except ValueError:
        raise _not_understood("row") from None


def _maybe_uuid(given: object) -> UUID | None:
    return uuid_of(given) if given else None


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
