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
    unreadable = models.JSONField(default=list)  # [{"place": {…} | null, "reason": str, "code": str}]

    sensitivity = models.CharField(
        max_length=12, choices=Sensitivity.choices, default=Sensitivity.UNKNOWN, blank=True
    )
    valid_from = models.DateField(_("vigente desde"), null=True, blank=True)
    valid_until = models.DateField(_("vigente hasta"), null=True, blank=True)
    supersedes = school_key("documents.Document", models.SET_NULL, null=True, related_name="superseded_by")

    uploaded_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # Hidden at once; rows, file and vectors follow in the background.
    deleted_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("collection", "supersedes"),
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


class Block(SchoolModel):
    """A piece of a document in reading order, with its place in the original."""

    document = school_key("documents.Document", related_name="blocks")
    ordinal = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in Kind])
    level = models.PositiveSmallIntegerField(default=0)
    text = models.TextField()
    place = models.JSONField()
    cells = models.JSONField(default=list)  # of a table: rows of strings
    words = models.BinaryField(default=bytes)  # of a PDF: see places.pack_words

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
        )
