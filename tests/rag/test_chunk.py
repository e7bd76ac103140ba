from hypothesis import given
from hypothesis import strategies as st

from documents.blocks import Kind, ParsedBlock, table_text
from documents.places import Page, Sheet, Slide, Text
from rag.chunk import Span, chunk, locate_in_blocks
from rag.sections import MAX_TOKENS, TARGET_TOKENS
from rag.tokens import estimate

PLACE = Text(0, 1)


def heading(text: str, level: int = 1) -> ParsedBlock:
    return ParsedBlock(Kind.HEADING, text, PLACE, level=level)


def paragraph(text: str, page: int = 1) -> ParsedBlock:
    return ParsedBlock(Kind.PARAGRAPH, text, Page(page))


def note(text: str, page: int = 1) -> ParsedBlock:
    return ParsedBlock(Kind.NOTE, text, Page(page))


def on_slide(kind: Kind, text: str, slide: int) -> ParsedBlock:
    return ParsedBlock(kind, text, Slide(slide), level=1 if kind is Kind.HEADING else 0)


def sentences(count: int, about: str = "asistencia") -> str:
    return " ".join(
        f"La frase número {n} trata de la {about} de los alumnos del establecimiento." for n in range(count)
    )


def table(rows: int, *, level: int = 1) -> ParsedBlock:
    cells = (
        ("Apellido", "Curso"),
        *((f"Apellido{n}", f"{n % 5 + 1}.º B, turno de la mañana") for n in range(rows)),
    )
    return ParsedBlock(Kind.TABLE, table_text(cells), Sheet("h", (1, rows + 1)), level=level, cells=cells)


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=300)
texts = st.one_of(
    words,
    st.integers(1, 60).map(sentences),
    st.sampled_from(["CAPÍTULO II", "Artículo 3. Faltas. Son dos.", "x" * 4000]),
)
blocks = st.one_of(
    st.builds(paragraph, texts, st.integers(1, 3)),
    st.builds(heading, st.text("abc ", min_size=1, max_size=30), st.integers(1, 6)),
    st.builds(note, texts, st.integers(1, 3)),
    st.builds(on_slide, st.sampled_from([Kind.HEADING, Kind.PARAGRAPH, Kind.NOTE]), texts, st.integers(1, 3)),
    st.integers(1, 80).map(table),
)


def is_slide(made: list[ParsedBlock], span: Span) -> bool:
    return isinstance(made[span.block_ordinal].place, Slide)


@given(st.lists(blocks, max_size=12))
def test_every_character_is_in_a_chunk_and_mapped_back(made: list[ParsedBlock]) -> None:
    chunks = chunk(made)
    covered: dict[int, set[int]] = {}
    for draft in chunks:
        assert estimate(draft.text) <= MAX_TOKENS
        assert len({made[span.block_ordinal].place for span in draft.spans if is_slide(made, span)}) <= 1
        assert [draft.ordinal for draft in chunks] == list(range(len(chunks)))
        for span in draft.spans:
            stop = span.block_start + span.length
            assert (
                made[span.block_ordinal].text[span.block_start : stop]
                == draft.text[span.chunk_start : span.chunk_start + span.length]
            )
            seen = covered.setdefault(span.block_ordinal, set())
            assert not seen & set(range(span.block_start, stop))
            seen.update(range(span.block_start, stop))
        outside = set(range(len(draft.text))) - {
            at for span in draft.spans for at in range(span.chunk_start, span.chunk_start + span.length)
        }
        header = len(draft.text.split("\n")[0]) if draft.text.startswith("Apellido | ") else 0
        assert all(at <= header or draft.text[at].isspace() for at in outside)
    for ordinal, block in enumerate(made):
        left = [char for at, char in enumerate(block.text) if at not in covered.get(ordinal, set())]
        assert not "".join(left).strip(" \n\t-") or not block.text.strip()


def test_a_quote_in_a_chunk_is_found_in_its_blocks() -> None:
    made = [
        heading("Régimen"),
        paragraph("El alumno podrá tener veinticinco inasistencias."),
        paragraph("Luego pierde la regularidad."),
    ]
    (draft,) = chunk(made)
    start = draft.text.index("inasistencias")
    found = locate_in_blocks(draft.spans, start, start + len("inasistencias.\nLuego"))
    assert [made[block].text[first:last] for block, first, last in found] == ["inasistencias.", "Luego"]


def test_an_article_stays_whole_and_names_its_path() -> None:
    article = "Artículo 12. Inasistencias. " + sentences(12)
    made = [
        heading("TÍTULO I"),
        heading("CAPÍTULO II De la asistencia", 2),
        paragraph(article),
        paragraph("Artículo 13. Sanciones. " + sentences(8)),
    ]
    first, second = chunk(made)
    assert first.text.endswith(article)
    assert first.heading_path == ("TÍTULO I", "CAPÍTULO II De la asistencia", "Artículo 12. Inasistencias.")
    assert second.heading_path[-1] == "Artículo 13. Sanciones."


def test_a_long_section_is_cut_evenly_after_sentences() -> None:
    drafts = chunk(
        [heading("Salidas"), *[paragraph(sentences(4)) for _ in range(10)], paragraph(sentences(40))]
    )
    assert len(drafts) > 4
    assert all(TARGET_TOKENS / 2 < estimate(draft.text) <= MAX_TOKENS for draft in drafts)
    assert all(draft.text.endswith(".") for draft in drafts)
    assert {draft.heading_path for draft in drafts} == {("Salidas",)}


def test_no_chunk_holds_two_sections_however_small() -> None:
    made = [
        heading("Capítulo I"),
        *[paragraph(f"Artículo {n}. Tiene pocas palabras.") for n in range(1, 4)],
        heading("Capítulo II"),
        paragraph("También es breve."),
    ]
    drafts = chunk(made)
    assert [draft.text for draft in drafts] == [
        "Capítulo I\nArtículo 1. Tiene pocas palabras.",
        "Artículo 2. Tiene pocas palabras.",
        "Artículo 3. Tiene pocas palabras.",
        "Capítulo II\nTambién es breve.",
    ]
    assert [draft.heading_path[-1][:11] for draft in drafts] == [
        "Artículo 1.", "Artículo 2.", "Artículo 3.", "Capítulo II"
    ]  # fmt: skip


def test_headings_without_text_stand_with_the_first_section_under_them_only() -> None:
    made = [
        heading("Asistencia"),
        heading("Ingreso", 2),
        heading("Faltas", 2),
        paragraph("Son veinticinco."),
    ]
    lone, second = chunk(made)
    assert lone.text == "Asistencia\nIngreso"
    assert (second.text, second.heading_path) == ("Faltas\nSon veinticinco.", ("Asistencia", "Faltas"))


def test_headings_stand_before_a_section_that_is_cut() -> None:
    first, *rest = chunk([heading("Asistencia"), heading("Faltas", 2), paragraph(sentences(60))])
    assert first.text.startswith("Asistencia\nFaltas\nLa frase número 0 ")
    assert rest
    assert {draft.heading_path for draft in rest} == {("Asistencia", "Faltas")}


def test_a_chunk_never_reaches_beyond_its_slide() -> None:
    made = [
        on_slide(Kind.HEADING, "Salida al museo", 1),
        on_slide(Kind.HEADING, "Horarios", 2),
        on_slide(Kind.PARAGRAPH, "Salimos a las ocho.", 2),
        on_slide(Kind.NOTE, "Recordar las autorizaciones.", 2),
        on_slide(Kind.PARAGRAPH, "Gracias a las familias.", 3),
    ]
    title, times, last = chunk(made)
    assert title.text == "Salida al museo"
    assert times.text == "Horarios\nSalimos a las ocho.\nRecordar las autorizaciones."
    assert (last.text, last.heading_path) == ("Gracias a las familias.", ())


def test_a_note_goes_with_the_paragraph_it_follows() -> None:
    made = [heading("Faltas")]
    for n in range(12):
        made += [paragraph(sentences(4)), note(f"{n}. Ver la resolución {n}.")]
    for draft in chunk(made):
        first = made[draft.spans[0].block_ordinal]
        assert first.kind is not Kind.NOTE


def test_a_note_at_the_foot_of_a_page_does_not_part_a_sentence() -> None:
    made = [paragraph("Deberá pedir su reincorpo-", 1), note("1. Ver el anexo.", 1), paragraph("ración.", 2)]
    [draft] = chunk(made)
    assert draft.text == "Deberá pedir su reincorporación.\n1. Ver el anexo."


def test_a_pictures_description_is_text() -> None:
    picture = ParsedBlock(Kind.PICTURE, "Croquis de la escuela", Page(1), picture="1.png")
    bare = ParsedBlock(Kind.PICTURE, "", Page(1), picture="2.png")
    [draft] = chunk([heading("Plano"), picture, bare])
    assert draft.text == "Plano\nCroquis de la escuela"


def test_what_is_left_over_of_a_section_is_not_a_chunk_by_itself() -> None:
    for rows in range(40, 80):
        assert min(estimate(draft.text) for draft in chunk([table(rows)])) > TARGET_TOKENS / 4


def test_a_table_repeats_its_header_without_a_span() -> None:
    cells = tuple((f"Otro{n}", "6.º A, turno de la tarde") for n in range(40))
    more = ParsedBlock(Kind.TABLE, table_text(cells), Sheet("h", (82, 121)), cells=cells)
    drafts = chunk([table(80), more])
    assert len(drafts) > 3
    assert all(draft.text.startswith("Apellido | Curso\n") for draft in drafts)
    assert all(draft.spans[0].chunk_start == len("Apellido | Curso\n") for draft in drafts[1:])
    assert not any(
        line and not line.endswith(("mañana", "tarde", "Curso"))
        for draft in drafts
        for line in draft.text.split("\n")
    )


def test_a_sentence_runs_on_over_the_end_of_a_page() -> None:
    (draft,) = chunk([paragraph("Deberá pedir su reincorpo-", 1), paragraph("ración por escrito.", 2)])
    assert draft.text == "Deberá pedir su reincorporación por escrito."
    (draft,) = chunk([paragraph("Deberá pedir su", 1), paragraph("reincorporación por escrito.", 2)])
    assert draft.text == "Deberá pedir su reincorporación por escrito."


def test_a_name_on_the_next_page_belongs_to_its_chapter() -> None:
    drafts = chunk([heading("CAPÍTULO I", 2), heading("Fines", 3), paragraph("Son los siguientes.")])
    assert drafts[0].heading_path == ("CAPÍTULO I Fines",)


def test_a_table_of_contents_is_no_ones_heading_and_is_not_searched() -> None:
    blocks = [
        ParsedBlock(Kind.HEADING, "Índice", Page(1), level=1),
        ParsedBlock(Kind.PARAGRAPH, "Capítulo I. Asistencia . . . . . . . . . . 3", Page(1)),
        ParsedBlock(Kind.HEADING, "Capítulo II. Faltas ................ 5", Page(1), level=2),
        ParsedBlock(Kind.HEADING, "Capítulo I. Asistencia", Page(3), level=2),
        ParsedBlock(Kind.PARAGRAPH, "La asistencia es obligatoria. " * 12, Page(3)),
    ]
    [only] = chunk(blocks)
    assert only.heading_path == ("Capítulo I. Asistencia",)
    assert "Índice" not in only.text
    assert ". . ." not in only.text
