from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from documents.blocks import Kind, ParsedBlock, table_text
from documents.pages import Mark, render
from documents.places import Sheet, Text

PLACE = Text(0, 1)
kinds = st.sampled_from([kind for kind in Kind if kind is not Kind.TABLE])
blocks = st.builds(ParsedBlock, kinds, st.text(max_size=40), st.just(PLACE), st.integers(0, 6))


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
    st.lists(st.builds(Mark, st.integers(0, 6), st.integers(-5, 50), st.integers(-5, 50)), max_size=4),
)
def test_nothing_of_a_document_becomes_markup(made: list[ParsedBlock], marks: list[Mark]) -> None:
    evil = ParsedBlock(Kind.PARAGRAPH, "<img src=x onerror=alert(1)> &amp; \"'", PLACE)
    page = render(list(enumerate([evil, *made])), marks=marks)
    shown = html.fromstring(f"<div>{page}</div>")
    assert {element.tag for element in shown.iter()} <= {
        "div",
        "p",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "li",
        "blockquote",
        "pre",
        "mark",
    }
    assert {name for element in shown.iter() for name in element.attrib} <= {"id", "class"}
    assert shown.xpath("string(.//*[@id='b0'])") == evil.text
