"""A rented machine's time on the schools' ledgers, and who may keep it on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from engines import health, ledger, pod_books, pod_rows, router
from engines.base import EngineError, NoEngine
from engines.models import Charge, Pod, PodState
from engines.routing import Why
from schools.scope import school_scope
from tests.conftest import Person
from tests.doubles import runpod_pod
from tests.engines.installed import QUESTION, QUOTING, allow, balance, books, errand, text

pytestmark = pytest.mark.django_db
Write = Callable[..., None]


@pytest.fixture
def rented(write: Write, monkeypatch: pytest.MonkeyPatch) -> str:
    """Install a machine that is off; return its engine's name."""
    with runpod_pod.serving() as double:
        entry = runpod_pod.entry(double)
        if variable := entry.get("api_key_env"):
            monkeypatch.setenv(str(variable), "una-clave-de-prueba")
        write(entry, QUOTING)
        return str(entry["name"])


def test_work_for_a_machine_that_is_off_asks_for_it_and_goes_elsewhere(rented: str, ana: Person) -> None:
    allow(ana.member, rented)
    answering = router.answer(QUESTION, errand(ana.member))
    assert answering.engine == "citas"
    row = Pod.objects.get(engine=rented)
    assert row.wanted_at is not None and row.wanted_by == ana.member.school_id
    with pytest.raises(NoEngine) as caught:
        router.answer(QUESTION, errand(ana.member, wish=rented))
    assert caught.value.is_passing, "a stage waits for it"
    choice = router.explain(errand(ana.member), task="chat")
    assert {reason.code for each in choice.refused for reason in each.reasons} == {Why.OFF}


def test_a_school_that_may_not_use_it_does_not_turn_it_on(rented: str, ana: Person) -> None:
    text(router.answer(QUESTION, errand(ana.member)).pieces)
    assert not Pod.objects.filter(engine=rented).exists()


def test_its_time_stands_on_the_ledger_of_who_used_it(rented: str, ana: Person, zoe: Person) -> None:
    allow(ana.member, rented, cap="1")
    allow(zoe.member, rented, cap="1")
    Pod.objects.create(engine=rented, state=PodState.READY, address="http://127.0.0.1:1/v1")
    began = timezone.now() - timedelta(seconds=1)
    for person, calls in ((ana, 3), (zoe, 1)):
        for _number in range(calls):
            answering = router.answer(QUESTION, errand(person.member, wish=rented))
            with pytest.raises(EngineError):
                text(
                    answering.pieces
                )  # nobody is at that address: the call itself is in the books all the same
            health.forget(rented)
    found = pod_books.users(rented, began, timezone.now())
    assert found == {ana.member.school_id: 3, zoe.member.school_id: 1}
    assert pod_books.can_pay(ana.member.school_id, rented, 60)
    pod_books.book(ana.member.school_id, rented, seconds=60, usd_u=18_000, at=timezone.now())
    balance(ana.member)
    _decisions, charges, budget = books(ana.member)
    assert budget is not None and budget.spent_u == 18_000
    booked = [each for each in charges if each.task == "gpu"]
    assert [(each.seconds, each.actual_u, each.engine) for each in booked] == [(60, 18_000, rented)]
    with school_scope(zoe.member.school_id):
        assert not Charge.objects.filter(task="gpu").exists()


def test_nobody_pays_for_more_than_is_left(rented: str, ana: Person) -> None:
    assert not pod_books.can_pay(ana.member.school_id, rented, 60), "not before the director says so"
    allow(ana.member, rented, cap="0.001")
    assert not pod_books.can_pay(ana.member.school_id, rented, 3_600)
    assert pod_books.can_pay(ana.member.school_id, rented, 1)
    pod_rows.ensure([rented], now=timezone.now())
    pod_books.tick()
    assert ledger.expire() == 0
