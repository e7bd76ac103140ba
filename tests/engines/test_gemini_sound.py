"""What Gemini is asked for sound, which of its answers are believed, and what is held and booked for them."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engines import base, estimate, router
from engines.base import NoEngine, Sound, Spoken, Usage
from engines.errands import Purpose
from engines.labels import Label
from engines.providers.gemini import Gemini
from tests.conftest import Person
from tests.doubles import gemini as gemini_double
from tests.doubles.base import TOKENS_IN, TOKENS_OUT, Double
from tests.engines.installed import allow, balance, books, errand
from tests.engines.streaming import read

KEYS = {"CLAVE_DE_GEMINI": gemini_double.SECRET}
CONTENT = b"fLaC \xfb\xff y despues lo que se dijo"
LONG = "La comisión directiva propone cambiar el horario de la biblioteca desde marzo"


@pytest.fixture
def double() -> Iterator[Double]:
    """Run a Gemini that a test may break."""
    with gemini_double.serving() as double:
        yield double


@pytest.fixture
def sound(tmp_path: Path) -> Sound:
    """Return a minute and a half."""
    path = tmp_path / "parte.flac"
    path.write_bytes(CONTENT)
    return Sound(path, 90.0, language="", speakers=2)


def _entry(double: Double, **changes: object) -> dict[str, object]:
    return gemini_double.entry(double, **{"tasks": ["transcribe"], "total_s": 30, **changes})


def _provider(double: Double, **changes: object) -> Gemini:
    catalogue = read(_entry(double, **changes), KEYS)
    assert not catalogue.mistakes
    provider = catalogue.transcribe["gemini"]
    assert isinstance(provider, Gemini)
    return provider


def _say(double: Double, *segments: tuple[Any, ...], **more: object) -> None:
    keys = ("from", "to", "text", "speaker")
    told = [dict(zip(keys, each, strict=False)) for each in segments]
    double.extra["said"] = json.dumps({"segments": told, **more}, ensure_ascii=False)


def test_what_it_is_asked_and_what_is_made_of_it(double: Double, sound: Sound) -> None:
    _say(
        double,
        ("00:01.25", "00:06", f"{LONG}.", "Voz 2"),
        (6, 6, "¿Alguna objeción a la propuesta de la comisión directiva?", "Voz 1"),
        ("01:05", "01:31.5", f" {LONG}, y nadie se opuso. ", "Voz 2"),
        language="es-AR",
    )
    found = _provider(double).transcribe(sound)
    assert found.segments == (
        Spoken(f"{LONG}.", 1.25, 6.0),
        Spoken("¿Alguna objeción a la propuesta de la comisión directiva?", 6.0, 6.3),
        Spoken(f"{LONG}, y nadie se opuso.", 65.0, 90.0),
    )
    assert found.turns == ((1.25, 6.0, 1), (6.0, 6.3, 2), (65.0, 90.0, 1))
    assert (found.language, found.seconds) == ("es", 90.0)
    assert found.usage == Usage(TOKENS_IN, TOKENS_OUT, seconds=90.0), "with the tokens of its thoughts"
    (asked,) = double.journal
    assert asked.path == f"/v1beta/models/{gemini_double.MODEL}:generateContent"
    config = asked.body["generationConfig"]
    assert (config["temperature"], config["responseMimeType"]) == (0.0, "application/json")
    assert config["maxOutputTokens"] == estimate.of_sound(90.0)[1] < 16_000, "what was reckoned with"
    assert "speaker" in config["responseJsonSchema"]["properties"]["segments"]["items"]["properties"]
    inline, told = asked.body["contents"][0]["parts"]
    assert urlsafe_b64decode(inline["inlineData"]["data"]) == CONTENT
    assert "90.0 segundos" in told["text"] and "2 personas" in told["text"] and "idioma" not in told["text"]


def test_a_model_without_schemas_and_voices_that_are_not_told_apart(double: Double, sound: Sound) -> None:
    _say(double, ("00:01", "00:06", LONG, "A"), ("00:07", "00:13", f"{LONG} y abril."))
    found = _provider(double, accepts=[]).transcribe(replace(sound, language="pt"))
    assert (len(found.segments), found.turns, found.language) == (2, (), "pt")
    assert list(double.journal[0].body["generationConfig"]) == ["maxOutputTokens"]
    assert "«pt»" in double.journal[0].body["contents"][0]["parts"][1]["text"]


def test_nobody_speaks(double: Double, sound: Sound) -> None:
    _say(double, language="")
    found = _provider(double).transcribe(sound)
    assert (found.segments, found.turns, found.language) == ((), (), "")
    _say(double, ("00:10", "00:14", "Gracias."), ("00:20", "00:40", "bla " * 30))
    assert _provider(double).transcribe(replace(sound, voice=((50.0, 60.0),))).segments == ()


@pytest.mark.parametrize(
    "said",
    [
        "Claro, aquí está la transcripción:",
        "[]",
        "{}",
        '{"segments": ""}',
        '{"segments": [["00:01", "00:02", "uno"]]}',
        '{"segments": [{"from": "00:01", "text": "uno"}]}',
        '{"segments": [{"from": "00:01", "to": "00:02", "text": 7}]}',
        '{"segments": [{"from": "00:01", "to": "00:02", "text": "uno", "speaker": [1]}]}',
        '{"segments": [{"from": "00:00:01", "to": "00:00:02", "text": "uno"}]}',
        '{"segments": [{"from": "00:61", "to": "01:10", "text": "uno"}]}',
        '{"segments": [{"from": "00:09", "to": "00:02", "text": "uno"}]}',
        '{"segments": [{"from": "01:20", "to": "01:33", "text": "uno"}]}',
        '{"segments": [{"from": -1, "to": 2, "text": "uno"}]}',
        '{"segments": [{"from": true, "to": 2, "text": "uno"}]}',
        '{"segments": [{"from": 0, "to": NaN, "text": "uno"}]}',
        '{"segments": [{"from": 0, "to": 1' + "0" * 400 + ', "text": "uno"}]}',
        '{"segments": [{"from": 40, "to": 41, "text": "uno"}, {"from": 3, "to": 4, "text": "dos"}]}',
        '{"segments": ' + "[" * 100_000,
    ],
    ids=range(18),
)
def test_an_answer_that_cannot_be_true(double: Double, sound: Sound, said: str) -> None:
    double.extra["said"] = said
    with pytest.raises(base.BadAnswer) as caught:
        _provider(double).transcribe(sound)
    assert caught.value.__cause__ is None and "uno" not in caught.value.flaw, "its words stand in no log"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("length", base.BadAnswer),
        ("confused", base.BadAnswer),
        ("malformed", base.BadAnswer),
        ("unsafe", base.Declined),
        ("refusal", base.Declined),
    ],
)
def test_how_it_ends(double: Double, sound: Sound, fault: str, error: type[base.EngineError]) -> None:
    double.fault = fault
    with pytest.raises(error):
        _provider(double).transcribe(sound)
    assert len(double.journal) == 1


def test_what_does_not_fit(double: Double, sound: Sound) -> None:
    with sound.path.open("r+b") as file:
        file.truncate(16 * 1024 * 1024)
    with pytest.raises(base.TooLong):
        _provider(double).transcribe(sound)
    assert not double.journal
    (mistake,) = read(_entry(double, max_out_tokens=1_024), KEYS).mistakes
    assert mistake.key == "max_out_tokens"


@pytest.mark.django_db
def test_what_it_may_hear_is_held_for_and_booked(
    write: Callable[..., None], double: Double, sound: Sound, ana: Person
) -> None:
    write(_entry(double))
    allow(ana.member, "gemini")
    heard = errand(ana.member, purpose=Purpose.TRANSCRIBE)
    for label in (Label.CONFIDENTIAL, Label.MINORS):
        with pytest.raises(NoEngine, match="nunca sale"):
            router.transcribe(sound, errand(ana.member, label, purpose=Purpose.TRANSCRIBE))
    assert not double.bytes_seen
    allow(ana.member, "gemini", cap="0.01")
    with pytest.raises(base.OverBudget):
        router.transcribe(sound, heard)
    assert not double.bytes_seen
    allow(ana.member, "gemini")
    router.transcribe(sound, heard)
    double.fault = "length"
    with pytest.raises(base.BadAnswer):
        router.transcribe(sound, heard)
    _decisions, charges, _budget = books(ana.member)
    most_in, most_out = 32 * 90 + 1_000, double.journal[0].body["generationConfig"]["maxOutputTokens"]
    assert [(each.est_u, each.actual_u, each.basis) for each in charges] == [
        (most_in + 2 * most_out, TOKENS_IN + 2 * TOKENS_OUT, "usage"),
        (most_in + 2 * most_out, most_in + 2 * most_out, "estimate"),
    ]
    balance(ana.member)
