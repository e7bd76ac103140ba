"""Whether this process lives, and whether what it needs answers."""

from collections.abc import Callable

from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from rag import store


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer that the process lives."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer for each dependency by name; 503 when one that is needed is down."""
    found = {name: _try(check) for name, check in _CHECKS.items()}
    well = all(state == "ok" for state in found.values())
    return JsonResponse({"status": "ok" if well else "down", "checks": found}, status=200 if well else 503)


def _postgres() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    caches["default"].ping()  # type: ignore[attr-defined]  # config.cache: `get` would answer without Redis


_CHECKS: dict[str, Callable[[], None]] = {"postgres": _postgres, "redis": _redis, "qdrant": store.ping}


def _try(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # a probe tells of every failure there can be, and never fails itself
        return type(error).__name__
    return "ok"
