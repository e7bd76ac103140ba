"""How a document is laid out for reading: its parts, its table of contents, its sheets, and where a number leads."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Min, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from documents import pages, places
from documents.blocks import Kind, ParsedBlock, table_text
from documents.models import Block, Document
from documents.places import Sheet
from schools.admission import Member
from schools.scope import school_scope

# A book of a thousand pages, or a sheet of as many rows, is read in parts of so many blocks or characters.
BLOCKS_PER_PART = 1_500
CHARS_PER_PART = 150_000
MOST_ENTRIES = 500
TITLE_CHARS = 90


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the table of contents, or a sheet."""

    level: int
    title: str
    part: int  # the part of the document that holds it
    anchor: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where "go to" leads; `note`: what to tell a person who asked for something that is not there."""

    part: int
    anchor: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A document's parts: the first ordinal of each, from 0; and which kind of place its blocks have."""

    starts: tuple[int, ...]
    kind: str  # as places.to_json names them, of the first block; "" for a document without blocks

    def part_of(self, ordinal: int) -> int:
        """Return the part, from 1, that holds a block."""
        return max(1, sum(1 for start in self.starts if start <= ordinal))

    def bounds(self, part: int) -> tuple[int, int | None]:
        """Return the first ordinal of a part and of the one after it; None after the last."""
        return self.starts[part - 1], self.starts[part] if part < len(self.starts) else None


def layout(document: Document, *, per_part: int = BLOCKS_PER_PART) -> Layout:
    """Return how a document falls into parts. Inside a scope."""
    rows = Block.objects.filter(document_id=document.pk).order_by("ordinal")
    sizes = rows.annotate(chars=Length("text")).values_list("ordinal", "chars")
    starts, blocks, chars = [0], 0, 0
    for ordinal, size in sizes:
        if blocks and (blocks >= per_part or chars + size > CHARS_PER_PART):
            starts.append(ordinal)
            blocks = chars = 0
        blocks, chars = blocks + 1, chars + size
    kind = rows.values_list("place__kind", flat=True).first() or ""
    return Layout(tuple(starts), kind)


def entries(document: Document, laid: Layout) -> list[Entry]:
    """Return the table of contents: slides by their titles, otherwise the headings. Inside a scope."""
    rows = Block.objects.filter(document_id=document.pk).order_by("ordinal")
    if laid.kind == "slide":
        return _slides(rows, laid)
    headings = rows.filter(kind=Kind.HEADING).values_list("ordinal", "text", "level")[:MOST_ENTRIES]
    return [
        Entry(max(1, level), text, laid.part_of(ordinal), f"b{ordinal}") for ordinal, text, level in headings
    ]


def sheets(document: Document, laid: Layout) -> list[Entry]:
    """Return a workbook's sheets in their order; none for other documents. Inside a scope."""
    if laid.kind != "sheet":
        return []
    rows = Block.objects.filter(document_id=document.pk, place__kind="sheet")
    found = rows.values_list("place__sheet").annotate(first=Min("ordinal")).order_by("first")
    return [Entry(1, name, laid.part_of(first), f"h{first}") for name, first in found[:MOST_ENTRIES]]


def header_above(document: Document, first: Block | None) -> list[tuple[int, ParsedBlock]]:
    """Return the header of the table that a part goes on with: its rows stand in an earlier part. Inside a scope."""
    if first is None or first.kind != Kind.TABLE or first.level or first.place["kind"] != "sheet":
        return []
    rows = Block.objects.filter(
        document_id=document.pk, ordinal__lt=first.ordinal, kind=Kind.TABLE, level__gt=0
    )
    head = rows.filter(place__kind="sheet", place__sheet=first.place["sheet"]).order_by("ordinal").last()
    if head is None or len(head.cells[0]) != len(first.cells[0]):
        return []
    top = tuple(tuple(row) for row in head.cells[: head.level])
    row = head.place["rows"][0]
    place = Sheet(head.place["sheet"], (row, row + head.level - 1))
    return [(head.ordinal, ParsedBlock(Kind.TABLE, table_text(top), place, level=head.level, cells=top))]


def target(member: Member, document: Document, *, number: int, sheet: str) -> Target | None:
    """Return where a page, a slide, or a row of a sheet begins; None for a document that counts nothing."""
    with school_scope(member.school_id):
        return _target(document, layout(document), number=number, sheet=sheet)


def _target(document: Document, laid: Layout, *, number: int, sheet: str) -> Target | None:
    """Return where a number leads, or the nearest there is; `sheet`: "" for the first one. Inside a scope."""
    rows = Block.objects.filter(document_id=document.pk).order_by("ordinal")
    match laid.kind:
        case "sheet":
            names = [entry.title for entry in sheets(document, laid)]
            name = sheet if sheet in names else names[0]
            return _row(rows.filter(place__kind="sheet", place__sheet=name), laid, name=name, number=number)
        case "slide" | "page" as kind:
            numbered = rows.filter(place__kind=kind)
            block = numbered.filter(**{f"place__{kind}__gte": number}).first() or numbered.last()
            if block is None:
                return None
            place = places.from_json(block.place)
            is_beyond = block.place[kind] < number
            note = _("El documento termina en: %s.") % pages.section_of(place) if is_beyond else ""
            return Target(laid.part_of(block.ordinal), pages.anchor(place, ordinal=block.ordinal), note)
    return None


def _row(rows: QuerySet[Block], laid: Layout, *, name: str, number: int) -> Target | None:
    block = rows.filter(place__rows__1__gte=number).first()
    note = ""
    if block is None:
        block = rows.last()
        if block is None:
            return None
        note = _("La hoja «%(sheet)s» termina en la fila %(row)d.") % {
            "sheet": name,
            "row": block.place["rows"][1],
        }
    first, last = block.place["rows"]
    shown = max(first, min(number, last))
    anchor = f"b{block.ordinal}f{shown}" if block.kind == Kind.TABLE else f"b{block.ordinal}"
    return Target(laid.part_of(block.ordinal), anchor, note)


def _slides(rows: QuerySet[Block], laid: Layout) -> list[Entry]:
    """Return each slide with its first heading, or else its first words."""
    named: dict[int, Entry] = {}
    told: set[int] = set()
    found = rows.filter(place__kind="slide").values_list("ordinal", "kind", "text", "place__slide")
    for ordinal, kind, text, slide in found:
        if slide in told or (slide in named and kind != Kind.HEADING):
            continue
        if slide not in named and len(named) >= MOST_ENTRIES:
            break
        if kind == Kind.HEADING:
            told.add(slide)
        title = _short(text) if kind != Kind.PICTURE or text else ""
        part = named[slide].part if slide in named else laid.part_of(ordinal)
        named[slide] = Entry(1, f"{slide}. {title}".strip(), part, f"d{slide}")
    return list(named.values())


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1].rstrip() + "…"


def part_number(text: str, *, most: int, otherwise: int) -> int:
    """Return the part that an address asks for, within those there are."""
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    return max(1, min(wanted or otherwise, most))


def marked_part(laid: Layout, ordinals: Sequence[int]) -> int:
    """Return the part with the first of these blocks; the first part without any."""
    return laid.part_of(ordinals[0]) if ordinals else 1
