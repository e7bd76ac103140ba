"""Background work as a member sees it: a run is visible when what it is about is: a document, a planilla, a report."""

import time
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from documents import library, work
from documents.collections import NoSuchDocument
from pipeline import runs
from pipeline.models import ENDS
from pipeline.runs import Progress
from schools import scope
from schools.admission import Member, readmit
from schools.events import in_thread, rest
from schools.ids import RunId
from schools.refusals import Refused
from schools.scope import school_scope

TICK_S = 0.7


class NoSuchRun(Refused):
    """No such run, or one of a document that the member may not see."""

    code = "not_found"
    status = 404


class NotCancellable(Refused):
    """Work of the house itself, which must come to its end."""

    code = "not_cancellable"
    status = 409


def get(member: Member, run_id: UUID) -> Progress:
    """Return a run; raise NoSuchRun."""
    with school_scope(member.school_id):
        run = runs.get(RunId(run_id))
    if run is None:
        raise NoSuchRun(_("El trabajo no existe."))
    if _may_change(member, run) is None:
        raise NoSuchRun(_("El trabajo no existe."))
    return run


def cancel(member: Member, run_id: UUID) -> Progress:
    """Stop a run and return it; one that has ended stays as it is. Raises NoSuchRun, NotCancellable or NotYours."""
    run = get(member, run_id)
    if not _may_change(member, run):
        raise library.NotYours(
            _("Solo quien empezó este trabajo, o quien administra lo que se hace en él, puede hacer esto.")
        )
    if run.kind not in settings.RUNS_TO_CANCEL:
        raise NotCancellable(_("Este trabajo interno no se puede cancelar."))
    runs.cancel(member.school_id, RunId(run_id))
    return get(member, run_id)


def of_document(member: Member, subject_id: UUID) -> bool | None:
    """Say whether a member may change the document that a run is about; None where it is not there for them."""
    try:
        return library.get(member, subject_id).may_change
    except NoSuchDocument:
        return None


def _may_change(member: Member, run: Progress) -> bool | None:
    seen_by: str = settings.RUNS_SEEN_BY.get(run.kind, "documents.watching.of_document")
    told: bool | None = import_string(seen_by)(member, run.subject_id)
    return told


def has_news(member: Member, since: datetime) -> bool | None:
    """Say whether any document of the school is at work, or came to its end since; None: the member was sent away.

    What an open page asks every other second, mostly for nothing: so it is one statement, in one round trip.
    """
    values = {"school": member.school_id, "user": member.user_id, "kinds": list(work.KINDS), "since": since}
    [(is_admitted, is_news)] = scope.run(member.school_id, _NEWS, values)
    return bool(is_news) if is_admitted else None


# Who is admitted: as schools.admission.still_admitted has it.
_NEWS = """
SELECT
  EXISTS (
    SELECT FROM schools_membership AS place
    JOIN schools_school AS school ON school.id = place.school_id AND school.is_active
    JOIN schools_user AS person ON person.id = place.user_id AND person.is_active
    WHERE place.school_id = %(school)s AND place.user_id = %(user)s AND place.is_active
  ),
  EXISTS (
    SELECT FROM documents_document
    WHERE school_id = %(school)s AND status IN ('queued', 'processing') AND deleted_at IS NULL
  ) OR EXISTS (
    SELECT FROM pipeline_run
    WHERE school_id = %(school)s AND kind = ANY(%(kinds)s) AND finished_at >= %(since)s
  )
"""


async def follow(member: Member, run: Progress) -> AsyncIterator[Progress]:
    """Yield a run now, at each change, and last at its end; stop when the member may no longer see it."""
    yield run
    began = time.monotonic()
    while run.state not in ENDS:
        await rest(TICK_S, since=began)
        began = time.monotonic()
        now = await in_thread(_look, member, run.run_id)
        if now is None:
            return
        if now != run:
            run = now
            yield run


def _look(member: Member, run_id: RunId) -> Progress | None:
    now = readmit(member)
    if now is None:
        return None
    try:
        return get(now, run_id)
    except NoSuchRun:
        return None
