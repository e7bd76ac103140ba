"""The stage that reads pages which are images: one at a time, each kept as soon as it is read, merged at the end."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from documents import fetching, library, parse, places
from documents.blocks import Kind, ParsedBlock
from documents.models import Block, Document, PageReading, Status
from documents.parsers import FileKind, ocr_page, sandbox, scan, wire
from documents.parsers.base import Unparsable
from documents.parsers.ocr_page import PageRead
from documents.parsers.tesseract import NotInstalled, Tesseract, find
from documents.places import Page
from pipeline.stages import Cancelled, Impossible, Stage, Work
from schools.admission import Member
from schools.bulk import insert
from schools.ids import RunId
from schools.refusals import Refused
from schools.scope import school_scope

DOUBTFUL = 0.60  # a page less sure than this is kept, and told
POLL_S = 1.0
# What this stage says of a page; a page that holds no words is told but is no failure.
NO_WORDS = "no_words"


class Busy(Refused):
    """The document is being processed: what is asked now would come too late for it."""

    code = "busy"
    status = 409


class NoSuchPage(Refused):
    """The document has no such page, or no pages that are shown as they look."""

    code = "invalid"


@dataclass(frozen=True, slots=True)
class _Missed:
    """Why a page was not read."""

    reason: str
    code: str


def read(work: Work) -> None:
    """Read what PARSE left to OCR, and what people asked to be read by it; put it in its place in the document."""
    with school_scope(work.school_id):
        document = Document.objects.filter(pk=work.subject_id, deleted_at=None).first()
    if document is None:
        raise Cancelled
    wanted = pages_for(document)
    if not wanted:
        return
    missed: dict[int, _Missed] = {}
    try:
        program = find()
    except NotInstalled as error:
        missed = {
            page: _Missed(_("La página %d es una imagen.") % page + f" {error}", error.code)
            for page in wanted
        }
        readings: dict[int, PageReading] = {}
    else:
        reader = ocr_page.reader_of(program)
        with _fetched(document) as path:
            missed = _read_pages(
                work, document, path, sorted(wanted - _kept(work, document, reader)), program
            )
            readings = _readings(work, document, wanted, reader)
            _turn(document, path, readings)
    _merge(work, document, readings, missed)


def pages_for(document: Document) -> set[int]:
    """Return the pages that OCR is to read."""
    marked = {
        each["place"]["page"]
        for each in document.unreadable
        if each["code"] in parse.FOR_OCR and each["place"] and each["place"].get("kind") == "page"
    }
    return marked | set(document.ocr_pages)


def read_again(member: Member, document_id: UUID, page: int) -> RunId:
    """Have a page read by OCR, whether it has text of its own or not, and whatever was read on it before.

    Raises NoSuchDocument, NotYours, NoSuchPage, or Busy.
    """
    library.check_changeable(member, [document_id])
    with school_scope(member.school_id):
        document = Document.objects.select_for_update().get(pk=document_id)
        has_pages = document.format == FileKind.PDF or document.has_copy
        if not has_pages or not 1 <= page <= (document.pages or 0):
            raise NoSuchPage(_("El documento no tiene esa página."), field="page")
        if document.status in (Status.QUEUED, Status.PROCESSING):
            raise Busy(_("El documento se está procesando. Probar otra vez cuando termine."))
        document.ocr_pages = sorted({*document.ocr_pages, page})
        document.save(update_fields=["ocr_pages"])
        PageReading.objects.filter(document_id=document_id, page=page).delete()
        return library.retry(member, document_id)


@contextmanager
def _fetched(document: Document) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ocr-") as folder:
        path = Path(folder) / "pages.pdf"
        try:
            fetching.fetch(document.legible_key, path, sha256="" if document.has_copy else document.sha256)
        except fetching.StoreAway as error:
            raise fetching.later(error) from error
        except Unparsable as error:
            raise Impossible(str(error), code=error.code) from error
        yield path


def _kept(work: Work, document: Document, reader: str) -> set[int]:
    """Return the pages that this reader has read already."""
    with school_scope(work.school_id):
        rows = PageReading.objects.filter(document_id=document.pk, reader=reader)
        return set(rows.values_list("page", flat=True))


def _read_pages(
    work: Work, document: Document, path: Path, pages: Sequence[int], program: Tesseract
) -> dict[int, _Missed]:
    """Read pages beside each other and keep each at once; return those that could not be read."""
    missed: dict[int, _Missed] = {}
    may_turn = document.format == FileKind.IMAGE
    with ThreadPoolExecutor(settings.OCR_PARALLEL, thread_name_prefix="ocr") as pool:
        under_way: dict[Future[PageRead], int] = {
            pool.submit(ocr_page.read, path, page, program, may_turn=may_turn): page for page in pages
        }
        left = set(under_way)
        try:
            while left:
                done, left = wait(left, timeout=POLL_S, return_when=FIRST_COMPLETED)
                for future in done:
                    page = under_way[future]
                    try:
                        _keep(work, document, page, future.result(), reader=ocr_page.reader_of(program))
                    except Unparsable as error:
                        reason = _("La página %(page)d no se pudo leer con OCR. %(why)s")
                        missed[page] = _Missed(reason % {"page": page, "why": error}, "ocr_failed")
                work.report(len(pages) - len(left), len(pages))
        except BaseException:
            # Whoever took the work back, or the work from us, must not wait for pages that nobody will keep.
            program.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return missed


def _keep(work: Work, document: Document, page: int, found: PageRead, *, reader: str) -> None:
    stored = {"rotation": found.rotation, "blocks": [wire.block_to_json(block) for block in found.blocks]}
    with school_scope(work.school_id):
        work.hold()
        PageReading.objects.update_or_create(
            document_id=document.pk,
            page=page,
            defaults={"blocks": stored, "confidence": found.certainty, "reader": reader},
        )


def _readings(work: Work, document: Document, pages: set[int], reader: str) -> dict[int, PageReading]:
    with school_scope(work.school_id):
        rows = PageReading.objects.filter(document_id=document.pk, reader=reader, page__in=pages)
        return {row.page: row for row in rows}


def _turn(document: Document, path: Path, readings: Mapping[int, PageReading]) -> None:
    """Turn the pages of a photograph's copy upright, as their readings were placed; the original stays as it is."""
    if document.format != FileKind.IMAGE:
        return
    rotations = {page: int(reading.blocks["rotation"]) for page, reading in readings.items()}
    if any(rotations.values()):
        turned = sandbox.run_raw(lambda _report: scan.turn_pages(path, rotations))
        parse.replace_file(document.copy_key, turned)


def _merge(
    work: Work, document: Document, readings: Mapping[int, PageReading], missed: Mapping[int, _Missed]
) -> None:
    """Put what was read in the place of what those pages had; tell what is still missing."""
    with school_scope(work.school_id):
        work.hold()
        document = Document.objects.select_for_update().get(pk=document.pk)
        kept = [block.parsed() for block in Block.objects.filter(document_id=document.pk).order_by("ordinal")]
        # Where it found nothing, what little text the page has (a stamp, a number) stays.
        read_pages = {page: found for page, reading in readings.items() if (found := _blocks(reading))}
        blocks = merged(kept, read_pages)
        Block.objects.filter(document_id=document.pk).delete()
        insert(parse.block_rows(document, blocks))
        document.unreadable = _told(document.unreadable, readings, missed)
        document.save(update_fields=["unreadable"])
        has_parts = document.parts.exists()
    if not blocks and not has_parts:
        first = next(iter(document.unreadable), None)
        reason = first["reason"] if first else _("El archivo no tiene ningún texto que se pueda leer.")
        code = first["code"] if first and first["code"] != NO_WORDS else "no_text"
        raise Impossible(reason, code=code)


def merged(kept: Sequence[ParsedBlock], read_pages: Mapping[int, Sequence[ParsedBlock]]) -> list[ParsedBlock]:
    """Return a document's blocks in page order, those of the pages read in the place of what text they had.

    A picture stays, after the words of its page; so does what stands on no page, where it stood.
    """
    rest = [
        block
        for block in kept
        if block.kind is Kind.PICTURE
        or not isinstance(block.place, Page)
        or block.place.page not in read_pages
    ]
    numbered: list[tuple[int, ParsedBlock]] = [
        (page, block) for page, blocks in read_pages.items() for block in blocks
    ]
    before = 0
    for block in rest:
        before = block.place.page if isinstance(block.place, Page) else before
        numbered.append((before, block))
    return [block for _page, block in sorted(numbered, key=lambda pair: pair[0])]


def _blocks(reading: PageReading) -> list[ParsedBlock]:
    return [wire.block_from_json(stored) for stored in reading.blocks["blocks"]]


def _told(
    before: Sequence[dict[str, Any]], readings: Mapping[int, PageReading], missed: Mapping[int, _Missed]
) -> list[dict[str, Any]]:
    """Return what is still unreadable; what a person said of a page that still is, holds."""
    ours = readings.keys() | missed.keys()
    others = [each for each in before if _page(each) not in ours]
    ignored = {_page(each) for each in before if each.get("ignored")}
    told = []
    for page in sorted(ours):
        problem = missed.get(page) or _problem(page, readings[page])
        if problem is not None:
            is_ignored = problem.code == NO_WORDS or page in ignored
            told.append(
                {
                    "place": places.to_json(Page(page)),
                    "reason": problem.reason,
                    "code": problem.code,
                    "ignored": is_ignored,
                }
            )
    return sorted([*others, *told], key=lambda each: _page(each) or 0)


def _page(entry: Mapping[str, Any]) -> int | None:
    place = entry["place"]
    return place["page"] if place and place.get("kind") == "page" else None


def _problem(page: int, reading: PageReading) -> _Missed | None:
    if reading.confidence == 1.0 and not reading.blocks["blocks"]:
        return None  # blank paper
    if not reading.blocks["blocks"]:
        return _Missed(_("No se encontró texto en la página %d.") % page, NO_WORDS)
    if reading.confidence < DOUBTFUL:
        reason = _(
            "La página %d se leyó con poca seguridad. Conviene comparar el texto con la imagen, "
            "o subir una copia más nítida."
        )
        return _Missed(reason % page, "ocr_doubtful")
    return None


OCR = Stage(name="ocr", version=1, queue="cpu", run=read, weight=4)
