"""What only RunPod's jobs have; what they share with other makers is in the suites of the contract."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import Empty

import pytest

from engines import base
from engines.base import ChatRequest, Failure, Sound, Text, Usage
from engines.providers.runpod_serverless import RunpodRoute, RunpodServerless
from tests.doubles import runpod_serverless as runpod_double
from tests.doubles.base import ANSWER, RETRY_AFTER_S, TOKENS_IN, TOKENS_OUT, Double
from tests.doubles.vectors import DIMENSION, vector
from tests.engines.streaming import QUESTION, begun, chat, pieces, read, rest, usage, words

KEYS = {runpod_double.VARIABLE: runpod_double.SECRET}
BILLED_S = runpod_double.BILLED_MS / 1000


@pytest.fixture
def double() -> Iterator[Double]:
    """Run an endpoint that a test may break."""
    with runpod_double.serving() as double:
        yield double


def _provider(double: Double, **changes: object) -> RunpodServerless:
    provider = chat(runpod_double.entry(double, **{"total_s": 30, **changes}), KEYS)
    assert isinstance(provider, RunpodServerless)
    return provider


def _embedder(double: Double, **changes: object) -> RunpodServerless:
    tasks = {"tasks": ["chat", "embed", "transcribe"], "dimension": DIMENSION}
    return _provider(double, **{**tasks, **changes})


def _actions(double: Double) -> list[str]:
    prefix = f"/v2/{runpod_double.ENDPOINT}/"
    return [request.path.removeprefix(prefix).partition("/")[0] for request in double.journal]


def test_what_a_job_is_asked_and_what_it_took(double: Double) -> None:
    request = ChatRequest(
        QUESTION.question, QUESTION.sources, "Tutear.", QUESTION.history, call_id="llamada-7"
    )
    found = pieces(_provider(double, max_out_tokens=200), request)
    assert [piece.text for piece in found if isinstance(piece, Text)] == list(ANSWER), "as they come"
    assert usage(found) == Usage(TOKENS_IN, TOKENS_OUT, seconds=BILLED_S), (
        "the wait in the queue is not billed"
    )
    asked = double.journal[0]
    assert asked.headers["authorization"] == f"Bearer {runpod_double.SECRET}"
    body = asked.body
    assert body["input"]["call_id"] == "llamada-7"
    assert [message["role"] for message in body["input"]["messages"]] == [
        "system",
        "user",
        "assistant",
        "user",
    ]
    assert body["input"]["sampling_params"] == {"max_tokens": 200, "temperature": 0.2}
    assert body["policy"] == {"executionTimeout": 30_000, "ttl": 60_000}, "nobody waits longer than that"
    assert _actions(double) == ["run", *["stream"] * (len(ANSWER) + 1), "status"], "and no cancelling"


@pytest.mark.parametrize(
    ("fault", "error", "failure", "key"),
    [
        ("rate", base.Busy, Failure.RATE, ""),
        ("overloaded", base.Busy, Failure.OVERLOAD, ""),
        ("money", base.OutOfFunds, Failure.MONEY, ""),
        ("poor", base.OutOfFunds, Failure.MONEY, ""),
        ("auth", base.Misconfigured, Failure.AUTH, "api_key"),
        ("missing", base.Misconfigured, Failure.CONFIG, "endpoint"),
        ("bad_request", base.Rejected, Failure.BAD_REQUEST, ""),
        ("broken", base.Unavailable, Failure.INTERNAL, ""),
    ],
)
def test_an_error_says_what_it_means(
    double: Double, fault: str, error: type[base.EngineError], failure: Failure, key: str
) -> None:
    double.fault = fault
    provider = _embedder(double)
    for ask in (lambda: pieces(provider), provider.check, lambda: provider.embed(["a"], purpose="query")):
        double.journal.clear()
        with pytest.raises(error) as caught:
            ask()
        assert (caught.value.engine, caught.value.failure) == ("runpod", failure)
        assert getattr(caught.value, "key", "") == key
        assert getattr(caught.value, "wait_s", None) == (RETRY_AFTER_S if fault == "rate" else None)
        assert len(double.journal) == 1, "no retry"


@pytest.mark.parametrize(
    ("fault", "error", "shown"),
    [
        ("fails", base.Unavailable, 0),
        ("too_long", base.TooLong, 0),
        ("refusal", base.Declined, 0),
        ("timed_out", base.TimedOut, 0),
        ("error_line", base.Broken, 2),
        ("cancelled", base.Broken, 2),
        ("no_end", base.Broken, 2),
        ("cut", base.Broken, 2),
        ("hang", base.TimedOut, 0),
        ("hang_after", base.TimedOut, 2),
        ("malformed", base.BadAnswer, 0),
        ("not_a_stream", base.BadAnswer, 0),
    ],
)
def test_a_job_that_comes_to_nothing(
    double: Double, fault: str, error: type[base.EngineError], shown: int
) -> None:
    double.fault = fault
    clock = [0.0]
    flow = begun(replace(_provider(double), clock=lambda: clock[0]))
    heard = [flow.next(30) for _each in range(shown)]
    if fault == "hang":
        with pytest.raises(Empty):
            flow.next(0.02)
    if fault.startswith("hang"):
        clock[0] = 31.0
    with pytest.raises(error) as caught:
        rest(flow)
    assert all(isinstance(piece, Text) for piece in heard)
    if error is base.TimedOut:
        assert caught.value.failure == (Failure.TIMEOUT if shown else Failure.FIRST_TOKEN_TIMEOUT)
    has_ended_by_itself = fault in ("fails", "too_long", "refusal", "timed_out", "error_line", "cancelled")
    assert ("cancel" in _actions(double)) is not has_ended_by_itself, "what still works is not left to work"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("unknown_events", Usage(TOKENS_IN, TOKENS_OUT, BILLED_S)),
        ("length", Usage(TOKENS_IN, TOKENS_OUT, BILLED_S, is_cut=True)),
        ("no_usage", Usage(None, None)),
        ("unstreamed", Usage(None, None, BILLED_S)),
    ],
)
def test_a_worker_with_ways_of_its_own(double: Double, fault: str, told: Usage) -> None:
    double.fault = fault
    found = pieces(_provider(double))
    assert words(found) == "".join(ANSWER)
    assert usage(found) == told


def test_a_lost_answer_to_a_new_job_counts_as_one_that_may_be_paid_for(double: Double) -> None:
    double.fault = "answer_lost"
    with pytest.raises(base.Broken):
        pieces(_provider(double), ChatRequest("¿Quién?", call_id="llamada-8"))
    (job,) = double.extra["jobs"].values()
    assert job["input"]["call_id"] == "llamada-8", "a worker can tell it when it comes again"
    assert double.journal[0].body["policy"]["ttl"] <= 60_000
    with pytest.raises(base.Unreachable):
        pieces(_provider(double, address="http://127.0.0.1:9"))


def test_a_reader_who_leaves_takes_the_job_along(double: Double) -> None:
    flow = begun(_provider(double))
    assert isinstance(flow.next(30), Text)
    flow.close()
    assert double.hung_up.wait(30)
    assert [job["status"] for job in double.extra["jobs"].values()] == ["CANCELLED"]


def test_one_who_leaves_before_the_job_has_a_name_too(double: Double) -> None:
    double.fault = "slow_birth"
    double.extra["asked"] = threading.Event()
    flow = begun(_provider(double))
    assert double.extra["asked"].wait(30)
    flow.close()
    assert double.hung_up.wait(30)
    assert _actions(double) == ["run", "cancel"]


def test_while_a_job_waits_nothing_comes(double: Double) -> None:
    double.fault = "hang"
    flow = begun(_provider(double))
    with pytest.raises(Empty):
        flow.next(0.05)
    double.fault = ""
    assert words(rest(flow)) == "".join(ANSWER)


@pytest.mark.parametrize("fault", ["", "queued"])
def test_vectors(double: Double, fault: str) -> None:
    double.fault = fault
    found = _embedder(double, query_prefix="query: ").embed(["uno", "dos"], purpose="query")
    assert found.vectors.shape == (2, DIMENSION)
    first = vector("query: uno")
    assert found.vectors[0] == pytest.approx([each / sum(v * v for v in first) ** 0.5 for each in first])
    assert found.usage == Usage(TOKENS_IN, None, seconds=BILLED_S)
    assert double.journal[0].body["input"]["input"] == ["query: uno", "query: dos"]


def test_a_transcript(double: Double, tmp_path: Path) -> None:
    sound = tmp_path / "reunion.ogg"
    sound.write_bytes(b"OggS" * 20)
    provider = _embedder(double)
    told = provider.transcribe(Sound(sound, 4.5))
    assert (told.language, told.seconds, told.usage.seconds) == ("es", 4.5, BILLED_S)
    assert [segment.text for segment in told.segments] == ["Buenos días.", "Empezamos la reunión."]
    assert [word.text for word in told.segments[1].words] == ["Empezamos"]
    double.fault = "malformed"
    with pytest.raises(base.BadAnswer):
        provider.transcribe(Sound(sound, 4.5))
    sound.write_bytes(b"\0" * 7_600_000)
    asked = len(double.journal)
    with pytest.raises(base.TooLong):
        provider.transcribe(Sound(sound, 4.5))
    assert len(double.journal) == asked, "what does not fit is not sent"


def test_what_our_own_worker_tells_besides(double: Double, tmp_path: Path) -> None:
    sound = tmp_path / "reunion.flac"
    sound.write_bytes(b"fLaC" * 20)
    double.extra["own"] = True
    given = Sound(sound, 4.5, voice=((0.25, 1.75),), speakers=2, call_id="llamada-9")
    told = _embedder(double).transcribe(given)
    [segment] = told.segments
    assert [(word.text, word.confidence) for word in segment.words] == [("Buenos", 0.95), ("días.", 0.5)]
    assert segment.confidence == 0.9 and told.turns == ((0.0, 2.0, 1),)
    asked = double.journal[0].body["input"]
    assert (asked["voice"], asked["speakers"], asked["call_id"]) == ([[0.25, 1.75]], 2, "llamada-9")


def test_its_health_costs_nothing(double: Double) -> None:
    provider = _provider(double)
    provider.check()
    assert provider.load() == 3
    assert _actions(double) == ["health", "health"]
    double.fault = "malformed"
    with pytest.raises(base.BadAnswer):
        provider.check()


def test_an_entry_wants_an_endpoint_and_a_key(double: Double) -> None:
    entry = runpod_double.entry(double)
    for key in ("endpoint", "api_key_env"):
        (mistake,) = read({name: value for name, value in entry.items() if name != key}, KEYS).mistakes
        assert mistake.key == key


def test_the_route_that_speaks_openais_protocol(double: Double) -> None:
    provider = chat(runpod_double.entry(double, route="openai"), KEYS)
    assert isinstance(provider, RunpodRoute)
    clock = iter((10.0, 12.5))
    timed = replace(provider, jobs=replace(provider.jobs, clock=lambda: next(clock)))
    found = pieces(timed)
    assert words(found) == "".join(ANSWER)
    assert usage(found) == Usage(TOKENS_IN, TOKENS_OUT, seconds=2.5), "no more than we waited"
    assert double.journal[0].path == f"/v2/{runpod_double.ENDPOINT}/openai/v1/chat/completions"
    provider.check()
    assert provider.load() == 3
    assert _actions(double)[1:] == ["health", "health"], "a list of models would wake a machine"
