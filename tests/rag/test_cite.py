import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.cite import find, mark_unsupported, parse_answer

SOURCE = (
    "El alumno podrá tener hasta «veinticinco»  inasis-\ntencias\nen el año — según el Art. 5 del régimen…"
)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("podrá tener hasta", "podrá tener hasta"),
        ('hasta "veinticinco" inasistencias en el año', "hasta «veinticinco»  inasis-\ntencias\nen el año"),
        ("en el año - según el Art. 5", "en el año — según el Art. 5"),
        ("«según el Art. 5 del régimen».", "según el Art. 5 del régimen"),
        (unicodedata.normalize("NFD", "podrá tener"), "podrá tener"),
        ("  veinticinco. ", "veinticinco"),
    ],
)
def test_what_may_differ(quote: str, found: str) -> None:
    place = find(quote, SOURCE)
    assert place is not None
    assert SOURCE[place[0] : place[1]] == found


@pytest.mark.parametrize(
    "quote", ["podra tener", "Podrá tener", "vein", "hasta veintiséis", "", " «» ", "inasis", "alumno tener"]
)
def test_what_may_not_differ(quote: str) -> None:
    assert find(quote, SOURCE) is None


letters = st.text(st.characters(codec="utf-8"), max_size=60)


@given(
    letters,
    st.text(st.characters(categories=("L", "Nd", "Mn", "Zs", "Pd")), min_size=1, max_size=30),
    letters,
)
def test_words_of_a_source_are_found_in_it_by_its_own_offsets(before: str, quote: str, after: str) -> None:
    assume(any(char.isalnum() for char in quote))
    text = f"{before} {quote} {after}"
    place = find(quote, text)
    assert place is not None
    start, end = place
    assert 0 <= start < end <= len(text)
    assert find(text[start:end], quote) is not None


@given(letters, letters)
def test_what_is_found_is_the_quote(quote: str, text: str) -> None:
    place = find(quote, text)
    if place is not None:
        kept = [char for char in unicodedata.normalize("NFC", text[place[0] : place[1]]) if char.isalnum()]
        assert kept == [char for char in unicodedata.normalize("NFC", quote) if char.isalnum()]


def test_decomposed_sources_keep_their_offsets() -> None:
    text = unicodedata.normalize("NFD", "Año: la canción única.")
    place = find("canción única", text)
    assert place is not None
    assert unicodedata.normalize("NFC", text[place[0] : place[1]]) == "canción única"


def test_an_answer_is_read_by_sentences_with_their_marks() -> None:
    answer = (
        "«El alumno podrá tener veinticinco inasistencias. Luego pierde la regularidad.» [1][2]\n"
        "Según el Art. 5 de la Res. 1234/26 se puede pedir la reincorporación [1, 3]. "
        "El Dr. Gómez lo firma. [2] No hay más datos.\n"
        "- Un punto: “algo” [4]"
    )
    sentences = parse_answer(answer)
    assert [sentence.marks for sentence in sentences] == [(1, 2), (1, 3), (2,), (), (4,)]
    assert sentences[0].quotes == (
        "El alumno podrá tener veinticinco inasistencias. Luego pierde la regularidad.",
    )
    assert sentences[1].text == "Según el Art. 5 de la Res. 1234/26 se puede pedir la reincorporación."
    assert answer[sentences[2].start : sentences[2].end] == "El Dr. Gómez lo firma. [2]"


@given(st.text(max_size=200))
def test_any_answer_is_read(answer: str) -> None:
    ends = [(sentence.start, sentence.end) for sentence in parse_answer(answer)]
    assert all(first < last <= len(answer) for first, last in ends)
    assert ends == sorted(ends)


def test_only_words_that_are_there_support_a_sentence() -> None:
    sources = {
        1: "El alumno podrá tener hasta 25 inasistencias en el año.",
        2: "La reincorporación se pide por escrito.",
    }
    answer = (
        "«hasta 25 inasistencias» [1]. «hasta 30 inasistencias» [1]. "
        "La reincorporación se pide por escrito. [2] Se cobra. [9] Sin marca."
    )
    checked = mark_unsupported(parse_answer(answer), sources)
    assert [one.is_supported for one in checked] == [True, False, True, False, False]
    (citation,) = checked[0].citations
    assert sources[1][citation.start : citation.end] == "hasta 25 inasistencias"
    assert not checked[3].citations[0].verified


def test_a_citation_is_told_as_its_source_has_it() -> None:
    """Red when the quote is told as it stands in the answer."""
    [sentence] = parse_answer('Se puede faltar: "hasta «veinticinco» inasistencias en el año" [1].')
    [checked] = mark_unsupported([sentence], {1: SOURCE})
    [citation] = checked.citations
    assert citation.verified
    assert (
        citation.quote
        == SOURCE[citation.start : citation.end]
        == "hasta «veinticinco»  inasis-\ntencias\nen el año"
    )
