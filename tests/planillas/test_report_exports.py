"""Reports as files: PDF and DOCX with footnotes, Markdown; what sources said is never obeyed."""

import io
import zipfile
from typing import Any

import docx
import pypdfium2
import pytest
from django.urls import reverse
from lxml import etree

from documents.models import Document
from planillas import report_exporting, reports
from planillas.models import Report, Section
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made, written

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NASTY = 'Dijo #read("/etc/passwd") $x$ \\foo *fuera* <script>alert(1)</script> [enlace](javascript:1) [1].'


@pytest.fixture
def report(ana: Person) -> Report:
    return written.report(ana, written.act(ana), made.planilla(ana))


def give(ana: Person, report: Report, fmt: str) -> bytes:
    return report_exporting.export(ana.member, report.pk, fmt).content


def text_of(pdf: bytes) -> str:
    opened = pypdfium2.PdfDocument(pdf)
    pages = [opened[number].get_textpage().get_text_bounded() for number in range(len(opened))]
    opened.close()
    return " ".join("\n".join(pages).replace("\u00ad", "").split())


def test_pdf_has_footnotes_facts_tables_and_vector_charts(ana: Person, report: Report) -> None:
    pdf = give(ana, report, "pdf")
    said = text_of(pdf)
    for words in (
        "Convivencia 2026",
        "Escuela Norte",
        "Borrador, sin aprobar",
        "Versión 1",
        "hubo doce conflictos",
        "«Se abrió la biblioteca». Acta de convivencia, en el texto.",
        "[?]",
        "Álvarez, Ana",
        "sin evidencia",
        "Datos de la planilla «Nómina 2026».",
        "Suma de Promedio",
        "1 / ",
    ):
        assert words in said, words
    assert b"/Subtype/Image" not in pdf.replace(b" ", b""), "charts are lines, not dots"
    assert b"/e/norte/biblioteca/" in pdf, "a footnote opens its source"


def test_docx_has_real_footnotes_and_pictures_that_are_described(ana: Person, report: Report) -> None:
    content = give(ana, report, "docx")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        notes = etree.fromstring(packed.read("word/footnotes.xml"))
        body = etree.fromstring(packed.read("word/document.xml"))
        assert b"footnotes+xml" in packed.read("[Content_Types].xml")
        pictures = [name for name in packed.namelist() if name.startswith("word/media/")]
    kept = {
        each.get(f"{W}id"): "".join(map(str, each.itertext())).strip() for each in notes.iter(f"{W}footnote")
    }
    marks = [each.get(f"{W}id") for each in body.iter(f"{W}footnoteReference")]
    assert marks == ["1", "2"] and "doce conflictos" in kept["1"] and "Acta de convivencia" in kept["2"]
    assert len(pictures) == 2 and 'descr="Datos 2"' in etree.tostring(body, encoding="unicode")
    read = docx.Document(io.BytesIO(content))
    assert [each.text for each in read.paragraphs if each.style and each.style.name == "Heading 1"] == [
        "Conflictos", "Datos 1", "Datos 2", "Datos 3", "Fuentes",
    ]  # fmt: skip
    assert [cell.text for cell in read.tables[0].rows[1].cells] == ["Álvarez, Ana", "1.º A", "Sí"]


def test_markdown_has_notes_and_tables(ana: Person, report: Report) -> None:
    said = give(ana, report, "md").decode()
    assert (
        said.startswith("# Convivencia 2026")
        and "recreos[^1]." in said
        and "- Se abrió la **biblioteca**[^2]" in said
    )
    assert "[^2]: «Se abrió la biblioteca»" in said and r"| 1\.º A | 1 |" in said


@pytest.mark.parametrize("fmt", report_exporting.FORMATS)
def test_what_a_source_says_is_inert(ana: Person, report: Report, fmt: str) -> None:
    with school_scope(ana.school_id):
        Section.objects.filter(kind="text").update(text=NASTY, title='#panic("x") & <b>')
        Report.objects.update(title="=1+1 #let x = 2")
    content = give(ana, report, fmt)
    if fmt == "pdf":
        said = text_of(content)
        assert '#read("/etc/passwd") $x$' in said and '#panic("x")' in said and "root:" not in said
    elif fmt == "docx":
        said = "\n".join(each.text for each in docx.Document(io.BytesIO(content)).paragraphs)
        assert "<script>alert(1)</script>" in said and '#panic("x") & <b>' in said
    else:
        assert r"\<script\>" in content.decode() and r"\[enlace\]" in content.decode()


def test_long_ones_have_contents_and_a_gone_source_has_no_address(ana: Person, report: Report) -> None:
    with school_scope(ana.school_id):
        for ordinal in range(4, 9):
            Section.objects.create(
                report=report, ordinal=ordinal, title=f"Parte {ordinal}", state="empty", told={"searched": 0}
            )
        Document.objects.filter(title="Acta de convivencia").update(deleted_at="2026-01-01T00:00Z")
    paper = report_exporting.gather(ana.member, reports.get(ana.member, report.pk))
    assert paper.has_contents and not any(each.address for each in paper.parts[0].notes.values())
    pdf = give(ana, report, "pdf")
    assert "Contenido" in text_of(pdf) and b"/e/norte/biblioteca/" not in pdf
    assert "no tiene documentos" in text_of(pdf)


def test_a_download_is_a_file_and_other_formats_are_refused(ana: Person, report: Report) -> None:
    address = reverse("reports:export", args=["norte", report.pk])
    answer: Any = ana.browser().get(f"{address}?fmt=pdf")
    assert answer.status_code == 200 and "Convivencia%202026.pdf" in answer["Content-Disposition"].replace(
        " ", "%20"
    )
    assert ana.browser().get(f"{address}?fmt=exe").status_code == 302
