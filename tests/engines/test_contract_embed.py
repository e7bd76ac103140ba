"""What every provider that makes vectors keeps, each against its maker's double, or with a real model."""

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from engines import base, providers
from engines.base import EmbedProvider, Failure, Vectors
from tests.doubles.base import EMBED_FAULTS, RETRY_AFTER_S, Double
from tests.engines import contract
from tests.engines.conftest import Reader, fastembed_entry
from tests.engines.contract import Maker

TEXTS = ["Las inasistencias justifican con certificado médico", "El comedor abre los lunes", "Las faltas"]
LOCAL = "fastembed"  # works in this process: no double, no faults of a network
Embedder = Callable[..., EmbedProvider]
# By fault, what comes of it.
ENDS: dict[str, tuple[type[base.EngineError], Failure]] = {
    "too_few": (base.BadAnswer, Failure.BAD_OUTPUT),
    "too_many": (base.BadAnswer, Failure.BAD_OUTPUT),
    "wrong_size": (base.Misconfigured, Failure.CONFIG),  # all of one size: the entry is wrong
    "not_a_number": (base.BadAnswer, Failure.BAD_OUTPUT),
    "null": (base.BadAnswer, Failure.BAD_OUTPUT),
    "empty": (base.BadAnswer, Failure.BAD_OUTPUT),
    "malformed": (base.BadAnswer, Failure.BAD_OUTPUT),
    "rate": (base.Busy, Failure.RATE),
    "broken": (base.Unavailable, Failure.INTERNAL),
}
# What is not asked of every double; those that have it end so.
MORE: dict[str, tuple[type[base.EngineError], Failure]] = {
    "auth": (base.Misconfigured, Failure.AUTH),
    "money": (base.OutOfFunds, Failure.MONEY),
    "missing": (base.Misconfigured, Failure.CONFIG),
    "too_long": (base.TooLong, Failure.CONTEXT_OVERFLOW),
    "overloaded": (base.Busy, Failure.OVERLOAD),
}


@pytest.fixture(params=contract.makers("embed"), ids=str)
def maker(request: pytest.FixtureRequest) -> Maker:
    """Give each maker in turn."""
    return cast(Maker, request.param)


@pytest.fixture
def double(maker: Maker) -> Iterator[Double]:
    """Run the maker's double."""
    with maker.serving() as double:
        yield double


@pytest.fixture(params=[*contract.makers("embed"), LOCAL], ids=str)
def embedder(request: pytest.FixtureRequest, read: Reader) -> Iterator[Embedder]:
    """Give a function that returns each provider, with changes of its entry."""
    if request.param == LOCAL:
        folder: Path = request.getfixturevalue("tiny_folder")
        yield lambda **changes: read(fastembed_entry(folder, **changes)).embed[
            str({"name": "tiny", **changes}["name"])
        ]
    else:
        maker = cast(Maker, request.param)
        with maker.serving() as double:
            yield lambda **changes: _provider(maker, double, **changes)


def _provider(maker: Maker, double: Double, **changes: object) -> EmbedProvider:
    provider = maker.provider(double, "embed", **changes)
    assert isinstance(provider, EmbedProvider)
    return provider


def _vectors(provider: EmbedProvider, *texts: str, purpose: base.Purpose = "index") -> Vectors:
    return provider.embed(texts, purpose=purpose).vectors


def test_every_provider_has_its_double_and_every_fault_its_end() -> None:
    embedding = {name for name in providers.names() if "embed" in providers.find(name).TASKS}
    without = {LOCAL, "runpod_pod"}  # the other speaks as openai_compat does
    assert embedding - without == {maker.name for maker in contract.makers("embed")} - without
    assert set(EMBED_FAULTS) == set(ENDS)


def test_one_row_of_length_one_per_text_in_order(embedder: Embedder) -> None:
    provider = embedder()
    found = _vectors(provider, *TEXTS)
    assert found.shape[0] == 3 and found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1, 1], abs=1e-6)
    for text, row in zip(TEXTS, found, strict=True):
        assert _vectors(provider, text)[0] == pytest.approx(row, abs=1e-6)


def test_no_text_gives_no_row(embedder: Embedder) -> None:
    provider = embedder()
    assert _vectors(provider).shape == (0, _vectors(provider, "uno").shape[1])


def test_many_texts_of_any_length(embedder: Embedder) -> None:
    texts = [" ".join(["comedor"] * (1 + number % 40)) for number in range(64)]
    assert _vectors(embedder(), *texts, "ñandú áéíóú — «5.º B»").shape[0] == 65


def test_prefixes_tell_questions_from_passages(embedder: Embedder) -> None:
    plain = embedder(query_prefix="", index_prefix="")
    provider = embedder(name="con-prefijos", query_prefix="query: ", index_prefix="passage: ")
    for purpose, prefix in (("query", "query: "), ("index", "passage: ")):
        with_prefix = _vectors(provider, "el comedor", purpose=cast(base.Purpose, purpose))
        by_hand = _vectors(plain, f"{prefix}el comedor", purpose=cast(base.Purpose, purpose))
        assert with_prefix == pytest.approx(by_hand, abs=1e-6)


def test_a_dimension_that_the_model_does_not_have_names_the_key(embedder: Embedder) -> None:
    with pytest.raises(base.Misconfigured) as caught:
        _vectors(embedder(dimension=3), "uno")
    assert caught.value.key == "dimension"
    assert str(_vectors(embedder(), "uno").shape[1]) in caught.value.detail


def test_what_it_takes_is_told_or_unknown(embedder: Embedder) -> None:
    tokens_in = embedder().embed(TEXTS, purpose="index").usage.tokens_in
    assert tokens_in is None or tokens_in >= 0
    embedder().check()


@pytest.mark.parametrize("fault", [*ENDS, *MORE])
def test_a_failure(maker: Maker, double: Double, fault: str) -> None:
    provider = _provider(maker, double)
    _vectors(provider, *TEXTS)
    double.fault = fault
    error, failure = {**ENDS, **MORE}[fault]
    if fault in MORE and fault in getattr(maker.module, "UNABLE", ()):
        pytest.skip("this maker has no such thing")
    with pytest.raises(error) as caught:
        _vectors(provider, *TEXTS)
    assert caught.value.failure is failure
    assert caught.value.engine == maker.entry(double, "embed")["name"]
    if isinstance(caught.value, base.Busy):
        assert caught.value.wait_s == (RETRY_AFTER_S if fault == "rate" else None)
    assert len(contract.calls(double)) == 2, "nobody tries again behind the router's back"
    told = f"{caught.value!r}{''.join(traceback.format_exception(caught.value))}"
    assert getattr(maker.module, "SECRET", contract.SECRET) not in told
    assert TEXTS[0] not in told
    double.fault = ""
    assert _vectors(provider, *TEXTS).shape[0] == 3, "it keeps nothing of the failure"


def test_silence_has_its_end(maker: Maker, double: Double) -> None:
    double.fault = "hang"
    # A job's maker may have taken it: then the line is broken, and what it costs is not known.
    with pytest.raises((base.TimedOut, base.Broken)):
        _vectors(_provider(maker, double, total_s=1), "uno")


def test_nobody_there(maker: Maker, double: Double, unused_port: int) -> None:
    provider = _provider(maker, double, address=f"http://127.0.0.1:{unused_port}")
    with pytest.raises(base.Unreachable):
        _vectors(provider, "uno")
