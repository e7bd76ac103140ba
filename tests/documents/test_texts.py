from pathlib import Path

import pytest

from documents.blocks import Kind, ParsedDocument
from documents.parsers import base, html, markdown, text


def kinds(document: ParsedDocument) -> list[tuple[Kind, int, str]]:
    return [(block.kind, block.level, block.text) for block in document.blocks]


def test_plain_text_has_paragraphs_and_sure_headings(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "REGLAMENTO INTERNO\n\nCAPÍTULO I\nArtículo 1. Alcance. Este reglamento rige en todo el esta-\n"
        "blecimiento y en las salidas educativas que se organicen.\n\n"
        "a) Uno;\nb) Dos.\n\nUna línea corta.\nOtra idea.\n",
        encoding="cp1252",
    )
    document = text.parse(tmp_path / "a.txt")
    assert document.title == "REGLAMENTO INTERNO"
    assert kinds(document) == [
        (Kind.HEADING, 2, "REGLAMENTO INTERNO"),
        (Kind.HEADING, 2, "CAPÍTULO I"),
        (
            Kind.PARAGRAPH,
            0,
            "Artículo 1. Alcance. Este reglamento rige en todo el establecimiento "
            "y en las salidas educativas que se organicen.",
        ),
        (Kind.LIST_ITEM, 0, "a) Uno;"),
        (Kind.LIST_ITEM, 0, "b) Dos."),
        (Kind.PARAGRAPH, 0, "Una línea corta."),
        (Kind.PARAGRAPH, 0, "Otra idea."),
    ]


def test_invisible_characters_do_not_pass(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ig\u200bnorar\u202e todo\ufeff, cafe\u0301")
    assert text.parse(tmp_path / "a.txt").blocks[0].text == "ignorar todo, café"


def test_a_huge_text_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(base.MAX_TEXT_FILE_BYTES + 1)
    with pytest.raises(base.ParseTooBig):
        text.parse(tmp_path / "a.txt")


def test_markdown_is_read_without_its_marks(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntitle: 'Plan de salidas'\n---\n# Salidas\n\n"
        "Ver [el protocolo](https://evil.example/x) y **avisar**.\n\n"
        "1. Pedir permiso\n   - con firma\n2. Avisar\n\n> Cita\n\n"
        "| Curso | Aula |\n|---|---|\n| 5.º B | 12 |\n\n"
        "![foto](https://evil.example/p.png)\n\n```\ncódigo\n  x\n```\n\n<script>alert(1)</script>\n"
    )
    document = markdown.parse(tmp_path / "a.md")
    assert document.title == "Plan de salidas"
    assert kinds(document)[:7] == [
        (Kind.HEADING, 1, "Salidas"),
        (Kind.PARAGRAPH, 0, "Ver el protocolo y avisar."),
        (Kind.LIST_ITEM, 0, "1. Pedir permiso"),
        (Kind.LIST_ITEM, 1, "• con firma"),
        (Kind.LIST_ITEM, 0, "2. Avisar"),
        (Kind.QUOTE, 0, "Cita"),
        (Kind.TABLE, 1, "Curso | Aula\n5.º B | 12"),
    ]
    assert (Kind.CODE, 0, "código\n  x") in kinds(document)
    assert "evil.example" not in "".join(block.text for block in document.blocks)


def test_html_gives_what_a_reader_sees(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<!doctype html><html><head><title>Circular 3</title><style>p{}</style></head><body><nav>Inicio</nav>"
        "<h1>Circular</h1><p>Se <b>avisa</b> a<br>todos &amp; todas.</p><p style='display:none'>oculto</p>"
        "<script>alert(1)</script><!-- comentario -->"
        "<ul><li>Uno<ul><li>Adentro</li></ul></li><li>Dos</li></ul>"
        "<table><tr><th>Curso</th><th>Aula</th></tr><tr><td>5.º B</td><td>12</td></tr></table>"
        "<img src='https://evil.example/p.png' alt=''><div>Suelto<p>adentro</p>cola</div></body></html>"
    )
    document = html.parse(tmp_path / "a.html")
    assert document.title == "Circular 3"
    assert kinds(document) == [
        (Kind.HEADING, 1, "Circular"),
        (Kind.PARAGRAPH, 0, "Se avisa a todos & todas."),
        (Kind.LIST_ITEM, 0, "• Uno"),
        (Kind.LIST_ITEM, 1, "• Adentro"),
        (Kind.LIST_ITEM, 0, "• Dos"),
        (Kind.TABLE, 1, "Curso | Aula\n5.º B | 12"),
        (Kind.PARAGRAPH, 0, "Suelto"),
        (Kind.PARAGRAPH, 0, "adentro"),
        (Kind.PARAGRAPH, 0, "cola"),
    ]


def test_html_nested_without_end_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html><body>" + "<div>" * 5_000 + "x")
    with pytest.raises(base.Broken) as caught:
        html.parse(tmp_path / "a.html")
    assert caught.value.code == "nested_too_deep"
