"""The school's planillas as a member sees them: listed, opened, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from engines.spanish import fold
from pipeline import runs
from pipeline.runs import Progress
from planillas import columns, hidden
from planillas.columns import Column
from planillas.models import Planilla, Row, Source
from schools.admission import Member
from schools.refusals import Refused
from schools.roles import Can
from schools.scope import school_scope

RUNS = ("planilla", "refilling")  # keys of settings.PIPELINES


class NoSuchPlanilla(Refused):
    """There is none of that id, or it was made from what the member may not see."""

    code = "not_found"
    status = 404


class NotYours(Refused):
    """Only whoever made the planilla, or whoever approves planillas, may change it."""

    code = "forbidden"
    status = 403


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows a planilla has, and how many cells are how."""

    rows: int
    found: int
    edited: int
    conflict: int
    stale: int
    invalid: int
    no_evidence: int

    @property
    def to_look_at(self) -> int:
        """Return how many cells ask for a person's decision."""
        return self.conflict + self.stale + self.invalid


@dataclass(frozen=True, slots=True)
class Entry:
    """A planilla, how far its filling is, and what the member may do with it."""

    planilla: Planilla
    progress: Progress | None
    may_change: bool
    may_approve: bool
    counts: Counts

    @property
    def id(self) -> UUID:
        """Return the planilla's id."""
        return self.planilla.pk

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return its columns."""
        return columns.from_json(self.planilla.columns)


def visible(member: Member) -> QuerySet[Planilla]:
    """Return the planillas that the member may know of. Inside a scope.

    One that was made from a document of a collection that the member may not see is not theirs to see either: neither
    where the document stands now, nor where it stood when it was read.
    """
    rows = Planilla.objects.filter(deleted_at=None)
    if member.collections is None:
        return rows
    read = Source.objects.filter(planilla=OuterRef("pk"))
    return rows.exclude(hidden.was_read(read, list(member.collections)))


def search(
    member: Member,
    *,
    query: str = "",
    state: str = "",
    before: UUID | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Return planillas, newest first: those older than `before`, or those just newer than `after`."""
    with school_scope(member.school_id):
        rows = visible(member).select_related("template", "created_by")
        for word in fold(query.replace("\0", "")).split():
            rows = rows.filter(title_folded__contains=word)
        rows = rows.filter(state=state) if state else rows
        if after is not None:
            found = list(rows.filter(pk__gt=after).order_by("pk")[:limit])[::-1]
        else:
            rows = rows.filter(pk__lt=before) if before else rows
            found = list(rows.order_by("-pk")[:limit])
        return _entries(member, found)


def get(member: Member, planilla_id: UUID) -> Entry:
    """Return a planilla; raise NoSuchPlanilla."""
    with school_scope(member.school_id):
        return get_within(member, planilla_id)


def get_within(member: Member, planilla_id: UUID, *, lock: bool = False) -> Entry:
    """Return a planilla, inside a scope; `lock`: until the scope ends nobody else changes it."""
    rows = visible(member).filter(pk=planilla_id)
    # The lock is taken on the row alone: it cannot be had together with what the row may lack.
    row = rows.select_for_update(of=("self",)).first() if lock else rows.first()
    if row is None:
        raise NoSuchPlanilla(_("No existe esa planilla."))
    return _entries(member, [row])[0]


def may_change(member: Member, planilla_id: UUID) -> bool | None:
    """Say whether a member may change a planilla; None where it is not there for them."""
    try:
        return get(member, planilla_id).may_change
    except NoSuchPlanilla:
        return None


def sources(member: Member, planilla_id: UUID) -> list[Source]:
    """Return what a planilla is filled from, in order; raise NoSuchPlanilla."""
    with school_scope(member.school_id):
        entry = get_within(member, planilla_id)
        return list(Source.objects.filter(planilla=entry.planilla).order_by("ordinal"))


def changeable(member: Member, planilla_id: UUID) -> Entry:
    """Return a planilla locked to be changed, inside a scope; raise NoSuchPlanilla or NotYours."""
    entry = get_within(member, planilla_id, lock=True)
    check_may_change(entry)
    return entry


def delete(member: Member, planilla_id: UUID) -> None:
    """Take a planilla away: hidden at once, its rows and files follow; raise NoSuchPlanilla or NotYours."""
    with school_scope(member.school_id):
        check_may_change(get_within(member, planilla_id))
        # The run before the planilla, as the pipeline locks them: in another order two could wait for each other.
        runs.cancel_all(planilla_id)
        Planilla.objects.filter(pk=planilla_id).update(deleted_at=timezone.now())
        runs.start("planilla_removal", planilla_id)


def check_may_change(entry: Entry) -> None:
    """Raise NotYours where the member may not change the planilla."""
    if not entry.may_change:
        raise NotYours(_("Solo quien hizo la planilla, o quien puede aprobarla, la puede cambiar."))


def _entries(member: Member, found: Sequence[Planilla]) -> list[Entry]:
    ids = [row.pk for row in found]
    progress = runs.progress_of(RUNS, ids)
    counts = _counts(found)
    approves = member.may(Can.APPROVE)
    return [
        Entry(
            planilla=row,
            progress=progress.get(row.pk),
            may_change=member.may(Can.FILL) and (approves or row.created_by_id == member.user_id),
            may_approve=approves,
            counts=counts[row.pk],
        )
        for row in found
    ]


def _counts(found: Sequence[Planilla]) -> dict[UUID, Counts]:
    names = ("found", "edited", "conflict", "stale", "invalid")
    told = (
        Row.objects.filter(planilla_id__in=[row.pk for row in found], deleted_at=None)
        .values("planilla_id")
        .annotate(rows=Count("pk"), **{f"of_{name}": Sum(name) for name in names})
    )
    by_id = {each["planilla_id"]: cast(dict[str, int], each) for each in told}
    made: dict[UUID, Counts] = {}
    for planilla in found:
        each = by_id.get(planilla.pk, {})
        of = {name: each.get(f"of_{name}", 0) for name in names}
        cells = each.get("rows", 0) * len(planilla.columns)
        made[planilla.pk] = Counts(rows=each.get("rows", 0), **of, no_evidence=cells - sum(of.values()))
    return made
