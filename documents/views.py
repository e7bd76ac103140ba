"""The library's pages."""

import time
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from documents import (
    collections,
    containers,
    label,
    label_page,
    library,
    parsers,
    shown,
    unread,
    uploads,
    versions_page,
    watching,
)
from documents.forms import Facts, shelves_for
from documents.library import Changes
from documents.models import Sensitivity, Status
from documents.versions import State
from schools import events
from schools.admission import Member, SchoolRequest, in_school, readmit
from schools.refusals import Refused
from schools.roles import Can

PER_PAGE = 50
TICK_BUSY_S = 0.7
TICK_IDLE_S = 2.5
BEFORE_THE_PAGE = timedelta(seconds=30)
COMMIT_DELAY = timedelta(seconds=3)  # from the moment that a run writes as its end until it can be read
AT_WORK = (Status.QUEUED, Status.PROCESSING)


def _says_refusals(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Turn an expected failure of a form's action into a message on the page it came from; what is missing into 404."""

    @wraps(view)
    def wrapper(request: SchoolRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as error:
            if error.status == 404:
                raise Http404 from error
            messages.error(request, error.detail)
            return _back(request)

    return wrapper


def _back(request: SchoolRequest) -> HttpResponse:
    return redirect("documents:library", slug=request.member.slug)


@require_safe
@in_school(Can.READ)
def show_library(request: SchoolRequest) -> HttpResponse:
    """Show the documents a member may see, filtered."""
    member = request.member
    query = request.GET.get("q", "").replace("\0", "")[:200]
    collection_id = _uuid(request.GET.get("coleccion", ""))
    status = request.GET.get("estado", "")
    status = status if status in Status.values else ""
    force = request.GET.get("vigencia", "")
    force = force if force in State.values else ""
    labelled = request.GET.get("etiqueta", "")
    labelled = labelled if labelled in dict(label.FILTERS) else ""
    page = library.page(
        member,
        query=query,
        collection_id=collection_id,
        status=status,
        force=force,
        labelled=labelled,
        number=request.GET.get("pagina", "1"),
        per_page=PER_PAGE,
    )
    return render(
        request,
        "documents/library.html",
        {
            "documents": [shown.row(entry) for entry in page.object_list],
            "page": page,
            "total": library.count(member),
            "collections": shelves_for(member),
            "statuses": Status.choices,
            "query": query,
            "collection_id": str(collection_id or ""),
            "status": status,
            "states": State.choices,
            "force": force,
            "label_filters": label.FILTERS,
            "labelled": labelled,
            "labels": label_page.choices(),
            "accepted": ",".join(
                f".{extension}" for each in parsers.FORMATS for extension in each.extensions
            ),
            "max_upload_bytes": settings.MAX_UPLOAD_BYTES,
            "max_file_bytes": uploads.most_bytes(),
        },
    )


@require_POST
@in_school(Can.UPLOAD)
def upload(request: SchoolRequest) -> HttpResponse:
    """Take files: one with an answer in JSON for the page's script, or several from a plain form."""
    files = request.FILES.getlist("file")
    wants_json = "application/json" in request.headers.get("Accept", "")
    facts = uploads.Facts(
        collection_id=_uuid(request.POST.get("collection", "")),
        sensitivity=label_page.given(request) or Sensitivity.UNKNOWN,
    )
    if wants_json:
        if len(files) != 1:
            return _problem(400, "invalid", _("Falta el archivo."))
        try:
            received = uploads.receive(request.member, files[0], facts=facts)
        except Refused as error:
            return _problem(error.status, error.code, error.detail)
        return JsonResponse(
            {"id": str(received.document_id), "duplicate": received.is_duplicate},
            status=200 if received.is_duplicate else 201,
        )
    for file in files:
        try:
            uploads.receive(request.member, file, facts=facts)
        except Refused as error:
            messages.error(request, error.detail)
    return _back(request)


@require_GET
@in_school(Can.READ)
def show_row(request: SchoolRequest, document_id: UUID) -> HttpResponse:
    """Show one row of the library again."""
    return render(
        request, "documents/parts/row.html", {"document": shown.row(_entry(request.member, document_id))}
    )


@require_GET
@in_school(Can.READ)
async def watch(request: SchoolRequest) -> HttpResponseBase:
    """Tell, as server-sent events, of every change of a document that is being processed."""
    return events.stream(_changes(request.member))


async def _changes(member: Member) -> AsyncIterator[events.Event]:
    told: dict[UUID, dict[str, Any]] = {}
    at_work: set[UUID] = set()
    # From before the page was drawn: what ended between that and now stands there as still at work.
    since = timezone.now() - BEFORE_THE_PAGE
    while True:
        looked_at, began = timezone.now(), time.monotonic()
        entries = await events.in_thread(_watched, member, at_work, since)
        if entries is None:
            return
        for entry in entries:
            state = shown.state(entry)
            if told.get(entry.id) != state:
                told[entry.id] = state
                yield events.Event("document", state)
        told = {entry.id: told[entry.id] for entry in entries}
        since = looked_at - COMMIT_DELAY
        at_work = {entry.id for entry in entries if entry.document.status in AT_WORK}
        await events.rest(TICK_BUSY_S if at_work else TICK_IDLE_S, since=began)


def _watched(member: Member, before: set[UUID], since: datetime) -> list[library.Entry] | None:
    """Return the documents at work, those that were `before`, and those whose work ended unseen between two looks.

    None when the member was sent away.
    """
    if not before and not (news := watching.has_news(member, since)):
        return None if news is None else []
    now = readmit(member)
    if now is None:
        return None
    active = library.active(now)
    ended = before | library.processed_since(now, since)
    return [*active, *library.some(now, ended - {entry.id for entry in active})]


@require_POST
@in_school(Can.UPLOAD)
@_says_refusals
def arrange(request: SchoolRequest) -> HttpResponse:
    """Move, label, process again or delete several documents."""
    member = request.member
    chosen = [each for text in request.POST.getlist("documents") if (each := _uuid(text)) is not None]
    library.check_changeable(member, chosen)
    match request.POST.get("action"):
        case "move":
            collection_id = _uuid(request.POST.get("collection", ""))
            for document_id in chosen:
                library.change(member, document_id, changes=Changes(collection_id=collection_id))
            done = ngettext("%d documento movido.", "%d documentos movidos.", len(chosen))
        case "label":
            sensitivity = label_page.given(request)
            if sensitivity is None:
                raise Http404
            library.classify(member, chosen, sensitivity)
            done = ngettext("%d documento clasificado.", "%d documentos clasificados.", len(chosen))
        case "retry":
            for document_id in chosen:
                library.retry(member, document_id)
            done = ngettext(
                "%d documento vuelve a procesarse.", "%d documentos vuelven a procesarse.", len(chosen)
            )
        case "delete":
            library.delete(member, chosen)
            done = ngettext("%d documento borrado.", "%d documentos borrados.", len(chosen))
        case _:
            raise Http404
    if chosen:
        messages.success(request, done % len(chosen))
    return _back(request)


@require_safe
@in_school(Can.READ)
def show_document(request: SchoolRequest, document_id: UUID) -> HttpResponse:
    """Show what is known of one document."""
    return _show_document(request, _entry(request.member, document_id))


def _show_document(request: SchoolRequest, entry: library.Entry, form: Facts | None = None) -> HttpResponse:
    member = request.member
    older = library.replaceable(member, entry) if form is None and entry.may_change else []
    container, parts = containers.family(member, entry.document)
    return render(
        request,
        "documents/document.html",
        {
            "document": shown.row(entry),
            "record": entry.document,
            "label": label_page.context(request, entry),
            **unread.context(entry.document),
            "container": shown.row(container) if container else None,
            "parts": [shown.row(each) for each in parts],
            "form": form or Facts.of(entry.document, shelves=shelves_for(member), older=older),
            "versions": versions_page.context(member, entry),
        },
        status=400 if form is not None else 200,
    )


@require_POST
@in_school(Can.UPLOAD)
@_says_refusals
def change(request: SchoolRequest, document_id: UUID) -> HttpResponse:
    """Change what is known of a document."""
    entry = _entry(request.member, document_id)
    older = library.replaceable(request.member, entry)
    form = Facts(request.POST, shelves=shelves_for(request.member), older=older)
    if not form.is_valid():
        return _show_document(request, entry, form)
    given = form.cleaned_data
    changes = Changes(
        title=given["title"],
        collection_id=UUID(given["collection"]),
        valid_from=given["valid_from"],
        valid_until=given["valid_until"],
        issuer=given["issuer"] if "issuer" in form.data else None,
        supersedes_id=_uuid(given["supersedes"]),
        clear=_cleared(form, entry),
    )
    try:
        library.change(request.member, document_id, changes=changes)
    except Refused as error:
        if error.field not in form.fields:
            raise
        form.add_error(error.field, error.detail)
        return _show_document(request, entry, form)
    messages.success(request, _("Cambios guardados."))
    return redirect("documents:document", slug=request.member.slug, document_id=document_id)


def _cleared(form: Facts, entry: library.Entry) -> frozenset[str]:
    """Return the facts that the form takes away; an older document that was not shown in it is left as it is."""
    empty = {name for name in ("valid_from", "valid_until") if form.cleaned_data[name] is None}
    if "supersedes" in form.data and not form.cleaned_data["supersedes"] and entry.supersedes_id is not None:
        empty.add("supersedes")
    return frozenset(empty)


@require_POST
@in_school(Can.UPLOAD)
@_says_refusals
def retry(request: SchoolRequest, document_id: UUID) -> HttpResponse:
    """Process a document again."""
    library.retry(request.member, document_id)
    messages.success(request, _("El documento vuelve a procesarse."))
    return _back(request)


@require_POST
@in_school(Can.UPLOAD)
@_says_refusals
def cancel(request: SchoolRequest, document_id: UUID) -> HttpResponse:
    """Stop the processing of a document."""
    if library.cancel(request.member, document_id):
        messages.success(request, _("Proceso cancelado."))
    return _back(request)


@require_POST
@in_school(Can.UPLOAD)
@_says_refusals
def delete(request: SchoolRequest, document_id: UUID) -> HttpResponse:
    """Delete a document."""
    library.delete(request.member, [document_id])
    messages.success(request, _("Documento borrado."))
    return _back(request)


def _entry(member: Member, document_id: UUID) -> library.Entry:
    try:
        return library.get(member, document_id)
    except collections.NoSuchDocument as error:
        raise Http404 from error


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _problem(status: int, code: str, detail: str) -> JsonResponse:
    body = {"type": "about:blank", "title": code, "status": status, "detail": detail, "code": code}
    return JsonResponse(body, status=status, content_type="application/problem+json")
