"""One person's way through the house: upload, wait, ask, and open what was cited."""

from collections.abc import Callable

from documents import library, uploads
from documents.models import Status
from rag import answer, conversations
from tests.conftest import Person


def test_a_question_is_answered_with_the_sentence_that_holds_the_answer(
    ana: Person, document: uploads.Received
) -> None:
    entry = library.get(ana.member, document.document_id)
    assert entry.document.status == Status.READY

    conversation = conversations.start(ana.member)
    message = answer.ask_whole(
        ana.member,
        conversation.pk,
        text="¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad?",
    )

    assert message.status == "quoted"
    assert "veinticinco (25) inasistencias" in message.text
    first = message.citations[0]
    assert first["verified"]
    assert first["document_id"] == str(document.document_id)
    assert first["place"]["kind"] == "text"


def test_another_school_finds_nothing(ana: Person, zoe: Person, document: uploads.Received) -> None:
    conversation = conversations.start(zoe.member)
    message = answer.ask_whole(
        zoe.member, conversation.pk, text="¿Cuántas inasistencias puede tener un alumno?"
    )
    assert message.status == "refused"
    assert message.citations == []
    assert message.searched["documents"] == 0


def test_a_deleted_document_is_gone_from_answers_at_once_and_from_everywhere_soon(
    ana: Person, document: uploads.Received, work_off: Callable[[], None]
) -> None:
    library.delete(ana.member, [document.document_id])
    conversation = conversations.start(ana.member)
    message = answer.ask_whole(
        ana.member, conversation.pk, text="¿Cuántas inasistencias puede tener un alumno?"
    )
    assert message.status == "refused"
    work_off()
