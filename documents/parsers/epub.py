"""EPUB: the chapters of a book in their order, with the pictures that it brings."""

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote, urldefrag

from lxml import etree

from documents.blocks import Kind, ParsedDocument
from documents.parsers import decode, html, pictures, tidy, unzip
from documents.parsers.base import MIB, Broken, Encrypted, Progress, ignore_progress
from documents.parsers.flow import Flow

MAX_CHAPTERS = 5_000
MAX_CHAPTER_BYTES = 32 * MIB
MAX_RAW_PICTURES_BYTES = 256 * MIB
CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
# Fonts made unusable outside their book: the text is not touched.
_FONT_ALGORITHMS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_LOCKED = (
    "El libro está protegido contra copias (DRM) y no se puede leer. Hace falta un ejemplar sin protección, o el PDF"
    " que entregue la editorial."
)
_VOID = frozenset((
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
))  # fmt: skip
_SELF_CLOSED = re.compile(r"<([A-Za-z][\w:.-]*)([^<>]*)/>")


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return the blocks of a book; chapters without a heading of their own get the one of the table of contents."""
    with unzip.Archive(path, must_have=CONTAINER) as archive:
        if _is_locked(archive):
            raise Encrypted(_LOCKED)
        book = _Book(archive)
        flow, shelf = Flow(), pictures.Shelf()
        chapters = book.chapters()
        for done, chapter in enumerate(chapters):
            book.read(chapter, flow, shelf)
            progress(done + 1, len(chapters))
    return ParsedDocument(
        tuple(flow.blocks), book.title or flow.first_heading(), None, pictures=shelf.pictures
    )


class _Book:
    """A book's package: what is in it, in which order, under which titles."""

    def __init__(self, archive: unzip.Archive) -> None:
        self._archive = archive
        container = archive.xml(CONTAINER, may_name_type=True)
        opf = next(
            (
                str(each.get("full-path", ""))
                for each in _named(container, "rootfile")
                if each.get("full-path")
            ),
            "",
        )
        package = archive.xml(opf, may_name_type=True)
        if package is None:
            raise Broken("El libro está dañado: falta su índice de partes.", code="broken_epub")
        self._base = posixpath.dirname(opf)
        self._package = package
        self._items = {str(item.get("id")): item for item in _named(package, "item")}
        self._left_bytes = MAX_RAW_PICTURES_BYTES
        self._titles = self._contents()
        self.title = next((said for each in _named(package, "title") if (said := _words(each))), None)

    def chapters(self) -> list[str]:
        """Return the parts that make up the text, in the order of reading."""
        found = []
        for each in _named(self._package, "itemref"):
            item = self._items.get(str(each.get("idref")))
            if (
                item is None
                or item.get("media-type") not in _PAGES
                or "nav" in str(item.get("properties")).split()
            ):
                continue
            name = _resolved(self._base, str(item.get("href", "")))
            if name in self._archive.names:
                found.append(name)
        return list(dict.fromkeys(found))[:MAX_CHAPTERS]

    def read(self, chapter: str, flow: Flow, shelf: pictures.Shelf) -> None:
        """Add the blocks of one chapter."""
        raw = self._archive.read(chapter)
        if len(raw) > MAX_CHAPTER_BYTES or not raw.strip():
            return
        body = html.main_part(html.tree(_SELF_CLOSED.sub(_closed, decode.text(raw))))
        heading = self._titles.get(chapter)
        if heading and body.find(".//h1") is None and body.find(".//h2") is None:
            flow.add(Kind.HEADING, heading, level=1)
        folder = posixpath.dirname(chapter)
        html.read(body, flow, shelf=shelf, fetch=lambda source: self._picture(folder, source))

    def _picture(self, folder: str, source: str) -> bytes | None:
        name = _resolved(folder, source)
        if name not in self._archive.names:
            return html.written_in(source)
        size_bytes = self._archive.size_of(name)
        if size_bytes > self._left_bytes:
            return None
        self._left_bytes -= size_bytes
        return self._archive.read(name)

    def _contents(self) -> dict[str, str]:
        """Return the titles of the parts, by the table of contents of EPUB 3 (nav), else of EPUB 2 (ncx)."""
        titles: dict[str, str] = {}
        for item in self._items.values():
            name = _resolved(self._base, str(item.get("href", "")))
            folder = posixpath.dirname(name)
            if "nav" in str(item.get("properties", "")).split() and name in self._archive.names:
                root = html.tree(_SELF_CLOSED.sub(_closed, decode.text(self._archive.read(name))))
                for link in root.iter("a"):
                    titles.setdefault(
                        _resolved(folder, str(link.get("href", ""))), tidy.line(link.text_content())
                    )
        for item in self._items.values():
            name = _resolved(self._base, str(item.get("href", "")))
            if item.get("media-type") == "application/x-dtbncx+xml" and not titles:
                for point in _named(self._archive.xml(name, may_name_type=True), "navPoint"):
                    source = next((str(each.get("src", "")) for each in _named(point, "content")), "")
                    label = next((_words(each) for each in _named(point, "text")), "")
                    titles.setdefault(_resolved(posixpath.dirname(name), source), label)
        return titles


def _is_locked(archive: unzip.Archive) -> bool:
    """Say whether anything but fonts is encrypted."""
    if "META-INF/rights.xml" in archive.names or "META-INF/sinf.xml" in archive.names:
        return True
    methods = [
        str(each.get("Algorithm", ""))
        for each in _named(archive.xml(ENCRYPTION, may_name_type=True), "EncryptionMethod")
    ]
    return any(method not in _FONT_ALGORITHMS for method in methods)


def _named(root: etree._Element | None, name: str) -> list[etree._Element]:
    """Return the elements of a name, whatever their namespace."""
    return [] if root is None else list(root.iter(f"{{*}}{name}"))


def _words(element: etree._Element) -> str:
    return tidy.line("".join(map(str, element.itertext())))


def _resolved(folder: str, href: str) -> str:
    """Return the name inside the archive that a reference means."""
    return posixpath.normpath(posixpath.join(folder, unquote(urldefrag(href.strip()).url))).lstrip("/")


def _closed(match: re.Match[str]) -> str:
    """Return an element that XML closed in one go as HTML has to say it, where it would run on to the end."""
    name, rest = match.groups()
    return match.group() if name.lower() in _VOID else f"<{name}{rest}></{name}>"
