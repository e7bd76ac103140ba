"""What the grid of a planilla shows: rows for its script, and all that is known of one cell for the panel beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import library, reading
from documents.models import Block
from documents.places import Time
from planillas import changing, comparing, undoing, values
from planillas.cells import EMPTY, Cell, Evidence, Status
from planillas.changing import Changed, NoSuchRow
from planillas.columns import Column, Kind
from planillas.models import Act, Edit, Row, Source
from planillas.register import Entry
from schools.admission import Member
from schools.models import User
from schools.scope import school_scope

AROUND_CHARS = 140
HISTORY_MOST = 30
_NUMERIC = (Kind.NUMBER, Kind.INTEGER, Kind.MONEY)
_WIDTHS = {Kind.LONG_TEXT: 32, Kind.TEXT: 22, Kind.EMAIL: 26, Kind.LIST: 24, Kind.CHOICE: 16, Kind.PHONE: 16}
# How each state is told apart without colours: an icon of static/icons.svg.
ICONS = {
    Status.FOUND: "quote",
    Status.EDITED: "pencil",
    Status.CONFLICT: "arrows-join",
    Status.STALE: "clock",
    Status.INVALID: "alert-triangle",
    Status.NO_EVIDENCE: "minus",
}


@dataclass(frozen=True, slots=True)
class ShownSource:
    """Where a source says a value. `url`: None where the document is no longer in the library."""

    title: str
    place: str
    before: str
    quote: str
    after: str
    url: str | None
    sound: str = ""  # the piece of the recording, to be played


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A value to choose, and who says it."""

    number: int
    text: str
    is_current: bool
    sources: tuple[ShownSource, ...]


@dataclass(frozen=True, slots=True)
class ShownEdit:
    """What somebody did to a cell or a row."""

    who: str
    at: datetime
    act: str
    before: str
    after: str
    is_row: bool
    column: str = ""
    row: str = ""


def columns(told: Sequence[Column]) -> list[dict[str, Any]]:
    """Return the columns as the page's script takes them; `width` in characters."""
    return [
        {
            "key": each.key,
            "name": each.name,
            "kind": each.kind.value,
            "says": str(each.kind.label),
            "meaning": each.meaning,
            "choices": list(each.choices),
            "required": each.is_required,
            "fixed": each.is_key,
            "number": each.kind in _NUMERIC,
            "width": each.width or max(_WIDTHS.get(each.kind, 13), min(len(each.name) + 6, 26)),
        }
        for each in told
    ]


def row(made: Row, told: Sequence[Column]) -> dict[str, Any]:
    """Return a row as the page's script takes it: each cell its text, its state and what else is to be seen in it.

    Read as it is stored: the places of four thousand cells are nobody's who only scrolls by.
    """
    shown: dict[str, list[str]] = {}
    for column in told:
        cell = made.cells.get(column.key)
        if cell is None or cell["s"] == Status.NO_EVIDENCE:
            continue
        text = values.show(cell.get("v"), column)
        hint = ""
        if cell["s"] == Status.CONFLICT:
            hint = " / ".join(values.show(each[0], column) for each in cell.get("o", ()))
        elif cell["s"] == Status.INVALID and cell.get("v") is None:
            hint = next((quote for _index, quote in cell.get("e", ())), "")[:200]
        shown[column.key] = [text, cell["s"], hint] if hint else [text, cell["s"]]
    return {"id": str(made.pk), "rev": made.rev, "c": shown}


def changed(entry: Entry, left: Changed) -> dict[str, Any]:
    """Return what a change left behind, for the page's script."""
    return {
        "rev": left.rev,
        "state": left.state,
        "rows": [row(each, entry.columns) for each in left.rows],
        "removed": [str(each) for each in left.removed],
        "unwritten": [
            {"row": str(each.row_id), "column": each.column, "code": each.code, "detail": each.detail}
            for each in left.unwritten
        ],
        "counts": counts(entry),
    }


def counts(entry: Entry) -> dict[str, int]:
    """Return how many rows there are, and how many cells are how."""
    names = ("rows", "found", "edited", "conflict", "stale", "invalid", "no_evidence", "to_look_at")
    return {name: getattr(entry.counts, name) for name in names}


def cell(member: Member, entry: Entry, row_id: UUID, key: str) -> dict[str, Any]:
    """Return all that is known of a cell, for the panel; raise NoSuchRow or NoSuchColumn."""
    column = next((each for each in entry.columns if each.key == key), None)
    if column is None:
        raise changing.NoSuchColumn(_("La planilla no tiene esa columna."), field="column")
    edits = undoing.history(member, entry.id, row_id=row_id, column=key, limit=HISTORY_MOST)
    with school_scope(member.school_id):
        made = Row.objects.filter(planilla=entry.planilla, pk=row_id, deleted_at=None).first()
        if made is None:
            raise NoSuchRow(_("Esa fila ya no está en la planilla."))
        here = made.read().get(key, EMPTY)
        seen = _sources(member, entry, here)
        by = User.objects.filter(pk=here.edited_by).first() if here.edited_by else None
    return {
        "column": column,
        "row": made,
        "row_name": name_of(made, entry),
        "cell": here,
        "text": values.show(here.value, column),
        "state": here.status,
        "icon": ICONS[here.status],
        "sources": [seen(each) for each in here.sources],
        "candidates": [
            ShownCandidate(
                number,
                values.show(each.value, column),
                here.value == each.value and here.sources == each.sources,
                tuple(seen(source) for source in each.sources),
            )
            for number, each in enumerate(here.candidates)
        ],
        "edited_by": (by.name or by.email) if by else "",
        "edited_at": datetime.fromisoformat(here.edited_at) if here.edited_at else None,
        "certainty": round(100 * here.confidence) if here.confidence is not None else None,
        "history": [shown_edit(each, {column.key: column}) for each in edits],
        "can_change": entry.may_change,
    }


def shown_edit(edit: Edit, told: Mapping[str, Column]) -> ShownEdit:
    """Return what somebody did, in words."""
    column = told.get(edit.column)

    def text(kept: dict[str, Any]) -> str:
        if not kept or column is None:
            return ""
        there = changing.cell_of(kept, edit.column)
        if there.status == Status.CONFLICT:
            return str(there.status.label)
        return values.show(there.value, column)

    return ShownEdit(
        who=(edit.by.name or edit.by.email) if edit.by else _("Alguien que ya no está"),
        at=edit.at,
        act=str(Act(edit.act).label),
        before=text(edit.before),
        after=text(edit.after),
        is_row=not edit.column,
        column=column.name if column else "",
    )


def shown_edits(edits: Sequence[Edit], entry: Entry) -> list[ShownEdit]:
    """Return what people did to a planilla, each with the row it was done to."""
    told = {each.key: each for each in entry.columns}
    names: dict[UUID, str] = {}
    for each in edits:
        if each.row_id not in names:
            names[each.row_id] = name_of(each.row, entry)
    return [replace(shown_edit(each, told), row=names[each.row_id]) for each in edits]


def name_of(made: Row, entry: Entry) -> str:
    """Return what a row is called."""
    said = {key: told["v"] for key, told in made.cells.items() if "v" in told}
    return comparing.name_of(said, entry.columns)


def missing(
    entry: Entry, conflict: int, stale: int, invalid: int, required: Iterable[tuple[str, int]]
) -> list[str]:
    """Return, a sentence each, what stands in the way of approving."""
    names = {each.key: each.name for each in entry.columns}
    told = [
        (conflict, ngettext("%d celda en conflicto", "%d celdas en conflicto", conflict)),
        (invalid, ngettext("%d celda inválida", "%d celdas inválidas", invalid)),
        (stale, ngettext("%d celda desactualizada", "%d celdas desactualizadas", stale)),
    ]
    said = [words % count for count, words in told if count]
    for key, count in required:
        words = ngettext("%(count)d fila sin «%(name)s»", "%(count)d filas sin «%(name)s»", count)
        said.append(words % {"count": count, "name": names.get(key, key)})
    return said


def _sources(member: Member, entry: Entry, here: Cell) -> Any:
    """Return what makes a source to be shown of an evidence. Inside a scope."""
    told = [*here.sources, *(source for each in here.candidates for source in each.sources)]
    ids = {each.document_id for each in told}
    titles = dict(
        Source.objects.filter(planilla=entry.planilla, document_id_then__in=ids).values_list(
            "document_id_then", "title"
        )
    )
    # Only what the member may read now: the words about a quote are the document's, not the planilla's.
    there = {each.pk: each for each in library.visible(member).filter(pk__in=ids)}
    texts = {
        (each["document_id"], each["ordinal"]): each["text"]
        for each in Block.objects.filter(
            document_id__in=list(there), ordinal__in={each.block for each in told}
        ).values("document_id", "ordinal", "text")
    }

    def shown(each: Evidence) -> ShownSource:
        before, after = _around(texts.get((each.document_id, each.block), ""), each.quote)
        document = there.get(each.document_id)
        sound = ""
        if document is not None and isinstance(each.place, Time):
            path = reverse("transcription:sound", args=[member.slug, document.pk])
            sound = f"{path}#t={each.place.from_s:.2f},{each.place.to_s:.2f}"
        return ShownSource(
            title=document.title if document else titles.get(each.document_id, ""),
            place=reading.say(each.place),
            before=before,
            quote=each.quote,
            after=after,
            url=reading.address(member.slug, each.document_id, each.place, quote=each.quote)
            if document
            else None,
            sound=sound,
        )

    return shown


def _around(text: str, quote: str) -> tuple[str, str]:
    """Return what stands before and after a quote in its block."""
    at = text.find(quote) if quote else -1
    if at < 0:
        return "", ""
    first, last = max(0, at - AROUND_CHARS), at + len(quote) + AROUND_CHARS
    before, after = text[first:at], text[at + len(quote) : last]
    return ("…" if first else "") + before, after + ("…" if last < len(text) else "")
