"""Tasks by rules: how many are found and right on meetings that nothing was tuned on, and what must be none."""

from datetime import date

import pytest

from tests.transcription import task_set
from transcription.phrases import Utterance
from transcription.tasks import LEAST, Task, extract

WEDNESDAY = date(2026, 3, 11)


def said(*turns: str) -> list[Utterance]:
    """Return "Who: what" as utterances, ten seconds each."""
    return [
        Utterance(who, 10.0 * place, 10.0 * place + 10.0, text, str(place))
        for place, (who, _colon, text) in enumerate(turn.partition(": ") for turn in turns)
    ]


def found(*turns: str) -> list[Task]:
    return extract(said(*turns), on=WEDNESDAY)


def test_of_what_is_found_in_the_judged_half_four_in_five_are_right() -> None:
    labels = sum(len(each.tasks) for half in ("judged", "developed") for each in task_set.meetings(half))
    assert labels >= 80
    score = task_set.score("judged")  # measured: precision 0.93, with its date 0.91, recall 0.96
    assert score.precision >= 0.8
    assert score.precision_with_due >= 0.8
    assert score.recall >= 0.85
    assert task_set.score("developed").precision >= 0.9


@pytest.mark.parametrize(
    "sentence",
    [
        "¿Quién manda las actas el viernes?",
        "Ayer mandé las actas a inspección.",
        "Hay que mandar las actas antes del viernes.",
        "Deberíamos preparar un informe.",
        "Me gustaría preparar un informe para el lunes.",
        "Ojalá Pablo prepare un informe.",
        "No voy a preparar ningún informe.",
        "Si llueve, yo aviso a las familias mañana.",
        "Yo aviso a las familias mañana si llueve.",
        "Pablo dijo que prepararía un informe el lunes.",
        "El ayuntamiento dijo que Pablo enviará las vallas el lunes.",
        "La excursión será el quince de mayo.",
        "Los alumnos harán el examen el jueves.",
        "Voy a ser breve.",
        "Nos vemos el viernes.",
        "Podría llevar yo la biblioteca los miércoles.",
    ],
)
def test_what_sounds_like_a_task_and_is_none(sentence: str) -> None:
    assert found(f"Ana: {sentence}") == []
    # With nothing in its way the same is one.
    assert found("Ana: Yo preparo un informe para el lunes.") != []


def test_a_named_person_a_speaker_and_one_who_is_asked() -> None:
    tasks = found(
        "Ana: Pablo llamará a la empresa antes del martes.",
        "Beto: Yo me encargo de revisar los extintores.",
        "Ana: Lucía, ¿puedes enviar las actas a inspección?",
        "Lucía: Sí, las envío mañana.",
        "Ana: Marta, prepara por favor el aula, el lunes, no, perdón, el martes.",
    )
    assert [(each.owner, each.task, each.due) for each in tasks] == [
        ("Pablo", "llamar a la empresa", date(2026, 3, 17)),
        ("Beto", "revisar los extintores", None),
        ("Lucía", "enviar las actas a inspección", date(2026, 3, 12)),
        ("Marta", "preparar el aula", date(2026, 3, 17)),
    ]
    assert tasks[0].due_words == "antes del martes"
    assert tasks[0].quote == "Pablo llamará a la empresa antes del martes."
    assert (tasks[0].from_s, tasks[0].to_s) == (0.0, 10.0)
    assert (tasks[2].from_s, tasks[2].to_s) == (20.0, 40.0)
    assert all(each.confidence >= LEAST for each in tasks)


def test_who_refuses_takes_nothing_on_and_nobody_answers_nothing() -> None:
    asked = "Ana: Lucía, ¿puedes enviar las actas?"
    assert found(asked, "Lucía: Sí, claro.") != []
    assert found(asked, "Lucía: No puedo, tengo médico.") == []
    assert found(asked, "Beto: ¿Y el proyector?") == []


def test_a_repetition_is_one_task_with_the_last_date() -> None:
    tasks = found(
        "Ana: Pablo enviará el presupuesto de las obras el lunes.",
        "Beto: Muy bien.",
        "Ana: Entonces Pablo enviará el presupuesto de las obras el martes.",
    )
    assert [(each.owner, each.due) for each in tasks] == [("Pablo", date(2026, 3, 17))]


def test_words_with_their_seconds_make_the_evidence_exact() -> None:
    text = "Buenas tardes. Pablo llamará mañana."
    words = tuple((word, float(place), place + 0.5) for place, word in enumerate(text.split()))
    (task,) = extract([Utterance("Ana", 0.0, 5.0, text, words=words)], on=WEDNESDAY)
    assert (task.from_s, task.to_s) == (2.0, 4.5)
