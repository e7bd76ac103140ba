"""The product's connections as they serve: from a pool, and what somebody without a school is shown on one of them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, connections


@dataclass(frozen=True, slots=True)
class Shown:
    """What Postgres tells whoever names no school. `rows` is None where it refused."""

    server: int  # the process that answered
    named: str
    rows: int | None


@contextmanager
def pooled(size: int) -> Iterator[None]:
    """Serve from a pool, as the product does and its tests otherwise do not, of so many connections."""
    connections["default"].close()
    options = connections.settings["default"]["OPTIONS"]
    options["pool"] = {"min_size": 0, "max_size": size, "timeout": 60}
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"].close_pool()  # type: ignore[attr-defined]  # Postgres has one
        del options["pool"]


def without_a_school(table: str = "documents_document") -> Shown:
    """Ask as a request that forgot the school and every filter would; give the connection back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), coalesce(current_setting('app.school_id', true), '')")
        server, named = cursor.fetchone()
        rows: Any = None
        with suppress(DatabaseError):
            cursor.execute(f"SELECT count(*) FROM {table}")
            (rows,) = cursor.fetchone()
    connection.close()
    return Shown(server, named, rows)


def server() -> int:
    """Return the process of Postgres that this thread's connection leads to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
