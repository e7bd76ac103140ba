"""Conversations through the API: asked whole and as a stream, kept, rated, proved, and nobody else's."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from documents import collections, uploads
from rag.models import AnswerStatus, Conversation, Message
from schools.ids import new_id
from schools.models import IdempotentReply, Membership
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import RULES, Person, join
from tests.programs import send
from tests.streams import leave, read

NORTE = "/api/v1/schools/norte/"
QUESTION = "¿Cuántas inasistencias injustificadas hacen perder la condición de alumno regular?"
EVENTS = {"Accept": "text/event-stream"}


def start(person: Person, title: str = "") -> str:
    made = person.program().post(NORTE + "conversations/", {"title": title}, format="json")
    assert made.status_code == 201, made.content
    return str(made.json()["id"])


def ask(person: Person, conversation: str, *, headers: dict[str, str] | None = None, **body: Any) -> Any:
    path = f"{NORTE}conversations/{conversation}/messages/"
    return person.program().post(path, {"text": QUESTION, **body}, format="json", headers=headers or {})


def kept(person: Person) -> list[Message]:
    with school_scope(person.school_id):
        return list(Message.objects.order_by("pk"))


def test_a_conversation_is_begun_named_found_and_deleted(ana: Person) -> None:
    program = ana.program()
    one = start(ana, "  Régimen   de faltas ")
    two = start(ana)
    listed = program.get(NORTE + "conversations/").json()["results"]
    assert [row["id"] for row in listed] == [two, one]
    assert listed[1]["title"] == "Régimen de faltas"
    found = program.get(NORTE + "conversations/", {"q": "regimen"}).json()["results"]
    assert [row["id"] for row in found] == [one]
    renamed = program.patch(f"{NORTE}conversations/{two}/", {"title": "Otra"}, format="json")
    assert renamed.json()["title"] == "Otra"
    assert program.get(f"{NORTE}conversations/{two}/").json() == {**renamed.json(), "messages": []}
    assert program.delete(f"{NORTE}conversations/{two}/").status_code == 204
    assert program.get(f"{NORTE}conversations/{two}/").status_code == 404


def test_pages_of_120_conversations(ana: Person) -> None:
    with school_scope(ana.school_id):
        rows = [
            Conversation(id=new_id(), user=ana.user, title=f"N.º {n}", title_folded=f"n {n}")
            for n in range(120)
        ]
        Conversation.objects.bulk_create(rows)
    seen: list[str] = []
    address: str | None = NORTE + "conversations/"
    while address:
        page = ana.program().get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert seen == sorted((str(row.pk) for row in rows), reverse=True)


def test_an_answer_comes_whole_with_verified_citations(ana: Person, document: uploads.Received) -> None:
    conversation = start(ana)
    asked = ask(ana, conversation)
    assert asked.status_code == 201, asked.content
    answer = asked.json()
    contract = {"id", "text", "status", "citations", "engine", "decision_id", "cost", "standalone_question"}
    assert contract <= set(answer)
    assert answer["status"] == "quoted"
    assert answer["cost"] == {"amount": "0", "currency": "USD"}
    assert answer["engine"] == "quoting"
    first = answer["citations"][0]
    contract = {"n", "document_id", "title", "place", "quote", "verified"}
    assert set(first) == contract | {"in_force", "force_note"}
    assert first["verified"] is True
    assert first["document_id"] == str(document.document_id)
    assert "veinticinco (25) inasistencias" in answer["text"]
    assert first["quote"] in RULES
    thread = ana.program().get(f"{NORTE}conversations/{conversation}/").json()
    assert thread["messages"] == [answer]
    assert thread["title"] == QUESTION[:120]


def test_an_answer_streams_in_the_order_of_the_contract(ana: Person, document: uploads.Received) -> None:
    response = ask(ana, start(ana), headers=EVENTS)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/event-stream"
    told = read(response)
    names = [name for name, _data in told]
    assert names[:2] == ["decision", "sources"]
    assert names[-1] == "done"
    assert list(dict.fromkeys(names)) == ["decision", "sources", "token", "citation", "done"]
    data = dict(told)
    whole = data["done"]
    assert set(data["decision"]) == {"message_id", "engine", "reason", "decision_id"}
    assert (data["decision"]["message_id"], data["decision"]["decision_id"]) == (
        whole["id"],
        whole["decision_id"],
    )
    assert data["sources"][0]["n"] == 1
    assert "".join(part["text"] for name, part in told if name == "token") == whole["text"]
    assert [part for name, part in told if name == "citation"] == whole["citations"]
    thread = ana.program().get(f"{NORTE}conversations/{kept(ana)[0].conversation_id}/").json()
    assert thread["messages"] == [whole]


def test_what_the_documents_do_not_hold_is_said_with_what_was_searched(ana: Person) -> None:
    answer = ask(ana, start(ana)).json()
    assert (answer["status"], answer["citations"]) == ("refused", [])
    assert answer["searched"]["documents"] == 0
    assert answer["searched"]["collections"] == ["General"]


def test_a_reader_that_leaves_stops_the_answer_which_is_kept(ana: Person, document: uploads.Received) -> None:
    response = ask(ana, start(ana), headers=EVENTS)
    assert [name for name, _data in read(response, most=2)] == ["decision", "sources"]
    message = kept(ana)[0]
    assert message.status == AnswerStatus.STOPPED
    assert message.finished_at is not None


def test_a_reader_that_leaves_at_once_leaves_nothing_pending(ana: Person, document: uploads.Received) -> None:
    leave(ask(ana, start(ana), headers=EVENTS))
    assert [message.status for message in kept(ana)] == [AnswerStatus.STOPPED]


def test_a_member_sent_away_meanwhile_gets_no_more(
    ana: Person, beto: Person, document: uploads.Received
) -> None:
    response = ask(beto, start(beto), headers=EVENTS)
    Membership.objects.filter(pk=beto.membership.pk).update(is_active=False)
    told = read(response)
    assert [name for name, _data in told].count("token") <= 1
    assert told[-1][1]["status"] == "stopped"


def test_an_answer_is_asked_to_stop(ana: Person, document: uploads.Received) -> None:
    response = ask(ana, start(ana), headers=EVENTS)
    assert ana.program().post(f"{NORTE}messages/{kept(ana)[0].pk}/stop").status_code == 204
    assert read(response)[-1][1]["status"] == "stopped"


def test_the_same_key_answers_the_first_answer_in_either_form(
    ana: Person, document: uploads.Received
) -> None:
    conversation, key = start(ana), {"Idempotency-Key": "k"}
    whole = dict(read(ask(ana, conversation, headers={**EVENTS, **key})))["done"]
    assert ask(ana, conversation, headers=key).json() == whole
    again = ask(ana, conversation, headers={**EVENTS, **key})
    assert again["Content-Type"] == "text/event-stream"
    assert again.content.startswith(b"event: done\ndata: ")
    assert len(kept(ana)) == 1
    other = ask(ana, conversation, text="¿Otra cosa?", headers={**EVENTS, **key})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_stream_that_was_left_frees_its_key(ana: Person, document: uploads.Received) -> None:
    conversation, key = start(ana), {"Idempotency-Key": "k"}
    read(ask(ana, conversation, headers={**EVENTS, **key}), most=1)
    with school_scope(ana.school_id):
        assert not IdempotentReply.objects.exists()
    assert ask(ana, conversation, headers=key).status_code == 201


def test_an_opinion_is_kept_and_taken_back(ana: Person, document: uploads.Received) -> None:
    answer = ask(ana, start(ana)).json()
    path = f"{NORTE}messages/{answer['id']}/feedback"
    rated = ana.program().post(path, {"rating": 1, "comment": "Justo."}, format="json")
    assert (rated.status_code, rated.json()["rating"]) == (200, 1)
    assert kept(ana)[0].comment == "Justo."
    assert ana.program().post(path, {"rating": None}, format="json").json()["rating"] is None


def test_the_evidence_names_the_files(ana: Person, document: uploads.Received) -> None:
    answer = ask(ana, start(ana)).json()
    path = f"{NORTE}messages/{answer['id']}/evidence"
    proof = ana.program().get(path).json()
    assert (proof["question"], proof["answer"], proof["status"]) == (QUESTION, answer["text"], "quoted")
    assert proof["decision"]["id"] == answer["decision_id"]
    assert proof["decision"]["reason"]
    assert proof["created_at"] <= proof["finished_at"]
    first = proof["citations"][0]
    assert first["document_sha256"] == hashlib.sha256(RULES.encode()).hexdigest()
    assert {key: first[key] for key in answer["citations"][0]} == answer["citations"][0]
    ana.program().delete(f"{NORTE}documents/{document.document_id}/")
    assert ana.program().get(path).json()["citations"][0]["document_sha256"] is None


def test_the_engines_are_told_with_their_health(ana: Person, zoe: Person) -> None:
    listed = ana.program().get(NORTE + "engines/").json()
    assert listed["results"][0] == {
        **listed["results"][0],
        "name": "quoting",
        "healthy": True,
        "usable": True,
    }
    assert zoe.program().get(NORTE + "engines/").status_code == 404


def test_an_engine_that_would_not_answer_is_refused(ana: Person, document: uploads.Received) -> None:
    conversation = start(ana)
    assert ask(ana, conversation, engine="quoting").status_code == 201
    wishes: list[dict[str, Any]] = [{"engine": "gpt"}, {"prompt_id": str(new_id())}]
    for wish in wishes:
        assert ask(ana, conversation, **wish).status_code == 400
    assert len(kept(ana)) == 1


def test_an_auditor_may_not_ask_and_every_other_role_may(ana: Person, document: uploads.Received) -> None:
    for role in Role.values:
        person = join(ana.school, f"{role}@norte.example", Role(role))
        answer = person.program().post(NORTE + "conversations/", {}, format="json")
        assert answer.status_code == (403 if role == Role.AUDITOR else 201)


def test_a_conversation_belongs_to_one_person_alone(
    ana: Person, beto: Person, zoe: Person, document: uploads.Received
) -> None:
    conversation = start(ana)
    message = ask(ana, conversation).json()["id"]
    paths = [
        ("GET", "conversations/{}/", conversation),
        ("PATCH", "conversations/{}/", conversation),
        ("DELETE", "conversations/{}/", conversation),
        ("POST", "conversations/{}/messages/", conversation),
        ("POST", "messages/{}/feedback", message),
        ("POST", "messages/{}/stop", message),
        ("GET", "messages/{}/evidence", message),
    ]
    body = {"title": "robada", "text": QUESTION, "rating": 1}
    for person, school in ((beto, "norte"), (zoe, "sur"), (zoe, "norte")):
        for accept in ("application/json", "text/event-stream"):
            for method, path, own in paths:
                if accept == "text/event-stream" and "/messages/" not in path:
                    continue
                base, headers = f"/api/v1/schools/{school}/", {"Accept": accept}
                foreign = send(person.program(), method, base + path.format(own), body, headers=headers)
                missing = send(person.program(), method, base + path.format(new_id()), body, headers=headers)
                assert foreign.status_code == missing.status_code == 404, (method, path)
                assert foreign.content == missing.content
                assert foreign["Content-Type"] == "application/problem+json"
        assert (
            person.program().get(f"/api/v1/schools/{person.school.slug}/conversations/").json()["results"]
            == []
        )
    assert [(row.status, row.rating, row.stop_asked) for row in kept(ana)] == [("quoted", None, False)]
    assert ana.program().get(f"{NORTE}conversations/{conversation}/").json()["title"] != "robada"


def test_a_collection_that_is_not_ones_own_is_not_asked(
    ana: Person, zoe: Person, document: uploads.Received
) -> None:
    conversation, foreign = start(ana), collections.create(zoe.member, name="De Sur")
    general = next(row for row in collections.visible(ana.member) if row.is_default)
    assert ask(ana, conversation, collections=[str(general.pk)]).json()["status"] == "quoted"
    answers = [ask(ana, conversation, collections=[str(each)]) for each in (foreign.pk, new_id())]
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].content == answers[1].content
    assert len(kept(ana)) == 1


def test_a_narrowed_member_is_answered_from_their_collections_only(
    ana: Person, beto: Person, document: uploads.Received, work_off: Callable[[], None]
) -> None:
    assert ask(beto, start(beto)).json()["status"] == "quoted"
    Membership.objects.filter(pk=beto.membership.pk).update(collections=[])
    answer = ask(beto, start(beto)).json()
    assert (answer["status"], answer["searched"]["documents"]) == ("refused", 0)


BAD_QUESTIONS: list[Any] = [
    {},
    [],
    None,
    "hola",
    {"text": ""},
    {"text": "  "},
    {"text": None},
    {"text": ["x"]},
    {"text": {"a": 1}},
    {"text": "x" * 4_001},
    {"text": "a\0b"},
    {"text": "\ud800"},
    {"text": "x", "collections": []},
    {"text": "x", "collections": ["x"]},
    {"text": "x", "collections": {"a": 1}},
    {"text": "x", "engine": "\ud800"},
    {"text": "x", "engine": []},
    {"text": "x", "prompt_id": "x"},
]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("body", BAD_QUESTIONS, ids=range(len(BAD_QUESTIONS)))
def test_a_bad_question_is_refused_and_leaves_nothing(ana: Person, body: Any, accept: str) -> None:
    path = f"{NORTE}conversations/{start(ana)}/messages/"
    answer = send(ana.program(), "POST", path, body, headers={"Accept": accept})
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert kept(ana) == []


@pytest.mark.parametrize("title", ["x" * 121, "a\0", "\ud800", ["x"], {"a": 1}, True])
def test_a_bad_title_is_refused(ana: Person, title: Any) -> None:
    conversation = start(ana, "Buena")
    for method, path in (("POST", "conversations/"), ("PATCH", f"conversations/{conversation}/")):
        assert send(ana.program(), method, NORTE + path, {"title": title}).status_code == 400
    assert [row["title"] for row in ana.program().get(NORTE + "conversations/").json()["results"]] == [
        "Buena"
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rating": 2},
        {"rating": 0},
        {"rating": "bien"},
        {"rating": 1, "comment": "x" * 2_001},
        {"rating": 1, "comment": "\0"},
    ],
)
def test_a_bad_opinion_is_refused(ana: Person, document: uploads.Received, body: Any) -> None:
    answer = ask(ana, start(ana)).json()
    assert send(ana.program(), "POST", f"{NORTE}messages/{answer['id']}/feedback", body).status_code == 400
    assert kept(ana)[0].rating is None
