import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from odf import draw, opendocument, presentation, style, table, text

from documents.blocks import ParsedDocument
from documents.parsers import base, odp, odt
from documents.places import Slide
from tests.documents import golden
from tests.documents.files import rewrite_zip
from tests.documents.golden import assert_reads_as, heading, item, note, paragraph, picture
from tests.documents.office_files import drawing_of, write_odf

Parser = Callable[[Path], ParsedDocument]

NUMBERED = (
    '<text:list-style style:name="L1">'
    '<text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="1" style:num-suffix="." text:display-levels="2"/>'
    "</text:list-style>"
    '<text:list-style style:name="L2"><text:list-level-style-bullet text:level="1"/></text:list-style>'
)


def test_a_rulebook(tmp_path: Path) -> None:
    document = opendocument.OpenDocumentText()
    title = style.Style(name="Title", family="paragraph")
    document.styles.addElement(title)
    numbers = text.ListStyle(name="Incisos")
    numbers.addElement(text.ListLevelStyleNumber(level=1, numformat="a", numsuffix=")"))
    document.automaticstyles.addElement(numbers)
    document.text.addElement(text.P(stylename=title, text="Reglamento interno"))
    document.text.addElement(text.H(outlinelevel=1, text="Título I: De los niños"))
    document.text.addElement(
        text.P(text="Artículo 1.º La jornada comienza a las 7:45; habrá diez minutos de tolerancia.")
    )
    items = text.List(stylename=numbers)
    for words in ("Llegar con puntualidad", "Traer el cuaderno de comunicación"):
        entry = text.ListItem()
        entry.addElement(text.P(text=words))
        items.addElement(entry)
    document.text.addElement(items)
    document.text.addElement(text.H(outlinelevel=2, text="Sanciones"))
    grid = table.Table(name="Sanciones")
    grid.addElement(table.TableColumn(numbercolumnsrepeated=2))
    for row in (("Falta", "Sanción"), ("Leve", "Llamado de atención"), ("Muy grave", "Suspensión")):
        line = table.TableRow()
        for word in row:
            entry = table.TableCell()
            entry.addElement(text.P(text=word))
            line.addElement(entry)
        grid.addElement(line)
    document.text.addElement(grid)
    document.save(str(tmp_path / "a.odt"))
    parsed = odt.parse(tmp_path / "a.odt")
    assert parsed.title == "Reglamento interno"
    assert_reads_as(
        parsed,
        [
            heading(1, "Reglamento interno"),
            heading(1, "Título I: De los niños"),
            paragraph("Artículo 1.º La jornada comienza a las 7:45; habrá diez minutos de tolerancia."),
            item("a) Llegar con puntualidad"),
            item("b) Traer el cuaderno de comunicación"),
            heading(2, "Sanciones"),
            golden.table(
                1, ("Falta", "Sanción"), ("Leve", "Llamado de atención"), ("Muy grave", "Suspensión")
            ),
        ],
    )


def test_minutes_with_changes_notes_and_pictures(tmp_path: Path) -> None:
    body = (
        '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion><text:p>lo borrado</text:p>'
        "</text:deletion></text:changed-region></text:tracked-changes>"
        '<text:h text:outline-level="1">Acta N.º 7</text:h>'
        '<text:p>En Viña del Mar<text:change text:change-id="c1"/>,<text:s text:c="3"/>a las<text:tab/>9:30'
        "<text:line-break/>se reúne el<office:annotation><text:p>¿quién?</text:p></office:annotation> "
        '<text:change-start text:change-id="c2"/>consejo<text:change-end text:change-id="c2"/>'
        '<text:span text:style-name="Oculto"> secreto</text:span>'
        '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
        "<text:p>Según el artículo 12.</text:p><text:p>Y su anexo.</text:p></text:note-body></text:note>.</text:p>"
        '<text:p><draw:frame text:anchor-type="as-char"><draw:image xlink:href="Pictures/a.png"/>'
        "<svg:desc>Sello de la escuela</svg:desc></draw:frame>Firma la directora.</text:p>"
        '<text:p>Al margen<draw:frame text:anchor-type="paragraph"><draw:text-box><text:p>Aviso: hay feria.</text:p>'
        "</draw:text-box></draw:frame></text:p>"
        '<text:section text:display="none"><text:p>no se ve</text:p></text:section>'
        "<text:section><text:p>Se levanta la sesión.</text:p></text:section>"
    )
    automatic = (
        '<style:style style:name="Oculto" style:family="text"><style:text-properties text:display="none"/>'
        "</style:style>"
    )
    master = (
        '<style:master-page style:name="Standard"><style:header><text:p>Escuela N.º 4-012 «Ñandú»</text:p>'
        "<text:p>Acta N.º 7</text:p></style:header><style:footer><text:p>Página <text:page-number>3</text:page-number>"
        "</text:p></style:footer></style:master-page>"
    )
    path = write_odf(
        tmp_path / "a.odt",
        "text",
        body,
        automatic=automatic,
        master=master,
        files={"Pictures/a.png": drawing_of()},
        title="Acta número siete",
    )
    parsed = odt.parse(path)
    assert parsed.title == "Acta número siete"
    assert_reads_as(
        parsed,
        [
            note("Escuela N.º 4-012 «Ñandú»"),
            heading(1, "Acta N.º 7"),
            paragraph("En Viña del Mar, a las 9:30 se reúne el consejo."),
            note("Nota 1: Según el artículo 12. Y su anexo."),
            picture("Sello de la escuela"),
            paragraph("Firma la directora."),
            paragraph("Al margen"),
            paragraph("Aviso: hay feria."),
            paragraph("Se levanta la sesión."),
        ],
    )


def cells(*words: str) -> str:
    return "".join(f"<table:table-cell><text:p>{word}</text:p></table:table-cell>" for word in words)


def lines(*rows: tuple[str, ...]) -> str:
    return "".join(f"<table:table-row>{cells(*words)}</table:table-row>" for words in rows)


def test_a_plan_with_lists_and_merged_cells(tmp_path: Path) -> None:
    inner = f"<table:table>{lines(('Mes', 'Tema'), ('Mayo', 'Números'))}</table:table>"
    body = (
        '<text:table-of-content><text:index-body><text:index-title><text:p>Índice</text:p></text:index-title>'
        "<text:p>Objetivos<text:tab/>2</text:p></text:index-body></text:table-of-content>"
        '<text:h text:outline-level="1">Objetivos</text:h>'
        '<text:list text:style-name="L1" xml:id="l1"><text:list-item><text:p>Leer</text:p><text:list><text:list-item>'
        "<text:p>en voz alta</text:p></text:list-item></text:list></text:list-item>"
        "<text:list-item><text:p>Escribir</text:p>"
        "<text:p>con buena letra</text:p></text:list-item></text:list>"
        "<text:p>Entre las listas.</text:p>"
        '<text:list text:style-name="L1" text:continue-numbering="true"><text:list-item><text:p>Contar</text:p>'
        "</text:list-item></text:list>"
        '<text:list text:style-name="L2"><text:list-item><text:p>con los dedos</text:p></text:list-item></text:list>'
        '<text:list text:style-name="L1"><text:list-item text:start-value="9"><text:p>Nueve</text:p></text:list-item>'
        "</text:list>"
        "<table:table><table:table-header-rows><table:table-row>"
        '<table:table-cell><text:p>Día</text:p></table:table-cell><table:table-cell table:number-columns-spanned="2">'
        "<text:p>Horario</text:p></table:table-cell><table:covered-table-cell/></table:table-row></table:table-header-rows>"
        '<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>Lunes</text:p></table:table-cell>'
        f"{cells('8:00', 'Lengua')}</table:table-row>"
        f"<table:table-row><table:covered-table-cell/>{cells('9:20', 'Educación Física')}</table:table-row>"
        f"<table:table-row>{cells('Martes', '8:00')}"
        f"<table:table-cell><text:p>Ver:</text:p>{inner}</table:table-cell></table:table-row>"
        "</table:table>"
    )  # fmt: skip
    outline = (
        '<text:outline-style><text:outline-level-style text:level="1" style:num-format="I" style:num-suffix=")"/>'
        "</text:outline-style>"
    )
    path = write_odf(tmp_path / "a.odt", "text", body, automatic=NUMBERED, styles=outline)
    assert_reads_as(
        odt.parse(path),
        [
            heading(1, "Índice"),
            paragraph("Objetivos ..... 2"),
            heading(1, "I) Objetivos"),
            item("1. Leer"),
            item("1.1. en voz alta", 1),
            item("2. Escribir"),
            paragraph("con buena letra"),
            paragraph("Entre las listas."),
            item("3. Contar"),
            item("• con los dedos"),
            item("9. Nueve"),
            golden.table(
                1,
                ("Día", "Horario", ""),
                ("Lunes", "8:00", "Lengua"),
                ("Lunes", "9:20", "Educación Física"),
                ("Martes", "8:00", "Ver:"),
            ),
            golden.table(1, ("Mes", "Tema"), ("Mayo", "Números")),
        ],
    )


def test_slides_of_a_meeting(tmp_path: Path) -> None:
    document = opendocument.OpenDocumentPresentation()
    layout = style.PageLayout(name="Hoja")
    document.automaticstyles.addElement(layout)
    document.masterstyles.addElement(style.MasterPage(name="Fondo", pagelayoutname=layout))
    for title, lines in (("Reunión de 2.º año", ()), ("Temas", ("Evaluación", "Campaña solidaria"))):
        slide = draw.Page(masterpagename="Fondo")
        frame = draw.Frame(attributes={"class": "title"}, x="2cm", y="1cm", width="20cm", height="2cm")
        box = draw.TextBox()
        box.addElement(text.P(text=title))
        frame.addElement(box)
        slide.addElement(frame)
        for at, line in enumerate(lines):
            frame = draw.Frame(x="2cm", y=f"{9 - 4 * at}cm", width="10cm", height="2cm")
            box = draw.TextBox()
            box.addElement(text.P(text=line))
            frame.addElement(box)
            slide.addElement(frame)
        notes = presentation.Notes()
        frame = draw.Frame(attributes={"class": "notes"}, x="2cm", y="10cm", width="10cm", height="2cm")
        box = draw.TextBox()
        box.addElement(text.P(text=f"Nota de {title}"))
        frame.addElement(box)
        notes.addElement(frame)
        slide.addElement(notes)
        document.presentation.addElement(slide)
    document.save(str(tmp_path / "a.odp"))
    parsed = odp.parse(tmp_path / "a.odp")
    assert (parsed.title, parsed.pages) == ("Reunión de 2.º año", 2)
    assert_reads_as(
        parsed,
        [
            heading(1, "Reunión de 2.º año", slide=1),
            note("Nota de Reunión de 2.º año", slide=1),
            heading(2, "Temas", slide=2),
            paragraph("Campaña solidaria", slide=2),
            paragraph("Evaluación", slide=2),
            note("Nota de Temas", slide=2),
        ],
    )


def frame(
    inside: str, *, x: float = 2, y: float = 5, width: float = 8, height: float = 2, role: str = ""
) -> str:
    """Return a frame of a slide."""
    named = f'presentation:class="{role}" ' if role else ""
    return (
        f'<draw:frame {named}svg:x="{x}cm" svg:y="{y}cm" svg:width="{width}cm" svg:height="{height}cm">'
        f"{inside}</draw:frame>"
    )


def box(*lines: str) -> str:
    return f"<draw:text-box>{''.join(f'<text:p>{line}</text:p>' for line in lines)}</draw:text-box>"


def bullets(*lines: str) -> str:
    inside = "".join(f"<text:list-item><text:p>{line}</text:p></text:list-item>" for line in lines)
    return f'<draw:text-box><text:list text:style-name="L2">{inside}</text:list></draw:text-box>'


def test_slides_with_tables_pictures_and_charts(tmp_path: Path) -> None:
    rows = lines(("Área", "Promedio"), ("Lengua", "7,5"))
    chart = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:chart="urn:oasis:names:tc:opendocument:xmlns:chart:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:chart><chart:chart>'
        "<chart:title><text:p>Asistencia</text:p></chart:title><table:table><table:table-row>"
        f"{cells('', 'Presentes')}</table:table-row><table:table-row>{cells('Marzo')}"
        '<table:table-cell office:value-type="float" office:value="91.5"><text:p>91.5</text:p></table:table-cell>'
        "</table:table-row></table:table></chart:chart></office:chart></office:body></office:document-content>"
    )
    body = (
        '<draw:page draw:name="1">'
        + frame(box("Resultados"), role="title", y=1)
        + frame(bullets("Mejoró la asistencia", "Subió Lengua"), role="outline", y=3)
        + frame(f'<table:table table:use-first-row-styles="true">{rows}</table:table>', y=8)
        + frame('<draw:object xlink:href="./Object 1"/>', y=12)
        + frame('<draw:image xlink:href="Pictures/a.png"/><svg:title>Mural de los niños</svg:title>', y=16)
        + "</draw:page>"
    )
    files = {"Object 1/content.xml": chart.encode(), "Pictures/a.png": drawing_of()}
    path = write_odf(tmp_path / "a.odp", "presentation", body, automatic=NUMBERED, files=files)
    assert_reads_as(
        odp.parse(path),
        [
            heading(2, "Resultados", slide=1),
            item("• Mejoró la asistencia", slide=1),
            item("• Subió Lengua", slide=1),
            golden.table(1, ("Área", "Promedio"), ("Lengua", "7,5"), slide=1),
            paragraph("Asistencia", slide=1),
            golden.table(1, ("", "Presentes"), ("Marzo", "91,5"), slide=1),
            picture("Mural de los niños", slide=1),
        ],
    )


def test_slides_are_read_where_shapes_stand_and_hidden_ones_are_told(tmp_path: Path) -> None:
    hidden = (
        '<style:style style:name="dp2" style:family="drawing-page">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    body = (
        '<draw:page draw:name="1">'
        + frame(box("Lo que estudian"), x=13, y=8, height=8)
        + frame(box("Los que enseñan"), x=1, y=8.1, height=8)
        + frame(box("Alumnos"), x=13, y=5, height=1.5)
        + frame(box("Docentes"), x=1, y=5.1, height=1.5)
        + frame(box("3"), role="page-number", y=20)
        + '<draw:g><draw:custom-shape svg:x="9cm" svg:y="18cm"><text:p>segundo</text:p></draw:custom-shape></draw:g>'
        + '<draw:rect svg:x="1cm" svg:y="18cm" svg:width="2cm" svg:height="1cm"><text:p>primero</text:p></draw:rect>'
        + '</draw:page><draw:page draw:name="2" draw:style-name="dp2">'
        + frame(box("Borrador"), role="title")
        + "</draw:page>"
    )
    parsed = odp.parse(write_odf(tmp_path / "a.odp", "presentation", body, automatic=hidden))
    assert_reads_as(
        parsed,
        [
            heading(2, "Diapositiva 1", slide=1),
            paragraph("Docentes", slide=1),
            paragraph("Los que enseñan", slide=1),
            paragraph("Alumnos", slide=1),
            paragraph("Lo que estudian", slide=1),
            paragraph("primero", slide=1),
            paragraph("segundo", slide=1),
        ],
    )
    assert parsed.pages == 2
    assert [(part.place, part.code) for part in parsed.unreadable] == [(Slide(2), "hidden_slide")]


@pytest.mark.parametrize(("kind", "parse"), [("text", odt.parse), ("presentation", odp.parse)])
def test_a_password_is_told_in_spanish(tmp_path: Path, kind: str, parse: Parser) -> None:
    with pytest.raises(base.Encrypted, match="contraseña"):
        parse(write_odf(tmp_path / "a", kind, "<text:p/>", is_locked=True))
    with zipfile.ZipFile(tmp_path / "b", "w") as archive:  # as LibreOffice locks them since 24.8
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("encrypted-package", b"\x00" * 99)
    with pytest.raises(base.Encrypted, match="contraseña"):
        parse(tmp_path / "b")


def test_a_few_bytes_cannot_claim_a_million_cells(tmp_path: Path) -> None:
    body = (
        "<table:table>"
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384">'
        "<text:p>x</text:p></table:table-cell></table:table-row>"
        '<table:table-row table:number-rows-repeated="999999999"><table:table-cell/></table:table-row></table:table>'
    )
    parsed = odt.parse(write_odf(tmp_path / "a.odt", "text", body))
    assert sum(len(block.cells) for block in parsed.blocks) == 200
    assert {len(row) for block in parsed.blocks for row in block.cells} == {base.MAX_TABLE_COLUMNS}


def test_what_old_programs_wrote_is_read(tmp_path: Path) -> None:
    manifest = (
        '<!DOCTYPE manifest:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd">'
        '<manifest:manifest><manifest:file-entry manifest:full-path="/"/></manifest:manifest>'
    )
    path = write_odf(tmp_path / "a.odt", "text", "<text:p>Año 2005</text:p>")
    parsed = odt.parse(rewrite_zip(path, {"META-INF/manifest.xml": manifest.encode()}))
    assert [block.text for block in parsed.blocks] == ["Año 2005"]


def test_a_text_is_no_presentation(tmp_path: Path) -> None:
    path = write_odf(tmp_path / "a", "text", "<text:p>hola</text:p>")
    assert odt.parse(path).blocks
    with pytest.raises(base.Broken) as caught:
        odp.parse(path)
    assert caught.value.code == "lying_type"
