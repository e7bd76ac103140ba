"""What rules answers first: a passage that does not rule steps back where one that does holds the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from documents.versions import Force, State, on_paper

# A newer version that speaks of the matter at all replaces the older one's words, however it puts them: share of the
# question's rare words that it must hold, of those that the older passage holds.
OF_THE_LINE = 0.5
# A document of another line must fit the question about as well, in words and in the reranker's eyes.
OF_ANOTHER = 0.9
OF_ANOTHER_PRIOR = 0.5


class Ruled(Protocol):
    """What is asked of a passage: see rag.retrieve.Passage."""

    @property
    def document_id(self) -> UUID: ...

    @property
    def title(self) -> str: ...

    @property
    def prior(self) -> float: ...

    @property
    def support(self) -> float | None: ...

    @property
    def force(self) -> Force: ...


P = TypeVar("P", bound=Ruled)


@dataclass(frozen=True, slots=True)
class SetAside(Generic[P]):
    """A passage that is not used, and the one that answers in its place."""

    passage: P
    instead: P

    @property
    def why(self) -> str:
        """Return why, in words for staff that go on a sentence."""
        instead, mine = self.instead.force, self.passage.force
        if instead.is_in_force and self.instead.document_id in mine.newer and instead.begins is not None:
            told = {"title": self.instead.title, "day": on_paper(instead.begins)}
            return _("rige «%(title)s» desde el %(day)s") % told
        match mine.state:
            case State.NOT_YET if mine.begins is None:
                return _("todavía no se terminó de leer; rige «%s»") % self.instead.title
            case State.NOT_YET:
                told = {"title": self.instead.title, "day": on_paper(mine.begins)}
                return _("recién rige desde el %(day)s; hasta entonces, «%(title)s»") % told
            case State.ENDED:
                told = {"title": self.instead.title, "day": on_paper(mine.last_day)}
                return _("dejó de regir el %(day)s; responde «%(title)s»") % told
        return _("lo reemplaza «%s»") % self.instead.title


def sort_out(passages: Sequence[P]) -> tuple[list[P], list[SetAside[P]]]:
    """Return the passages that may answer, and those that step back; both in the order given, best first."""
    kept: list[P] = []
    aside: list[SetAside[P]] = []
    for each in passages:
        rival = None if each.force.is_in_force else _rival(each, passages)
        if rival is None:
            kept.append(each)
        else:
            aside.append(SetAside(passage=each, instead=rival))
    return kept, aside


def describe(force: Force, *, on: date) -> str:
    """Return what an engine that writes is told of a source's force."""
    if force.is_in_force:
        begins = force.begins
        return _("vigente desde el %s") % on_paper(begins) if begins else ""
    return _("no rige al %(day)s: %(note)s") % {"day": on_paper(on), "note": force.note}


def _rival(passage: P, among: Sequence[P]) -> P | None:
    """Return the best passage that answers in this one's place: of its own line before others."""
    fit = [each for each in among if _beats(each, passage)]
    return next((each for each in fit if _are_kin(each, passage)), fit[0] if fit else None)


def _beats(rival: Ruled, passage: Ruled) -> bool:
    is_later = rival.document_id in passage.force.newer and rival.force.state != State.NOT_YET
    if rival.document_id == passage.document_id or not (rival.force.is_in_force or is_later):
        return False
    mine, theirs = passage.support or 0.0, rival.support or 0.0
    if _are_kin(rival, passage):
        return theirs > 0 and theirs >= OF_THE_LINE * mine
    return theirs >= OF_ANOTHER * mine and rival.prior >= OF_ANOTHER_PRIOR * passage.prior


def _are_kin(one: Ruled, other: Ruled) -> bool:
    return one.document_id in other.force.newer or other.document_id in one.force.newer
