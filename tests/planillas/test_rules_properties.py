"""Whatever the source: no value is found but where a quote that stands in its block says it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from documents.blocks import Kind, ParsedBlock, table_text
from documents.places import Page, Place, Sheet, Slide, Text, Time, pack_words
from planillas import values
from planillas.columns import Column
from planillas.columns import Kind as ColumnKind
from tests.planillas.blocks import DOCUMENT, find

LABELS = (
    "Apellido y nombre", "Alumno/a", "Nombre", "Apellido", "DNI", "Nº de doc.", "DNI de la madre",
    "Fecha de nacimiento",
    "Curso", "Materia", "Matemática", "Lengua", "1º trimestre", "2T", "Nota", "Total", "Presente", "Responsable",
    "Plazo", "Docente", "Teléfono", "Importe", "Temas",
)  # fmt: skip
VALUES = (
    "Pérez, Ana", "Ana Pérez", "GÓMEZ Luis", "45.123.456", "46123456", "3/5/2014", "3 de mayo de 2014", "5º A", "8",
    "7,50",
    "sí", "P", "-", "s/d", "", "$ 1.200,50", "ana@escuela.edu.ar", "341 455-6677", "Ana; Luis", "8*", "Ruiz", "10:30",
    "½ ²",
)  # fmt: skip
JOINTS = (": ", " ", ", ", " – ", "; ", ". ", " ........ ", " | ", "\n", " = ")

words = st.sampled_from(LABELS) | st.sampled_from(VALUES) | st.text(max_size=8)
texts = st.lists(st.tuples(words, st.sampled_from(JOINTS)), min_size=1, max_size=10).map(
    lambda parts: "".join(word + joint for word, joint in parts)
)
cells = words.map(lambda word: " ".join(word.split()))


@st.composite
def places(draw: st.DrawFn, text: str) -> tuple[Place, bytes]:
    starts = sorted({0, *draw(st.lists(st.integers(0, max(0, len(text) - 1)), max_size=5))})
    boxed = pack_words((start, (float(at), 0.0, at + 1.0, 1.0)) for at, start in enumerate(starts))
    rows = 4, 4 + text.count("\n")
    page = Page(1, ((0.0, 0.0, 9.0, 9.0),))
    every: list[Place] = [Text(3, 3 + len(text)), Sheet("Hoja", rows), Slide(2), Time(1.0, 9.0), page]
    place = draw(st.sampled_from(every))
    return place, boxed if place is page else b""


@st.composite
def tables(draw: st.DrawFn) -> ParsedBlock:
    width = draw(st.integers(1, 5))
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width).map(tuple), min_size=1, max_size=5))
    if draw(st.booleans()):
        rows[0] = tuple(draw(st.permutations(LABELS))[:width])
    held = tuple(rows)
    text = draw(st.sampled_from([table_text(held)] * 9 + ["otro texto"]))
    place, boxed = draw(places(text))
    return ParsedBlock(Kind.TABLE, text, place, draw(st.integers(0, 2)), held, boxed)


@st.composite
def paragraphs(draw: st.DrawFn) -> ParsedBlock:
    text = draw(texts)
    place, boxed = draw(places(text))
    kind = draw(
        st.sampled_from([Kind.PARAGRAPH, Kind.LIST_ITEM, Kind.HEADING, Kind.QUOTE, Kind.NOTE, Kind.CODE])
    )
    return ParsedBlock(kind, text, place, draw(st.integers(0, 3)), (), boxed)


@st.composite
def columns(draw: st.DrawFn) -> list[Column]:
    names = draw(st.lists(st.sampled_from(LABELS), min_size=1, max_size=7, unique=True))
    return [
        Column(
            f"c{at}",
            name,
            draw(st.sampled_from([ColumnKind.TEXT, *ColumnKind])),
            is_key=draw(st.booleans()),
            is_required=draw(st.booleans()),
            choices=("P = Presente", "A", "Lengua"),
        )
        for at, name in enumerate(names)
    ]


@settings(max_examples=40, deadline=None)
@given(
    blocks=st.lists(tables() | paragraphs(), max_size=5),
    asked=columns(),
    row_is=st.sampled_from(["un alumno", "", "una nota", "un docente"]),
)
def test_no_value_without_a_source_that_says_it(
    blocks: list[ParsedBlock], asked: list[Column], row_is: str
) -> None:
    found = find(blocks, asked, row_is=row_is)

    by_key = {column.key: column for column in asked}
    for record in found.records:
        for key, said in record.said.items():
            for evidence in said.sources:
                assert evidence.document_id == DOCUMENT
                assert evidence.quote in blocks[evidence.block].text
                assert evidence.quote.strip()
            assert 0 < said.confidence <= 1
            if said.value is None:
                assert said.why
            else:
                assert values.occurs(said.value, by_key[key], " ".join(each.quote for each in said.sources))
    assert len(set(found.told)) == len(found.told)
    assert found.rows is not None
