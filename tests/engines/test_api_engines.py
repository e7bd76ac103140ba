"""Engines, decisions, usage and budget, by the API."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from engines import estimate, router, rules
from engines.labels import Label
from engines.routing import Why
from schools.guard import tenant_models
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join
from tests.doubles import anthropic
from tests.doubles.base import TOKENS_IN, TOKENS_OUT, Double
from tests.engines.installed import PRICE, QUESTION, QUOTING, allow, books, errand, text

Write = Callable[..., None]
NORTE = "/api/v1/schools/norte/"
COST = "0.000056"  # of what the double says that it took, at PRICE
pytestmark = pytest.mark.django_db


@pytest.fixture
def far() -> Iterator[Double]:
    """Run an engine outside the school, which costs."""
    with anthropic.serving() as double:
        yield double


@pytest.fixture
def installed(write: Write, far: Double, ana: Person) -> Double:
    """Install one that costs before one that quotes, and let Norte use both."""
    write(anthropic.entry(far, name="lejos", price=PRICE, region="us"), QUOTING, currencies={"ARS": 1000})
    allow(ana.member, "lejos")
    return far


def rows(person: Person) -> dict[str, int]:
    with school_scope(person.school_id):
        return {model.__name__: model.objects.count() for model in tenant_models()}


def test_engines_are_listed_with_what_the_school_lets_them_do(
    installed: Double, ana: Person, zoe: Person
) -> None:
    answer = ana.program().get(NORTE + "engines/").json()
    assert (answer["next"], answer["previous"]) == (None, None)
    far, quoting = answer["results"]
    assert far == {
        **far,
        "name": "lejos",
        "provider": "anthropic",
        "model": anthropic.MODEL,
        "tasks": ["chat"],
        "runs": "outside",
        "region": "us",
        "usable": True,
        "healthy": True,
        "max_label": "internal",
        "allowed": {"is_enabled": True, "max_label": "internal", "tasks": ["chat"]},
        "price": {
            "input_per_million": "1.00",
            "output_per_million": "2.00",
            "per_second": "0.00",
            "version": "engines.yaml",
        },
    }
    assert (quoting["usable"], quoting["runs"]) == (True, "here")
    theirs = zoe.program().get(NORTE.replace("norte", "sur") + "engines/").json()["results"]
    assert [each["usable"] for each in theirs] == [False, True], "nothing goes out before a director says so"
    assert not installed.journal
    assert zoe.program().get(NORTE + "engines/").status_code == 404


def test_what_a_dry_run_says_is_what_is_then_decided(installed: Double, ana: Person) -> None:
    """And it calls nobody, holds nothing and writes nothing."""
    before = rows(ana)
    tokens_in = estimate.of_request(QUESTION)
    body = {"task": "chat", "sensitivity": "internal", "tokens_in": tokens_in}
    planned = ana.program().post(NORTE + "engines/explain", body).json()
    pure = router.explain(
        errand(ana.member), task="chat", tokens_in=tokens_in, tokens_out=QUESTION.max_tokens
    )
    assert rows(ana) == before
    assert not installed.journal
    answering = router.answer(QUESTION, errand(ana.member))
    text(answering.pieces)
    told = ana.program().get(f"{NORTE}engines/decisions/{answering.decision_id}").json()
    assert planned["engine"] == told["engine"] == "lejos"
    for kind in ("candidates", "refused"):
        assert _without_size(planned[kind]) == _without_size(told[kind])
    # The very same function: to the last figure, for the same size.
    [decision], _charges, _budget = books(ana.member)
    assert [(each.engine.name, each.est_u, each.reason) for each in (*pure.candidates, *pure.refused)] == [
        (each["engine"], each["est_u"], " ".join(reason["text"] for reason in each["reasons"]))
        for each in decision.candidates
    ]


def _without_size(judged: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return engines without their estimates: a planned answer may be longer than the one that was asked for."""
    return [{**each, "est": None, "est_ms": None} for each in judged]


@pytest.mark.parametrize(
    ("sensitivity", "label", "engine"),
    [
        ("public", "public", "lejos"),
        ("internal", "internal", "lejos"),
        ("confidential", "confidential", "citas"),
        ("minors", "minors", "citas"),
        ("secreto", "confidential", "citas"),
        ("", "confidential", "citas"),
        (None, "confidential", "citas"),
    ],
)
def test_an_unknown_sensitivity_counts_as_confidential(
    installed: Double, ana: Person, sensitivity: str | None, label: str, engine: str
) -> None:
    body = {"task": "chat"} if sensitivity is None else {"task": "chat", "sensitivity": sensitivity}
    told = ana.program().post(NORTE + "engines/explain", body).json()
    assert (told["sensitivity"], told["engine"]) == (label, engine)
    if engine == "citas":
        [refused] = told["refused"]
        assert [each["code"] for each in refused["reasons"]] == [Why.LABEL]
        assert "nunca sale" in refused["reasons"][0]["text"]
    else:
        assert told["candidates"][0]["est"] == {"amount": "0.006048", "currency": "USD"}


def test_a_plan_for_nobody_and_one_that_is_none(installed: Double, ana: Person) -> None:
    told = ana.program().post(NORTE + "engines/explain", {"task": "transcribe", "seconds": 90}).json()
    assert (told["engine"], told["candidates"]) == (None, [])
    assert {each["reasons"][0]["code"] for each in told["refused"]} == {Why.TASK}
    for body in ({}, {"task": "bailar"}, {"task": "chat", "tokens_in": -1}):
        refused = ana.program().post(NORTE + "engines/explain", body)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid")


def test_a_decision_is_told_to_whom_it_was_taken_for_and_to_who_looks_after_engines(
    installed: Double, ana: Person, beto: Person, zoe: Person
) -> None:
    installed.fault = "overloaded"
    answering = router.answer(QUESTION, errand(beto.member))
    text(answering.pieces)
    path = f"{NORTE}engines/decisions/{answering.decision_id}"
    told = beto.program().get(path).json()
    assert told == ana.program().get(path).json()
    assert (told["engine"], told["fallbacks"], told["sensitivity"]) == ("citas", ["lejos"], "internal")
    assert told["label_sources"] == [{"what": "la pregunta", "sensitivity": "internal"}]
    assert [(each["engine"], each["outcome"]) for each in told["charges"]] == [
        ("lejos", "overload"),
        ("citas", "ok"),
    ]
    assert told["cost"] == {"amount": "0.00", "currency": "USD"}
    carla = join(ana.school, "carla@norte.example", Role.TEACHER)
    auditor = join(ana.school, "aldo@norte.example", Role.AUDITOR)
    narrow = join(ana.school, "nora@norte.example", Role.AUDITOR, collections=[])
    assert carla.program().get(path).status_code == zoe.program().get(path).status_code == 404
    assert auditor.program().get(path).json() == told
    [part] = narrow.program().get(path).json()["label_sources"]
    assert part == {"what": "una parte de lo enviado", "sensitivity": "internal"}, (
        "no titles beyond one's shelves"
    )


def test_what_was_spent_is_added_up(installed: Double, ana: Person, beto: Person) -> None:
    text(router.answer(QUESTION, errand(beto.member)).pieces)
    text(router.answer(QUESTION, errand(ana.member, Label.MINORS)).pieces)
    told = ana.program().get(NORTE + "usage/", {"by": "engine"}).json()
    assert (told["by"], told["calls"], told["totals"]) == ("engine", 2, [{"amount": COST, "currency": "USD"}])
    assert [(each["key"], each["cost"]["amount"]) for each in told["results"]] == [
        ("lejos", COST),
        ("citas", "0.00"),
    ]
    assert (told["results"][0]["tokens_in"], told["results"][0]["tokens_out"]) == (TOKENS_IN, TOKENS_OUT)
    people = ana.program().get(NORTE + "usage/", {"by": "user"}).json()["results"]
    assert [(each["key"], each["name"]) for each in people] == [
        (str(beto.user.pk), "Beto"),
        (str(ana.user.pk), "Ana"),
    ]
    [day] = ana.program().get(NORTE + "usage/").json()["results"]
    assert day["key"] == told["to"]
    past = (
        ana.program().get(NORTE + "usage/", {"from": "2020-01-01", "to": "2020-01-31", "by": "task"}).json()
    )
    assert (past["results"], past["totals"], past["from"]) == ([], [], "2020-01-01")
    for wrong in ({"by": "color"}, {"from": "ayer"}, {"from": "2026-01-02", "to": "2026-01-01"}):
        refused = ana.program().get(NORTE + "usage/", wrong)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
        assert refused.json()["errors"]
    assert beto.program().get(NORTE + "usage/").status_code == 403


def test_a_budget_is_read_and_changed(installed: Double, ana: Person, beto: Person) -> None:
    ana_calls = ana.program()
    body = {"cap": {"amount": "2500.50", "currency": "ARS"}, "warn_percent": 60, "at_cap": "stop"}
    changed = ana_calls.patch(NORTE + "budget/", body)
    assert changed.status_code == 200, changed.json()
    told = ana_calls.get(NORTE + "budget/").json()
    assert told == changed.json()
    assert told == {
        **told,
        "cap": {"amount": "2500.50", "currency": "ARS"},
        "spent": {"amount": "0.00", "currency": "ARS"},
        "left": {"amount": "2500.50", "currency": "ARS"},
        "warn_percent": 60,
        "at_cap": "stop",
        "is_warned": False,
        "question_sensitivity": "internal",
    }
    auditor = join(ana.school, "aldo@norte.example", Role.AUDITOR).program()
    assert auditor.get(NORTE + "budget/").status_code == 200
    assert auditor.patch(NORTE + "budget/", body).status_code == 403
    assert beto.program().get(NORTE + "budget/").status_code == 403
    for wrong, field in (
        ({"cap": {"amount": "-1"}}, "cap.amount"),
        ({"cap": {"amount": "NaN"}}, "cap.amount"),
        ({"cap": {"amount": "1", "currency": "XYZ"}}, "currency"),
        ({"warn_percent": 0}, "warn_percent"),
        ({"at_cap": "seguir"}, "at_cap"),
    ):
        refused = ana_calls.patch(NORTE + "budget/", wrong)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
        assert field in refused.json()["errors"], refused.json()
    assert ana_calls.get(NORTE + "budget/").json() == told


def test_a_cap_below_what_is_spent_lets_nothing_more_out_and_spent_stays(
    installed: Double, ana: Person
) -> None:
    text(router.answer(QUESTION, errand(ana.member)).pieces)
    lowered = ana.program().patch(NORTE + "budget/", {"cap": {"amount": "0.00001"}}).json()
    assert lowered["spent"] == {"amount": COST, "currency": "USD"}
    assert (lowered["left"]["amount"], lowered["is_over"], lowered["used_percent"]) == ("0.00", True, 560)
    told = ana.program().post(NORTE + "engines/explain", {"task": "chat", "sensitivity": "public"}).json()
    assert told["engine"] == "citas"
    assert [each["code"] for each in told["refused"][0]["reasons"]] == [Why.MONEY]
    answering = router.answer(QUESTION, errand(ana.member))
    text(answering.pieces)
    assert (answering.engine, len(installed.journal)) == ("citas", 1)
    refused = ana.program().patch(NORTE + "budget/", {"cap": {"amount": "9", "currency": "ARS"}})
    assert refused.status_code == 400
    assert "mes que viene" in refused.json()["errors"]["currency"][0]
    assert rules.policy(ana.school_id).cap_u == 10


def test_an_engine_is_allowed_as_far_as_its_entry_goes(installed: Double, ana: Person, beto: Person) -> None:
    calls, path = ana.program(), NORTE + "engines/lejos/"
    told = calls.patch(path, {"max_label": "public"}).json()
    assert told["allowed"] == {"is_enabled": True, "max_label": "public", "tasks": ["chat"]}
    for wrong, field in (({"max_label": "confidential"}, "max_label"), ({"tasks": ["embed"]}, "tasks")):
        refused = calls.patch(path, wrong)
        assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])
    assert calls.patch(path, {"is_enabled": False}).json()["usable"] is False
    assert calls.patch(NORTE + "engines/nadie/", {"is_enabled": True}).status_code == 404
    assert beto.program().patch(path, {"is_enabled": True}).status_code == 403
    assert rules.policy(ana.school_id).allowances["lejos"].is_enabled is False


def test_an_engine_is_asked_how_it_is(installed: Double, ana: Person) -> None:
    path = NORTE + "engines/lejos/check"
    assert ana.program().post(path).json()["healthy"] is True
    installed.fault = "auth"
    told = ana.program().post(path).json()
    assert (told["engine"], told["healthy"]) == ("lejos", False)
    assert told["detail"]
    assert Decimal(ana.program().get(NORTE + "usage/").json()["calls"]) == 0
    assert ana.program().post(NORTE + "engines/nadie/check").status_code == 404
