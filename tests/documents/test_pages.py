from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from documents.blocks import Kind, ParsedBlock, table_text
from documents.pages import CITED, CURRENT, FOUND, Mark, render
from documents.places import Page, Place, Sheet, Slide, Text

PLACE = Text(0, 1)
EVIL = "<img src=x onerror=alert(1)> &amp; \"'"
kinds = st.sampled_from([kind for kind in Kind if kind is not Kind.TABLE])
words = st.text(max_size=40) | st.just(EVIL)
places = st.one_of(
    st.just(PLACE), st.builds(Slide, st.integers(1, 3)), st.builds(Page, st.integers(1, 3)),
    st.builds(Sheet, words, st.just((1, 2))),
)  # fmt: skip
ranges = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=3).map(tuple)
blocks = st.builds(
    ParsedBlock,
    kinds,
    words,
    places,
    st.integers(0, 6),
    doubts=ranges,
    picture=st.sampled_from(["", "1.png"]),
)
SAFE = {
    "div", "p", "h2", "h3", "h4", "h5", "h6", "ul", "li", "blockquote", "pre", "mark", "section", "span", "figure",
    "figcaption", "img",
}  # fmt: skip
HARMLESS = {"id", "class", "aria-labelledby", "role", "title", "src", "alt", "loading", "decoding"}


def drawn(*made: ParsedBlock, marks: Sequence[Mark] = (), cited: Place | None = None) -> html.HtmlElement:
    page = render(list(enumerate(made)), marks=marks, cited=cited, picture=lambda name: f"/imagenes/{name}")
    return html.fromstring(f"<div>{page}</div>")


def test_sheets_show_their_row_numbers_and_one_table() -> None:
    head, rest = (("Curso", "Aula"), ("5.º B", "12")), (("6.º A", "14"),)
    first = ParsedBlock(Kind.TABLE, table_text(head), Sheet("h", (3, 4)), level=1, cells=head)
    second = ParsedBlock(Kind.TABLE, table_text(rest), Sheet("h", (5, 5)), cells=rest)
    shown = html.fromstring(render([(0, first), (1, second)], marks=[Mark(1, 0, 5)]))
    assert len(shown.findall(".//table")) == 1
    assert [cell.text for cell in shown.iterfind(".//th[@class='doc-row']")] == ["3", "4", "5"]
    assert shown.findtext(".//*[@id='b1']//mark") == "6.º A"


def test_marks_cross_cells_and_stay_in_their_block() -> None:
    cells = (("uno", "dos"), ("tres", "cuatro"))
    block = ParsedBlock(Kind.TABLE, table_text(cells), PLACE, cells=cells)
    start = block.text.index("dos")
    shown = html.fromstring(
        render([(4, block)], marks=[Mark(4, start, block.text.index("cuatro") - 3), Mark(9, 0, 3)])
    )
    assert [mark.text for mark in shown.iterfind(".//mark")] == ["dos", "tres"]


def test_overlapping_marks_become_one() -> None:
    block = ParsedBlock(Kind.PARAGRAPH, "uno dos tres", PLACE)
    assert (
        render([(0, block)], marks=[Mark(0, 4, 7), Mark(0, 5, 99)])
        == '<p id="b0">uno <mark>dos tres</mark></p>'
    )


@given(
    st.lists(blocks, max_size=6),
    st.lists(
        st.builds(
            Mark,
            st.integers(0, 6),
            st.integers(-5, 50),
            st.integers(-5, 50),
            st.sampled_from([CITED, CURRENT, FOUND]),
        ),
        max_size=4,
    ),
)
def test_nothing_of_a_document_becomes_markup(made: list[ParsedBlock], marks: list[Mark]) -> None:
    shown = drawn(ParsedBlock(Kind.PARAGRAPH, EVIL, PLACE), *made, marks=marks)
    assert {element.tag for element in shown.iter()} <= SAFE
    assert {name for element in shown.iter() for name in element.attrib} <= HARMLESS
    assert {each.get("src") for each in shown.iterfind(".//img")} <= {"/imagenes/1.png"}
    assert shown.xpath("string(.//*[@id='b0'])") == EVIL
    for ordinal, block in enumerate(made, start=1):
        [element] = shown.xpath(f".//*[@id='b{ordinal}']") or [None]
        if element is not None and block.kind not in (Kind.NOTE, Kind.LIST_ITEM, Kind.CODE):
            assert _visible(element.text_content()) == _visible(block.text)


def _visible(text: str) -> str:
    """Return what a parser of HTML leaves of a text: it reads carriage returns as line ends, and drops controls."""
    return "".join(char for char in text if char.isprintable() and not char.isspace())


def test_a_picture_has_its_description_and_is_fetched_late() -> None:
    block = ParsedBlock(Kind.PICTURE, EVIL, PLACE, picture="1.png")
    [image] = drawn(block).iterfind(".//img")
    assert (image.get("alt"), image.get("src"), image.get("loading")) == (EVIL, "/imagenes/1.png", "lazy")
    [bare] = drawn(ParsedBlock(Kind.PICTURE, "", PLACE, picture="2.jpg")).iterfind(".//img")
    assert bare.get("alt") == "Imagen sin descripción"
    # Without its file a picture is its words.
    told = drawn(ParsedBlock(Kind.PICTURE, "Plano del patio", PLACE))
    assert (told.findall(".//img"), told.findtext(".//figcaption")) == ([], "Plano del patio")


def test_slides_sheets_and_pages_are_sections() -> None:
    shown = drawn(
        ParsedBlock(Kind.HEADING, "Tema", Slide(2), level=1),
        ParsedBlock(Kind.NOTE, "Recordar el ejemplo.", Slide(2)),
        ParsedBlock(Kind.PARAGRAPH, "Otra", Slide(3)),
        ParsedBlock(Kind.PARAGRAPH, "Suelto", Sheet("Año 2026", (1, 1))),
        ParsedBlock(Kind.PARAGRAPH, "Texto", Page(7)),
        cited=Slide(3),
    )
    sections = shown.findall(".//section")
    assert [each.get("id") for each in sections] == ["d2", "d3", "h3", "p7"]
    names = ["Diapositiva 2", "Diapositiva 3", "Hoja «Año 2026»", "Página 7"]
    assert [each.findtext("h2") for each in sections] == names
    assert shown.findtext(".//h3") == "Tema"
    assert shown.findtext(".//*[@role='note']/span") == "Notas del orador"
    assert [each.get("id") for each in sections if "is-cited" in each.get("class", "")] == ["d3"]


def test_a_slide_whose_words_are_known_is_not_marked_whole() -> None:
    block = ParsedBlock(Kind.PARAGRAPH, "uno dos", Slide(3))
    shown = drawn(block, marks=[Mark(0, 4, 7)], cited=Slide(3))
    assert shown.findtext(".//mark") == "dos"
    assert "is-cited" not in shown.find(".//section").get("class", "")


def test_lists_stand_inside_lists() -> None:
    levels = [("1. Uno", 0), ("a) Dos", 1), ("b) Tres", 1), ("Cuatro", 3), ("2. Cinco", 0)]
    shown = drawn(*(ParsedBlock(Kind.LIST_ITEM, text, PLACE, level=level) for text, level in levels))
    depths = {each.get("id"): len(list(each.iterancestors("ul"))) for each in shown.iterfind(".//li")}
    assert depths == {"b0": 1, "b1": 2, "b2": 2, "b3": 3, "b4": 1}
    assert [each.get("id") for each in shown.iterfind(".//li[@class='has-marker']")] == [
        "b0",
        "b1",
        "b2",
        "b4",
    ]


def test_what_was_read_with_little_certainty_is_underlined_also_where_it_is_marked() -> None:
    block = ParsedBlock(Kind.PARAGRAPH, "el 5 de rnayo de 2026", PLACE, doubts=((8, 13),))
    shown = drawn(block, marks=[Mark(0, 3, 21)])
    [doubt] = shown.iterfind(".//span[@class='doc-doubt']")
    assert (doubt.text, doubt.get("title")) == ("rnayo", "Se leyó con poca certeza")
    [mark] = shown.iterfind(".//mark")
    assert mark.text_content() == "5 de rnayo de 2026"


def test_a_doubt_in_a_table_is_underlined_in_its_cell() -> None:
    cells = (("uno", "dos"), ("tres", "cuatro"))
    text = table_text(cells)
    at = text.index("cuatro")
    shown = drawn(ParsedBlock(Kind.TABLE, text, PLACE, cells=cells, doubts=((at, at + 6),)))
    assert [each.text for each in shown.iterfind(".//span[@class='doc-doubt']")] == ["cuatro"]


def test_the_cited_words_are_stronger_than_what_was_looked_for() -> None:
    block = ParsedBlock(Kind.PARAGRAPH, "uno dos tres", PLACE)
    marks = [Mark(0, 0, 12, FOUND), Mark(0, 4, 7, CURRENT), Mark(0, 5, 6, CITED)]
    shown = drawn(block, marks=marks)
    assert [(each.get("class"), each.text) for each in shown.iterfind(".//mark")] == [
        ("is-found", "uno "), ("is-current", "d"), (None, "o"), ("is-current", "s"), ("is-found", " tres"),
    ]  # fmt: skip
