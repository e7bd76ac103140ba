"""Quoting: always word for word, the sentence that answers, and no answer where there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.quoting import Passage, quote

REGULAR = Passage(
    "Artículo 12.- El estudiante perderá la condición de regular al superar las veinticinco (25) "
    "inasistencias en el ciclo lectivo. La reincorporación se solicita por nota a la dirección.",
    prior=0.95,
    heading="Régimen académico › Regularidad",
    support=0.9,
)
FAIR = Passage(
    "Se aprueba el calendario de exámenes de febrero. La profesora Laura Gómez coordinará la feria de "
    "ciencias, que será el 14 de marzo de 2026 a las 18 horas en el salón de actos.",
    prior=0.9,
    heading="Acta 3",
    support=0.9,
)
PICK_UP = Passage(
    "Los estudiantes solo pueden retirarse antes de hora con un adulto autorizado.\n"
    "- Lunes a jueves: firma en preceptoría\n- Viernes: firma en secretaría",
    prior=0.9,
    support=0.9,
)


@pytest.mark.parametrize(
    ("question", "passage", "held"),
    [
        (
            "¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad?",
            REGULAR,
            "veinticinco (25)",
        ),
        ("¿Cómo se pide la reincorporación?", REGULAR, "por nota a la dirección"),
        ("¿Quién coordina la feria de ciencias?", FAIR, "Laura Gómez"),
        ("quien coordinara la feria de ciensias", FAIR, "Laura Gómez"),
        ("¿Dónde se firma el retiro de los viernes?", PICK_UP, "secretaría"),
    ],
)
def test_the_best_quote_answers(question: str, passage: Passage, held: str) -> None:
    best = quote(question, [passage]).quotes[0]
    assert held in passage.text[best.start : best.end]


def test_the_passage_that_retrieval_trusts_wins_between_equals() -> None:
    doubted = Passage(REGULAR.text, prior=0.01, support=0.9)
    quoted = quote("¿Cuántas inasistencias hacen perder la condición de regular?", [doubted, REGULAR])
    assert quoted.quotes[0].passage_index == 1


def test_a_question_that_the_passages_answer_is_answered_and_another_refused() -> None:
    asked = "¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad?"
    assert quote(asked, [REGULAR, FAIR]).is_enough
    foreign = [Passage(one.text, prior=0.3, heading=one.heading, support=0.1) for one in (REGULAR, FAIR)]
    refused = quote("¿Cuál es la capital de Francia?", foreign)
    assert not refused.is_enough
    assert refused.confidence < quote(asked, [REGULAR, FAIR]).confidence


def test_without_retrieval_s_support_it_judges_by_the_passages() -> None:
    bare = [Passage(REGULAR.text, prior=0.9)]
    assert quote("¿Cuántas inasistencias hacen perder la condición de regular?", bare).is_enough
    assert not quote("¿Cuál es la capital de Francia?", [Passage(REGULAR.text, prior=0.3)]).is_enough


@pytest.mark.parametrize("passages", [[], [Passage("")], [Passage("***")]])
def test_nothing_to_quote_is_no_answer(passages: list[Passage]) -> None:
    quoted = quote("¿Cuándo?", passages)
    assert quoted.quotes == ()
    assert quoted.confidence == 0.0
    assert not quoted.is_enough


def test_an_empty_question_is_no_answer() -> None:
    assert not quote("¿?", [REGULAR]).is_enough


@given(
    st.text(alphabet="aeéñ rstmp¿?", max_size=60),
    st.lists(st.text(alphabet="aeéñ rstmp.\n¿?«»A5º", max_size=200), max_size=4),
    st.integers(min_value=1, max_value=4),
)
def test_quotes_are_stretches_of_their_passages(question: str, texts: list[str], most: int) -> None:
    quoted = quote(question, [Passage(text) for text in texts], most=most)
    assert len(quoted.quotes) <= most
    assert 0.0 <= quoted.confidence <= 1.0
    assert [one.score for one in quoted.quotes] == sorted((one.score for one in quoted.quotes), reverse=True)
    for one in quoted.quotes:
        text = texts[one.passage_index]
        assert 0 <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == text[one.start : one.end].strip() != ""


def test_a_heading_and_a_question_in_the_text_are_not_quoted() -> None:
    passage = Passage(
        "Horario de la secretaría\n¿En qué horario atiende la secretaría? "
        "De lunes a viernes de 8 a 12 atiende la secretaría.",
        prior=0.9,
        heading="Preguntas frecuentes › Horario de la secretaría",
        support=0.9,
    )
    quoted = quote("¿Qué horario tiene la secretaría?", [passage])
    texts = [passage.text[quote.start : quote.end] for quote in quoted.quotes]
    assert texts == ["De lunes a viernes de 8 a 12 atiende la secretaría."]
