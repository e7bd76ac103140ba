"""What an engine says is found only where words of the source say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planillas import proof, values
from planillas.columns import Column, Kind
from planillas.proof import Claim

TEXT = "En la reunión del 3 de mayo de 2014, Ana Álvarez\npidió veinticinco sillas; se fijó la cuota en $ 1.250,50."
NAME = Column("alumno", "Alumno")
DAY = Column("dia", "Día", Kind.DATE)
CHAIRS = Column("sillas", "Sillas", Kind.INTEGER)
FEE = Column("cuota", "Cuota", Kind.MONEY, currency="ARS")


@pytest.mark.parametrize(
    ("column", "value", "quote", "found"),
    [
        (NAME, "Ana Álvarez", "Ana Álvarez pidió", "Ana Álvarez"),
        (NAME, "ana alvarez", "ANA  ALVAREZ", "ana alvarez"),
        (DAY, "2014-05-03", "del 3 de mayo de 2014", "2014-05-03"),
        (CHAIRS, 25, "pidió veinticinco sillas", 25),
        (FEE, 1250.5, "«la cuota en $ 1.250,50.»", 1250.5),
        (NAME, "Ana Álvarez", "Álvarez, Ana", None),  # not word for word
        (NAME, "Ana Álvarez", "lvarez pidi", None),  # cut through words
        (NAME, "Eva Álvarez", "Ana Álvarez", None),  # the quote does not say it
        (DAY, "2014-05-04", "del 3 de mayo de 2014", None),
        (DAY, "mañana", "del 3 de mayo de 2014", None),
        (CHAIRS, 25, "veinticinco mesas", None),
        (CHAIRS, 14, "3 de mayo de 2014", None),
        (NAME, "", "Ana", None),
        (NAME, None, "Ana", None),
        (NAME, {"a": 1}, "Ana", None),
        (NAME, "Ana", "", None),
        (NAME, "Ana", " .,; ", None),
        (NAME, "Ana", "Ana " * 400, None),
    ],
)
def test_a_value_wants_words_that_say_it(column: Column, value: object, quote: str, found: object) -> None:
    proved = proof.prove(Claim(column.key, value, quote, 1), column, TEXT)
    if found is None:
        assert proved is None
    else:
        assert proved is not None and values.same(proved.value, found, column)  # type: ignore[arg-type]
        assert values.occurs(proved.value, column, TEXT[proved.start : proved.end])


@pytest.mark.parametrize(
    ("given_", "count"),
    [
        (None, 0),
        ("cells", 0),
        ([1, None, {"column": 3, "quote": "x", "passage": 1}], 0),
        ([{"column": "a", "quote": "x", "passage": True, "value": 1}], 0),
        (
            [
                {"column": "a", "quote": "x", "passage": 1},
                {"column": "a", "quote": "x", "passage": 2, "value": 1},
            ],
            2,
        ),
    ],
)
def test_claims_of_another_shape_are_left_out(given_: object, count: int) -> None:
    assert len(proof.claims(given_)) == count


WORDS = st.sampled_from(
    [
        "Ana",
        "Álvarez",
        "Ñandú",
        "3/5/2014",
        "25",
        "«sí»",
        "–",
        "ﬁn",
        "\u00ad",
        "I\u0307",
        "A\u0301",
        "1.º",
        "\n",
        "\t ",
    ]
)
TEXTS = st.lists(WORDS | st.text(max_size=4), max_size=12).map(" ".join)


@given(TEXTS, TEXTS, TEXTS, st.sampled_from([NAME, DAY, CHAIRS, FEE, Column("x", "X", Kind.YES_NO)]))
def test_nothing_is_found_without_a_quote_that_stands_and_says_it(
    text: str, quote: str, value: str, column: Column
) -> None:
    for words in (quote, text[1:-1]):
        for said in (value, words):
            proved = proof.prove(Claim("x", said, words, 1), column, text)
            if proved is not None:
                there = text[proved.start : proved.end]
                assert there and values.occurs(proved.value, column, there)
                wanted = proof.flat(words).text.strip(" \"'.,;:-()[]")
                assert proof.flat(there).text.strip() == wanted.strip()


@given(TEXTS)
def test_a_text_that_was_made_flat_knows_its_places(text: str) -> None:
    flat = proof.flat(text)
    assert len(flat.text) == len(flat.at) and list(flat.at) == sorted(flat.at)
    assert all(0 <= at < max(1, len(text)) for at in flat.at)
    span = proof.find(text, text)
    assert span is None or proof.flat(text[slice(*span)]).text in flat.text
