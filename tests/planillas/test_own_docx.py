"""The school's own Word document: its table repeated, its marks replaced, everything else as it was."""

import io
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt, RGBColor
from lxml import etree

from planillas import own_files
from planillas.columns import Kind
from planillas.own_files import pdf
from tests.planillas.own import NO_OFFICE, parts, sheet
from tests.planillas.test_own_xlsx import HOSTILE, picture

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CONTROL = (
    f"<w:sdt {nsdecls('w')}><w:sdtPr><w:alias w:val='Directora'/><w:tag w:val='directora'/><w:showingPlcHdr/>"
    '<w:dataBinding w:xpath="/a" w:storeItemID="{0}"/><w:text/></w:sdtPr><w:sdtContent><w:r><w:rPr>'
    "<w:rStyle w:val='PlaceholderText'/></w:rPr><w:t>Escribir aquí</w:t></w:r></w:sdtContent></w:sdt>"
)


def acta(*, marked: bool = True) -> bytes:
    """Return a template as schools have them: letterhead, marks over several runs, a table, a signature."""
    made = docx.Document()
    header = made.sections[0].header.paragraphs[0]
    header.add_run().add_picture(picture())
    header.add_run("{{escu").bold = True
    header.add_run("ela}} ")
    made.sections[0].footer.paragraphs[0].text = "Versión: {{version}}"
    made.add_heading("Seguimiento de acuerdos", 1)
    line = made.add_paragraph("Ciudad, ")
    run = line.add_run("{{fe")
    run.font.color.rgb = RGBColor(0xAA, 0, 0)
    line.add_run("cha}}").italic = True
    line.add_run(". Preside: {{preside}}.")
    made.add_paragraph()._p.append(parse_xml(CONTROL))
    table = made.add_table(rows=3, cols=4)
    table.style = "Table Grid"
    for cell, text in zip(table.rows[0].cells, ("N°", "Acuerdo", "Responsable", "Plazo"), strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    if marked:
        for cell, text in zip(
            table.rows[1].cells[1:], ("{{acuerdo}}", "{{nombre}} {{apellido}}", "{{plazo}}"), strict=True
        ):
            run = cell.paragraphs[0].add_run(text)
            run.font.size, run.font.name = Pt(9), "Arial"
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        table.rows[2].cells[0].text = "Total"
        table.rows[2].cells[1].text = "{{filas}} acuerdos"
    form = made.add_table(rows=2, cols=2)
    form.rows[0].cells[0].text = "Firma"
    made.add_paragraph("Cierre. {% if x %}")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def agreements(count: int) -> list[dict[str, Any]]:
    """Return rows of the acta."""
    return [
        {
            "acuerdo": f"Acuerdo {n}\nen dos líneas", "nombre": "Ana", "apellido": f"Pérez {n}", "plazo": "2026-12-01",
            "preside": "Prof. Gómez", "directora": "Lic. Ruiz",
        }
        for n in range(1, count + 1)
    ]  # fmt: skip


def test_a_document_is_recognised_and_told() -> None:
    seen = own_files.recognise(acta(), "Acta.docx")
    assert (seen.format, seen.row_is, seen.filename) == ("docx", "un acuerdo", "Acta.docx")
    assert [each.key for each in seen.columns] == [
        "acuerdo",
        "nombre",
        "apellido",
        "plazo",
        "preside",
        "directora",
    ]
    assert {each.key: each.kind for each in seen.columns}["plazo"] == Kind.DATE
    assert seen.shown.sheet == "tabla 1 del documento" and seen.shown.row == "fila 2"
    assert {each.name for each in seen.shown.marks} == {
        "escuela",
        "version",
        "fecha",
        "preside",
        "directora",
        "filas",
    }
    assert any("{% %}" in words for words in seen.told)


def test_the_row_repeats_with_its_formats_and_everything_else_stays() -> None:
    content = acta()
    seen = own_files.recognise(content, "Acta.docx")
    made = own_files.fill(seen.content, seen.layout, sheet(seen.columns, agreements(30), version=2))
    document = docx.Document(io.BytesIO(made))
    table = document.tables[0]
    assert len(table.rows) == 32
    row = table.rows[30]
    assert [cell.text for cell in row.cells] == [
        "30", "Acuerdo 30\nen dos líneas 30", "Ana Pérez 30", "1/12/2026 30",
    ]  # fmt: skip
    run = row.cells[1].paragraphs[0].runs[0]
    assert (run.font.size, run.font.name) == (Pt(9), "Arial")
    assert row.cells[1].paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert table.rows[31].cells[1].text == "30 acuerdos"
    texts = [each.text for each in document.paragraphs]
    assert "Ciudad, 21/11/2026. Preside: Prof. Gómez." in texts and "Cierre. {% if x %}" in texts
    coloured = next(each for each in document.paragraphs if each.text.startswith("Ciudad")).runs[1]
    assert (coloured.text, coloured.font.color.rgb) == ("21/11/2026", RGBColor(0xAA, 0, 0))
    assert document.sections[0].header.paragraphs[0].text == "Escuela Norte & Sur "
    assert document.sections[0].footer.paragraphs[0].text == "Versión: Versión 2"
    now, was = parts(made), parts(content)
    assert "Lic. Ruiz" in now["word/document.xml"].decode() and b"dataBinding" not in now["word/document.xml"]
    assert "Fuentes" in texts and any(text.startswith("30. Nómina.pdf, página 30: «dice") for text in texts)
    assert b"https://preceptor.example/e/norte/" in now["word/_rels/document.xml.rels"]
    for name in ("word/styles.xml", "word/media/image1.png", "word/settings.xml", "word/theme/theme1.xml"):
        assert was[name] == now[name]


@pytest.mark.parametrize("value", HOSTILE)
def test_what_a_value_says_is_inert(value: str) -> None:
    seen = own_files.recognise(acta(), "Acta.docx")
    rows = [{each.key: value for each in seen.columns if each.kind != Kind.DATE}]
    filled = own_files.fill(seen.content, seen.layout, sheet(seen.columns, rows))
    document = docx.Document(io.BytesIO(filled))
    # Only what XML cannot hold is gone, and line ends are the document's own.
    told = value.replace("\x00", "").replace("\r", "\n")
    assert document.tables[0].rows[1].cells[1].paragraphs[0].runs[0].text.replace("\r", "\n") == told
    assert f"Preside: {told}." in "\n".join(each.text for each in document.paragraphs).replace("\r", "\n")


def test_empty_rows_a_form_and_too_few_rows() -> None:
    seen = own_files.recognise(acta(marked=False), "acuerdos.docx")
    assert [each.key for each in seen.columns][:3] == ["acuerdo", "responsable", "plazo"]
    assert seen.shown.row == "filas 2 a 3"
    filled = own_files.fill(seen.content, seen.layout, sheet(seen.columns, [{"acuerdo": "Uno"}], sources={}))
    table = docx.Document(io.BytesIO(filled)).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows][1:] == [
        ["1", "Uno", "", ""],
        ["", "", "", ""],
    ]

    form = docx.Document()
    form.add_paragraph("Nombre: {{nombre}}, nacido el {{fecha de nacimiento}}")
    out = io.BytesIO()
    form.save(out)
    seen = own_files.recognise(out.getvalue(), "constancia.docx")
    assert (seen.row_is, [each.key for each in seen.columns]) == (
        "un documento",
        ["nombre", "fecha_de_nacimiento"],
    )
    row = {"nombre": "Ana", "fecha_de_nacimiento": "2014-05-03"}
    filled = own_files.fill(seen.content, seen.layout, sheet(seen.columns, [row]))
    assert docx.Document(io.BytesIO(filled)).paragraphs[0].text == "Nombre: Ana, nacido el 3/5/2014"


@NO_OFFICE
def test_a_filled_document_becomes_a_pdf() -> None:
    seen = own_files.recognise(acta(), "Acta.docx")
    filled = own_files.fill(seen.content, seen.layout, sheet(seen.columns, agreements(2)))
    assert own_files.as_pdf(filled, seen.format).startswith(b"%PDF")


def test_no_libreoffice_is_said(tmp_path: Path) -> None:
    with pytest.raises(own_files.NotFillable) as told:
        pdf.convert(acta(), "docx", search_path=str(tmp_path))
    assert told.value.code == "converter_missing" and "LibreOffice" in told.value.detail


def test_the_filled_document_is_sound_xml() -> None:
    seen = own_files.recognise(acta(), "Acta.docx")
    filled = own_files.fill(seen.content, seen.layout, sheet(seen.columns, agreements(3)))
    root = etree.fromstring(parts(filled)["word/document.xml"])
    assert not list(root.iter(etree.ProcessingInstruction))
    assert len({each.get(f"{W}id") for each in root.iter(f"{W}bookmarkStart")}) == len(
        list(root.iter(f"{W}bookmarkStart"))
    )


def test_a_header_of_two_rows_and_controls_in_the_row_that_repeats() -> None:
    made = docx.Document()
    table = made.add_table(rows=4, cols=4)
    names, marks_, last = table.rows[0].cells, table.rows[1].cells, table.rows[3].cells
    names[0].merge(marks_[0]).text = "Alumno"
    names[1].merge(names[2]).text = "Trimestres"
    names[3].merge(marks_[3]).text = "Observaciones"
    marks_[1].text, marks_[2].text, last[0].text = "Primero", "Segundo", "Firma del docente"
    table.rows[2].cells[0].paragraphs[0]._p.append(parse_xml(CONTROL))
    out = io.BytesIO()
    made.save(out)
    seen = own_files.recognise(out.getvalue(), "notas.docx")
    assert [(each.key, each.name) for each in seen.columns] == [
        ("directora", "Alumno"), ("primero", "Trimestres – Primero"), ("segundo", "Trimestres – Segundo"),
        ("observaciones", "Observaciones"),
    ]  # fmt: skip
    rows = [{"directora": f"A{n}", "primero": n, "observaciones": "=1"} for n in range(3)]
    filled = docx.Document(
        io.BytesIO(own_files.fill(seen.content, seen.layout, sheet(seen.columns, rows, sources={})))
    )
    told = [[cell.text for cell in row.cells] for row in filled.tables[0].rows]
    assert told[2:] == [
        ["A0", "0", "", "=1"],
        ["A1", "1", "", "=1"],
        ["A2", "2", "", "=1"],
        ["Firma del docente", "", "", ""],
    ]
