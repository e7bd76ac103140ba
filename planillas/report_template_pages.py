"""The pages of the templates of reports: their list, and one of them in a form."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from planillas import report_form, report_templates
from planillas.report_templates import Draft, Kind, NoSuchTemplate, Part, Template
from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can

_LIMITS = {
    "name": report_templates.NAME_MOST_CHARS,
    "purpose": report_templates.PURPOSE_MOST_CHARS,
    "title": report_templates.TITLE_MOST_CHARS,
    "prompt": report_templates.PROMPT_MOST_CHARS,
    "words_least": report_templates.WORDS_LEAST,
    "words_most": report_templates.WORDS_MOST,
    "words_usual": report_templates.WORDS_USUAL,
}


@require_safe
@in_school(Can.READ)
def show_list(request: SchoolRequest) -> HttpResponse:
    """Show the templates that a report may be written with."""
    context = {
        "templates": report_templates.every(request.member),
        "ready_made": report_templates.ready_made(),
    }
    return render(request, "planillas/report_templates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_school(Can.DESIGN)
def new(request: SchoolRequest) -> HttpResponse:
    """Show an empty template; make one."""
    known = Template("", parts=(Part(""), Part("")))
    if request.method != "POST":
        return _form(request, known, known)
    draft = report_form.template_of(request.POST, known)
    try:
        report_templates.create(request.member, draft)
    except Refused as error:
        return _form(request, known, draft, error=error)
    return _done(request, _("Plantilla guardada."))


@require_http_methods(["GET", "HEAD", "POST"])
@in_school(Can.DESIGN)
def edit(request: SchoolRequest, template_id: UUID) -> HttpResponse:
    """Show a template in its form; change it."""
    known = _found(request, template_id)
    if request.method != "POST":
        return _form(request, known, known)
    draft = report_form.template_of(request.POST, known)
    began_from = report_form.whole(request.POST.get("rev", ""))
    try:
        report_templates.change(request.member, template_id, draft, began_from=began_from)
    except Refused as error:
        return _form(request, known, draft, error=error)
    return _done(request, _("Plantilla guardada."))


@require_POST
@in_school(Can.DESIGN)
def delete(request: SchoolRequest, template_id: UUID) -> HttpResponse:
    """Take a template away."""
    _found(request, template_id)
    report_templates.delete(request.member, template_id)
    return _done(request, _("Plantilla borrada. Los informes hechos con ella quedan."))


@require_POST
@in_school(Can.DESIGN)
def copy(request: SchoolRequest) -> HttpResponse:
    """Copy a ready-made template, and open the copy."""
    try:
        made = report_templates.copy_ready_made(request.member, request.POST.get("name", ""))
    except NoSuchTemplate as error:
        raise Http404 from error
    except Refused as error:
        messages.error(request, error.detail)
        return redirect("reports:templates", slug=request.member.slug)
    return redirect("reports:template", slug=request.member.slug, template_id=made.id)


def _form(
    request: SchoolRequest, known: Template, typed: Draft, *, error: Refused | None = None
) -> HttpResponse:
    return render(
        request,
        "planillas/report_template.html",
        {
            "known": known,
            "typed": typed,
            "kinds": Kind.choices,
            "limits": _LIMITS,
            "error": error,
        },
        status=error.status if error else 200,
    )


def _done(request: SchoolRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("reports:templates", slug=request.member.slug)


def _found(request: SchoolRequest, template_id: UUID) -> Template:
    try:
        return report_templates.get(request.member, template_id)
    except NoSuchTemplate as error:
        raise Http404 from error
