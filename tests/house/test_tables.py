"""Every table of a school stands behind the wall; what stands outside is a short list, and here it is."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from schools.guard import tenant_models
from schools.tenancy import SchoolModel
from schools.wall import SameSchool, Wall

# One must find one's schools before one is in any; a due date holds ids; an index's row names no school.
OUTSIDE = {
    "schools.User",
    "schools.School",
    "schools.Membership",
    "schools.Invitation",
    "pipeline.Due",
    "rag.Index",
    "engines.Pod",  # a rented machine serves every school; it holds an address and times
}
THIRD_PARTY = {
    "account",
    "admin",
    "auth",
    "contenttypes",
    "django_rq",
    "mfa",
    "sessions",
    "socialaccount",
    "token_blacklist",
}

TENANTS = tenant_models()


def _name(model: type[models.Model]) -> str:
    return model._meta.label


def _keys(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.get_fields() if isinstance(field, models.ForeignKey)]


def _points_inside(field: Any) -> bool:
    return issubclass(field.related_model, SchoolModel)


def test_what_stands_outside_the_wall_is_this_list() -> None:
    outside = {
        _name(model)
        for model in apps.get_models(include_auto_created=True)
        if not issubclass(model, SchoolModel) and model._meta.app_label not in THIRD_PARTY
    }
    # A person's groups and permissions: tables that Django makes and nothing here fills.
    assert outside - {"schools.User_groups", "schools.User_user_permissions"} == OUTSIDE
    assert TENANTS


@pytest.mark.parametrize("model", TENANTS, ids=_name)
def test_a_tenant_model_carries_its_wall_and_a_same_school_key_for_each_neighbour(
    model: type[SchoolModel],
) -> None:
    constraints = model._meta.constraints
    assert [type(each) for each in constraints].count(Wall) == 1
    assert ("school", "id") in [
        each.fields for each in constraints if isinstance(each, models.UniqueConstraint)
    ]
    guarded = sorted(each.field for each in constraints if isinstance(each, SameSchool))
    assert guarded == sorted(field.name for field in _keys(model) if _points_inside(field))


@pytest.mark.parametrize("model", TENANTS, ids=_name)
def test_a_key_to_a_neighbour_is_never_djangos_own(model: type[SchoolModel]) -> None:
    assert [field.name for field in _keys(model) if _points_inside(field) and field.db_constraint] == []


@pytest.mark.parametrize("model", TENANTS, ids=_name)
def test_what_is_unique_is_so_within_a_school(model: type[SchoolModel]) -> None:
    """A key over all schools would tell one of another's rows by refusing."""
    assert [
        field.name for field in model._meta.concrete_fields if field.unique and not field.primary_key
    ] == []
    assert not model._meta.unique_together
    for each in model._meta.constraints:
        if isinstance(each, models.UniqueConstraint):
            named = [*each.fields, *(getattr(expression, "name", "") for expression in each.expressions)]
            assert named[0] == "school", each.name


@pytest.mark.parametrize("model", TENANTS, ids=_name)
def test_a_tenant_model_has_the_manager_that_raises_everywhere(model: type[SchoolModel]) -> None:
    from schools.tenancy import SchoolManager

    assert isinstance(model._default_manager, SchoolManager)
    assert isinstance(model._base_manager, SchoolManager)
    assert all(isinstance(each, SchoolManager) for each in model._meta.managers)


def test_nothing_outside_points_inside() -> None:
    for model in apps.get_models(include_auto_created=True):
        if not issubclass(model, SchoolModel):
            assert [field.name for field in _keys(model) if _points_inside(field)] == [], _name(model)


def test_no_tenant_model_is_reached_by_many_to_many() -> None:
    """A table that Django makes for it would stand outside the wall."""
    for model in TENANTS:
        assert not model._meta.many_to_many, _name(model)


@pytest.mark.django_db
def test_postgres_holds_the_same() -> None:
    tables = [model._meta.db_table for model in TENANTS]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity"
        )
        assert sorted(name for (name,) in cursor.fetchall()) == sorted(tables)
        cursor.execute(
            "SELECT tablename, cmd, permissive, qual, with_check FROM pg_policies WHERE schemaname = 'public'"
        )
        policies = cursor.fetchall()
        wall = "(school_id = (current_setting('app.school_id'::text))::uuid)"
        assert sorted(policies) == sorted((table, "ALL", "PERMISSIVE", wall, wall) for table in tables)
        # Every foreign key between tenant tables is of two columns, the school first.
        cursor.execute(
            """
            SELECT c.conname, a.attname, cardinality(c.conkey)
            FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
            WHERE c.contype = 'f' AND c.confrelid = ANY(%s::regclass[])
            """,
            [tables],
        )
        keys = cursor.fetchall()
        assert len(keys) == sum(_points_inside(field) for model in TENANTS for field in _keys(model))
        assert [key for key in keys if key[1:] != ("school_id", 2)] == []
        # Views, materialised ones above all, and functions that run as their owner would look past the wall.
        cursor.execute(
            "SELECT relname FROM pg_class "
            "WHERE relkind IN ('v', 'm', 'f') AND relnamespace = 'public'::regnamespace"
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_the_role_that_serves_may_read_and_write_rows_and_nothing_else() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles "
            "WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False, False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT DISTINCT privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee = current_user AND table_schema = 'public'"
        )
        assert {right for (right,) in cursor.fetchall()} == {"SELECT", "INSERT", "UPDATE", "DELETE"}
        cursor.execute("SELECT has_schema_privilege(current_user, 'public', 'CREATE')")
        assert cursor.fetchone() == (False,)
