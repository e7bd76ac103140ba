"""What the two roles may and may not do."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import errors, sql

pytestmark = pytest.mark.skipif("DATABASE_OWNER_URL" not in os.environ, reason="runs under ./preceptor test")


def _url(role: str, database: str) -> str:
    parts = urlsplit(os.environ["DATABASE_OWNER_URL" if role == "owner" else "DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{database}"))


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """A database that owner made, as test databases are."""
    name = f"roles_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        with psycopg.connect(_url("owner", name)) as inside:
            inside.execute(
                "CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, school int)"
            )
            inside.execute("INSERT INTO note (school) VALUES (1), (2)")
            inside.execute("ALTER TABLE note ENABLE ROW LEVEL SECURITY")
            inside.execute("ALTER TABLE note FORCE ROW LEVEL SECURITY")
            inside.execute("CREATE POLICY own ON note USING (school = current_setting('app.school')::int)")
        yield name
        owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_roles_have_the_attributes_that_the_walls_stand_on() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as app:
        rows = app.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication "
            "FROM pg_roles WHERE rolname IN ('app', 'owner') ORDER BY 1"
        ).fetchall()
    assert rows == [("app", False, False, False, False, False), ("owner", False, True, True, False, False)]


def test_app_owns_nothing_and_belongs_to_nobody() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as app:
        assert app.execute(
            "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = 'app'"
        ).fetchone() == (0,)
        members = app.execute("SELECT count(*) FROM pg_auth_members WHERE member = 'app'::regrole").fetchone()
        assert members == (0,)


def test_app_reads_and_writes_rows_of_tables_that_owner_made(database: str) -> None:
    with psycopg.connect(_url("app", database)) as app:
        app.execute("SET LOCAL app.school = 1")
        app.execute("INSERT INTO note (school) VALUES (1)")
        app.execute("UPDATE note SET school = 1")
        assert app.execute("SELECT DISTINCT school FROM note").fetchall() == [(1,)]
        app.execute("DELETE FROM note")
        app.rollback()


@pytest.mark.parametrize(
    "forbidden",
    [
        "TRUNCATE note",
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE note DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own ON note",
        "CREATE TRIGGER t AFTER INSERT ON note EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "SET ROLE owner",
        "CREATE ROLE another",
        "COPY note TO PROGRAM 'id'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_app_may_not(database: str, forbidden: str) -> None:
    with psycopg.connect(_url("app", database)) as app, pytest.raises(errors.InsufficientPrivilege):
        app.execute(forbidden)


def test_app_cannot_make_databases() -> None:
    with (
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as app,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        app.execute("CREATE DATABASE mine")


def test_policy_holds_for_app_and_not_for_owner(database: str) -> None:
    with psycopg.connect(_url("app", database)) as app:
        with pytest.raises(errors.UndefinedObject):
            app.execute("SELECT * FROM note")
        app.rollback()
        app.execute("SET LOCAL app.school = 2")
        assert app.execute("SELECT count(*) FROM note").fetchone() == (1,)
    with psycopg.connect(_url("owner", database)) as owner:
        assert owner.execute("SELECT count(*) FROM note").fetchone() == (2,)


def test_password_is_asked() -> None:
    parts = urlsplit(os.environ["DATABASE_URL"])
    wrong = urlunsplit(parts._replace(netloc=f"app:wrong@{parts.hostname}:{parts.port}"))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(wrong, connect_timeout=5)


def test_letters_with_accents_fold_their_case() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as app:
        assert app.execute("SELECT lower('ÁÉÑÜ'), upper('ñandú')").fetchone() == ("áéñü", "ÑANDÚ")
