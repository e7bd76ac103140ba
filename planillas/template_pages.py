"""The pages of the templates of planillas: their list, one of them in its editor, the school's own files."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents.originals import respond_with
from documents.parsers import FileKind, media_type
from engines.spanish import fold
from planillas import drafts, own_files, ready_made, template_form, template_picture, templates
from planillas.columns import Identity, Kind
from planillas.drafts import BadTemplate
from planillas.models import Template
from planillas.template_form import Typed
from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can

PER_PAGE = 50
ACCEPTED = ".xlsx,.ods,.docx"
_LIMITS = {
    "name": drafts.NAME_MOST_CHARS,
    "purpose": drafts.PURPOSE_MOST_CHARS,
    "row_is": drafts.ROW_MOST_CHARS,
    "column": drafts.COLUMN_MOST_CHARS,
    "meaning": drafts.MEANING_MOST_CHARS,
    "rows": drafts.ROWS_MOST,
    "columns": drafts.COLUMNS_MOST,
}


@require_safe
@in_school(Can.READ)
def show_list(request: SchoolRequest) -> HttpResponse:
    """Show the school's templates and the ready-made ones."""
    query = request.GET.get("q", "").replace("\0", "")[:200]
    own = templates.every(request.member)
    words = fold(query).split()
    found = [each for each in own if all(word in fold(f"{each.name} {each.purpose}") for word in words)]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("pagina", "1"))
    return render(
        request,
        "planillas/templates.html",
        {
            "rows": [{"template": each, "columns": templates.columns_of(each)} for each in page.object_list],
            "page": page,
            "query": query,
            "total": len(own),
            "ready_made": ready_made.planillas(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_school(Can.DESIGN)
def new(request: SchoolRequest) -> HttpResponse:
    """Show an empty editor; make a template."""
    if request.method != "POST":
        return _editor(request, template_form.blank())
    typed = template_form.of_post(request.POST)
    if (what := request.POST.get("do", "save")) != "save":
        return _editor(request, typed.rearranged(what))
    try:
        made = templates.create(request.member, typed.draft)
    except Refused as error:
        return _refused(request, typed, error)
    messages.success(request, _("Plantilla guardada."))
    return redirect("planillas:template", slug=request.member.slug, template_id=made.pk)


@require_safe
@in_school(Can.READ)
def show(request: SchoolRequest, template_id: UUID) -> HttpResponse:
    """Show a template: its editor to who may design, what it holds to everyone else."""
    known = _found(request, template_id)
    return _editor(request, template_form.of_draft(templates.draft_of(known), began_from=known.rev), known)


@require_POST
@in_school(Can.DESIGN)
def change(request: SchoolRequest, template_id: UUID) -> HttpResponse:
    """Keep what was typed; where that is refused, show it again with why."""
    known = _found(request, template_id)
    typed = template_form.of_post(request.POST)
    if (what := request.POST.get("do", "save")) != "save":
        return _editor(request, typed.rearranged(what), known)
    try:
        templates.change(request.member, template_id, typed.draft, began_from=typed.began_from)
    except Refused as error:
        return _refused(request, typed, error, known)
    messages.success(request, _("Cambios guardados. Las planillas ya hechas quedan como estaban."))
    return redirect("planillas:template", slug=request.member.slug, template_id=template_id)


@require_http_methods(["GET", "HEAD", "POST"])
@in_school(Can.DESIGN)
def upload(request: SchoolRequest) -> HttpResponse:
    """Show where the school's own file is handed in; take it and show what was recognised."""
    error: Refused | None = None
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise BadTemplate(_("Falta elegir el archivo."), field="file")
            if (file.size or 0) > own_files.MAX_BYTES:
                raise own_files.TooBigFile(_too_big())
            made = templates.upload(request.member, file.read(), file.name or "")
            return redirect("planillas:template", slug=request.member.slug, template_id=made.pk)
        except Refused as refused:
            error = refused
    return render(
        request,
        "planillas/template_upload.html",
        {
            "accepted": ACCEPTED,
            "max_bytes": own_files.MAX_BYTES,
            "too_big": _too_big(),
            "error": error.detail if error else "",
        },
        status=error.status if error else 200,
    )


@require_POST
@in_school(Can.DESIGN)
def copy(request: SchoolRequest) -> HttpResponse:
    """Copy a ready-made template, to be changed."""
    try:
        made = templates.copy_ready_made(request.member, request.POST.get("name", ""))
    except templates.NoSuchTemplate as error:
        raise Http404 from error
    except Refused as error:
        messages.error(request, error.detail)
        return redirect("planillas:templates", slug=request.member.slug)
    messages.success(request, _("Copiada a las plantillas de la escuela: aquí se cambia lo que haga falta."))
    return redirect("planillas:template", slug=request.member.slug, template_id=made.pk)


@require_POST
@in_school(Can.DESIGN)
def delete(request: SchoolRequest, template_id: UUID) -> HttpResponse:
    """Take a template away."""
    _found(request, template_id)
    templates.delete(request.member, template_id)
    messages.success(request, _("Plantilla borrada. Las planillas hechas con ella quedan."))
    return redirect("planillas:templates", slug=request.member.slug)


@require_safe
@in_school(Can.READ)
def send_file(request: SchoolRequest, template_id: UUID) -> HttpResponseBase:
    """Hand out the school's own file, as it was cleaned."""
    known = _found(request, template_id)
    if not known.format:
        raise Http404
    return respond_with(
        request,
        known.file_key,
        media=media_type(FileKind(known.format)),
        filename=known.filename,
        inline=False,
        sha256=known.sha256,
    )


def _refused(
    request: HttpRequest, typed: Typed, error: Refused, known: Template | None = None
) -> HttpResponse:
    problems = error.problems if isinstance(error, BadTemplate) else ()
    typed = typed.refused(problems)
    if isinstance(error, templates.Overtaken):
        # What is saved next comes on top of what is there now.
        typed = replace(typed, began_from=error.latest.rev)
    return _editor(request, typed, known, error=error)


def _editor(
    request: HttpRequest, typed: Typed, known: Template | None = None, *, error: Refused | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "template": known,
        "typed": typed,
        "kinds": [(kind.value, kind.label, *template_form.KINDS[kind]) for kind in Kind],
        "identities": Identity.choices,
        "currencies": template_form.CURRENCIES,
        "limits": _LIMITS,
        "error": error,
        "is_overtaken": isinstance(error, templates.Overtaken),
    }
    if known is not None and known.format:
        context["picture"] = template_picture.draw(own_files.shown(known.layout))
    return render(request, "planillas/template.html", context, status=error.status if error else 200)


def _too_big() -> str:
    return _("El archivo pesa más de %d MB: hay que quitarle imágenes u hojas que no se usan.") % (
        own_files.MAX_BYTES // 1024**2
    )


def _found(request: SchoolRequest, template_id: UUID) -> Template:
    try:
        return templates.get(request.member, template_id)
    except templates.NoSuchTemplate as error:
        raise Http404 from error
