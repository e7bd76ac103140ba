"""What rules answers first: the rule by itself, then two régimenes of one school that say different numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents import collections, library, uploads, versions
from documents.library import Changes
from documents.models import Document, Status
from documents.versions import Force, State, Version
from rag import answer, retrieve, validity
from rag.models import AnswerStatus, Message
from schools.models import Membership
from schools.scope import school_scope
from tests.conftest import Person, upload

# --- the rule ---------------------------------------------------------------------------------------------------------

OLD, NEW, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
SUCCESSOR = Version(NEW, "Nuevo", OLD, date(2026, 3, 1), None, date(2026, 1, 1), counts=True)
REPLACED = Force(State.REPLACED, last_day=date(2026, 2, 28), by=SUCCESSOR, newer=frozenset({NEW}))
ENDED = Force(State.ENDED, last_day=date(2025, 12, 31))
NOT_YET = Force(State.NOT_YET, begins=date(2027, 1, 1))
WAITED_FOR = Force(State.IN_FORCE, newer=frozenset({NEW}))
IN_FORCE = Force(State.IN_FORCE, begins=date(2026, 3, 1))


@dataclass(frozen=True, slots=True)
class Found:
    document_id: UUID
    force: Force
    support: float | None
    prior: float
    title: str = "Nuevo"


def one(document_id: UUID, force: Force, support: float | None, prior: float = 0.3) -> Found:
    return Found(document_id, force, support, prior)


RULE: list[tuple[str, list[Found], list[UUID]]] = [
    ("its successor holds it", [one(OLD, REPLACED, 0.8), one(NEW, IN_FORCE, 0.8)], [NEW]),
    ("its successor says it otherwise", [one(OLD, REPLACED, 0.8), one(NEW, IN_FORCE, 0.4, 0.01)], [NEW]),
    ("its successor is silent", [one(OLD, REPLACED, 0.8), one(NEW, IN_FORCE, 0.39)], [OLD, NEW]),
    ("nothing else was found", [one(OLD, REPLACED, 0.8)], [OLD]),
    ("another holds it as well", [one(OLD, ENDED, 0.8), one(OTHER, IN_FORCE, 0.75, 0.2)], [OTHER]),
    ("another holds half of it", [one(OLD, ENDED, 0.8), one(OTHER, IN_FORCE, 0.5)], [OLD, OTHER]),
    ("another has the words, not the matter", [one(OLD, ENDED, 0.8), one(OTHER, IN_FORCE, 0.8, 0.1)], [OLD, OTHER]),
    ("what is to come waits", [one(NEW, NOT_YET, 0.8), one(OLD, WAITED_FOR, 0.7)], [OLD]),
    ("what is to come is all there is", [one(NEW, NOT_YET, 0.8)], [NEW]),
    ("neither rules, the later one answers", [one(OLD, REPLACED, 0.8), one(NEW, ENDED, 0.7)], [NEW]),
    ("what is to come puts nothing aside", [one(OLD, REPLACED, 0.8), one(NEW, NOT_YET, 0.8)], [OLD, NEW]),
    ("all rule", [one(OLD, IN_FORCE, 0.1), one(NEW, IN_FORCE, 0.9)], [OLD, NEW]),
    ("nothing is known of the words", [one(OLD, REPLACED, None), one(NEW, IN_FORCE, None)], [OLD, NEW]),
]  # fmt: skip


@pytest.mark.parametrize(("found", "kept"), [row[1:] for row in RULE], ids=[row[0] for row in RULE])
def test_what_does_not_rule_steps_back(found: list[Found], kept: list[UUID]) -> None:
    stays, aside = validity.sort_out(found)
    assert [each.document_id for each in stays] == kept
    assert {each.passage.document_id for each in aside} == {each.document_id for each in found} - set(kept)
    assert all(each.instead in found for each in aside)


def test_why_is_said() -> None:
    def why(passage: Found, instead: Found) -> str:
        (only,) = validity.sort_out([passage, instead])[1]
        return only.why

    assert why(one(OLD, REPLACED, 0.8), one(NEW, IN_FORCE, 0.8)) == "rige «Nuevo» desde el 01/03/2026"
    assert (
        why(one(OLD, ENDED, 0.8), one(OTHER, IN_FORCE, 0.8))
        == "dejó de regir el 31/12/2025; responde «Nuevo»"
    )
    coming = why(one(NEW, NOT_YET, 0.8), one(OLD, WAITED_FOR, 0.8))
    assert coming == "recién rige desde el 01/01/2027; hasta entonces, «Nuevo»"
    unread = Force(State.NOT_YET)
    assert (
        why(one(NEW, unread, 0.8), one(OLD, WAITED_FOR, 0.8)) == "todavía no se terminó de leer; rige «Nuevo»"
    )
    assert why(one(OLD, REPLACED, 0.8), one(NEW, ENDED, 0.8)) == "lo reemplaza «Nuevo»"


def test_an_engine_is_told_what_rules() -> None:
    day = date(2026, 4, 1)
    assert validity.describe(Force(State.IN_FORCE), on=day) == ""
    assert validity.describe(IN_FORCE, on=day) == "vigente desde el 01/03/2026"
    assert validity.describe(REPLACED, on=day).startswith(
        "no rige al 01/04/2026: Dejó de regir el 28/02/2026"
    )


# --- two régimenes ----------------------------------------------------------------------------------------------------

QUESTION = "¿Cuántas inasistencias injustificadas hacen perder la condición de alumno regular?"
PHONES = "¿Dónde se guardan los teléfonos celulares durante la clase?"

_RULES = """# Régimen académico

## Artículo 12. Inasistencias

El estudiante que supere las {words} inasistencias injustificadas perderá la condición de alumno regular.

## Artículo 13. Reincorporación

La familia podrá pedir la reincorporación por escrito dentro de los cinco días hábiles.
"""
_PHONES = """
## Artículo 20. Teléfonos

Los teléfonos celulares se guardan en la caja del preceptor durante la clase.
"""
OF_2024 = _RULES.format(words="veinticinco (25)") + _PHONES
OF_2026 = _RULES.format(words="veinte (20)")


@dataclass(frozen=True, slots=True)
class Pair:
    """The régimen that was, and the one that replaced it."""

    old: UUID
    new: UUID


@pytest.fixture
def pair(ana: Person, work_off: Callable[[], None]) -> Pair:
    """Return two versions, both read; the second rules from 1 March 2026."""
    old = upload(ana, name="regimen-2024.md", text=OF_2024, title="Régimen 2024").document_id
    work_off()
    new = _newer(ana, old)
    work_off()
    return Pair(old, new)


def _newer(ana: Person, old: UUID, text: str = OF_2026) -> UUID:
    facts: dict[str, Any] = {"valid_from": date(2026, 3, 1), "supersedes_id": old, "title": "Régimen 2026"}
    return upload(ana, name="regimen-2026.md", text=text, **facts).document_id


def asked(person: Person, question: str = QUESTION, **body: Any) -> Any:
    program = person.program()
    conversation = program.post("/api/v1/schools/norte/conversations/", {}, format="json").json()["id"]
    path = f"/api/v1/schools/norte/conversations/{conversation}/messages/"
    made = program.post(path, {"text": question, **body}, format="json")
    assert made.status_code == 201, made.content
    return made.json()


def cited(told: Any) -> set[str]:
    return {each["document_id"] for each in told["citations"]}


def test_the_new_one_answers_at_once_and_the_old_one_is_named(ana: Person, pair: Pair) -> None:
    told = asked(ana)
    assert "veinte (20)" in told["text"]
    assert "veinticinco" not in told["text"]
    assert cited(told) == {str(pair.new)}
    assert {(each["in_force"], each["force_note"]) for each in told["citations"]} == {(True, "")}
    assert told["searched"]["set_aside"] == [
        {
            "document_id": str(pair.old),
            "title": "Régimen 2024",
            "why": "rige «Régimen 2026» desde el 01/03/2026",
            "instead": {"document_id": str(pair.new), "title": "Régimen 2026"},
        }
    ]


@pytest.mark.parametrize(
    ("day", "words"),
    [("2026-02-28", "veinticinco (25)"), ("2026-03-01", "veinte (20)"), ("2026-08-01", "veinte (20)")],
)
def test_a_question_as_of_a_day_is_answered_by_what_ruled_then(
    ana: Person, pair: Pair, day: str, words: str
) -> None:
    told = asked(ana, at_date=day)
    assert words in told["text"]
    assert told["at_date"] == day
    assert all(each["in_force"] for each in told["citations"])
    found = ana.program().post(
        "/api/v1/schools/norte/search/", {"query": QUESTION, "at_date": day}, format="json"
    )
    rulers = {each["document_id"] for each in found.json()["results"]}
    assert rulers == {str(pair.old if day < "2026-03-01" else pair.new)}


def test_before_its_day_a_coming_version_is_named_and_not_used(ana: Person, pair: Pair) -> None:
    told = asked(ana, at_date="2026-02-28")
    (aside,) = told["searched"]["set_aside"]
    assert aside["document_id"] == str(pair.new)
    assert aside["why"] == "recién rige desde el 01/03/2026; hasta entonces, «Régimen 2024»"


def test_what_only_the_old_one_holds_is_used_and_said(ana: Person, pair: Pair) -> None:
    told = asked(ana, PHONES)
    assert "caja del preceptor" in told["text"]
    first = told["citations"][0]
    assert (first["document_id"], first["in_force"]) == (str(pair.old), False)
    assert first["force_note"] == "Dejó de regir el 28/02/2026; lo reemplaza «Régimen 2026»."
    assert told["searched"]["set_aside"] == []


def test_while_the_new_one_is_read_the_old_one_answers(ana: Person, work_off: Callable[[], None]) -> None:
    old = upload(ana, name="regimen-2024.md", text=OF_2024, title="Régimen 2024").document_id
    work_off()
    new = _newer(ana, old)
    told = asked(ana)
    assert "veinticinco (25)" in told["text"]
    assert all(each["in_force"] for each in told["citations"])
    work_off()
    assert "veinte (20)" in asked(ana)["text"]
    # It cannot be read any more: what there was answers again, although its pieces are still found.
    with school_scope(ana.school_id):
        Document.objects.filter(pk=new).update(status=Status.FAILED)
    told = asked(ana)
    assert "veinticinco (25)" in told["text"]
    assert cited(told) == {str(old)}


def test_a_new_one_that_cannot_be_read_changes_nothing(ana: Person, work_off: Callable[[], None]) -> None:
    old = upload(ana, name="regimen-2024.md", text=OF_2024).document_id
    _newer(ana, old, text="\n")
    work_off()
    told = asked(ana)
    assert "veinticinco (25)" in told["text"]
    assert told["searched"]["set_aside"] == []


def test_a_deleted_new_one_gives_its_place_back(
    ana: Person, pair: Pair, work_off: Callable[[], None]
) -> None:
    library.delete(ana.member, [pair.new])
    for _time in ("at once", "when it is gone"):
        told = asked(ana)
        assert "veinticinco (25)" in told["text"]
        assert all(each["in_force"] for each in told["citations"])
        assert told["searched"]["set_aside"] == []
        work_off()


def test_the_old_one_deleted_is_not_named(ana: Person, pair: Pair) -> None:
    library.delete(ana.member, [pair.old])
    told = asked(ana)
    assert "veinte (20)" in told["text"]
    assert told["searched"]["set_aside"] == []


def test_one_that_ended_answers_with_a_warning(ana: Person, document: uploads.Received) -> None:
    yesterday = versions.today(ana.member) - timedelta(days=1)
    library.change(ana.member, document.document_id, changes=Changes(valid_until=yesterday))
    told = asked(ana)
    assert told["status"] == "quoted"
    assert {each["in_force"] for each in told["citations"]} == {False}
    assert told["citations"][0]["force_note"] == f"Dejó de regir el {yesterday:%d/%m/%Y}."
    assert asked(ana, at_date=str(yesterday))["citations"][0]["in_force"] is True


def test_a_hidden_successor_is_not_named(ana: Person, beto: Person, pair: Pair) -> None:
    hidden = collections.create(ana.member, name="Reservada")
    library.change(ana.member, pair.new, changes=Changes(collection_id=hidden.pk))
    general = next(row for row in collections.visible(ana.member) if row.is_default)
    Membership.objects.filter(pk=beto.membership.pk).update(collections=[general.pk])
    told = asked(beto)
    assert "veinticinco (25)" in told["text"]
    assert told["citations"][0]["in_force"] is False
    assert told["citations"][0]["force_note"] == "Dejó de regir el 28/02/2026; lo reemplaza otro documento."
    assert "2026»" not in str(told)
    assert str(pair.new) not in str(told)
    found = (
        beto.program()
        .post("/api/v1/schools/norte/search/", {"query": QUESTION}, format="json")
        .content.decode()
    )
    assert "Régimen 2026" not in found
    assert str(pair.new) not in found


def test_search_puts_what_rules_first_and_says_of_the_rest(ana: Person, pair: Pair) -> None:
    found = (
        ana.program()
        .post("/api/v1/schools/norte/search/", {"query": QUESTION}, format="json")
        .json()["results"]
    )
    assert found[0]["document_id"] == str(pair.new)
    assert found[0]["in_force"] is True
    old = [each for each in found if each["document_id"] == str(pair.old)]
    assert old
    assert {each["in_force"] for each in old} == {False}


def test_force_costs_a_search_one_query(ana: Person, pair: Pair, work_off: Callable[[], None]) -> None:
    member = ana.member
    retrieve.retrieve(member, QUESTION, most=6)  # counts the school's chunks, once a minute
    costs = []
    for n in range(2):
        with CaptureQueriesContext(connection) as made:
            assert retrieve.retrieve(member, QUESTION, most=20)
        asked_of = [each["sql"] for each in made.captured_queries if "documents_document" in each["sql"]]
        assert len(asked_of) == 2, "the passages, and the force of those that have versions"
        costs.append(len(made))
        for each in range(4):
            upload(ana, name=f"n{n}{each}.md", text=f"{OF_2024}\nN.º {n}{each}", supersedes_id=pair.new)
        work_off()
    assert len(set(costs)) == 1


def test_without_versions_force_costs_no_query(ana: Person, document: uploads.Received) -> None:
    today = versions.today(ana.member)
    library.change(ana.member, document.document_id, changes=Changes(valid_from=today, valid_until=today))
    with CaptureQueriesContext(connection) as made:
        (first, *_) = retrieve.retrieve(ana.member, QUESTION, most=6)
    assert sum("documents_document" in each["sql"] for each in made.captured_queries) == 1
    assert first.force == Force(State.IN_FORCE, begins=today, last_day=today)


def test_an_engine_that_writes_is_told_of_each_source(ana: Person, pair: Pair) -> None:
    found = retrieve.trace(ana.member, PHONES, most=6)
    request = answer.compose(ana.member, PHONES, found.passages)
    by_title = {each.title: each.validity for each in request.sources}
    assert by_title["Régimen 2024"].startswith("no rige al ")
    assert all(
        each == "vigente desde el 01/03/2026" for title, each in by_title.items() if title == "Régimen 2026"
    )


# --- on the page ------------------------------------------------------------------------------------------------------


def page(person: Person, question: str, **form: str) -> str:
    shown = person.browser().post("/e/norte/preguntar/nueva", {"text": question, **form}, follow=True)
    assert shown.status_code == 200
    return str(shown.content.decode())


def test_the_page_says_what_was_not_used_and_by_which_day(ana: Person, pair: Pair) -> None:
    assert "No se usó «Régimen 2024»: rige «Régimen 2026» desde el 01/03/2026." in page(ana, QUESTION)
    shown = page(ana, QUESTION, at_date="2025-03-10")
    assert "Según lo vigente al 10/03/2025" in shown
    assert "veinticinco (25)" in shown
    with school_scope(ana.school_id):
        assert Message.objects.order_by("pk").last().at_date == date(2025, 3, 10)  # type: ignore[union-attr]
    warned = page(ana, PHONES)
    assert "«Régimen 2024»: Dejó de regir el 28/02/2026; lo reemplaza «Régimen 2026»." in warned
    assert "No rige" in warned


@pytest.mark.parametrize("day", ["ayer", "2026-13-01", "10/03/2025", "2026-02-30"])
def test_a_day_that_is_none_is_refused(ana: Person, pair: Pair, day: str) -> None:
    refused = ana.browser().post("/e/norte/preguntar/nueva", {"text": QUESTION, "at_date": day})
    assert refused.status_code == 400
    assert "La fecha no se entiende." in refused.content.decode()
    body = {"text": QUESTION, "at_date": [day]}
    odd = ana.browser().post("/e/norte/preguntar/nueva", body, content_type="application/json")
    assert odd.status_code == 400
    with school_scope(ana.school_id):
        assert not Message.objects.exists()


@pytest.mark.parametrize("day", ["ayer", 20260101, "0000-00-00", ["2026-01-01"], {"day": 1}])
def test_a_program_is_refused_a_day_that_is_none(ana: Person, day: Any) -> None:
    conversation = ana.program().post("/api/v1/schools/norte/conversations/", {}, format="json").json()["id"]
    path = f"/api/v1/schools/norte/conversations/{conversation}/messages/"
    refused = ana.program().post(path, {"text": QUESTION, "at_date": day}, format="json")
    assert refused.status_code == 400
    assert set(refused.json()["errors"]) == {"at_date"}


def test_an_answer_from_before_versions_is_shown(ana: Person, document: uploads.Received) -> None:
    told = asked(ana)
    with school_scope(ana.school_id):
        message = Message.objects.get(pk=told["id"])
        for each in message.citations:
            del each["in_force"], each["force_note"]
        message.searched = {"documents": 1, "collections": [], "closest": []}
        message.save()
        conversation = message.conversation_id
    assert message.status == AnswerStatus.QUOTED
    again = ana.program().get(f"/api/v1/schools/norte/conversations/{conversation}/").json()["messages"][0]
    assert again["citations"][0]["in_force"] is True
    assert again["searched"]["set_aside"] == []
    assert ana.browser().get(f"/e/norte/preguntar/{conversation}/").status_code == 200
