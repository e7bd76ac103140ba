"""Answers: retrieve, let an engine write, check every citation against its source, keep what came of it."""

from collections.abc import Collection as Some
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from documents import collections as shelves
from documents import library, places, versions
from engines import base, estimate, quoting, router
from engines.answering import Answering
from engines.base import ChatRequest, Source
from engines.errands import Errand, Purpose
from engines.routing import Candidate
from engines.spanish import fold
from rag import conversations, labelling, validity
from rag.cite import find, mark_unsupported, parse_answer
from rag.evidence import place_in_chunk
from rag.models import AnswerStatus, Chunk, Conversation, Message
from rag.retrieve import Passage, Trace, check_question, trace
from rag.store import StoreDown
from rag.widen import widen
from schools.admission import Member, still_admitted
from schools.refusals import Refused
from schools.scope import school_scope

PASSAGES = 10
CONSIDERED = PASSAGES * 4
CLOSEST = 3
# One document may not crowd out the others.
MOST_PER_DOCUMENT = 6
# What was set aside is told of where it was this likely to be the right one, against the likeliest of its kind.
WORTH_NAMING = 0.1


class WhyNot(StrEnum):
    """Why the engine is not given a passage that was found."""

    RANK = "rank"  # not among those considered
    DOCUMENT = "document"  # there are enough of its document
    ROOM = "room"  # there are enough better ones


@dataclass(frozen=True, slots=True)
class Decided:
    """Which engine answers, and why."""

    message_id: UUID
    engine: str
    reason: str
    decision_id: UUID


@dataclass(frozen=True, slots=True)
class Sources:
    """What the engine is given, numbered as the answer will cite it."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation that was checked against its source."""

    citation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """The answer, whole and kept."""

    message: Message


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer, and why, in words for staff; the question is kept."""

    message: Message
    code: str
    detail: str
    status: int = 503


Event = Decided | Sources | Token | Cited | Done | Failed


def ask(
    member: Member,
    conversation_id: UUID,
    *,
    text: str,
    collections: Some[UUID] | None = None,
    at_date: date | None = None,
    engine: str | None = None,
    is_private: bool = False,
) -> Iterator[Event]:
    """Keep the question at once, then yield what happens until Done or Failed.

    `at_date`: answer by what ruled on that day; today when none is given. `engine`: no other may answer. `is_private`:
    the question may not leave the school. Raises BadQuestion or NoSuchConversation before anything is kept.
    """
    question = check_question(text)
    conversation = conversations.get(member, conversation_id)
    message = _open(member, conversation, question, collections, at_date, is_private=is_private)
    return _answer(member, message, engine)


def ask_whole(
    member: Member,
    conversation_id: UUID,
    *,
    text: str,
    collections: Some[UUID] | None = None,
    at_date: date | None = None,
    engine: str | None = None,
    is_private: bool = False,
) -> Message:
    """Ask, and return the kept message when the answer is whole; raise what made it fail."""
    *_, last = ask(
        member,
        conversation_id,
        text=text,
        collections=collections,
        at_date=at_date,
        engine=engine,
        is_private=is_private,
    )
    if isinstance(last, Failed):
        failure = StoreDown(last.detail) if last.code == StoreDown.code else Refused(last.detail)
        failure.code, failure.status = last.code, last.status
        raise failure
    assert isinstance(last, Done)
    return last.message


def _open(
    member: Member,
    conversation: Conversation,
    question: str,
    collections: Some[UUID] | None,
    at_date: date | None,
    *,
    is_private: bool,
) -> Message:
    asked = None if collections is None else [str(each) for each in collections if member.sees(each)]
    with school_scope(member.school_id):
        if not Message.objects.filter(conversation=conversation).exists() and conversation.title == _(
            "Conversación nueva"
        ):
            conversation.title = question[: conversations.TITLE_MOST_CHARS]
            conversation.title_folded = fold(conversation.title)[:200]
        conversation.last_at = timezone.now()
        conversation.save(update_fields=["title", "title_folded", "last_at"])
        return Message.objects.create(
            conversation=conversation,
            question=question,
            standalone_question=question,
            collections=asked,
            at_date=at_date,
            is_private=is_private,
        )


def _answer(member: Member, message: Message, engine: str | None) -> Iterator[Event]:
    try:
        yield from _write(member, message, engine)
    except (StoreDown, base.EngineError) as error:
        message.status, message.error_code = AnswerStatus.FAILED, error.code
        # What was written before the line broke is kept, for the person to see what it was worth.
        message.text = message.text or str(error)
        _keep(member, message)
        yield Failed(message=message, code=error.code, detail=str(error), status=error.status)
    except GeneratorExit:
        # The reader went away (a closed page): what was written so far is kept as stopped.
        if message.status == AnswerStatus.PENDING:
            message.status = AnswerStatus.STOPPED
            _keep(member, message)
        raise
    finally:
        # Something nobody expected: it goes on as a crash, but no question is left waiting for it.
        if message.status == AnswerStatus.PENDING:
            message.status, message.error_code = AnswerStatus.FAILED, "internal"
            _keep(member, message)


def _write(member: Member, message: Message, engine: str | None) -> Iterator[Event]:
    asked = labelling.of_question(member, message.question, is_private=message.is_private)
    found = trace(
        member,
        message.question,
        most=CONSIDERED,
        collections=message.collection_ids(),
        at_date=message.at_date,
        part=asked,
    )
    passages = vary(found.passages)
    errand = Errand(
        school_id=member.school_id,
        user_id=member.user_id,
        purpose=Purpose.ANSWER,
        subject_id=message.pk,
        parts=(asked, *labelling.of_documents(member, [each.document_id for each in passages])),
        wish=engine,
    )
    message.label = errand.label
    request = compose(member, message.standalone_question, passages, on=message.at_date)
    answering = router.answer(request, errand, is_wanted=lambda: not _must_stop(member, message))
    message.engine, message.decision_id = answering.engine, answering.decision_id
    yield Decided(
        message_id=message.pk,
        engine=answering.engine,
        reason=answering.reason,
        decision_id=answering.decision_id,
    )
    yield Sources(passages=tuple(passages))
    texts = {n: passage.text for n, passage in enumerate(passages, start=1)}
    refused = False
    try:
        for piece in answering.pieces if passages else ():
            if isinstance(piece, base.Text):
                message.text += piece.text
                yield Token(text=piece.text)
            refused = refused or isinstance(piece, base.Refusal)
    finally:
        answering.close()
        message.engine = answering.engine
        message.decision = _told(answering, errand)
    message.citations = check_citations(member, message.text, passages, texts)
    for citation in message.citations:
        yield Cited(citation=citation)
    if answering.is_stopped:
        message.status = AnswerStatus.STOPPED
    elif refused or not message.text.strip():
        message.status = AnswerStatus.REFUSED
    else:
        message.status = AnswerStatus.QUOTED if answering.only_quotes else AnswerStatus.ANSWERED
    message.searched = _searched(member, message, passages) | {"set_aside": _set_aside(message, found)}
    _keep(member, message)
    yield Done(message=message)


def _told(answering: Answering, errand: Errand) -> dict[str, Any]:
    """Return what a message keeps of its decision: enough to show it without the books."""
    return {
        "engine": answering.engine,
        "runs": answering.runs,
        "reason": answering.reason,
        "label": errand.label.value,
        "cost_u": answering.cost.amount_u,
        "currency": answering.cost.currency,
        "is_partial": answering.is_partial,
        "is_cut": answering.is_cut,
        "fallbacks": list(answering.fallbacks),
    }


def would_answer(member: Member, question: str, passages: Sequence[Passage]) -> Candidate | None:
    """Return which engine would be given these passages now; None: none may."""
    errand = Errand(
        school_id=member.school_id,
        user_id=member.user_id,
        purpose=Purpose.ANSWER,
        parts=(
            labelling.of_question(member, question),
            *labelling.of_documents(member, [each.document_id for each in passages]),
        ),
    )
    request = compose(member, question, passages)
    tokens_in = estimate.of_request(request)
    choice = router.explain(errand, task="chat", tokens_in=tokens_in, tokens_out=request.max_tokens)
    return next(iter(choice.candidates), None)


def compose(
    member: Member, question: str, passages: Sequence[Passage], *, on: date | None = None
) -> ChatRequest:
    """Return what the engine is given; `on`: the day whose force it is told, today when none is given."""
    widened = widen(member, passages) if router.has_writer() else {}
    return ChatRequest(
        question=question,
        sources=tuple(
            Source(
                n=n,
                title=passage.title,
                heading=" › ".join(passage.heading_path),
                text=passage.text,
                prior=passage.prior,
                support=passage.support,
                validity=validity.describe(passage.force, on=on or versions.today(member)),
                around=widened.get(n, ""),
            )
            for n, passage in enumerate(passages, start=1)
        ),
    )


def vary(passages: Sequence[Passage]) -> list[Passage]:
    """Return the best passages, not more than a few of one document."""
    return [passage for passage, why_not in select(passages) if why_not is None]


def select(passages: Sequence[Passage]) -> list[tuple[Passage, WhyNot | None]]:
    """Return each of the passages, best first, with why the engine is not given it; None: it is."""
    told: list[tuple[Passage, WhyNot | None]] = []
    kept: dict[UUID, int] = {}
    for rank, passage in enumerate(passages):
        why_not = None
        if rank >= CONSIDERED:
            why_not = WhyNot.RANK
        elif kept.get(passage.document_id, 0) >= MOST_PER_DOCUMENT:
            why_not = WhyNot.DOCUMENT
        elif sum(kept.values()) >= PASSAGES:
            why_not = WhyNot.ROOM
        else:
            kept[passage.document_id] = kept.get(passage.document_id, 0) + 1
        told.append((passage, why_not))
    return told


def _must_stop(member: Member, message: Message) -> bool:
    with school_scope(member.school_id):
        asked = Message.objects.filter(pk=message.pk, stop_asked=True).exists()
    return asked or not still_admitted(member)


def check_citations(
    member: Member, text: str, passages: list[Passage], texts: dict[int, str]
) -> list[dict[str, Any]]:
    """Return the citations of an answer, each found in its source at its exact place, or marked as not found."""
    found: list[dict[str, Any]] = []
    for checked in mark_unsupported(parse_answer(text), texts):
        for citation in checked.citations:
            if not 1 <= citation.n <= len(passages):
                continue
            passage = passages[citation.n - 1]
            entry: dict[str, Any] = {
                "n": citation.n,
                "document_id": str(passage.document_id),
                "chunk_id": str(passage.chunk_id),
                "title": passage.title,
                "place": None,
                "block": None,
                "quote": citation.quote,
                "verified": citation.verified,
                "in_force": passage.force.is_in_force,
                "force_note": passage.force.note,
            }
            with school_scope(member.school_id):
                chunk = Chunk.objects.filter(pk=passage.chunk_id).first()
                if chunk is not None:
                    span = find(citation.quote, chunk.text) if citation.verified else None
                    start, end = span or (0, len(chunk.text))
                    if (where := place_in_chunk(chunk, start, end)) is not None:
                        entry["place"] = places.to_json(where.place)
                        entry["block"] = where.block_ordinal
            found.append(entry)
    return found


def _searched(member: Member, message: Message, passages: list[Passage]) -> dict[str, Any]:
    """Return what was searched; for an answer that found none, the sentences that came closest as well."""
    asked = message.collection_ids()
    names = [row.name for row in shelves.visible(member) if asked is None or row.pk in asked]
    return {
        "documents": library.count(member, collections=asked),
        "collections": names,
        "closest": _closest(member, message, passages) if message.status == AnswerStatus.REFUSED else [],
    }


def _set_aside(message: Message, found: Trace) -> list[dict[str, Any]]:
    """Return the documents that do not rule and would have answered as well, with what answered in their place."""
    cited = {each["document_id"] for each in message.citations}
    best = max((each.passage.prior for each in found.set_aside), default=0.0)
    named: dict[UUID, dict[str, Any]] = {}
    for each in found.set_aside:
        passage, instead = each.passage, each.instead
        if str(instead.document_id) in cited and passage.prior >= WORTH_NAMING * best:
            entry = {
                "document_id": str(passage.document_id),
                "title": passage.title,
                "why": each.why,
                "instead": {"document_id": str(instead.document_id), "title": instead.title},
            }
            named.setdefault(passage.document_id, entry)
    return list(named.values())


def _closest(member: Member, message: Message, passages: list[Passage]) -> list[dict[str, Any]]:
    """Return the best sentence of each of the best passages, with its place, for a person to judge."""
    given = [
        quoting.Passage(each.text, prior=each.prior, heading=each.title, support=each.support)
        for each in passages
    ]
    found: list[dict[str, Any]] = []
    for quote in quoting.quote(message.standalone_question, given, most=CLOSEST).quotes:
        passage = passages[quote.passage_index]
        with school_scope(member.school_id):
            chunk = Chunk.objects.filter(pk=passage.chunk_id).first()
            where = place_in_chunk(chunk, quote.start, quote.end) if chunk is not None else None
        if where is None:
            continue
        found.append(
            {
                "document_id": str(passage.document_id),
                "title": passage.title,
                "quote": " ".join(passage.text[quote.start : quote.end].split()),
                "place": places.to_json(where.place),
                "force_note": passage.force.note,
            }
        )
    return found


def _keep(member: Member, message: Message) -> None:
    message.finished_at = timezone.now()
    with school_scope(member.school_id):
        # The conversation may have been deleted meanwhile: then there is nothing to keep.
        Message.objects.filter(pk=message.pk).update(
            text=message.text,
            status=message.status,
            citations=message.citations,
            searched=message.searched,
            engine=message.engine,
            decision=message.decision,
            decision_id=message.decision_id,
            label=message.label,
            error_code=message.error_code,
            finished_at=message.finished_at,
        )
