from collections.abc import Sequence
from pathlib import Path

import pypdfium2
import pytest

from documents.blocks import Kind, ParsedBlock, ParsedDocument
from documents.parsers import base, pdf
from documents.places import Page, locate
from tests.documents.files import PdfPage, Run, column, write_pdf

LINES = [
    "El alumno que reúna más de veinticinco inasistencias perderá",
    "la condición de regular y deberá solicitar su reincorpo-",
    "ración ante la dirección, según el Artículo 12 del régimen.",
]


def parse(path: Path, pages: Sequence[PdfPage], title: str = "") -> ParsedDocument:
    return pdf.parse(write_pdf(path / "a.pdf", pages, title=title))


def text_under_boxes(path: Path, place: object, *, is_sideways: bool = False) -> str:
    """Return what pdfium finds under the boxes of a place, asked anew and by page coordinates.

    `is_sideways`: the text runs up or down the page as it is shown.
    """
    assert isinstance(place, Page)
    document = pypdfium2.PdfDocument(path)
    page = document[place.page - 1]
    width, height = page.get_size()
    textpage = page.get_textpage()
    left, bottom, right, top = page.get_bbox()
    found = []
    for x0, y0, x1, y1 in place.boxes:
        corners = {
            0: (left + x0, top - y1, left + x1, top - y0),
            90: (left + y0, bottom + x0, left + y1, bottom + x1),
            180: (right - x1, bottom + y0, right - x0, bottom + y1),
            270: (right - y1, top - x1, right - y0, top - x0),
        }[page.get_rotation()]
        assert 0 <= x0 < x1 <= width + 0.1
        assert 0 <= y0 < y1 <= height + 0.1
        # Boxes are as high as the line: ask for the middle of each, or the line above is touched too.
        turned = (page.get_rotation() in (90, 270)) != is_sideways
        dx, dy = (0.3 * (corners[2] - corners[0]), 0.0) if turned else (0.0, 0.3 * (corners[3] - corners[1]))
        found.append(
            textpage.get_text_bounded(corners[0] + dx, corners[1] + dy, corners[2] - dx, corners[3] - dy)
        )
    textpage.close()
    page.close()
    document.close()
    return letters(" ".join(found))


def letters(text: str) -> str:
    """Return letters and digits only: pdfium leaves out what stands low, and adds spaces between lines."""
    return "".join(filter(str.isalnum, text))


def quote_place(block: ParsedBlock, quote: str) -> object:
    start = block.text.index(quote)
    return locate(block.place, words=block.words, text=block.text, start=start, end=start + len(quote))


def upright(rotate: int) -> PdfPage:
    """Return a page whose text reads upright once it is turned as the page says."""
    match rotate:
        case 90:
            runs = [Run(100 + 14 * index, 72, text, angle=90) for index, text in enumerate(LINES)]
        case 180:
            runs = [Run(520, 100 + 14 * index, text, angle=180) for index, text in enumerate(LINES)]
        case 270:
            runs = [Run(500 - 14 * index, 770, text, angle=270) for index, text in enumerate(LINES)]
        case _:
            runs = column(LINES)
    return PdfPage(runs, rotate=rotate)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize(
    "quote",
    ["veinticinco inasistencias perderá la condición", "reincorporación ante la dirección", "Artículo 12"],
)
def test_marked_text_is_quoted_text_on_turned_pages(tmp_path: Path, rotate: int, quote: str) -> None:
    document = parse(tmp_path, [upright(rotate)])
    (block,) = document.blocks
    assert block.text == " ".join(LINES).replace("reincorpo- ración", "reincorporación")
    found = text_under_boxes(tmp_path / "a.pdf", quote_place(block, quote))
    assert found == letters(quote)


def test_marked_text_is_quoted_text_on_a_cropped_page(tmp_path: Path) -> None:
    document = parse(tmp_path, [PdfPage(column(LINES, x=120, top=600), crop=(50, 100, 560, 700))])
    found = text_under_boxes(tmp_path / "a.pdf", quote_place(document.blocks[0], "veinticinco inasistencias"))
    assert found == letters("veinticinco inasistencias")


def test_sideways_text_on_an_upright_page_is_read_in_order(tmp_path: Path) -> None:
    document = parse(
        tmp_path, [PdfPage([Run(100 + 14 * at, 72, text, angle=90) for at, text in enumerate(LINES)])]
    )
    assert document.blocks[0].text.startswith("El alumno que reúna más de veinticinco")
    assert "reincorporación ante" in document.blocks[0].text


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = column([f"Columna izquierda, renglón número {n} del texto" for n in range(8)], x=50, size=9)
    right = column([f"Columna derecha, renglón número {n} del texto" for n in range(8)], x=310, size=9)
    rows = [run for pair in zip(left, right, strict=True) for run in pair]  # written row by row
    head = [Run(60, 800, "Un título que cruza las dos columnas de la página entera del boletín", 14, "F2")]
    document = parse(tmp_path, [PdfPage([*head, *rows])])
    text = "\n".join(block.text for block in document.blocks)
    assert text.startswith("Un título que cruza")
    assert text.index("izquierda, renglón número 7") < text.index("derecha, renglón número 0")
    found = quote_place(document.blocks[-1], "derecha, renglón número 3")
    assert text_under_boxes(tmp_path / "a.pdf", found) == letters("derecha, renglón número 3")


def test_headings_articles_and_lists_are_told_apart(tmp_path: Path) -> None:
    runs = [
        *column(["RÉGIMEN ACADÉMICO"], x=220, top=800, size=18, font="F2"),
        *column(["CAPÍTULO II"], x=265, top=760),
        *column(["De la asistencia"], x=260, top=746, font="F2"),
        *column(
            [
                "Artículo 12. Inasistencias. El alumno podrá tener hasta veinticinco inasistencias en el",
                "ciclo lectivo.",
            ],
            top=710,
        ),
        *column(
            [
                "a) Las justificadas por enfermedad se acreditan con certificado;",
                "b) Las demás se avisan por escrito.",
            ],
            top=670,
        ),
    ]
    blocks = parse(tmp_path, [PdfPage(runs)]).blocks
    assert [(block.kind, block.text[:24]) for block in blocks] == [
        (Kind.HEADING, "RÉGIMEN ACADÉMICO"),
        (Kind.HEADING, "CAPÍTULO II De la asiste"),
        (Kind.PARAGRAPH, "Artículo 12. Inasistenci"),
        (Kind.LIST_ITEM, "a) Las justificadas por "),
        (Kind.LIST_ITEM, "b) Las demás se avisan p"),
    ]
    assert blocks[2].text.endswith("en el ciclo lectivo.")


def test_headers_footers_and_page_numbers_are_dropped(tmp_path: Path) -> None:
    pages = [
        PdfPage(
            [
                Run(72, 815, "Instituto Norte - Reglamento"),
                Run(290, 30, f"Página {n} de 4"),
                *column([f"Texto propio de la página {n}."], top=600),
            ]
        )
        for n in range(1, 5)
    ]
    texts = [block.text for block in parse(tmp_path, pages).blocks]
    assert texts == [f"Texto propio de la página {n}." for n in range(1, 5)]


def test_a_ruled_table_keeps_its_cells_and_their_boxes(tmp_path: Path) -> None:
    cells = [["Curso", "Turno", "Máximo"], ["Primero A", "Mañana", "25"], ["Segundo B", "Tarde", "20"]]
    runs = [
        Run(80 + 120 * j, 660 - 30 * i, text) for i, row in enumerate(cells) for j, text in enumerate(row)
    ]
    lines = [(72, 680 - 30 * i, 432, 680 - 30 * i) for i in range(4)]
    lines += [(72 + 120 * j, 680, 72 + 120 * j, 590) for j in range(4)]
    before, after = (
        Run(72, 720, "Inasistencias por curso:"),
        Run(72, 500, "Lo demás se rige por el reglamento."),
    )
    blocks = parse(tmp_path, [PdfPage([before, *runs, after], lines)]).blocks
    assert [block.kind for block in blocks] == [Kind.PARAGRAPH, Kind.TABLE, Kind.PARAGRAPH]
    assert blocks[1].cells == tuple(map(tuple, cells))
    assert blocks[1].level == 1
    assert blocks[1].text.split("\n")[2] == "Segundo B | Tarde | 20"
    assert text_under_boxes(tmp_path / "a.pdf", quote_place(blocks[1], "Segundo B")) == letters("Segundo B")


def test_title_comes_from_the_metadata_or_the_first_heading(tmp_path: Path) -> None:
    heading = column(["Reglamento de convivencia"], size=20, font="F2")
    page = PdfPage([*heading, *column(LINES, top=700)])
    assert parse(tmp_path, [page], title="Régimen académico 2026").title == "Régimen académico 2026"
    assert parse(tmp_path, [page], title="Microsoft Word - doc1.docx").title == "Reglamento de convivencia"


WHOLE = (0, 0, 595, 842)
POOR = "Rcg1m3n d3 ls cnvvnc. ~~ l|l|l .,;' xtrct dl rtcl 4°: pr lls w3 ||| ;;; ~ mrtz 1l1l1 zzkt"


def test_a_blank_page_is_nothing_and_an_image_is_told(tmp_path: Path) -> None:
    document = parse(
        tmp_path,
        [PdfPage(), PdfPage(images=[WHOLE]), PdfPage(column(LINES)), PdfPage(lines=[(72, 700, 500, 700)])],
    )
    assert [(part.place, part.code) for part in document.unreadable] == [(Page(2), "no_text")]
    assert document.unreadable[0].reason == "La página 2 es una imagen: su texto solo se puede leer con OCR."
    assert document.pages == 4
    assert {block.place.page for block in document.blocks} == {3}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("page", "is_image"),
    [
        (PdfPage(images=[WHOLE], is_form=True), True),
        (PdfPage(images=[(0, 60 * n, 595, 60 * n + 60) for n in range(14)]), True),  # a scan in strips
        (PdfPage(images=[(500, 800, 540, 820)]), False),  # a small ornament
        (PdfPage(images=[WHOLE], rotate=90), True),
        (PdfPage([Run(280, 20, "- 3 -")], images=[WHOLE]), True),
        (PdfPage([Run(60, 400, "Anexo I")]), False),
        (PdfPage(column(LINES), images=[WHOLE]), False),  # a background
        (PdfPage([Run(60, 400, POOR, mode=3)], images=[WHOLE]), True),
        (
            PdfPage([Run(60, 700 - 14 * n, text, mode=3) for n, text in enumerate(LINES)], images=[WHOLE]),
            False,
        ),
        (PdfPage(raw=b"0 0 m " + b"10 20 l 30 5 l " * 300 + b"f"), True),  # letters turned into drawings
    ],
)
def test_what_is_drawn_tells_an_image_from_a_page(tmp_path: Path, page: PdfPage, is_image: bool) -> None:
    document = parse(tmp_path, [page])
    assert [part.code for part in document.unreadable] == ["no_text"] * is_image
    assert bool(document.blocks) == bool(page.runs)  # what text there is stays until OCR replaces it


def test_a_scan_is_told_page_by_page(tmp_path: Path) -> None:
    document = parse(tmp_path, [PdfPage(images=[WHOLE])] * 3)
    assert [part.place for part in document.unreadable] == [Page(1), Page(2), Page(3)]
    assert not document.blocks


def test_encrypted_damaged_and_endless_files_say_so(tmp_path: Path) -> None:
    with pytest.raises(base.Encrypted, match="contraseña"):
        pdf.parse(write_pdf(tmp_path / "b.pdf", [PdfPage(column(LINES))], encrypted=True))
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.4\nnada")
    with pytest.raises(base.Broken):
        pdf.parse(tmp_path / "c.pdf")
    many = write_pdf(tmp_path / "d.pdf", [PdfPage()] * (base.MAX_PDF_PAGES + 1))
    with pytest.raises(base.ParseTooBig) as caught:
        pdf.parse(many)
    assert caught.value.code == "too_many_pages"
