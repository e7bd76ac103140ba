"""The label of a document on its page: what it means, what the text suggests and why, and a person's choice."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext_lazy as counted
from django.views.decorators.http import require_POST

from documents import collections, label, library, places, reading
from documents.label import MEANINGS, LooserThanSuggested
from documents.library import Changes, Entry
from documents.models import Document, Sensitivity
from documents.personal_data import Kind
from documents.places import Text, Time
from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can

_WORDS: dict[Kind, Any] = {
    Kind.DNI: counted("%d DNI", "%d DNI"),
    Kind.CI: counted("%d cédula de identidad", "%d cédulas de identidad"),
    Kind.CUIT: counted("%d CUIT o CUIL de una persona", "%d CUIT o CUIL de personas"),
    Kind.RUT: counted("%d RUT", "%d RUT"),
    Kind.CURP: counted("%d CURP", "%d CURP"),
    Kind.NIF: counted("%d NIF o NIE", "%d NIF o NIE"),
    Kind.ACCOUNT: counted(
        "%d cuenta bancaria (IBAN, CBU o CLABE)", "%d cuentas bancarias (IBAN, CBU o CLABE)"
    ),
    Kind.PHONE: counted("%d teléfono", "%d teléfonos"),
    Kind.EMAIL: counted("%d correo electrónico", "%d correos electrónicos"),
    Kind.ROLE_EMAIL: counted("%d correo de una oficina", "%d correos de oficinas"),
    Kind.HEALTH: counted("%d dato de salud de una persona", "%d datos de salud de personas"),
    Kind.PUPIL_HEALTH: counted("%d dato de salud de un alumno", "%d datos de salud de alumnos"),
    Kind.PUPIL: counted("%d mención de un alumno", "%d menciones de alumnos"),
    Kind.PUPIL_BIRTH: counted("%d fecha de nacimiento de un menor", "%d fechas de nacimiento de menores"),
    Kind.BIRTH: counted("%d fecha de nacimiento", "%d fechas de nacimiento"),
    Kind.PUPIL_ROW: counted("%d renglón de una lista de alumnos", "%d renglones de una lista de alumnos"),
    Kind.PERSON_ROW: counted("%d renglón de una lista de personas", "%d renglones de una lista de personas"),
    Kind.PUPIL_PAPER: counted("%d papel sobre alumnos", "%d papeles sobre alumnos"),
}
_SAYS: dict[Sensitivity, str | Promise] = {
    Sensitivity.INTERNAL: lazy("El texto tiene datos para comunicarse con personas."),
    Sensitivity.CONFIDENTIAL: lazy("El texto tiene datos de personas."),
    Sensitivity.MINORS: lazy("El texto tiene datos de alumnas o alumnos."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A label that can be chosen."""

    value: str
    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Spot:
    """One place that made the detector think so, hidden but for a few letters."""

    text: str
    place_label: str
    url: str
    is_heard: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """One kind of personal data that the text holds."""

    text: str
    spots: tuple[Spot, ...]


def choices() -> list[Choice]:
    """Return the labels, from the loosest to the strictest, after none at all."""
    return [Choice(each.value, str(each.label), str(MEANINGS[each])) for each in Sensitivity]


def given(request: SchoolRequest) -> Sensitivity | None:
    """Return the label that a form gives; None for what is no label."""
    value = request.POST.get("sensitivity", "")
    return Sensitivity(value) if value in Sensitivity.values else None


def context(request: SchoolRequest, entry: Entry) -> dict[str, Any]:
    """Return what documents/parts/label.html asks for."""
    document = entry.document
    now = Sensitivity(document.sensitivity)
    suggested = Sensitivity(document.suggested_sensitivity)
    asked = request.GET.get("confirmar", "")
    insists = asked if asked and label.is_looser(asked, suggested) and asked in Sensitivity.values else ""
    return {
        "value": now.value,
        "label": now.label,
        "meaning": MEANINGS[now],
        "suggested": suggested.value,
        "suggested_label": suggested.label,
        "says": _SAYS.get(suggested, ""),
        "is_to_confirm": label.is_to_confirm(document),
        "is_looser": label.is_looser(document.sensitivity, suggested),
        "reasons": _reasons(request.member.slug, document),
        "insists": Sensitivity(insists) if insists and entry.may_change else None,
        "choices": choices(),
    }


@require_POST
@in_school(Can.UPLOAD)
def choose(request: SchoolRequest, document_id: UUID) -> HttpResponse:
    """Label a document, or confirm its label; a looser one than the text asks for is asked for twice."""
    member = request.member
    sensitivity = given(request)
    if sensitivity is None:
        raise Http404
    page = reverse("documents:document", args=[member.slug, document_id])
    changes = Changes(sensitivity=sensitivity, confirms_label=request.POST.get("confirmado") == "1")
    try:
        library.change(member, document_id, changes=changes)
    except collections.NoSuchDocument as error:
        raise Http404 from error
    except LooserThanSuggested:
        return redirect(f"{page}?confirmar={sensitivity.value}#confidencialidad")
    except Refused as error:
        messages.error(request, error.detail)
        return redirect(page)
    if sensitivity:
        messages.success(request, _("Clasificado: %s.") % sensitivity.label)
    else:
        messages.success(request, _("Quedó sin clasificar: cuenta como confidencial."))
    return redirect(page)


def _reasons(slug: str, document: Document) -> tuple[Reason, ...]:
    """Return what asks for the suggested label."""
    return tuple(
        Reason(words, tuple(_spot(slug, document, one) for one in each["samples"]))
        for each in document.personal_data
        if each["decides"] and (words := _words(each["kind"], each["count"]))
    )


def _words(kind: str, count: int) -> str:
    known = _WORDS.get(Kind(kind)) if kind in set(Kind) else None
    return "" if known is None else known % count


def _spot(slug: str, document: Document, sample: dict[str, Any]) -> Spot:
    place = places.from_json(sample["place"])
    said = "" if isinstance(place, Text) else reading.say(place)  # that it is in the text tells nothing
    return Spot(sample["text"], said, reading.address(slug, document.pk, place), isinstance(place, Time))
