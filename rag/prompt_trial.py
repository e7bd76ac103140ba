"""A prompt tried out: one question, searched once, answered with each of several versions. Nothing of it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from engines import amounts, base, router, words
from engines.answering import Answering, Cost
from engines.errands import Errand, Labelled, Purpose
from rag import labelling, prompts, shown
from rag.giving import CONSIDERED, compose, vary
from rag.models import AnswerStatus, Message, PromptVersion
from rag.proofs import check_citations
from rag.retrieve import Passage, check_question, trace
from schools.admission import Member, still_admitted
from schools.roles import Can


@dataclass(frozen=True, slots=True)
class Side:
    """What came of one version. `version` None: without any instruction; `error`: why there is no answer."""

    version: PromptVersion | None
    instructions: str
    turn: shown.Turn
    text: str = ""
    citations: tuple[dict[str, Any], ...] = ()  # as models.Message keeps them
    engine: str = ""
    reason: str = ""
    cost: Cost | None = None
    only_quotes: bool = False
    is_cut: bool = False
    error: str = ""

    @property
    def engine_label(self) -> str:
        """Return who answered, as staff call it."""
        return words.engine(self.engine)

    @property
    def cost_label(self) -> str:
        """Return what it cost, in words."""
        if self.cost is None or not self.cost.amount_u:
            return _("sin costo")
        return amounts.say(self.cost.amount_u, self.cost.currency)


@dataclass(frozen=True, slots=True)
class Trial:
    """One question with each of the versions, in the order asked for."""

    question: str
    sources: tuple[Passage, ...]
    sides: tuple[Side, ...]


def run(member: Member, question: str, versions: Sequence[PromptVersion | None]) -> Trial:
    """Return what is answered with each of the versions.

    Each is an errand of its own, with its cost in the books. Raises BadQuestion, store.StoreDown, or Http404 where the
    member was sent away meanwhile.
    """
    question = check_question(question)
    asked = labelling.of_question(member, question)
    found = trace(member, question, most=CONSIDERED, parts=(asked,))
    passages = vary(found.passages)
    request = compose(member, question, passages)
    sides = [_answer(member, request, passages, version) for version in versions]
    return Trial(question, tuple(passages), tuple(sides))


def _answer(
    member: Member,
    request: base.ChatRequest,
    passages: list[Passage],
    version: PromptVersion | None,
) -> Side:
    instructions = prompts.render(version, member) if version else ""

    def parts() -> list[Labelled]:
        shown_too = [prompts.part(instructions)] if version else []
        sources = labelling.of_documents(member, [each.document_id for each in passages])
        return [labelling.of_question(member, request.question), *shown_too, *sources]

    errand = Errand(
        school_id=member.school_id,
        user_id=member.user_id,
        purpose=Purpose.TRY_OUT,
        parts=tuple(parts()),
        subject_id=version.pk if version else None,
        reread=parts,
    )
    # Never saved: the frame in which answers are checked and shown.
    message = Message(school_id=member.school_id, question=request.question, created_at=timezone.now())
    if not passages:
        message.status = AnswerStatus.REFUSED
        return Side(version, instructions, shown.answer(member, message))
    try:
        answering = router.answer(
            replace(request, instructions=instructions), errand, is_wanted=lambda: _stands(member)
        )
    except base.EngineError as error:
        message.status = AnswerStatus.FAILED
        return Side(version, instructions, shown.answer(member, message), error=str(error))
    failure, refused = "", False
    try:
        for piece in answering.pieces:
            if isinstance(piece, base.Text):
                message.text += piece.text
            refused = refused or isinstance(piece, base.Refusal)
    except base.EngineError as error:
        failure = str(error)
    finally:
        answering.close()
    if answering.is_stopped or not _stands(member):
        raise Http404
    texts = {source.n: source.text for source in request.sources}
    around = {source.n: source.around for source in request.sources if source.around}
    message.citations = check_citations(member, message.text, passages, texts, around)
    message.status = _status(message, answering, failure=failure, refused=refused)
    return Side(
        version,
        instructions,
        shown.answer(member, message),
        text=message.text,
        citations=tuple(message.citations),
        engine=answering.engine,
        reason=answering.reason,
        cost=answering.cost,
        only_quotes=answering.only_quotes,
        is_cut=answering.is_cut,
        error=failure,
    )


def _stands(member: Member) -> bool:
    return still_admitted(member, Can.WRITE_PROMPTS)


def _status(message: Message, answering: Answering, *, failure: str, refused: bool) -> AnswerStatus:
    if failure:
        return AnswerStatus.FAILED
    if refused or not message.text.strip():
        return AnswerStatus.REFUSED
    return AnswerStatus.QUOTED if answering.only_quotes else AnswerStatus.ANSWERED
