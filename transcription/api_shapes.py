"""The shapes of recordings and transcripts in the API."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from documents.api_shapes import DocumentShape, Upload, of_entry
from schools.shapes import Shape, Time
from transcription.models import SpeakersBy
from transcription.recordings import LANGUAGES, SPEAKERS_MOST, Listed

_LANGUAGE_HELP = "spoken; empty: to be found out"
_SPEAKERS_HELP = "how many people speak, where somebody said so"


class NewRecording(Upload):
    """A recording and what is said of it. `collection`: the general one when left out."""

    language = serializers.ChoiceField(LANGUAGES, default="es", allow_blank=True, help_text=_LANGUAGE_HELP)
    speakers = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=SPEAKERS_MOST, help_text=_SPEAKERS_HELP
    )


class RecordingShape(DocumentShape):
    """A recording: its document, and what is known of its sound. `id` is its transcript's too."""

    duration_s = serializers.FloatField(allow_null=True, help_text="of the sound; null until it was prepared")
    language = serializers.CharField(help_text=_LANGUAGE_HELP)
    speakers_asked = serializers.IntegerField(allow_null=True, help_text=_SPEAKERS_HELP)
    speakers_by = serializers.ChoiceField(
        SpeakersBy.choices, allow_blank=True, help_text="how it was found out who speaks"
    )
    speakers_count = serializers.IntegerField()
    has_transcript = serializers.BooleanField()
    transcribed_at = Time(allow_null=True)


class RecordingQuery(Shape):
    """Which recordings to list."""

    q = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="words of title or file name"
    )


class NewTranscript(Shape):
    """A recording to be written down again; what a person corrected stays."""

    recording = serializers.UUIDField()
    language = serializers.ChoiceField(LANGUAGES, default="es", allow_blank=True, help_text=_LANGUAGE_HELP)
    speakers = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=SPEAKERS_MOST, help_text=_SPEAKERS_HELP
    )


class EstimateQuery(Shape):
    """A transcription that is planned."""

    seconds = serializers.FloatField(min_value=0, max_value=86_400)
    sensitivity = serializers.CharField(required=False, allow_blank=True, max_length=12, default="")


class SpeakerShape(Shape):
    """A voice of a recording. `seconds`: how long it speaks."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    name = serializers.CharField(help_text="as people read it")
    is_named = serializers.BooleanField()
    seconds = serializers.FloatField()


class SpeakerChange(Shape):
    """A speaker's name, for the whole recording; empty: the number again."""

    name = serializers.CharField(max_length=80, allow_blank=True)


class SpeakerMerge(Shape):
    """The speaker that another one is the same person as."""

    into = serializers.UUIDField()


class SegmentShape(Shape):
    """What one speaker said without a pause; seconds of the recording."""

    id = serializers.UUIDField()
    t0 = serializers.FloatField()
    t1 = serializers.FloatField()
    text = serializers.CharField()
    speaker = serializers.UUIDField(allow_null=True)
    speaker_name = serializers.CharField(allow_blank=True)
    conf = serializers.FloatField(allow_null=True, help_text="0 to 1")
    rev = serializers.IntegerField()
    edited = serializers.BooleanField(help_text="by a person")
    words = serializers.ListField(
        child=serializers.ListField(), help_text="[text, from second, to second, confidence 0 to 1 or null]"
    )


class SegmentChange(Shape):
    """What to change of a segment. `rev`: the one that was read; another's change since then answers 409."""

    rev = serializers.IntegerField(min_value=1)
    text = serializers.CharField(required=False, max_length=20_000, trim_whitespace=False)
    speaker = serializers.UUIDField(required=False, allow_null=True, help_text="null: nobody is told")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a body that changes nothing."""
        if "text" not in attrs and "speaker" not in attrs:
            raise serializers.ValidationError(_("Falta «text» o «speaker»."))
        return attrs


class SegmentSplit(Shape):
    """Where to cut a segment in two: before which of its words, from 1."""

    rev = serializers.IntegerField(min_value=1)
    word = serializers.IntegerField(min_value=1)


class SegmentRev(Shape):
    """The revision that was read."""

    rev = serializers.IntegerField(min_value=1)


class VersionShape(Shape):
    """A segment as it was before a change."""

    rev = serializers.IntegerField()
    change = serializers.CharField()
    text = serializers.CharField()
    speaker_name = serializers.CharField(allow_blank=True)
    changed_by = serializers.CharField(allow_blank=True)
    changed_at = Time()


class VersionRestore(SegmentRev):
    """Which version of a segment to bring back. `rev`: the present one, as it was read."""

    version = serializers.IntegerField(min_value=1)


class Changes(Shape):
    """What a correction left behind: the segments as they are now, and the ids of those that are gone."""

    revision = serializers.IntegerField()
    segments = SegmentShape(many=True)
    removed = serializers.ListField(child=serializers.UUIDField())
    speakers = SpeakerShape(many=True)


class HitShape(Shape):
    """Where words were said."""

    segment = serializers.UUIDField()
    t0 = serializers.FloatField()
    t1 = serializers.FloatField()
    text = serializers.CharField(help_text="the whole segment's")


class Hits(Shape):
    """Every place, in order; at most 500."""

    results = HitShape(many=True)


class TranscriptShape(Shape):
    """A transcript as a whole; its segments are listed apart."""

    id = serializers.UUIDField()
    recording_id = serializers.UUIDField()
    title = serializers.CharField()
    status = serializers.CharField()
    language = serializers.CharField(allow_blank=True)
    duration_s = serializers.FloatField(allow_null=True)
    segments_count = serializers.IntegerField()
    speakers = SpeakerShape(many=True)
    speakers_by = serializers.CharField(allow_blank=True)
    engines = serializers.ListField(child=serializers.CharField(), help_text="that wrote it down")
    revision = serializers.IntegerField(help_text="raised with every change of what is read")
    may_change = serializers.BooleanField()
    written_at = Time(allow_null=True)


def of_recording(listed: Listed) -> dict[str, Any]:
    """Return a recording as a member may see it."""
    known = listed.recording
    return {
        **of_entry(listed.entry),
        "duration_s": known.duration_s if known else None,
        "language": known.language if known else "es",
        "speakers_asked": known.speakers_asked if known else None,
        "speakers_by": known.speakers_by if known else "",
        "speakers_count": listed.speakers,
        "has_transcript": listed.has_words,
        "transcribed_at": Time().to_representation(known.written_at) if known and known.written_at else None,
    }
