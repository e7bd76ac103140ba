"""How the API describes itself: one word per operation, its area, what it takes, gives and refuses."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema

from schools.shapes import Problem

# One event of a stream, as the browsers' EventSource tells of it.
EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string"},
        "data": {"type": "string", "description": "JSON"},
    },
    "required": ["event", "data"],
}
STREAM = "text/event-stream"

View = TypeVar("View", bound=Callable[..., Any])

_CURSORS = [
    OpenApiParameter("limit", int, description="1 to 200, 50 when left out"),
    OpenApiParameter("before", str, description="as in `next` of an earlier page"),
    OpenApiParameter("after", str, description="as in `previous` of an earlier page"),
]
_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="1 to 200 characters; the same key and body answer the first result for 24 hours",
)


def describe(
    name: str,
    *,
    area: str,
    gives: Any = None,
    takes: Any = None,
    status: int | None = None,
    media: str | Sequence[str] | None = None,
    also: dict[Any, Any] | None = None,
    query: Sequence[Any] = (),
    lists: bool = False,
    creates: bool = False,
    **more: Any,
) -> Callable[[View], View]:
    """Describe one operation; `lists` has pages, `creates` heeds an Idempotency-Key, `media`: what it may answer as."""
    status = status or (201 if creates else 200 if gives is not None else 204)
    described: Callable[[View], View] = extend_schema(
        operation_id=name,
        tags=[area],
        request=takes,
        responses={
            **({(status, each): gives for each in _plain(media)} if media else {status: gives}),
            **(also or {}),
            ("default", "application/problem+json"): Problem,
        },
        parameters=[*query, *(_CURSORS if lists else ()), *([_KEY] if creates else ())],
        **more,
    )
    return described


def _plain(media: str | Sequence[str]) -> list[str]:
    """Return types of media without their charsets, each once."""
    given = [media] if isinstance(media, str) else media
    return list(dict.fromkeys(each.partition(";")[0] for each in given))


class Bearer(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its own __init_subclass__
    """An access token."""

    target_class = "rest_framework_simplejwt.authentication.JWTAuthentication"
    name = "bearer"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme as OpenAPI has it."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class Cookie(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # as above
    """The portal's session."""

    target_class = "schools.portal_session.PortalSession"
    name = "cookie"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme as OpenAPI has it."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
