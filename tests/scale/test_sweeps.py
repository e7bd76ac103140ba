"""What the scheduler does every few minutes asks Postgres as often with many schools as with few."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from engines.spanish import fold
from rag import conversations
from rag.models import AnswerStatus, Conversation, Message
from schools import scope
from schools.ids import SchoolId
from schools.models import School
from schools.scope import TwoSchools, school_scope
from tests.conftest import Person

OFTEN_S = 600
OFTEN = ["pipeline.sweep.sweep", *(path for path, every_s in settings.HOUSEKEEPING if every_s <= OFTEN_S)]


@pytest.mark.parametrize("path", OFTEN)
def test_task_asks_as_often_with_many_schools(path: str, ana: Person, zoe: Person) -> None:
    """Red when a task goes through the schools one by one: close_abandoned did, with 42 statements in place of 2."""
    import_string(path)()
    few = _statements(path)
    for _ in range(40):
        School.objects.create(slug=f"e-{uuid4().hex[:12]}", name="Escuela")
    assert _statements(path) <= few


def _statements(path: str) -> int:
    found = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal found
        found += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        import_string(path)()
    return found


def test_one_statement_in_each_school_stays_in_each(ana: Person, zoe: Person) -> None:
    """Both schools' old questions are closed, each under its own name; nobody's name is left behind.

    Red when the second school is not named before its statement: its question stayed open.
    """
    long_ago = timezone.now() - 2 * conversations.ABANDONED
    for person in (ana, zoe):
        with school_scope(person.school_id):
            asked = Conversation.objects.create(user=person.user, title="x", title_folded=fold("x"))
            Message.objects.create(conversation=asked, question="¿?", created_at=long_ago)
            Message.objects.create(conversation=asked, question="¿y ahora?")
    conversations.close_abandoned()
    for person in (ana, zoe):
        with school_scope(person.school_id):
            found = Message.objects.order_by("pk").values_list("status", "error_code")
            assert list(found) == [(AnswerStatus.FAILED, "abandoned"), (AnswerStatus.PENDING, "")]
    schools = [SchoolId(ana.school_id), SchoolId(zoe.school_id)]
    assert scope.in_each(schools, "SELECT id FROM rag_message WHERE status = 'failed'", {}) == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.school_id', true)")
        assert cursor.fetchone() in [("",), (None,)]
    with school_scope(ana.school_id), pytest.raises(TwoSchools):
        scope.in_each(schools, "SELECT 1", {})
