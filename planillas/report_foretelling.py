"""What would happen with a report of what is chosen: who would write it, and what may not. Nobody is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import library
from engines import router
from engines.errands import Errand, Purpose
from engines.routing import QUOTING
from planillas.readings import READY
from rag import labelling
from schools.admission import Member
from schools.scope import school_scope

# What a section takes: its instructions and the passages, and a page of words.
_TOKENS_IN, _TOKENS_OUT = 4_000, 800
DOCUMENTS_MOST = 500


@dataclass(frozen=True, slots=True)
class Foretold:
    """How many documents would be read, and what will happen, in sentences for staff."""

    documents: int
    sentences: tuple[str, ...]


def foretell(member: Member, *, documents: Sequence[UUID], collections: Sequence[UUID]) -> Foretold:
    """Return what would happen with these; what the member may not see is left out."""
    shelves = [each for each in collections if member.sees(each)]
    with school_scope(member.school_id):
        there = library.visible(member)
        chosen = there.filter(pk__in=list(documents)) | there.filter(collection_id__in=shelves)
        rows = list(chosen.values_list("pk", "status")[:DOCUMENTS_MOST])
    if not rows:
        return Foretold(0, ())
    unread = sum(status not in READY for _pk, status in rows)
    errand = Errand(
        school_id=member.school_id,
        user_id=member.user_id,
        purpose=Purpose.DRAFT,
        parts=tuple(labelling.of_documents(member, [pk for pk, _status in rows])),
    )
    choice = router.explain(errand, task="chat", tokens_in=_TOKENS_IN, tokens_out=_TOKENS_OUT)
    writer = next((each for each in choice.candidates if each.engine.provider != QUOTING), None)
    told = [_("Cada sección se busca solo en estas fuentes, y cada cita se comprueba palabra por palabra.")]
    if writer:
        told.append(_("La redacta «%(name)s». %(why)s") % {"name": writer.engine.name, "why": writer.reason})
    else:
        told.append(
            _("Ningún motor que redacte puede ver estas fuentes: cada sección queda con citas textuales.")
        )
    if unread:
        told.append(
            ngettext(
                "Falta terminar de leer %d documento: se espera a que esté.",
                "Falta terminar de leer %d documentos: se espera a que estén.",
                unread,
            )
            % unread
        )
    return Foretold(len(rows), tuple(told))
