"""The viewer's pages: a document to be read, its file, its pictures."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from documents import collections, contents, finding, library, originals, reading, shown, versions_page, work
from documents.library import Entry
from documents.places import Time
from schools.admission import Member, SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can

# What the child process makes of pictures; nothing else is ever sent as one.
PICTURES = {"png": "image/png", "jpg": "image/jpeg"}


@require_safe
@in_school(Can.READ)
def view(request: SchoolRequest, document_id: UUID) -> HttpResponse:
    """Show a document's pages, open at the place given by `lugar`, at a number (`ir`), or at a hit of `buscar`."""
    member, asked = request.member, request.GET
    entry = entry_or_404(member, document_id)
    if work.is_recording(entry.document):
        return redirect(_heard_at(request, entry))
    as_text = asked.get("como") == "texto"
    has_pages = reading.has_pages(entry.document)
    number = _number(asked.get("ir", ""))
    if number and (as_text or not has_pages):
        return _go_to(request, entry, number)
    query = asked.get("buscar", "")
    found = finding.find(member, entry.document, query) if query.strip() else reading.NOTHING
    place, hit = reading.place_from(asked.get("lugar", "")), _number(asked.get("hallazgo", ""))
    if has_pages and not as_text:
        template = "documents/viewer_pdf.html"
        context = reading.pdf_context(
            member,
            entry.document,
            place,
            page=number or 1,
            found=found,
            hit=hit or int(bool(found.hits) and not place),
        )
    else:
        template = "documents/viewer_blocks.html"
        context = reading.blocks_context(
            member,
            entry.document,
            place,
            part=asked.get("parte", ""),
            quote=asked.get("cita", "")[: reading.QUOTE_MOST_CHARS],
            found=found,
            hit=hit or int(bool(found.hits) and not place and "parte" not in asked),
            as_text=as_text and has_pages,
        )
    context |= {
        "document": shown.row(entry),
        "record": entry.document,
        "banner": versions_page.banner(member, entry),
        "has_pages": has_pages,
        "searches": "buscar" in asked,
        "asked_query": query[: finding.MOST_CHARS],
    }
    return render(request, template, context)


def _heard_at(request: SchoolRequest, entry: Entry) -> str:
    """Return the address of a recording's page, at the seconds or with the search that were asked for."""
    slug, asked = request.member.slug, request.GET
    place = reading.place_from(asked.get("lugar", ""))
    if isinstance(place, Time):
        return reading.address(slug, entry.id, place)
    path, query = reverse("transcription:recording", args=[slug, entry.id]), asked.get("buscar", "").strip()
    return f"{path}?{urlencode({'buscar': query[: finding.MOST_CHARS]})}" if query else path


def _go_to(request: SchoolRequest, entry: Entry, number: int) -> HttpResponse:
    """Lead to the part and the element where a row, a slide or a page begins."""
    asked, member = request.GET, request.member
    target = contents.target(member, entry.document, number=number, sheet=asked.get("hoja", ""))
    kept = QueryDict(mutable=True)
    for name in ("como", "buscar"):
        if name in asked:
            kept[name] = asked[name]
    if target is not None:
        kept["parte"] = str(target.part)
        if target.note:
            messages.info(request, target.note)
    path = reverse("documents:view", args=[member.slug, entry.id])
    address = f"{path}?{kept.urlencode()}" if kept else path
    return redirect(f"{address}#{target.anchor}" if target else address)


@require_safe
@in_school(Can.READ)
def send_file(request: SchoolRequest, document_id: UUID) -> HttpResponseBase:
    """Send the original: for the viewer where the browser may show it safely, as a download otherwise."""
    entry = entry_or_404(request.member, document_id)
    inline = request.GET.get("ver") == "1"
    try:
        return originals.respond(request, entry.document, inline=inline)
    except Refused as error:
        if inline:
            return HttpResponse(error.detail, status=error.status, content_type="text/plain; charset=utf-8")
        messages.error(request, error.detail)
        return redirect("documents:document", slug=request.member.slug, document_id=document_id)


@require_safe
@in_school(Can.READ)
def send_picture(request: SchoolRequest, document_id: UUID, name: str) -> HttpResponse:
    """Send one of the pictures that stand in a document."""
    entry = entry_or_404(request.member, document_id)
    media = PICTURES.get(name.rpartition(".")[2])
    # Postgres has no text with a NUL in it, nor has a file's name.
    if media is None or "\0" in name or not reading.has_picture(request.member, entry.document, name):
        raise Http404
    try:
        with default_storage.open(entry.document.picture_key(name), "rb") as file:
            response = HttpResponse(file.read(), content_type=media)
    except FileNotFoundError as error:
        raise Http404 from error
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def entry_or_404(member: Member, document_id: UUID) -> Entry:
    """Return a document; raise Http404 where the member knows of none."""
    try:
        return library.get(member, document_id)
    except collections.NoSuchDocument as error:
        raise Http404 from error


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
