"""An original becomes a sound that can be cut and played: its length, its voices, its channels, and what is missing."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from documents import uploads
from documents.models import Document
from documents.uploads import Facts
from pipeline.stages import Cancelled, Impossible
from schools.ids import SchoolId
from schools.scope import school_scope
from tests.conftest import Person
from tests.transcription import sound_files
from tests.transcription.sound_files import KINDS, SOUNDS, Made, Samples, pack, speech, tone
from transcription import flac, normalise, sounds
from transcription.models import Recording, SpeakersBy
from transcription.stereo import Stereo
from transcription.voice import Voice

BY_NAME = {made.name: made for made in KINDS}
PLAIN = Made("voz.wav", "wav", "pcm_s16le", flac.RATE)
RATE = flac.RATE
ONE, OTHER = speech("entrevista-a"), speech("entrevista-b")


@dataclass
class Bench:
    """A stage's Work, which a person may take back when it reports."""

    school_id: SchoolId
    subject_id: UUID
    is_cancelled: bool = False
    reported: list[float] = field(default_factory=list)
    asked_by: None = None

    def report(self, done: float, total: float) -> None:
        self.reported.append(done / total)
        if self.is_cancelled:
            raise Cancelled

    def hold(self) -> None:
        """Be the holder."""


def receive(person: Person, content: bytes, *, name: str = "voz.wav") -> UUID:
    return uploads.receive(person.member, SimpleUploadedFile(name, content), facts=Facts()).document_id


def normalised(person: Person, content: bytes, *, name: str = "voz.wav") -> tuple[Document, Recording]:
    """Upload a recording, run the stage, and return what is known then."""
    bench = Bench(person.school_id, receive(person, content, name=name))
    normalise.normalise(bench)
    assert bench.reported == sorted(bench.reported)
    assert not bench.reported or bench.reported[-1] <= 1.0
    return rows(person, bench.subject_id)


def rows(person: Person, document_id: UUID) -> tuple[Document, Recording]:
    with school_scope(person.school_id):
        return Document.objects.get(pk=document_id), Recording.objects.get(pk=document_id)


def codes(document: Document) -> list[str]:
    return [each["code"] for each in document.unreadable]


def covered(voice: list[list[float]], truth: list[tuple[float, float]]) -> float:
    """Return the share of the time in which somebody really speaks that was found."""
    found = sum(max(0.0, min(b, d) - max(a, c)) for a, b, *_ in voice for c, d in truth)
    return found / sum(to_s - from_s for from_s, to_s in truth)


def truth(name: str) -> list[tuple[float, float]]:
    told = json.loads((SOUNDS / f"{name}.json").read_text("utf-8"))
    return [(each["t0"], each["t1"]) for each in told["segments"]]


def test_a_recording_becomes_its_sound(ana: Person, tmp_path: Path) -> None:
    original = pack(Made("", "mp3", "libmp3lame", RATE), ONE)
    document, recording = normalised(ana, original, name="Entrevista.mp3")
    seconds = len(ONE) / RATE
    assert recording.pk == document.pk
    assert recording.duration_s == pytest.approx(seconds, abs=0.05)
    assert (recording.channels, recording.has_sound, document.pages) == (1, True, None)
    assert (recording.speakers_by, recording.turns, document.unreadable) == (SpeakersBy.NOBODY, [], [])
    assert covered(recording.voice, truth("entrevista-a")) > 0.95
    assert sum(to_s - from_s for from_s, to_s in recording.voice) < 0.95 * seconds
    peaks = bytes(recording.peaks)
    assert len(peaks) == pytest.approx(seconds * 10, abs=1)
    assert max(peaks) == pytest.approx(int(np.abs(ONE).max()) >> 7, abs=8)
    assert max(peaks[:5]) < 8  # nobody speaks yet

    whole = sounds.samples(document, 0, seconds + 10)
    assert whole.shape == (round((recording.duration_s or 0) * RATE), 1)
    assert float(np.corrcoef(whole[: len(ONE), 0], ONE[: len(whole), 0])[0, 1]) > 0.97
    for from_s, to_s in ((0.0, 1.0), (3.21, 9.876), (15.5, 99.0), (-1.0, 0.5), (99.0, 100.0)):
        wanted = whole[max(0, round(from_s * RATE)) : round(to_s * RATE)]
        assert np.array_equal(sounds.samples(document, from_s, to_s), wanted)
        sounds.part(document, from_s, to_s, tmp_path / "part.flac")
        with (tmp_path / "part.flac").open("rb") as file:
            pieces = list(flac.read(file, 0, 100))
        cut = np.concatenate(pieces) if pieces else np.zeros((0, 1), np.int16)
        assert np.array_equal(cut.astype(np.float32) / 32_768, wanted)


def taking_turns(*, through: float = 0.0) -> Samples:
    """Return one speaker on the left and then the other on the right, each so loud through the other's microphone."""
    left = np.concatenate([ONE, np.zeros_like(OTHER)]).astype(np.float32)
    right = np.concatenate([np.zeros_like(ONE), OTHER]).astype(np.float32)
    both: Samples = np.rint(np.hstack([left + through * right, right + through * left])).astype(np.int16)
    return both


def test_a_speaker_on_each_channel_stays_on_it(ana: Person) -> None:
    document, recording = normalised(ana, pack(PLAIN, taking_turns(through=0.1)))
    assert (recording.channels, recording.speakers_by) == (2, SpeakersBy.CHANNELS)
    starts_s = len(ONE) / RATE
    own = {
        1: truth("entrevista-a"),
        2: [(from_s + starts_s, to_s + starts_s) for from_s, to_s in truth("entrevista-b")],
    }
    for number, spoken in own.items():
        turns = [turn for turn in recording.turns if turn[2] == number]
        assert covered(turns, spoken) > 0.95
    assert covered(recording.voice, [*own[1], *own[2]]) > 0.95
    assert sounds.samples(document, 0, 1).shape == (RATE, 2)


NOISE = np.random.default_rng(3).normal(0, 400, (len(ONE), 2)).astype(np.int16)


@pytest.mark.parametrize(
    ("both", "keeps_both", "weights"),
    [
        (taking_turns(), True, None),
        (taking_turns(through=0.25), True, None),
        (taking_turns(through=0.7), False, (0.5, 0.5)),  # one room, two microphones
        (np.hstack([ONE, ONE]), False, (0.5, 0.5)),
        (np.hstack([ONE, ONE // 3]) + NOISE, False, (0.5, 0.5)),
        (np.hstack([ONE, -ONE]), False, (1.0, 0.0)),
        (np.hstack([np.zeros_like(ONE), ONE]), False, (0.0, 1.0)),
        (np.hstack([ONE, NOISE[:, :1] // 20]), False, (1.0, 0.0)),  # one microphone
        (np.zeros((RATE, 2), np.int16), False, (0.5, 0.5)),
        (np.zeros((10, 2), np.int16), False, (0.5, 0.5)),
    ],
    ids=["apart", "heard through", "a room", "same", "nearer", "upside down", "left dead", "hiss", "silent", "short"],
)  # fmt: skip
def test_two_channels_are_two_speakers_or_one_room(
    both: Samples, keeps_both: bool, weights: tuple[float, float] | None
) -> None:
    stereo = Stereo()
    for begins in range(0, len(both), 4_321):
        stereo.hear(both[begins : begins + 4_321])
    mix = stereo.decide()
    assert mix.keeps_both is keeps_both
    assert weights is None or mix.weights == weights
    assert mix.apply(both).shape == (len(both), 2 if keeps_both else 1)


def test_voice_is_found_as_in_one_go_however_it_comes() -> None:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    samples = speech("reunion-tres-voces")[:, 0]
    options = VadOptions(min_speech_duration_ms=350, min_silence_duration_ms=200, speech_pad_ms=100)
    theirs = get_speech_timestamps(samples.astype(np.float32) / 32_768, options)
    for size in (777, 65_536, len(samples)):
        voice = Voice()
        for begins in range(0, len(samples), size):
            voice.hear(samples[begins : begins + size])
        assert np.allclose(
            voice.end(), [(each["start"] / RATE, each["end"] / RATE) for each in theirs], atol=2e-4
        )


def chords() -> Samples:
    """Return music: four chords, plucked."""
    fades = np.exp(-np.arange(RATE) / RATE * 3).reshape(-1, 1)
    chords = [(262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294)]
    parts = [sum(tone(1.0, hz=hz, loud=4_000).astype(np.float64) for hz in chord) * fades for chord in chords]
    return np.concatenate(parts * 2).astype(np.int16)


@pytest.mark.parametrize(
    "samples", [np.zeros((3 * RATE, 1), np.int16), NOISE[: 3 * RATE, :1] // 4, chords()], ids=["none", "hiss", "music"]
)  # fmt: skip
def test_where_nobody_speaks_it_is_told_and_the_work_goes_on(ana: Person, samples: Samples) -> None:
    document, recording = normalised(ana, pack(PLAIN, samples))
    assert (recording.voice, recording.has_sound) == ([], True)
    assert (document.unreadable[0]["reason"], codes(document)) == ("No se oye hablar a nadie.", ["no_voice"])


def test_a_telephones_sound_is_enough(ana: Person) -> None:
    narrow = ONE[: len(ONE) // 2 * 2].reshape(-1, 2).mean(axis=1).astype(np.int16).reshape(-1, 1)
    _document, recording = normalised(ana, pack(BY_NAME["vieja.wav"], narrow))
    assert covered(recording.voice, truth("entrevista-a")) > 0.9


def test_what_a_file_lacks_is_told_at_its_seconds(ana: Person) -> None:
    made = BY_NAME["clase.mkv"]
    content = pack(made, tone(4.0, rate=made.rate), tone(4.0, rate=made.rate))
    document, _recording = normalised(ana, content[: len(content) // 2], name="clase.mkv")
    assert codes(document) == ["truncated", "other_tracks", "no_voice"]
    place = document.unreadable[0]["place"]
    assert place["kind"] == "time"
    assert 1.0 < place["from_s"] < 3.0 < place["to_s"] < 4.2
    assert "incompleto: falta de 0:0" in document.unreadable[0]["reason"]


def test_a_second_time_keeps_what_people_said(ana: Person) -> None:
    bench = Bench(ana.school_id, receive(ana, pack(PLAIN, np.zeros((RATE, 1), np.int16))))
    later = {"place": None, "reason": "…", "code": "not_understood", "ignored": True}
    with school_scope(ana.school_id):
        document = Document.objects.get()
        Recording.objects.create(pk=document.pk, document=document, language="", speakers_asked=3, revision=4)
    normalise.normalise(bench)
    with school_scope(ana.school_id):
        document = Document.objects.get()
        document.unreadable = [{**document.unreadable[0], "ignored": True}, later]
        document.save()
    normalise.normalise(bench)
    document, recording = rows(ana, bench.subject_id)
    assert (recording.language, recording.speakers_asked, recording.revision) == ("", 3, 4)
    assert [(each["code"], each["ignored"]) for each in document.unreadable] == [
        ("no_voice", True),
        ("not_understood", True),
    ]
    assert default_storage.size(document.sound_key) > 0


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (sound_files.film_without_sound, "muda.mp4", "no_sound"),
        (lambda: b"OggS\x00" + bytes(2_000), "rota.ogg", "broken_sound"),
    ],
)
def test_what_gives_no_sound_ends_the_run_with_a_reason(
    ana: Person, content: Callable[[], bytes], name: str, code: str
) -> None:
    bench = Bench(ana.school_id, receive(ana, content(), name=name))
    with pytest.raises(Impossible) as caught:
        normalise.normalise(bench)
    assert caught.value.code == code
    assert caught.value.reason.endswith(".")
    with school_scope(ana.school_id):
        assert not Recording.objects.exists()
        assert not default_storage.exists(Document.objects.get().sound_key)


def test_taken_back_it_stops_and_leaves_nothing(
    ana: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    bench = Bench(ana.school_id, receive(ana, pack(PLAIN, taking_turns())), is_cancelled=True)
    with pytest.raises(Cancelled):
        normalise.normalise(bench)
    with school_scope(ana.school_id):
        assert not Recording.objects.exists()
        assert not default_storage.exists(Document.objects.get().sound_key)
    assert list(tmp_path.iterdir()) == []
