"""The pages of the laboratory: how a document was cut, how a question is searched."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from documents import collections as shelves
from documents import library, reading
from documents.blocks import Kind
from documents.collections import NoSuchDocument
from documents.places import Place
from rag import laboratory, sections
from rag.answer import WhyNot
from rag.laboratory import Candidate, Cut, LeftOut, Part, Trial
from rag.laboratory_words import FEATURES, KINDS, LISTS, WHY_NOT
from rag.retrieve import QUESTION_MOST_CHARS, Passage
from rag.shown import ENGINES
from schools.admission import Member, SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can

CHUNKS_AT_ONCE = 25
LEFT_OUT_MOST_CHARS = 300
DOCUMENTS_LISTED = 8
# Candidates shown open; the rest stand in a list that opens.
CANDIDATES_SHOWN = 10


@require_safe
@in_school(Can.INSPECT)
def try_question(request: SchoolRequest) -> HttpResponse:
    """Show how a question is searched, or an empty form."""
    member, asked = request.member, request.GET
    text = asked.get("pregunta", "").replace("\0", "")
    chosen = asked.getlist("colecciones")
    day = asked.get("dia", "")
    trial, error, status = None, "", 200
    if "pregunta" in asked:
        try:
            trial = laboratory.search(
                member, text, collections=_ids(chosen) if chosen else None, at_date=_day(day)
            )
        except Refused as refused:
            if refused.status == 404:
                raise Http404 from refused
            error, status = refused.detail, refused.status
    return render(
        request,
        "rag/laboratory.html",
        {
            "text": text[:QUESTION_MOST_CHARS],
            "day": day[:10],
            "chosen": chosen,
            "collections": shelves.visible(member),
            "documents": library.search(member, limit=DOCUMENTS_LISTED),
            "document_count": library.count(member),
            "trial": _shown_trial(member, trial) if trial else None,
            "error": error,
        },
        status=status,
    )


@require_safe
@in_school(Can.INSPECT)
def show_document(request: SchoolRequest, document_id: UUID) -> HttpResponse:
    """Show a document's chunks with the blocks that they were made of, a page of them at a time."""
    member = request.member
    try:
        document = library.get(member, document_id).document
    except NoSuchDocument as error:
        raise Http404 from error
    chunk_count, block_count = laboratory.count(member, document)
    page = Paginator(range(chunk_count), CHUNKS_AT_ONCE).get_page(request.GET.get("pagina"))
    after = (page.number - 1) * CHUNKS_AT_ONCE - 1
    cuts = laboratory.chunks(member, document_id, after=after, limit=CHUNKS_AT_ONCE)
    first = _first_block(cuts) if page.number > 1 else 0
    following = laboratory.chunks(member, document_id, after=after + CHUNKS_AT_ONCE, limit=1)
    last = _first_block(following) - 1 if following else None
    left_out = laboratory.left_out(member, document_id, first=first, last=last)
    return render(
        request,
        "rag/laboratory_document.html",
        {
            "document": document,
            "chunk_count": chunk_count,
            "block_count": block_count,
            "target_tokens": sections.TARGET_TOKENS,
            "most_tokens": sections.MAX_TOKENS,
            "rows": _in_order(member, document_id, cuts, left_out),
            "page": page,
        },
    )


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A block's words in a chunk, as the page shows them."""

    kind_label: str
    text: str
    is_whole: bool
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A chunk, or a block that is in none (`why` says why then)."""

    number: int
    url: str
    place_label: str
    text: str
    heading_path: tuple[str, ...] = ()
    tokens: int = 0
    parts: tuple[ShownPart, ...] = ()
    added: str = ""
    why: str = ""
    kind_label: str = ""
    count: int = 1  # of blocks, where several that follow one another are in no chunk


def _in_order(member: Member, document_id: UUID, cuts: list[Cut], left_out: list[LeftOut]) -> list[ShownRow]:
    """Return chunks and what was left out between them, in reading order."""
    rows = [(_first_block([cut]), 1, _shown_cut(member, document_id, cut)) for cut in cuts]
    rows += [(each.ordinal, 0, _shown_left_out(member, document_id, each)) for each in left_out]
    shown: list[ShownRow] = []
    for _at, _kind, row in sorted(rows, key=lambda each: each[:2]):
        before = shown[-1] if shown else None
        if before and row.why and row.why == before.why:
            # The lines of a table of contents are told in one.
            text = f"{before.text} · {row.text}"[:LEFT_OUT_MOST_CHARS]
            shown[-1] = replace(before, text=text, count=before.count + 1)
        else:
            shown.append(row)
    return shown


def _shown_cut(member: Member, document_id: UUID, cut: Cut) -> ShownRow:
    return ShownRow(
        number=cut.ordinal + 1,
        url=reading.address(member.slug, document_id, cut.place),
        place_label=reading.say(cut.place) if cut.place else "",
        text=cut.text,
        heading_path=cut.heading_path,
        tokens=cut.tokens,
        parts=tuple(_shown_part(part) for part in cut.parts),
        added=cut.added,
    )


def _shown_part(part: Part) -> ShownPart:
    label = str(KINDS[part.kind])
    if part.kind is Kind.HEADING:
        label = _("Título de nivel %d") % (part.level or 1)
    return ShownPart(kind_label=label, text=part.text, is_whole=part.is_whole, doubts=part.doubts)


def _shown_left_out(member: Member, document_id: UUID, block: LeftOut) -> ShownRow:
    return ShownRow(
        number=0,
        url=reading.address(member.slug, document_id, block.place),
        place_label=reading.say(block.place),
        text=block.text,
        kind_label=str(KINDS[block.kind]),
        why=_("Es del índice: repite los títulos y no responde nada.")
        if block.text
        else _("No tiene texto que buscar."),
    )


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A passage with its place in words and the address that opens it."""

    passage: Passage
    url: str
    place_label: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """What a feature added, in words."""

    name: str
    meaning: str
    measured: float | None
    weight: float | None
    points: float
    share: int  # of the most that any feature of this passage added, 0–100


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A candidate, in words."""

    rank: int
    n: int | None
    shown: ShownPassage
    found: tuple[tuple[Promise | str, int, float], ...]
    points: tuple[ShownPoint, ...]
    why_not: str


def _shown_trial(member: Member, trial: Trial) -> dict[str, Any]:
    candidates = [_shown_candidate(member, each) for each in trial.candidates]
    return {
        "words": trial.words,
        "lists": [(LISTS[name], trial.counts.get(name)) for name in laboratory.LISTS],
        "first": candidates[:CANDIDATES_SHOWN],
        "rest": candidates[CANDIDATES_SHOWN:],
        "count": len(candidates),
        "aside": [_shown_passage(member, each.passage, each.place, why=each.why) for each in trial.aside],
        "elsewhere": [_shown_passage(member, passage, place) for passage, place in trial.elsewhere],
        "sources": trial.sources,
        "engine": _(ENGINES.get(trial.engine, trial.engine)),
        "reason": trial.reason,
        "only_quotes": trial.only_quotes,
        "features": [FEATURES[name] for name in FEATURES],
    }


def _shown_passage(member: Member, passage: Passage, place: Place, *, why: str = "") -> ShownPassage:
    url = reading.address(member.slug, passage.document_id, place)
    return ShownPassage(passage=passage, url=url, place_label=reading.say(place), why=why)


def _shown_candidate(member: Member, candidate: Candidate) -> ShownCandidate:
    most = max((abs(each.points) for each in candidate.points), default=1.0) or 1.0
    return ShownCandidate(
        rank=candidate.rank,
        n=candidate.n,
        shown=_shown_passage(member, candidate.passage, candidate.place),
        found=tuple((LISTS[each.by].name, each.rank, each.score) for each in candidate.found),
        points=tuple(
            ShownPoint(
                name=str(FEATURES[each.name].name),
                meaning=str(FEATURES[each.name].meaning),
                measured=each.measured,
                weight=each.weight,
                points=each.points,
                share=round(100 * abs(each.points) / most),
            )
            for each in candidate.points
        ),
        why_not=_why_not(candidate.why_not),
    )


def _why_not(why_not: WhyNot | None) -> str:
    return str(WHY_NOT[why_not]) if why_not else ""


def _first_block(cuts: list[Cut]) -> int:
    return min((part.ordinal for cut in cuts for part in cut.parts), default=0)


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise Refused(_("Una de las colecciones elegidas no existe.")) from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(_("La fecha no se entiende.")) from None
