"""What a person does about parts that could not be read: reads them again, opens what is locked, or sets them aside."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from documents import unlock, unread
from documents.models import Document
from documents.viewing import entry_or_404
from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can


def _says_refusals(view: Callable[..., str]) -> Callable[..., HttpResponse]:
    """Lead back to the document with what was done, or why it was not; what is missing into 404."""

    @wraps(view)
    def wrapper(request: SchoolRequest, document_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            messages.success(request, view(request, document_id, *args, **kwargs))
        except Refused as error:
            if error.status == 404:
                raise Http404 from error
            messages.error(request, error.detail)
        address = reverse("documents:document", args=[request.member.slug, document_id])
        return redirect(f"{address}#sin-leer")

    return wrapper


@require_POST
@in_school(Can.UPLOAD)
@_says_refusals
def ignore(request: SchoolRequest, document_id: UUID) -> str:
    """Set a group of unread parts aside, or take it up again."""
    is_ignored = request.POST.get("ignorar") == "1"
    unread.ignore(
        request.member, document_id, lambda document: _chosen(request, document), ignored=is_ignored
    )
    return _("Anotado: no importa.") if is_ignored else _("Anotado: sí importa.")


@require_POST
@in_school(Can.UPLOAD)
@_says_refusals
def read_again(request: SchoolRequest, document_id: UUID) -> str:
    """Have one page, or the pages of a group, read by OCR."""
    page = request.POST.get("pagina", "")
    if page:
        pages = [_number(page)]
    else:
        document = entry_or_404(request.member, document_id).document
        pages = unread.pages_of(document, _chosen(request, document))
    unread.read_again(request.member, document_id, pages)
    return ngettext(
        "Se vuelve a leer %d página con OCR.", "Se vuelven a leer %d páginas con OCR.", len(pages)
    ) % len(pages)


@sensitive_post_parameters("password")
@require_POST
@in_school(Can.UPLOAD)
@_says_refusals
def open_locked(request: SchoolRequest, document_id: UUID) -> str:
    """Open an encrypted PDF with its password, which is used once and kept nowhere."""
    unlock.open_with(request.member, document_id, request.POST.get("password", ""))
    return _("El documento se abrió y vuelve a procesarse. La contraseña no se guardó.")


def _chosen(request: SchoolRequest, document: Document) -> list[int]:
    return unread.chosen(
        document, seal=request.POST.get("sello", ""), only=request.POST.get("paginas", "")[:200]
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
