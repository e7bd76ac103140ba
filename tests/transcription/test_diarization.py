"""Voices told apart without a model, on sound whose truth is known, where voice is found as the product finds it."""

import io
from dataclasses import dataclass
from functools import cache
from uuid import UUID

import numpy as np
import pytest
from django.utils import timezone

from schools.ids import SchoolId
from schools.scope import school_scope
from tests.conftest import Person
from tests.transcription import made, sound_files
from tests.transcription.conftest import truth
from tests.transcription.scoring import error_rate
from transcription import apart, flac
from transcription.diarization import diarize
from transcription.models import Part, Recording, SpeakersBy
from transcription.voice import Voice

RATE = flac.RATE
Turns = list[tuple[float, float, str]]


@dataclass
class Alone:
    """The work of one stage, that nobody else holds."""

    school_id: SchoolId
    subject_id: UUID
    asked_by: None = None

    def report(self, done: float, total: float) -> None: ...

    def hold(self) -> None: ...


@cache
def _heard(*people: str) -> tuple[sound_files.Samples, Turns, list[tuple[float, float]]]:
    """Return what these people say in the meeting, and nothing of the others; who says when; where voice is found."""
    whole = sound_files.speech("reunion-tres-voces")
    pieces: list[sound_files.Samples] = []
    turns: Turns = []
    at, end = 0, 0
    for said in truth("reunion-tres-voces").said:
        first, last = round(said.t0 * RATE), round(said.t1 * RATE)
        if not people or said.speaker in people:
            silent = np.zeros((max(RATE // 2, min(first - end, RATE)), 1), dtype=np.int16)
            pieces += [silent, whole[first:last]]
            at += len(silent)
            turns.append((at / RATE, (at + last - first) / RATE, said.speaker))
            at += last - first
        end = last
    sound = np.concatenate(pieces) if people else whole
    voice = Voice()
    voice.hear(sound[:, 0])
    real = (
        turns if people else [(each.t0, each.t1, each.speaker) for each in truth("reunion-tres-voces").said]
    )
    return sound, real, voice.end()


def _error(*people: str, count: int | None) -> float:
    sound, real, voice = _heard(*people)
    samples = sound[:, 0].astype(np.float32) / np.float32(32_768)
    turns = apart.by_voices(voice, lambda a, b: samples[int(a * RATE) : int(b * RATE)], count=count)
    assert [a for a, *_rest in turns] == sorted(a for a, *_rest in turns)
    return error_rate(turns, real)


@pytest.mark.parametrize(
    ("people", "count", "most"),
    [
        (("Marta", "Pablo"), 2, 0.05),
        (("Marta", "Lucía"), 2, 0.1),  # two women: one of eleven sentences goes to the wrong one
        (("Pablo", "Lucía"), 2, 0.05),
        ((), 3, 0.15),
        ((), None, 0.15),
    ],
)
def test_voices_are_told_apart(people: tuple[str, ...], count: int | None, most: float) -> None:
    assert _error(*people, count=count) <= most


def test_one_voice_is_one() -> None:
    assert _error("Marta", count=None) == pytest.approx(0, abs=0.02)


def _stored(person: Person, *people: str, told: int = 0, **facts: object) -> UUID:
    """Return a recording of what they say, with as many parts whose engine told voices apart."""
    sound, real, voice = _heard(*people)
    file = io.BytesIO()
    with flac.Writer(file, channels=1) as writer:
        writer.write(sound)
    document = made.transcript(person, spoken=[], sound=file.getvalue())
    numbers = {who: number for number, who in enumerate(people, start=1)}
    with school_scope(person.school_id):
        Recording.objects.filter(pk=document.pk).update(
            voice=[list(each) for each in voice], speakers_by=SpeakersBy.NOBODY, **facts
        )
        for ordinal in range(told):
            turns = [[a, b, numbers[who]] for a, b, who in real]
            Part.objects.create(
                recording_id=document.pk,
                ordinal=ordinal,
                from_s=0,
                to_s=60,
                turns=turns,
                done_at=timezone.now(),
            )
    return document.pk


@pytest.mark.parametrize(
    ("told", "facts", "by", "voices"),
    [
        (0, {"speakers_asked": 2}, SpeakersBy.APPROXIMATE, 2),
        (0, {"speakers_asked": 1}, SpeakersBy.APPROXIMATE, 1),
        # An engine's numbers hold within its part; and a person knows better how many there were.
        (1, {}, SpeakersBy.MODEL, 2),
        (2, {"speakers_asked": 2}, SpeakersBy.APPROXIMATE, 2),
        (1, {"speakers_asked": 1}, SpeakersBy.APPROXIMATE, 1),
        # What was written with the sound stays.
        (0, {"channels": 2, "turns": [[0, 1, 2]]}, SpeakersBy.NOBODY, 1),
    ],
)
def test_the_stage_writes_down_who_speaks(
    ana: Person, told: int, facts: dict[str, object], by: SpeakersBy, voices: int
) -> None:
    it = _stored(ana, "Marta", "Pablo", told=told, **facts)
    diarize(Alone(ana.school_id, it))
    with school_scope(ana.school_id):
        recording = Recording.objects.get(pk=it)
    assert recording.speakers_by == by
    assert len({number for *_span, number in recording.turns}) == voices
    if voices == 2:
        assert error_rate([(a, b, who) for a, b, who in recording.turns], _heard("Marta", "Pablo")[1]) <= 0.05


def test_nobody_speaks(ana: Person) -> None:
    it = made.transcript(ana, spoken=[]).pk
    diarize(Alone(ana.school_id, it))
    with school_scope(ana.school_id):
        recording = Recording.objects.get(pk=it)
    assert (recording.turns, recording.speakers_by) == ([], SpeakersBy.NOBODY)
