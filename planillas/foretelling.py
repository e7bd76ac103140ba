"""What will happen when a planilla is begun: what is read without a model, which one fills the rest, at what cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.db.models.functions import Length
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import library
from documents.models import Document
from engines import amounts, router, rules, words
from engines.errands import Errand, Labelled, Purpose
from engines.labels import Label
from engines.routing import Candidate
from planillas import asking, fill_prompt, passages
from planillas.readings import READY
from rag import labelling
from schools.admission import Member
from schools.scope import school_scope

# Every passage is read for rows, and again for cells.
_TIMES_READ = 2
_BYTES_PER_TOKEN = 2


@dataclass(frozen=True, slots=True)
class Foretold:
    """What is to be expected, in sentences. `sources`: how many are ready; `waiting`: those that are not."""

    sources: int = 0
    waiting: int = 0
    has_engine: bool = False
    sentences: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """The sources of one label."""

    label: Label
    documents: int
    chars: int


def foretell(member: Member, *, documents: Sequence[UUID] = (), collections: Sequence[UUID] = ()) -> Foretold:
    """Return what would happen with these sources as things are now; nobody is called, nothing spent."""
    parts, waiting = _parts(member, documents, collections)
    sources = sum(part.documents for part in parts)
    said = [
        _("Primero se leen las tablas y los datos rotulados («Fecha de nacimiento: 3/5/2014»), sin modelo.")
    ]
    if waiting:
        said.append(
            ngettext(
                "%d documento todavía se está procesando y queda afuera.",
                "%d documentos todavía se están procesando y quedan afuera.",
                waiting,
            )
            % waiting
        )
    if not router.has_writer():
        said.append(
            _(
                "La instalación no tiene un modelo que redacte: lo que esté en prosa queda por completar a mano."
            )
        )
        return Foretold(sources, waiting, False, said)
    chosen = [(part, *_chosen(member, part)) for part in parts]
    said += _of_engines(member, [(part, found) for part, found, _why in chosen if found])
    hidden = sum(part.documents for part, found, _why in chosen if not found)
    if hidden:
        why = next(why for _part, found, why in chosen if not found)
        said.append(
            ngettext(
                "De %(n)d documento, solo tablas y datos rotulados: ningún modelo lo puede leer. %(why)s",
                "De %(n)d documentos, solo tablas y datos rotulados: ningún modelo los puede leer. %(why)s",
                hidden,
            )
            % {"n": hidden, "why": why}
        )
    return Foretold(sources, waiting, hidden < sources, said)


def _parts(member: Member, documents: Iterable[UUID], shelves: Iterable[UUID]) -> tuple[list[_Part], int]:
    """Return the sources by label, and how many that were chosen are not ready."""
    with school_scope(member.school_id):
        rows = library.visible(member).filter(Q(pk__in=list(documents)) | Q(collection_id__in=list(shelves)))
        waiting = rows.exclude(status__in=READY).count()
        ids = list(rows.filter(status__in=READY).values_list("pk", flat=True))
        told = (
            Document.objects.filter(pk__in=ids)
            .values("sensitivity")
            .annotate(documents=Count("pk", distinct=True), chars=Sum(Length("blocks__text")))
        )
        return [
            _Part(labelling.of_document("", each["sensitivity"]).label, each["documents"], each["chars"] or 0)
            for each in told.order_by("sensitivity")
        ], waiting


def _chosen(member: Member, part: _Part) -> tuple[Candidate | None, str]:
    """Return who would be asked about the sources of a label, or why nobody."""
    errand = Errand(
        school_id=member.school_id,
        purpose=Purpose.FILL,
        user_id=member.user_id,
        parts=(Labelled(_("las fuentes"), part.label),),
    )
    choice = router.explain(
        errand, task="chat", tokens_in=2 * passages.WINDOW_TOKENS, tokens_out=fill_prompt.MOST_TOKENS
    )
    names = asking.writers(choice)
    best = next((each for each in choice.candidates if each.engine.name in names), None)
    return best, "" if best else asking.why_not(choice)


def _of_engines(member: Member, chosen: Sequence[tuple[_Part, Candidate]]) -> list[str]:
    """Return who fills the rest and what that costs at most, an engine a sentence."""
    currency = rules.policy(member.school_id).currency
    sums: dict[str, int | None] = {}
    engines = {each.engine.name: each.engine for _part, each in chosen}
    for part, each in chosen:
        calls = _TIMES_READ * max(1, ceil(part.chars / _BYTES_PER_TOKEN / passages.WINDOW_TOKENS))
        known = sums.get(each.engine.name, 0)
        sums[each.engine.name] = None if known is None or each.est_u is None else known + calls * each.est_u
    said = []
    for name, amount_u in sums.items():
        if amount_u is None:
            cost = _("no se sabe cuánto cuesta")
        elif not amount_u:
            cost = _("sin costo")
        else:
            cost = _("hasta %s, según cuánto falte") % amounts.say(amount_u, currency)
        said.append(
            _("Lo que esté en prosa lo busca «%(engine)s» (%(where)s), con su cita; %(cost)s.")
            % {"engine": words.engine(name), "where": words.runs(engines[name].runs).lower(), "cost": cost}
        )
    return said
