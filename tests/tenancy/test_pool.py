"""One connection of the pool serves one school, then another, then nobody: whatever became of the scope before.

Every test ends with the same server process asked without a school. Red when `school_scope` or `run` names the school
with `set_config(…, false)`, as `test_a_name_given_to_the_session_would_be_seen_here` shows for good.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.management import call_command, get_commands
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from documents.models import Collection, Document
from schools.ids import SchoolId, new_id
from schools.models import School
from schools.scope import NoSchool, current, piecewise, run, school_scope
from tests import streams
from tests.conftest import Person, upload
from tests.house.tree import PRODUCT
from tests.tenancy.lines import Shown, pooled, server, without_a_school

COUNT = "SELECT count(*) FROM documents_collection"


class Broken(Exception):
    """What goes wrong in the middle of something."""


@pytest.fixture
def schools(committed: None, norte: School, sur: School) -> tuple[SchoolId, SchoolId]:
    """Return two schools, one with a collection, the other with two."""
    ids = SchoolId(norte.pk), SchoolId(sur.pk)
    for number, school_id in enumerate(ids, start=1):
        with school_scope(school_id):
            for name in "abc"[:number]:
                Collection.objects.create(name=name)
    return ids


@pytest.fixture
def one_line(schools: tuple[SchoolId, SchoolId]) -> Iterator[None]:
    """Leave a single connection to Postgres for everything."""
    with pooled(1):
        yield


def _ask(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def _fail(when: object) -> None:
    assert when
    raise Broken


# --- how a scope may end --------------------------------------------------------------------------------------------


def _committed(school: SchoolId) -> None:
    with school_scope(school):
        assert _ask(COUNT) == 1


def _broken_off(school: SchoolId) -> None:
    with pytest.raises(Broken), school_scope(school):
        _fail(_ask(COUNT))


def _taken_back(school: SchoolId) -> None:
    with school_scope(school):
        Collection.objects.create(name="z")
        transaction.set_rollback(True)


def _broken_off_inside(school: SchoolId) -> None:
    with school_scope(school):
        with pytest.raises(Broken), school_scope(school):
            raise Broken
        assert _ask(COUNT) == 1


def _refused_at_the_commit(school: SchoolId) -> None:
    with pytest.raises(IntegrityError), school_scope(school):
        Document.objects.create(
            collection_id=new_id(), title="a", filename="a", format="markdown", sha256="0" * 64, size_bytes=1
        )


def _cancelled(school: SchoolId) -> None:
    with pytest.raises(OperationalError), school_scope(school):
        _ask("SET LOCAL statement_timeout = '30ms'; SELECT pg_sleep(60)")


def _in_one_statement(school: SchoolId) -> None:
    assert run(school, COUNT, {}) == [(1,)]


def _in_one_statement_that_fails(school: SchoolId) -> None:
    with pytest.raises(DatabaseError):
        run(school, "SET LOCAL synchronous_commit = off; SELECT 1 / 0", {})


def _in_a_list_half_read(school: SchoolId) -> None:
    """A cursor of the server's lives in the transaction, and dies with it."""
    with school_scope(school):
        rows = Collection.objects.iterator(chunk_size=1)
        assert next(rows)
    with pytest.raises((DatabaseError, StopIteration)):
        next(rows)


def _in_a_copy_half_read(school: SchoolId) -> None:
    """COPY of a table behind the policies is a query behind the policies."""
    copy = "COPY (SELECT name FROM documents_collection) TO STDOUT"
    with (
        school_scope(school),
        connection.cursor() as cursor,
        pytest.raises(Broken),
        cursor.copy(copy) as copied,
    ):
        _fail(bytes(next(iter(copied))) == b"a\n")


def _in_pieces_half_read(school: SchoolId) -> None:
    """What reads piece by piece holds no scope while somebody else has the turn."""
    told = piecewise(school, _names(), size=1)
    assert next(told) == "a"
    with pytest.raises(NoSchool):
        current()


def _names() -> Iterator[str]:
    yield from Collection.objects.order_by("name").values_list("name", flat=True)


ENDS: dict[str, Callable[[SchoolId], None]] = {
    each.__name__.strip("_"): each
    for each in (
        _committed, _broken_off, _taken_back, _broken_off_inside, _refused_at_the_commit, _cancelled,
        _in_one_statement, _in_one_statement_that_fails, _in_a_list_half_read, _in_a_copy_half_read,
        _in_pieces_half_read,
    )
}  # fmt: skip


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_however_a_scope_ends_the_next_on_its_connection_is_shown_nothing(
    schools: tuple[SchoolId, SchoolId], one_line: None, end: Callable[[SchoolId], None]
) -> None:
    before = without_a_school()
    end(schools[0])
    assert without_a_school() == before == Shown(before.server, "", None)
    # And the other school has its own rows there, however the first was left.
    with school_scope(schools[1]):
        assert (server(), _ask(COUNT)) == (before.server, 2)


def test_a_name_given_to_the_session_would_be_seen_here(
    schools: tuple[SchoolId, SchoolId], one_line: None
) -> None:
    """These tests can fail: a school named for the session is the next one's school."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.school_id', %s, false)", [str(schools[1])])
    connection.close()
    shown = without_a_school("documents_collection")
    assert (shown.named, shown.rows) == (str(schools[1]), 2)


def test_what_waits_for_a_commit_is_in_no_scope_and_opens_its_own(
    schools: tuple[SchoolId, SchoolId], one_line: None
) -> None:
    """Red when a scope forgets its school after the commit only: a callback's own scope is taken for an inner one."""
    seen: list[Any] = []

    def look() -> None:
        with pytest.raises(NoSchool):
            current()
        with pytest.raises(DatabaseError):
            _ask(COUNT)
        with school_scope(schools[0]):
            seen.append(Collection.objects.count())
        with school_scope(schools[1]):
            seen.append(Collection.objects.count())
        seen.append(server())

    with school_scope(schools[0]):
        transaction.on_commit(look)
    assert seen == [1, 2, without_a_school().server]


def test_a_thread_that_inherits_the_name_of_a_school_inherits_no_transaction(
    schools: tuple[SchoolId, SchoolId],
) -> None:
    """asgiref copies the context of whoever calls: the school is known there, and Postgres is told it anew."""
    told: list[Any] = []

    def elsewhere() -> None:
        try:
            with pytest.raises(DatabaseError):
                _ask(COUNT)
            with school_scope(schools[1]):
                told.append(Collection.objects.count())
        finally:
            connection.close()

    with pooled(2):
        with school_scope(schools[1]):
            async_to_sync(sync_to_async(elsewhere, thread_sensitive=False))()
            assert _ask(COUNT) == 2
        assert told == [2]
        assert without_a_school().rows is None


def test_a_stream_that_is_left_leaves_nothing(ana: Person, schools: tuple[SchoolId, SchoolId]) -> None:
    upload(ana)
    browser, nobody = ana.browser(), Client()
    path = reverse("documents:events", kwargs={"slug": ana.school.slug})
    with pooled(1):
        before = without_a_school()
        events = streams.read(browser.get(path), most=1)
        assert events
        assert without_a_school() == before
        streams.leave(browser.get(path))
        assert without_a_school() == before
        # A page of hers, and one of nobody's, by the same connection.
        assert browser.get(reverse("portal:home", kwargs={"slug": "norte"})).status_code == 200
        assert nobody.get(reverse("account_login")).status_code == 200
        assert without_a_school() == before


def test_a_statement_that_was_prepared_for_one_school_answers_another_with_its_own(
    schools: tuple[SchoolId, SchoolId], one_line: None
) -> None:
    """Also as a generic plan, which Postgres makes at the sixth time: the policy asks when it runs."""
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE counted AS {COUNT}")
    for _time in range(8):
        for number, school_id in enumerate(schools, start=1):
            with school_scope(school_id):
                assert _ask("EXECUTE counted") == number
        with pytest.raises(DatabaseError):
            _ask("EXECUTE counted")


def test_many_at_once_on_few_connections_see_their_own_school_each(
    schools: tuple[SchoolId, SchoolId],
) -> None:
    begin = threading.Barrier(8)

    def work(number: int) -> set[tuple[int, int]]:
        """Return which server processes answered for which school; as nobody every third time."""
        which = number % 2
        begin.wait(60)
        seen = set()
        for turn in range(12):
            with school_scope(schools[which]):
                assert _ask(COUNT) == which + 1
                seen.add((server(), which))
                if turn % 4 == 3:
                    transaction.set_rollback(True)
            assert run(schools[which], COUNT, {}) == [(which + 1,)]
            connection.close()
            shown = without_a_school()
            assert (shown.named, shown.rows) == ("", None)
        return seen

    with pooled(2), ThreadPoolExecutor(8) as threads:
        seen = set().union(*threads.map(work, range(8)))
    servers = {each for each, _ in seen}
    assert len(servers) <= 2
    assert any({(each, 0), (each, 1)} <= seen for each in servers), "no connection served both schools"


# --- commands ---------------------------------------------------------------------------------------------------------

RUN: dict[str, tuple[str, ...]] = {
    "create_school": (
        "--slug=oeste",
        "--name=Oeste",
        "--director-email=ivo@oeste.example",
        "--password-stdin",
    ),
    "pods": ("list",),
    "reconcile": (),
}
NOT_RUN = {
    "work": "serves; tests/pipeline run it",
    "schedule": "serves; tests/pipeline run it",
    "seed_demo": "uploads as a person does; tests/demo",
    "check_engines": "asks engines, and no row of a school",
    "get_speech_model": "asks no database",
    "check_scanner": "asks no database",
}


def test_a_command_works_in_scopes_and_leaves_none(
    schools: tuple[SchoolId, SchoolId], one_line: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the role that serves, whatever it does: without a scope Postgres shows a command nothing."""
    ours = {name for name, app in get_commands().items() if app in PRODUCT}
    assert ours <= set(RUN) | set(NOT_RUN), "say here how the new command keeps to its school"
    monkeypatch.setattr("sys.stdin", StringIO("una-clave-larga-1\n"))
    before = without_a_school()
    for name in sorted(ours & set(RUN)):
        with suppress(SystemExit):  # how a command tells the shell what it found
            call_command(name, *RUN[name], stdout=StringIO())
        assert without_a_school() == before, name
