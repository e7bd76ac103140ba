"""The page of the watched folder: whether it is watched, where it lies, what came in."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from documents import arrivals
from schools.admission import SchoolRequest, in_school
from schools.roles import Can


@require_safe
@in_school(Can.MANAGE_DOCUMENTS)
def show(request: SchoolRequest) -> HttpResponse:
    """Show the school's watched folder and its newest arrivals."""
    member = request.member
    row = arrivals.watched(member)
    return render(
        request,
        "documents/folder.html",
        {
            "watch": row,
            "is_on": row is not None and row.is_on,
            "has_name": row is not None and arrivals.in_whose_name(member.school_id, row) is not None,
            "path": settings.FOLDERS_DIR / member.slug,
            "arrivals": arrivals.latest(member),
        },
    )


@require_POST
@in_school(Can.MANAGE_SCHOOL)
def watch(request: SchoolRequest) -> HttpResponse:
    """Begin or cease to watch the folder."""
    is_on = request.POST.get("is_on") == "1"
    arrivals.watch(request.member, is_on=is_on)
    messages.success(request, _("La carpeta está vigilada.") if is_on else _("La carpeta ya no se vigila."))
    return redirect("documents:folder", slug=request.member.slug)
