"""The second and third walls: what Postgres keeps when the application forgets."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    ProgrammingError,
    connection,
    connections,
    models,
    transaction,
)

from schools.guard import UnsafeDatabase, refuse_unsafe_database, tenant_models
from schools.ids import SchoolId
from schools.scope import school_scope
from tests.rows import copy_of
from tests.tenancy.conftest import World

TENANTS = tenant_models()
KEYS = [
    field
    for model in TENANTS
    for field in model._meta.get_fields()
    if isinstance(field, models.ForeignKey) and field.related_model in TENANTS
]


def _name(model: type[models.Model]) -> str:
    return model.__name__


def _unfiltered(model: Any) -> "models.QuerySet[Any]":
    """Return a model's rows as a manager that forgot the school would."""
    return models.QuerySet(model)


def _sql(*statements: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _assert_only_own_rows(model: Any, school_id: SchoolId) -> None:
    with school_scope(school_id):
        assert {row.school_id for row in _unfiltered(model)} == {school_id}
        assert _sql(f"SELECT DISTINCT school_id FROM {model._meta.db_table}") == [(school_id,)]


def test_without_the_applications_filter_a_school_sees_its_own_rows_only(
    world: World, subtests: pytest.Subtests
) -> None:
    for model in TENANTS:
        with subtests.test(model=_name(model)):
            _assert_own_rows_without_filter(world, model)


def _assert_own_rows_without_filter(world: World, model: Any) -> None:
    _assert_only_own_rows(model, world.norte)
    _assert_only_own_rows(model, world.sur)
    theirs = world.of_sur[model]
    with school_scope(world.norte):
        rows = _unfiltered(model)
        assert not rows.filter(pk=theirs.pk).exists()
        assert not rows.filter(school_id=world.sur).exists()
        assert rows.filter(pk=theirs.pk).update(school_id=world.norte) == 0
        assert rows.filter(pk=theirs.pk)._raw_delete("default") == 0
    with school_scope(world.sur):
        assert _unfiltered(model).filter(pk=theirs.pk).exists()


def test_a_row_cannot_be_written_into_another_school(world: World, subtests: pytest.Subtests) -> None:
    for model in TENANTS:
        with subtests.test(model=_name(model)):
            _assert_not_written_elsewhere(world, model)


def _assert_not_written_elsewhere(world: World, model: Any) -> None:
    with school_scope(world.norte):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            _unfiltered(model).bulk_create([copy_of(world.of_norte[model], school_id=world.sur)])
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            _unfiltered(model).filter(pk=world.of_norte[model].pk).update(school_id=world.sur)


def test_a_row_cannot_point_into_another_school(world: World, subtests: pytest.Subtests) -> None:
    """Postgres checks foreign keys as the table's owner, past row-level security: hence keys of two columns."""
    for key in KEYS:
        with subtests.test(key=str(key)):
            _assert_points_nowhere_else(world, key)


def _assert_points_nowhere_else(world: World, key: Any) -> None:
    child = world.of_norte[key.model]
    theirs = world.of_sur[key.related_model].pk
    with school_scope(world.norte):
        with pytest.raises(IntegrityError), transaction.atomic():
            _point(key, child, theirs)
        with transaction.atomic():
            _point(key, child, getattr(child, key.attname))


def _point(key: Any, child: Any, target: object) -> None:
    _unfiltered(key.model).filter(pk=child.pk).update(**{key.attname: target})
    _sql("SET CONSTRAINTS ALL IMMEDIATE")


def test_without_a_school_postgres_errs_before_and_after_a_scope_on_the_same_connection(
    world: World, subtests: pytest.Subtests
) -> None:
    for model in TENANTS:
        with subtests.test(model=_name(model)):
            _assert_errs_without_a_school(world, model)


def _assert_errs_without_a_school(world: World, model: Any) -> None:
    for _again in range(2):
        with pytest.raises(DatabaseError), transaction.atomic():
            _sql(f"SELECT count(*) FROM {model._meta.db_table}")
        with pytest.raises(DatabaseError), transaction.atomic():
            _unfiltered(model).exists()
        with pytest.raises(DatabaseError), transaction.atomic():
            _sql(f"DELETE FROM {model._meta.db_table}")
        with school_scope(world.norte):
            assert _unfiltered(model).exists()


def test_the_serving_role_cannot_take_the_wall_down(world: World, subtests: pytest.Subtests) -> None:
    for model in TENANTS:
        with subtests.test(model=_name(model)):
            _assert_wall_stays(world, model)


def _assert_wall_stays(world: World, model: Any) -> None:
    table = model._meta.db_table
    for statement in (
        f"TRUNCATE {table} CASCADE",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY open ON {table} USING (true)",
        f"DROP POLICY {model._meta.app_label}_{_name(model).lower()}_wall ON {table}",
        f"CREATE VIEW public.everything AS SELECT * FROM {table}",
        "SET ROLE owner",
        "SET SESSION AUTHORIZATION owner",
    ):
        with school_scope(world.norte), pytest.raises(DatabaseError), transaction.atomic():
            _sql(statement)
    with school_scope(world.norte), pytest.raises(DatabaseError), transaction.atomic():
        _sql("SET LOCAL row_security = off", f"SELECT count(*) FROM {table}")


def test_a_committed_scope_leaves_nothing_on_its_connection(committed: None, world: World) -> None:
    """`SET LOCAL` ends with its transaction; a pooled connection carries no school to the next request."""
    table = TENANTS[0]._meta.db_table
    with school_scope(world.norte):
        assert _sql(f"SELECT count(*) FROM {table}") != [(0,)]
    assert not connection.in_atomic_block
    assert _sql("SELECT current_setting('app.school_id', true)") in ([("",)], [(None,)])
    with pytest.raises(DatabaseError):
        _sql(f"SELECT count(*) FROM {table}")


def test_not_even_the_owner_can_point_a_row_into_another_school(
    committed: None, world: World, owner_database: "psycopg.Connection[Any]"
) -> None:
    for key in KEYS:
        child, theirs = world.of_norte[key.model], world.of_sur[key.related_model].pk
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            owner_database.execute(
                f"UPDATE {key.model._meta.db_table} SET {key.column} = %s WHERE id = %s", [theirs, child.pk]
            )


# --- seen red: with the wall taken down on purpose the same assertions fail, and the server does not start -----------

DAMAGE = {
    "open_policy": ("CREATE POLICY open ON {table} USING (true)", "DROP POLICY open ON {table}", True),
    "disabled": (
        "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        True,
    ),
    "not_forced": (
        "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        False,  # nothing leaks to a role that does not own the table; the start is refused all the same
    ),
    "widened": (
        "ALTER POLICY {wall} ON {table} USING (school_id = current_setting('app.school_id')::uuid OR true)",
        "ALTER POLICY {wall} ON {table} USING (school_id = current_setting('app.school_id')::uuid)",
        True,
    ),
    "open_to_writing": (
        "ALTER POLICY {wall} ON {table} WITH CHECK (true)",
        "ALTER POLICY {wall} ON {table} WITH CHECK (school_id = current_setting('app.school_id')::uuid)",
        False,
    ),
}


@pytest.mark.parametrize(("damage", "repair", "leaks"), DAMAGE.values(), ids=DAMAGE)
def test_with_the_wall_down_the_assertion_fails_and_the_server_refuses_to_start(
    committed: None,
    world: World,
    owner_database: "psycopg.Connection[Any]",
    damage: str,
    repair: str,
    leaks: bool,
) -> None:
    from documents.models import Document

    names = {"table": "documents_document", "wall": "documents_document_wall"}
    refuse_unsafe_database()
    _assert_only_own_rows(Document, world.norte)
    owner_database.execute(damage.format(**names))
    try:
        if leaks:
            with pytest.raises(AssertionError):
                _assert_only_own_rows(Document, world.norte)
        with pytest.raises(UnsafeDatabase, match="documents_document"):
            refuse_unsafe_database()
    finally:
        owner_database.execute(repair.format(**names))
    _assert_only_own_rows(Document, world.norte)
    refuse_unsafe_database()


def test_the_server_refuses_to_start_as_a_role_that_passes_the_wall(committed: None) -> None:
    with _serving_as_owner(), pytest.raises(UnsafeDatabase, match="row-level security"):
        refuse_unsafe_database()
    refuse_unsafe_database()


@contextmanager
def _serving_as_owner() -> Iterator[None]:
    serving = connections["default"]
    connections["default"] = connections["owner"]
    try:
        yield
    finally:
        connections["owner"].close()
        connections["default"] = serving
