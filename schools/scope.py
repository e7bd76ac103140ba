"""The school a piece of code is working for, named to Postgres for the length of one short transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, connections, transaction
from psycopg import OperationalError
from psycopg.pq import ExecStatus

from schools.ids import SchoolId

Row = TypeVar("Row")

_current: ContextVar[SchoolId | None] = ContextVar("school", default=None)


class NoSchool(RuntimeError):
    """A tenant row was asked for outside a school scope: a mistake in our code, never the user's."""


class TwoSchools(RuntimeError):
    """A scope was opened inside the scope of another school."""


def current() -> SchoolId:
    """Return the school of the scope we are in.

    Raises NoSchool outside a scope.
    """
    school_id = _current.get()
    if school_id is None:
        raise NoSchool("no school in scope: open `with school_scope(school_id):` first")
    return school_id


@contextmanager
def school_scope(school_id: SchoolId) -> Iterator[None]:
    """Open a short transaction in which only this school's rows exist.

    May be opened again for the same school (one transaction); another school's raises TwoSchools. No call to an
    engine, a file store or Qdrant belongs inside. Lists leave a scope, querysets do not.
    """
    if not isinstance(school_id, UUID):
        raise NoSchool(f"a school is named by its UUID, not by {school_id!r}")
    outer = _current.get()
    if outer is not None and outer != school_id:
        raise TwoSchools(f"scope of {school_id} inside the scope of {outer}")
    has_outer_transaction = connection.in_atomic_block
    # A context that was copied into another thread brings the school along, but not the transaction that names it.
    if outer is not None and has_outer_transaction:
        with transaction.atomic():
            yield
        return
    with transaction.atomic():
        token = _current.set(school_id)
        try:
            if has_outer_transaction:
                _name_to_postgres(str(school_id))
            else:
                _begin_named(school_id)
            yield
            # The name ends with our transaction, but would outlive the scope in an outer one (tests, an atomic block).
            if has_outer_transaction and not connection.needs_rollback:
                _name_to_postgres("")
        finally:
            # Before the commit: what runs on it is in no transaction any more, and opens a scope of its own.
            _current.reset(token)


def piecewise(school_id: SchoolId, rows: Iterator[Row], *, size: int = 500) -> Iterator[Row]:
    """Yield what an iterator reads, in scopes that are open only while a piece of it is read.

    A generator that yields inside a scope would leave its transaction, and the school's name, to whoever stops reading.
    """
    while True:
        with school_scope(school_id):
            piece = list(islice(rows, size))
        yield from piece
        if len(piece) < size:
            return


def run(school_id: SchoolId, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement of ours as the school, all in one round trip; return its rows.

    For the few statements that stand before every call to an engine, where four round trips would be felt. Several
    statements sent as one are one transaction to Postgres, so the school's name ends with it, as in `school_scope`;
    inside an open transaction that is what is used. `sql` is a text of ours, never made from anybody's words.
    """
    if connection.in_atomic_block or not connection.get_autocommit():
        with school_scope(school_id), connection.cursor() as cursor:
            cursor.execute(sql, values)
            return _last_rows(cursor)
    if not isinstance(school_id, UUID):
        raise NoSchool(f"a school is named by its UUID, not by {school_id!r}")
    with connection.cursor() as cursor:
        cursor.execute(_NAMED + sql, {**values, "scope_school": str(school_id)})
        return _last_rows(cursor)


def in_each(school_ids: Sequence[SchoolId], sql: str, values: Mapping[str, Any]) -> int:
    """Run one statement of ours in each of many schools; return how many rows they gave or changed together.

    A hundred schools a round trip and transaction, each named before its own statement: what goes through all schools
    every minute must not take a minute. `sql` may ask for %(school)s. Not inside a transaction but a test's.
    """
    if _current.get() is not None:
        raise TwoSchools(f"every school inside the scope of {_current.get()}")
    count = 0
    for start in range(0, len(school_ids), _SCHOOLS_AT_ONCE):
        with connection.cursor() as cursor:
            each = (
                cursor.mogrify(_NAMED + sql, {**values, "school": school_id, "scope_school": str(school_id)})
                for school_id in school_ids[start : start + _SCHOOLS_AT_ONCE]
            )
            cursor.execute("; ".join(each))
            while True:
                count += 0 if _is_naming(cursor) else max(cursor.rowcount, 0)
                if not cursor.nextset():
                    break
        if connection.in_atomic_block:
            _name_to_postgres("")
    return count


def let_go() -> None:
    """Give this thread's database connections back, unless a transaction is open: who waits for long holds none."""
    for each in connections.all(initialized_only=True):
        if not each.in_atomic_block:
            each.close()


_NAMED = "SELECT set_config('app.school_id', %(scope_school)s, true); "
_SCHOOLS_AT_ONCE = 100


def _is_naming(cursor: Any) -> bool:
    """Say whether these are the rows of the statement that names a school."""
    return bool(cursor.description) and cursor.description[0].name == "set_config"


def _last_rows(cursor: Any) -> list[tuple[Any, ...]]:
    """Return the rows of the last of several statements."""
    while cursor.nextset():
        pass
    rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
    return rows


def _begin_named(school_id: SchoolId) -> None:
    """Begin the transaction and name its school in one round trip: every page and every answer opens many scopes."""
    with connection.wrap_database_errors:
        line = connection.connection.pgconn
        done = line.exec_(
            f"BEGIN; SELECT set_config('app.school_id', '{UUID(str(school_id))}', true)".encode()
        )
        if done.status != ExecStatus.TUPLES_OK:
            raise OperationalError(done.error_message.decode(errors="replace"))


def _name_to_postgres(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.school_id', %s, true)", [value])
