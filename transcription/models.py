"""Recordings: their sound, what was said, by whom, and what came of it. A recording has the id of its document."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from schools.models import User
from schools.tenancy import SchoolModel, school_key
from schools.wall import walled


class SpeakersBy(models.TextChoices):
    """How it was found out who spoke."""

    NOBODY = "", lazy("sin distinguir")
    CHANNELS = "channels", lazy("por canal")
    APPROXIMATE = "approximate", lazy("aproximada")
    MODEL = "model", lazy("por un modelo")


class Recording(SchoolModel):
    """What is known of a document that is heard. Its id is its document's."""

    document = school_key("documents.Document", related_name="recordings")
    duration_s = models.FloatField(null=True)  # of the sound that could be decoded
    channels = models.PositiveSmallIntegerField(default=1)  # 2: of the stored sound, one voice in each
    has_sound = models.BooleanField(default=False)  # stored under Document.sound_key: FLAC, 16 kHz
    peaks = models.BinaryField(default=bytes)  # one byte for every tenth of a second: how loud, 0–255
    voice = models.JSONField(default=list)  # [[from_s, to_s], …] where somebody speaks
    turns = models.JSONField(default=list)  # [[from_s, to_s, number of the speaker from 1], …]
    language = models.CharField(max_length=8, default="es")  # spoken; "" when it is to be found out
    speakers_asked = models.PositiveSmallIntegerField(null=True)  # how many, as a person said
    speakers_by = models.CharField(max_length=12, choices=SpeakersBy.choices, blank=True, default="")
    # Raised with every change of what is read; what of it stands in the document's blocks.
    revision = models.PositiveIntegerField(default=0)
    published = models.PositiveIntegerField(default=0)
    written_at = models.DateTimeField(null=True)  # when there was a transcript
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("document"),
            models.UniqueConstraint(fields=["school", "document"], name="transcription_recording_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Part(SchoolModel):
    """A stretch of a recording that is transcribed in one call; a part that is done is never transcribed again."""

    recording = school_key("transcription.Recording", related_name="parts")
    ordinal = models.PositiveIntegerField()
    from_s = models.FloatField()
    to_s = models.FloatField()
    engine = models.CharField(max_length=40, blank=True)
    runs = models.CharField(max_length=10, blank=True)  # here, ours, outside
    decision_id = models.UUIDField(null=True)
    language = models.CharField(max_length=8, blank=True)
    # [{"text", "from_s", "to_s", "confidence": 0–1 | null, "words": [[text, from_s, to_s, confidence | null], …]}]
    # in seconds of the whole recording; with "speaker", from 1, where each channel is one voice
    spoken = models.JSONField(default=list)
    # As Recording.turns, where the engine tells who spoke; its numbers hold within the part.
    turns = models.JSONField(default=list)
    done_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("recording"),
            models.UniqueConstraint(
                fields=["school", "recording", "ordinal"], name="transcription_part_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recording_id} {self.ordinal}"


class Speaker(SchoolModel):
    """A voice of one recording."""

    recording = school_key("transcription.Recording", related_name="speakers")
    number = models.PositiveSmallIntegerField()  # from 1, in the order in which they are first heard
    name = models.CharField(lazy("nombre"), max_length=80, blank=True)
    is_joined = models.BooleanField(default=False)  # a person made it of several voices

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("recording"),
            models.UniqueConstraint(
                fields=["school", "recording", "number"], name="transcription_speaker_once"
            ),
        ]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """Return the name as people read it."""
        return self.name or _("Hablante %d") % self.number


class Segment(SchoolModel):
    """What one speaker said without a pause. Its id is made at birth, never from its times."""

    recording = school_key("transcription.Recording", related_name="segments")
    speaker = school_key("transcription.Speaker", models.SET_NULL, null=True, related_name="segments")
    from_s = models.FloatField()
    to_s = models.FloatField()
    text = models.TextField()
    words = models.JSONField(default=list)  # [[text, from_s, to_s, confidence 0–1 | null], …]
    confidence = models.FloatField(null=True)  # 0–1
    rev = models.PositiveIntegerField(default=1)  # who writes over another's change is told so
    edited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    edited_at = models.DateTimeField(null=True)  # when a person changed it; survives a new transcription
    deleted_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [*walled("recording", "speaker")]
        indexes = [models.Index(fields=["school", "recording", "from_s"], name="transcription_segment_order")]

    def __str__(self) -> str:
        return self.text[:60]


class Change(models.TextChoices):
    """What a person did to a segment."""

    TEXT = "text", lazy("Texto corregido")
    SPEAKER = "speaker", lazy("Cambio de hablante")
    SPLIT = "split", lazy("Dividido")
    MERGE = "merge", lazy("Unido")
    DELETE = "delete", lazy("Quitado")
    RESTORE = "restore", lazy("Restituido")


class SegmentVersion(SchoolModel):
    """A segment as it was before a change."""

    segment = school_key("transcription.Segment", related_name="versions")
    rev = models.PositiveIntegerField()
    change = models.CharField(max_length=10, choices=Change.choices)
    text = models.TextField()
    words = models.JSONField(default=list)
    speaker_name = models.CharField(max_length=80, blank=True)
    from_s = models.FloatField()
    to_s = models.FloatField()
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("segment"),
            models.UniqueConstraint(fields=["school", "segment", "rev"], name="transcription_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.rev}"


def empty_digest() -> dict[str, Any]:
    """Return the content of a digest that says nothing."""
    return {"bullets": [], "risks": [], "ideas": [], "topics": []}


class Digest(SchoolModel):
    """The summary of a recording: what was said and decided, each line with its seconds."""

    recording = school_key("transcription.Recording", related_name="digests")
    # {"bullets", "risks", "ideas", "topics": [{"text", "from_s", "to_s"}, …]}
    content = models.JSONField(default=empty_digest)
    made_by = models.CharField(max_length=40)  # an engine's name; "" for rules
    decision_id = models.UUIDField(null=True)
    revision = models.PositiveIntegerField()  # of the transcript that it was made from
    edited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    edited_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("recording"),
            models.UniqueConstraint(fields=["school", "recording"], name="transcription_digest_once"),
        ]

    def __str__(self) -> str:
        return str(self.recording_id)


class ActionState(models.TextChoices):
    """What has become of a task that somebody took on."""

    PROPOSED = "proposed", lazy("Por confirmar")
    OPEN = "open", lazy("Pendiente")
    DONE = "done", lazy("Hecha")
    REJECTED = "rejected", lazy("Descartada")


class Action(SchoolModel):
    """A task that was given or taken on in a recording, with the words that say so."""

    recording = school_key("transcription.Recording", related_name="actions")
    owner = models.CharField(max_length=120, blank=True)
    task = models.CharField(max_length=500)
    due = models.DateField(null=True)
    due_words = models.CharField(max_length=120, blank=True)  # as it was said: "el viernes"
    state = models.CharField(max_length=10, choices=ActionState.choices, default=ActionState.PROPOSED)
    quote = models.TextField(blank=True)
    from_s = models.FloatField(null=True)
    to_s = models.FloatField(null=True)
    confidence = models.FloatField(null=True)  # 0–1; None: a person's
    made_by = models.CharField(max_length=40, blank=True)  # an engine's name; "" for rules or a person
    edited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    edited_at = models.DateTimeField(null=True)  # what a person touched is not made anew
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [*walled("recording")]
        indexes = [models.Index(fields=["school", "recording", "from_s"], name="transcription_action_order")]

    def __str__(self) -> str:
        return self.task[:60]


class ActaTemplate(SchoolModel):
    """How a school writes its actas."""

    name = models.CharField(lazy("nombre"), max_length=100)
    # {"heading", "opening", "closing": text with {escuela} {fecha} {hora} {lugar} {asistentes}, "sections": [name, …]}
    content = models.JSONField(default=dict)
    is_default = models.BooleanField(default=False)
    edited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled(),
            models.UniqueConstraint(fields=["school", "name"], name="transcription_acta_template_name"),
            models.UniqueConstraint(
                fields=["school"],
                condition=models.Q(is_default=True),
                name="transcription_acta_template_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Acta(SchoolModel):
    """The record of a meeting, made from its recording and corrected by a person; each line knows its second."""

    recording = school_key("transcription.Recording", related_name="actas")
    template = school_key("transcription.ActaTemplate", models.SET_NULL, null=True, related_name="actas")
    title = models.CharField(max_length=300)
    held_on = models.DateField(null=True)
    held_at = models.CharField(max_length=200, blank=True)  # the place
    # {"opening", "closing", "attendance": [{"name", "role", "is_present", "from_s"}],
    #  "topics": [{"title", "text", "from_s", "to_s"}], "agreements": [{"what", "who", "due", "from_s", "to_s"}]}
    content = models.JSONField(default=dict)
    rev = models.PositiveIntegerField(default=1)
    edited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    edited_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("recording", "template"),
            models.UniqueConstraint(fields=["school", "recording"], name="transcription_acta_once"),
        ]

    def __str__(self) -> str:
        return self.title
