"""Recordings written down part by part: nothing twice, nothing lost, nothing to whom it may not go."""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.utils import timezone
from faster_whisper.audio import decode_audio

from documents import places
from documents.models import Document
from engines import cards, rules
from engines.base import BadAnswer
from pipeline import runs
from pipeline.advance import advance
from pipeline.models import Due, Mark, Run, RunState
from pipeline.stages import Impossible, Later, LeaseLost, stages_of
from schools.ids import RunId, SchoolId
from schools.scope import school_scope
from tests.conftest import Person
from tests.doubles import openai as openai_double
from tests.doubles import openai_compat
from tests.doubles.base import Double
from tests.transcription.conftest import truth, whisper_entry
from tests.transcription.made import transcript
from transcription import estimate, flac, parts, speech
from transcription.models import Part, Recording

Stretch = tuple[float, float]
EnginesFile = Callable[..., None]


class Killed(BaseException):
    """Ends a stage as a killed worker does: nothing is tidied up."""


@dataclass
class Job:
    """One stage of one run, as the stage sees it: what it reports is kept, and may end it."""

    school_id: SchoolId
    subject_id: UUID
    ends: Callable[[float], None] = lambda _share: None
    shares: list[float] = field(default_factory=list)
    asked_by: None = None

    def report(self, done: float, total: float) -> None:
        self.shares.append(done / total)
        self.ends(done / total)

    def hold(self) -> None:
        pass


def _flac(samples: "np.ndarray[Any, np.dtype[np.int16]]") -> bytes:
    file = io.BytesIO()
    file.name = "sonido.flac"
    with flac.Writer(file, channels=samples.shape[1]) as writer:
        writer.write(samples)
    return file.getvalue()


def _recorded(
    person: Person,
    sound: bytes,
    voice: Sequence[Stretch],
    *,
    recording: dict[str, Any] | None = None,
    **facts: Any,
) -> Document:
    """Return a recording whose sound is prepared and not written down."""
    document = transcript(person, spoken=[], sound=sound, **{"sensitivity": "internal", **facts})
    with school_scope(person.school_id):
        Recording.objects.filter(pk=document.pk).update(
            voice=[list(each) for each in voice], speakers_by="", **(recording or {})
        )
    return document


@cache
def _long_silence() -> bytes:
    return _flac(np.zeros((700 * flac.RATE, 1), dtype=np.int16))


@pytest.fixture
def long(ana: Person) -> Document:
    """Return a recording of three parts, to be written down by an engine that hears the same in each."""
    return _recorded(ana, _long_silence(), [(at, at + 7.0) for at in np.arange(1.0, 690.0, 10.0).tolist()])


@pytest.fixture
def vllm() -> Iterator[Double]:
    """Run a server of the school's own that transcribes."""
    with openai_compat.serving() as double:
        yield double


def _school(document: Document) -> SchoolId:
    assert document.school_id is not None
    return SchoolId(document.school_id)


def _near(double: Double, **changes: object) -> dict[str, object]:
    return openai_compat.entry(double, **{"tasks": ["transcribe"], "timestamps": "words", **changes})


def _named(model: str) -> dict[str, object]:
    """Return an entry of a model by its name, which has to be here."""
    entry = whisper_entry(Path(), model=model)
    del entry["directory"]
    return entry


def _rows(document: Document) -> list[Part]:
    with school_scope(_school(document)):
        return list(Part.objects.filter(recording_id=document.pk).order_by("ordinal"))


def _job(document: Document, **changes: Any) -> Job:
    return Job(_school(document), document.pk, **changes)


def _unreadable(document: Document) -> list[dict[str, Any]]:
    with school_scope(_school(document)):
        return list(Document.objects.get(pk=document.pk).unreadable)


def test_real_sound_becomes_words_with_the_seconds_of_the_recording(ana: Person, whisper: None) -> None:
    spoken = truth("entrevista-a")
    before_s = 5
    samples = decode_audio(str(spoken.path))
    whole = np.concatenate([np.zeros(before_s * flac.RATE), samples, np.zeros(4 * flac.RATE)])
    voice = [(each.t0 - 0.1 + before_s, each.t1 + 0.1 + before_s) for each in spoken.said]
    silent = (len(whole) / flac.RATE - 3.0, len(whole) / flac.RATE - 1.0)
    document = _recorded(ana, _flac((whole * 32_767).astype(np.int16)[:, None]), [*voice, silent])
    job = _job(document)
    speech.transcribe(job)
    [row] = _rows(document)
    assert [each["text"] for each in row.spoken] == [each.text for each in spoken.said]
    for each, real in zip(row.spoken, spoken.said, strict=True):
        assert each["words"][0][1] == pytest.approx(real.t0 + before_s, abs=0.2)
        assert [word[0] for word in each["words"]] == each["text"].split()
    assert (row.engine, row.runs, row.language) == ("whisper", "here", "es") and row.done_at is not None
    assert json.dumps(row.spoken), "plain numbers"
    assert job.shares == sorted(job.shares) and len(job.shares) >= 3
    # A voice that is claimed and was not understood is told, and made up nothing.
    [told] = _unreadable(document)
    assert told["code"] == speech.NOT_UNDERSTOOD
    assert places.from_json(told["place"]) == places.Time(round(silent[0], 1), round(silent[1], 1))
    with school_scope(ana.school_id):
        Document.objects.filter(pk=document.pk).update(unreadable=[{**told, "ignored": True}])
    speech.transcribe(_job(document))
    assert _unreadable(document) == [{**told, "ignored": True}], "what a person set aside stays so"


def test_two_channels_are_two_voices_also_at_once(ana: Person, whisper: None) -> None:
    left, right = truth("entrevista-a"), truth("entrevista-b")
    sides = [decode_audio(str(each.path))[: 10 * flac.RATE] for each in (left, right)]
    turns = [
        [each.t0 - 0.1, each.t1 + 0.1, number]
        for number, side in enumerate((left, right), start=1)
        for each in side.said[:2]
    ]
    document = _recorded(
        ana,
        _flac((np.stack(sides, axis=1) * 32_767).astype(np.int16)),
        [(0.8, 7.2)],
        recording={"channels": 2, "turns": turns},
    )
    speech.transcribe(_job(document))
    [row] = _rows(document)
    told = {(each["speaker"], each["text"]) for each in row.spoken}
    assert told == {(number, each.text) for number, side in ((1, left), (2, right)) for each in side.said[:2]}
    assert [each["from_s"] for each in row.spoken] == sorted(each["from_s"] for each in row.spoken)
    assert {turn[2] for turn in row.turns} == {1, 2}


@pytest.mark.parametrize("ending", [Killed, LeaseLost])
def test_whoever_takes_up_the_work_transcribes_no_part_twice(
    engines_file: EnginesFile, vllm: Double, long: Document, ending: type[BaseException]
) -> None:
    engines_file(_near(vllm))

    def end(share: float) -> None:
        if share > 0.3:
            raise ending

    with pytest.raises(ending):
        speech.transcribe(_job(long, ends=end))
    assert len(vllm.journal) == 1 and len(_rows(long)) == 1
    speech.transcribe(_job(long))
    speech.transcribe(_job(long))
    assert len(vllm.journal) == 3
    rows = _rows(long)
    assert [row.ordinal for row in rows] == [0, 1, 2]
    assert [row.spoken[0]["from_s"] for row in rows] == [row.from_s for row in rows]
    assert all(one.to_s <= other.from_s for one, other in pairwise(rows))


def test_another_sound_is_written_down_anew(engines_file: EnginesFile, vllm: Double, long: Document) -> None:
    engines_file(_near(vllm))
    speech.transcribe(_job(long))
    with school_scope(_school(long)):
        Recording.objects.filter(pk=long.pk).update(voice=[[1.0, 8.0], [11.0, 18.0]])
    speech.transcribe(_job(long))
    assert [(row.from_s, row.to_s) for row in _rows(long)] == [(1.0, 18.0)]
    assert len(vllm.journal) == 4


def test_without_an_engine_the_recording_waits_and_goes_on_when_there_is_one(
    settings: Any,
    engines_file: EnginesFile,
    vllm: Double,
    ana: Person,
    long: Document,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    settings.PIPELINES = {**settings.PIPELINES, "recording": ("transcription.speech.TRANSCRIBE",)}
    stages_of.cache_clear()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    engines_file(_named("small"))
    try:
        with school_scope(ana.school_id):
            run_id = runs.start("recording", long.pk)
        _advance(ana, run_id)
        with school_scope(ana.school_id):
            mark = Mark.objects.get(run_id=run_id)
            assert "Falta el modelo de voz: ./preceptor manage get_speech_model small" in mark.waits
            assert (mark.attempts, mark.lease) == (0, None)
            assert Run.objects.get(pk=run_id).state == RunState.RUNNING
        engines_file(_near(vllm))
        _advance(ana, run_id)
        with school_scope(ana.school_id):
            assert Run.objects.get(pk=run_id).state == RunState.DONE
        assert len(_rows(long)) == 3
    finally:
        stages_of.cache_clear()


def test_a_model_that_is_not_here_is_told_where_engines_and_uploads_are_shown(
    settings: Any, engines_file: EnginesFile, ana: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    engines_file(_named("small"))
    [card] = cards.shelf(ana.member).cards
    assert (card.now.level, card.now.text) == ("bad", "No está listo")
    for told in (card.now.detail, estimate.estimate(ana.member, seconds=60, label="internal").refused):
        assert "Falta el modelo de voz: ./preceptor manage get_speech_model small" in told


def _advance(person: Person, run_id: RunId) -> None:
    Due.objects.filter(run_id=run_id).update(next_at=timezone.now())
    advance(person.school_id, run_id)


def test_what_an_engine_may_not_hear_never_reaches_it(
    engines_file: EnginesFile, ana: Person, long: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAVE_DE_OPENAI", openai_double.SECRET)
    with openai_double.serving() as far:
        engines_file(
            openai_double.entry(far, tasks=["transcribe"], price={"per_minute": 0.006}),
        )
        speak = estimate.estimate(ana.member, seconds=600, label="internal")
        assert not speak.engine and "tope del mes en Motores" in speak.refused
        with pytest.raises(Later) as waiting:
            speech.transcribe(_job(long))
        assert "La escuela no lo habilitó" in waiting.value.told
        rules.allow(ana.member, "openai", is_enabled=True, max_label="internal")
        rules.plan(ana.member, cap=Decimal(5))
        for label in ("confidential", "minors", ""):
            with school_scope(ana.school_id):
                Document.objects.filter(pk=long.pk).update(sensitivity=label)
            with pytest.raises(Later) as refused:
                speech.transcribe(_job(long))
            assert "nunca sale" in refused.value.told
        assert not far.journal, "not a byte"
        with school_scope(ana.school_id):
            Document.objects.filter(pk=long.pk).update(sensitivity="internal")
        told = estimate.estimate(ana.member, seconds=600, label="internal")
        assert (told.engine, told.runs, told.amount_u, told.currency) == ("openai", "outside", 60_000, "USD")
        assert told.seconds_needed == pytest.approx(60.0) and not told.refused
        speech.transcribe(_job(long))
        assert len(far.journal) == 3
        assert estimate.speed(ana.school_id, "openai") < 0.1, "by what was measured"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("overloaded", Later),
        ("rate", Later),
        ("money", Later),
        ("auth", Later),
        ("not_a_stream", BadAnswer),
        ("too_long", Impossible),
    ],
)
def test_a_failure_keeps_what_is_done(
    engines_file: EnginesFile, vllm: Double, long: Document, fault: str, error: type[Exception]
) -> None:
    engines_file(_near(vllm))

    def then_fail(share: float) -> None:
        if share > 0.3:
            vllm.fault = fault

    with pytest.raises(error) as caught:
        speech.transcribe(_job(long, ends=then_fail))
    if isinstance(caught.value, Later):
        assert caught.value.told.startswith("La grabación espera")
    assert [row.ordinal for row in _rows(long)] == [0]


def test_nobody_speaks_and_nothing_is_asked(engines_file: EnginesFile, vllm: Double, ana: Person) -> None:
    engines_file(_near(vllm))
    document = _recorded(ana, _flac(np.zeros((flac.RATE, 1), dtype=np.int16)), [])
    speech.transcribe(_job(document))
    assert not _rows(document) and not vllm.journal


@pytest.mark.parametrize(
    ("voice", "planned"),
    [
        ([], []),
        ([(1, 5)], [(1, 5)]),
        # The longest silence from 60 % of a part on.
        ([(0, 40), (50, 65), (66, 80), (95, 99), (100, 130)], [(0, 80), (95, 130)]),
        ([(0, 100), (100.5, 190)], [(0, 100), (100.5, 190)]),
        # What never pauses is cut all the same.
        ([(0, 250)], [(0, 250 / 3), (250 / 3, 500 / 3), (500 / 3, 250)]),
        ([(3, 3), (5, 9)], [(5, 9)]),
    ],
)
def test_parts(voice: list[Stretch], planned: list[Stretch]) -> None:
    found = parts.plan(voice, part_s=100)
    assert [side for each in found for side in (each.from_s, each.to_s)] == pytest.approx(
        [side for each in planned for side in each]
    )
    assert all(each.seconds <= 100.001 for each in found)
    heard = sum(end - start for each in found for start, end in each.voice)
    assert heard == pytest.approx(sum(end - start for start, end in voice))


def test_what_was_not_understood() -> None:
    voice = [(0.0, 5.0), (6.0, 6.5), (10.0, 14.0), (15.0, 18.0), (30.0, 33.0), (40.0, 45.0)]
    spoken = [(0.5, 4.0), (44.0, 45.0), (32.9, 33.0)]
    assert parts.without_words(voice, spoken) == [(10.0, 18.0), (30.0, 33.0)]
