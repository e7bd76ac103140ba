"""The decision: cases that a director can read, and what holds whatever the facts."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engines import labels
from engines.base import FREE, Engine, Price
from engines.labels import Label
from engines.models import AtCap
from engines.routing import Choice, Facts, Health, Money, Need, Why, choose
from engines.rules import Allowance, Policy

CASES = yaml.safe_load((Path(__file__).parent / "routing_cases.yaml").read_text(encoding="utf-8"))


def engine(name: str, **changes: Any) -> Engine:
    """Return an engine that chats here for nothing."""
    return Engine(**{"name": name, "provider": "x", "tasks": ("chat",), "runs": "here", **changes})


def _engine_of(name: str, told: dict[str, Any]) -> Engine:
    given = dict(told)
    price = given.pop("precio", None)
    places = {"escuela": "here", "alquilado": "ours", "afuera": "outside"}
    runs = places.get(given.pop("trabaja", "escuela"), "elsewhere")
    made = engine(
        name,
        runs=runs,
        provider="quoting" if given.pop("solo cita", False) else "x",
        tasks=tuple(given.pop("tareas", ["chat"])),
        max_label=Label(given.pop("ve hasta", "minors" if runs == "here" else "internal")),
        context_tokens=given.pop("contexto", 8_192),
        languages=frozenset(given.pop("idiomas", [])),
        price=None
        if price == "desconocido"
        else FREE
        if price is None
        else Price(in_per_million_u=int(price * 10**6), out_per_million_u=int(price * 10**6), version="x"),
    )
    assert not given, given
    return made


def _facts(case: dict[str, Any]) -> Facts:
    told = {**CASES["motores"], **case.get("motores", {})}
    names = case.get("orden", list(told))
    school = {**CASES["escuela"], **case.get("escuela", {})}
    asked = {**CASES["pedido"], **case.get("pedido", {})}
    allowances = {
        name: Allowance(
            is_enabled=rule.get("habilitado", True),
            max_label=Label(rule.get("ve hasta", "internal")),
            tasks=frozenset(rule["tareas"]) if "tareas" in rule else None,
            is_chosen=True,
        )
        for name, rule in school.get("permite", {}).items()
    }
    return Facts(
        engines=tuple(_engine_of(name, told[name]) for name in names),
        need=Need(
            task=asked["tarea"],
            label=labels.of(asked["confidencialidad"]),
            tokens_in=asked["largo"],
            tokens_out=asked["respuesta"],
            language=asked["idioma"],
            wish=asked.get("motor"),
        ),
        policy=Policy(
            allowances=allowances,
            cap_u=int(school["tope"] * 10**6),
            at_cap=AtCap(school["al llegar al tope"]),
        ),
        money=Money(
            left_u=int(school["queda"] * 10**6),
            cap_u=int(school["tope"] * 10**6),
            rate=Decimal(str(school["cambio"])),
        ),
        health={
            name: Health(
                rests_s=state.get("descansa", 0),
                failure=state.get("por", ""),
                is_on=state.get("encendido", True),
                lacks=state.get("le falta", ""),
            )
            for name, state in case.get("salud", {}).items()
        },
    )


def _codes(choice: Choice) -> dict[str, list[str]]:
    return {
        each.engine.name: [reason.code.value for reason in each.reasons]
        for each in (*choice.candidates, *choice.refused)
    }


def test_there_are_enough_cases() -> None:
    assert len(CASES["casos"]) >= 40
    names = [case["caso"] for case in CASES["casos"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES["casos"], ids=lambda case: case["caso"])
def test_a_case_of_the_directors_file(case: dict[str, Any]) -> None:
    choice = choose(_facts(case))
    chosen = choice.candidates[0].engine.name if choice.candidates else "ninguno"
    assert chosen == case["responde"], _codes(choice)
    for name, code in case["porque"].items():
        assert code in _codes(choice)[name]


_ENGINES = st.builds(
    Engine,
    name=st.sampled_from(["a", "b", "c", "d"]),
    provider=st.sampled_from(["x", "quoting"]),
    tasks=st.sampled_from([("chat",), ("embed",), ("chat", "embed")]),
    runs=st.sampled_from(["here", "ours", "outside", "elsewhere"]),
    max_label=st.sampled_from(Label),
    price=st.sampled_from([None, FREE, Price(in_per_million_u=10**6, version="x")]),
    context_tokens=st.sampled_from([512, 100_000]),
)
_FACTS = st.builds(
    Facts,
    engines=st.lists(_ENGINES, max_size=4, unique_by=lambda each: each.name).map(tuple),
    need=st.builds(
        Need,
        task=st.sampled_from(["chat", "embed"]),
        label=st.sampled_from(Label),
        tokens_in=st.integers(0, 50_000),
        tokens_out=st.integers(0, 1_000),
        wish=st.sampled_from([None, "a"]),
    ),
    policy=st.builds(
        Policy,
        allowances=st.dictionaries(
            st.sampled_from(["a", "b", "c", "d"]),
            st.builds(Allowance, is_enabled=st.booleans(), max_label=st.sampled_from(Label)),
        ),
        at_cap=st.sampled_from(AtCap),
    ),
    money=st.builds(Money, left_u=st.integers(-10, 100_000), cap_u=st.sampled_from([0, 50_000])),
    health=st.dictionaries(
        st.sampled_from(["a", "b"]),
        st.builds(
            Health,
            rests_s=st.sampled_from([0.0, 5.0]),
            is_on=st.booleans(),
            lacks=st.sampled_from(["", "el modelo"]),
        ),
    ),
)


@given(facts=_FACTS)
def test_what_holds_whatever_the_facts(facts: Facts) -> None:
    choice = choose(facts)
    assert choose(facts) == choice, "the same facts, the same decision"
    everybody = [each.engine for each in (*choice.candidates, *choice.refused)]
    assert sorted(each.name for each in everybody) == sorted(each.name for each in facts.engines)
    assert all(each.reasons for each in (*choice.candidates, *choice.refused)), "everybody has a reason"
    for each in choice.candidates:
        label, allowance = facts.need.label, facts.policy.of(each.engine)
        assert facts.need.task in each.engine.tasks and allowance.covers(facts.need.task)
        assert labels.allows(allowance.max_label, label) and labels.allows(each.engine.max_label, label)
        if each.engine.runs not in ("here", "ours"):
            assert label in (Label.PUBLIC, Label.INTERNAL)
        assert each.est_u is not None
        assert each.est_u == 0 or each.est_u <= facts.money.left_u
        assert facts.health.get(each.engine.name, Health()).rests_s == 0
        assert not facts.health.get(each.engine.name, Health()).lacks
        assert facts.need.wish in (None, each.engine.name)
    kinds = [each.engine.provider == "quoting" for each in choice.candidates]
    assert kinds == sorted(kinds), "what only quotes comes last"


@given(facts=_FACTS, stricter=st.sampled_from(Label))
def test_a_stricter_label_never_lets_more_engines_see_it(facts: Facts, stricter: Label) -> None:
    if labels.allows(facts.need.label, stricter):
        return
    before = {each.engine.name for each in choose(facts).candidates}
    after = {
        each.engine.name
        for each in choose(replace(facts, need=replace(facts.need, label=stricter))).candidates
    }
    assert after <= before


def test_every_reason_has_its_case() -> None:
    told = {code for case in CASES["casos"] for code in case["porque"].values()}
    assert told == {why.value for why in Why}
