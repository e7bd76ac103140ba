"""MHTML: a page that a browser saved in one file, with the pictures that it showed."""

from pathlib import Path
from urllib.parse import urljoin

from documents.blocks import ParsedDocument
from documents.parsers import eml, html, pictures
from documents.parsers.base import Broken, Progress, ignore_progress
from documents.parsers.flow import Flow


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return the blocks of the saved page; pictures are those saved with it, and nothing is fetched."""
    message = eml.load(path)
    leaves = [part for part in message.walk() if not part.is_multipart()][: eml.MAX_PARTS]
    page = _page(message, leaves)
    if page is None:
        raise Broken("El archivo no contiene ninguna página.", code="broken_mhtml")
    address = str(page.get("Content-Location", "")).strip()
    saved = {key: part for part in leaves if part is not page for key in _keys(part, address)}

    def fetch(source: str) -> bytes | None:
        part = saved.get(source) or saved.get(urljoin(address, source))
        return eml.content_of(part) if part is not None else html.written_in(source)

    root = html.tree(eml.text_of(page))
    flow, shelf = Flow(), pictures.Shelf()
    html.read(html.main_part(root), flow, shelf=shelf, fetch=fetch)
    progress(1, 1)
    title = html.title_of(root) or eml.header(message, "Subject") or flow.first_heading()
    return ParsedDocument(tuple(flow.blocks), title, None, pictures=shelf.pictures)


def _page(message: eml.Part, leaves: list[eml.Part]) -> eml.Part | None:
    """Return the page itself: the part that the file names as its start, else the first page in it."""
    pages = [part for part in leaves if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    start = str(message.get_param("start", "")).strip()
    named = [part for part in pages if start and str(part.get("Content-ID", "")).strip() == start]
    return next(iter(named or pages), None)


def _keys(part: eml.Part, address: str) -> list[str]:
    """Return under which names the page may speak of a part."""
    location = str(part.get("Content-Location", "")).strip()
    cid = str(part.get("Content-ID", "")).strip().strip("<>")
    return [*([location, urljoin(address, location)] if location else []), *([f"cid:{cid}"] if cid else [])]
