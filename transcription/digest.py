"""The stage that makes summary and actions of a transcript: by an engine that writes, or by rules alone."""

import logging
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from documents.models import Document
from engines import labels
from engines.base import EngineError
from engines.errands import Errand, Labelled, Purpose
from engines.spanish import words
from pipeline.stages import Stage, Work
from schools import scope
from schools.ids import SchoolId
from schools.models import School
from schools.scope import school_scope
from transcription import drafting, transcripts
from transcription.digests import PARTS
from transcription.drafting import Drafted, Unusable
from transcription.models import Acta, Action, Digest, Recording, Segment
from transcription.phrases import Utterance
from transcription.summary import Summary, summarise
from transcription.tasks import Task, extract

log = logging.getLogger(__name__)


def digest(work: Work) -> None:
    """Make the digest of what was said, and propose its tasks. What a person wrote or touched stays."""
    with school_scope(work.school_id):
        document = Document.objects.filter(pk=work.subject_id, deleted_at=None).first()
        recording = Recording.objects.filter(pk=work.subject_id).defer("peaks", "voice", "turns").first()
        if document is None or recording is None:
            return
        said = [utterance(each) for each in transcripts.living(recording.pk)]
        on = held_on(document)
    drafted = _drafted(work, document, said, on) if any(each.text.strip() for each in said) else None
    summary = drafted.summary if drafted else summarise(said)
    tasks = list(drafted.tasks) if drafted else extract(said, on=on)
    made_by = drafted.engine if drafted else ""
    with school_scope(work.school_id):
        work.hold()
        _write(recording, summary, made_by, drafted.decision_id if drafted else None)
        _propose(recording, tasks, made_by)


def utterance(segment: Segment) -> Utterance:
    """Return a segment as the rules read it; its speaker must be loaded."""
    said = transcripts.said(segment)
    return Utterance(
        speaker=segment.speaker.shown if segment.speaker else "",
        from_s=segment.from_s,
        to_s=segment.to_s,
        text=" ".join(segment.text.split()),
        id=str(segment.pk),
        words=tuple((str(word[0]), float(word[1]), float(word[2])) for word in said),
    )


def held_on(document: Document) -> date:
    """Return the day that dates are counted from: the acta's, or that of the upload. Inside a scope."""
    told = Acta.objects.filter(recording_id=document.pk).values_list("held_on", flat=True).first()
    zone = School.objects.values_list("time_zone", flat=True).get(pk=scope.current())
    return told or document.created_at.astimezone(ZoneInfo(zone)).date()


def errand_of(school_id: SchoolId, document: Document) -> Errand:
    """Return what is asked of the router for a recording: all of it is as sensitive as its document."""

    def parts() -> list[Labelled]:
        with school_scope(school_id):
            now = Document.objects.filter(pk=document.pk).values_list("title", "sensitivity").first()
        title, sensitivity = now or (document.title, "")
        return [Labelled(_("«%s»") % title, labels.of(sensitivity))]

    return Errand(
        school_id=school_id,
        purpose=Purpose.SUMMARISE,
        subject_id=document.pk,
        parts=tuple(parts()),
        reread=parts,
    )


def _drafted(work: Work, document: Document, said: list[Utterance], on: date) -> Drafted | None:
    """Return what an engine made of it; None where none may or can, which is no failure of the run."""
    errand = errand_of(work.school_id, document)
    try:
        if not drafting.may_write(errand, said):
            return None
        return drafting.draft(said, errand, on=on, report=work.report)
    except (EngineError, Unusable) as error:
        log.warning("Digest of %s by rules: %s: %s", document.pk, type(error).__name__, error)
        return None


def _write(recording: Recording, summary: Summary, made_by: str, decision_id: UUID | None) -> None:
    kept = Digest.objects.select_for_update().filter(recording=recording).first()
    if kept is not None and kept.edited_at is not None:
        return
    content: dict[str, Any] = {name: [asdict(line) for line in getattr(summary, name)] for name in PARTS}
    row = kept or Digest(recording=recording)
    row.content, row.made_by, row.decision_id = content, made_by, decision_id
    row.revision, row.made_at = recording.revision, timezone.now()
    row.save()


def _propose(recording: Recording, tasks: list[Task], made_by: str) -> None:
    """Put the tasks in place of those that nobody touched; what a person dealt with is not proposed again."""
    Action.objects.filter(recording=recording, edited_at=None).delete()
    touched = list(Action.objects.filter(recording=recording))
    Action.objects.bulk_create(
        Action(
            recording=recording,
            owner=task.owner[:120],
            task=task.task[:500],
            due=task.due,
            due_words=task.due_words,
            quote=task.quote,
            from_s=task.from_s,
            to_s=task.to_s,
            confidence=task.confidence,
            made_by=made_by,
        )
        for task in tasks
        if not any(_is_known(task, action) for action in touched)
    )


def _is_known(task: Task, action: Action) -> bool:
    """Say whether a task is one that a person dealt with: said at the same moment, or nearly the same words."""
    if action.from_s is not None and action.to_s is not None:
        shared = min(task.to_s, action.to_s) - max(task.from_s, action.from_s)
        if shared > 0.5 * min(task.to_s - task.from_s, action.to_s - action.from_s):
            return task.quote == action.quote or _alike(task.task, action.task) >= 0.4
    return _alike(task.task, action.task) >= 0.75


def _alike(one: str, other: str) -> float:
    first, second = ({word.stem for word in words(text) if not word.is_stop} for text in (one, other))
    return len(first & second) / max(1, min(len(first), len(second)))


DIGEST = Stage(name="digest", version=1, queue="cpu", run=digest, weight=2)
