"""The stage that writes a transcript as blocks of its document: to be searched, cited and labelled as others are."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from documents import places
from documents.blocks import Kind, ParsedBlock
from documents.models import Block, Document
from documents.parse import block_rows
from documents.places import Time
from pipeline.stages import Cancelled, Stage, Work
from schools.bulk import insert
from schools.scope import school_scope
from transcription import transcripts
from transcription.models import Recording, Segment

MOST_S = 60.0  # of one block: what is cited is opened where it begins
DOUBTFUL = 0.5  # a word heard with less certainty


def publish(work: Work) -> None:
    """Write what is said now, turn by turn, in the place of what was there."""
    with school_scope(work.school_id):
        document = Document.objects.filter(pk=work.subject_id, deleted_at=None).first()
        recording = Recording.objects.filter(pk=work.subject_id).defer("peaks").first()
        if document is None or recording is None:
            raise Cancelled
        revision = recording.revision
        said = list(transcripts.living(recording.pk))
    rows = block_rows(document, blocks(said))
    with school_scope(work.school_id):
        work.hold()
        Block.objects.filter(document_id=document.pk).delete()
        insert(rows)
        # What was changed while this was written is published by the next run.
        Recording.objects.filter(pk=recording.pk).update(published=revision)


def blocks(said: Sequence[Segment]) -> Iterator[ParsedBlock]:
    """Yield a paragraph for each turn of a speaker, in order, each word with its seconds.

    A turn begins with its speaker's name, which nobody said: it has no time of its own.
    """
    for turn in _turns(said):
        speaker = turn[0].speaker
        text = _("%s: ") % speaker.shown if speaker else ""
        times: list[tuple[int, float, float]] = []
        doubts: list[tuple[int, int]] = []
        for segment in turn:
            for word, from_s, to_s, confidence in transcripts.said(segment):
                if text and not text.endswith(" "):
                    text += " "
                times.append((len(text), float(from_s), float(to_s)))
                if confidence is not None and confidence < DOUBTFUL:
                    doubts.append((len(text), len(text) + len(word)))
                text += word
        yield ParsedBlock(
            kind=Kind.PARAGRAPH,
            text=text,
            place=Time(round(turn[0].from_s, 2), round(max(each.to_s for each in turn), 2)),
            words=places.pack_times(times),
            doubts=tuple(doubts),
        )


def _turns(said: Sequence[Segment]) -> Iterator[list[Segment]]:
    turn: list[Segment] = []
    for segment in said:
        if not segment.text.strip():
            continue
        is_same = turn and turn[0].speaker_id == segment.speaker_id
        if turn and not (is_same and segment.to_s - turn[0].from_s <= MOST_S):
            yield turn
            turn = []
        turn.append(segment)
    if turn:
        yield turn


PUBLISH = Stage(name="publish", version=1, queue="cpu", run=publish, weight=0.5)
