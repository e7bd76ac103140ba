"""What an engine is given to answer from: which of the passages, and what it is told about each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from documents import versions
from engines import config, estimate, router
from engines.base import ChatRequest, Source
from engines.errands import Errand, Purpose
from engines.routing import QUOTING, Candidate, Why
from rag import labelling, validity
from rag.retrieve import Passage
from rag.widen import widen
from schools.admission import Member

PASSAGES = 10
CONSIDERED = PASSAGES * 4
# One document may not crowd out the others.
MOST_PER_DOCUMENT = 6


class WhyNot(StrEnum):
    """Why the engine is not given a passage that was found."""

    RANK = "rank"  # not among those considered
    DOCUMENT = "document"  # there are enough of its document
    ROOM = "room"  # there are enough better ones


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


def fit(request: ChatRequest, errand: Errand) -> ChatRequest:
    """Return the request so that an engine that writes can take it: with less about each passage where it must be.

    Of an engine with room for little, a shorter neighbourhood is worth more than no answer of its own.
    """
    writers = [each for each in config.load().engines if "chat" in each.tasks and each.provider != QUOTING]
    room = min((each.context_tokens for each in writers), default=0)
    for most in (len(request.sources), 3, 1, 0):
        smaller = replace(request, sources=tuple(_near(each, most) for each in request.sources))
        tokens_in = estimate.of_request(smaller)
        if tokens_in + request.max_tokens <= room or not writers:
            return smaller
        choice = router.explain(errand, task="chat", tokens_in=tokens_in, tokens_out=request.max_tokens)
        is_long = any({Why.TOO_LONG} == {reason.code for reason in each.reasons} for each in choice.refused)
        if not is_long or (choice.candidates and choice.candidates[0].engine.provider != QUOTING):
            return smaller
    return smaller


def _near(source: Source, most: int) -> Source:
    """Return a source with what stands about it, if it is among the first so many."""
    return source if source.n <= most else replace(source, around="")


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
