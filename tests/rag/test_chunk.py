from hypothesis import given
from hypothesis import strategies as st

from documents.blocks import Kind, ParsedBlock, table_text
from documents.places import Page, Sheet, Text
from rag.chunk import MAX_CHARS, TARGET_CHARS, chunk, locate_in_blocks

PLACE = Text(0, 1)


def heading(text: str, level: int = 1) -> ParsedBlock:
    return ParsedBlock(Kind.HEADING, text, PLACE, level=level)


def paragraph(text: str, page: int = 1) -> ParsedBlock:
    return ParsedBlock(Kind.PARAGRAPH, text, Page(page))


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
    st.integers(1, 80).map(table),
)


@given(st.lists(blocks, max_size=12))
def test_every_character_is_in_a_chunk_and_mapped_back(made: list[ParsedBlock]) -> None:
    chunks = chunk(made)
    covered: dict[int, set[int]] = {}
    for draft in chunks:
        assert len(draft.text) <= MAX_CHARS
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
    assert all(TARGET_CHARS / 2 < len(draft.text) <= MAX_CHARS for draft in drafts)
    assert all(draft.text.endswith(".") for draft in drafts)
    assert {draft.heading_path for draft in drafts} == {("Salidas",)}


def test_tiny_sections_join_a_sibling_and_large_ones_do_not() -> None:
    made = [
        heading("Capítulo I"),
        *[paragraph(f"Artículo {n}. Es breve.") for n in range(1, 4)],
        heading("Capítulo II"),
        paragraph(sentences(9)),
    ]
    first, second = chunk(made)
    assert first.heading_path == ("Capítulo I",)
    assert "Artículo 3" in first.text
    assert second.heading_path == ("Capítulo II",)


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
