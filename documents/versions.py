"""Which documents rule on a day: by their own dates, and by the newer ones that replace them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from schools.admission import Member

_DAY = timedelta(days=1)


class State(models.TextChoices):
    """Whether a document rules on a day."""

    IN_FORCE = "in_force", lazy("Vigente")
    NOT_YET = "not_yet", lazy("Aún no rige")
    ENDED = "ended", lazy("Vencido")
    REPLACED = "replaced", lazy("Reemplazado")


@dataclass(frozen=True, slots=True)
class Version:
    """What decides the force of a document, and of those it replaces."""

    id: UUID
    title: str  # empty: this member may not know it
    supersedes_id: UUID | None
    valid_from: date | None
    valid_until: date | None
    created_on: date  # by the school's calendar
    counts: bool  # it was read, in part at least

    @property
    def begins(self) -> date | None:
        """Return the first day it rules; None: always did. A newer version begins when it came, unless it says."""
        return self.valid_from or (self.created_on if self.supersedes_id else None)

    @property
    def name(self) -> str:
        """Return what to call it."""
        return f"«{self.title}»" if self.title else _("otro documento")


@dataclass(frozen=True, slots=True)
class Force:
    """Whether a document rules on a day, since when, until when, and what replaced it."""

    state: State
    begins: date | None = None  # the first day; None: not known, or it is not ready yet
    last_day: date | None = None  # None: no end in sight
    by: Version | None = None  # what rules instead, of a replaced one
    newer: frozenset[UUID] = frozenset()  # all that came after it

    @property
    def is_in_force(self) -> bool:
        """Say whether it rules."""
        return self.state == State.IN_FORCE

    @property
    def note(self) -> str:
        """Return what a reader must be told; nothing of what rules."""
        match self.state:
            case State.NOT_YET if self.begins is None:
                return _("Todavía no rige: falta terminar de leerlo.")
            case State.NOT_YET:
                return _("Todavía no rige: empieza el %s.") % on_paper(self.begins)
            case State.ENDED:
                return _("Dejó de regir el %s.") % on_paper(self.last_day)
            case State.REPLACED if self.by is not None:
                if self.last_day is None or (self.begins is not None and self.last_day < self.begins):
                    return _("No rige: lo reemplaza %s.") % self.by.name
                told = {"day": on_paper(self.last_day), "name": self.by.name}
                return _("Dejó de regir el %(day)s; lo reemplaza %(name)s.") % told
        return ""


RULES = Force(State.IN_FORCE)  # without dates or other versions


def force(version: Version, newer: Iterable[Version], *, on: date) -> Force:
    """Return whether a document rules on a day; `newer`: all that came after it, directly or not.

    Days are inclusive. A newer one counts from its first day on, once it was read; that it ends later brings nothing
    back. Of several, the one that still rules replaces, the latest of them.
    """
    after = [each for each in newer if each.id != version.id]
    counting = [(each.begins, each) for each in after if each.counts and each.begins is not None]
    ends = [begins - _DAY for begins, _each in counting if begins > date.min]
    if version.valid_until is not None:
        ends.append(version.valid_until)
    begun = [each for begins, each in counting if begins <= on]
    waits = version.supersedes_id is not None and not version.counts
    if begun:
        state = State.REPLACED
    elif waits:
        state = State.NOT_YET
    else:
        state = by_days(version.begins, version.valid_until, on=on).state
    return Force(
        state=state,
        begins=None if waits else version.begins,
        last_day=min(ends, default=None),
        by=_ruling(begun, on=on) if begun else None,
        newer=frozenset(each.id for each in after),
    )


def by_days(first: date | None, last: date | None, *, on: date) -> Force:
    """Return whether a document without other versions rules on a day."""
    if first is not None and on < first:
        return Force(State.NOT_YET, begins=first, last_day=last)
    if last is not None and last < on:
        return Force(State.ENDED, begins=first, last_day=last)
    return Force(State.IN_FORCE, begins=first, last_day=last)


def after(versions: Iterable[Version]) -> dict[UUID, list[Version]]:
    """Return, for each document that was replaced, all that came after it, directly or not; a circle is walked once."""
    by_older: dict[UUID, list[Version]] = {}
    for each in versions:
        if each.supersedes_id is not None:
            by_older.setdefault(each.supersedes_id, []).append(each)
    return {older: _walk(older, by_older) for older in by_older}


def _walk(start: UUID, by_older: Mapping[UUID, Sequence[Version]]) -> list[Version]:
    found: dict[UUID, Version] = {}
    steps = [start]
    while steps:
        for each in by_older.get(steps.pop(), ()):
            if each.id != start and each.id not in found:
                found[each.id] = each
                steps.append(each.id)
    return list(found.values())


def today(member: Member) -> date:
    """Return the day it is at the school."""
    return day_of(timezone.now(), member)


def on_paper(day: date | None) -> str:
    """Return a day as staff write it."""
    return f"{day:%d/%m/%Y}" if day else ""


def _ruling(begun: Sequence[Version], *, on: date) -> Version:
    passed = {each.supersedes_id for each in begun}
    tips = [each for each in begun if each.id not in passed] or begun
    return max(
        tips,
        key=lambda each: (
            each.valid_until is None or on <= each.valid_until,
            each.begins or date.min,
            each.id,
        ),
    )


def day_of(moment: datetime, member: Member) -> date:
    return moment.astimezone(ZoneInfo(member.time_zone)).date()
