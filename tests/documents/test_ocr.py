"""Pages that are images are read: nearly every letter, in order, each word where it stands on the page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from documents.blocks import Kind, ParsedBlock
from documents.parsers import ocr_lines, ocr_page, tesseract
from documents.parsers.ocr_page import PageRead
from documents.parsers.pdf_lines import around
from documents.parsers.scan import Scan
from documents.places import Page, locate
from tests.documents import scan_files
from tests.documents.files import PdfPage, Run, column
from tests.documents.scan_files import (
    TEXT,
    character_error,
    image_pdf,
    scan,
    small_page,
    true_box,
    whole_text,
)  # fmt: skip

MOST_ERROR = 0.03
TOLERANCE_POINTS = 4.0


@pytest.fixture(autouse=True)
def _tesseract() -> None:
    scan_files.require_tesseract()


def read(path: Path, page: int = 1, *, may_turn: bool = False) -> PageRead:
    return ocr_page.read(path, page, tesseract.find(), may_turn=may_turn)


def boxes_of(blocks: tuple[ParsedBlock, ...], quote: str) -> tuple[tuple[float, float, float, float], ...]:
    """Return the boxes that a citation of these words would mark."""
    block = next(block for block in blocks if quote in block.text)
    start = block.text.index(quote)
    place = locate(block.place, words=block.words, text=block.text, start=start, end=start + len(quote))
    assert isinstance(place, Page)
    return place.boxes


def covers(found: tuple[float, ...], true: tuple[float, ...]) -> bool:
    return all(abs(one - other) <= TOLERANCE_POINTS for one, other in zip(found, true, strict=True))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda image: image, id="clean"),
        pytest.param(lambda image: scan_files.skewed(image, 3.0), id="skewed"),
        pytest.param(lambda image: scan_files.skewed(image, -2.4), id="skewed the other way"),
        pytest.param(scan_files.photocopied, id="photocopied"),
        pytest.param(scan_files.photographed, id="photographed"),
        pytest.param(lambda image: image.rotate(180), id="upside down"),
        pytest.param(lambda image: image.rotate(90, expand=True), id="sideways"),
        pytest.param(
            lambda image: scan_files.skewed(image, 2).rotate(270, expand=True), id="sideways, skewed"
        ),
    ],
)
def test_a_scanned_page_is_read(tmp_path: Path, spoil: "scan_files.Spoil") -> None:
    [image] = scan(tmp_path, [small_page()])
    found = read(image_pdf(tmp_path / "scan.pdf", [spoil(image)]))
    assert character_error(whole_text(found.blocks), TEXT) <= MOST_ERROR
    assert found.certainty > 0.8


@pytest.mark.parametrize(
    ("spoil", "move"),
    [
        pytest.param(lambda image: image, lambda x, y: (x, y), id="upright"),
        pytest.param(
            lambda image: image.rotate(90, expand=True), lambda x, y: (y, scan_files.WIDTH - x), id="sideways"
        ),
        pytest.param(lambda image: scan_files.skewed(image, 3.0), scan_files.skew_of(3.0), id="skewed"),
    ],
)
def test_the_words_quoted_are_the_words_marked(
    tmp_path: Path, spoil: "scan_files.Spoil", move: Callable[[float, float], tuple[float, float]]
) -> None:
    [image] = scan(tmp_path, [small_page()])
    found = read(image_pdf(tmp_path / "scan.pdf", [spoil(image)]))
    quote = "según el régimen académico"
    x0, y0, x1, y1 = true_box(tmp_path / "source.pdf", quote)
    xs, ys = zip(*(move(x, y) for x in (x0, x1) for y in (y0, y1)), strict=True)
    assert covers(around(boxes_of(found.blocks, quote)), (min(xs), min(ys), max(xs), max(ys)))


def test_a_quote_over_two_lines_has_a_box_on_each(tmp_path: Path) -> None:
    [image] = scan(tmp_path, [small_page()])
    found = read(image_pdf(tmp_path / "scan.pdf", [image]))
    first, second = boxes_of(found.blocks, "reúna más de veinticinco inasistencias injustificadas perderá")
    assert covers(first, true_box(tmp_path / "source.pdf", "reúna más de veinticinco inasistencias"))
    assert covers(second, true_box(tmp_path / "source.pdf", "injustificadas perderá"))


def test_two_columns_titles_and_cut_words_come_as_a_reader_takes_them(tmp_path: Path) -> None:
    left = [
        "La columna de la izquierda dice",
        "primero lo que pide la insti-",
        "tución a cada familia, con toda",
        "la documentación que hace falta",
        "para inscribir a los alumnos en",
        "los meses que vienen del año.",
    ]
    right = [
        "La columna de la derecha sigue",
        "después con los horarios de la",
        "secretaría, que atiende todas",
        "las mañanas de lunes a viernes",
        "y también los sábados del mes",
        "de diciembre hasta mediodía.",
    ]
    runs = [
        Run(90, 265, "Boletín de la escuela", 20, "F2"),
        *column(left, x=30, top=225, step=15, size=10.5, font="F3"),
        *column(right, x=230, top=225, step=15, size=10.5, font="F3"),
    ]
    [image] = scan(tmp_path, [PdfPage(runs, width=410, height=310)])
    found = read(image_pdf(tmp_path / "scan.pdf", [image]))
    assert (found.blocks[0].kind, found.blocks[0].text) == (Kind.HEADING, "Boletín de la escuela")
    truth = " ".join(left).replace("insti- tución", "institución") + " " + " ".join(right)
    assert character_error(whole_text(found.blocks[1:]), truth) <= MOST_ERROR


def test_blank_paper_is_told_from_a_picture_without_words(tmp_path: Path) -> None:
    blank = Image.new("L", (600, 400), 236)
    ball = Image.radial_gradient("L").resize((600, 400))
    path = image_pdf(tmp_path / "a.pdf", [blank, ball])
    assert read(path, 1).is_blank
    assert not read(path, 2).is_blank
    assert read(path, 2).blocks == ()
    assert read(path, 2).certainty < 1.0


def test_words_that_are_uncertain_are_marked_as_doubtful() -> None:
    head = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
    words = [("El", 96), ("nifio", 41), ("faltó", 95), ("v€inte", 33), ("dlas.", 52), ("~", 30)]
    rows = [
        f"5\t1\t1\t1\t1\t{n}\t{100 * n}\t100\t80\t30\t{sure}\t{text}"
        for n, (text, sure) in enumerate(words, 1)
    ]
    page = Scan(900, 300, 240, (0.3, 0, 0, 0, 0.3, 0), 270, 90, 0, False, bytes(900 * 300))
    lines = ocr_lines.read("\n".join([head, *rows]), page)
    [block] = ocr_page.blocks_of(lines, 1)
    assert block.text == "El nifio faltó v€inte dlas."
    assert [block.text[first:last] for first, last in block.doubts] == ["nifio", "v€inte dlas."]
    with pytest.raises(ocr_lines.NotATable):
        ocr_lines.read("\n".join([head, "5\t1\t1\t1\t1\t1\tx\t0\t0\t0\t90\tEl"]), page)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turning_a_scan_keeps_the_way_back(degrees: int) -> None:
    page = Scan(4, 2, 72, (1, 0, 0, 0, 1, 0), 4, 2, 0, False, bytes(range(8)))
    turned = page.turned(degrees)
    at = turned.pixels.index(6)  # the third of the second row
    row, column = divmod(at, turned.width)
    assert turned.place((column, row, column + 1, row + 1)) == (2, 1, 3, 2)
    # As of a page that has been turned in its file, a pixel stands where it is seen.
    assert turned.upright().place((column, row, column + 1, row + 1)) == (column, row, column + 1, row + 1)
