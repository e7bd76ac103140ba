"""One section of a report: its passages out of the report's own sources, an engine's words, every citation checked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from engines import base, router
from engines.answering import Answering
from engines.base import ChatRequest
from engines.errands import Errand, Labelled, Purpose
from engines.routing import QUOTING, Why
from planillas import draft_prompt, draft_quotes, notes
from planillas.models import Report, Section, SectionState
from planillas.notes import Note, Noted
from rag import giving, labelling, prompts, proofs
from rag.retrieve import Passage, trace
from schools.admission import Member

_MOST_REASON_CHARS = 500


@dataclass(frozen=True, slots=True)
class Source:
    """A document that the report is written from."""

    id: UUID
    title: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a section became. `told`: as models.Section keeps it."""

    state: str
    text: str = ""
    notes: tuple[Note, ...] = ()
    told: dict[str, Any] = field(default_factory=dict)
    decision_id: UUID | None = None


class WritersBusy(Exception):
    """An engine that writes may do this, and cannot now."""


@dataclass(frozen=True, slots=True)
class Task:
    """A section to be written. `may_wait`: rather than quote while the engines that write are busy."""

    member: Member
    report: Report
    section: Section
    sources: Mapping[UUID, Source]
    may_wait: bool
    is_wanted: Callable[[], bool]


def write(task: Task) -> Drafted:
    """Return the section as drafted; nothing is kept.

    Raises WritersBusy, an EngineError or store.StoreDown.
    """
    question = draft_prompt.question(task.section)
    found = trace(
        task.member,
        question,
        most=giving.CONSIDERED,
        documents=frozenset(task.sources),
        parts=_asked(task, question),
        subject_id=task.report.pk,
    )
    passages = giving.vary(found.passages)
    if not passages:
        return _empty(task, "")
    errand = _errand(task, question)
    request = replace(
        giving.compose(task.member, question, passages),
        instructions=draft_prompt.instructions(task.report, task.section),
        max_tokens=draft_prompt.most_tokens(task.section),
    )
    request = giving.fit(request, errand)
    answering = router.answer(request, errand, is_wanted=task.is_wanted)
    written, refusal = _read(answering)
    facts = _facts(answering)
    if answering.only_quotes:
        if task.may_wait and _may_write_later(answering, request, errand):
            raise WritersBusy
        return _quoted(task, question, passages, facts, answering.decision_id)
    if refusal or not written.strip():
        return replace(_empty(task, refusal), decision_id=answering.decision_id)
    noted = _check(task, written, passages, request)
    return Drafted(
        SectionState.DRAFTED,
        noted.text,
        noted.notes,
        {**facts, "unsupported": list(noted.unsupported), "is_cut": answering.is_cut},
        answering.decision_id,
    )


def _read(answering: Answering) -> tuple[str, str]:
    """Return what was written, and why nothing was."""
    written: list[str] = []
    refusal = ""
    try:
        for piece in answering.pieces:
            if isinstance(piece, base.Text):
                written.append(piece.text)
            elif isinstance(piece, base.Refusal):
                refusal = piece.reason[:_MOST_REASON_CHARS] or _("Las fuentes no lo dicen.")
    finally:
        answering.close()
    return "".join(written), refusal


def _quoted(
    task: Task, question: str, passages: Sequence[Passage], facts: dict[str, Any], decision_id: UUID
) -> Drafted:
    text = draft_quotes.of(task.section.title, task.section.prompt, passages, words=task.section.words)
    if not text:
        return replace(_empty(task, ""), decision_id=decision_id)
    noted = _check(task, text, passages, giving.compose(task.member, question, passages))
    reason = _(
        "Sin un motor que redacte: son palabras textuales de las fuentes, para ordenar y completar a mano."
    )
    return Drafted(SectionState.QUOTED, noted.text, noted.notes, {**facts, "reason": reason}, decision_id)


def _check(task: Task, text: str, passages: Sequence[Passage], request: ChatRequest) -> Noted:
    """Return the text with each of its citations found in its source, or marked as not found."""
    texts = {source.n: source.text for source in request.sources}
    around = {source.n: source.around for source in request.sources if source.around}
    cited = proofs.check_citations(task.member, text, passages, texts, around)
    told = [{**each, "sha256": task.sources[UUID(each["document_id"])].sha256} for each in cited]
    return notes.settle(text, told, of=range(1, len(passages) + 1))


def _empty(task: Task, why: str) -> Drafted:
    """Return a section without evidence, with what was searched."""
    titles = [each.title for each in task.sources.values()]
    told = {"searched": len(titles), "titles": titles[:5], "reason": why}
    return Drafted(SectionState.EMPTY, told=told)


def _facts(answering: Answering) -> dict[str, Any]:
    return {
        "engine": answering.engine,
        "runs": answering.runs,
        "cost_u": answering.cost.amount_u,
        "currency": answering.cost.currency,
        "chosen": answering.reason,
    }


def _asked(task: Task, question: str) -> list[Labelled]:
    return [labelling.of_question(task.member, question)]


def _errand(task: Task, question: str) -> Errand:
    """Return what is asked of the router: every source counts, whichever of them the passages are from."""
    told = draft_prompt.instructions(task.report, task.section)

    def parts() -> list[Labelled]:
        return [
            *_asked(task, question),
            prompts.part(told),
            *labelling.of_documents(task.member, task.sources),
        ]

    return Errand(
        school_id=task.member.school_id,
        user_id=task.member.user_id,
        purpose=Purpose.DRAFT,
        subject_id=task.report.pk,
        parts=tuple(parts()),
        reread=parts,
    )


def _may_write_later(answering: Answering, request: ChatRequest, errand: Errand) -> bool:
    """Say whether an engine that writes was tried and failed, or rests, and nothing else is in its way."""
    if answering.fallbacks:
        return True
    choice = router.explain(errand.fresh(), task="chat", tokens_out=request.max_tokens)
    return any(
        each.engine.provider != QUOTING and {reason.code for reason in each.reasons} <= {Why.RESTING, Why.OFF}
        for each in choice.refused
        if "chat" in each.engine.tasks
    )
