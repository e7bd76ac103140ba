"""Words to speakers, and what a person corrected kept through a new alignment."""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from schools.ids import SchoolId
from schools.scope import school_scope
from tests.conftest import Person
from tests.transcription import made
from transcription.align import align
from transcription.models import Part, Recording, Segment, Speaker
from transcription.segments import drafts


@dataclass
class Alone:
    """The work of one stage, that nobody else holds."""

    school_id: SchoolId
    subject_id: UUID
    asked_by: None = None

    def report(self, done: float, total: float) -> None: ...

    def hold(self) -> None: ...


@given(
    st.lists(st.tuples(st.sampled_from(["hola", "sí.", "bueno"]), st.floats(0.1, 3)), min_size=1, max_size=30)
)
def test_every_word_stands_in_one_segment_in_order(told: list[tuple[str, float]]) -> None:
    words: list[list[object]] = [
        [text, at * 2.0, at * 2.0 + min(long, 2.0), 0.9] for at, (text, long) in enumerate(told)
    ]
    said = {"text": " ".join(text for text, _ in told), "from_s": 0.0, "to_s": 99.0, "words": words}
    found = drafts([said], [[0.0, 11.0, 1], [11.0, 40.0, 2]])
    assert [word for draft in found for word in draft.words] == words
    assert all(draft.from_s <= word[1] <= word[2] <= draft.to_s for draft in found for word in draft.words)


def test_names_and_corrections_survive(ana: Person) -> None:
    document = made.transcript(ana)
    spoken = [
        {"text": text, "from_s": a, "to_s": b, "words": made.words(text, a, b)}
        for _who, a, b, text in made.TRUTH
    ]
    numbers = {"Marta": 1, "Pablo": 2, "Lucía": 3}
    with school_scope(ana.school_id):
        recording = Recording.objects.get(pk=document.pk)
        recording.turns = [[a, b, numbers[who]] for who, a, b, _text in made.TRUTH]
        recording.save()
        Part.objects.create(
            recording=recording, ordinal=0, from_s=0, to_s=47, spoken=spoken, done_at=timezone.now()
        )
        first, second = Segment.objects.filter(recording=recording).order_by("from_s")[:2]
        Segment.objects.filter(pk=first.pk).update(text="Corregido.", edited_at=timezone.now())
        Segment.objects.filter(pk=second.pk).update(deleted_at=timezone.now())
    align(Alone(ana.school_id, document.pk))
    with school_scope(ana.school_id):
        rows = list(Segment.objects.filter(recording_id=document.pk, deleted_at=None).order_by("from_s"))
        assert rows[0].pk == first.pk
        assert [each.text for each in rows] == ["Corregido.", *(text for *_when, text in made.TRUTH[2:])]
        assert [each.speaker.name for each in rows] == [
            made.TRUTH[0][0],
            *(who for who, *_ in made.TRUTH[2:]),
        ]
        assert Speaker.objects.filter(recording_id=document.pk).count() == 3
        assert Recording.objects.get(pk=document.pk).revision == 2
