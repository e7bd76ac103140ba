"""What Postgres itself says of its tables, columns, keys, rights and programs: nothing in it looks past the wall.

Asked of the catalog and not of our models, so that a table, a view or a grant made by hand or by a library is found.
Each question is shown to be able to find something: the owner does the damage in a transaction that is taken back.
"""

from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connections

from documents.models import Document
from schools.guard import UnsafeDatabase, refuse_unsafe_database, tenant_models
from tests.settings import TEST_DATABASE
from tests.tenancy.conftest import World

# They name schools and stand outside; tests/house/test_tables.py says why.
OUTSIDE = ["schools_membership", "schools_invitation", "pipeline_due"]
_OURS = "n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'"
_WALL = "(school_id = (current_setting('app.school_id'::text))::uuid)"
_WALLED = f"""SELECT c.oid FROM pg_class c WHERE c.relrowsecurity AND c.relforcerowsecurity
    AND (SELECT count(*) = 1 AND bool_and(p.polcmd = '*' AND p.polpermissive
           AND pg_get_expr(p.polqual, c.oid) = $wall${_WALL}$wall$
           AND pg_get_expr(p.polwithcheck, c.oid) = $wall${_WALL}$wall$)
         FROM pg_policy p WHERE p.polrelid = c.oid)"""

# What must come back empty; %(…)s are lists of names.
QUESTIONS = {
    "a table of a school without its wall": f"""
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND {_OURS} AND c.oid NOT IN ({_WALLED}) AND c.relname <> ALL(%(outside)s)
          AND (c.relrowsecurity
            OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname ~ '^(school|tenant)(_id)?$')
            OR EXISTS (SELECT FROM pg_constraint k JOIN pg_class t ON t.oid = k.confrelid
              WHERE k.conrelid = c.oid AND (t.relrowsecurity OR t.relname = 'schools_school')))""",
    "a table of no model": f"""
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND {_OURS} AND c.oid::regclass::text <> ALL(%(tables)s)""",
    "a view, or a table elsewhere": f"""
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('v', 'm', 'f') AND {_OURS}""",
    "a table that is part of another": "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhrelid IN "
    "(SELECT oid FROM pg_class WHERE relkind IN ('r', 'p'))",
    "a school that may be missing": f"""
        SELECT attrelid::regclass::text FROM pg_attribute
        WHERE attrelid IN ({_WALLED}) AND attname = 'school_id' AND NOT attnotnull""",
    "a key that is unique over all schools": f"""
        SELECT i.indexrelid::regclass::text FROM pg_index i
        WHERE i.indrelid IN ({_WALLED}) AND (i.indisunique OR i.indisexclusion)
          AND pg_get_indexdef(i.indexrelid, 1, true) <> 'school_id'
          AND NOT (i.indisprimary AND i.indnkeyatts = 1 AND (SELECT atttypid FROM pg_attribute
            WHERE attrelid = i.indrelid AND attnum = i.indkey[0]) = 'uuid'::regtype)""",
    "a key into another school": f"""
        SELECT k.conname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
        WHERE k.contype = 'f' AND k.confrelid IN ({_WALLED})
          AND NOT (a.attname = 'school_id' AND b.attname = 'school_id' AND cardinality(k.conkey) = 2
            AND k.convalidated)""",
    "a function that runs as its owner, or before the policies": f"""
        SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE (p.prosecdef OR p.proleakproof) AND {_OURS}""",
    "an extension": "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'",
    "a program that runs by itself": """
        SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT evtname FROM pg_event_trigger
        UNION ALL SELECT rulename FROM pg_rewrite WHERE ev_class >= 16384""",
    "a way out": """
        SELECT pubname FROM pg_publication UNION ALL SELECT srvname FROM pg_foreign_server""",
    "a right beyond rows": f"""
        SELECT c.oid::regclass || ' ' || acl.privilege_type FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) acl
        WHERE {_OURS} AND acl.grantee <> c.relowner
          AND NOT (c.relkind = 'r' AND acl.grantee = 'app'::regrole AND NOT acl.is_grantable
            AND acl.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))""",
    "a right to single columns": """
        SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute a WHERE a.attacl IS NOT NULL
        AND a.attrelid >= 16384""",
    "a right to what will be made": """
        SELECT acl.privilege_type FROM pg_default_acl d, aclexplode(d.defaclacl) acl
        WHERE acl.grantee <> d.defaclrole AND NOT (d.defaclobjtype = 'r' AND acl.grantee = 'app'::regrole
          AND acl.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))""",
    "a school named before anybody did": """
        SELECT array_to_string(setconfig, ' ') FROM pg_db_role_setting
        WHERE array_to_string(setconfig, ' ') ~ 'app\\.|row_security|search_path'""",
}
DAMAGE = {
    "a table of a school without its wall": (
        "CREATE TABLE fresh (id uuid PRIMARY KEY, school_id uuid)",
        "CREATE TABLE fresh (id uuid PRIMARY KEY, document uuid REFERENCES documents_document)",
        "CREATE POLICY open ON rag_chunk FOR SELECT USING (true)",
        "ALTER TABLE planillas_row NO FORCE ROW LEVEL SECURITY",
    ),
    "a table of no model": ("CREATE TABLE copies AS SELECT id, title FROM documents_document",),
    "a view, or a table elsewhere": (
        "CREATE VIEW titles AS SELECT title FROM documents_document",
        "CREATE MATERIALIZED VIEW titles AS SELECT title FROM documents_document",
        "CREATE SCHEMA aside CREATE VIEW titles AS SELECT title FROM public.documents_document",
    ),
    "a table that is part of another": ("CREATE TABLE kin () INHERITS (documents_document)",),
    "a school that may be missing": ("ALTER TABLE rag_message ALTER school_id DROP NOT NULL",),
    "a key that is unique over all schools": (
        "CREATE UNIQUE INDEX sole ON documents_collection (name)",
        "CREATE UNIQUE INDEX sole ON documents_collection (lower(name), school_id)",
    ),
    "a key into another school": (
        "ALTER TABLE rag_chunk ADD FOREIGN KEY (document_id) REFERENCES documents_document (id)",
    ),
    "a function that runs as its owner, or before the policies": (
        "CREATE FUNCTION all_titles() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER "
        "AS 'SELECT title FROM documents_document'",
    ),
    "a program that runs by itself": ("CREATE RULE quiet AS ON DELETE TO rag_chunk DO INSTEAD NOTHING",),
    "a way out": ("CREATE PUBLICATION everything FOR TABLE documents_document",),
    "a right beyond rows": (
        "GRANT TRUNCATE ON documents_document TO app",
        "GRANT REFERENCES, TRIGGER ON documents_document TO app",
        "GRANT SELECT ON documents_document TO PUBLIC",
        "GRANT SELECT ON SEQUENCE django_admin_log_id_seq TO app",
    ),
    "a right to single columns": ("GRANT UPDATE (school_id) ON documents_document TO app",),
    "a right to what will be made": ("ALTER DEFAULT PRIVILEGES GRANT TRUNCATE ON TABLES TO app",),
    "a school named before anybody did": (f'ALTER DATABASE "{TEST_DATABASE}" SET row_security = off',),
}
# Only a superuser could do it, and ours is not handed to anybody.
WITHOUT_DAMAGE = {"an extension"}


def _found(owner: "psycopg.Connection[Any]", question: str) -> list[str]:
    tables = [
        *(model._meta.db_table for model in apps.get_models(include_auto_created=True)),
        "django_migrations",
    ]
    return [
        str(name)
        for (name,) in owner.execute(QUESTIONS[question], {"outside": OUTSIDE, "tables": tables}).fetchall()
    ]


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_in_the_database_looks_past_the_wall(
    db: None, owner_database: "psycopg.Connection[Any]", question: str
) -> None:
    assert _found(owner_database, question) == []
    for damage in DAMAGE.get(question, ()):
        with owner_database.transaction(force_rollback=True):
            owner_database.execute(damage)
            assert _found(owner_database, question), damage
    assert question in DAMAGE or question in WITHOUT_DAMAGE


def test_every_tenant_table_is_one_that_the_catalog_calls_walled(
    db: None, owner_database: "psycopg.Connection[Any]"
) -> None:
    walled = {
        name for (name,) in owner_database.execute(f"SELECT oid::regclass::text FROM ({_WALLED}) AS w(oid)")
    }
    assert walled == {model._meta.db_table for model in tenant_models()}


def test_statistics_and_sequences_tell_nothing_of_all_schools(
    committed: None, world: World, owner_database: "psycopg.Connection[Any]"
) -> None:
    """Postgres keeps the commonest values of each column; of tables behind policies it shows them to the owner only."""
    owner_database.execute("ANALYZE documents_document, schools_school")
    told = "SELECT count(*) FROM pg_stats WHERE tablename = %s"
    assert owner_database.execute(told, ["documents_document"]).fetchone() != (0,)
    with connections["default"].cursor() as cursor:
        cursor.execute(told, ["documents_document"])
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM pg_sequences WHERE last_value IS NOT NULL")
        assert cursor.fetchone() == (0,)


def test_a_backup_is_whole_or_an_error(
    committed: None, world: World, owner_database: "psycopg.Connection[Any]"
) -> None:
    """pg_dump turns row security off: who migrates then reads every school, and who serves reads none at all."""
    owner_database.execute("SET row_security = off")
    schools = owner_database.execute("SELECT DISTINCT school_id FROM documents_document").fetchall()
    assert {school_id for (school_id,) in schools} == {world.norte, world.sur}
    with psycopg.connect(**_serving(), autocommit=True) as serving:
        serving.execute("SET row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            serving.execute(f"SELECT count(*) FROM {Document._meta.db_table}")


def test_the_server_refuses_to_start_where_every_connection_begins_in_a_school(
    committed: None, world: World
) -> None:
    """Red before schools/guard.py asked for it: whoever named no school was of that one."""
    options = connections.settings["default"]["OPTIONS"]
    connections["default"].close()
    options["options"] = f"-c app.school_id={world.norte}"
    try:
        with pytest.raises(UnsafeDatabase, match="already named"):
            refuse_unsafe_database()
    finally:
        connections["default"].close()
        del options["options"]
    refuse_unsafe_database()


def _serving() -> dict[str, Any]:
    given = connections["default"].settings_dict
    return {
        "host": given["HOST"],
        "port": given["PORT"],
        "user": given["USER"],
        "password": given["PASSWORD"],
        "dbname": given["NAME"],
    }
