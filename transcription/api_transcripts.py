"""The API of transcripts: what was said, by whom, and corrections of it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response
from rest_framework.views import APIView

from schools.admission import Member, in_school
from schools.idempotency import idempotent
from schools.openapi import describe
from schools.paging import page_after
from schools.roles import Can
from schools.scope import school_scope
from schools.shapes import Call, page_of, read
from transcription import editing, history, speakers, transcripts
from transcription.api_shapes import (
    Changes,
    Hits,
    SegmentChange,
    SegmentRev,
    SegmentShape,
    SegmentSplit,
    SpeakerChange,
    SpeakerMerge,
    SpeakerShape,
    TranscriptShape,
    VersionRestore,
    VersionShape,
)
from transcription.changing import Changed, NoSuchSegment, NoSuchSpeaker
from transcription.models import Part, Segment, Speaker

_AFTER = (
    OpenApiParameter("limit", int, description="1 to 200, 50 when left out"),
    OpenApiParameter("after", str, description="the id of the segment after which to go on"),
)


class OneTranscript(APIView):
    """`transcripts/{id}/`"""

    @describe("get_transcript", area="transcripts", gives=TranscriptShape)
    @in_school(Can.READ)
    def get(self, request: Call, recording_id: UUID) -> Response:
        """Return a transcript as a whole; its id is its recording's."""
        found = transcripts.get(request.member, recording_id)
        with school_scope(request.member.school_id):
            voices = transcripts.voices(recording_id)
            count = transcripts.living(recording_id).count()
            engines = sorted(
                set(Part.objects.filter(recording_id=recording_id).values_list("engine", flat=True)) - {""}
            )
        known = found.recording
        body = {
            "id": recording_id,
            "recording_id": recording_id,
            "title": found.entry.document.title,
            "status": found.entry.document.status,
            "language": known.language if known else "es",
            "duration_s": known.duration_s if known else None,
            "segments_count": count,
            "speakers": [_voice(each) for each in voices],
            "speakers_by": known.speakers_by if known else "",
            "engines": engines,
            "revision": known.revision if known else 0,
            "may_change": found.entry.may_change,
            "written_at": known.written_at if known else None,
        }
        return Response(TranscriptShape(body).data)


class Segments(APIView):
    """`transcripts/{id}/segments/`"""

    @describe("list_segments", area="transcripts", gives=page_of(SegmentShape), query=_AFTER)
    @in_school(Can.READ)
    def get(self, request: Call, recording_id: UUID) -> Response:
        """Return what was said, in order."""

        def fetch(after: UUID | None, limit: int) -> list[Segment]:
            return transcripts.segments(request.member, recording_id, after=after, limit=limit)

        return Response(page_after(request, fetch, transcripts.as_json))


class Search(APIView):
    """`transcripts/{id}/search`"""

    @describe(
        "search_transcript",
        area="transcripts",
        gives=Hits,
        query=(OpenApiParameter("q", str, required=True, description="words that stand side by side"),),
    )
    @in_school(Can.READ)
    def get(self, request: Call, recording_id: UUID) -> Response:
        """Return where words were said; accents and capitals do not matter."""
        found = transcripts.find(request.member, recording_id, request.query_params.get("q", ""))
        results = [
            {"segment": each.segment_id, "t0": each.from_s, "t1": each.to_s, "text": each.text}
            for each in found
        ]
        return Response(Hits({"results": results}).data)


class Speakers(APIView):
    """`transcripts/{id}/speakers/`"""

    @describe("create_speaker", area="transcripts", takes=SpeakerChange, gives=SpeakerShape, creates=True)
    @in_school(Can.UPLOAD)
    @idempotent
    def post(self, request: Call, recording_id: UUID) -> Response:
        """Add somebody who spoke."""
        made = speakers.new_speaker(request.member, recording_id, name=read(SpeakerChange, request)["name"])
        with school_scope(request.member.school_id):
            voice = next(each for each in transcripts.voices(recording_id) if each.id == made.pk)
        return Response(SpeakerShape(_voice(voice)).data, status=201)


class OneSpeaker(APIView):
    """`speakers/{id}/`"""

    @describe("rename_speaker", area="transcripts", takes=SpeakerChange, gives=Changes)
    @in_school(Can.UPLOAD)
    def patch(self, request: Call, speaker_id: UUID) -> Response:
        """Name a speaker, in the whole recording."""
        recording_id = _recording_of_speaker(request.member, speaker_id)
        name = read(SpeakerChange, request)["name"]
        return _changed(speakers.rename_speaker(request.member, recording_id, speaker_id, name=name))


class MergeSpeaker(APIView):
    """`speakers/{id}/merge`"""

    @describe("merge_speaker", area="transcripts", takes=SpeakerMerge, gives=Changes)
    @in_school(Can.UPLOAD)
    def post(self, request: Call, speaker_id: UUID) -> Response:
        """Make two speakers one."""
        recording_id = _recording_of_speaker(request.member, speaker_id)
        into = read(SpeakerMerge, request)["into"]
        return _changed(speakers.merge_speakers(request.member, recording_id, speaker_id, into_id=into))


class OneSegment(APIView):
    """`segments/{id}/`"""

    @describe("change_segment", area="transcripts", takes=SegmentChange, gives=Changes)
    @in_school(Can.UPLOAD)
    def patch(self, request: Call, segment_id: UUID) -> Response:
        """Correct what was said, or say who said it. Words that stay keep their seconds."""
        member = request.member
        recording_id = _recording_of(member, segment_id)
        given = read(SegmentChange, request)
        rev = given["rev"]
        if "speaker" in given:
            changed = editing.set_speaker(
                member, recording_id, segment_id, speaker_id=given["speaker"], rev=rev
            )
            rev = changed.segment.rev
        if "text" in given:
            changed = editing.edit_text(member, recording_id, segment_id, text=given["text"], rev=rev)
        return _changed(changed)

    @describe("delete_segment", area="transcripts", takes=SegmentRev, gives=Changes)
    @in_school(Can.UPLOAD)
    def delete(self, request: Call, segment_id: UUID) -> Response:
        """Take a segment out; a version of it brings it back."""
        recording_id = _recording_of(request.member, segment_id)
        rev = read(SegmentRev, request)["rev"]
        return _changed(editing.delete(request.member, recording_id, segment_id, rev=rev))


class SplitSegment(APIView):
    """`segments/{id}/split`"""

    @describe("split_segment", area="transcripts", takes=SegmentSplit, gives=Changes)
    @in_school(Can.UPLOAD)
    def post(self, request: Call, segment_id: UUID) -> Response:
        """Make two segments of one, before one of its words."""
        recording_id = _recording_of(request.member, segment_id)
        given = read(SegmentSplit, request)
        return _changed(
            editing.split(request.member, recording_id, segment_id, at_word=given["word"], rev=given["rev"])
        )


class MergeSegment(APIView):
    """`segments/{id}/merge`"""

    @describe("merge_segment", area="transcripts", takes=SegmentRev, gives=Changes)
    @in_school(Can.UPLOAD)
    def post(self, request: Call, segment_id: UUID) -> Response:
        """Join a segment with the one after it."""
        recording_id = _recording_of(request.member, segment_id)
        rev = read(SegmentRev, request)["rev"]
        return _changed(editing.merge(request.member, recording_id, segment_id, rev=rev))


class Versions(APIView):
    """`segments/{id}/versions/`"""

    @describe("list_segment_versions", area="transcripts", gives=VersionShape(many=True))
    @in_school(Can.READ)
    def get(self, request: Call, segment_id: UUID) -> Response:
        """Return what a segment was before each change, newest first."""
        recording_id = _recording_of(request.member, segment_id)
        rows = history.of(request.member, recording_id, segment_id)
        return Response(VersionShape(rows, many=True).data)

    @describe("restore_segment", area="transcripts", takes=VersionRestore, gives=Changes)
    @in_school(Can.UPLOAD)
    def post(self, request: Call, segment_id: UUID) -> Response:
        """Make a segment what it was, also one that was taken out."""
        recording_id = _recording_of(request.member, segment_id)
        given = read(VersionRestore, request)
        return _changed(
            editing.restore(
                request.member, recording_id, segment_id, version=given["version"], rev=given["rev"]
            )
        )


def _changed(changed: Changed) -> Response:
    body = {
        "revision": changed.recording.revision,
        "segments": [transcripts.as_json(each) for each in changed.segments if each.deleted_at is None],
        "removed": changed.removed,
        "speakers": [_voice(each) for each in changed.voices],
    }
    return Response(Changes(body).data)


def _voice(voice: transcripts.Voice) -> dict[str, Any]:
    return {
        "id": voice.id,
        "number": voice.number,
        "name": voice.name,
        "is_named": voice.is_named,
        "seconds": voice.seconds,
    }


def _recording_of(member: Member, segment_id: UUID) -> UUID:
    """Return the recording of a segment that the member may see; raise NoSuchSegment or NoSuchRecording."""
    with school_scope(member.school_id):
        found = Segment.objects.filter(pk=segment_id).values_list("recording_id", flat=True).first()
    if found is None:
        raise NoSuchSegment("")
    return transcripts.get(member, found).id


def _recording_of_speaker(member: Member, speaker_id: UUID) -> UUID:
    """Return the recording of a speaker that the member may see; raise NoSuchSpeaker or NoSuchRecording."""
    with school_scope(member.school_id):
        found = Speaker.objects.filter(pk=speaker_id).values_list("recording_id", flat=True).first()
    if found is None:
        raise NoSuchSpeaker("")
    return transcripts.get(member, found).id
