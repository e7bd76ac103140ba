"""A planilla downloaded as a file."""

from uuid import UUID

from django.contrib import messages
from django.core.files.base import File as OpenFile
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from documents import originals
from planillas import exporting
from planillas.exporting import File, Options
from planillas.exports.separators import Separator
from planillas.pages import found_or_404
from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can


class UnknownSeparator(Refused):
    """No such separator."""

    code = "unknown_separator"


class BadVersion(Refused):
    """What was given is no number of a version."""

    code = "bad_version"


@require_safe
@in_school(Can.READ)
def send(request: SchoolRequest, planilla_id: UUID) -> HttpResponseBase:
    """Hand a planilla out; what it cannot be is told on its page.

    `?fmt=`, `&version=` of an approved one, `&sep=` of a CSV, `&modelo=0` for ours where the template has its own file.
    """
    found_or_404(request.member, planilla_id)
    try:
        file = exporting.export(
            request.member,
            planilla_id,
            request.GET.get("fmt", "xlsx"),
            version=_version(request.GET.get("version", "")),
            options=Options(
                is_own=request.GET.get("modelo") != "0", separator=_separator(request.GET.get("sep", ""))
            ),
        )
    except Refused as error:
        messages.error(request, error.detail)
        return redirect("planillas:planilla", slug=request.member.slug, planilla_id=planilla_id)
    return respond(request, file)


def respond(request: HttpRequest, file: File) -> HttpResponseBase:
    """Return a file as a download that no browser shows as a page of ours."""
    return originals.respond_from(request, OpenFile(file.content), media=file.media_type, filename=file.name)


def _version(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0 and len(text) <= 9):
        raise BadVersion(_("Indicar el número de una versión aprobada."), field="version")
    return int(text)


def _separator(text: str) -> Separator | None:
    if not text:
        return None
    if text not in Separator.values:
        raise UnknownSeparator(
            _("Separador desconocido. Los que hay: %s.") % ", ".join(Separator.values), field="sep"
        )
    return Separator(text)
