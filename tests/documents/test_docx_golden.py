"""Three documents as schools write them in Word, read whole; and what Word does that a reader does not see."""

from pathlib import Path
from typing import Any

from documents.blocks import Kind
from documents.parsers import docx
from documents.places import Text
from tests.documents.files import rewrite_zip, write_docx
from tests.documents.golden import Expected, assert_reads_as, heading, item, note, paragraph, picture, table
from tests.documents.office_files import W, cell, drawing_of, notes, para, row, run, write_docx_of

_IMAGE = (
    '<w:r><w:drawing><wp:inline><wp:extent cx="100" cy="100"/><wp:docPr id="9" name="Imagen 9" descr="{said}"/>'
    '<a:graphic><a:graphicData><pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="x.png"/></pic:nvPicPr>'
    '<pic:blipFill><a:blip r:embed="{relation}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline>'
    "</w:drawing></w:r>"
)
_BOX = (
    '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:docPr id="3" name="Cuadro"/>'
    "<a:graphic><a:graphicData><wps:wsp><wps:txbx><w:txbxContent>{inside}</w:txbxContent></wps:txbx></wps:wsp>"
    "</a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>"
    "<w:txbxContent>{inside}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def with_relations(path: Path, **parts: tuple[str, str]) -> None:
    """Add relations (id: kind and target) to a document."""
    links = "".join(
        f'<Relationship Id="{name}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for name, (kind, target) in parts.items()
    )
    schema = "http://schemas.openxmlformats.org/package/2006/relationships"
    content = f'<Relationships xmlns="{schema}">{links}</Relationships>'
    rewrite_zip(path, {"word/_rels/document.xml.rels": content.encode()})


def test_a_rulebook(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        section = document.sections[0]
        section.header.paragraphs[0].text = "Escuela N.º 4-012 «Ingeniero Ñandú»"
        section.footer.paragraphs[0].text = "Página 1 de 3"
        document.add_paragraph("Reglamento de convivencia", style="Title")
        document.add_heading("CAPÍTULO I: De la asistencia", level=1)
        document.add_paragraph(
            "Artículo 1.º Los alumnos concurrirán con puntualidad; las inasistencias se justificarán dentro de las "
            "cuarenta y ocho horas."
        )
        document.add_paragraph("Son causas de justificación:")
        document.add_paragraph("enfermedad, con certificado médico;", style="List Bullet")
        document.add_paragraph("trámites, con constancia;", style="List Bullet")
        document.add_paragraph("los que autorice la dirección.", style="List Bullet 2")
        document.add_heading("De los niños y niñas del primer año", level=2)
        document.add_paragraph("«La escuela enseña; la familia acompaña».", style="Quote")
        document.add_paragraph("Avisar a la preceptoría", style="List Number")
        document.add_paragraph("Firmar el cuaderno de comunicación", style="List Number")
        rows = (("Falta", "Sanción"), ("Leve", "Llamado de atención"), ("Grave", "Suspensión de 1 día"))
        grid = document.add_table(rows=3, cols=2)
        for at, texts in enumerate(rows):
            for column, text in enumerate(texts):
                grid.cell(at, column).text = text

    document = docx.parse(write_docx(tmp_path / "a.docx", fill))
    assert document.title == "Reglamento de convivencia"
    assert_reads_as(
        document,
        [
            note("Escuela N.º 4-012 «Ingeniero Ñandú»"),
            heading(1, "Reglamento de convivencia"),
            heading(1, "CAPÍTULO I: De la asistencia"),
            paragraph(
                "Artículo 1.º Los alumnos concurrirán con puntualidad; las inasistencias se justificarán dentro de "
                "las cuarenta y ocho horas."
            ),
            paragraph("Son causas de justificación:"),
            item("• enfermedad, con certificado médico;"),
            item("• trámites, con constancia;"),
            item("• los que autorice la dirección."),
            heading(2, "De los niños y niñas del primer año"),
            Expected(Kind.QUOTE, "«La escuela enseña; la familia acompaña»."),
            item("1. Avisar a la preceptoría"),
            item("2. Firmar el cuaderno de comunicación"),
            table(1, ("Falta", "Sanción"), ("Leve", "Llamado de atención"), ("Grave", "Suspensión de 1 día")),
        ],
    )


def test_minutes_with_changes_notes_and_pictures(tmp_path: Path) -> None:
    body = (
        para("Acta N.º 14 del consejo de convivencia", style="Heading1")
        + para(
            run("En la ciudad de Peñalolén se reúne el consejo"),
            '<w:r><w:footnoteReference w:id="2"/></w:r>',
            f"<w:ins>{run(' a las 8:30')}</w:ins>",
            "<w:del><w:r><w:delText> a las 9:00</w:delText></w:r></w:del>",
            f"<w:moveFrom>{run(' en la biblioteca')}</w:moveFrom>",
            run(", con quórum."),
        )
        # The end of the first of these was deleted: they are one paragraph.
        + para("Se aprueba el acta anterior", properties='<w:rPr><w:del w:id="7" w:author="Ana"/></w:rPr>')
        + para(run(" por unanimidad"), run(" (secreto)", "<w:vanish/>"), run("."))
        + para(_IMAGE.format(said="Sello de la escuela", relation="rId90"), run("Firma la directora."))
        + "<w:tbl>"
        + row("Asistentes", cell("Cargo", properties='<w:gridSpan w:val="2"/>'), properties="<w:tblHeader/>")
        + row(cell("Dirección", properties='<w:vMerge w:val="restart"/>'), "Ana Núñez", "Directora")
        + row("Borrado", "Nadie", "Ninguno", properties='<w:del w:id="8"/>')
        + row(
            cell("", properties="<w:vMerge/>"),
            cell(para("Beto Ibáñez", '<w:r><w:footnoteReference w:id="3"/></w:r>')),
            cell(para("Vicedirector"), para("interino")),
        )
        + "</w:tbl>"
        + para(
            "Se levanta la sesión.",
            _BOX.format(inside=para("Aviso: próxima reunión el 3 de mayo.")),
            '<w:r><w:endnoteReference w:id="2"/></w:r>',
        )
    )
    path = write_docx_of(
        tmp_path / "a.docx",
        body,
        {
            "word/footnotes.xml": notes(
                "footnote", n2="Según el artículo 12.\nY su anexo.", n3="Por licencia."
            ),
            "word/endnotes.xml": notes("endnote", n2="Copia fiel del original."),
            "word/media/sello.png": drawing_of(),
        },
    )
    with_relations(path, rId90=("image", "media/sello.png"))
    document = docx.parse(path)
    assert_reads_as(
        document,
        [
            heading(1, "Acta N.º 14 del consejo de convivencia"),
            paragraph("En la ciudad de Peñalolén se reúne el consejo a las 8:30, con quórum."),
            note("Nota 1: Según el artículo 12. Y su anexo."),
            paragraph("Se aprueba el acta anterior por unanimidad."),
            picture("Sello de la escuela"),
            paragraph("Firma la directora."),
            table(
                1,
                ("Asistentes", "Cargo", ""),
                ("Dirección", "Ana Núñez", "Directora"),
                ("Dirección", "Beto Ibáñez", "Vicedirector interino"),
            ),
            note("Nota 2: Por licencia."),
            paragraph("Se levanta la sesión."),
            paragraph("Aviso: próxima reunión el 3 de mayo."),
            note("Nota i: Copia fiel del original."),
        ],
    )
    assert document.pictures[0].name == "1.png"


def field(instruction: str, result: str) -> str:
    """Return a field with its result."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{instruction}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(result)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def test_a_plan_with_fields_forms_and_nested_tables(tmp_path: Path) -> None:
    inner = "<w:tbl>" + row("Mes", "Tema") + row("Marzo", "Números") + "</w:tbl>"
    tick = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar>'
        '</w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    formula = (
        "<m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
        "</m:oMath>"
    )
    hint = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{para('Haga clic')}</w:sdtContent></w:sdt>"
    arrow = '<w:r><w:sym w:font="Wingdings" w:char="F0E0"/></w:r>'
    link = f"<w:hyperlink>{run('la guía')}</w:hyperlink>"
    unended = '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PAGE</w:instrText></w:r>'
    body = (
        para("Planificación anual de Matemática", style="Title")
        + para(run("Contenidos"), "<w:r><w:tab/></w:r>", run("2"), style="TOC1")
        + f"<w:sdt><w:sdtContent>{para('Objetivos', style='Heading2')}</w:sdtContent></w:sdt>"
        + hint
        + para("Fecha: ", field(" DATE \\@ 'd' ", "3 de marzo"), ". Ver ", link, ".")
        + para(tick, run(" Aprobada"), arrow)
        + para("El promedio es ", formula, run("y nada más."))
        + para(run("Primera parte."), '<w:r><w:br w:type="page"/></w:r>', run("Segunda parte."))
        + f"<w:tbl>{row('Curso', 'Plan')}{row('1.º A', cell('Ver abajo:', inner))}</w:tbl>"
        + para("Campo sin fin ", unended)
        + para("Sigue visible.")
    )
    styles = (
        f'<w:styles {W}><w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/></w:style></w:styles>'
    )
    path = write_docx_of(tmp_path / "a.docx", body, {"word/styles.xml": styles.encode()})
    assert_reads_as(
        docx.parse(path),
        [
            heading(1, "Planificación anual de Matemática"),
            paragraph("Contenidos ..... 2"),
            heading(2, "Objetivos"),
            paragraph("Fecha: 3 de marzo. Ver la guía."),
            paragraph("☒ Aprobada→"),
            paragraph("El promedio es (a+b)/2 y nada más."),
            paragraph("Primera parte."),
            paragraph("Segunda parte."),
            table(1, ("Curso", "Plan"), ("1.º A", "Ver abajo:")),
            table(1, ("Mes", "Tema"), ("Marzo", "Números")),
            paragraph("Campo sin fin"),
            paragraph("Sigue visible."),
        ],
    )


def test_a_picture_that_cannot_be_shown_keeps_its_words(tmp_path: Path) -> None:
    body = para(_IMAGE.format(said="Plano de evacuación", relation="rId90")) + para(
        _IMAGE.format(said="Imagen 4", relation="rId91")
    )
    path = write_docx_of(tmp_path / "a.docx", body, {"word/media/plano.emf": b"\x01\x00\x00\x00 EMF"})
    with_relations(path, rId90=("image", "media/plano.emf"), rId91=("image", "media/falta.png"))
    (block,) = docx.parse(path).blocks
    assert (block.kind, block.text, block.picture) == (Kind.PICTURE, "Plano de evacuación", "")
    assert block.place == Text(0, len("Plano de evacuación"))


def test_lists_borrow_their_shape_and_start_where_they_say(tmp_path: Path) -> None:
    numbering = (
        f"<w:numbering {W}>"
        '<w:abstractNum w:abstractNumId="0"><w:styleLink w:val="Legal"/>'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%2)"/></w:lvl>'
        "</w:abstractNum>"
        '<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="Legal"/></w:abstractNum>'
        '<w:num w:numId="5"><w:abstractNumId w:val="1"/></w:num>'
        '<w:num w:numId="6"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/>'
        "</w:lvlOverride></w:num></w:numbering>"
    )

    def listed(text: str, number: int, level: int) -> str:
        return para(
            text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        )

    body = listed("Uno", 5, 0) + listed("Uno a", 5, 1) + listed("Dos", 5, 0) + listed("Cuatro", 6, 0)
    path = write_docx_of(tmp_path / "a.docx", body, {"word/numbering.xml": numbering.encode()})
    assert_reads_as(
        docx.parse(path), [item("I. Uno"), item("a) Uno a", 1), item("II. Dos"), item("IV. Cuatro")]
    )


def test_files_inserted_from_other_programs_are_told(tmp_path: Path) -> None:
    body = para("Presupuesto", '<w:r><w:object><o:OLEObject ProgID="Excel.Sheet.12"/></w:object></w:r>')
    document = docx.parse(write_docx_of(tmp_path / "a.docx", body))
    assert [part.code for part in document.unreadable] == ["inserted_file"]
    assert "subir también" in document.unreadable[0].reason


def test_charts_are_tables_and_diagrams_are_lists(tmp_path: Path) -> None:
    def graphic(inside: str) -> str:
        return (
            f'<w:r><w:drawing><wp:inline><wp:docPr id="1" name="G"/><a:graphic><a:graphicData>{inside}'
            "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )

    def points(name: str, *values: str) -> str:
        inside = "".join(f'<c:pt idx="{at}"><c:v>{value}</c:v></c:pt>' for at, value in enumerate(values))
        kind = "num" if name == "val" else "str"
        code = "<c:formatCode>0%</c:formatCode>" if name == "val" else ""
        return (
            f"<c:{name}><c:{kind}Ref><c:{kind}Cache>{code}{inside}</c:{kind}Cache></c:{kind}Ref></c:{name}>"
        )

    schema = "http://schemas.openxmlformats.org/drawingml/2006"
    names = f'xmlns:c="{schema}/chart" xmlns:dgm="{schema}/diagram" xmlns:a="{schema}/main"'
    chart = (
        f"<c:chartSpace {names}><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Promoción</a:t></a:r></a:p></c:rich>"
        f"</c:tx></c:title><c:plotArea><c:barChart><c:ser>{points('tx', 'Promovidos')}{points('cat', '2024', '2025')}"
        f"{points('val', '0.915', '0.93')}</c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )
    data = (
        f'<dgm:dataModel {names}><dgm:ptLst><dgm:pt modelId="1"><dgm:t><a:p><a:r><a:t>Escuchar</a:t></a:r></a:p>'
        "</dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
    )
    body = (
        para("Año a año", graphic(f'<c:chart {names} r:id="rId90"/>'))
        + para(run("invisible", '<w:rStyle w:val="Oculto"/>'), graphic(f'<dgm:relIds {names} r:dm="rId91"/>'))
        + para("Tampoco se ve", style="Oculto")
    )
    styles = (
        f'<w:styles {W}><w:style w:type="character" w:styleId="Oculto"><w:name w:val="Oculto"/>'
        "<w:rPr><w:vanish/></w:rPr></w:style></w:styles>"
    )
    parts: dict[str, bytes | None] = {
        "word/styles.xml": styles.encode(),
        "word/charts/chart1.xml": chart.encode(),
        "word/diagrams/data1.xml": data.encode(),
    }
    path = write_docx_of(tmp_path / "a.docx", body, parts)
    with_relations(
        path, rId90=("chart", "charts/chart1.xml"), rId91=("diagramData", "/word/diagrams/data1.xml")
    )
    assert_reads_as(
        docx.parse(path),
        [
            paragraph("Año a año"),
            paragraph("Promoción"),
            table(1, ("", "Promovidos"), ("2024", "91,5 %"), ("2025", "93 %")),
            item("• Escuchar"),
        ],
    )


def test_pages_pasted_as_pictures_are_told(tmp_path: Path) -> None:
    path = write_docx_of(
        tmp_path / "a.docx",
        para(_IMAGE.format(said="", relation="rId90")),
        {"word/media/p.png": drawing_of()},
    )
    with_relations(path, rId90=("image", "media/p.png"))
    document = docx.parse(path)
    assert_reads_as(document, [picture()])
    assert [part.code for part in document.unreadable] == ["only_pictures"]
