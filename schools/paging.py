"""Cursor pages: `{"next", "previous", "results"}`, newest first, ordered by the id, which is ordered by birth."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.request import Request

from schools.refusals import Refused

LIMIT_DEFAULT = 50
LIMIT_MOST = 200


class BadCursor(Refused):
    """The cursor or the limit in the query string was not one of ours."""

    code = "bad_cursor"


class Row(Protocol):
    """A row that can stand in a list."""

    @property
    def id(self) -> UUID: ...


# fetch(before, after, limit): rows newest first, older than `before` or newer than `after`.
type_fetch = Callable[[UUID | None, UUID | None, int], Sequence[Any]]


def page(request: Request, fetch: type_fetch, render: Callable[[Any], Any]) -> dict[str, Any]:
    """Return one page of what `fetch(before, after, limit)` yields, newest first.

    `fetch` returns rows with `id`; with `after` it returns the rows just newer than it, still newest first.
    """
    limit = _limit(request.query_params.get("limit"))
    before = _id(request.query_params.get("before"))
    after = _id(request.query_params.get("after"))
    rows = list(fetch(before, after, limit + 1))
    more = len(rows) > limit
    rows = rows[-limit:] if after else rows[:limit]
    has_older = more if not after else True
    has_newer = more if after else before is not None
    return {
        "next": _link(request, before=rows[-1].id) if rows and has_older else None,
        "previous": _link(request, after=rows[0].id) if rows and has_newer else None,
        "results": [render(row) for row in rows],
    }


def over(rows: Sequence[Row]) -> type_fetch:
    """Return the fetch for a short list that is in memory whole."""
    newest_first = sorted(rows, key=lambda row: row.id, reverse=True)

    def fetch(before: UUID | None, after: UUID | None, limit: int) -> Sequence[Any]:
        if after is not None:
            return [row for row in newest_first if row.id > after][-limit:]
        return [row for row in newest_first if before is None or row.id < before][:limit]

    return fetch


def page_by_ordinal(
    request: Request, fetch: Callable[[int, int], Sequence[Any]], render: Callable[[Any], Any]
) -> dict[str, Any]:
    """Return one page of what has an order of its own: `fetch(after, limit)` yields rows with an `ordinal` from 0."""
    limit = _limit(request.query_params.get("limit"))
    after = _ordinal(request.query_params.get("after"))
    rows = list(fetch(after, limit + 1))
    shown = rows[:limit]
    return {
        "next": _link(request, after=shown[-1].ordinal) if len(rows) > limit else None,
        "previous": _link(request, after=max(-1, after - limit)) if after >= 0 else None,
        "results": [render(row) for row in shown],
    }


def page_after(
    request: Request, fetch: Callable[[UUID | None, int], Sequence[Any]], render: Callable[[Any], Any]
) -> dict[str, Any]:
    """Return one page of what is read from its beginning on: `fetch(after, limit)` yields what follows a row's id."""
    limit = _limit(request.query_params.get("limit"))
    rows = list(fetch(_id(request.query_params.get("after")), limit + 1))
    shown = rows[:limit]
    return {
        "next": _link(request, after=shown[-1].id) if len(rows) > limit else None,
        "previous": None,
        "results": [render(row) for row in shown],
    }


def _limit(text: str | None) -> int:
    if text is None:
        return LIMIT_DEFAULT
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LIMIT_MOST:
        raise BadCursor(_("«limit» debe ser un número de 1 a %d.") % LIMIT_MOST, field="limit")
    return int(text)


def _id(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise BadCursor(_("El cursor de la lista no es válido.")) from None


def _ordinal(text: str | None) -> int:
    if text is None or text == "-1":
        return -1
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadCursor(_("El cursor de la lista no es válido."))
    return int(text)


def _link(request: Request, **cursor: UUID | int) -> str:
    kept = {k: v for k, v in request.query_params.items() if k not in ("before", "after")}
    return request.build_absolute_uri(f"{request.path}?{urlencode({**kept, **cursor})}")
