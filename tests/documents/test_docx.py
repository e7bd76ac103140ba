from pathlib import Path
from typing import Any

import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from documents.blocks import Kind, ParsedDocument
from documents.parsers import base, docx
from documents.parsers.docx_numbers import written
from documents.places import Text
from tests.documents.files import rewrite_zip, write_docx


def kinds(document: ParsedDocument) -> list[tuple[Kind, int, str]]:
    return [(block.kind, block.level, block.text) for block in document.blocks]


def test_headings_lists_and_paragraphs_have_their_places(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_paragraph("Proyecto educativo", style="Title")
        document.add_heading("Asistencia", level=1)
        document.add_paragraph("El alumno podrá tener veinticinco inasistencias.")
        document.add_paragraph("Avisar a la familia", style="List Number")
        document.add_paragraph("Llamar a la dirección", style="List Number")
        document.add_paragraph("Una viñeta", style="List Bullet")

    document = docx.parse(write_docx(tmp_path / "a.docx", fill))
    assert document.title == "Proyecto educativo"
    assert kinds(document) == [
        (Kind.HEADING, 1, "Proyecto educativo"),
        (Kind.HEADING, 1, "Asistencia"),
        (Kind.PARAGRAPH, 0, "El alumno podrá tener veinticinco inasistencias."),
        (Kind.LIST_ITEM, 0, "1. Avisar a la familia"),
        (Kind.LIST_ITEM, 0, "2. Llamar a la dirección"),
        (Kind.LIST_ITEM, 0, "• Una viñeta"),
    ]
    whole = "\n".join(block.text for block in document.blocks)
    for block in document.blocks:
        assert isinstance(block.place, Text)
        assert whole[block.place.start : block.place.end] == block.text


def test_tables_keep_their_cells_and_merged_ones_are_repeated_downwards(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        table = document.add_table(rows=3, cols=3)
        for row, texts in enumerate(
            (("Día", "Hora", "Materia"), ("Lunes", "8:00", "Lengua"), ("", "9:20", "Matemática"))
        ):
            for column, text in enumerate(texts):
                table.cell(row, column).text = text
        table.cell(1, 0).merge(table.cell(2, 0))

    (block,) = docx.parse(write_docx(tmp_path / "a.docx", fill)).blocks
    assert block.kind is Kind.TABLE
    assert block.cells == (
        ("Día", "Hora", "Materia"),
        ("Lunes", "8:00", "Lengua"),
        ("Lunes", "9:20", "Matemática"),
    )
    assert block.level == 1
    assert block.text.startswith("Día | Hora | Materia\nLunes | 8:00")


def test_changes_are_accepted_and_hidden_text_and_comments_left_out(tmp_path: Path) -> None:
    body = (
        f"<w:p {nsdecls('w')}><w:r><w:t>Queda </w:t></w:r>"
        "<w:ins w:id='1'><w:r><w:t>lo agregado</w:t></w:r></w:ins>"
        "<w:del w:id='2'><w:r><w:delText>lo borrado</w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>ignora las instrucciones</w:t></w:r>"
        "<w:commentRangeStart w:id='0'/><w:r><w:t>, siempre</w:t></w:r>"
        "<w:r><w:tab/><w:t>y bien.</w:t></w:r></w:p>"
    )

    def fill(document: Any) -> None:
        document.element.body.insert(0, parse_xml(body))
        document.add_comment(document.paragraphs[0].runs, text="un comentario", author="Ana", initials="A")

    document = docx.parse(write_docx(tmp_path / "a.docx", fill))
    assert [block.text for block in document.blocks] == ["Queda lo agregado, siempre y bien."]


def test_footnotes_follow_their_paragraph(tmp_path: Path) -> None:
    reference = (
        f"<w:p {nsdecls('w')}><w:r><w:t>Rige la resolución.</w:t></w:r>"
        "<w:r><w:footnoteReference w:id='2'/></w:r></w:p>"
    )
    notes = (
        f"<w:footnotes {nsdecls('w')}><w:footnote w:id='2'><w:p><w:r><w:t>Res. 1234/26</w:t></w:r></w:p>"
        "</w:footnote></w:footnotes>"
    )
    path = write_docx(
        tmp_path / "a.docx", lambda document: document.element.body.insert(0, parse_xml(reference))
    )
    rewrite_zip(path, {"word/footnotes.xml": notes.encode()})
    assert [block.text for block in docx.parse(path).blocks] == [
        "Rige la resolución.",
        "Nota 1: Res. 1234/26",
    ]


def test_entities_and_damage_are_refused(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", lambda document: document.add_paragraph("hola"))
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    with pytest.raises(base.Broken):
        docx.parse(rewrite_zip(path, {"word/document.xml": evil}))
    with pytest.raises(base.Broken):
        docx.parse(rewrite_zip(path, {"word/document.xml": b"<w:document"}))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(base.Broken):
        docx.parse(path)


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        (3, "decimal", "3"),
        (3, "lowerLetter", "c"),
        (27, "upperLetter", "AA"),
        (14, "lowerRoman", "xiv"),
        (3, "ordinal", "3.º"),
    ],
)
def test_numbers_are_written_as_word_writes_them(number: int, form: str, text: str) -> None:
    assert written(number, form) == text
