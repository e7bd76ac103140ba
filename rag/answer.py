"""Answers: retrieve, let an engine write, check every citation against its source, keep what came of it."""

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from collections.abc import Collection as Some
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from engines import base, estimate, labels, router
from engines.answering import Answering
from engines.attempts import told_to_fall_back
from engines.base import ChatRequest
from engines.errands import Errand, Labelled, Purpose
from engines.spanish import fold
from rag import conversations, labelling, paid, prompts, proofs, rewriting
from rag.giving import (
    CONSIDERED,
    MOST_PER_DOCUMENT,
    PASSAGES,
    WhyNot,
    compose,
    fit,
    select,
    vary,
    would_answer,
)
from rag.models import AnswerStatus, Conversation, Message, PromptVersion
from rag.proofs import check_citations
from rag.retrieve import Passage, check_question, trace
from rag.steps import Asked, Cited, Decided, Done, Failed, Sources, Step, Token, Understood
from rag.store import StoreDown
from rag.turns import turn
from schools import scope
from schools.admission import Member
from schools.refusals import Refused
from schools.roles import RIGHTS, Can, Role
from schools.scope import school_scope

__all__ = [
    "CONSIDERED",
    "MOST_PER_DOCUMENT",
    "PASSAGES",
    "Asked",
    "Cited",
    "Decided",
    "Done",
    "Event",
    "Failed",
    "Sources",
    "Telling",
    "Token",
    "Understood",
    "WhyNot",
    "ask",
    "ask_whole",
    "check_citations",
    "compose",
    "select",
    "vary",
    "would_answer",
]

MOST_REASON_CHARS = 500
# When all who may answer fail by these, what is told is that nobody can, and why of each.
_PASSING = (base.Unavailable, base.BadAnswer, base.Misconfigured, base.OutOfFunds)

Event = Step


class Wishes(TypedDict, total=False):
    """What one may ask for beside the question.

    `at_date`: answer by what ruled on that day; today when none is given. `engine`: no other may answer. `is_private`:
    the question may not leave the school. `prompt_id`: the school's instruction, the default one when none is given;
    `prompt_values`: what stands for its variables.
    `standalone_question`: how a person wants the question understood.
    """

    collections: Some[UUID] | None
    at_date: date | None
    engine: str | None
    is_private: bool
    prompt_id: UUID | None
    prompt_values: Mapping[str, str]
    standalone_question: str | None


class Telling(Iterator[Step]):
    """An answer under way, step by step."""

    def __init__(self, member: Member, message: Message, *, engine: str | None, instructions: str) -> None:
        self._is_left = threading.Event()
        self._steps = _answer(_Task(member, message, engine, instructions, self._is_left.is_set))

    def __next__(self) -> Step:
        return next(self._steps)

    def interrupt(self) -> None:
        """End the answer soon, from any thread, also while its engine is silent; what was written is kept."""
        self._is_left.set()

    def close(self) -> None:
        """End the answer where it stands; what was written is kept."""
        self._is_left.set()
        self._steps.close()


@dataclass(slots=True)
class _Task:
    """One question on its way to its answer."""

    member: Member
    message: Message
    wish: str | None
    instructions: str
    is_left: Callable[[], bool]
    earlier: list[Message] = field(default_factory=list)  # what was said before, where the question needs it

    def is_wanted(self) -> bool:
        """Say whether somebody still waits for the answer."""
        return not self.is_left() and not _must_stop(self.member, self.message)

    def asked(self) -> list[Labelled]:
        """Return the question as it is searched, with what it was made of."""
        message = self.message
        texts = dict.fromkeys([message.question, message.standalone_question])
        part = labelling.of_question(self.member, "\n".join(texts), is_private=message.is_private)
        return [part, *labelling.of_history(self.member, self.earlier)]


def ask(member: Member, conversation_id: UUID, *, text: str, **wishes: Unpack[Wishes]) -> Telling:
    """Keep the question at once, then yield what happens until Done or Failed.

    Raises BadQuestion, NoSuchConversation, NoSuchPrompt or prompt_text.BadText before anything is kept.
    """
    question = check_question(text)
    understood = wishes.get("standalone_question")
    standalone = check_question(understood) if understood else ""
    conversation = conversations.get(member, conversation_id)
    prompt = prompts.chosen(member, wishes.get("prompt_id"))
    values = wishes.get("prompt_values", {})
    instructions = prompts.render(prompt, member, values) if prompt else ""
    message = _open(member, conversation, question, standalone, prompt, wishes)
    return Telling(member, message, engine=wishes.get("engine"), instructions=instructions)


def ask_whole(member: Member, conversation_id: UUID, *, text: str, **wishes: Unpack[Wishes]) -> Message:
    """Ask, and return the kept message when the answer is whole; raise what made it fail."""
    *_rest, last = ask(member, conversation_id, text=text, **wishes)
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
    standalone: str,
    prompt: PromptVersion | None,
    wishes: Wishes,
) -> Message:
    collections = wishes.get("collections")
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
            standalone_question=standalone or question,
            rewritten_by="person" if standalone and standalone != question else "",
            collections=asked,
            at_date=wishes.get("at_date"),
            is_private=wishes.get("is_private", False),
            prompt_version=prompt,
            prompt_values=dict(wishes.get("prompt_values", {})) if prompt else {},
        )


def _answer(task: _Task) -> Generator[Step, None, None]:
    member, message = task.member, task.message
    try:
        yield from _write(task)
    except (StoreDown, base.EngineError) as error:
        message.status, message.error_code = AnswerStatus.FAILED, error.code
        # What was written before the line broke is kept, for the person to see what it was worth.
        message.text = message.text or str(error)
        message.decision = message.decision | {"error": str(error)}
        message.decision_id = paid.decision_id(member, message) or message.decision_id
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


def _write(task: _Task) -> Generator[Step, None, None]:
    member, message = task.member, task.message
    yield Asked(message.pk)
    _understand(task)
    if message.rewritten_by:
        yield Understood(message.standalone_question, message.rewritten_by)
    with turn():
        asked = task.asked()
        found = trace(
            member,
            message.standalone_question,
            most=CONSIDERED,
            collections=message.collection_ids(),
            at_date=message.at_date,
            parts=asked,
            subject_id=message.pk,
        )
        passages = vary(found.passages)
        errand = _errand(task, asked, passages)
        message.label = errand.label
        request = replace(
            compose(member, message.standalone_question, passages, on=message.at_date),
            instructions=task.instructions,
            history=rewriting.turns(task.earlier) if message.rewritten_by != "person" else (),
        )
    request = fit(request, errand)
    answering = router.answer(request, errand, is_wanted=task.is_wanted)
    message.engine, message.decision_id = answering.engine, answering.decision_id
    yield Decided(
        message_id=message.pk,
        engine=answering.engine,
        reason=answering.reason,
        decision_id=answering.decision_id,
    )
    yield Sources(passages=tuple(passages))
    # Its words are collected apart: a text of many pieces that grows by each is copied as often.
    written: list[str] = []
    refusal, is_wanted = None, task.is_wanted()
    try:
        for piece in answering.pieces if passages and is_wanted else ():
            if isinstance(piece, base.Text):
                written.append(piece.text)
                yield Token(text=piece.text)
            refusal = piece if isinstance(piece, base.Refusal) else refusal
    except base.EngineError as error:
        if not written and answering.fallbacks and isinstance(error, _PASSING):
            raise _nobody(error, answering, errand, request) from error
        raise
    finally:
        answering.close()
        message.text = "".join(written)
        message.engine = answering.engine
        with turn():
            message.label = labels.strictest([errand.label, errand.fresh().label])
            message.decision = _told(member, message, answering, passages)
            message.citations = _cite(member, message, passages, request)
    for citation in message.citations:
        yield Cited(citation=citation)
    if answering.is_stopped or not is_wanted:
        message.status = AnswerStatus.STOPPED
    elif refusal or not message.text.strip():
        message.status = AnswerStatus.REFUSED
        if refusal and not answering.only_quotes:
            message.decision["refusal"] = refusal.reason[:MOST_REASON_CHARS]
    else:
        message.status = AnswerStatus.QUOTED if answering.only_quotes else AnswerStatus.ANSWERED
    message.searched = proofs.searched(member, message, passages, found)
    _keep(member, message)
    yield Done(message=message)


def _understand(task: _Task) -> None:
    """Make a follow-up stand alone, and remember what was said before where it needs that."""
    member, message = task.member, task.message
    if not rewriting.leans(message.question):
        return
    task.earlier = rewriting.history(member, message.conversation_id, before=message.pk)
    if message.rewritten_by or not task.earlier:
        return
    rewritten = rewriting.stand_alone(
        member,
        message,
        task.earlier,
        part=labelling.of_question(member, message.question, is_private=message.is_private),
        wish=task.wish,
        is_wanted=task.is_wanted,
    )
    message.standalone_question, message.rewritten_by = rewritten.text, rewritten.by
    with school_scope(member.school_id):
        Message.objects.filter(pk=message.pk).update(
            standalone_question=rewritten.text, rewritten_by=rewritten.by
        )


def _errand(task: _Task, asked: Sequence[Labelled], passages: Sequence[Passage]) -> Errand:
    member = task.member
    told = [prompts.part(task.instructions)] if task.instructions else []

    def parts(asked: Sequence[Labelled]) -> list[Labelled]:
        return [*asked, *told, *labelling.of_documents(member, [each.document_id for each in passages])]

    return Errand(
        school_id=member.school_id,
        user_id=member.user_id,
        purpose=Purpose.ANSWER,
        subject_id=task.message.pk,
        parts=tuple(parts(asked)),
        wish=task.wish,
        reread=lambda: parts(task.asked()),
    )


def _cite(
    member: Member, message: Message, passages: Sequence[Passage], request: ChatRequest
) -> list[dict[str, Any]]:
    texts = {source.n: source.text for source in request.sources}
    around = {source.n: source.around for source in request.sources if source.around}
    return check_citations(member, message.text, passages, texts, around)


def _nobody(
    error: base.EngineError, answering: Answering, errand: Errand, request: ChatRequest
) -> base.NoEngine:
    """Return that nobody answers, with why of each: of those that were tried, and of those that may not."""
    choice = router.explain(
        errand.fresh(),
        task="chat",
        tokens_in=estimate.of_request(request),
        tokens_out=request.max_tokens,
    )
    tried = {*answering.fallbacks, error.engine}
    others = [
        each for each in choice.refused if each.engine.name not in tried and "chat" in each.engine.tasks
    ]
    why = " ".join([str(error), *(f"«{each.engine.name}»: {each.reason}" for each in others[:5])])
    return base.NoEngine(
        _("Ningún motor puede responder ahora. %s") % why,
        engine=error.engine,
        is_passing=told_to_fall_back(error.failure),
    )


def _told(
    member: Member, message: Message, answering: Answering, passages: Sequence[Passage]
) -> dict[str, Any]:
    """Return what a message keeps of its decision: enough to show it without the books."""
    return {
        "engine": answering.engine,
        "model": paid.model(answering.engine),
        "runs": answering.runs,
        "region": paid.region(answering.engine),
        "reason": answering.reason,
        "label": message.label,
        "currency": answering.cost.currency,
        "is_partial": answering.is_partial,
        "is_cut": answering.is_cut,
        "fallbacks": list(answering.fallbacks),
        "sources": len(passages),
        **paid.of(member, message).to_json(),
    }


def _must_stop(member: Member, message: Message) -> bool:
    """Say whether a stop was asked for or the member's place is less than it was; asked often, so in one statement."""
    values = {
        "message": message.pk,
        "school": member.school_id,
        "user": member.user_id,
        "askers": _ASKERS,
        "shelves": None if member.collections is None else list(member.collections),
    }
    return bool(scope.run(member.school_id, _STOPS, values))


_ASKERS = [role.value for role in Role if Can.ASK in RIGHTS[role]]
# The second half is schools.admission.still_admitted.
_STOPS = """
SELECT 1 WHERE EXISTS (SELECT FROM rag_message
    WHERE school_id = %(school)s AND id = %(message)s AND stop_asked)
  OR NOT EXISTS (SELECT FROM schools_membership AS member
    JOIN schools_user AS person ON person.id = member.user_id
    JOIN schools_school AS school ON school.id = member.school_id
    WHERE member.school_id = %(school)s AND member.user_id = %(user)s
      AND member.is_active AND person.is_active AND school.is_active AND member.role = ANY(%(askers)s)
      AND (member.collections IS NULL OR %(shelves)s::uuid[] <@ member.collections))
"""


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
