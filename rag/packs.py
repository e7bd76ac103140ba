"""The evidence pack of an answer."""

import json
from collections.abc import Iterator
from typing import IO
from uuid import UUID

from django.utils.translation import gettext as _

from documents import library, places, reading
from documents.escaping import escape
from documents.packing import Packing, Proof
from engines import calls
from rag import conversations, prose
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
    """Return question, answer and notes as Markdown in which nobody's words lead anywhere."""
    notes = [
        f"\\[{each['n']}\\]: {escape(each['title'])} – {escape(reading.say(places.from_json(each['place'])))}: "
        f"«{escape(each['quote'])}»"
        for each in message.citations
    ]
    said = [_block(block) for block in prose.parse(message.text, supported=lambda _number: True)]
    parts = [f"# {escape(prose.clean(message.question))}", *said, "\n\n".join(dict.fromkeys(notes))]
    return "\n\n".join(part for part in parts if part).strip() + "\n"


def _block(block: prose.Block) -> str:
    said = "".join(
        f"\\[{span.note}\\]" if span.note is not None else "  \n".join(map(escape, span.text.split("\n")))
        for span in block.spans
    )
    sign = "-" if block.number is None else f"{block.number}."
    return f"{'   ' * (block.depth - 1)}{sign} {said}" if block.depth else said


def _proofs(member: Member, message: Message) -> Iterator[Proof]:
    ids = [each["chunk_id"] for each in message.citations if each.get("chunk_id")]
    with school_scope(member.school_id):
        # Only of what the member may read now: a quote may outlive the right to see its document.
        rows = Chunk.objects.filter(pk__in=ids, document__in=library.visible(member))
        texts = {str(pk): text for pk, text in rows.values_list("pk", "text")}
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
