"""What every provider that answers keeps, each against its maker's double, over a real socket."""

import json
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from queue import Empty
from typing import Any, cast

import pytest

from engines import base, providers
from engines.base import ChatProvider, Failure, Text
from tests.doubles.base import ANSWER, CHAT_FAULTS, RETRY_AFTER_S, TOKENS_IN, TOKENS_OUT, Double
from tests.doubles.ollama import Ollama
from tests.engines import contract
from tests.engines.contract import Maker
from tests.engines.streaming import QUESTION, begun, pieces, rest, usage, words

WITHOUT_DOUBLE = {"quoting", "runpod_pod"}  # of no network; of a machine that speaks as openai_compat does
# By fault, what comes of it; those that are not here end well.
ENDS: dict[str, tuple[type[base.EngineError], Failure | None]] = {
    "rate": (base.Busy, Failure.RATE),
    "rate_bare": (base.Busy, Failure.RATE),
    "money": (base.OutOfFunds, Failure.MONEY),
    "auth": (base.Misconfigured, Failure.AUTH),
    "missing": (base.Misconfigured, Failure.CONFIG),
    "bad_request": (base.Rejected, Failure.BAD_REQUEST),
    "too_long": (base.TooLong, Failure.CONTEXT_OVERFLOW),
    "overloaded": (base.Busy, Failure.OVERLOAD),
    "broken": (base.Unavailable, Failure.INTERNAL),
    "cut": (base.Broken, Failure.BROKEN_STREAM),
    "no_end": (base.Broken, Failure.BROKEN_STREAM),
    "error_line": (base.Unavailable, None),  # makers say differently what it was
    "malformed": (base.BadAnswer, Failure.BAD_OUTPUT),
    "not_a_stream": (base.BadAnswer, Failure.BAD_OUTPUT),
    "refusal": (base.Declined, Failure.POLICY),
}
SHOWN = {"cut": (2, 2), "error_line": (2, 2), "no_end": (2, len(ANSWER))}  # words before the end
WELL = ("", "length", "unknown_events", "no_usage")
HANGS = ("hang", "hang_after")


@pytest.fixture(params=contract.makers("chat"), ids=str)
def maker(request: pytest.FixtureRequest) -> Maker:
    """Give each maker in turn."""
    return cast(Maker, request.param)


@pytest.fixture
def double(maker: Maker) -> Iterator[Double]:
    """Run the maker's double."""
    with maker.serving() as double:
        yield double


def _provider(maker: Maker, double: Double, **changes: object) -> ChatProvider:
    provider = maker.provider(double, "chat", **changes)
    assert isinstance(provider, ChatProvider)
    return provider


def _fault(maker: Maker, double: Double, fault: str) -> None:
    if fault in getattr(maker.module, "UNABLE", ()):
        pytest.skip("this maker has no such thing")
    double.fault = fault


def test_every_provider_has_its_double_and_every_fault_its_end() -> None:
    answering = {name for name in providers.names() if "chat" in providers.find(name).TASKS}
    assert answering - WITHOUT_DOUBLE == {maker.name for maker in contract.makers("chat")}
    assert set(CHAT_FAULTS) | {""} == {*ENDS, *WELL, *HANGS}


@pytest.mark.parametrize("fault", WELL)
def test_an_answer(maker: Maker, double: Double, fault: str) -> None:
    _fault(maker, double, fault)
    found = pieces(_provider(maker, double))
    assert words(found) == "".join(ANSWER)
    told = usage(found)
    if fault == "no_usage":
        assert (told.tokens_in, told.tokens_out) == (None, None), "not known is never 0"
    else:
        assert (told.tokens_in, told.tokens_out) == (TOKENS_IN, TOKENS_OUT)
    assert told.is_cut is (fault == "length")
    assert len(contract.calls(double)) == 1


@pytest.mark.parametrize("fault", ENDS)
def test_a_failure(maker: Maker, double: Double, fault: str) -> None:
    _fault(maker, double, fault)
    flow = begun(_provider(maker, double))
    shown = []
    error, failure = ENDS[fault]
    with pytest.raises(error) as caught:  # noqa: PT012 – the words before it count
        while True:
            shown.append(flow.next(30))
    least, most = SHOWN.get(fault, (0, 0))
    assert least <= len(shown) <= most
    assert shown == [Text(word) for word in ANSWER[: len(shown)]], "no Usage of what did not come to its end"
    assert failure in (None, caught.value.failure)
    assert caught.value.engine == maker.entry(double, "chat")["name"]
    if isinstance(caught.value, base.Busy):
        assert caught.value.wait_s == (RETRY_AFTER_S if fault == "rate" else None)
    if isinstance(caught.value, base.Misconfigured):
        assert caught.value.key in {"auth": ("api_key",), "missing": ("model", "endpoint")}[fault]
    assert len(contract.calls(double)) == 1, "nobody tries again behind the router's back"
    told = f"{caught.value!r}{''.join(traceback.format_exception(caught.value))}"
    assert getattr(maker.module, "SECRET", contract.SECRET) not in told
    assert QUESTION.question not in told


@pytest.mark.parametrize("fault", HANGS)
def test_who_stops_lets_the_line_go(maker: Maker, double: Double, fault: str) -> None:
    _fault(maker, double, fault)
    flow = begun(_provider(maker, double))
    if fault == "hang_after":
        assert flow.next(30) == Text(ANSWER[0])
    while not contract.calls(double):
        with suppress(Empty):
            flow.next(0.01)
    flow.close()
    assert double.hung_up.wait(30)


def test_silence_has_its_end(maker: Maker, double: Double) -> None:
    _fault(maker, double, "hang")
    with pytest.raises(base.TimedOut):
        pieces(_provider(maker, double, total_s=1))


def test_nobody_there(maker: Maker, double: Double, unused_port: int) -> None:
    provider = _provider(maker, double, address=f"http://127.0.0.1:{unused_port}")
    for ask in (lambda: pieces(provider), provider.check):
        with pytest.raises(base.Unreachable) as caught:
            ask()
        assert caught.value.failure is Failure.CONNECT


def test_no_redirect_and_no_proxy_is_followed(
    maker: Maker, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert words(pieces(_provider(maker, double))) == "".join(ANSWER)
    _fault(maker, double, "moved")
    with suppress(base.EngineError):
        pieces(_provider(maker, double))
    assert not any("elsewhere" in request.path for request in double.journal)


def test_letters_of_all_kinds(maker: Maker, double: Double) -> None:
    double.answer = ("¿Ñandú", " «5.º B»\n", "😀 — ", "中文", "\u2028\u0301 fin")
    found = pieces(_provider(maker, double))
    assert words(found) == "".join(double.answer)
    asked = replace(QUESTION, question="¿Ñandú «😀»?")
    pieces(_provider(maker, double), asked)
    assert asked.question in json.dumps(contract.calls(double)[-1].body, ensure_ascii=False)


@pytest.mark.parametrize(("asked", "entry", "most"), [(217, 4_000, 217), (4_000, 219, 219)])
def test_what_is_sent(maker: Maker, double: Double, asked: int, entry: int, most: int) -> None:
    request = replace(QUESTION, max_tokens=asked, temperature=0.375)
    pieces(_provider(maker, double, max_out_tokens=entry, accepts=["json_schema"]), request)
    (call,) = contract.calls(double)
    sent = json.dumps(call.body, ensure_ascii=False)
    for part in (QUESTION.question, QUESTION.sources[0].text, "Tutear.", "Buen día", "[2]"):
        assert part in sent
    leaves = list(_leaves(call.body))
    assert ("temperature", 0.375) not in leaves and "0.375" not in sent
    assert {value for _name, value in leaves if value in (asked, entry)} == {most}
    assert getattr(maker.module, "SECRET", contract.SECRET) not in sent


def test_answers_at_the_same_time_do_not_mix(maker: Maker, double: Double) -> None:
    provider = _provider(maker, double)
    flows = [begun(provider) for _number in range(8)]
    assert [words(rest(flow)) for flow in flows] == ["".join(ANSWER)] * 8


def test_its_check_costs_nothing(maker: Maker, double: Double) -> None:
    provider = _provider(maker, double)
    provider.check()
    assert not contract.calls(double)
    assert getattr(maker.module, "SECRET", contract.SECRET) not in repr(provider)
    for fault in ("auth", "broken"):
        _fault(maker, double, fault)
        if isinstance(double, Ollama):
            double.tags_fault = fault
        with pytest.raises(ENDS[fault][0]):
            provider.check()


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, name)
    else:
        yield name, value
