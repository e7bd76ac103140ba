"""A transcript that came with its recording: no engine is asked for what is written down already."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone

from schools.ids import SchoolId
from schools.scope import school_scope
from transcription.models import Part, Recording

BROUGHT = "brought"  # in Part.runs: it was written elsewhere


def bring(
    school_id: SchoolId, recording_id: UUID, spoken: Sequence[dict[str, Any]], *, language: str
) -> None:
    """Keep what is said in a recording, as Part.spoken has it, before its run comes to transcribe it."""
    with school_scope(school_id):
        recording, _made = Recording.objects.get_or_create(pk=recording_id, document_id=recording_id)
        Part.objects.filter(recording=recording).delete()
        Part.objects.create(
            recording=recording,
            ordinal=0,
            from_s=0.0,
            to_s=max((float(each["to_s"]) for each in spoken), default=0.0),
            runs=BROUGHT,
            language=language,
            spoken=list(spoken),
            done_at=timezone.now(),
        )


def is_whole(recording: Recording) -> bool:
    """Say whether a recording came with its transcript. Inside a scope."""
    return Part.objects.filter(recording=recording, runs=BROUGHT).exists()
