"""The same creating request twice makes one thing: the second is given the first one's answer, for 24 hours.

An answer that is streamed is kept by its view, when it is whole: see `promise_of`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, TypeAlias

from django.db import IntegrityError
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from schools.admission import Member
from schools.ids import SchoolId, UserId
from schools.models import IdempotentReply, School
from schools.refusals import Refused
from schools.scope import school_scope

KEPT = timedelta(hours=24)
# A first request that never came back (its process died) gives the key free again after this.
AT_WORK = timedelta(minutes=5)

View: TypeAlias = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Promise:
    """The answer that a key waits for."""

    school_id: SchoolId
    user_id: UserId
    key: str

    def keep(self, status: int, body: Any) -> None:
        """Answer the key with this from now on."""
        with school_scope(self.school_id):
            self._mine().update(status=status, body=body)

    def drop(self) -> None:
        """Set the key free, unless it was answered."""
        with school_scope(self.school_id):
            self._mine().filter(status=None).delete()

    def _mine(self) -> QuerySet[IdempotentReply]:
        return IdempotentReply.objects.filter(user_id=self.user_id, key=self.key)


class BadKey(Refused):
    """The key is empty or too long."""

    code = "bad_idempotency_key"


class KeyReused(Refused):
    """The key came before with another body."""

    code = "idempotency_key_reused"
    status = 422


class StillAtWork(Refused):
    """The first request with this key has not been answered yet."""

    code = "idempotency_in_progress"
    status = 409


def idempotent_after(at_work: timedelta) -> Callable[[View], View]:
    """Return `idempotent` for what is quick: a first request that never came back sets the key free after `at_work`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(self: Any, request: Request, **kwargs: Any) -> HttpResponseBase:
            key = request.headers.get("Idempotency-Key")
            if key is None:
                return view(self, request, **kwargs)
            if not 1 <= len(key) <= 200:
                raise BadKey(_("La clave de idempotencia debe tener de 1 a 200 caracteres."))
            member: Member = request.member  # type: ignore[attr-defined]  # set by in_school
            promise = Promise(member.school_id, member.user_id, key)
            kept = _take(promise, _fingerprint(request), at_work=at_work)
            if kept is not None:
                return kept
            request.promise = promise  # type: ignore[attr-defined]  # read by promise_of
            try:
                response = view(self, request, **kwargs)
            except BaseException:
                promise.drop()
                raise
            if not isinstance(response, Response):
                return response  # a stream: its view keeps the promise
            if response.status_code < 400:
                promise.keep(response.status_code, response.data)
            promise.drop()
            return response

        return wrapper

    return decorate


def idempotent(view: View) -> View:
    """Answer a repeated POST with what the first was answered. Stands below `in_school`; fits API methods."""
    return idempotent_after(AT_WORK)(view)


def promise_of(request: Request) -> Promise | None:
    """Return what a streaming view owes: to keep the whole answer, and to drop the promise at the stream's end."""
    return getattr(request, "promise", None)


def forget_old() -> None:
    """Delete the replies that are past their day, school by school."""
    for school_id in School.objects.values_list("pk", flat=True):
        with school_scope(SchoolId(school_id)):
            IdempotentReply.objects.filter(created_at__lt=timezone.now() - KEPT).delete()


def _fingerprint(request: Request) -> str:
    digest = hashlib.sha256(f"{request.method} {request.path}\0".encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(f"{name}\0{file.name}\0".encode())
            for piece in file.chunks():
                digest.update(piece)
            file.seek(0)
    data = request.data
    items = sorted(data.lists()) if hasattr(data, "lists") else [("", repr(_ordered(data)))]
    for name, values in items:
        if name not in request.FILES:
            digest.update(f"{name}\0{values!r}\0".encode())
    return digest.hexdigest()


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((key, _ordered(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return [_ordered(inner) for inner in value]
    return value


def _take(promise: Promise, fingerprint: str, *, at_work: timedelta) -> Response | None:
    """Return the kept answer, or None when the key is ours to work under."""
    with school_scope(promise.school_id):
        now = timezone.now()
        mine = IdempotentReply.objects.filter(user_id=promise.user_id, key=promise.key)
        mine.filter(created_at__lt=now - KEPT).delete()
        mine.filter(created_at__lt=now - at_work, status=None).delete()
        try:
            with school_scope(promise.school_id):
                IdempotentReply.objects.create(
                    user_id=promise.user_id, key=promise.key, body_sha256=fingerprint
                )
            return None
        except IntegrityError:
            first = mine.first()
    if first is None or (first.body_sha256 == fingerprint and first.status is None):
        raise StillAtWork(_("El primer pedido con esa clave todavía está en curso."))
    if first.body_sha256 != fingerprint:
        raise KeyReused(_("Esa clave de idempotencia ya se usó con otros datos."))
    return Response(first.body, status=first.status, headers={"Idempotent-Replayed": "true"})
