"""Documents, the collections they are sorted into, and the blocks that were read from them."""

from typing import Any

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents import places
from documents.blocks import Kind, ParsedBlock
from engines.spanish import fold
from schools.models import User
from schools.tenancy import SchoolModel, school_key
from schools.wall import walled


class Collection(SchoolModel):
    """A shelf of the library; access is given by collection. Every document stands on exactly one."""

    name = models.CharField(_("nombre"), max_length=100)
    description = models.CharField(_("descripción"), max_length=500, blank=True)
    # The shelf for documents that nobody sorted; one per school, cannot be deleted.
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled(),
            models.UniqueConstraint("school", Lower("name"), name="documents_collection_name_once"),
            models.UniqueConstraint(
                fields=["school"],
                condition=models.Q(is_default=True),
                name="documents_collection_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Status(models.TextChoices):
    """What has become of a document."""

    QUEUED = "queued", _("En espera")
    PROCESSING = "processing", _("Procesando")
    READY = "ready", _("Listo")
    PARTIAL = "partial", _("Listo en parte")
    FAILED = "failed", _("No se pudo procesar")


class Scan(models.TextChoices):
    """What the virus scanner said of a file when it last looked."""

    NONE = "", _("Sin revisar")
    CLEAN = "clean", _("Revisado")
    FOUND = "found", _("En cuarentena")


class Sensitivity(models.TextChoices):
    """Who may be told of a document's content; unknown counts as confidential."""

    UNKNOWN = "", _("Sin clasificar")
    PUBLIC = "public", _("Público")
    INTERNAL = "internal", _("Interno")
    CONFIDENTIAL = "confidential", _("Confidencial")
    MINORS = "minors", _("Datos de menores")


class Document(SchoolModel):
    """An uploaded file and what is known of it."""

    collection = school_key("documents.Collection", models.PROTECT, related_name="documents")
    title = models.CharField(_("título"), max_length=300)
    filename = models.CharField(max_length=255)
    # Title and file name without accents or capitals, to be found by.
    name_folded = models.CharField(max_length=600, editable=False)
    format = models.CharField(max_length=20)  # a name of documents.parsers
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    pages = models.PositiveIntegerField(null=True)

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    error_code = models.CharField(max_length=60, blank=True)
    error_detail = models.TextField(blank=True)
    scan = models.CharField(max_length=8, choices=Scan.choices, default=Scan.NONE, blank=True)
    # [{"place": {…} | null, "reason": str, "code": str, "ignored": bool}]; ignored: a person said so
    unreadable = models.JSONField(default=list)
    ocr_pages = models.JSONField(default=list)  # pages that a person asked to be read by OCR, text or not
    # A PDF beside the original that stands for it in the viewer and for OCR: of a photograph, or without its password.
    has_copy = models.BooleanField(default=False)

    sensitivity = models.CharField(
        max_length=12, choices=Sensitivity.choices, default=Sensitivity.UNKNOWN, blank=True
    )
    # What a reading of its text found, for a person to confirm: a value of Sensitivity, and the places that say so:
    # [{"kind": str, "count": int, "samples": [{"text": masked, "block": ordinal, "place": {…}}]}]
    suggested_sensitivity = models.CharField(max_length=12, blank=True)
    personal_data = models.JSONField(default=list)
    labelled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    labelled_at = models.DateTimeField(null=True)  # when a person set or confirmed the label
    valid_from = models.DateField(_("vigente desde"), null=True, blank=True)
    valid_until = models.DateField(_("vigente hasta"), null=True, blank=True)
    supersedes = school_key(
        "documents.Document", models.SET_NULL, null=True, related_name="superseded_by", db_index=False
    )
    issuer = models.CharField(_("organismo que lo emite"), max_length=200, blank=True)
    # The mail or archive that it came in.
    parent = school_key("documents.Document", models.SET_NULL, null=True, related_name="parts")

    uploaded_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # Hidden at once; rows, file and vectors follow in the background.
    deleted_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("collection", "supersedes", "parent"),
            # The same file twice is one document.
            models.UniqueConstraint(
                fields=["school", "sha256"],
                condition=models.Q(deleted_at=None),
                name="documents_document_file_once",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "collection", "-id"], name="documents_document_shelf"),
            models.Index(fields=["school", "status"], name="documents_document_status"),
            # In place of one without the school, which is as long as the installation is large.
            models.Index(
                fields=["school", "supersedes"],
                condition=models.Q(supersedes__isnull=False),
                name="documents_document_replaces",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row, with the name it is found by."""
        self.name_folded = fold(f"{self.title} {self.filename}")[:600]
        super().save(*args, **kwargs)

    @property
    def file_key(self) -> str:
        """Return the name of the stored original: never the user's, and never shared with another document."""
        return f"s/{self.school_id}/{self.pk}/{self.sha256}"

    @property
    def copy_key(self) -> str:
        """Return the name of the stored PDF that stands for the original, where `has_copy`."""
        return f"s/{self.school_id}/{self.pk}/copy.pdf"

    @property
    def legible_key(self) -> str:
        """Return the name of the file that is parsed and shown: the copy where there is one, else the original."""
        return self.copy_key if self.has_copy else self.file_key

    @property
    def sound_key(self) -> str:
        """Return the name of a recording's sound as it is transcribed and played."""
        return f"s/{self.school_id}/{self.pk}/sound.flac"

    def picture_key(self, name: str) -> str:
        """Return the name of a stored picture of the document."""
        return f"s/{self.school_id}/{self.pk}/pictures/{name}"


class Block(SchoolModel):
    """A piece of a document in reading order, with its place in the original."""

    document = school_key("documents.Document", related_name="blocks")
    ordinal = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in Kind])
    level = models.PositiveSmallIntegerField(default=0)
    text = models.TextField()
    place = models.JSONField()
    cells = models.JSONField(default=list)  # of a table: rows of strings
    words = models.BinaryField(
        default=bytes
    )  # of a page or of a recording: see places.pack_words, pack_times
    doubts = models.JSONField(
        default=list
    )  # [[first character, last plus one], …] recognised with little certainty
    picture = models.CharField(max_length=40, blank=True)  # the name of its image, see Document.picture_key

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("document"),
            models.UniqueConstraint(fields=["school", "document", "ordinal"], name="documents_block_once"),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    def parsed(self) -> ParsedBlock:
        """Return the block as the parser made it; without its words when they were not loaded."""
        return ParsedBlock(
            kind=Kind(self.kind),
            text=self.text,
            place=places.from_json(self.place),
            level=self.level,
            cells=tuple(tuple(row) for row in self.cells),
            words=b"" if "words" in self.get_deferred_fields() else bytes(self.words),
            doubts=tuple((first, last) for first, last in self.doubts),
            picture=self.picture,
        )


class PageReading(SchoolModel):
    """What OCR read on one page of a document: kept page by page, so that a crash costs one."""

    document = school_key("documents.Document", related_name="page_readings")
    page = models.PositiveIntegerField()  # from 1
    # {"rotation": of the page in the file that it was placed on, degrees, "blocks": as documents.parsers.wire writes}
    blocks = models.JSONField(default=list)
    confidence = models.FloatField()  # mean over the words, 0–1
    reader = models.CharField(max_length=60)  # program, version and settings; another reader reads again
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("document"),
            models.UniqueConstraint(
                fields=["school", "document", "page"], name="documents_page_reading_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.page}"


class Watch(SchoolModel):
    """That a school has a watched folder, and in whose name its files come in."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    is_on = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled(),
            models.UniqueConstraint(fields=["school"], name="documents_watch_once"),
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {'on' if self.is_on else 'off'}"


class ArrivalState(models.TextChoices):
    """How far a file of a watched folder has come."""

    SEEN = "seen", _("Esperando que termine de copiarse")
    TAKEN = "taken", _("En proceso")
    TOLD = "told", _("Terminado")


class Arrival(SchoolModel):
    """A file that came into a school's watched folder."""

    path = models.CharField(max_length=1_000)  # below input/, with slashes
    size_bytes = models.PositiveBigIntegerField()
    modified_ns = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=ArrivalState.choices, default=ArrivalState.SEEN)
    document = school_key("documents.Document", models.SET_NULL, null=True, related_name="arrivals")
    error_code = models.CharField(max_length=60, blank=True)
    error_detail = models.TextField(blank=True)
    seen_at = models.DateTimeField(default=timezone.now)  # when it was last seen to grow
    taken_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("document"),
            # One file of a name is under way at a time; those that are done keep their history.
            models.UniqueConstraint(
                fields=["school", "path"],
                condition=~models.Q(state="told"),
                name="documents_arrival_one_under_way",
            ),
        ]
        indexes = [models.Index(fields=["school", "state", "-id"], name="documents_arrival_state")]

    def __str__(self) -> str:
        return self.path
