"""One page read by OCR: rendered in a confined child, turned upright, recognised, and put into blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from documents.blocks import ParsedBlock
from documents.parsers import ocr_lines, pdf_order, pdf_paragraphs, sandbox, scan
from documents.parsers.base import MIB, ParseCrashed
from documents.parsers.ocr_lines import Lines
from documents.parsers.scan import Scan
from documents.parsers.tesseract import Tesseract

SETTINGS = 1  # raised when a change here reads pages better
SURE = 0.80  # a page as sure as this stands the right way up
FEW_LETTERS = 12
LIMITS = sandbox.Limits(wall_s=90.0, cpu_s=60, memory_bytes=1_024 * MIB, result_bytes=64 * MIB)


@dataclass(frozen=True, slots=True)
class PageRead:
    """What OCR made of a page. `certainty`: 0–1. `turn`: how its page must be turned in the file, degrees clockwise."""

    blocks: tuple[ParsedBlock, ...]
    certainty: float
    is_blank: bool
    rotation: int


def reader_of(program: Tesseract) -> str:
    """Return what tells one way of reading from another: program, version, language and settings."""
    return f"tesseract {program.version} spa {SETTINGS}"


def read(path: Path, page: int, program: Tesseract, *, may_turn: bool) -> PageRead:
    """Return what stands on page `page` (from 1) of a PDF; raise Unparsable.

    `may_turn`: the boxes are those of the page once its file has it upright, by `rotation`; else of the page as is.
    """
    photograph = _photograph(path, page)
    if photograph.is_blank:
        return PageRead((), 1.0, is_blank=True, rotation=photograph.rotation)
    upright, lines = _upright(photograph, program, may_turn=may_turn)
    return PageRead(
        blocks=tuple(blocks_of(lines, page)),
        certainty=lines.certainty,
        is_blank=False,
        rotation=upright.rotation,
    )


def _photograph(path: Path, page: int) -> Scan:
    told = sandbox.run_raw(lambda _report: scan.photograph(path, page), limits=LIMITS)
    try:
        return Scan.of(told)
    except scan.NotAScan as error:
        raise ParseCrashed("La página hizo fallar al lector.", code="bad_answer") from error


def _upright(photograph: Scan, program: Tesseract, *, may_turn: bool) -> tuple[Scan, Lines]:
    """Return the scan as it reads best, with its lines."""

    def attempt(degrees: int) -> tuple[Scan, Lines]:
        turned = photograph.turned(degrees)
        if may_turn:
            turned = turned.upright()
        return turned, _recognise(turned, program)

    best = attempt(0)
    if _is_sure(best[1]):
        return best
    told = program.turn_of(photograph)
    if told == 0:
        return best
    for degrees in (told,) if told is not None else (180, 90, 270):
        other = attempt(degrees)
        if _worth(other[1]) > _worth(best[1]):
            best = other
        if _is_sure(best[1]):
            break
    return best


def _recognise(page: Scan, program: Tesseract) -> Lines:
    try:
        return ocr_lines.read(program.read(page), page)
    except ocr_lines.NotATable as error:
        raise ParseCrashed("El reconocimiento de la página falló.", code="bad_answer") from error


def _is_sure(lines: Lines) -> bool:
    return lines.certainty >= SURE and lines.letters >= FEW_LETTERS and not lines.is_sideways


def _worth(lines: Lines) -> float:
    return 0.0 if lines.is_sideways else lines.certainty**2 * lines.letters


def blocks_of(lines: Lines, page: int) -> Sequence[ParsedBlock]:
    """Return the blocks of a page's lines, in reading order."""
    columns = pdf_order.columns(lines.lines) if lines.lines else []
    style = pdf_paragraphs.usual_style([columns])
    found = [
        paragraph
        for column in columns
        for paragraph in pdf_paragraphs.paragraphs(column, page=page, style=style)
    ]
    return list(pdf_paragraphs.blocks(found, style=style))
