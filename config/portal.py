"""The portal's pages that look into several apps at once: home, people, settings."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents import collections, library, shown
from engines import usage
from rag import conversations
from schools import people
from schools.admission import SchoolRequest, in_school
from schools.forms import Invite, Place, Settings
from schools.models import School
from schools.refusals import Refused
from schools.roles import Can, Role


@require_safe
@in_school(Can.READ)
def home(request: SchoolRequest) -> HttpResponse:
    """Show what is being processed, what needs attention, and the last questions."""
    member = request.member
    active = library.active(member)
    asked = conversations.search(member, limit=6) if member.may(Can.ASK) else []
    return render(
        request,
        "schools/home.html",
        {
            "document_count": library.count(member),
            "active": [shown.row(entry) for entry in active[:8]],
            "active_count": len(active),
            "attention": [shown.row(entry) for entry in library.needing_attention(member)],
            "newest": [shown.row(entry) for entry in library.search(member, limit=5)],
            "questions": [{"id": one.pk, "title": one.title, "asked_at": one.last_at} for one in asked],
            "invitations": len(people.open_invitations(member)) if member.may(Can.MANAGE_PEOPLE) else 0,
            "money": usage.month(member) if member.may(Can.MANAGE_ENGINES) else None,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_school(Can.MANAGE_PEOPLE)
def show_people(request: SchoolRequest) -> HttpResponse:
    """Show the school's people; take an invitation."""
    form = Invite(request.POST or None, shelves=_shelves(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            invited = people.invite(
                request.member,
                email=given["email"],
                role=Role(given["role"]),
                collections=None
                if given["every_collection"]
                else [UUID(each) for each in given["collections"]],
            )
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, error.detail)
        else:
            sent = (
                _("Invitación enviada a %s.")
                if invited.mailed
                else _("No se pudo mandar el correo a %s: pasarle el enlace.")
            )
            messages.success(request, sent % invited.invitation.email)
            request.session["invitation_link"] = {"email": invited.invitation.email, "link": invited.link}
            return redirect("portal:people", slug=request.member.slug)
    return _people(request, form, status=400 if request.method == "POST" else 200)


def _people(request: SchoolRequest, form: Invite, *, status: int) -> HttpResponse:
    member = request.member
    names = {shelf.pk: shelf.name for shelf in collections.visible(member)}

    def places(row: Any) -> list[str] | None:
        return None if row.collections is None else [names[each] for each in row.collections if each in names]

    return render(
        request,
        "schools/people.html",
        {
            "members": [
                {
                    "id": row.pk,
                    "name": row.user.name,
                    "email": row.user.email,
                    "role": row.role,
                    "role_label": row.get_role_display(),
                    "collections": places(row),
                    "collection_ids": None
                    if row.collections is None
                    else [str(each) for each in row.collections],
                    "is_active": row.is_active and row.user.is_active,
                    "is_me": row.user_id == member.user_id,
                    "joined_at": row.created_at,
                }
                for row in people.members(member)
            ],
            "invitations": [
                {
                    "id": row.pk,
                    "email": row.email,
                    "role_label": row.get_role_display(),
                    "collections": places(row),
                    "created_at": row.created_at,
                    "expires_at": row.expires_at,
                    "is_expired": row.expires_at <= timezone.now(),
                    "invited_by": row.invited_by,
                }
                for row in people.open_invitations(member)
            ],
            "form": form,
            "roles": Role.choices,
            "collections": [{"id": str(pk), "name": name} for pk, name in names.items()],
            # Shown once: the link is not kept anywhere.
            "fresh_link": request.session.pop("invitation_link", None),
        },
        status=status,
    )


@require_POST
@in_school(Can.MANAGE_PEOPLE)
def change_person(request: SchoolRequest, membership_id: UUID) -> HttpResponse:
    """Give a person another role or other collections, suspend them or take them back."""
    action = request.POST.get("action", "place")
    try:
        if action in ("suspend", "resume"):
            people.change(request.member, membership_id, is_active=action == "resume")
        else:
            form = Place(request.POST, shelves=_shelves(request))
            if not form.is_valid():
                raise Refused(" ".join(str(text) for texts in form.errors.values() for text in texts))
            given = form.cleaned_data
            people.change(
                request.member,
                membership_id,
                role=Role(given["role"]),
                every_collection=given["every_collection"],
                collections=[UUID(each) for each in given["collections"]],
            )
    except Refused as error:
        if error.status == 404:
            raise Http404 from error
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Cambios guardados."))
    return redirect("portal:people", slug=request.member.slug)


@require_POST
@in_school(Can.MANAGE_PEOPLE)
def withdraw_invitation(request: SchoolRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    if not people.withdraw(request.member, invitation_id):
        raise Http404
    messages.success(request, _("Invitación retirada."))
    return redirect("portal:people", slug=request.member.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@in_school(Can.MANAGE_DOCUMENTS)
def show_settings(request: SchoolRequest) -> HttpResponse:
    """Show the school's settings and collections; keep the settings."""
    school = School.objects.get(pk=request.member.school_id)
    form = None
    if request.member.may(Can.MANAGE_SCHOOL):
        form = Settings(request.POST or None, request.FILES or None, instance=school)
        if request.method == "POST" and form.is_valid():
            form.save()
            messages.success(request, _("Ajustes guardados."))
            return redirect("portal:settings", slug=request.member.slug)
    elif request.method == "POST":
        raise PermissionDenied
    shelves = collections.visible(request.member)
    return render(
        request,
        "schools/settings.html",
        {"form": form, "collections": shelves},
        status=400 if request.method == "POST" else 200,
    )


@require_POST
@in_school(Can.MANAGE_DOCUMENTS)
def create_collection(request: SchoolRequest) -> HttpResponse:
    """Make a collection."""
    try:
        collections.create(
            request.member, name=request.POST.get("name", ""), description=request.POST.get("description", "")
        )
    except Refused as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Colección creada."))
    return _to_collections(request)


@require_POST
@in_school(Can.MANAGE_DOCUMENTS)
def change_collection(request: SchoolRequest, collection_id: UUID) -> HttpResponse:
    """Rename a collection or delete an empty one."""
    try:
        if request.POST.get("action") == "delete":
            collections.delete(request.member, collection_id)
        else:
            collections.change(
                request.member,
                collection_id,
                name=request.POST.get("name"),
                description=request.POST.get("description"),
            )
    except Refused as error:
        if error.status == 404:
            raise Http404 from error
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Cambios guardados."))
    return _to_collections(request)


def _to_collections(request: SchoolRequest) -> HttpResponse:
    return redirect(reverse("portal:settings", args=[request.member.slug]) + "#colecciones")


def _shelves(request: SchoolRequest) -> list[tuple[str, str]]:
    return [(str(shelf.pk), shelf.name) for shelf in collections.visible(request.member)]
