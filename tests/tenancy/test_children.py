"""A child's id must belong to the parent in the path (T8)."""

from typing import Any
from uuid import UUID

import pytest

from planillas.models import Planilla, Report
from schools.ids import new_id
from schools.scope import school_scope
from tests.rows import copy_of
from tests.tenancy import test_urls as matrix
from tests.tenancy.call import PLAIN, Call
from tests.tenancy.matrix import Things, client_of, send
from tests.tenancy.test_urls import counting, furnished, norte_things
from tests.tenancy.urls import CALLS
from transcription.models import Recording

__all__ = ["counting", "furnished", "norte_things"]  # fixtures

PARENTS: dict[str, type[Any]] = {"recording_id": Recording, "planilla_id": Planilla, "report_id": Report}

# A piece of a page that says of what is not there that it has no history, whatever it is.
EMPTY = {"transcription:segment_history"}


def _ids(call: Call) -> list[str]:
    return [name for name in matrix._parameters(call) if name != "slug" and name not in PLAIN]


NESTED = [call for call in CALLS if len(_ids(call)) > 1]


def test_there_are_such_addresses() -> None:
    """And each has a parent of which another can be made here."""
    assert len(NESTED) >= 10
    assert {_ids(call)[0] for call in NESTED} <= set(PARENTS)


def _another(things: Things, name: str) -> UUID:
    """Return another parent of the same kind in the same school, without children."""
    key = name.removesuffix("_id")
    with school_scope(things.director.school_id):
        row = PARENTS[name].objects.get(pk=things.ids[key])
        if isinstance(row, Recording):
            document = copy_of(row.document, sha256=new_id().hex * 2)
            document.save()
            copy_of(row, id=document.pk, document_id=document.pk).save()
            return UUID(str(document.pk))
        copied = copy_of(row)
        copied.save()
        return UUID(str(copied.pk))


@pytest.mark.parametrize("call", NESTED, ids=str)
def test_a_childs_id_under_another_parent_is_not_there(call: Call, norte_things: Things) -> None:
    """Both are the school's own and the director's: only that they do not belong together is wrong.

    Red when the filter by the parent is taken out of the look-up (transcription.speakers, planillas.report_sections).
    """
    parent = _ids(call)[0]
    with matrix._taken_back():
        other = _another(norte_things, parent)
        wrong = {**norte_things.ids, call.keys[parent]: other}
        client = client_of(norte_things.director, call)  # a login is written down
        with matrix._untouched():
            answered = send(
                client,
                call,
                matrix._path(call, "norte", wrong),
                call.body(norte_things.ids),
            )
            if call.url in EMPTY:
                nowhere = matrix._path(call, "norte", {**wrong, "segment": new_id()})
                assert matrix._content(answered) == matrix._content(send(client, call, nowhere, {}))
            else:
                assert answered.status_code == 404, matrix._content(answered)[:300]
    matrix._served(call, norte_things)
