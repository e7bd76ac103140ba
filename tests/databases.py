"""The databases of a test run: one is migrated, every other is a copy of it."""

import os
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections

from tests.settings import ADMIN_DATABASE, TEST_DATABASE

TEMPLATE = "test_preceptor_template"
# Which run made the template: services that outlive a run may hold one of other migrations.
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
_LOCK = 7_203_114


def parameters(dbname: str) -> dict[str, Any]:
    """Return how the role that migrates connects to a database."""
    owner = connections["owner"].settings_dict
    return {
        "host": owner["HOST"],
        "port": owner["PORT"],
        "user": owner["USER"],
        "password": owner["PASSWORD"],
        "dbname": dbname,
    }


def administration() -> psycopg.Connection[Any]:
    """Connect to where databases are made and dropped."""
    return psycopg.connect(**parameters(ADMIN_DATABASE), autocommit=True)


def make(name: str) -> None:
    """Make a database with all tables and no rows, in the place of one that may be left of that name."""
    with administration() as admin:
        # Held until the connection ends: the processes of a run begin together, and one of them migrates.
        admin.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        if not _has_template(admin):
            _create(admin, TEST_DATABASE, "template1")
            call_command("migrate", database="owner", verbosity=0, skip_checks=True)
            connections.close_all()  # nobody may look at what is copied
            _create(admin, TEMPLATE, TEST_DATABASE)
            admin.execute(f"COMMENT ON DATABASE \"{TEMPLATE}\" IS '{_RUN}'")
        _create(admin, name, TEMPLATE)


def drop(name: str) -> None:
    """Drop a database, whoever is connected to it."""
    with administration() as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _has_template(admin: psycopg.Connection[Any]) -> bool:
    found = admin.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [TEMPLATE]
    ).fetchone()
    return found == (_RUN,)


def _create(admin: psycopg.Connection[Any], name: str, template: str) -> None:
    admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
