"""A recording heard again, whole or its voices alone: what people did to its transcript is still there."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents import uploads
from documents.models import Sensitivity
from documents.uploads import Facts
from pipeline.stages import Work
from schools.ids import SchoolId
from schools.scope import school_scope
from tests.conftest import Person
from tests.transcription import sound_files
from transcription import editing, flac, speakers
from transcription.align import align
from transcription.diarization import diarize
from transcription.models import Part, Recording, Segment, Speaker
from transcription.normalise import normalise
from transcription.speech import transcribe

PLAIN = sound_files.Made("voz.wav", "wav", "pcm_s16le", flac.RATE)
VOICES: tuple[Callable[[Work], None], ...] = (diarize, align)
WHOLE: tuple[Callable[[Work], None], ...] = (normalise, transcribe, diarize, align)


@dataclass
class Alone:
    """The work of one stage, that nobody else holds."""

    school_id: SchoolId
    subject_id: UUID
    asked_by: None = None

    def report(self, done: float, total: float) -> None: ...

    def hold(self) -> None: ...


def _run(person: Person, recording_id: UUID, stages: tuple[Callable[[Work], None], ...]) -> None:
    for stage in stages:
        stage(Alone(person.school_id, recording_id))


def _uploaded(person: Person, sound: sound_files.Samples) -> UUID:
    file = SimpleUploadedFile("voz.wav", sound_files.pack(PLAIN, sound))
    return uploads.receive(person.member, file, facts=Facts(sensitivity=Sensitivity.INTERNAL)).document_id


def _said(person: Person, recording_id: UUID) -> list[tuple[str, str]]:
    """Return who said what, in order."""
    with school_scope(person.school_id):
        rows = Segment.objects.filter(recording_id=recording_id, deleted_at=None).order_by("from_s", "pk")
        return [(each.speaker.shown if each.speaker else "", each.text) for each in rows]


def _living(person: Person, recording_id: UUID) -> list[Segment]:
    with school_scope(person.school_id):
        rows = Segment.objects.filter(recording_id=recording_id, deleted_at=None)
        return list(rows.select_related("speaker").order_by("from_s", "pk"))


def test_what_people_did_is_there_after_every_run(ana: Person, whisper: None) -> None:
    it = _uploaded(ana, sound_files.speech("reunion-tres-voces")[: 24 * flac.RATE])
    with school_scope(ana.school_id):
        Recording.objects.create(id=it, document_id=it, speakers_asked=3)
    _run(ana, it, WHOLE)
    heard = _living(ana, it)
    assert [each.speaker and each.speaker.number for each in (*heard[:4], heard[6])] == [1, 1, 2, 3, 2]
    marta, pablo, lucia = (heard[at].speaker_id for at in (0, 2, 3))
    assert marta and pablo and lucia
    fourth = {marta: "Marta Gil", pablo: "Lucía", lucia: "Lucía"}[heard[4].speaker_id or marta]
    who = ana.member
    speakers.rename_speaker(who, it, marta, name="Marta Gil")
    speakers.rename_speaker(who, it, lucia, name="Lucía")
    editing.edit_text(who, it, heard[0].pk, text="Buenos días a todas, empezamos.", rev=1)
    editing.split(who, it, heard[1].pk, at_word=3, rev=1)
    editing.set_speaker(who, it, heard[2].pk, speaker_id=marta, rev=1)
    editing.delete(who, it, heard[3].pk, rev=1)
    editing.merge(who, it, heard[4].pk, rev=1)
    speakers.merge_speakers(who, it, pablo, into_id=lucia)
    corrected = [
        ("Marta Gil", "Buenos días a todas, empezamos."),
        ("Marta Gil", "Hola, soy Marta,"),
        ("Marta Gil", "la directora del colegio."),
        ("Marta Gil", "Yo soy Pablo, el jefe de estudios."),
        (fourth, "Los profesores piden formación en tecnología. Creo que debemos bajar el precio."),
        ("Lucía", "No estoy de acuerdo con esa propuesta."),
    ]
    assert _said(ana, it) == corrected
    _run(ana, it, VOICES)
    assert _said(ana, it) == corrected
    with school_scope(ana.school_id):
        Part.objects.filter(recording_id=it).delete()
    _run(ana, it, WHOLE)
    assert _said(ana, it) == corrected
    now = _living(ana, it)
    assert [each.pk for each in now[:2]] == [each.pk for each in heard[:2]]


@pytest.mark.long
def test_speakers_of_two_channels_made_one_stay_one_and_the_channels_are_read_right(
    ana: Person, whisper: None
) -> None:
    one, other = (sound_files.speech(name) for name in ("entrevista-a", "entrevista-b"))
    sides = np.zeros((14 * flac.RATE, 2), dtype=np.int16)
    sides[: 7 * flac.RATE, :1], sides[7 * flac.RATE :, 1:] = one[: 7 * flac.RATE], other[: 7 * flac.RATE]
    it = _uploaded(ana, sides[:, ::-1].copy())  # who speaks first is on the second channel
    _run(ana, it, WHOLE)
    told = _said(ana, it)
    assert [who for who, _text in told] == ["Hablante 1"] * 2 + ["Hablante 2"] * 2
    with school_scope(ana.school_id):
        turns = Recording.objects.get(pk=it).turns
        first, second = Speaker.objects.filter(recording_id=it).order_by("number")
    assert {number for from_s, _to, number in turns if from_s < 7} == {2}
    speakers.merge_speakers(ana.member, it, second.pk, into_id=first.pk)
    for stages in (VOICES, WHOLE):
        with school_scope(ana.school_id):
            assert Recording.objects.get(pk=it).turns == turns
            if stages == WHOLE:
                Part.objects.filter(recording_id=it).delete()
        _run(ana, it, stages)
        assert _said(ana, it) == [("Hablante 1", text) for _who, text in told]
    # Who asks for the voices to be told apart takes back that two of them were one.
    speakers.tell_apart(ana.member, it, speakers=None)
    _run(ana, it, VOICES)
    assert _said(ana, it) == told
