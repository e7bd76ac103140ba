"""The worker of deploy/runpod: what it takes, what it says, and what it refuses. With real sound and a real model."""

import base64
from pathlib import Path
from typing import Any

import pytest

from deploy.runpod import diarization, hearing
from engines import runpod_jobs
from engines.base import Engine, Sound
from tests.transcription.conftest import truth

SOUND = truth("entrevista-a")


@pytest.fixture(scope="module")
def model(whisper_dir: Path) -> Any:
    """Return the very small Whisper."""
    from faster_whisper import WhisperModel

    return WhisperModel(str(whisper_dir), device="cpu", compute_type="int8", cpu_threads=1)


def test_what_the_house_asks_is_answered_as_the_house_reads_it(model: Any) -> None:
    said = SOUND.said[:2]
    voice = tuple((each.t0 - 0.1, each.t1 + 0.1) for each in said)
    sound = Sound(SOUND.path, SOUND.seconds, voice=voice[:1], speakers=1, call_id="llamada-3")
    asked = runpod_jobs.listening(sound, model="large-v3")

    def diarize(_audio: Any, wanted: hearing.Asked) -> list[dict[str, Any]]:
        assert wanted.speakers == 1
        return diarization.turns([(5.0, 6.0, "B"), (0.9, 3.6, "A"), (7.0, 8.0, "A")])

    told = hearing.listen(hearing.read(asked), model, diarize)
    assert told["call_id"] == "llamada-3" and told["seconds"] == pytest.approx(SOUND.seconds, abs=0.1)
    job = runpod_jobs.Job("1", "COMPLETED", output=told, billed_s=2.0)
    engine = Engine("runpod", "runpod_serverless", ("transcribe",), "ours")
    found = runpod_jobs.transcript(job, sound, engine=engine)
    assert [each.text for each in found.segments] == [said[0].text]
    words = found.segments[0].words
    assert [word.text for word in words] == said[0].text.split()
    assert words[0].start_s == pytest.approx(said[0].t0, abs=0.2)
    assert all(0 < (word.confidence or 0) <= 1 for word in words)
    assert found.turns == ((0.9, 3.6, 1), (5.0, 6.0, 2), (7.0, 8.0, 1))
    assert (found.language, found.usage.seconds) == ("es", 2.0)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "no_audio"),
        ({"audio_base64": "QUJD", "audio_url": "https://ejemplo.test/a.mp3"}, "no_audio"),
        ({"audio_base64": "esto no es base64"}, "bad_audio"),
        ({"audio_url": "http://ejemplo.test/a.mp3"}, "bad_url"),
        ({"audio_url": "file:///etc/passwd"}, "bad_url"),
        ({"audio_base64": "QUJD", "language": "español de acá"}, "bad_language"),
        ({"audio_base64": "QUJD", "voice": [[3, 1]]}, "bad_voice"),
        ({"audio_base64": "QUJD", "voice": "todo"}, "bad_voice"),
        ({"audio_base64": "QUJD", "speakers": 0}, "bad_speakers"),
        ({"audio_base64": "QUJD", "max_speakers": True}, "bad_speakers"),
    ],
)
def test_what_cannot_be_used_is_refused(given: dict[str, Any], code: str) -> None:
    with pytest.raises(hearing.Refused) as caught:
        hearing.read(given)
    assert caught.value.code == code


@pytest.mark.parametrize("address", ["https://127.0.0.1/a.mp3", "https://localhost/a.mp3"])
def test_an_address_of_the_workers_own_network_is_not_fetched(model: Any, address: str) -> None:
    with pytest.raises(hearing.Refused) as caught:
        hearing.listen(hearing.read({"audio_url": address}), model)
    assert caught.value.code == "bad_url"


def test_what_is_no_sound_is_told(model: Any) -> None:
    given = {"audio_base64": base64.b64encode(b"esto no es un sonido" * 50).decode()}
    with pytest.raises(hearing.Refused) as caught:
        hearing.listen(hearing.read(given), model)
    assert caught.value.code == "bad_audio"


def test_clips_stay_inside_what_the_model_hears_at_once() -> None:
    clips = list(hearing._clips([(0, 3), (4, 20), (26, 29), (40, 105)]))
    assert clips == [(0, 20), (26, 29), (40, 70), (70, 100), (100, 105)]
