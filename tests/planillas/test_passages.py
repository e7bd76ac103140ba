"""Which words of the sources an engine is shown."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from documents.blocks import Kind, ParsedBlock
from documents.places import Text
from planillas import passages
from planillas.passages import Index, Passage
from planillas.records import Numbered
from schools.ids import new_id

ONE, OTHER = new_id(), new_id()


def block(text: str, ordinal: int = 0, kind: Kind = Kind.PARAGRAPH) -> Numbered:
    return Numbered(ordinal, ParsedBlock(kind, text, Text(0, len(text))))


def index(*texts: tuple[UUID, int, str]) -> Index:
    made = Index()
    for document, ordinal, text in texts:
        made.add(Passage(document, ordinal, 0, text))
    return made


@given(st.text(st.sampled_from("abc ñ.\n"), max_size=6_000))
def test_a_long_block_is_cut_without_losing_a_letter(text: str) -> None:
    found = list(passages.cut(ONE, [block(text)]))
    assert all(each.text == text[each.start : each.start + len(each.text)] for each in found)
    assert all(0 < len(each.text) <= passages.MOST_CHARS for each in found)
    assert "".join(each.text for each in found).split() == text.split() or len(text) > passages.MOST_CHARS
    assert sum(len(each.text.replace(" ", "").replace("\n", "")) for each in found) == len(
        text.replace(" ", "").replace("\n", "")
    )


def test_windows_hold_one_document_and_so_many_tokens() -> None:
    blocks = [block("palabra " * 60, n) for n in range(12)]
    found = [*passages.cut(ONE, blocks), *passages.cut(OTHER, blocks)]
    made = list(passages.windows(found))
    assert [each for window in made for each in window] == found
    for window in made:
        assert len({each.document_id for each in window}) == 1
        assert sum(each.tokens for each in window) <= passages.WINDOW_TOKENS or len(window) == 1
    assert list(passages.cut(ONE, [block("una foto", kind=Kind.PICTURE), block("  \n")])) == []


def test_a_row_is_shown_what_speaks_of_it() -> None:
    there = index(
        (ONE, 0, "Informe de convivencia del primer trimestre."),
        (ONE, 1, "Ana Álvarez participa en clase; su madre es Marta Gil."),
        (ONE, 2, "Bruno Benítez llegó tarde tres veces."),
        (ONE, 3, "La escuela tiene un patio."),
        (ONE, 9, "El teléfono de la familia es 4555-1234."),
        (OTHER, 0, "Acta de entrega: la netbook es de Sofía."),
    )
    columns = passages.stems("Madre", "nombre de la madre")
    ana = there.about(passages.stems("Álvarez, Ana"), columns)
    assert [each.block for each in ana] == [1]
    # What stands about the words that it was found by, also where it is not named there.
    near = there.about(passages.stems("Álvarez, Ana"), columns, near={(ONE, 9)})
    assert {each.block for each in near} == {1, 9}
    # A table that was read is not here: what stands about it speaks of all its lines.
    assert [each.block for each in there.about(set(), columns, near={(ONE, 5)})] == []
    assert [each.document_id for each in there.about(set(), columns, own={OTHER})] == [OTHER]
    assert there.about(passages.stems("Zoe"), columns) == []
    many = index(*((ONE, n, f"Ana Álvarez, hecho {n} " + "palabra " * 90) for n in range(30)))
    shown = many.about(passages.stems("Ana Álvarez"), columns)
    assert 1 <= len(shown) <= passages.ROW_PASSAGES
    assert sum(each.tokens for each in shown) <= passages.ROW_TOKENS


def test_the_passages_of_several_rows_come_once_and_in_order() -> None:
    one, two, three = (Passage(ONE, n, 0, "texto") for n in range(3))
    other = Passage(OTHER, 0, 0, "texto")
    assert passages.together([[two, one], [other, three, one]]) == [one, two, three, other]
