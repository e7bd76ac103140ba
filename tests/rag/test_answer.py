"""What is kept of a question, whatever becomes of its answer."""

from datetime import timedelta

from django.utils import timezone

from documents import uploads
from documents.models import Block
from rag import answer, conversations
from rag.models import Message
from schools.scope import school_scope
from tests.conftest import Person

QUESTION = "¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad?"


def test_an_answer_cites_without_a_place_while_its_document_is_read_again(
    ana: Person, document: uploads.Received
) -> None:
    with school_scope(ana.school_id):
        Block.objects.all().delete()
    message = answer.ask_whole(ana.member, conversations.start(ana.member).pk, text=QUESTION)
    assert message.status == "quoted"
    assert message.citations[0]["verified"]
    assert message.citations[0]["place"] is None


def test_a_reader_who_goes_away_leaves_the_answer_stopped(ana: Person, document: uploads.Received) -> None:
    told = answer.ask(ana.member, conversations.start(ana.member).pk, text=QUESTION)
    next(event for event in told if isinstance(event, answer.Token))
    told.close()  # a generator, as the type says too little
    with school_scope(ana.school_id):
        assert [message.status for message in Message.objects.all()] == ["stopped"]


def test_a_question_whose_server_died_does_not_wait_for_ever(ana: Person, document: uploads.Received) -> None:
    conversation = conversations.start(ana.member)
    with school_scope(ana.school_id):
        lost = Message.objects.create(
            conversation=conversation, question="?", created_at=timezone.now() - timedelta(hours=1)
        )
        waiting = Message.objects.create(conversation=conversation, question="?")
    conversations.close_abandoned()
    states = {message.pk: message.status for message in conversations.messages(ana.member, conversation.pk)}
    assert states == {lost.pk: "failed", waiting.pk: "pending"}
