"""What a segment was before each change, and the way back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from schools.admission import Member
from schools.ids import UserId
from schools.refusals import Refused
from schools.scope import school_scope
from transcription import transcripts, words
from transcription.models import Change, Segment, SegmentVersion, Speaker

SLACK_S = 0.05


class NoSuchVersion(Refused):
    """The segment never was so."""

    code = "not_found"
    status = 404


@dataclass(frozen=True, slots=True)
class Version:
    """A segment as it was, and the change that ended it."""

    rev: int
    change: str
    change_label: str
    text: str
    speaker_name: str
    from_s: float
    to_s: float
    changed_by: str  # a person's name; "" for one who is gone
    changed_at: datetime


def keep(segment: Segment, change: Change, by: UserId, *, continues: bool = False) -> None:
    """Write down a segment as it is, and mark it as changed; the caller changes and saves it. Inside a scope.

    `continues`: the same person goes on writing what they were writing, which makes one version of it all.
    """
    if not (continues and _wrote_last(segment, by)):
        SegmentVersion.objects.create(
            segment=segment,
            rev=segment.rev,
            change=change,
            text=segment.text,
            words=segment.words,
            speaker_name=segment.speaker.shown if segment.speaker else "",
            from_s=segment.from_s,
            to_s=segment.to_s,
            changed_by_id=by,
        )
    segment.rev += 1
    segment.edited_by_id = by
    segment.edited_at = timezone.now()


def of(member: Member, recording_id: UUID, segment_id: UUID) -> list[Version]:
    """Return what a segment was, newest first; nothing for one that is not there. Raises NoSuchRecording."""
    transcripts.get(member, recording_id)
    with school_scope(member.school_id):
        rows = SegmentVersion.objects.filter(segment_id=segment_id, segment__recording_id=recording_id)
        return [
            Version(
                rev=each.rev,
                change=each.change,
                change_label=str(Change(each.change).label),
                text=each.text,
                speaker_name=each.speaker_name,
                from_s=each.from_s,
                to_s=each.to_s,
                changed_by=(each.changed_by.name or each.changed_by.email) if each.changed_by else "",
                changed_at=each.changed_at,
            )
            for each in rows.select_related("changed_by").order_by("-rev")
        ]


def bring_back(segment: Segment, rev: int, by: UserId) -> tuple[list[Segment], list[Segment]]:
    """Make a segment what it was at `rev`; return those that came back and those that went with it. Inside a scope.

    What was split from it since goes, as its words are here again; what was joined to it since is a segment of its own
    again. Raises NoSuchVersion.
    """
    version = SegmentVersion.objects.filter(segment=segment, rev=rev).first()
    if version is None:
        raise NoSuchVersion(_("Esa versión no existe."))
    others = Segment.objects.filter(recording_id=segment.recording_id).exclude(pk=segment.pk)
    others = others.select_related("speaker").order_by("from_s", "pk")
    back: list[Segment] = []
    gone: list[Segment] = []
    if version.to_s > segment.to_s + SLACK_S:
        inside = others.filter(
            deleted_at=None, from_s__gte=segment.to_s - SLACK_S, to_s__lte=version.to_s + SLACK_S
        )
        gone = [each for each in inside if words.are_of(transcripts.said(each), version.words)]
    elif version.to_s < segment.to_s - SLACK_S:
        joined = others.exclude(deleted_at=None).filter(
            from_s__gte=version.to_s - SLACK_S, to_s__lte=segment.to_s + SLACK_S
        )
        back = [each for each in joined if _newest_change(each) == Change.MERGE]
    for each in gone:
        keep(each, Change.MERGE, by)
        each.deleted_at = timezone.now()
        each.save()
    for each in back:
        keep(each, Change.RESTORE, by)
        each.deleted_at = None
        each.save()
    keep(segment, Change.RESTORE, by)
    segment.text, segment.words = version.text, version.words
    segment.from_s, segment.to_s = version.from_s, version.to_s
    segment.confidence = words.mean_confidence(version.words)
    segment.deleted_at = None
    segment.speaker = _named(segment, version.speaker_name)
    segment.save()
    return back, gone


def _named(segment: Segment, name: str) -> Speaker | None:
    if not name:
        return None
    every = Speaker.objects.filter(recording_id=segment.recording_id)
    return next((each for each in every if each.shown == name), segment.speaker)


def _wrote_last(segment: Segment, by: UserId) -> bool:
    last = SegmentVersion.objects.filter(segment=segment).order_by("-rev").first()
    return last is not None and last.change == Change.TEXT and last.changed_by_id == by


def _newest_change(segment: Segment) -> str:
    newest = SegmentVersion.objects.filter(segment=segment).order_by("-rev").first()
    return newest.change if newest else ""
