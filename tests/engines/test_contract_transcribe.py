"""What every provider that transcribes keeps, each against its maker's double over a real socket."""

import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from engines import base, providers
from engines.base import Failure, Sound, TranscribeProvider
from tests.doubles.base import RETRY_AFTER_S, Double
from tests.engines import contract
from tests.engines.contract import Maker

CONTENT = b"fLaC y despues lo que se dijo"
# By fault, what comes of it.
ENDS: dict[str, tuple[type[base.EngineError], Failure]] = {
    "rate": (base.Busy, Failure.RATE),
    "rate_bare": (base.Busy, Failure.RATE),
    "overloaded": (base.Busy, Failure.OVERLOAD),
    "broken": (base.Unavailable, Failure.INTERNAL),
    "auth": (base.Misconfigured, Failure.AUTH),
    "missing": (base.Misconfigured, Failure.CONFIG),
    "money": (base.OutOfFunds, Failure.MONEY),
    "bad_request": (base.Rejected, Failure.BAD_REQUEST),
    "too_long": (base.TooLong, Failure.CONTEXT_OVERFLOW),
    "not_a_stream": (base.BadAnswer, Failure.BAD_OUTPUT),
}


@pytest.fixture(params=contract.makers("transcribe"), ids=str)
def maker(request: pytest.FixtureRequest) -> Maker:
    """Give each maker in turn."""
    return cast(Maker, request.param)


@pytest.fixture
def double(maker: Maker) -> Iterator[Double]:
    """Run the maker's double."""
    with maker.serving() as double:
        yield double


@pytest.fixture
def sound(tmp_path: Path) -> Sound:
    """Return a recording with a name that is nobody's business."""
    path = tmp_path / "reunión por Juana Pérez.flac"
    path.write_bytes(CONTENT)
    return Sound(path, 4.5, voice=((0.0, 2.0), (2.0, 4.5)))


def _provider(maker: Maker, double: Double, **changes: object) -> TranscribeProvider:
    provider = maker.provider(double, "transcribe", **changes)
    assert isinstance(provider, TranscribeProvider)
    return provider


def test_every_provider_has_its_double() -> None:
    able = {name for name in providers.names() if "transcribe" in providers.find(name).TASKS}
    # faster_whisper works in this process: tests/transcription/test_faster_whisper.py has a real model for it.
    assert able - {"faster_whisper"} == {maker.name for maker in contract.makers("transcribe")}


def test_what_was_said_in_order_with_its_seconds(maker: Maker, double: Double, sound: Sound) -> None:
    found = _provider(maker, double).transcribe(sound)
    assert " ".join(each.text for each in found.segments) == "Buenos días. Empezamos la reunión."
    assert (found.language, found.seconds) == ("es", 4.5)
    times = [(each.start_s, each.end_s) for each in found.segments]
    assert times == sorted(times) == [(0.0, 2.0), (2.0, 4.5)]
    for each in found.segments:
        assert all(each.start_s <= word.start_s <= word.end_s <= each.end_s for word in each.words)
    assert found.usage.seconds is not None and found.usage.seconds > 0
    assert len(contract.calls(double)) == 1
    assert "Juana" not in repr(double.bytes_seen) and b"Juana" not in double.bytes_seen


def test_what_is_told_of_silence_is_left_out(maker: Maker, double: Double, sound: Sound) -> None:
    found = _provider(maker, double).transcribe(replace(sound, voice=((0.0, 1.9),)))
    assert [each.text for each in found.segments] == ["Buenos días."]


@pytest.mark.parametrize("fault", ENDS)
def test_a_failure(maker: Maker, double: Double, sound: Sound, fault: str) -> None:
    provider = _provider(maker, double)
    double.fault = fault
    error, failure = ENDS[fault]
    with pytest.raises(error) as caught:
        provider.transcribe(sound)
    assert caught.value.failure is failure
    assert caught.value.engine == maker.entry(double, "transcribe")["name"]
    if isinstance(caught.value, base.Busy):
        assert caught.value.wait_s == (RETRY_AFTER_S if fault == "rate" else None)
    assert len(contract.calls(double)) == 1, "nobody tries again behind the router's back"
    told = f"{caught.value!r}{''.join(traceback.format_exception(caught.value))}"
    assert getattr(maker.module, "SECRET", contract.SECRET) not in told
    double.fault = ""
    assert provider.transcribe(sound).segments, "it keeps nothing of the failure"


def test_silence_has_its_end(maker: Maker, double: Double, sound: Sound) -> None:
    double.fault = "hang"
    with pytest.raises((base.TimedOut, base.Broken)):
        _provider(maker, double, total_s=1).transcribe(sound)


def test_nobody_there(maker: Maker, double: Double, sound: Sound, unused_port: int) -> None:
    with pytest.raises(base.Unreachable):
        _provider(maker, double, address=f"http://127.0.0.1:{unused_port}").transcribe(sound)


def test_it_can_be_asked_how_it_is_for_nothing(maker: Maker, double: Double) -> None:
    _provider(maker, double).check()
    assert not contract.calls(double)
