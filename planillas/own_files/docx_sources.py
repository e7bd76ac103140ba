"""The list «Fuentes» at the end of a document, and the small numbers in its table that lead there."""

from typing import IO
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _
from lxml import etree

from documents import places, reading
from planillas.cells import Cell, Cells, Evidence
from planillas.exports.sheet import Sheet
from planillas.own_files import written
from planillas.own_files.package import Package, write
from planillas.own_files.xlsx_book import REL, RELS, rels_name

MAX_NOTES = 2_000
MAX_QUOTES = 3
MAX_QUOTE_CHARS = 200


class Notes:
    """Counts the places that cells were read from, one number each, while the rows are written."""

    def __init__(self, sheet: Sheet, package: Package, part: str) -> None:
        self._sheet = sheet
        self._numbers: dict[tuple[str, str], int] = {}
        self._first: list[Evidence] = []
        self._quotes: list[list[str]] = []
        self._left_out = False
        self._part = rels_name(part)
        has_rels = self._part in package.parts
        self._rels = package.xml(self._part) if has_rels else etree.Element(f"{{{RELS}}}Relationships")

    def mark(self, cell: Cell, prefix: str) -> str:
        """Return the numbers of a cell's sources, raised."""
        if cell.value is None:
            return ""
        numbers = sorted({number for each in cell.sources if (number := self._number(each))})
        if not numbers:
            return ""
        told = ",".join(map(str, numbers))
        return (
            f'<{prefix}r><{prefix}rPr><{prefix}vertAlign {prefix}val="superscript"/></{prefix}rPr>'
            f'<{prefix}t xml:space="preserve"> {told}</{prefix}t></{prefix}r>'
        )

    def see(self, cells: Cells) -> None:
        """Take over the sources of a row that is not written as one."""
        for cell in cells.values():
            for each in cell.sources:
                self._number(each)

    def attach(self, package: Package) -> None:
        """Have the addresses written when the document is packed, after the list."""
        package.streams[self._part] = self._write_links

    def listed(self, prefix: str) -> str:
        """Return the list as paragraphs."""
        if not self._first:
            return ""
        p = prefix
        made = [
            f'<{p}p><{p}pPr><{p}keepNext/><{p}spacing {p}before="240" {p}after="60"/></{p}pPr><{p}r><{p}rPr><{p}b/>'
            f"</{p}rPr><{p}t>{escape(_('Fuentes'))}</{p}t></{p}r></{p}p>"
        ]
        for number, (evidence, quotes) in enumerate(zip(self._first, self._quotes, strict=True), start=1):
            told = self._sheet.title_of(evidence.document_id) or _("(fuente quitada)")
            where = f"{written.plain(told)}, {reading.say(evidence.place)}"
            said = " · ".join(f"«{quote}»" for quote in quotes)
            shown = f'<{p}r><{p}t xml:space="preserve">{escape(where)}</{p}t></{p}r>'
            if url := self._sheet.open_at(evidence):
                identity = self._link(url)
                link = f'{p}hyperlink xmlns:rel={quoteattr(REL)} rel:id="{identity}" {p}history="1"'
                shown = f"<{link}>{shown}</{p}hyperlink>"
            rest = f": {said}" if said else ""
            made.append(
                f'<{p}p><{p}pPr><{p}spacing {p}after="40"/></{p}pPr><{p}r><{p}t xml:space="preserve">{number}. </{p}t>'
                f"</{p}r>"
                f'{shown}<{p}r><{p}t xml:space="preserve">{escape(rest)}</{p}t></{p}r></{p}p>'
            )
        if self._left_out:
            words = _("Hay más fuentes; están en la planilla.")
            made.append(f"<{p}p><{p}r><{p}t>{escape(words)}</{p}t></{p}r></{p}p>")
        return "".join(made)

    def _number(self, evidence: Evidence) -> int:
        key = (str(evidence.document_id), repr(places.to_json(evidence.place)))
        number = self._numbers.get(key, 0)
        if not number:
            if len(self._first) >= MAX_NOTES:
                self._left_out = True
                return 0
            self._first.append(evidence)
            self._quotes.append([])
            number = self._numbers[key] = len(self._first)
        quote = " ".join(written.plain(evidence.quote).split())[:MAX_QUOTE_CHARS]
        quotes = self._quotes[number - 1]
        if quote and quote not in quotes and len(quotes) < MAX_QUOTES:
            quotes.append(quote)
        return number

    def _link(self, url: str) -> str:
        identity = f"planilla{len(self._rels)}"
        etree.SubElement(
            self._rels,
            f"{{{RELS}}}Relationship",
            Id=identity,
            Type=f"{REL}/hyperlink",
            Target=url,
            TargetMode="External",
        )
        return identity

    def _write_links(self, part: IO[bytes]) -> None:
        part.write(write(self._rels))
