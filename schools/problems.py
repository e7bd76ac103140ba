"""Errors of the API as RFC 9457 problem documents, with a stable code and a detail that staff may read."""

import sys
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.defaults import bad_request as bad_request_page
from django.views.defaults import page_not_found
from django.views.defaults import server_error as server_error_page
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from schools import passing
from schools.refusals import Refused

API = "/api/"


def problem(
    *,
    status: int,
    code: str,
    detail: str,
    errors: dict[str, list[str]] | None = None,
    headers: dict[str, str] | None = None,
    extra: dict[str, Any] | None = None,
) -> Response:
    """Return one problem document; `extra`: members of its own (RFC 9457, 3.2)."""
    body: dict[str, Any] = {**_body(status, code, detail), **(extra or {})}
    if errors:
        body["errors"] = {name: [_sendable(text) for text in texts] for name, texts in errors.items()}
    return Response(body, status=status, content_type="application/problem+json", headers=headers)


def answer(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view of the API raised into a problem document; what nobody expected goes on as a crash."""
    exc = passing.refusal_of(exc) or exc
    if isinstance(exc, Refused) and not (exc.status == 404 and exc.field is None):
        errors = {exc.field: [exc.detail]} if exc.field else None
        return problem(status=exc.status, code=exc.code, detail=exc.detail, errors=errors, extra=exc.extra)
    # One body for everything that is not there: a school, a row, a row of somebody else's.
    if isinstance(exc, Http404 | Refused):
        return problem(status=404, code="not_found", detail=_("No existe, o no está a tu alcance."))
    if isinstance(exc, PermissionDenied):
        return problem(status=403, code="forbidden", detail=_("Tu rol en la escuela no permite esto."))
    if isinstance(exc, SuspiciousOperation):
        return problem(**_of_suspicion(exc))
    if isinstance(exc, ModelValidationError):
        exc = exceptions.ValidationError(
            exc.message_dict if hasattr(exc, "error_dict") else {"non_field_errors": exc.messages}
        )
    response = exception_handler(exc, context)
    if response is None:
        return None
    assert isinstance(exc, exceptions.APIException)
    headers = {k: v for k, v in response.items() if k in ("WWW-Authenticate", "Retry-After")}
    if isinstance(exc, exceptions.ValidationError):
        errors = flatten(exc.detail)
        detail = " ".join(dict.fromkeys(text for texts in errors.values() for text in texts))
        return problem(status=400, code="invalid", detail=detail, errors=errors)
    if response.status_code == 401:
        detail = _("Falta iniciar sesión, o la sesión terminó.")
        return problem(status=401, code="not_authenticated", detail=detail, headers=headers)
    codes = {403: "forbidden", 404: "not_found", 405: "method_not_allowed"}
    code = codes.get(response.status_code, str(exc.default_code))
    texts = [text for values in flatten(exc.detail).values() for text in values]
    return problem(status=response.status_code, code=code, detail=texts[0] if texts else "", headers=headers)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer an address that leads nowhere: programs with a problem document, people with a page."""
    if not request.path.startswith(API):
        return page_not_found(request, exception)
    return _plain(status=404, code="not_found", detail=_("No existe, o no está a tu alcance."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer a request that Django itself would not read."""
    if not request.path.startswith(API):
        return bad_request_page(request, exception)
    return _plain(**_of_suspicion(exception))


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer for a crash, which is in the log; for a disk that is full or a database that is away, with what it is."""
    if (refusal := passing.refusal_of(sys.exc_info()[1])) is not None:
        if not request.path.startswith(API):
            page = render_to_string("503.html", {"refusal": refusal})
            return HttpResponse(page, status=refusal.status)
        return _plain(status=refusal.status, code=refusal.code, detail=refusal.detail)
    if not request.path.startswith(API):
        return server_error_page(request)
    return _plain(
        status=500, code="server_error", detail=_("Algo falló de nuestro lado. Ya quedó registrado.")
    )


def _of_suspicion(exc: Exception) -> dict[str, Any]:
    if isinstance(exc, RequestDataTooBig):
        return {"status": 413, "code": "body_too_large", "detail": _("El pedido es demasiado grande.")}
    return {"status": 400, "code": "bad_request", "detail": _("El pedido no se entiende.")}


def _plain(*, status: int, code: str, detail: str) -> JsonResponse:
    return JsonResponse(
        _body(status, code, detail),
        status=status,
        content_type="application/problem+json",
        # To the byte as the other answers are written.
        json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
    )


def _body(status: int, code: str, detail: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _sendable(detail),
        "code": code,
    }


def _sendable(text: str) -> str:
    """Return the text without half characters: a sentence may repeat what was sent."""
    return text.encode("utf-8", "replace").decode()


def flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Return nested error details as one level: `{"field.inner": ["text", …]}`."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            found.update(flatten(value, f"{path}.{key}" if path else str(key)))
        return found
    if isinstance(detail, list):
        if all(not isinstance(item, dict | list) for item in detail):
            return {path or "non_field_errors": [str(item) for item in detail]}
        found = {}
        for index, item in enumerate(detail):
            found.update(flatten(item, f"{path}.{index}" if path else str(index)))
        return found
    return {path or "non_field_errors": [str(detail)]}
