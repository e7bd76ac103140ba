"""The keeper of rented machines, against RunPod's double and the real rows: faults.md, 24."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from pytest_django import Settings

from engines import base, pod_rows, pods, pods_keeper
from engines.models import Pod
from engines.pods_keeper import Ledger
from engines.providers.runpod_pod import RunpodPod
from schools.ids import SchoolId
from schools.models import School
from schools.refusals import Refused
from tests.doubles import runpod_pod as pods_double
from tests.doubles.base import ANSWER, TOKENS_IN, TOKENS_OUT
from tests.doubles.runpod_pod import Cloud
from tests.engines.streaming import chat, pieces, read, usage, words

KEYS = {pods_double.VARIABLE: pods_double.SECRET}
TICK_S = 30.0
PER_SECOND_U = 300


class Shut(Refused):
    """The books cannot be written now."""


@dataclass
class Books:
    """The ledger: who used the machine, who can pay, what was booked."""

    booked: list[tuple[SchoolId, float, int]] = field(default_factory=list)
    calls: dict[SchoolId, int] = field(default_factory=dict)
    can_pay: bool = True
    is_shut: bool = False
    is_busy: bool = False
    meanwhile: Callable[[], None] = lambda: None

    @property
    def ledger(self) -> Ledger:
        """Return it as the keeper knows it."""
        return Ledger(self._book, self._users, self._can_pay, lambda engine: self.is_busy)

    @property
    def seconds(self) -> float:
        """Return the seconds that were booked."""
        return sum(seconds for _school, seconds, _usd_u in self.booked)

    def _book(self, school_id: SchoolId, engine: str, *, seconds: float, usd_u: int, at: datetime) -> None:
        if self.is_shut:
            raise Shut("shut")
        self.booked.append((school_id, seconds, usd_u))

    def _users(self, engine: str, since: datetime, until: datetime) -> Mapping[SchoolId, int]:
        assert since < until
        return self.calls

    def _can_pay(self, school_id: SchoolId, engine: str, seconds: float) -> bool:
        self.meanwhile()
        if self.is_shut:
            raise Shut("shut")
        return self.can_pay


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Run a RunPod that a test may break."""
    with pods_double.serving() as cloud:
        yield cloud


@pytest.fixture
def books() -> Books:
    """Return an empty ledger."""
    return Books()


def _landlord(cloud: Cloud, **changes: object) -> RunpodPod:
    provider = chat(pods_double.entry(cloud, **changes), KEYS)
    assert isinstance(provider, RunpodPod)
    return provider


def _run(cloud: Cloud, books: Books, ticks: int, *landlords: RunpodPod) -> None:
    landlords = landlords or (_landlord(cloud),)
    for _tick in range(ticks):
        cloud.pass_(TICK_S)
        pods_keeper.tick(cloud.now, ledger=books.ledger, landlords=landlords)


def _want(cloud: Cloud, school: School) -> None:
    pod_rows.want("gpu", SchoolId(school.pk), now=cloud.now)


def _row() -> tuple[str, str]:
    pod = Pod.objects.get(engine="gpu")
    return pod.state, pod.error


def test_a_machine_is_there_while_there_is_work(
    committed: None, cloud: Cloud, books: Books, norte: School, sur: School
) -> None:
    landlord = _landlord(cloud, max_out_tokens=100)
    with pytest.raises(base.Busy) as caught:
        pieces(landlord)
    assert caught.value.wait_s == 180
    _want(cloud, norte)
    _run(cloud, books, 1)
    assert _row() == ("starting", "")
    asked = next(request.body for request in cloud.journal if request.method == "POST")
    assert asked["gpu"] == {"id": "NVIDIA L40S", "count": 1} and asked["cloud"] == "SECURE"
    assert pods_double.SECRET not in str(asked), "the machine does not get the key of the account"
    _run(cloud, books, 3)
    assert _row()[0] == "warming"
    _run(cloud, books, 1)
    assert _row() == ("ready", "")
    found = pieces(landlord)
    assert words(found) == "".join(ANSWER)
    assert usage(found) == base.Usage(TOKENS_IN, TOKENS_OUT, seconds=0.0), "the time is booked as a whole"
    cloud.pods[0].ended_at = cloud.now
    with pytest.raises(base.Unreachable):
        pieces(landlord)
    cloud.pods[0].ended_at = None
    books.booked.clear()
    books.calls = {SchoolId(norte.pk): 1, SchoolId(sur.pk): 2}
    _run(cloud, books, 1)
    assert sorted(usd_u for _school, _seconds, usd_u in books.booked) == [3_000, 6_000]
    books.calls = {}
    _run(cloud, books, 6)
    assert not cloud.on and _row()[0] == "draining"
    _run(cloud, books, 1)
    assert _row() == ("off", "")
    with pytest.raises(base.Busy):
        pieces(landlord)
    landlord.check()


@pytest.mark.parametrize("fault", ["", "start_lost", "start_5xx", "list_pages"])
def test_every_second_is_booked_and_there_is_one_machine(
    cloud: Cloud, books: Books, norte: School, fault: str
) -> None:
    cloud.put("somebody-elses")
    cloud.put("another-one")
    _want(cloud, norte)
    cloud.fault = fault
    _run(cloud, books, 2)
    cloud.fault = fault if fault == "list_pages" else ""
    _run(cloud, books, 20)
    assert _row() == ("off", "")
    (ours,) = cloud.pods[2:]
    assert not ours.is_gone or ours.ended_at is not None
    on_s = (ours.ended_at - ours.made_at).total_seconds() if ours.ended_at else 0.0
    assert on_s <= books.seconds <= on_s + TICK_S, "until it is seen gone"
    assert len(cloud.on) == 2, "what is not ours is let be"


def test_24_a_start_that_never_comes_to_run(cloud: Cloud, books: Books, norte: School) -> None:
    landlord = _landlord(cloud, start_timeout_s=300)
    cloud.fault = "never_running"
    _want(cloud, norte)
    _run(cloud, books, 12, landlord)
    assert not cloud.on and len(cloud.pods) == 1
    _want(cloud, norte)
    _run(cloud, books, 1, landlord)
    assert _row() == ("error", "never_running")
    assert cloud.on_s <= books.seconds <= cloud.on_s + TICK_S
    _run(cloud, books, 10, landlord)
    assert len(cloud.pods) == 1, "it rests before it is tried again"
    cloud.fault = ""
    _run(cloud, books, 10, landlord)
    _want(cloud, norte)
    _run(cloud, books, 2, landlord)
    assert len(cloud.pods) == 2


def test_24_a_stop_that_is_lost_is_asked_for_again(cloud: Cloud, books: Books, norte: School) -> None:
    _want(cloud, norte)
    cloud.fault = "stop_lost"
    _run(cloud, books, 25)
    assert cloud.on and _row() == ("draining", "")
    assert sum(request.method == "DELETE" for request in cloud.journal) > 2
    cloud.fault = ""
    _run(cloud, books, 2)
    assert not cloud.on and _row() == ("off", "")
    assert cloud.on_s <= books.seconds <= cloud.on_s + TICK_S, "what it cost meanwhile too"


def test_24_a_keeper_that_dies_leaves_all_in_the_row(cloud: Cloud, books: Books, norte: School) -> None:
    _want(cloud, norte)
    _run(cloud, books, 6)
    assert _row()[0] == "ready"
    cloud.pass_(2 * 3_600)
    _run(cloud, books, 2)
    assert not cloud.on and _row() == ("off", "")
    assert cloud.on_s <= books.seconds <= cloud.on_s + TICK_S
    # It died between its claim and the start, which nobody saw.
    facts = replace(pod_rows.read()["gpu"], started_at=cloud.now)
    assert pod_rows.change(
        facts, replace(facts, state=pods.STARTING, changed_at=cloud.now, booked_until=cloud.now)
    )
    _run(cloud, books, 5)
    assert _row() == ("error", "lost") and books.seconds <= cloud.on_s + TICK_S, "nothing was on"


def test_24_an_orphan_is_gone_within_five_minutes(cloud: Cloud, books: Books, norte: School) -> None:
    landlord = _landlord(cloud)
    name = pods_keeper.name_of(landlord)
    ours = [cloud.put(name), cloud.put(name), cloud.put(name.removesuffix("gpu") + "ya-no-existe")]
    cloud.put("preceptor-0badcafe-gpu")
    cloud.put("entrenamiento")
    _run(cloud, books, 3, landlord)
    assert len(cloud.on) == 5, "a start may be under way"
    _want(cloud, norte)
    _run(cloud, books, 7, landlord)
    assert all(pod.is_gone for pod in ours) and len([pod for pod in cloud.pods if pod.is_gone]) == 3
    assert _row()[0] == "ready", "and work that waits gets its own"
    assert len(cloud.on) == 3
    assert books.seconds > 0, "it is booked to the school that asked last"


def test_two_keepers_at_once_start_one_machine(cloud: Cloud, books: Books, norte: School) -> None:
    _want(cloud, norte)

    def other() -> None:
        books.meanwhile = lambda: None
        pods_keeper.tick(cloud.now, ledger=books.ledger, landlords=[_landlord(cloud)])

    books.meanwhile = other
    _run(cloud, books, 1)
    assert len(cloud.pods) == 1
    books.meanwhile = other
    _run(cloud, books, 1)
    assert books.seconds == TICK_S, "and book its time once"


def test_nobody_who_pays_no_machine(cloud: Cloud, books: Books, norte: School) -> None:
    books.can_pay = False
    _want(cloud, norte)
    _run(cloud, books, 1)
    assert not cloud.pods
    books.can_pay = True
    _run(cloud, books, 1)
    books.can_pay = False
    _run(cloud, books, 1)
    assert cloud.pods and not cloud.on
    _run(cloud, books, 1)
    assert _row() == ("off", "money")


def test_books_that_cannot_be_written_keep_no_machine_on(cloud: Cloud, books: Books, norte: School) -> None:
    books.is_shut = True
    _want(cloud, norte)
    _run(cloud, books, 1)
    assert not cloud.pods, "nor do they start one"
    books.is_shut = False
    _run(cloud, books, 1)
    books.is_shut = True
    _run(cloud, books, 12)
    assert not cloud.on and _row()[0] == "draining", "it waits until its last time is booked"
    books.is_shut = False
    _run(cloud, books, 1)
    assert _row()[0] == "off"
    assert books.seconds >= cloud.on_s


@pytest.mark.parametrize(
    ("fault", "after", "state"),
    [
        ("no_gpu", 1, ("error", "refused")),
        ("start_5xx_for_nothing", 6, ("error", "lost")),
        ("exits_by_itself", 3, ("error", "exited")),
    ],
)
def test_a_start_that_comes_to_nothing(
    cloud: Cloud, books: Books, norte: School, fault: str, after: int, state: tuple[str, str]
) -> None:
    _want(cloud, norte)
    cloud.fault = fault
    _run(cloud, books, after)
    assert _row() == state and not cloud.on
    assert books.seconds <= cloud.on_s + TICK_S


def test_one_that_is_taken_from_us_is_off_and_a_maker_who_is_away_says_nothing(
    cloud: Cloud, books: Books, norte: School
) -> None:
    _want(cloud, norte)
    _run(cloud, books, 6)
    cloud.fault = "down"
    _run(cloud, books, 2)
    assert _row()[0] == "ready"
    cloud.fault = "exits_by_itself"
    _want(cloud, norte)
    _run(cloud, books, 2)
    assert _row() == ("off", "") and all(pod.is_gone for pod in cloud.pods)
    cloud.fault = ""
    _run(cloud, books, 1)
    assert len(cloud.on) == 1, "the work that waits gets another"


def test_calls_keep_their_machine(cloud: Cloud, books: Books, norte: School) -> None:
    _want(cloud, norte)
    books.is_busy = True
    _run(cloud, books, 15)
    books.is_busy, books.calls = False, {SchoolId(norte.pk): 1}
    _run(cloud, books, 15)
    assert _row() == ("ready", "")
    books.calls = {}
    _run(cloud, books, 8)
    assert _row() == ("off", "")


def test_the_command(
    cloud: Cloud,
    books: Books,
    norte: School,
    settings: Settings,
    tmp_path: Path,
) -> None:
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    entry = pods_double.entry(cloud, api_key_file="clave")
    del entry["api_key_env"]
    settings.ENGINES_FILE.write_text(yaml.safe_dump({"engines": [entry]}))
    (tmp_path / "clave").write_text(pods_double.SECRET)
    _want(cloud, norte)
    _run(cloud, books, 6)

    def say(*words: str) -> str:
        printed = StringIO()
        call_command("pods", *words, stdout=printed)
        return printed.getvalue()

    assert "gpu" in say("list") and "Listo" in say("list")
    assert "p1" in say("kill")
    assert not cloud.on, "at once, whoever keeps the machines"
    _want(cloud, norte)
    _run(cloud, books, 3)
    assert _row() == ("error", "killed") and not cloud.on
    say("allow", "gpu")
    _run(cloud, books, 1)
    assert len(cloud.on) == 1
    say("stop", "gpu")
    assert not cloud.on
    _run(cloud, books, 1)
    assert _row() == ("off", "")
    assert cloud.on_s <= books.seconds <= cloud.on_s + 3 * TICK_S
    with pytest.raises(CommandError, match="otro"):
        say("stop", "otro")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"runs": "outside"}, "runs"),
        ({"price": None}, "price"),
        ({"image": ""}, "image"),
        ({"proxy": "https://siempre.la.misma"}, "proxy"),
        ({"pod_env": {"HF_TOKEN": "hf_123"}}, "HF_TOKEN"),
        ({"pod_env": {"mala": "1"}}, "pod_env"),
        ({"api_key_env": None}, "api_key_env"),
        ({"start_expected_s": 600, "start_timeout_s": 300}, "start_timeout_s"),
    ],
)
def test_an_entry_with_a_mistake(cloud: Cloud, changes: dict[str, object], key: str) -> None:
    entry = {**pods_double.entry(cloud, pod_env={"MAX_MODEL_LEN": 8192}), **changes}
    (mistake,) = read({name: value for name, value in entry.items() if value is not None}, KEYS).mistakes
    assert mistake.key == key
    assert _landlord(cloud, pod_env={"MAX_MODEL_LEN": 8192}).rental.env == (("MAX_MODEL_LEN", "8192"),)
