"""ODT: headings, lists with their numbers, tables, notes, pictures; straight from its XML (lxml).

Tracked changes count as accepted. Of headers and footers, what the body does not say is read once.
"""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from documents.blocks import Kind, ParsedDocument, Unreadable
from documents.parsers import margins, odf_text, only_pictures
from documents.parsers.base import Progress, ignore_progress
from documents.parsers.odf import OFFICE, STYLE, TEXT, Package
from documents.parsers.odf_flow import OdfFlow

PROGRESS_EVERY = 500


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a text document says, as a reader sees it."""
    package = Package(path)
    with package.archive:
        body = package.body("text")
        reader = OdfFlow(package, has_headings=True)
        said = odf_text.all_of(body)
        for line in margins.beyond(said, _margin(package, reader, "header")):
            reader.flow.add(Kind.NOTE, line)
        for done, element in enumerate(body):
            reader.read_one(element)
            if done % PROGRESS_EVERY == 0:
                progress(done, len(body))
        for line in margins.beyond(said, _margin(package, reader, "footer")):
            reader.flow.add(Kind.NOTE, line)
        progress(len(body), len(body))
        return ParsedDocument(
            tuple(reader.flow.blocks),
            package.title() or reader.title or reader.flow.first_heading(),
            None,
            (*_unread(reader), *only_pictures.told(reader.flow.blocks)),
            package.shelf.pictures,
        )


def _margin(package: Package, reader: OdfFlow, name: str) -> Iterator[str]:
    """Yield the lines of the headers or footers of the first kind of page that has any."""
    if package.styles is None:
        return
    for page in package.styles.iterfind(f"{OFFICE}master-styles/{STYLE}master-page"):
        found = [
            each for each in page.iterchildren(f"{STYLE}{name}", f"{STYLE}{name}-first") if not _is_off(each)
        ]
        for margin in found:
            for paragraph in margin.iter(f"{TEXT}p", f"{TEXT}h"):
                yield odf_text.words(paragraph, reader.styles, with_page_numbers=False).text
        if found:
            return


def _is_off(margin: etree._Element) -> bool:
    return bool(margin.get(f"{STYLE}display") == "false")


def _unread(reader: OdfFlow) -> Iterator[Unreadable]:
    if reader.is_unread_object:
        reason = (
            "El documento tiene dentro objetos de otros programas, de los que se ve solo la imagen. Conviene subir "
            "también esos archivos."
        )
        yield Unreadable(None, reason, "inserted_file")
