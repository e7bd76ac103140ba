"""Handing a transcript out: what it says gathered for a member, in the format asked for, under a name of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from documents import places
from documents.models import Document
from documents.places import Time, UnknownPlace
from documents.versions import day_of
from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope
from transcription import transcripts
from transcription.exports import docx, json, md, pdf, srt, txt, vtt
from transcription.exports.told import Line, Segment, Summary, Task, Told, Word, clock, one_line
from transcription.models import Action, ActionState, Digest, Part, Recording, SpeakersBy
from transcription.models import Segment as SegmentRow

FORMATS: dict[str, ModuleType] = {
    "md": md, "srt": srt, "vtt": vtt, "json": json, "txt": txt, "pdf": pdf, "docx": docx,
}  # fmt: skip
NAME_MOST_CHARS = 100
# What one system or another forbids in a file's name.
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]+')


class UnknownFormat(Refused):
    """No such format."""

    code = "unknown_format"


class NoTranscriptYet(Refused):
    """The recording was not transcribed, or not yet."""

    code = "not_transcribed"
    status = 409


class NothingSaid(Refused):
    """The transcript has no words."""

    code = "empty_transcript"
    status = 409


@dataclass(frozen=True, slots=True)
class File:
    """A file to be handed out."""

    name: str
    media_type: str
    content: bytes


def export(member: Member, recording_id: UUID, fmt: str) -> File:
    """Return a transcript as a file.

    Raises recordings.NoSuchRecording for what the member may not see, UnknownFormat, NoTranscriptYet or NothingSaid.
    """
    transcripts.get(member, recording_id)
    module = _module(fmt)
    told = gather(member, recording_id)
    return File(file_name(told.title, fmt), module.MEDIA_TYPE, module.render(told))


def gather(member: Member, recording_id: UUID) -> Told:
    """Return what a transcript says with all that is handed out of it; raises as `export` does."""
    listed = transcripts.get(member, recording_id)
    recording, document = listed.recording, listed.entry.document
    if recording is None or recording.written_at is None:
        raise NoTranscriptYet(
            _("La grabación todavía no está transcripta: se puede descargar cuando termine.")
        )
    with school_scope(member.school_id):
        rows = list(transcripts.living(recording_id))
        digest = Digest.objects.filter(recording_id=recording_id).first()
        actions = list(
            Action.objects.filter(recording_id=recording_id)
            .exclude(state=ActionState.REJECTED)
            .order_by("from_s", "pk")
        )
        parts = Part.objects.filter(recording_id=recording_id).exclude(engine="").order_by("ordinal")
        engines = tuple(dict.fromkeys(parts.values_list("engine", flat=True)))
    if not any(row.text.strip() for row in rows):
        raise NothingSaid(_("En la grabación no se oyen palabras: no hay nada que descargar."))
    names = {row.speaker.number: row.speaker.shown for row in rows if row.speaker}
    return Told(
        title=document.title,
        school=member.school_name,
        recorded_on=day_of(document.created_at, member),
        duration_s=recording.duration_s,
        language=recording.language or "es",
        speakers=tuple(one_line(names[number]) for number in sorted(names)),
        segments=tuple(map(_segment, rows)),
        summary=_summary(digest, recording) if digest else None,
        tasks=tuple(map(_task, actions)),
        engines=engines,
        speakers_by=recording.get_speakers_by_display(),
        warnings=tuple(_warnings(recording, document)),
    )


def respond(file: File) -> HttpResponse:
    """Return a file as a download that no browser shows as a page of ours."""
    response = HttpResponse(file.content, content_type=file.media_type)
    response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def file_name(title: str, extension: str) -> str:
    """Return a name that any system takes for a file of this title."""
    stem = " ".join(_FORBIDDEN.sub(" ", one_line(title)).split())[:NAME_MOST_CHARS].strip(". ")
    return f"{stem or _('transcripción')}.{extension}"


def _module(fmt: str) -> ModuleType:
    if fmt not in FORMATS:
        raise UnknownFormat(_("Formato desconocido. Los que hay: %s.") % ", ".join(FORMATS), field="fmt")
    return FORMATS[fmt]


def _segment(row: SegmentRow) -> Segment:
    return Segment(
        from_s=row.from_s,
        to_s=row.to_s,
        text=row.text,
        number=row.speaker.number if row.speaker else None,
        speaker=row.speaker.shown if row.speaker else "",
        confidence=row.confidence,
        words=tuple(
            Word(str(text), float(from_s), float(to_s), sure)
            for text, from_s, to_s, sure in transcripts.said(row)
        ),
        is_edited=row.edited_at is not None,
    )


def _summary(digest: Digest, recording: Recording) -> Summary:
    return Summary(
        bullets=_lines(digest.content.get("bullets", [])),
        risks=_lines(digest.content.get("risks", [])),
        ideas=_lines(digest.content.get("ideas", [])),
        topics=_lines(digest.content.get("topics", [])),
        made_by=digest.made_by,
        is_outdated=digest.revision < recording.revision,
    )


def _lines(kept: Sequence[dict[str, object]]) -> tuple[Line, ...]:
    return tuple(
        Line(str(each.get("text", "")), _second(each, "from_s"), _second(each, "to_s")) for each in kept
    )


def _second(each: dict[str, object], name: str) -> float | None:
    value = each.get(name)
    return float(value) if isinstance(value, int | float) else None


def _task(row: Action) -> Task:
    return Task(
        task=row.task,
        owner=row.owner,
        due=row.due,
        due_words=row.due_words,
        state=row.get_state_display(),
        state_code=row.state,
        quote=row.quote,
        from_s=row.from_s,
    )


def _warnings(recording: Recording, document: Document) -> list[str]:
    """Return what a reader has to know before believing the transcript."""
    found = []
    if recording.speakers_by == SpeakersBy.APPROXIMATE:
        found.append(_("Quién habla se distinguió de manera aproximada: puede haber errores."))
    for gap in document.unreadable:
        if gap.get("ignored"):
            continue
        try:
            place = places.from_json(gap["place"]) if gap.get("place") else None
        except UnknownPlace:
            place = None
        when = f" ({clock(place.from_s)}–{clock(place.to_s)})" if isinstance(place, Time) else ""
        found.append(_("Una parte no se pudo oír%(when)s: %(why)s") % {"when": when, "why": gap["reason"]})
    return found
