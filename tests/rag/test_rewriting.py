"""Which questions lean on the ones before them, and what becomes of them without an engine."""

import pytest

from engines.base import Turn
from rag import rewriting

BEFORE = "¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad?"


@pytest.mark.parametrize(
    "question",
    [
        "¿Y para los de quinto?",
        "y en secundaria?",
        "¿Pero si es con certificado?",
        "¿Y cuándo vence?",
        "¿Quién lo firma?",
        "¿Dónde hay que presentarla?",
        "¿Qué pasa en ese caso?",
        "¿Y eso desde cuándo?",
        "¿Cuál es el plazo?",
        "¿Por qué?",
        "¿Los de sexto también?",
        "¿Cuál es su límite?",
        "¿Se puede hacer lo mismo con las llegadas tarde?",
    ],
)
def test_a_follow_up_leans(question: str) -> None:
    assert rewriting.leans(question)


@pytest.mark.parametrize(
    "question",
    [
        BEFORE,
        "¿Cuándo empieza el receso de invierno?",
        "¿Qué es la regularidad?",
        "¿Cuántas inasistencias puede tener un alumno este año?",
        "¿Qué autorización hace falta para una salida educativa?",
        "¿Se permite el traslado de estudiantes en vehículos particulares de docentes o de familias?",
        "¿Qué alumno de 5.º B es alérgico al maní?",
        "¿Cómo se justifican las inasistencias?",
        "¿Cuántos días de clase hay en esta escuela?",
        "¿Qué debe hacer la familia para pedir la reincorporación de su hijo?",
    ],
)
def test_a_whole_question_does_not(question: str) -> None:
    assert not rewriting.leans(question)


@pytest.mark.parametrize(
    ("question", "stands"),
    [
        (
            "¿Y para los de quinto?",
            "¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad, para los de quinto?",
        ),
        (
            "¿Pero si es con certificado?",
            "¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad, si es con certificado?",
        ),
        ("¿Y cuándo vence?", "¿Y cuándo vence? (inasistencias, alumno, perder, regularidad)"),
        ("¿Quién lo firma?", "¿Quién lo firma? (inasistencias, alumno, perder, regularidad)"),
        ("¿Y las inasistencias?" * 30, ""),
    ],
)
def test_words_are_carried_over(question: str, stands: str) -> None:
    assert rewriting.carry_over(question, [BEFORE]) == stands


def test_without_a_question_before_nothing_is_carried() -> None:
    assert rewriting.carry_over("¿Y para los de quinto?", []) == ""


SAID = (Turn("question", BEFORE), Turn("answer", "Hasta 25, según el Régimen Académico."))


@pytest.mark.parametrize(
    ("text", "is_sound"),
    [
        ("¿Cuántas inasistencias puede tener un alumno de quinto?", True),
        ("¿Cuántas inasistencias, hasta 25, admite el Régimen Académico para los de quinto?", True),
        ("¿Cuántas inasistencias puede tener un alumno de quinto en 2024?", False),
        ("¿Cuántas inasistencias puede tener un alumno de quinto según la Municipalidad?", False),
        ("Puede tener pocas. ¿Cuántas inasistencias puede tener un alumno de quinto?", False),
        ("¿Cuántas inasistencias?\n¿Y de quinto?", False),
        ("SIN_RESPUESTA: falta saber el alumno", False),
        ("¿Dónde se compran entradas para el cine del barrio?", False),
        ("¿" + "inasistencias " * 40 + "?", False),
        ("", False),
    ],
)
def test_an_engine_may_not_bring_in_what_nobody_said(text: str, is_sound: bool) -> None:
    assert rewriting.is_sound(text, "¿Y para los de quinto?", SAID) is is_sound
