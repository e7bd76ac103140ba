"""Real sound through the real faster-whisper, with a Whisper that knows 32 sentences; and what is made up left out."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from engines import base, clips, config, doubts, word_times
from engines.base import Sound, Spoken
from engines.doubts import Doubt, Guess
from engines.providers import _whisper
from engines.providers.faster_whisper import FasterWhisper
from tests.transcription.conftest import truth, whisper_entry
from transcription import flac

LATE_S = 0.2


def _provider(folder: Path | None, models: Path = Path("/nowhere"), **changes: object) -> FasterWhisper:
    entry = whisper_entry(folder or models, **changes)
    if folder is None:
        del entry["directory"]
    catalogue = config.parse(yaml.safe_dump({"engines": [entry]}), folder=Path(), models=models, variables={})
    if catalogue.mistakes:
        raise catalogue.mistakes[0]
    found = catalogue.provider("whisper")
    assert isinstance(found, FasterWhisper)
    return found


@pytest.fixture(scope="module")
def mini(whisper_dir: Path) -> FasterWhisper:
    """Return the very small Whisper as an engine."""
    return _provider(whisper_dir)


def _words(texts: list[str]) -> list[str]:
    return " ".join(texts).lower().split()


def _errors(said: list[str], heard: list[str]) -> int:
    """Return the fewest words to add, take out or change."""
    row = list(range(len(heard) + 1))
    for at, word in enumerate(said, start=1):
        before, row[0] = row[0], at
        for place, other in enumerate(heard, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (word != other))
    return row[-1]


def _write(path: Path, samples: "np.ndarray[Any, np.dtype[np.float32]]") -> Sound:
    with path.open("wb") as target, flac.Writer(target, channels=1) as writer:
        writer.write((samples * 32_767).astype(np.int16)[:, None])
    return Sound(path, len(samples) / flac.RATE)


@pytest.mark.parametrize("name", ["entrevista-a", "reunion-tres-voces"])
def test_what_is_said_is_written_down_with_its_seconds(mini: FasterWhisper, name: str) -> None:
    spoken = truth(name)
    shares: list[float] = []
    found = mini.transcribe(Sound(spoken.path, spoken.seconds, report=shares.append))
    said, heard = _words([each.text for each in spoken.said]), _words([each.text for each in found.segments])
    assert _errors(said, heard) / len(said) <= 0.02
    assert len(found.segments) == len(spoken.said)
    for segment, real in zip(found.segments, spoken.said, strict=True):
        assert abs(segment.words[0].start_s - real.t0) <= LATE_S
        assert [word.text for word in segment.words] == segment.text.split()
        assert all(type(word.start_s) is float and 0 <= (word.confidence or 0) <= 1 for word in segment.words)
        assert all(word.end_s > word.start_s for word in segment.words)
        assert all(one.end_s <= other.start_s + 1e-6 for one, other in pairwise(segment.words))
    assert all(one.end_s <= other.start_s for one, other in pairwise(found.segments))
    assert found.language == "es" and found.usage.seconds == pytest.approx(spoken.seconds, abs=0.1)
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1.0)


def test_only_the_voice_that_is_given_is_heard_and_the_language_is_found(mini: FasterWhisper) -> None:
    spoken = truth("entrevista-a")
    second = spoken.said[1]
    voice = ((second.t0 - 0.1, second.t1 + 0.1),)
    found = mini.transcribe(Sound(spoken.path, spoken.seconds, voice=voice, language=""))
    assert [each.text for each in found.segments] == [second.text]
    assert found.language == "es"


@pytest.mark.parametrize("kind", ["silence", "noise", "hum"])
def test_where_nobody_speaks_nothing_is_written(mini: FasterWhisper, tmp_path: Path, kind: str) -> None:
    seconds = np.arange(5 * flac.RATE, dtype=np.float32) / flac.RATE
    samples = {
        "silence": np.zeros_like(seconds),
        "noise": np.random.default_rng(1).standard_normal(len(seconds)).astype(np.float32) * 0.05,
        "hum": (0.1 * np.sin(2 * np.pi * 220 * seconds)).astype(np.float32),
    }[kind]
    assert mini.transcribe(_write(tmp_path / "sonido.flac", samples)).segments == ()


@pytest.mark.parametrize("level", [0.0, 0.002])
def test_silence_that_is_said_to_be_voice_is_not_believed(
    mini: FasterWhisper, whisper_dir: Path, tmp_path: Path, level: float
) -> None:
    """The bare model says "Hasta luego." over it, and is sure of that."""
    hiss = np.random.default_rng(2).standard_normal(4 * flac.RATE).astype(np.float32) * level
    sound = _write(tmp_path / "silencio.flac", hiss)
    bare = _bare(whisper_dir, sound.path)
    assert bare.strip(), "it makes something up"
    assert mini.transcribe(Sound(sound.path, 4.0, voice=((0.5, 3.5),))).segments == ()


def _bare(folder: Path, path: Path) -> str:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)
    segments, _info = BatchedInferencePipeline(model).transcribe(
        str(path), clip_timestamps=[{"start": 0.5, "end": 3.5}], vad_filter=False, language="es", beam_size=1
    )
    return " ".join(each.text for each in segments)


def _guess(text: str, start: float = 0.0, end: float = 3.0, **told: float) -> Guess:
    measures = {"likelihood": -0.2, "silence": 0.0, "compression": 1.2, "room_s": end - start, **told}
    return Guess(Spoken(text, start, end), **measures)


@pytest.mark.parametrize(
    ("guess", "doubt"),
    [
        (_guess("Gracias."), None),
        (_guess("Empezamos la reunión del claustro con tres temas."), None),
        (_guess(" … "), Doubt.EMPTY),
        (_guess("Gracias por ver.", silence=0.9, likelihood=-1.2), Doubt.SILENCE),
        (_guess("Sí, sí.", silence=0.9), None),
        (_guess("no " * 12), Doubt.LOOP),
        (_guess("vamos a ver, " * 6), Doubt.LOOP),
        (_guess("texto", compression=3.1), Doubt.LOOP),
        (_guess("Hay que votar. Hay que votar."), None),
        (_guess("Dice lo que nadie podría decir en tan poco tiempo", end=0.4), Doubt.TOO_FAST),
    ],
)
def test_what_cannot_have_been_said(guess: Guess, doubt: Doubt | None) -> None:
    assert doubts.judge(guess) is doubt


def test_what_is_doubtful_is_listened_to_again() -> None:
    asked: list[float] = []

    def hear(start: float, _end: float) -> bool:
        asked.append(start)
        return start != 3

    long = "Pablo llamará a la empresa de catering antes del lunes próximo."
    guesses = [
        _guess("Gracias.", 0, 2),
        _guess(long, 2, 3.9),
        _guess("Gracias.", 3, 4),
        _guess("Otra cosa muy distinta se dijo entonces en la sala grande.", 4, 7, likelihood=-0.9),
    ]
    assert [each.start_s for each in doubts.sift(guesses, has_voice=hear)] == [0, 2, 4]
    assert asked[0] == 0 and asked[-2:] == [3, 4]
    same = [_guess("El menú cuesta cinco euros.", at, at + 2) for at in (0, 3, 6, 9)]
    assert [each.start_s for each in doubts.sift(same, has_voice=lambda *_: True)] == [0, 3]
    short = [_guess("Sí.", at, at + 1) for at in range(5)]
    assert len(doubts.sift(short, has_voice=lambda *_: True)) == 5, "people do say so"


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ([("uno", 0.1, 0.4), ("dos", 0.5, 2.4)], [(0.2, 0.4), (0.5, 2.0)]),
        ([("aaa", 0.1, 0.1), ("bbb", 0.1, 0.1), ("cc", 0.1, 1.0)], [(0.2, 0.5), (0.5, 0.8), (0.8, 1.0)]),
        ([("aa", 0.4, 1.0), ("bb", 1.0, 1.0), ("cc", 1.0, 1.0)], [(0.4, 0.6), (0.6, 0.8), (0.8, 1.0)]),
        ([("aa", 0.5, 0.5), ("bb", 1.0, 1.1)], [(0.5, 0.62), (1.0, 1.1)]),
        ([("aa", 2.5, 3.0)], [(1.88, 2.0)]),
        ([], []),
    ],
)
def test_times_of_words_stay_in_their_clip_and_rise(
    told: list[tuple[str, float, float]], found: list[tuple[float, float]]
) -> None:
    settled = word_times.settle([Spoken(*each) for each in told], start_s=0.2, end_s=2.0)
    assert [(round(each.start_s, 3), round(each.end_s, 3)) for each in settled] == found


@pytest.mark.parametrize(
    ("voice", "clip_s", "found"),
    [
        ([], 28, []),
        ([(0, 3), (4, 9), (10, 27), (28, 31), (32, 40)], 28, [(0, 27), (28, 40)]),
        ([(0, 3), (4, 9)], 0, [(0, 3), (4, 9)]),
        ([(0, 3), (4, 4.01), (5, 6)], 0, [(0, 3), (5, 6)]),
        ([(0, 70)], 0, [(0, 70 / 3), (70 / 3, 140 / 3), (140 / 3, 70)]),
        ([(1, 61)], 28, [(1, 31), (31, 61)]),
    ],
)
def test_clips(voice: list[clips.Stretch], clip_s: float, found: list[clips.Stretch]) -> None:
    joined = clips.join(voice, clip_s=clip_s)
    assert [side for each in joined for side in each] == pytest.approx(
        [side for each in found for side in each]
    )
    assert all(end - start <= clips.LONGEST_S + 1e-6 for start, end in joined)


def test_a_model_that_is_not_here_is_not_fetched(
    tmp_path: Path, whisper_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    spoken = truth("entrevista-a")
    provider = _provider(None, tmp_path, model="small")
    assert "get_speech_model small" in provider.lacks()
    for call in (provider.check, lambda: provider.transcribe(Sound(spoken.path, spoken.seconds))):
        with pytest.raises(base.Misconfigured) as caught:
            call()
        assert "get_speech_model small" in caught.value.detail and caught.value.key == "model"
    assert "nadie-lo-conoce" in _provider(None, tmp_path, model="nadie-lo-conoce").lacks()
    shutil.copytree(whisper_dir, tmp_path / "whisper-small")
    provider.check()
    assert provider.lacks() == ""
    (tmp_path / "whisper-small" / "tokenizer.json").unlink()
    assert provider.lacks(), "without it the library would ask the hub"


def test_a_model_is_loaded_once_until_another_is_asked_for(mini: FasterWhisper) -> None:
    def load(compute_type: str) -> object:
        with _whisper.loaded(mini.place, device="cpu", compute_type=compute_type, threads=1) as model:
            found: object = model
            return found

    first = load("int8")
    assert load("auto") is first, "which is int8 here"
    assert load("float32") is not first
    assert load("int8") is not first, "one is kept, not two"


def _break_sound(folder: Path) -> None:
    (folder / "sonido.flac").write_bytes(b"esto no es un sonido" * 50)


def _break_model(folder: Path) -> None:
    (folder / "modelo" / "model.bin").write_bytes(b"\0" * 200)


@pytest.mark.parametrize(
    ("breaks", "error"), [(_break_sound, base.BadAnswer), (_break_model, base.Misconfigured)]
)
def test_what_is_broken_says_so(
    tmp_path: Path, whisper_dir: Path, breaks: Callable[[Path], None], error: type[base.EngineError]
) -> None:
    shutil.copytree(whisper_dir, tmp_path / "modelo")
    shutil.copy(truth("entrevista-a").path, tmp_path / "sonido.flac")
    provider = _provider(tmp_path / "modelo")
    breaks(tmp_path)
    with pytest.raises(error):
        provider.transcribe(Sound(tmp_path / "sonido.flac", 16.0))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"runs": "outside"}, "runs"),
        ({"model": ""}, "model"),
        ({"device": "tpu"}, "device"),
        ({"clip_s": 31}, "clip_s"),
        ({"tasks": ["chat"]}, "tasks"),
    ],
)
def test_an_entry_with_a_mistake_names_the_key(whisper_dir: Path, changes: dict[str, Any], key: str) -> None:
    with pytest.raises(base.Misconfigured) as caught:
        _provider(whisper_dir, **changes)
    assert caught.value.key == key


def test_whoever_is_told_of_progress_may_end_it(mini: FasterWhisper) -> None:
    spoken = truth("entrevista-b")

    class Enough(Exception):
        pass

    def stop(_share: float) -> None:
        raise Enough

    sound = Sound(spoken.path, spoken.seconds, voice=((spoken.said[0].t0, spoken.said[0].t1),))
    with pytest.raises(Enough):
        mini.transcribe(replace(sound, report=stop))
    assert mini.transcribe(sound).segments, "the model is free again"
