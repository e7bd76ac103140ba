"""The pages of the templates of actas: their list, and one of them in a form."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can
from transcription import acta_form, acta_templates
from transcription.acta_content import SECTIONS
from transcription.acta_templates import Template
from transcription.placeholders import NAMES

_LIMITS = {
    "name": acta_templates.NAME_MOST_CHARS,
    "heading": acta_templates.HEADING_MOST_CHARS,
    "text": acta_templates.TEXT_MOST_CHARS,
}


@require_safe
@in_school(Can.UPLOAD)
def show_list(request: SchoolRequest) -> HttpResponse:
    """Show the templates that an acta may be made with."""
    return render(
        request, "transcription/acta_templates.html", {"templates": acta_templates.every(request.member)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_school(Can.MANAGE_DOCUMENTS)
def new(request: SchoolRequest) -> HttpResponse:
    """Show the form with the house's own template in it; make a template."""
    known = acta_templates.house()
    if request.method != "POST":
        return _form(request, known)
    return _save(request, acta_form.template_of(request.POST, known))


@require_http_methods(["GET", "HEAD", "POST"])
@in_school(Can.MANAGE_DOCUMENTS)
def edit(request: SchoolRequest, template_id: UUID) -> HttpResponse:
    """Show a template in its form; change it."""
    known = _found(request, template_id)
    if request.method != "POST":
        return _form(request, known)
    return _save(request, acta_form.template_of(request.POST, known))


@require_POST
@in_school(Can.MANAGE_DOCUMENTS)
def delete(request: SchoolRequest, template_id: UUID) -> HttpResponse:
    """Take a template away."""
    _found(request, template_id)
    acta_templates.delete(request.member, template_id)
    messages.success(request, _("Plantilla borrada. Las actas hechas con ella quedan."))
    return redirect("transcription:acta_templates", slug=request.member.slug)


def _save(request: SchoolRequest, typed: Template) -> HttpResponse:
    try:
        acta_templates.save(request.member, typed)
    except Refused as error:
        return _form(request, typed, error=error)
    messages.success(request, _("Plantilla guardada."))
    return redirect("transcription:acta_templates", slug=request.member.slug)


def _form(request: SchoolRequest, typed: Template, *, error: Refused | None = None) -> HttpResponse:
    return render(
        request,
        "transcription/acta_template.html",
        {
            "typed": typed,
            "names": NAMES.items(),
            "section_choices": [(name, _section(name)) for name in SECTIONS],
            "limits": _LIMITS,
            "error": error.detail if error else "",
            "error_field": (error.field or "") if error else "",
        },
        status=error.status if error else 200,
    )


def _section(name: str) -> str:
    return {"attendance": _("Asistencia"), "topics": _("Temas tratados"), "agreements": _("Acuerdos")}[name]


def _found(request: SchoolRequest, template_id: UUID) -> Template:
    try:
        return acta_templates.get(request.member, template_id)
    except acta_templates.NoSuchTemplate as error:
        raise Http404 from error
