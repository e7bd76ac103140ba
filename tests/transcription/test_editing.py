"""Corrections: words keep their seconds, nobody writes over another's, all has a way back and goes to the index."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from documents.library import NotYours
from pipeline.models import Run
from schools.scope import school_scope
from tests.conftest import Person
from tests.transcription import made
from transcription import editing, history, recordings, speakers, transcripts, words
from transcription.changing import Changed, NoSuchSegment, NoSuchSpeaker, Stale
from transcription.models import Recording, Segment, Speaker

SPOKEN = [
    ("Marta", 0.0, 2.0, "Creo que debemos bajar el precio."),
    ("Marta", 2.0, 4.0, "El menú cuesta cinco euros."),
    ("Pablo", 5.0, 6.0, "No estoy de acuerdo."),
]


@pytest.fixture
def claustro(ana: Person) -> UUID:
    """Return a recording of Ana's."""
    return made.transcript(ana, spoken=SPOKEN).pk


def _segments(person: Person, recording_id: UUID) -> list[Segment]:
    return transcripts.segments(person.member, recording_id)


def _said(person: Person, recording_id: UUID) -> list[tuple[str, str]]:
    return [
        (each.speaker.shown if each.speaker else "", each.text) for each in _segments(person, recording_id)
    ]


# --- words, without a database ------------------------------------------------------------------------------


_HEARD = [
    ["el", 0.0, 1.0, 0.9],
    ["menu", 1.0, 2.0, 0.4],
    ["cuesta", 2.0, 3.0, 0.8],
    ["cinco", 4.0, 5.0, None],
]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # A mark, a capital, an accent: the same word at the same second, now certain.
        ("El menú cuesta cinco.", [("El", 0, 1, 1), ("menú", 1, 2, 1), ("cuesta", 2, 3, 0.8), ("cinco.", 4, 5, 1)]),
        # Another word takes the place of the one it corrects; two share it by their length.
        (
            "el plato cuesta cinco",
            [("el", 0, 1, 0.9), ("plato", 1, 2, 1), ("cuesta", 2, 3, 0.8), ("cinco", 4, 5, None)],
        ),
        (
            "el de hoy cuesta cinco",
            [("el", 0, 1, 0.9), ("de", 1, 1.4, 1), ("hoy", 1.4, 2, 1), ("cuesta", 2, 3, 0.8), ("cinco", 4, 5, None)],
        ),
        # One that was left out gets the gap; at the end the rest of the segment, at the front nothing but an instant.
        (
            "el menu cuesta unos cinco",
            [("el", 0, 1, 0.9), ("menu", 1, 2, 0.4), ("cuesta", 2, 3, 0.8), ("unos", 3, 4, 1), ("cinco", 4, 5, None)],
        ),
        ("cuesta cinco euros", [("cuesta", 2, 3, 0.8), ("cinco", 4, 5, None), ("euros", 5, 6, 1)]),
        (
            "y el menu cuesta",
            [("y", 0, 0, 1), ("el", 0, 1, 0.9), ("menu", 1, 2, 0.4), ("cuesta", 2, 3, 0.8)],
        ),
    ],
)  # fmt: skip
def test_words_that_stay_keep_their_seconds(text: str, wanted: list[Any]) -> None:
    made_of = words.correct(_HEARD, text, from_s=0.0, to_s=6.0)
    assert [tuple(word) for word in made_of] == wanted
    assert words.text_of(made_of) == text


def test_words_always_say_the_text_and_never_go_back_in_time() -> None:
    for text in ("uno dos tres", "cinco cuesta menu el", "menu", "— el — menu !", "a b c d e f g h cinco"):
        told = words.correct(_HEARD, text, from_s=0.0, to_s=6.0)
        assert words.text_of(told) == text
        assert all(word[1] <= word[2] for word in told)
        assert [word[1] for word in told] == sorted(word[1] for word in told)
    # A segment of an engine that gives no words.
    assert words.timed([], "Hasta luego", from_s=1.0, to_s=2.0) == [
        ["Hasta", 1.0, 1.5, None],
        ["luego", 1.5, 2.0, None],
    ]


# --- what was said ------------------------------------------------------------------------------------------


def test_a_correction_is_kept_published_and_can_be_taken_back(ana: Person, claustro: UUID) -> None:
    before = _segments(ana, claustro)[1]
    done = editing.edit_text(
        ana.member, claustro, before.pk, text="El  menú cuesta seis\neuros.", rev=before.rev
    )
    assert done.segment.text == "El menú cuesta seis euros."
    assert done.segment.words[0] == before.words[0]
    assert done.segment.words[3][:3] == ["seis", *before.words[3][1:3]]
    assert (done.segment.rev, done.segment.edited_by_id) == (before.rev + 1, ana.user.pk)
    with school_scope(ana.school_id):
        recording = Recording.objects.get(pk=claustro)
        assert recording.revision == 2
        assert Run.objects.filter(kind="republishing", subject_id=claustro).count() == 1
    # Goes on writing: one version of it all. Later, another.
    writing = editing.edit_text(
        ana.member, claustro, before.pk, text="El menú cuesta seis euros hoy.", rev=2, continues=True
    )
    editing.edit_text(ana.member, claustro, before.pk, text="El menú subió.", rev=writing.segment.rev)
    versions = history.of(ana.member, claustro, before.pk)
    assert [(each.rev, each.text, each.changed_by) for each in versions] == [
        (3, "El menú cuesta seis euros hoy.", "Ana"),
        (1, before.text, "Ana"),
    ]
    back = editing.restore(ana.member, claustro, before.pk, version=1, rev=4).segment
    assert (back.text, back.words, back.rev) == (before.text, before.words, 5)
    assert [each.change for each in history.of(ana.member, claustro, before.pk)] == [
        "restore",
        "text",
        "text",
    ]


def test_nobody_writes_over_what_they_did_not_see(ana: Person, claustro: UUID) -> None:
    segment = _segments(ana, claustro)[0]
    editing.edit_text(ana.member, claustro, segment.pk, text="Creo que debemos subir.", rev=1)
    with pytest.raises(Stale) as refused:
        editing.edit_text(ana.member, claustro, segment.pk, text="Creo que no.", rev=1)
    assert (refused.value.status, refused.value.code) == (409, "stale")
    assert refused.value.extra["segment"]["text"] == "Creo que debemos subir."
    changes: tuple[Callable[[], Changed], ...] = (
        lambda: editing.set_speaker(ana.member, claustro, segment.pk, speaker_id=None, rev=1),
        lambda: editing.split(ana.member, claustro, segment.pk, at_word=1, rev=1),
        lambda: editing.merge(ana.member, claustro, segment.pk, rev=1),
        lambda: editing.delete(ana.member, claustro, segment.pk, rev=1),
        lambda: editing.restore(ana.member, claustro, segment.pk, version=1, rev=1),
    )
    for change in changes:
        with pytest.raises(Stale):
            change()
    # Sent twice, as a connection that broke does: no quarrel and no second version.
    again = editing.edit_text(ana.member, claustro, segment.pk, text="Creo que debemos subir.", rev=1)
    assert again.segment.rev == 2
    assert len(history.of(ana.member, claustro, segment.pk)) == 1


def test_dividing_and_joining_lose_no_word_and_no_second(ana: Person, claustro: UUID) -> None:
    whole = _segments(ana, claustro)[0]
    parts = editing.split(ana.member, claustro, whole.pk, at_word=2, rev=1).segments
    assert [each.text for each in parts] == ["Creo que", "debemos bajar el precio."]
    assert [*parts[0].words, *parts[1].words] == whole.words
    assert parts[0].to_s <= parts[1].from_s < parts[1].to_s == whole.to_s
    joined = editing.merge(ana.member, claustro, whole.pk, rev=2)
    assert (joined.segment.text, joined.segment.words) == (whole.text, whole.words)
    assert joined.removed == (parts[1].pk,)
    assert len(_segments(ana, claustro)) == 3
    # Back to the two, and from the two to the one: in either direction each word is there once.
    two = editing.restore(ana.member, claustro, whole.pk, version=2, rev=3)
    assert [each.text for each in two.segments] == ["Creo que", "debemos bajar el precio."]
    assert [text for _who, text in _said(ana, claustro)][:2] == ["Creo que", "debemos bajar el precio."]
    one = editing.restore(ana.member, claustro, whole.pk, version=1, rev=4)
    assert one.removed == (parts[1].pk,)
    assert [text for _who, text in _said(ana, claustro)] == [text for *_rest, text in SPOKEN]
    last = _segments(ana, claustro)[-1]
    with pytest.raises(editing.NothingToJoin):
        editing.merge(ana.member, claustro, last.pk, rev=1)
    for at_word in (0, 4):
        with pytest.raises(editing.CannotSplit):
            editing.split(ana.member, claustro, last.pk, at_word=at_word, rev=1)


def test_what_is_taken_away_comes_back(ana: Person, claustro: UUID) -> None:
    segment = _segments(ana, claustro)[1]
    assert editing.delete(ana.member, claustro, segment.pk, rev=1).removed == (segment.pk,)
    assert len(_segments(ana, claustro)) == 2
    with pytest.raises(NoSuchSegment):
        editing.edit_text(ana.member, claustro, segment.pk, text="Otra cosa", rev=2)
    with school_scope(ana.school_id):
        assert [each.pk for each in transcripts.removed(claustro)] == [segment.pk]
    back = editing.restore(ana.member, claustro, segment.pk, version=1, rev=2).segment
    assert (back.text, back.deleted_at) == (segment.text, None)
    with school_scope(ana.school_id):
        assert transcripts.removed(claustro) == []
    with pytest.raises(history.NoSuchVersion):
        editing.restore(ana.member, claustro, segment.pk, version=99, rev=3)


# --- who said it --------------------------------------------------------------------------------------------


def test_a_speaker_is_named_once_for_the_whole_recording_and_two_become_one(
    ana: Person, claustro: UUID
) -> None:
    marta, pablo = transcripts.speakers(ana.member, claustro)
    assert [(each.name, each.seconds, each.segments) for each in (marta, pablo)] == [
        ("Marta", 4.0, 2),
        ("Pablo", 1.0, 1),
    ]
    done = speakers.rename_speaker(ana.member, claustro, marta.id, name="  Marta   Gil ")
    assert [each.name for each in done.voices] == ["Marta Gil", "Pablo"]
    assert {who for who, _text in _said(ana, claustro)} == {"Marta Gil", "Pablo"}
    with pytest.raises(speakers.NameTaken) as taken:
        speakers.rename_speaker(ana.member, claustro, pablo.id, name="marta gil")
    assert (taken.value.status, taken.value.code) == (409, "name_taken")
    with school_scope(ana.school_id):
        Recording.objects.filter(pk=claustro).update(turns=[[0.0, 4.0, 1], [5.0, 6.0, 2]])
    merged = speakers.merge_speakers(ana.member, claustro, pablo.id, into_id=marta.id)
    assert [(each.name, each.segments) for each in merged.voices] == [("Marta Gil", 3)]
    last = _segments(ana, claustro)[-1]
    assert [(each.change, each.speaker_name) for each in history.of(ana.member, claustro, last.pk)] == [
        ("speaker", "Pablo")
    ]
    assert last.edited_at is None  # who spoke may be told apart again
    with school_scope(ana.school_id):
        assert Recording.objects.get(pk=claustro).turns == [[0.0, 4.0, 1], [5.0, 6.0, 1]]
    assert speakers.rename_speaker(ana.member, claustro, marta.id, name="").voices[0].name == "Hablante 1"


def test_a_line_is_said_by_somebody_else_known_or_new_or_nobody(ana: Person, claustro: UUID) -> None:
    first, _second, last = _segments(ana, claustro)
    changed = editing.set_speaker(ana.member, claustro, first.pk, speaker_id=last.speaker_id, rev=1)
    assert changed.segment.speaker_id == last.speaker_id
    new = editing.set_new_speaker(ana.member, claustro, first.pk, name="Lucía", rev=2)
    assert [each.name for each in new.voices] == ["Marta", "Pablo", "Lucía"]
    assert editing.set_speaker(ana.member, claustro, first.pk, speaker_id=None, rev=3).segment.speaker is None
    back = editing.restore(ana.member, claustro, first.pk, version=1, rev=4).segment
    assert back.speaker is not None
    assert back.speaker.shown == "Marta"
    other = made.transcript(ana, "Otra").pk
    with school_scope(ana.school_id):
        stranger = Speaker.objects.filter(recording_id=other).first()
    assert stranger is not None
    with pytest.raises(NoSuchSpeaker):
        editing.set_speaker(ana.member, claustro, first.pk, speaker_id=stranger.pk, rev=5)
    with pytest.raises(NoSuchSpeaker):
        speakers.merge_speakers(ana.member, claustro, stranger.pk, into_id=stranger.pk)


def test_voices_are_told_apart_again_with_the_number_that_a_person_gave(ana: Person, claustro: UUID) -> None:
    speakers.tell_apart(ana.member, claustro, speakers=2)
    with school_scope(ana.school_id):
        assert Recording.objects.get(pk=claustro).speakers_asked == 2
        assert Run.objects.filter(kind="voices", subject_id=claustro).count() == 1
    with pytest.raises(speakers.TooManySpeakers):
        speakers.tell_apart(ana.member, claustro, speakers=21)


# --- reading, and who may -----------------------------------------------------------------------------------


def test_words_are_found_with_their_seconds_whatever_their_accents(ana: Person, claustro: UUID) -> None:
    (hit,) = transcripts.find(ana.member, claustro, "MENU cues")
    segment = _segments(ana, claustro)[1]
    assert (hit.segment_id, hit.first, hit.last) == (segment.pk, 1, 2)
    assert (hit.from_s, hit.to_s) == (segment.words[1][1], segment.words[2][2])
    assert len(transcripts.find(ana.member, claustro, "precio")) == 1  # without the full stop
    assert transcripts.find(ana.member, claustro, "el precio baja") == []
    assert transcripts.find(ana.member, claustro, " .,") == []
    first, *rest = _segments(ana, claustro)
    assert transcripts.segments(ana.member, claustro, after=first.pk, limit=1) == rest[:1]


Change = Callable[[Person, UUID, Segment], Changed]
CHANGES: dict[str, Change] = {
    "text": lambda who, there, one: editing.edit_text(who.member, there, one.pk, text="Otra", rev=one.rev),
    "split": lambda who, there, one: editing.split(who.member, there, one.pk, at_word=1, rev=one.rev),
    "name": lambda who, there, one: speakers.rename_speaker(
        who.member, there, one.speaker_id or one.pk, name="Otra"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_only_who_may_change_the_document_may_correct_it(
    change: Change, ana: Person, beto: Person, zoe: Person, claustro: UUID
) -> None:
    segment = _segments(ana, claustro)[0]
    before = _said(ana, claustro)
    with pytest.raises(NotYours):
        change(beto, claustro, segment)
    with pytest.raises(recordings.NoSuchRecording):
        change(zoe, claustro, segment)
    assert _said(ana, claustro) == before
    change(ana, claustro, segment)
    assert _said(ana, claustro) != before
