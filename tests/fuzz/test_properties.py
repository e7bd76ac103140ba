"""What holds of places and citations whatever they are given."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from documents.places import UnknownPlace, from_json, to_json
from rag import support
from rag.cite import mark_unsupported, parse_answer

words = (
    "El alumno",
    "podrá",
    "tener",
    "25",
    "veinticinco",
    "inasistencias",
    "no",
    "según",
    "el Art. 5",
    "«",
    "»",
    '"',
)
marks = st.sampled_from(["[1]", "[2]", "[3]", "[99]", "[0]", "[1, 2]", "[1][3]", ".", ".\n", " ", "\n- "])
answers = st.lists(st.one_of(st.sampled_from(words), marks, st.text(max_size=8)), max_size=30).map(" ".join)
sources = st.dictionaries(
    st.sampled_from([1, 2]),
    st.lists(st.one_of(st.sampled_from(words), st.text(max_size=8)), max_size=20).map(" ".join),
)


@given(answers, sources)
def test_nothing_is_cited_that_no_source_says(answer: str, given_sources: dict[int, str]) -> None:
    """Red when a mark of no source counts."""
    sentences = parse_answer(answer)
    checked = mark_unsupported(sentences, given_sources)
    assert [each.sentence for each in checked] == list(sentences)
    for each in checked:
        assert {citation.n for citation in each.citations} == set(each.sentence.marks)
        for citation in each.citations:
            if not citation.verified:
                continue
            assert citation.n in given_sources
            assert citation.quote == given_sources[citation.n][citation.start : citation.end] != ""
        assert each.is_supported is any(citation.verified for citation in each.citations)


TOLD = "Cada alumno conserva la regularidad con asistencia completa."


@given(answers, answers)
def test_what_supports_a_sentence_stands_in_its_source(sentence: str, before: str) -> None:
    """Red when the place that is shown is not one of the source's: seen with an end one further on."""
    source = f"{before}\n\n{TOLD}"
    for said in (sentence, TOLD):
        place = support.find(said, source)
        assert support.find(said, source) == place  # whoever asks again is told the same
        if place is None:
            assert said != TOLD, "what stands there word for word is found"
            continue
        assert 0 <= place[0] < place[1] <= len(source)
        assert said != TOLD or TOLD.rstrip(".") in source[place[0] : place[1]]


numbers = st.one_of(st.integers(), st.floats(), st.text(max_size=3), st.none(), st.booleans())
anything = st.recursive(
    numbers,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
told = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["page", "sheet", "slide", "time", "text", "moon", None, 1]),
        **dict.fromkeys(
            ("page", "boxes", "sheet", "rows", "slide", "from_s", "to_s", "from", "to"), anything
        ),
    },
)


@given(told)
def test_a_place_of_a_stranger_is_a_place_or_refused(stored: dict[str, Any]) -> None:
    """Red when a number past all, or a list where a number belongs, comes out as another exception."""
    try:
        place = from_json(stored)
    except UnknownPlace:
        return
    assert from_json(to_json(place)) == place or "boxes" in stored  # boxes are rounded to a tenth
