"""The evidence pack of an answer."""

import json
from collections.abc import Iterator
from typing import IO
from uuid import UUID

from django.utils.translation import gettext as _

from documents import places, reading
from documents.packing import Packing, Proof
from engines import calls
from rag import conversations
from rag.models import AnswerStatus, Chunk, Message
from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope


class NotYet(Refused):
    """The answer is not finished."""

    code = "not_ready"
    status = 409


def pack(member: Member, message_id: UUID) -> IO[bytes]:
    """Return the pack of an answer of the member's own; raise conversations.NoSuchMessage or NotYet."""
    message = conversations.message(member, message_id)
    if message.status == AnswerStatus.PENDING:
        raise NotYet(_("La respuesta todavía no está terminada."))
    called = calls.made_for(member.school_id, [message.pk])
    packed = Packing(
        member,
        "answer",
        message.pk,
        message.question,
        {
            "question": message.question,
            "standalone_question": message.standalone_question,
            "status": message.status,
            "engine": message.engine,
            "asked_at": message.created_at.isoformat(timespec="seconds"),
            "answered_at": message.finished_at.isoformat(timespec="seconds") if message.finished_at else None,
        },
    )
    packed.add("respuesta.md", _text(message).encode())
    packed.add("llamadas.json", json.dumps(called, ensure_ascii=False, indent=2).encode())
    packed.add_proofs(_proofs(member, message))
    return packed.finish()


def _text(message: Message) -> str:
    notes = [
        f"[{each['n']}]: {each['title']} – {reading.say(places.from_json(each['place']))}: «{each['quote']}»"
        for each in message.citations
    ]
    return (
        "\n\n".join([f"# {message.question}", message.text, "\n".join(dict.fromkeys(notes))]).strip() + "\n"
    )


def _proofs(member: Member, message: Message) -> Iterator[Proof]:
    ids = [each["chunk_id"] for each in message.citations if each.get("chunk_id")]
    with school_scope(member.school_id):
        texts = {str(pk): text for pk, text in Chunk.objects.filter(pk__in=ids).values_list("pk", "text")}
    for each in message.citations:
        is_verified = bool(each["verified"])
        yield Proof(
            of=f"[{each['n']}]",
            document_id=UUID(each["document_id"]),
            place=places.from_json(each["place"]),
            quote=each["quote"],
            # What was not found in its source is told as it was cited, and proves nothing.
            passage=texts.get(str(each.get("chunk_id")), "") if is_verified else "",
            facts={"verified": is_verified, "title": each["title"]},
        )
