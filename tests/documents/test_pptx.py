import io
from copy import deepcopy
from pathlib import Path
from typing import Any

from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Cm

from documents import places
from documents.blocks import Kind
from documents.parsers import pptx
from documents.places import Slide
from tests.documents.files import rewrite_zip
from tests.documents.golden import assert_reads_as, heading, item, note, paragraph, picture, table
from tests.documents.office_files import drawing_of, write_pptx

_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_DGM = 'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'


def box(slide: Any, text: str, left: float, top: float, *, width: float = 8, height: float = 2) -> Any:
    """Add a text box; all in centimetres."""
    shape = slide.shapes.add_textbox(Cm(left), Cm(top), Cm(width), Cm(height))
    shape.text_frame.text = text
    return shape


def numbered(frame: Any, kind: str, *texts: str) -> None:
    """Fill a frame with paragraphs that count."""
    frame.text = "\n".join(texts)
    for found in frame.paragraphs:
        properties = found._p.get_or_add_pPr()
        properties.append(etree.fromstring(f'<a:buAutoNum {_A} type="{kind}"/>'))


def test_a_meeting_with_families(tmp_path: Path) -> None:
    def fill(deck: Any) -> None:
        first = deck.slides.add_slide(deck.slide_layouts[0])
        first.shapes.title.text = "Reunión de familias de 1.º año"
        first.placeholders[1].text = "Escuela N.º 4-012\nMarzo de 2026"
        agenda = deck.slides.add_slide(deck.slide_layouts[1])
        agenda.shapes.title.text = "Temas de hoy"
        frame = agenda.placeholders[1].text_frame
        frame.text = "Régimen académico"
        for text, level in (("Promoción", 1), ("Acreditación", 1), ("Convivencia", 0)):
            added = frame.add_paragraph()
            added.text, added.level = text, level
        agenda.notes_slide.notes_text_frame.text = "Saludar a las familias nuevas.\nPasar la planilla."
        steps = deck.slides.add_slide(deck.slide_layouts[1])
        steps.shapes.title.text = "Cómo justificar una inasistencia"
        numbered(
            steps.placeholders[1].text_frame, "arabicPeriod", "Pedir el certificado", "Traerlo en 48 horas"
        )
        empty = deck.slides.add_slide(deck.slide_layouts[6])
        box(empty, "¿Preguntas?", 3, 3)

    document = pptx.parse(write_pptx(tmp_path / "a.pptx", fill))
    assert (document.title, document.pages) == ("Reunión de familias de 1.º año", 4)
    assert_reads_as(
        document,
        [
            heading(1, "Reunión de familias de 1.º año", slide=1),
            paragraph("Escuela N.º 4-012", slide=1),
            paragraph("Marzo de 2026", slide=1),
            heading(2, "Temas de hoy", slide=2),
            item("• Régimen académico", slide=2),
            item("• Promoción", 1, slide=2),
            item("• Acreditación", 1, slide=2),
            item("• Convivencia", slide=2),
            note("Saludar a las familias nuevas.", slide=2),
            note("Pasar la planilla.", slide=2),
            heading(2, "Cómo justificar una inasistencia", slide=3),
            item("1. Pedir el certificado", slide=3),
            item("2. Traerlo en 48 horas", slide=3),
            heading(2, "Diapositiva 4", slide=4),
            paragraph("¿Preguntas?", slide=4),
        ],
    )


def test_results_in_tables_charts_and_pictures(tmp_path: Path) -> None:
    def fill(deck: Any) -> None:
        results = deck.slides.add_slide(deck.slide_layouts[5])
        results.shapes.title.text = "Resultados del año"
        shape = results.shapes.add_table(4, 3, Cm(1), Cm(4), Cm(20), Cm(4))
        rows = (
            ("Curso", "Aprobaron", "Desaprobaron"),
            ("1.º A", "25", "3"),
            ("", "12 niñas", "1 niña"),
            ("Sin datos", "", ""),
        )
        for at, texts in enumerate(rows):
            for column, text in enumerate(texts):
                shape.table.cell(at, column).text = text
        shape.table.cell(1, 0).merge(shape.table.cell(2, 0))
        shape.table.cell(3, 0).merge(shape.table.cell(3, 2))
        data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
        data.categories = ["1.º trimestre", "2.º trimestre"]
        data.add_series("Lengua", (7.5, 8))
        data.add_series("Matemática", (6, 6.25))
        chart = results.shapes.add_chart(
            XL_CHART_TYPE.COLUMN_CLUSTERED, Cm(1), Cm(10), Cm(10), Cm(6), data
        ).chart
        chart.has_title = True
        chart.chart_title.text_frame.text = "Promedios por área"
        image = results.shapes.add_picture(io.BytesIO(drawing_of()), Cm(14), Cm(10))
        image._element.nvPicPr.cNvPr.set("descr", "Mural de los niños de 3.º")
        group = results.shapes.add_group_shape()
        for text, left in (("derecha", 12), ("izquierda", 2)):
            inner = group.shapes.add_textbox(Cm(left), Cm(17), Cm(5), Cm(1))
            inner.text_frame.text = f"Pie {text}"

    document = pptx.parse(write_pptx(tmp_path / "a.pptx", fill))
    assert_reads_as(
        document,
        [
            heading(2, "Resultados del año", slide=1),
            table(
                1,
                ("Curso", "Aprobaron", "Desaprobaron"),
                ("1.º A", "25", "3"),
                ("1.º A", "12 niñas", "1 niña"),
                ("Sin datos", "", ""),
                slide=1,
            ),
            paragraph("Promedios por área", slide=1),
            table(
                1,
                ("", "Lengua", "Matemática"),
                ("1.º trimestre", "7,5", "6"),
                ("2.º trimestre", "8", "6,25"),
                slide=1,
            ),
            picture("Mural de los niños de 3.º", slide=1),
            paragraph("Pie izquierda", slide=1),
            paragraph("Pie derecha", slide=1),
        ],
    )


def test_shapes_are_read_where_they_stand_and_hidden_slides_are_told(tmp_path: Path) -> None:
    def fill(deck: Any) -> None:
        first = deck.slides.add_slide(deck.slide_layouts[5])
        first.shapes.title.text = "Deberes y derechos"
        box(first, "Estudiar todos los días", 13, 8, height=8)
        box(first, "Ser escuchado", 1, 8.1, height=8)
        box(first, "Al pie: rige desde 2026", 1, 17.5, width=20, height=1)
        box(first, "Deberes", 13, 5, height=2)
        box(first, "Derechos", 1, 5.2, height=2)
        hidden = box(first, "no se ve", 1, 1)
        hidden._element.nvSpPr.cNvPr.set("hidden", "1")
        second = deck.slides.add_slide(deck.slide_layouts[5])
        second.shapes.title.text = "Borrador"
        second._element.set("show", "0")
        third = deck.slides.add_slide(deck.slide_layouts[5])
        third.shapes.title.text = "Cómo actuar"
        frame = box(third, "x", 1, 5)._element
        frame.getparent().replace(frame, etree.fromstring(
            f'<p:graphicFrame {_P} {_A} {_R} {_DGM}><p:nvGraphicFramePr><p:cNvPr id="5" name="D"/>'
            "<p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>"
            '<p:xfrm><a:off x="1" y="9000000"/><a:ext cx="1" cy="1"/></p:xfrm><a:graphic><a:graphicData>'
            '<dgm:relIds r:dm="rId77"/></a:graphicData></a:graphic></p:graphicFrame>'
        ))  # fmt: skip

    def point(name: str, text: str, kind: str = "node") -> str:
        return f'<dgm:pt modelId="{name}" type="{kind}"><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>'

    data = (
        f"<dgm:dataModel {_DGM} {_A}><dgm:ptLst>{point('0', '', 'doc')}{point('2', 'Avisar')}{point('1', 'Escuchar')}"
        f"{point('3', 'A la familia')}</dgm:ptLst><dgm:cxnLst>"
        '<dgm:cxn srcId="0" destId="2" srcOrd="1"/><dgm:cxn srcId="0" destId="1" srcOrd="0"/>'
        '<dgm:cxn srcId="2" destId="3" srcOrd="0"/></dgm:cxnLst></dgm:dataModel>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId77" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData"'
        ' Target="../diagrams/data1.xml"/></Relationships>'
    )
    path = write_pptx(tmp_path / "a.pptx", fill)
    parts: dict[str, bytes | None] = {
        "ppt/diagrams/data1.xml": data.encode(),
        "ppt/slides/_rels/slide3.xml.rels": relations.encode(),
    }
    document = pptx.parse(rewrite_zip(path, parts))
    assert_reads_as(
        document,
        [
            heading(2, "Deberes y derechos", slide=1),
            paragraph("Derechos", slide=1),
            paragraph("Ser escuchado", slide=1),
            paragraph("Deberes", slide=1),
            paragraph("Estudiar todos los días", slide=1),
            paragraph("Al pie: rige desde 2026", slide=1),
            heading(2, "Cómo actuar", slide=3),
            item("• Escuchar", slide=3),
            item("• Avisar", slide=3),
            item("• A la familia", 1, slide=3),
        ],
    )
    assert document.pages == 3
    (told,) = document.unreadable
    assert (told.place, told.code) == (Slide(2), "hidden_slide")
    assert "mostrarla" in told.reason


def test_a_lost_slide_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    def fill(deck: Any) -> None:
        for text in ("Uno", "Dos", "Tres"):
            deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = text

    path = write_pptx(tmp_path / "a.pptx", fill)
    rewrite_zip(path, {"ppt/slides/slide1.xml": None, "ppt/slides/slide2.xml": b"<p:sld"})
    document = pptx.parse(path)
    assert [(part.place, part.code) for part in document.unreadable] == [
        (Slide(1), "broken_slide"),
        (Slide(2), "broken_slide"),
    ]
    (block,) = document.blocks
    assert (block.kind, block.text, block.place) == (Kind.HEADING, "Tres", Slide(3))
    assert places.locate(block.place, words=b"", text=block.text, start=0, end=2) == Slide(3)


def test_of_many_titles_the_first_short_one_is_the_title(tmp_path: Path) -> None:
    def fill(deck: Any) -> None:
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = "Una página entera de prosa. " * 20
        copy = deepcopy(slide.shapes.title._element)
        slide.shapes._spTree.append(copy)
        slide.shapes[1].text_frame.text = "El título"

    document = pptx.parse(write_pptx(tmp_path / "a.pptx", fill))
    assert [(block.kind, block.text[:9]) for block in document.blocks] == [
        (Kind.HEADING, "El título"),
        (Kind.PARAGRAPH, "Una págin"),
    ]
