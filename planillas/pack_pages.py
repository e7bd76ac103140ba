"""The evidence packs of planillas and reports, handed out in the portal."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from documents import packing
from planillas import packs
from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can


@require_safe
@in_school(Can.READ)
def of_planilla(request: SchoolRequest, planilla_id: UUID) -> HttpResponseBase:
    """Hand out the pack of a planilla."""
    try:
        packed = packs.of_planilla(request.member, planilla_id)
    except Refused as error:
        return _refuse(request, error, "planillas:planilla", planilla_id)
    return packing.respond(request, packed, planilla_id)


@require_safe
@in_school(Can.READ)
def of_report(request: SchoolRequest, report_id: UUID) -> HttpResponseBase:
    """Hand out the pack of a report."""
    try:
        packed = packs.of_report(request.member, report_id)
    except Refused as error:
        return _refuse(request, error, "reports:report", report_id)
    return packing.respond(request, packed, report_id)


def _refuse(request: SchoolRequest, error: Refused, name: str, subject_id: UUID) -> HttpResponseBase:
    """Say on the page it came from why there is no pack; what is not there for the member is not there."""
    if error.status == 404:
        raise Http404 from error
    messages.error(request, error.detail)
    return redirect(name, request.member.slug, subject_id)
