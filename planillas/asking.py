"""Calls to engines that write, for a planilla: who may see what, one answer read as JSON, and why it ends early."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from documents.models import Document
from documents.personal_data import label_of_question
from engines import base, estimate, labels, router, rules
from engines.base import BadAnswer, ChatRequest, Declined, EngineError, NoEngine, TooLong
from engines.errands import Errand, Labelled, Purpose
from engines.labels import Label
from engines.routing import QUOTING, Choice, Why
from rag import labelling
from schools.ids import SchoolId, UserId
from schools.scope import school_scope

# Of a usual question, to ask who may be asked at all.
USUAL_TOKENS, USUAL_TOKENS_OUT = 1_000, 500


class Unusable(Exception):
    """What an engine answered is of no use; asked for less, it may be."""


class Stopped(Exception):
    """No engine that writes can go on; `told`: why, for staff. `is_passing`: one may later, as things are."""

    def __init__(self, told: str, *, is_passing: bool) -> None:
        super().__init__(told)
        self.told = told
        self.is_passing = is_passing


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine said, and which."""

    content: Mapping[str, Any]
    engine: str


@dataclass(frozen=True, slots=True)
class Desk:
    """For whom it is asked. `typed`: all that people wrote of the planilla, which an engine would see as well."""

    school_id: SchoolId
    planilla_id: UUID
    user_id: UserId | None
    typed: str

    def errand(self, document_ids: Collection[UUID], *, typed: str = "") -> Errand:
        """Return the errand that shows an engine words of these documents, and what people wrote."""

        def parts() -> list[Labelled]:
            return [*_of_documents(self.school_id, document_ids), self._of_typed(typed)]

        return self._errand(parts(), reread=parts)

    def may_see(self, label: Label) -> Choice:
        """Return the decision on a usual question about a document of a label; nobody is called."""
        errand = self._errand([Labelled(_("las fuentes"), label), self._of_typed("")])
        return router.explain(errand, task="chat", tokens_in=USUAL_TOKENS, tokens_out=USUAL_TOKENS_OUT)

    def _of_typed(self, more: str) -> Labelled:
        usual = rules.policy(self.school_id).question_label
        return Labelled(_("lo escrito en la planilla"), label_of_question(f"{self.typed}\n{more}", usual))

    def _errand(
        self, parts: Sequence[Labelled], *, reread: Callable[[], Sequence[Labelled]] | None = None
    ) -> Errand:
        return Errand(
            school_id=self.school_id,
            purpose=Purpose.FILL,
            subject_id=self.planilla_id,
            user_id=self.user_id,
            parts=tuple(parts),
            reread=reread,
        )


def ask(request: ChatRequest, errand: Errand, *, is_wanted: Callable[[], bool] = lambda: True) -> Answer:
    """Return what an engine that writes answers; raise Unusable, or Stopped where none may do it or goes on.

    `is_wanted`: as router.answer asks it; what is not wanted is Unusable.
    """
    tokens_in = estimate.of_request(request)
    choice = router.explain(errand, task="chat", tokens_in=tokens_in, tokens_out=request.max_tokens)
    if not writers(choice):
        if not is_too_long(choice):
            raise Stopped(why_not(choice), is_passing=choice.may_pass)
        raise Unusable("too long")
    try:
        return _answered(request, errand, is_wanted)
    except (BadAnswer, TooLong, Declined) as error:
        raise Unusable(str(error)) from error
    except EngineError as error:
        is_passing = isinstance(error, base.Unavailable) or (isinstance(error, NoEngine) and error.is_passing)
        raise Stopped(error.detail, is_passing=is_passing) from error


def writers(choice: Choice) -> list[str]:
    """Return the engines that write and may do it now."""
    return [each.engine.name for each in choice.candidates if each.engine.provider != QUOTING]


def why_not(choice: Choice) -> str:
    """Return why no engine that writes may do it, in words for staff."""
    told = [
        each for each in choice.refused if "chat" in each.engine.tasks and each.engine.provider != QUOTING
    ]
    if not told:
        return _("La instalación no tiene un motor que redacte.")
    return " ".join(f"«{each.engine.name}»: {each.reason}" for each in told[:4])


def is_too_long(choice: Choice) -> bool:
    """Say whether only the length of the text keeps an engine that writes from doing it."""
    return any({reason.code for reason in each.reasons} == {Why.TOO_LONG} for each in choice.refused)


def _answered(request: ChatRequest, errand: Errand, is_wanted: Callable[[], bool]) -> Answer:
    answering = router.answer(request, errand, is_wanted=is_wanted)
    written: list[str] = []
    try:
        for piece in answering.pieces:
            if answering.only_quotes or isinstance(piece, base.Refusal):
                # Whoever writes failed, and what only quotes was asked in its place.
                raise Unusable("no engine that writes answered")
            if isinstance(piece, base.Text):
                written.append(piece.text)
    finally:
        answering.close()
    if answering.is_cut or answering.is_stopped:
        raise Unusable("cut off")
    return Answer(_read("".join(written)), answering.engine)


def _read(text: str) -> dict[str, Any]:
    """Return the JSON object of an answer, which some engines put into a fence."""
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError) as error:
        raise Unusable("no JSON") from error
    if not isinstance(found, dict):
        raise Unusable("no JSON")
    return found


def _of_documents(school_id: SchoolId, document_ids: Collection[UUID]) -> list[Labelled]:
    """Return documents with their labels as they are now; one that is gone meanwhile counts as confidential."""
    with school_scope(school_id):
        rows = Document.objects.filter(pk__in=document_ids, deleted_at=None).order_by("title")
        found = [labelling.of_document(*each) for each in rows.values_list("title", "sensitivity")]
    if len(found) < len(set(document_ids)):
        found.append(Labelled(_("un documento que ya no está"), labels.Label.CONFIDENTIAL))
    return found
