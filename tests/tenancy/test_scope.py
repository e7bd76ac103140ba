"""The first wall: a tenant row is reached inside its school's scope, or an exception is."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, models, transaction

from documents.models import Block, Collection, Document
from schools import bulk
from schools.guard import tenant_models
from schools.ids import SchoolId, new_id
from schools.models import School
from schools.scope import NoSchool, TwoSchools, current, run, school_scope
from tests.conftest import Person
from tests.rows import MAKERS, copy_of
from tests.tenancy.conftest import World

TENANTS = tenant_models()


def _name(model: type[models.Model]) -> str:
    return model.__name__


def test_every_tenant_model_has_a_row_in_these_tests() -> None:
    assert set(MAKERS) == set(TENANTS), "add a row of the new model to tests/rows.py"


# What can be asked of a manager. `.exists()` and its kin answered across schools in a library that was tried.
QUESTIONS: dict[str, Callable[[Any], object]] = {
    "all": lambda rows: list(rows.all()),
    "iterator": lambda rows: list(rows.iterator()),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "exclude_exists": lambda rows: rows.exclude(pk=new_id()).exists(),
    "alias_exists": lambda rows: rows.alias(n=models.Count("pk")).exists(),
    "filter": lambda rows: rows.filter(pk=new_id()).first(),
    "get": lambda rows: rows.get(pk=new_id()),
    "first": lambda rows: rows.first(),
    "in_bulk": lambda rows: rows.in_bulk([new_id()]),
    "aggregate": lambda rows: rows.aggregate(n=models.Count("pk")),
    "values": lambda rows: list(rows.values("pk")),
    "values_list": lambda rows: list(rows.values_list("pk")),
    "annotate": lambda rows: list(rows.annotate(n=models.Count("pk"))),
    "order_by": lambda rows: list(rows.order_by("pk")[:1]),
    "raw": lambda rows: list(rows.raw("SELECT 1 AS id")),
    "none": lambda rows: rows.none(),
    "using": lambda rows: list(rows.using("default")),
    "update": lambda rows: rows.update(school_id=new_id()),
    "delete": lambda rows: rows.all().delete(),
    "create": lambda rows: rows.create(),
    "get_or_create": lambda rows: rows.get_or_create(pk=new_id()),
    "update_or_create": lambda rows: rows.update_or_create(pk=new_id()),
    "bulk_create": lambda rows: rows.bulk_create([]),
    "bulk_update": lambda rows: rows.bulk_update([], ["school"]),
    "select_for_update": lambda rows: rows.select_for_update(),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_outside_a_scope_a_manager_answers_nothing(
    ask: Callable[[Any], object], subtests: pytest.Subtests
) -> None:
    """No database is asked for in this test: whatever went through would fail for that."""
    for model in TENANTS:
        with subtests.test(model=_name(model)):
            with pytest.raises(NoSchool):
                ask(model.objects)
            with pytest.raises(NoSchool):
                ask(model._base_manager)


def test_outside_a_scope_a_row_cannot_be_made_saved_deleted_or_read_again(
    world: World, subtests: pytest.Subtests
) -> None:
    for model in TENANTS:
        with subtests.test(model=_name(model)):
            _assert_out_of_reach(world, model)


def _assert_out_of_reach(world: World, model: Any) -> None:
    row = world.of_norte[model]
    for ask in (model, row.save, row.delete, row.refresh_from_db):
        with pytest.raises(NoSchool):
            ask()
    with school_scope(world.norte):
        row.refresh_from_db()
        row.save()
        assert model.objects.filter(pk=row.pk).exists()


def test_inside_anothers_scope_a_row_cannot_be_saved_deleted_or_read(
    world: World, subtests: pytest.Subtests
) -> None:
    for model in TENANTS:
        with subtests.test(model=_name(model)):
            _assert_anothers(world, model)


def _assert_anothers(world: World, model: Any) -> None:
    row = world.of_norte[model]
    with school_scope(world.sur):
        with pytest.raises(TwoSchools):
            row.save()
        with pytest.raises(TwoSchools):
            row.delete()
        with pytest.raises(model.DoesNotExist):
            row.refresh_from_db()
        with pytest.raises(TwoSchools):
            copy_of(row).save()
        assert not model.objects.filter(pk=row.pk).exists()
        assert model.objects.filter(pk=row.pk).update(school_id=world.sur) == 0
        assert model.objects.filter(pk=row.pk).delete()[0] == 0
        assert model.objects.get(pk=world.of_sur[model].pk)
    with school_scope(world.norte):
        assert model.objects.filter(pk=row.pk).exists()


def _keys() -> list[Any]:
    return [
        field
        for model in TENANTS
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model in TENANTS
    ]


def test_outside_a_scope_a_row_leads_to_no_other(world: World, subtests: pytest.Subtests) -> None:
    for key in _keys():
        with subtests.test(key=str(key)):
            _assert_leads_nowhere(world, key)


def _assert_leads_nowhere(world: World, key: Any) -> None:
    with school_scope(world.norte):
        child = key.model.objects.get(pk=world.of_norte[key.model].pk)
        parent_id = getattr(child, key.attname)
        parent = key.related_model.objects.get(pk=parent_id)
    accessor = key.remote_field.get_accessor_name()
    with pytest.raises(NoSchool):
        getattr(child, key.name)
    for ask in ("all", "count", "exists", "first"):
        with pytest.raises(NoSchool):
            getattr(getattr(parent, accessor), ask)()
    with school_scope(world.norte):
        assert getattr(child, key.name) == parent
        assert child in getattr(parent, accessor).all()
    with school_scope(world.sur):
        assert list(getattr(parent, accessor).all()) == []


def test_a_queryset_does_not_leave_its_scope(world: World) -> None:
    with school_scope(world.norte):
        rows = Document.objects.all()
        listed = list(Document.objects.all())
    assert len(listed) == 3
    with pytest.raises(DatabaseError), transaction.atomic():
        list(rows)
    with school_scope(world.sur):
        assert list(rows.all()) == []


def test_a_row_given_to_the_wrong_school_is_refused_in_bulk_too(world: World) -> None:
    block = world.of_norte[Block]
    with school_scope(world.sur), pytest.raises(DatabaseError), transaction.atomic():
        Block.objects.bulk_create([copy_of(block, ordinal=9)])


def test_many_rows_at_once_belong_to_the_school_in_scope(world: World) -> None:
    rows = [copy_of(world.of_norte[Block], ordinal=9)]
    with pytest.raises(NoSchool):
        bulk.insert(rows)
    with school_scope(world.sur), pytest.raises(TwoSchools):
        bulk.insert(rows)
    with school_scope(world.norte):
        bulk.insert(rows)
        assert Block.objects.filter(ordinal=9).count() == 1


NOT_A_SCHOOL: list[Any] = [None, "", " ", "norte", 7, 0, b"", str(UUID(int=1)), [], {}]


@pytest.mark.parametrize("value", NOT_A_SCHOOL, ids=repr)
def test_what_is_not_a_schools_id_opens_no_scope(value: Any) -> None:
    with pytest.raises(NoSchool), school_scope(value):
        pytest.fail("a scope was opened")
    with pytest.raises(NoSchool):
        current()


def test_scopes_of_two_schools_do_not_nest(world: World) -> None:
    with school_scope(world.norte):
        with pytest.raises(TwoSchools), school_scope(world.sur):
            pytest.fail("a scope was opened")
        with school_scope(world.norte):
            assert current() == world.norte
        assert Document.objects.count() == 3
    with pytest.raises(NoSchool):
        current()


def test_a_scope_ends_with_an_exception(world: World) -> None:
    with pytest.raises(ZeroDivisionError), school_scope(world.norte):
        _ = 1 / 0
    with pytest.raises(NoSchool):
        Document.objects.exists()
    with school_scope(world.sur):
        assert Document.objects.count() == 3


def test_a_scope_of_no_school_that_exists_holds_nothing(ana: Person, world: World) -> None:
    with school_scope(SchoolId(new_id())):
        assert not Document.objects.exists()


def test_a_scope_does_not_pass_to_another_thread(world: World) -> None:
    found: list[BaseException] = []

    def ask() -> None:
        try:
            Document.objects.exists()
        except BaseException as error:
            found.append(error)

    with school_scope(world.norte):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert [type(each) for each in found] == [NoSchool]


@pytest.mark.parametrize("is_open", [True, False], ids=["in a transaction", "by itself"])
def test_one_statement_in_a_school_sees_that_school_and_names_it_for_itself_alone(
    committed: None, is_open: bool, norte: School, sur: School
) -> None:
    """schools.scope.run: in one round trip, and its name is gone with it, also on a connection that lives on."""
    ids = [SchoolId(school.pk) for school in (norte, sur)]
    for number, school_id in enumerate(ids, start=1):
        with school_scope(school_id):
            for name in "abc"[:number]:
                Collection.objects.create(name=name)
    count = "SELECT count(*) FROM documents_collection WHERE %(yes)s"
    with transaction.atomic() if is_open else nullcontext():
        before = [run(school_id, count, {"yes": True}) for school_id in ids]
    with school_scope(ids[1]):
        inside = run(ids[1], count, {"yes": True})
        with pytest.raises(TwoSchools):
            run(ids[0], count, {"yes": True})
    assert before[1] == inside
    assert before[1][0][0] - before[0][0][0] == 1
    with pytest.raises(NoSchool):
        run("norte", count, {"yes": True})  # type: ignore[arg-type]
    # Both halves of a statement that fails are undone, and nobody is named any more.
    with pytest.raises(DatabaseError):
        run(ids[0], "DELETE FROM documents_collection; SELECT 1 / (%(zero)s::int)", {"zero": 0})
    assert run(ids[0], count, {"yes": True}) == before[0]
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM documents_collection")
    with pytest.raises(DatabaseError):
        run(ids[0], "UPDATE documents_collection SET school_id = %(other)s", {"other": ids[1]})
