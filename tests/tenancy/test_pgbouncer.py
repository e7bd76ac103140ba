"""Through PgBouncer in transaction mode, where the next statement on a connection is another program's."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from documents.models import Block, Collection, Document
from rag import retrieve
from schools.guard import PooledConnection, refuse_pooler, refuse_unsafe_database
from schools.models import User
from schools.scope import run, school_scope
from tests.conftest import Person, upload
from tests.tenancy import pgbouncer

pytestmark = pytest.mark.skipif(pgbouncer.program() is None, reason="pgbouncer is not installed")

COUNT = "SELECT count(*) FROM documents_collection"
WHO = "SELECT pg_backend_pid(), coalesce(current_setting('app.school_id', true), '')"


@pytest.fixture
def line(committed: None, django_db_setup: None) -> Iterator[int]:
    """Put PgBouncer, with one connection to Postgres, between the product and its database."""
    with pgbouncer.lending(1) as port, pgbouncer.served_through(port):
        yield port


@pytest.fixture
def other(line: int) -> Iterator["psycopg.Connection[Any]"]:
    """Return another program's connection."""
    with pgbouncer.client(line) as connected:
        yield connected


def _shown(other: "psycopg.Connection[Any]") -> tuple[int, str]:
    """Return what another program finds on the server's connection; fail when it is shown rows."""
    server, named = other.execute(WHO).fetchone() or (0, "")
    with pytest.raises(psycopg.DatabaseError):
        other.execute(COUNT)
    return server, named


def test_a_name_given_to_the_session_is_another_programs_school(
    other: "psycopg.Connection[Any]", ana: Person
) -> None:
    """What the next test excludes does happen here, so it can fail."""
    with school_scope(ana.school_id):
        Collection.objects.create(name="a")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.school_id', %s, false)", [str(ana.school_id)])
    assert other.execute(COUNT).fetchone() == (1,)
    with connection.cursor() as cursor:
        cursor.execute("RESET app.school_id")


def test_a_scope_is_of_its_own_program_alone(
    other: "psycopg.Connection[Any]", ana: Person, zoe: Person
) -> None:
    """Red with `set_config(…, false)` in schools/scope.py, by `school_scope` and by `run` alike."""
    own, server = {}, set()
    for number, person in enumerate((ana, zoe), start=1):
        with school_scope(person.school_id):
            for name in "abc"[:number]:
                Collection.objects.create(name=name)
        server.add(_shown(other))
        own[number] = run(person.school_id, COUNT, {})
        server.add(_shown(other))
        with pytest.raises(ZeroDivisionError), school_scope(person.school_id):
            _ = Collection.objects.count() / 0
        server.add(_shown(other))
        with pytest.raises(DatabaseError), school_scope(person.school_id), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '30ms'; SELECT pg_sleep(60)")
        server.add(_shown(other))
    assert own == {1: [(1,)], 2: [(2,)]}
    # All of it on one and the same connection to Postgres.
    assert len(server) == 1
    assert {named for _server, named in server} == {""}


def test_what_the_product_does_works_there(
    other: "psycopg.Connection[Any]", ana: Person, zoe: Person, work_off: Callable[[], None]
) -> None:
    """A document is read and indexed by its stages, found by its school alone; people and rows are listed."""
    received = upload(ana)
    work_off()
    _shown(other)
    with school_scope(ana.school_id):
        assert Document.objects.get(pk=received.document_id).status == "ready"
        blocks = Block.objects.count()
        assert sum(1 for _row in Block.objects.iterator(chunk_size=1)) == blocks > 1
    question = "¿Cuántas inasistencias puede tener un alumno?"
    assert retrieve.retrieve(ana.member, question, most=3)
    assert retrieve.retrieve(zoe.member, question, most=3) == []
    # Django asks so for the choices of a form, outside any transaction: a cursor of the server's would be gone.
    assert {each.email for each in User.objects.iterator(chunk_size=1)} == {ana.user.email, zoe.user.email}
    with transaction.atomic():
        assert User.objects.select_for_update().count() == 2
    refuse_unsafe_database()
    assert _shown(other)[1] == ""


def test_the_scheduler_takes_no_lock_there(line: int) -> None:
    """Its lock is of a connection, which is another program's in the next moment: two would both hold it."""
    for _each in range(2):
        with pgbouncer.client(line) as scheduler:
            assert scheduler.execute("SELECT pg_try_advisory_lock(7)").fetchone() == (True,)
    with pytest.raises(PooledConnection, match="DATABASE_DIRECT_URL"):
        refuse_pooler()
    with pytest.raises(PooledConnection):
        call_command("schedule")
