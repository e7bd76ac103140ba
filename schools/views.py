"""The pages outside of any one school's portal: choosing a school, accepting an invitation, a school's logo."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from schools import people, portal
from schools.admission import SchoolRequest, in_school
from schools.forms import LOGO_SIGNATURES, NewPerson
from schools.models import Membership, School, User
from schools.refusals import Refused
from schools.roles import Can


@require_safe
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Show a person's schools; who has only one goes straight there."""
    assert isinstance(request.user, User)
    only = portal.first_school(request.user.pk)
    if only is not None and "todas" not in request.GET:
        return redirect("portal:home", slug=only)
    rows = {
        membership.school.slug: membership
        for membership in Membership.objects.filter(user=request.user, is_active=True).select_related(
            "school"
        )
    }
    schools = [
        {
            "name": each.name,
            "slug": each.slug,
            "logo_url": each.logo_url,
            "role_label": rows[each.slug].get_role_display(),
        }
        for each in portal.schools_of(request.user.pk)
    ]
    return render(request, "schools/choose.html", {"schools": schools})


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation, and take it: as the person logged in, or as a new one."""
    try:
        offered = people.find_invitation(token)
    except people.BadInvitation as bad:
        return render(
            request, "schools/invitation.html", {"invitation": None, "error": bad.detail}, status=404
        )
    user = request.user if isinstance(request.user, User) else None
    known = User.objects.filter(email=offered.email).exists()
    form = NewPerson(request.POST or None) if user is None and not known else None
    error = ""
    if request.method == "POST" and (user is not None or (form is not None and form.is_valid())):
        given = form.cleaned_data if form is not None else {"name": "", "password": ""}
        try:
            membership = people.accept(token, user=user, name=given["name"], password=given["password"])
        except Refused as refused:
            error = refused.detail
        except ValidationError as weak:
            assert form is not None
            form.add_error("password", weak)
        else:
            if user is None:
                login(request, membership.user, backend="django.contrib.auth.backends.ModelBackend")
            messages.success(request, _("Bienvenida, bienvenido a %s.") % membership.school.name)
            return redirect("portal:home", slug=membership.school.slug)
    context = {
        "invitation": offered,
        "form": form,
        "needs_login": user is None and known,
        "wrong_person": user is not None and user.email != offered.email,
        "error": error,
    }
    return render(
        request, "schools/invitation.html", context, status=400 if request.method == "POST" else 200
    )


@require_safe
@in_school(Can.READ)
def logo(request: SchoolRequest) -> HttpResponse:
    """Send the school's logo."""
    content = bytes(School.objects.values_list("logo", flat=True).get(pk=request.member.school_id))
    kind = next((kind for signature, kind in LOGO_SIGNATURES.items() if content.startswith(signature)), None)
    if kind is None:
        raise Http404
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Cache-Control": "private, max-age=600", "X-Content-Type-Options": "nosniff"},
    )
