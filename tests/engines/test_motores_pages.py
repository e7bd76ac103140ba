"""What a director and an auditor are shown of engines and money, and what everybody else is not."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from engines import cards, health, router, rules
from engines.base import Engine, Failure
from engines.labels import Label
from engines.models import Charge, Decision, Pod, PodState
from engines.probe import ask
from engines.routing import Health
from engines.rules import Allowance
from schools.models import Membership, User
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join
from tests.doubles import anthropic
from tests.doubles.base import Double
from tests.doubles.ollama import Ollama
from tests.engines.conftest import ollama_entry
from tests.engines.installed import PRICE, QUESTION, QUOTING, allow, errand, text

Write = Callable[..., None]
PAGES = "/e/norte/motores/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def far() -> Iterator[Double]:
    """Run an engine outside the school, which costs."""
    with anthropic.serving() as double:
        yield double


def entry(double: Double, **changes: Any) -> dict[str, object]:
    return anthropic.entry(double, **{"name": "lejos", "price": PRICE, "region": "EE. UU.", **changes})


def shown(person: Person, path: str = "", *, status: int = 200, **asked: str) -> str:
    answer = person.browser().get(PAGES + path, asked)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_every_engine_says_what_it_is_where_it_works_and_what_it_costs(
    write: Write, far: Double, ollama: Ollama, ana: Person
) -> None:
    write(
        QUOTING,
        entry(far, max_label="internal"),
        entry(far, name="sin-precio", price=None, model="uno-que-nadie-conoce") | {"provider": "anthropic"},
        ollama_entry(ollama, name="vectores"),
        currencies={"ARS": 1000},
    )
    rules.plan(ana.member, currency="ARS")
    page = shown(ana)
    assert "Afuera de la escuela (EE. UU.)" in page
    assert "En el equipo de la escuela" in page
    assert "US$ 1,00 + 2,00 por millón de tokens" in page
    assert "≈ $ 4,60 por respuesta típica" in page
    assert page.count("esto nunca sale de la escuela") == 4, "confidential and minors, of two engines outside"
    assert "No se conoce su precio" in page
    assert not far.journal and not ollama.journal, "looking at the page asks nobody"
    rules.allow(ana.member, "lejos", is_enabled=True, max_label="internal")
    assert "todavía no fijó un tope" in shown(ana)


def test_what_is_chosen_is_kept_and_what_is_refused_stays_as_it_was_chosen(
    write: Write, far: Double, ollama: Ollama, ana: Person
) -> None:
    write(QUOTING, entry(far), ollama_entry(ollama, name="dos", tasks=["chat", "embed"], dimension=8))
    browser = ana.browser()
    chosen = {"engine": "dos", "is_enabled": "on", "max_label": "internal", "tasks": ["embed"]}
    kept = browser.post(PAGES + "motor/", chosen)
    assert (kept.status_code, kept["Location"]) == (302, PAGES + "#motor-dos")
    allowance = rules.policy(ana.school_id).allowances["dos"]
    assert allowance == Allowance(True, Label.INTERNAL, frozenset({"embed"}), is_chosen=True)
    refused = browser.post(PAGES + "motor/", {**chosen, "tasks": [], "max_label": "public"})
    page = refused.content.decode()
    assert refused.status_code == 400 and "alguna de las tareas" in page
    assert 'value="public" checked' in page.partition('id="motor-dos"')[2]
    assert rules.policy(ana.school_id).allowances["dos"] == allowance
    # More than its place or its entry allows is refused, whatever a page offers.
    too_much = {"engine": "lejos", "is_enabled": "on", "max_label": "minors", "tasks": ["chat"]}
    assert browser.post(PAGES + "motor/", too_much).status_code == 400
    assert browser.post(PAGES + "motor/", {"engine": "dos", "max_label": "minors"}).status_code == 302
    assert rules.policy(ana.school_id).allowances["dos"].is_enabled is False
    assert browser.post(PAGES + "motor/", {"engine": "nadie", "max_label": "public"}).status_code == 404


def test_an_engine_that_rests_says_why_and_one_that_is_well_again_works_at_once(
    write: Write, far: Double, ana: Person
) -> None:
    write(QUOTING, entry(far))
    allow(ana.member, "lejos")
    far.fault = "auth"
    text(router.answer(QUESTION, errand(ana.member)).pieces)
    assert "no aceptó la clave; vuelve a usarse en" in shown(ana)
    browser = ana.browser()
    assert browser.post(PAGES + "probar/", {"engine": "lejos"})["Location"] == PAGES + "#motor-lejos"
    assert "note-bad engine-note" in browser.get(PAGES).content.decode()
    assert "engine-note" not in browser.get(PAGES).content.decode(), "told once"
    far.fault = ""
    browser.post(PAGES + "probar/", {"engine": "lejos"})
    page = browser.get(PAGES).content.decode()
    assert "note-good engine-note" in page and "vuelve a usarse" not in page
    assert router.answer(QUESTION, errand(ana.member)).engine == "lejos"
    assert browser.post(PAGES + "probar/", {"engine": "nadie"}).status_code == 404


def test_a_check_that_hangs_is_not_waited_for(write: Write, far: Double, ana: Person) -> None:
    write(QUOTING, entry(far))
    far.fault = "hang"
    result = ask(ana.school_id, "lejos", patience_s=0.05)
    assert (result.is_well, "No respondió" in result.detail) == (False, True)


def test_a_check_does_not_end_the_rest_of_an_account_without_money(
    write: Write, far: Double, ana: Person
) -> None:
    write(QUOTING, entry(far))
    engine = Engine(name="lejos", provider="anthropic", tasks=("chat",), runs="outside")
    health.enter(engine, ana.school_id, "una")
    health.leave(engine, ana.school_id, "una", failure=Failure.MONEY)
    assert ask(ana.school_id, "lejos").is_well
    assert health.look([engine])["lejos"].rests_s > 0


def test_a_rented_machine_shows_its_state(write: Write, far: Double, ana: Person) -> None:
    pod = Engine(name="pod", provider="runpod_pod", tasks=("chat",), runs="ours", region="UE")
    told = {
        state: cards.card(
            pod, rules.policy(ana.school_id), Health(), Pod(engine="pod", state=state), currency="USD",
            rate=Decimal(1),
        ).now
        for state in PodState
    }  # fmt: skip
    assert {state: now.level for state, now in told.items()} == {
        "off": "quiet", "starting": "warn", "warming": "warn", "ready": "good", "draining": "warn", "error": "bad",
    }  # fmt: skip
    assert all(now.text and now.detail for now in told.values())


def test_a_broken_file_is_told_and_breaks_no_page(write: Write, far: Double, ana: Person) -> None:
    write(QUOTING, {**entry(far), "colour": "red"})
    page = shown(ana)
    assert "El archivo de motores tiene un error" in page and "colour" in page
    assert "Gasto" in shown(ana, "gasto/")
    answer = ana.browser().post(
        PAGES + "motor/", {"engine": "citas", "max_label": "minors", "tasks": ["chat"]}
    )
    assert answer.status_code == 400
    shown(ana, "simular/", status=400, tarea="chat")


def test_money_is_chosen_and_what_is_refused_stays_typed(write: Write, far: Double, ana: Person) -> None:
    write(QUOTING, entry(far), currencies={"ARS": 1000})
    browser = ana.browser()
    typed = {
        "currency": "ARS",
        "cap": "5.000,50",
        "warn_percent": "70",
        "at_cap": "stop",
        "question_label": "public",
    }
    assert browser.post(PAGES + "gasto/tope/", typed).status_code == 302
    policy = rules.policy(ana.school_id)
    assert (policy.cap_u, policy.currency, policy.warn_percent) == (5_000_500_000, "ARS", 70)
    assert (policy.at_cap, policy.question_label) == ("stop", "public")
    for wrong in ({"cap": "mucho"}, {"warn_percent": "101"}, {"warn_percent": "x"}, {"at_cap": "seguir"},
                  {"currency": "XYZ"}):  # fmt: skip
        answer = browser.post(PAGES + "gasto/tope/", {**typed, "cap": "77", **wrong})
        page = answer.content.decode()
        assert answer.status_code == 400 and 'role="alert"' in page
        assert f'value="{wrong.get("cap", "77")}"' in page
    assert rules.policy(ana.school_id) == policy
    page = shown(ana, "gasto/")
    assert "Al llegar a $ 3" in page and "solo se cita" in page and 'value="5000,5"' in page


@pytest.mark.parametrize(
    ("cap", "home", "sentence"),
    [
        ("5", "", "Al llegar a US$ 4,00 se avisa"),
        ("0.00007", "80 %", "Queda poco"),
        ("0.00005", "tope", "Se llegó al tope"),
    ],
)
def test_a_director_is_told_when_little_is_left_and_when_nothing_is(
    write: Write, far: Double, ana: Person, beto: Person, cap: str, home: str, sentence: str
) -> None:
    write(entry(far), QUOTING)
    allow(ana.member, "lejos")
    text(router.answer(QUESTION, errand(ana.member)).pieces)
    rules.plan(ana.member, cap=Decimal(cap))
    assert sentence in shown(ana, "gasto/")
    front = ana.browser().get("/e/norte/").content.decode()
    assert ("Ver el gasto" in front) is bool(home) and home in front
    assert "Ver el gasto" not in beto.browser().get("/e/norte/").content.decode()


def test_what_was_spent_is_shown_and_comes_as_a_file(
    write: Write, far: Double, ana: Person, beto: Person
) -> None:
    write(entry(far), QUOTING)
    allow(ana.member, "lejos")
    assert "No hubo llamadas" in shown(ana, "gasto/")
    beto.user.name = "=HIPERVINCULO(1)"
    beto.user.save()
    text(router.answer(QUESTION, errand(beto.member)).pieces)
    for way, name in (
        ("dia", "<rect"),
        ("tarea", "Responder"),
        ("persona", "=HIPERVINCULO(1)"),
        ("motor", "lejos"),
    ):
        page = shown(ana, "gasto/", por=way)
        assert name in page and "US$ 0,000056" in page
    answer = ana.browser().get(PAGES + "gasto/descargar", {"por": "persona"})
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"].startswith('attachment; filename="gasto-norte-')
    _head, row = answer.content.decode("utf-8-sig").strip().splitlines()
    assert row.split(";")[:4] == ["'=HIPERVINCULO(1)", "0,000056", "USD", "1"]
    shown(ana, "gasto/", status=400, desde="ayer")
    shown(ana, "gasto/", status=400, desde="2026-02-01", hasta="2026-01-01")


def test_why_an_engine_answered_is_for_who_asked_and_who_looks_after_engines(
    write: Write, far: Double, ana: Person, beto: Person, zoe: Person
) -> None:
    write(entry(far), QUOTING)
    allow(ana.member, "lejos")
    far.fault = "overloaded"
    answering = router.answer(QUESTION, errand(beto.member))
    text(answering.pieces)
    path = f"por-que/{answering.decision_id}/"
    page = shown(beto, path)
    for words in (
        "Estaba sobrecargado",
        "Antes se probó con",
        "la pregunta",
        "Interno",
        "Solo cita, sin redactar",
    ):
        assert words in page, words
    assert "¿Por qué este motor?" in shown(ana, path)
    shown(join(ana.school, "carla@norte.example", Role.TEACHER), path, status=404)
    shown(zoe, path, status=404)


def test_a_planned_errand_is_explained_and_nobody_is_called(write: Write, far: Double, ana: Person) -> None:
    write(entry(far), QUOTING)
    allow(ana.member, "lejos")
    internal = shown(ana, "simular/", tarea="chat", confidencialidad="internal", largo="corta")
    assert "Lo haría «lejos»" in internal and "no se gastó nada" in internal
    assert "Lo haría «citas»" in shown(ana, "simular/", tarea="chat", confidencialidad="", largo="larga")
    assert "Nadie podría" in shown(ana, "simular/", tarea="transcribe", minutos="30")
    page = shown(ana, "simular/", status=400, tarea="chat", largo="tokens", tokens="-5")
    assert 'value="-5"' in page
    shown(ana, "simular/", status=400, tarea="bailar")
    assert not far.journal


def test_who_may_look_and_who_may_change(
    write: Write, far: Double, ana: Person, beto: Person, zoe: Person
) -> None:
    write(QUOTING, entry(far))
    auditor = join(ana.school, "aldo@norte.example", Role.AUDITOR)
    reader = join(ana.school, "rita@norte.example", Role.READER)
    for path in ("", "gasto/", "gasto/descargar", "simular/"):
        shown(auditor, path)
        shown(reader, path, status=403)
        shown(beto, path, status=403)
        shown(zoe, path, status=404)
    page = shown(auditor)
    assert "Guardar" not in page and "Probar ahora" not in page
    for path in ("motor/", "probar/", "buscar/", "gasto/tope/"):
        assert auditor.browser().post(PAGES + path, {"engine": "citas"}).status_code == 403
    assert Membership.objects.filter(school=ana.school).count() == 4


def test_two_hundred_people_and_long_names_fit_a_page(write: Write, far: Double, ana: Person) -> None:
    write(QUOTING)
    people = User.objects.bulk_create(
        User(email=f"persona-{n}@norte.example", name=f"Persona {n} " + "De Los Apellidos Largos " * 4)
        for n in range(200)
    )
    now = timezone.now()
    month = rules.month_of(now, ana.member.time_zone)
    with school_scope(ana.school_id):
        decision = Decision.objects.create(
            task="chat", purpose="answer", label="internal", policy_version="1"
        )
        Charge.objects.bulk_create(
            Charge(
                decision=decision, user=person, engine="lejos", runs="outside", task="chat", purpose="answer",
                month=month, currency="USD", state="settled", est_u=1, actual_u=n, created_at=now, expires_at=now,
            )
            for n, person in enumerate(people)
        )  # fmt: skip
    page = shown(ana, "gasto/", por="persona")
    assert page.count('<th scope="row">') == 201
