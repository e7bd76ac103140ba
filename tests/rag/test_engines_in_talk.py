"""Questions answered by engines that write: what leaves the school and what does not, and how it ends."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from asgiref.sync import async_to_sync
from pytest_django import Settings

from documents.models import Document
from engines import estimate, health
from engines.models import Charge, Decision
from rag import answer, conversations, prompts
from rag.models import Conversation, Message
from rag.prompt_facts import Facts, Words
from rag.prompt_text import Variable
from rag.retrieve import retrieve, trace
from schools.refusals import Refused
from schools.scope import school_scope
from tests.conftest import RULES, Person, upload
from tests.doubles import openai_compat
from tests.doubles.base import Double
from tests.engines import installed
from tests.streams import parse, read

QUESTION = "¿Cuántas inasistencias injustificadas hacen perder la condición de alumno regular?"
CANARY = "azulmarino"
TEXT = RULES.replace("El estudiante", f"Según el acuerdo {CANARY}, el estudiante")
EVENTS = {"Accept": "text/event-stream"}


@dataclass
class House:
    """Two servers of engines, one in the school and one outside, and the file that names them."""

    near: Double
    far: Double
    file: Path

    def put(self, *entries: Mapping[str, object]) -> None:
        """Put entries into the installation's file."""
        for entry in entries:
            health.forget(str(entry["name"]))
        self.file.write_text(yaml.safe_dump({"engines": [dict(entry) for entry in entries]}), "utf-8")

    def here(self, name: str = "cerca", task: str = "chat", **changes: object) -> Mapping[str, object]:
        """Return an entry of the school's own machine."""
        return openai_compat.entry(self.near, **{"name": name, "tasks": [task], **changes})

    def outside(self, name: str = "lejos", task: str = "chat", **changes: object) -> Mapping[str, object]:
        """Return an entry of a maker's machine, which asks for money."""
        given = {
            "name": name,
            "tasks": [task],
            "runs": "outside",
            "region": "us-east",
            "price": installed.PRICE,
        }
        return openai_compat.entry(self.far, **given, **changes)


@pytest.fixture
def house(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Run both servers; both say what the rules say."""
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    monkeypatch.setenv("CLAVE_DE_LA_CASA", "una-clave-de-prueba")
    with openai_compat.serving() as near, openai_compat.serving() as far:
        for double in (near, far):
            double.answer = (
                "La condición de alumno regular ",
                "se pierde con 25 inasistencias ",
                "injustificadas [1].",
            )
        yield House(near, far, settings.ENGINES_FILE)


@pytest.fixture
def shelve(ana: Person, work_off: Callable[[], None]) -> Callable[[str], None]:
    """Give a function that adds the rules with a label."""

    def add(sensitivity: str) -> None:
        upload(ana, text=TEXT, sensitivity=sensitivity)
        work_off()

    return add


def ask(person: Person, text: str = QUESTION, **wishes: Any) -> Message:
    return answer.ask_whole(person.member, conversations.start(person.member).pk, text=text, **wishes)


def paths(double: Double, word: str) -> set[str]:
    """Return which of its services a server was shown a word through."""
    return {each.path.rpartition("/")[2] for each in double.journal if word.encode() in each.raw}


def page(person: Person, message: Message) -> str:
    found = person.browser().get(f"/e/norte/preguntar/{message.conversation_id}/")
    return " ".join(found.content.decode().split())


@pytest.mark.parametrize(
    ("sensitivity", "may_leave"),
    [("public", True), ("internal", True), ("confidential", False), ("minors", False), ("", False)],
)
def test_a_document_leaves_only_with_a_label_that_may(
    ana: Person, house: House, shelve: Callable[[str], None], sensitivity: str, may_leave: bool
) -> None:
    services = [house.outside(f"lejos-{task}", task) for task in ("chat", "embed", "rerank")]
    house.put(*services)
    installed.allow(ana.member, *(str(each["name"]) for each in services))
    shelve(sensitivity)
    if may_leave:
        message = ask(ana)
        assert (message.status, message.engine, message.label) == (
            "answered",
            "lejos-chat",
            "internal",
        )
        assert paths(house.far, CANARY) == {"embeddings", "rerank", "completions"}
    else:
        with pytest.raises(Refused, match="nunca sale") as refusal:
            ask(ana)
        assert (refusal.value.code, refusal.value.status) == ("no_engine", 503)
        assert paths(house.far, CANARY) == set()
    # The question itself is internal: it may be turned into a vector outside either way.
    assert paths(house.far, "inasistencias injustificadas hacen") >= {"embeddings"}
    installed.balance(ana.member)


@pytest.mark.parametrize(
    ("question", "is_private", "may_leave"),
    [
        (f"{QUESTION} ({CANARY})", False, True),
        (f"{QUESTION} ({CANARY})", True, False),
        (
            f"¿Cuántas inasistencias injustificadas tiene el alumno con DNI 30.123.456 ({CANARY})?",
            False,
            False,
        ),
    ],
    ids=["plain", "private", "DNI"],
)
def test_a_question_leaves_only_when_it_may(
    ana: Person, house: House, work_off: Callable[[], None], question: str, is_private: bool, may_leave: bool
) -> None:
    services = [house.outside(f"lejos-{task}", task) for task in ("chat", "embed", "rerank")]
    house.put(*services, house.here())
    installed.allow(ana.member, *(str(each["name"]) for each in services))
    upload(ana, sensitivity="public")
    work_off()
    house.far.journal.clear()
    message = ask(ana, question, is_private=is_private)
    assert message.status == "answered"
    assert message.engine == ("lejos-chat" if may_leave else "cerca")
    assert paths(house.far, CANARY) == ({"embeddings", "rerank", "completions"} if may_leave else set())
    assert bool(house.far.bytes_seen) is may_leave
    told = "Respondido afuera de la escuela (us-east)" if may_leave else "nada salió"
    assert told in page(ana, message)


@pytest.mark.parametrize(("label", "may_leave"), [("public", True), ("confidential", False), ("", False)])
def test_what_was_said_before_leaves_only_when_it_may(
    ana: Person, house: House, shelve: Callable[[str], None], label: str, may_leave: bool
) -> None:
    house.put(house.outside(), house.here())
    installed.allow(ana.member, "lejos")
    shelve("public")
    conversation = conversations.start(ana.member)
    with school_scope(ana.school_id):
        before = "¿Cuántas inasistencias injustificadas puede tener el alumno Verdemar?"
        Message.objects.create(
            conversation=conversation, question=before, standalone_question=before, text="Veinticinco.", label=label,
            status="answered",
        )  # fmt: skip
    sentence = "¿Cuántas inasistencias injustificadas puede tener el alumno Verdemar de quinto?"
    house.near.answer = house.far.answer = (sentence,)
    message = answer.ask_whole(ana.member, conversation.pk, text="¿Y para los de quinto?")
    assert (message.standalone_question, message.rewritten_by) == (sentence, "engine")
    assert message.engine == ("lejos" if may_leave else "cerca")
    asked, other = (house.far, house.near) if may_leave else (house.near, house.far)
    assert len(asked.journal) == 2  # to rewrite, to answer
    assert paths(asked, "Verdemar")
    assert not other.bytes_seen
    assert "Se entendió: «" in page(ana, message)
    # A person who puts it right is not rewritten again.
    again = answer.ask_whole(
        ana.member, conversation.pk, text="¿Y para los de quinto?", standalone_question=QUESTION
    )
    assert (again.standalone_question, again.rewritten_by) == (QUESTION, "person")
    assert len(asked.journal) == 3


def test_without_an_engine_a_follow_up_carries_words_over(
    ana: Person, house: House, shelve: Callable[[str], None]
) -> None:
    house.put(installed.QUOTING)
    shelve("")
    conversation = conversations.start(ana.member)
    answer.ask_whole(ana.member, conversation.pk, text=QUESTION)
    message = answer.ask_whole(ana.member, conversation.pk, text="¿Y con certificado?")
    assert (message.rewritten_by, message.standalone_question) == (
        "rules",
        "¿Cuántas inasistencias injustificadas hacen perder la condición de alumno regular, con certificado?",
    )
    assert message.citations


@pytest.mark.parametrize("relabelled", [True, False])
def test_labels_are_read_again_before_another_engine_is_asked(
    ana: Person, house: House, shelve: Callable[[str], None], relabelled: bool
) -> None:
    house.put(house.here("uno", runs="outside", price=installed.PRICE), house.outside("dos"))
    house.near.fault = "overloaded"  # it stands for a first maker outside
    installed.allow(ana.member, "uno", "dos")
    shelve("public")
    told = answer.ask(ana.member, conversations.start(ana.member).pk, text=QUESTION)
    next(step for step in told if isinstance(step, answer.Sources))
    if relabelled:
        with school_scope(ana.school_id):
            Document.objects.update(sensitivity="confidential")
    *_steps, last = told
    assert house.near.journal
    assert isinstance(last, answer.Failed if relabelled else answer.Done)
    assert bool(house.far.bytes_seen) is not relabelled
    with school_scope(ana.school_id):
        message = Message.objects.get()
    assert message.label == ("confidential" if relabelled else "internal")
    shown = page(ana, message)
    assert (
        "Ningún motor puede responder ahora." if relabelled else "«uno» estaba sobrecargado; contestó «dos»."
    ) in shown


def test_with_all_engines_of_the_school_down_nothing_confidential_goes_out(
    ana: Person, house: House, shelve: Callable[[str], None]
) -> None:
    house.put(house.here(), house.outside())
    house.near.fault = "broken"
    installed.allow(ana.member, "lejos")
    shelve("confidential")
    asked = ana.program().post(
        f"/api/v1/schools/norte/conversations/{conversations.start(ana.member).pk}/messages/",
        {"text": QUESTION},
    )
    assert (asked.status_code, asked.json()["code"]) == (503, "no_engine")
    assert "«lejos»: Trabaja fuera de la escuela, y lo confidencial nunca sale." in asked.json()["detail"]
    assert not house.far.bytes_seen
    with school_scope(ana.school_id):
        message = Message.objects.get()
    assert "Ningún motor puede responder ahora." in page(ana, message)
    house.near.fault = ""
    health.forget("cerca")
    assert ask(ana).engine == "cerca"
    assert not house.far.bytes_seen


def test_an_answer_tells_its_cost_place_and_what_no_source_says(
    ana: Person, house: House, shelve: Callable[[str], None]
) -> None:
    house.put(house.outside())
    house.far.answer = (
        "La condición de alumno regular se pierde con 25 inasistencias injustificadas [1]. ",
        "También se pierde con 40 llegadas tarde [1]. ",
        "La familia pide la reincorporación por escrito «dentro de los cinco días hábiles» [2]. ",
        "El pedido es «gratuito» [2].",
    )
    installed.allow(ana.member, "lejos")
    shelve("public")
    message = ask(ana)
    assert [each["verified"] for each in message.citations] == [True, False, True, False]
    assert message.citations[0]["quote"].startswith("Según el acuerdo")
    assert all(each["place"] for each in message.citations if each["verified"])
    shown = page(ana, message)
    assert shown.count('class="unsupported"') == 2
    assert "US$ 0,0000" in shown
    assert "salieron la pregunta y" in shown
    assert f"/motores/por-que/{message.decision_id}/" in shown
    thread = ana.program().get(f"/api/v1/schools/norte/conversations/{message.conversation_id}/").json()
    with school_scope(ana.school_id):
        spent = sum(Charge.objects.values_list("actual_u", flat=True))
    assert float(thread["messages"][0]["cost"]["amount"]) == pytest.approx(spent / 1_000_000)


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [("cut", "failed", "se cortó antes de terminar"), ("length", "answered", "llegó a su largo máximo")],
)
def test_an_answer_that_ends_early_says_so(
    ana: Person, house: House, shelve: Callable[[str], None], fault: str, status: str, said: str
) -> None:
    house.put(house.outside(), house.here())
    house.far.fault = fault
    installed.allow(ana.member, "lejos")
    shelve("public")
    *_steps, last = answer.ask(ana.member, conversations.start(ana.member).pk, text=QUESTION)
    assert isinstance(last, answer.Failed | answer.Done)
    assert last.message.status == status
    assert last.message.text.startswith("La condición de alumno regular se pierde")
    shown = page(ana, last.message)
    assert said in shown
    assert "La condición de alumno regular se pierde" in shown
    assert not house.near.bytes_seen  # its words were shown: nobody else begins again
    assert last.message.decision["cost_u"] > 0


@pytest.mark.parametrize(
    ("fault", "text"), [("hang", ""), ("hang_after", "La condición de alumno regular se pierde")]
)
def test_a_reader_that_leaves_ends_the_call_while_its_engine_is_silent(
    ana: Person, house: House, shelve: Callable[[str], None], fault: str, text: str
) -> None:
    house.put(house.outside())
    house.far.fault = fault
    installed.allow(ana.member, "lejos")
    shelve("public")
    path = f"/api/v1/schools/norte/conversations/{conversations.start(ana.member).pk}/messages/"
    response: Any = ana.program().post(path, {"text": QUESTION}, format="json", headers=EVENTS)

    async def leave() -> None:
        async with asyncio.timeout(30):
            async for piece in response.pieces:
                event = parse(piece)
                if event and event[0] == ("token" if text else "sources"):
                    break
            waiting = asyncio.ensure_future(anext(response.pieces))
            while not house.far.journal:
                await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            await response.pieces.aclose()

    async_to_sync(leave)()
    assert house.far.hung_up.wait(30)
    with school_scope(ana.school_id):
        message = Message.objects.get()
        charge = Charge.objects.get()
    assert (message.status, message.text.startswith(text)) == ("stopped", True)
    assert (charge.state, charge.outcome) == ("settled", "stopped")
    assert charge.actual_u > 0
    installed.balance(ana.member)


def test_an_instruction_of_the_school_goes_with_the_question(
    ana: Person, beto: Person, house: House, shelve: Callable[[str], None]
) -> None:
    house.put(house.here())
    shelve("public")
    made = prompts.create(
        ana.member, Facts(name="Breve"), Words("Contestar en una línea a {{escuela}}.", (), "")
    )
    path = f"/api/v1/schools/norte/conversations/{conversations.start(beto.member).pk}/messages/"
    asked = beto.program().post(path, {"text": QUESTION, "prompt_id": str(made.id)}, format="json")
    assert asked.status_code == 201, asked.content
    assert "Contestar en una línea a Escuela Norte." in house.near.bytes_seen.decode()
    with school_scope(ana.school_id):
        message = Message.objects.get()
        parts = Decision.objects.get(subject_id=message.pk).label_sources
    assert message.prompt_version_id == made.latest.pk
    assert {"what": "la instrucción", "label": "internal"} in parts
    assert "Con la instrucción «Breve»" in page(beto, message)


def test_a_person_fills_in_the_instructions_variables(
    ana: Person, house: House, shelve: Callable[[str], None]
) -> None:
    house.put(house.here())
    shelve("public")
    words = Words("En {{pasos}} pasos.", (Variable("pasos", "Cuántos", "siete"),), "")
    made = prompts.create(ana.member, Facts(name="Pasos"), words)
    path = f"/api/v1/schools/norte/conversations/{conversations.start(ana.member).pk}/messages/"
    body: dict[str, Any] = {"text": QUESTION, "prompt_id": str(made.id)}
    refused = ana.program().post(path, {**body, "prompt_values": {"clave": "x"}}, format="json")
    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"variables"})
    for values, told in (({}, "siete"), ({"pasos": "tres"}, "tres")):
        assert ana.program().post(path, {**body, "prompt_values": values}, format="json").status_code == 201
        assert f"En {told} pasos." in house.near.bytes_seen.decode()
    form = {"text": QUESTION, "prompt_id": str(made.id), f"v.{made.id}.pasos": "nueve"}
    assert ana.browser().post("/e/norte/preguntar/nueva", form).status_code == 302
    assert "En nueve pasos." in house.near.bytes_seen.decode()


def test_what_was_found_is_put_in_order_by_an_engine_for_that(
    ana: Person, house: House, work_off: Callable[[], None]
) -> None:
    kiosk = "# Kiosco\n\nEl alumno compra en el kiosco y paga sus inasistencias injustificadas hacen perder regular."
    upload(ana, sensitivity="public")
    upload(ana, name="kiosco.md", text=kiosk, sensitivity="public")
    house.put(installed.QUOTING)
    work_off()
    before = [each.chunk_id for each in retrieve(ana.member, QUESTION, most=5)]
    house.put(installed.QUOTING, house.here("orden", "rerank"))
    after = retrieve(ana.member, QUESTION, most=5)
    asked = house.near.journal[-1].body
    assert asked["query"] == QUESTION
    assert len(asked["documents"]) == len(before)
    overlap = [len(set(QUESTION.lower().split()) & set(text.lower().split())) for text in asked["documents"]]
    best = sorted(range(len(before)), key=lambda at: -overlap[at])
    assert [each.chunk_id for each in after] == [before[at] for at in best]
    assert [each.prior for each in after] == sorted((each.prior for each in after), reverse=True)
    house.near.fault = "broken"
    health.forget("orden")
    assert [each.chunk_id for each in retrieve(ana.member, QUESTION, most=5)] == before


def test_the_page_learns_first_how_to_stop(ana: Person, house: House, shelve: Callable[[str], None]) -> None:
    house.put(house.here())
    shelve("public")
    browser = ana.browser()
    response = browser.post(
        "/e/norte/preguntar/nueva", {"text": QUESTION, "is_private": True}, "application/json", headers=EVENTS
    )
    events = read(response)
    names = [name for name, _data in events]
    assert names[:3] == ["asked", "decision", "sources"]
    assert set(events[0][1]) == {"message_id", "stop_url", "conversation"}
    with school_scope(ana.school_id):
        message = Message.objects.get()
        assert Conversation.objects.count() == 1
    assert message.is_private
    assert events[0][1]["stop_url"].endswith(f"{message.pk}/detener")


def test_an_engine_with_little_room_is_given_less_about_each_passage(
    ana: Person, house: House, work_off: Callable[[], None]
) -> None:
    house.put(house.here())
    upload(
        ana,
        text=RULES + "\n\n".join(f"El kiosco número {n} abre a las ocho de la mañana." for n in range(70)),
    )
    work_off()
    passages = answer.vary(trace(ana.member, QUESTION, most=answer.CONSIDERED).passages)
    whole = answer.compose(ana.member, QUESTION, passages)
    bare = replace(whole, sources=tuple(replace(each, around="") for each in whole.sources))
    most, least = (estimate.of_request(each) + each.max_tokens for each in (whole, bare))
    assert least < most
    for room, engine in ((most, "cerca"), (least, "cerca"), (least - 1, "quoting")):
        house.put(house.here(context_tokens=room), {**installed.QUOTING, "name": "quoting"})
        house.near.journal.clear()
        assert ask(ana).engine == engine
        sizes = [len(each.raw) for each in house.near.journal]
        assert len(sizes) == (engine == "cerca")
        if room == most:
            [largest] = sizes
        assert all(size < largest for size in sizes) or room == most
