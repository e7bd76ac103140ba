"""A prompt tried out: the same question to the same engine with each version, and nothing of it kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pytest_django import Settings

from documents import uploads
from engines import health
from engines.models import Charge
from rag import prompt_trial, prompts
from rag.models import AnswerStatus, Message
from rag.prompt_facts import Facts, Words
from rag.prompt_text import Variable
from rag.retrieve import BadQuestion
from schools.scope import school_scope
from tests.conftest import Person
from tests.doubles import ollama as ollama_double
from tests.doubles.base import ANSWER
from tests.doubles.ollama import Ollama

QUESTION = "¿Cuántas inasistencias injustificadas hacen perder la condición de alumno regular?"
TRUE = "Pierde la regularidad quien «supere las veinticinco (25) inasistencias injustificadas» [1]."
QUOTING = {"name": "quoting", "provider": "quoting", "runs": "here", "tasks": ["chat"]}


@pytest.fixture
def writer(settings: Settings, tmp_path: Path) -> Iterator[Ollama]:
    """Run an engine that writes, and nothing else in the installation's file but quoting."""
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    with ollama_double.serving() as double:
        double.answer = (TRUE,)
        entry = ollama_double.entry(double, name="redactor", tasks=["chat"])
        settings.ENGINES_FILE.write_text(yaml.safe_dump({"engines": [entry, QUOTING]}))
        health.forget("redactor")
        yield double
        health.forget("redactor")


def make(person: Person, name: str = "Para familias") -> prompts.Entry:
    words = Words("Responder a {{quien}} de {{escuela}}.", (Variable("quien", "A quién", "{{rol}}"),))
    return prompts.create(person.member, Facts(name), words)


def test_each_version_reaches_the_engine_and_its_answer_is_checked(
    ana: Person, document: uploads.Received, writer: Ollama
) -> None:
    made = make(ana)
    trial = prompt_trial.run(ana.member, QUESTION, [None, made.latest])
    without, with_it = trial.sides
    asked = [repr(body["messages"]) for body in writer.asked("/api/chat")]
    assert ["Responder a {{rol}} de Escuela Norte." in each for each in asked] == [False, True]
    assert (without.instructions, with_it.instructions) == ("", "Responder a {{rol}} de Escuela Norte.")
    for side in trial.sides:
        assert (side.engine, side.turn.status, side.error) == ("redactor", AnswerStatus.ANSWERED, "")
        assert [each["verified"] for each in side.turn.citations] == [True]
        assert side.turn.citations[0]["url"]
        assert not side.only_quotes
    with school_scope(ana.school_id):
        assert not Message.objects.exists()
        assert [each.purpose for each in Charge.objects.all()] == ["try_out", "try_out"]


def test_a_program_is_told_the_same(ana: Person, document: uploads.Received, writer: Ollama) -> None:
    path = f"/api/v1/schools/norte/prompts/{make(ana).id}/try"
    told = ana.program().post(path, {"text": QUESTION, "versions": [1, None]}, format="json")
    first, second = told.json()["sides"]
    assert (first["version"], second["version"], second["instructions"]) == (1, None, "")
    for side in (first, second):
        assert (side["text"], side["engine"], side["status"]) == (TRUE, "redactor", "answered")
        assert [each["verified"] for each in side["citations"]] == [True]
        assert side["cost"]["amount"] == "0.00"
    for body in ({"text": QUESTION, "versions": []}, {"text": "", "versions": [1]}, {"text": QUESTION}):
        assert ana.program().post(path, body, format="json").status_code == 400
    missing = ana.program().post(path, {"text": QUESTION, "versions": [2]}, format="json")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


def test_what_fails_on_one_side_is_told_there(
    ana: Person, document: uploads.Received, writer: Ollama
) -> None:
    writer.answer = ("Son treinta [1].",)
    [side] = prompt_trial.run(ana.member, QUESTION, [make(ana).latest]).sides
    assert [each["verified"] for each in side.turn.citations] == [False]
    assert 'class="unsupported"' in side.turn.html
    writer.answer, writer.fault = ANSWER, "cut"
    path = f"/e/norte/instrucciones/{make(ana, 'Otra').id}/probar"
    page = ana.browser().post(path, {"pregunta": QUESTION, "a": "", "b": "1"})
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()
    assert "«redactor»" in page.content.decode()


def test_an_engine_that_only_quotes_says_that_it_heeds_nothing(
    ana: Person, document: uploads.Received
) -> None:
    path = f"/e/norte/instrucciones/{make(ana).id}/probar"
    page = ana.browser().post(path, {"pregunta": QUESTION, "a": "", "b": "1"}).content.decode()
    assert "las instrucciones no tienen efecto" in page
    assert "Responder a {{rol}} de Escuela Norte." in page
    assert ana.browser().get(path, {"a": "7"}).status_code == 404
    refused = ana.browser().post(path, {"pregunta": " ", "a": "1", "b": ""})
    assert refused.status_code == 400
    assert "Falta escribir la pregunta." in refused.content.decode()
    with pytest.raises(BadQuestion):
        prompt_trial.run(ana.member, "", [None])


def test_where_nothing_is_found_no_engine_is_asked(ana: Person, writer: Ollama) -> None:
    [side] = prompt_trial.run(ana.member, QUESTION, [make(ana).latest]).sides
    assert (side.turn.status, side.engine) == (AnswerStatus.REFUSED, "")
    assert writer.asked("/api/chat") == []
