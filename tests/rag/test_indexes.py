"""The change from one index to another, and what becomes of the old one."""

from rag import indexes
from rag.models import Index, IndexState, Placement
from schools.scope import school_scope
from tests.conftest import Person
from tests.rows import Rows


def test_a_retired_index_goes_with_the_notes_of_every_school(ana: Person, zoe: Person) -> None:
    indexes.ensure()
    for person in (ana, zoe):
        with school_scope(person.school_id):
            Rows(person.user).one(Placement)
    Index.objects.filter(name="of_the_tests").update(state=IndexState.RETIRED)

    indexes.keep_up()

    assert not Index.objects.filter(name="of_the_tests").exists()
    for person in (ana, zoe):
        with school_scope(person.school_id):
            assert not Placement.objects.exists()
