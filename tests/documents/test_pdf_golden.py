"""PDFs whose text is known: read in order, with at most one wrong character in a hundred."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import typst

from documents.blocks import Kind
from documents.parsers import pdf
from documents.places import Page, locate
from tests.documents.files import Field, PdfPage, Run, column, write_pdf
from tests.documents.golden import edits
from tests.documents.test_pdf import letters, quote_place, text_under_boxes

SENTENCES = (
    "La asistencia se registra al comienzo de cada turno y se comunica a las familias por el cuaderno.",
    "El estudiante que supere las veinticinco inasistencias deberá solicitar la reincorporación por escrito.",
    "Ningún alumno podrá retirarse del establecimiento sin la autorización de la persona responsable.",
    "Las evaluaciones se anuncian con cinco días de anticipación y se devuelven corregidas en diez.",
    "Se considera falta grave toda agresión física, verbal o escrita hacia un integrante de la comunidad.",
    "El consejo de convivencia sesiona una vez por mes y deja constancia en el libro de actas.",
    "¿Quién justifica una inasistencia? La madre, el padre o el tutor, dentro de los tres días hábiles.",
    "Los años de antigüedad del personal se acreditan con la certificación de servicios que corresponda.",
    "La cooperadora informa dos veces al año en qué gastó lo recaudado durante la peña y la kermés.",
    "Durante el receso de invierno permanecerá de guardia un miembro del equipo directivo.",
    "El boletín se entrega en mano al responsable y se devuelve firmado en el plazo de una semana.",
    "Quien adeude más de dos materias recursará el año, salvo resolución fundada de la dirección.",
)
TEXT = " ".join(SENTENCES)
HEAD = """
#set page(paper: "a4", margin: 2.4cm)
#set text(size: 10.5pt, lang: "es", hyphenate: true)
#set par(justify: true)
"""


def compiled(path: Path, source: str) -> Path:
    path.write_bytes(_typeset(source))
    return path


@cache
def _typeset(source: str) -> bytes:
    return bytes(typst.compile((HEAD + source).encode()))


def lines_of(text: str, most: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def plain_columns(path: Path) -> Path:
    """Two columns of an old program, written row by row."""
    lines = lines_of(TEXT, 44)
    half = (len(lines) + 1) // 2
    left, right = (
        column(lines[:half], x=50, size=9, font="F3"),
        column(lines[half:], x=310, size=9, font="F3"),
    )
    rows = [run for pair in zip(left, right, strict=False) for run in pair]
    return write_pdf(
        path, [PdfPage([Run(60, 800, "Título a lo ancho", 16, "F2"), *rows, *left[len(right) :]])]
    )


def turned(path: Path) -> Path:
    lines = lines_of(TEXT, 70)
    return write_pdf(
        path, [PdfPage([Run(80 + 14 * n, 60, t, angle=90) for n, t in enumerate(lines)], rotate=90)]
    )


def sideways(path: Path) -> Path:
    lines = lines_of(TEXT, 70)
    return write_pdf(path, [PdfPage([Run(80 + 14 * n, 60, t, angle=90) for n, t in enumerate(lines)])])


def within_a_form(path: Path) -> Path:
    return write_pdf(path, [PdfPage(column(lines_of(TEXT, 80), size=10), is_form=True)])


def filled_in(path: Path) -> Path:
    labels = [
        Run(72, 760 - 30 * n, label)
        for n, label in enumerate(("Apellido:", "Nombre:", "Curso:", "Retira solo:"))
    ]
    fields = [
        Field("a", (150, 755, 320, 773), "Núñez Peña"),
        Field("n", (150, 725, 320, 743), "Íñigo", is_drawn=False),
        Field("c", (150, 695, 320, 713), "3.º B", "Ch"),
        Field("r", (150, 668, 162, 680), "Si", "Btn"),
        Field("x", (420, 700, 440, 720), "Comentario de quien revisó", "Text"),
        Field("f", (400, 755, 540, 775), "Vino el tutor", "FreeText"),
    ]
    return write_pdf(path, [PdfPage([*labels, *column(lines_of(TEXT, 80), top=600, size=10)], fields=fields)])


MADE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "prose": (lambda path: compiled(path, f"{TEXT}\n\n{TEXT}"), f"{TEXT} {TEXT}"),
    "headings and lists": (
        lambda path: compiled(
            path, "= Régimen de convivencia\n== De la asistencia\n" + "\n".join(f"+ {one}" for one in SENTENCES)
        ),
        "Régimen de convivencia De la asistencia "
        + " ".join(f"{n}. {one}" for n, one in enumerate(SENTENCES, start=1)),
    ),
    "two columns under a title": (
        lambda path: compiled(
            path,
            '#place(top + center, scope: "parent", float: true)[= Boletín de la escuela número doce, año 2026]\n'
            f"#set page(columns: 2)\n{TEXT}\n\n{TEXT}\n\n{TEXT}",
        ),
        f"Boletín de la escuela número doce, año 2026 {TEXT} {TEXT} {TEXT}",
    ),
    "three columns": (
        lambda path: compiled(path, f"#set text(size: 8pt)\n#set page(columns: 3, height: 14cm)\n{TEXT}\n\n{TEXT}"),
        f"{TEXT} {TEXT}",
    ),
    "a sidebar": (
        lambda path: compiled(
            path, f"#grid(columns: (2fr, 1fr), gutter: 18pt, [{TEXT}], text(size: 8pt)[{' '.join(SENTENCES[:4])}])"
        ),
        f"{TEXT} {' '.join(SENTENCES[:4])}",
    ),
    "a footnote": (
        lambda path: compiled(
            path, f"{SENTENCES[0]}#footnote[{SENTENCES[1]}] {' '.join(SENTENCES[2:])}\n\n{TEXT}"
        ),
        f"{SENTENCES[0]}1 {' '.join(SENTENCES[2:])} {TEXT} 1 {SENTENCES[1]}",
    ),
    "several pages with header and footer": (
        lambda path: compiled(
            path,
            '#set page(height: 12cm, header: [Escuela N.º 12 #h(1fr) Régimen], footer: context [Página #counter(page)'
            f'.display() de 5])\n{" ".join([TEXT] * 4)}',
        ),
        " ".join([TEXT] * 4),
    ),
    "old columns": (plain_columns, f"Título a lo ancho {TEXT}"),
    "a turned page": (turned, TEXT),
    "sideways text": (sideways, TEXT),
    "within a form": (within_a_form, TEXT),
    "a form filled in": (
        filled_in,
        f"Apellido: Núñez Peña Vino el tutor Nombre: Íñigo Curso: 3.º B Retira solo: ☑ {TEXT}",
    ),
}  # fmt: skip


def read(path: Path) -> str:
    text = ""
    for block in pdf.parse(path).blocks:
        text = text[:-1] + block.text if text.endswith("-") else f"{text} {block.text}".strip()
    return " ".join(text.split())


@pytest.mark.parametrize("name", MADE)
def test_at_most_one_character_in_a_hundred_is_wrong(tmp_path: Path, name: str) -> None:
    make, expected = MADE[name]
    found = read(make(tmp_path / "a.pdf"))
    assert edits(found, expected) <= 0.01 * len(expected), found


@pytest.mark.parametrize(
    ("name", "quote"),
    [
        ("two columns under a title", "agresión física, verbal o escrita hacia un integrante"),
        ("three columns", "la certificación de servicios que corresponda"),
        ("a sidebar", "deberá solicitar la reincorporación"),
        ("a turned page", "dos veces al año en qué gastó lo recaudado"),
        ("sideways text", "¿Quién justifica una inasistencia? La madre"),
        ("within a form", "recursará el año, salvo resolución fundada"),
        ("headings and lists", "la certificación de servicios que corresponda"),
    ],
)
def test_marked_text_is_quoted_text(tmp_path: Path, name: str, quote: str) -> None:
    make, _ = MADE[name]
    path = make(tmp_path / "a.pdf")
    marked = [
        text_under_boxes(path, quote_place(block, quote), is_sideways=name == "sideways text")
        for block in pdf.parse(path).blocks
        if quote in block.text
    ]
    assert marked
    assert set(marked) == {letters(quote)}


def test_a_filled_field_is_marked_where_it_is_shown(tmp_path: Path) -> None:
    blocks = pdf.parse(filled_in(tmp_path / "a.pdf")).blocks
    (block,) = [block for block in blocks if "Núñez Peña" in block.text]
    assert "Comentario" not in " ".join(block.text for block in blocks)
    for value, (x0, y0, x1, y1) in (("Núñez Peña", (150, 69, 320, 87)), ("Íñigo", (150, 99, 320, 117))):
        (block,) = [block for block in blocks if value in block.text]
        start = block.text.index(value)
        place = locate(block.place, words=block.words, text=block.text, start=start, end=start + len(value))
        assert isinstance(place, Page)
        (box,) = place.boxes
        assert x0 - 1 <= box[0] < box[2] <= x1 + 1
        assert y0 - 1 <= box[1] < box[3] <= y1 + 1


def test_a_sentence_that_runs_over_the_page_is_found_on_both(tmp_path: Path) -> None:
    path = compiled(tmp_path / "a.pdf", f"#set page(height: 9cm)\n{TEXT}")
    blocks = pdf.parse(path).blocks
    cut = [
        (one, other)
        for one, other in pairwise(blocks)
        if one.text[-1] not in ".?:" and one.place != other.place
    ]
    assert cut
    for one, other in cut:
        for block, quote in (
            (one, one.text[-30:].split(" ", 1)[1]),
            (other, other.text[:30].rsplit(" ", 1)[0]),
        ):
            assert text_under_boxes(path, quote_place(block, quote)) == letters(quote)


def test_a_footnote_is_a_note_after_the_running_text(tmp_path: Path) -> None:
    make, _ = MADE["a footnote"]
    blocks = pdf.parse(make(tmp_path / "a.pdf")).blocks
    assert [block.kind for block in blocks].count(Kind.NOTE) == 1
    assert letters(blocks[-1].text) == letters(f"1 {SENTENCES[1]}")
