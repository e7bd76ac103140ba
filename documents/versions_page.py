"""The versions of a document on its page: their history, a new one, and the banner of one that no longer rules."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from documents import collections, library, shown, succession, uploads, versions, work
from documents.forms import NewVersion
from documents.library import Entry
from documents.models import Sensitivity
from documents.versions import Force, State, Version
from schools.admission import Member, SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can
from schools.scope import school_scope


@dataclass(frozen=True, slots=True)
class Kept:
    """One version in the history."""

    document: shown.Row | None  # None: the member may not see it
    force: Force
    begins: date | None
    created_at: datetime | None
    is_this: bool
    is_newer: bool  # than the one whose page this is


@dataclass(frozen=True, slots=True)
class Banner:
    """What a reader of a document that does not rule must be told, and where to read what does."""

    state: State
    note: str
    begins: date | None = None  # of what rules instead
    instead_id: UUID | None = None
    instead_title: str = ""


def context(member: Member, entry: Entry) -> dict[str, Any]:
    """Return what documents/parts/versions.html asks for."""
    history = _history(member, entry)
    form = NewVersion(initial={"title": entry.document.title, "valid_from": versions.today(member)})
    return {
        "history": history,
        "banner": banner(member, entry),
        "newest": next((each for each in history if each.is_newer), None),
        # A line does not fork: what follows an older version is put behind the newest. What was said at a meeting
        # is not said anew: a recording is corrected on its own page.
        "form": form
        if entry.may_change and not entry.force.newer and not work.is_recording(entry.document)
        else None,
    }


def banner(member: Member, entry: Entry) -> Banner | None:
    """Return what documents/parts/force.html tells of a document; None for one that rules."""
    force = entry.force
    if force.is_in_force:
        return None
    by = force.by
    if by is None or not by.title:
        return Banner(state=force.state, note=force.note)
    return Banner(
        state=force.state, note=force.note, begins=by.begins, instead_id=by.id, instead_title=by.title
    )


@require_POST
@in_school(Can.UPLOAD)
def replace(request: SchoolRequest, document_id: UUID) -> HttpResponse:
    """Take a file as the document's new version: on the same shelf, labelled and issued alike."""
    member = request.member
    try:
        entry = library.get(member, document_id)
    except collections.NoSuchDocument as error:
        raise Http404 from error
    back = redirect("documents:document", slug=member.slug, document_id=document_id)
    form = NewVersion(request.POST, request.FILES)
    if not form.is_valid():
        for name, problems in form.errors.items():
            messages.error(request, f"{form.fields[name].label}: {' '.join(str(each) for each in problems)}")
        return back
    if entry.force.newer:
        messages.error(request, _("Ya hay una versión posterior: la nueva se sube desde aquella."))
        return back
    given, old = form.cleaned_data, entry.document
    try:
        received = uploads.receive(
            member,
            given["file"],
            facts=uploads.Facts(
                collection_id=old.collection_id,
                title=given["title"],
                sensitivity=Sensitivity(old.sensitivity),
                valid_from=given["valid_from"],
                supersedes_id=old.pk,
                issuer=old.issuer,
            ),
        )
    except Refused as error:
        messages.error(request, error.detail)
        return back
    if received.document_id == old.pk:
        messages.info(request, _("Es el mismo archivo: no hay nada que reemplazar."))
        return back
    if received.is_duplicate:
        known = library.get(member, received.document_id).document
        messages.info(
            request,
            _(
                "Ese archivo ya está en la biblioteca como «%s». Para que reemplace a otro, elegirlo en «Reemplaza a»."
            )
            % known.title,
        )
    else:
        messages.success(
            request, _("Versión nueva recibida. Rige apenas esté lista, desde la fecha indicada.")
        )
    return redirect("documents:document", slug=member.slug, document_id=received.document_id)


def _history(member: Member, entry: Entry) -> list[Kept]:
    """Return every version, newest first; of those that the member may not see only their days."""
    with school_scope(member.school_id):
        line = succession.line_of(member, entry.id)
    known = {each.id: each for each in library.some(member, [each.id for each in line])}
    today = versions.today(member)
    after = versions.after(line)
    line.sort(key=_newness, reverse=True)
    line.sort(key=lambda each: len(after.get(each.id, ())))
    found = []
    for each in line:
        own = known.get(each.id)
        found.append(
            Kept(
                document=shown.row(own) if own else None,
                force=versions.force(each, after.get(each.id, ()), on=today),
                begins=each.begins,
                created_at=own.document.created_at if own else None,
                is_this=each.id == entry.id,
                is_newer=each.id in entry.force.newer,
            )
        )
    return found


def _newness(version: Version) -> tuple[date, date, UUID]:
    return (version.begins or date.min, version.created_on, version.id)
