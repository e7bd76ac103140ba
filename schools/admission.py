"""The one door of a school: who is it, which school, may they.

Every view for a school carries `@in_school(Can.X)`. A stranger gets the same 404 as for a school that does not exist.
"""

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from schools import passing
from schools.ids import CollectionId, SchoolId, UserId
from schools.models import Membership, User
from schools.roles import RIGHTS, Can, Role

# An answer that took so long to make (an export, a trial of engines) is handed out after another look at the door.
LONG_S = 2.0
_SAME_TWICE = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Member:
    """A person admitted to a school: what every call downwards is given."""

    user_id: UserId
    school_id: SchoolId
    slug: str
    school_name: str
    role: Role
    # None: every collection of the school.
    collections: frozenset[CollectionId] | None
    time_zone: str = "UTC"

    def may(self, can: Can) -> bool:
        """Say whether the member's role carries the right."""
        return can in RIGHTS[self.role]

    @property
    def can(self) -> dict[str, bool]:
        """Return every right by name, for templates."""
        return {can.value: self.may(can) for can in Can}

    @property
    def role_label(self) -> str:
        """Return the role as staff call it."""
        return str(self.role.label)

    def sees(self, collection_id: UUID) -> bool:
        """Say whether the member may know of documents in this collection."""
        return self.collections is None or collection_id in self.collections


def admit(user: User, slug: str, can: Can) -> Member:
    """Return the person as a member of the school.

    Raises Http404 for a stranger, a suspended member or a closed school, PermissionDenied for a member whose role
    lacks the right.
    """
    membership = (
        Membership.objects.select_related("school")
        .defer("school__logo")
        .filter(school__slug=slug, user_id=user.pk, is_active=True, school__is_active=True)
        .first()
    )
    if membership is None or not user.is_active:
        raise Http404
    member = as_member(membership)
    if not member.may(can):
        raise PermissionDenied
    return member


def as_member(membership: Membership) -> Member:
    """Return the frozen value that a membership row stands for; its school must be loaded."""
    return Member(
        user_id=UserId(membership.user_id),
        school_id=SchoolId(membership.school_id),
        slug=membership.school.slug,
        school_name=membership.school.name,
        role=Role(membership.role),
        collections=None
        if membership.collections is None
        else frozenset(CollectionId(each) for each in membership.collections),
        time_zone=membership.school.time_zone,
    )


def still_admitted(member: Member, can: Can) -> bool:
    """Say whether the member's place still stands, with this right and every shelf they had; what is long asks again.

    What was begun with more than is left ends: see docs/decisions/0022.
    """
    now = readmit(member)
    if now is None or not now.may(can):
        return False
    if now.collections is None:
        return True
    return member.collections is not None and member.collections <= now.collections


def readmit(member: Member) -> Member | None:
    """Return the member as they stand now, with what they may see now; None when their place stands no more."""
    return member_of(member.school_id, member.user_id)


def member_of(school_id: SchoolId, user_id: UserId) -> Member | None:
    """Return a person as a member of a school, as they stand now; None when they have no place there, or lost it."""
    membership = (
        Membership.objects.select_related("school")
        .defer("school__logo")
        .filter(
            school_id=school_id,
            user_id=user_id,
            is_active=True,
            user__is_active=True,
            school__is_active=True,
        )
        .first()
    )
    return as_member(membership) if membership else None


def in_school(can: Can) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Admit a member of the school named by `slug` in the path, with this right; give the view `request.member`.

    Fits functions, coroutine functions and the methods of an API view. What took long is handed out only to who still
    stands as they were admitted; a coroutine's stream asks by itself. The right stands on the wrapper as `can`, where
    the tests of the walls read it.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        if iscoroutinefunction(view):

            @wraps(view)
            async def asynchronous(*args: Any, slug: str, **kwargs: Any) -> HttpResponseBase:
                request = args[-1]
                user = await request.auser()
                if not user.is_authenticated:
                    return redirect_to_login(request.get_full_path())
                request.member = await sync_to_async(admit)(user, slug, can)
                response: HttpResponseBase = await view(*args, **kwargs)
                return response

            wrapper: Callable[..., Any] = asynchronous
        else:

            @wraps(view)
            def synchronous(*args: Any, slug: str, **kwargs: Any) -> HttpResponseBase:
                request = args[-1]
                if not request.user.is_authenticated:
                    return redirect_to_login(request.get_full_path())
                began = time.monotonic()
                request.member = member = admit(request.user, slug, can)
                with timezone.override(ZoneInfo(member.time_zone)):
                    response: HttpResponseBase = _carried_out(lambda: view(*args, **kwargs), request)
                if time.monotonic() - began >= LONG_S and not still_admitted(member, can):
                    # Its files, not the response itself: to close that tells Django that the request is over.
                    for close in response._resource_closers:  # type: ignore[attr-defined]  # as documents.originals
                        close()
                    raise Http404
                return response

            wrapper = synchronous
        wrapper.can = can  # type: ignore[attr-defined]  # read by tests/tenancy
        return wrapper

    return decorate


def _carried_out(answer: Callable[[], HttpResponseBase], request: Any) -> HttpResponseBase:
    """Answer a request, again when the database undid it for another's sake and twice is the same as once."""
    return passing.insist(answer, tries=3 if request.method in _SAME_TWICE else 1)


def rights_of(view: Callable[..., Any]) -> dict[str, Can]:
    """Return the right that each method of a view asks for, `*` for a plain function; empty: not a school's view."""
    found: dict[str, Can] = {}
    if isinstance(can := getattr(view, "can", None), Can):
        found["*"] = can
    api_class = getattr(view, "cls", None)
    for method in ("get", "post", "put", "patch", "delete") if api_class else ():
        handler = inspect.getattr_static(api_class, method, None)
        if isinstance(can := getattr(handler, "can", None), Can):
            found[method.upper()] = can
    return found


class SchoolRequest(HttpRequest):
    """A request that was admitted: the type of what a school's views receive."""

    member: Member
    user: User
