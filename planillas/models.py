"""Planillas: their templates, their rows of cells, where each came from and who changed it; and reports."""

from typing import Any

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engines.spanish import fold
from planillas import cells
from planillas.cells import Cells
from schools.models import User
from schools.tenancy import SchoolModel, school_key
from schools.wall import walled


class Template(SchoolModel):
    """What a planilla holds: its columns, and the school's own file where it has one."""

    name = models.CharField(_("nombre"), max_length=100)
    purpose = models.CharField(_("para qué sirve"), max_length=500, blank=True)
    row_is = models.CharField(_("qué es una fila"), max_length=100, blank=True)  # "un alumno"
    rows_expected = models.PositiveIntegerField(_("filas esperadas"), null=True, blank=True)
    columns = models.JSONField(default=list)  # see planillas.columns
    # The file it is filled into: "xlsx", "ods", "docx"; "" where the planilla is drawn by us.
    format = models.CharField(max_length=4, blank=True)
    filename = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    layout = models.JSONField(default=dict)  # where in that file what goes: see planillas.own_files
    told = models.JSONField(
        default=list
    )  # what was taken out of that file, or cannot be filled: [words for staff]
    ready_made = models.CharField(
        max_length=40, blank=True
    )  # the name of the ready-made one that it was copied from
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    rev = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled(),
            models.UniqueConstraint(
                "school",
                Lower("name"),
                condition=models.Q(deleted_at=None),
                name="planillas_template_name_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def file_key(self) -> str:
        """Return the name of the stored file, as it was cleaned; only where `format` is set."""
        return f"s/{self.school_id}/planilla-templates/{self.pk}/{self.sha256}"


class State(models.TextChoices):
    """How far a planilla or a report is."""

    FILLING = "filling", _("Completándose")
    REVIEW = "review", _("Por revisar")
    APPROVED = "approved", _("Aprobada")
    FAILED = "failed", _("No se pudo completar")


class Planilla(SchoolModel):
    """A planilla that is being filled or was; it keeps its own copy of its template."""

    template = school_key("planillas.Template", models.SET_NULL, null=True, related_name="planillas")
    title = models.CharField(_("título"), max_length=200)
    title_folded = models.CharField(max_length=200, editable=False, default="")
    row_is = models.CharField(max_length=100, blank=True)
    rows_expected = models.PositiveIntegerField(null=True)
    columns = models.JSONField(default=list)
    format = models.CharField(max_length=4, blank=True)
    filename = models.CharField(max_length=255, blank=True)
    layout = models.JSONField(default=dict)
    instructions = models.TextField(_("indicaciones"), blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.FILLING)
    error_code = models.CharField(max_length=60, blank=True)
    error_detail = models.TextField(blank=True)
    told = models.JSONField(
        default=list
    )  # what could not be done, and why: [{"code": str, "text": words for staff}]
    # How far the filling came, so that another worker goes on and does nothing twice (see planillas.fill).
    filled = models.JSONField(default=dict)
    rev = models.PositiveIntegerField(default=1)  # raised with every change of a cell
    version = models.PositiveIntegerField(default=0)  # the last approved one; 0: none
    approved_rev = models.PositiveIntegerField(default=0)  # the rev that was approved
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    filled_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [*walled("template")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row, with the name it is found by."""
        self.title_folded = fold(self.title)[:200]
        super().save(*args, **kwargs)

    @property
    def template_key(self) -> str:
        """Return the name of the stored copy of the template's file; only where `format` is set."""
        return f"s/{self.school_id}/planillas/{self.pk}/template"


class Source(SchoolModel):
    """A document or recording that a planilla was filled from. Outlives its document, to say what it was."""

    planilla = school_key("planillas.Planilla", related_name="sources")
    document = school_key("documents.Document", models.SET_NULL, null=True, related_name="planilla_sources")
    document_id_then = models.UUIDField()  # the same, also after the document is gone
    # Who may see the planilla must see every collection that it was made from.
    collection = school_key(
        "documents.Collection", models.SET_NULL, null=True, related_name="planilla_sources"
    )
    ordinal = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    mark = models.CharField(max_length=64, blank=True)  # of what was read there: see planillas.staleness
    is_stale = models.BooleanField(default=False)
    why_stale = models.CharField(max_length=300, blank=True)
    read_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("planilla", "document", "collection"),
            models.UniqueConstraint(
                fields=["school", "planilla", "document_id_then"], name="planillas_source_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Row(SchoolModel):
    """A row. Its cells stand in it, as planillas.cells packs them: a cell has no life without its row."""

    planilla = school_key("planillas.Planilla", related_name="rows")
    position = models.FloatField()  # in the planilla; between two there is always room
    # What it is known by, folded: [identity, …]; see planillas.identity
    keys = models.JSONField(default=list)
    cells = models.JSONField(default=dict)
    places = models.JSONField(default=list)  # the sources that its cells share
    made_by = models.CharField(max_length=40, blank=True)  # an engine's name; "" rules; "person"
    rev = models.PositiveIntegerField(default=1)
    # How many of its cells are so; what is in none of these has no evidence.
    found = models.PositiveSmallIntegerField(default=0)
    edited = models.PositiveSmallIntegerField(default=0)
    conflict = models.PositiveSmallIntegerField(default=0)
    stale = models.PositiveSmallIntegerField(default=0)
    invalid = models.PositiveSmallIntegerField(default=0)
    deleted_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [*walled("planilla")]
        indexes = [models.Index(fields=["school", "planilla", "position"], name="planillas_row_order")]

    def __str__(self) -> str:
        return f"{self.planilla_id} {self.position}"

    def read(self) -> Cells:
        """Return its cells by column."""
        return cells.unpack(self.cells, self.places)

    def write(self, told: Cells) -> None:
        """Take over cells, and count them; does not save."""
        packed = cells.pack(told)
        self.cells, self.places = packed.cells, packed.sources
        counts = dict.fromkeys(("found", "edited", "conflict", "stale", "invalid"), 0)
        for cell in told.values():
            if cell.status in counts:
                counts[cell.status] += 1
        for name, count in counts.items():
            setattr(self, name, count)


class Act(models.TextChoices):
    """What a person did to a planilla."""

    EDIT = "edit", _("Editó")
    CHOOSE = "choose", _("Eligió")
    CLEAR = "clear", _("Vació")
    ADD_ROW = "add_row", _("Agregó una fila")
    REMOVE_ROW = "remove_row", _("Quitó una fila")
    REFILL = "refill", _("Volvió a completar")
    UNDO = "undo", _("Deshizo")
    REDO = "redo", _("Rehízo")


class Edit(SchoolModel):
    """One change of one cell or row: what it was, what it became, who and when."""

    planilla = school_key("planillas.Planilla", related_name="edits")
    row = school_key("planillas.Row", related_name="edits")
    batch = models.UUIDField()  # one gesture: a paste of forty cells is undone as one
    act = models.CharField(max_length=10, choices=Act.choices)
    column = models.CharField(max_length=60, blank=True)  # "": the whole row
    before = models.JSONField(default=dict)  # {"cells", "places"} as in Row, of that one cell; empty: nothing
    after = models.JSONField(default=dict)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [*walled("planilla", "row")]
        indexes = [models.Index(fields=["school", "planilla", "-id"], name="planillas_edit_order")]

    def __str__(self) -> str:
        return f"{self.act} {self.column}"


class Version(SchoolModel):
    """A planilla as it was approved: never changed again."""

    planilla = school_key("planillas.Planilla", related_name="versions")
    number = models.PositiveIntegerField()  # from 1
    rev = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    columns = models.JSONField(default=list)
    rows = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64)  # of the stored file: its rows as JSON lines, gzip
    approved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    approved_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("planilla"),
            models.UniqueConstraint(fields=["school", "planilla", "number"], name="planillas_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.planilla_id} v{self.number}"

    @property
    def file_key(self) -> str:
        """Return the name of the stored rows: with their hash, so that no two versions ever share it."""
        return f"s/{self.school_id}/planillas/{self.planilla_id}/v{self.number}-{self.sha256}"


class ReportTemplate(SchoolModel):
    """How a kind of report is built: its sections, each with what to write in it."""

    name = models.CharField(_("nombre"), max_length=100)
    purpose = models.CharField(_("para qué sirve"), max_length=500, blank=True)
    # [{"key", "title", "prompt", "words": length asked for, "kind": "text" | "table" | "chart"}]
    sections = models.JSONField(default=list)
    ready_made = models.CharField(max_length=40, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    rev = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled(),
            models.UniqueConstraint(
                "school",
                Lower("name"),
                condition=models.Q(deleted_at=None),
                name="planillas_report_template_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Report(SchoolModel):
    """A report or action plan, written section by section from its sources."""

    template = school_key("planillas.ReportTemplate", models.SET_NULL, null=True, related_name="reports")
    title = models.CharField(_("título"), max_length=200)
    title_folded = models.CharField(max_length=200, editable=False, default="")
    instructions = models.TextField(_("indicaciones"), blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.FILLING)
    error_code = models.CharField(max_length=60, blank=True)
    error_detail = models.TextField(blank=True)
    told = models.JSONField(default=list)
    rev = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    drafted_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [*walled("template")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row, with the name it is found by."""
        self.title_folded = fold(self.title)[:200]
        super().save(*args, **kwargs)


class ReportSource(SchoolModel):
    """A document, recording or planilla that a report was written from."""

    report = school_key("planillas.Report", related_name="sources")
    document = school_key("documents.Document", models.SET_NULL, null=True, related_name="report_sources")
    planilla = school_key("planillas.Planilla", models.SET_NULL, null=True, related_name="report_sources")
    id_then = models.UUIDField()  # of either, also after it is gone
    collection = school_key("documents.Collection", models.SET_NULL, null=True, related_name="report_sources")
    ordinal = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64, blank=True)
    is_stale = models.BooleanField(default=False)
    why_stale = models.CharField(max_length=300, blank=True)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("report", "document", "planilla", "collection"),
            models.UniqueConstraint(
                fields=["school", "report", "id_then"], name="planillas_report_source_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SectionState(models.TextChoices):
    """How far a section of a report is."""

    WAITING = "waiting", _("En espera")
    DRAFTED = "drafted", _("Redactada")
    QUOTED = "quoted", _("Con citas textuales")
    EDITED = "edited", _("Editada")
    EMPTY = "empty", _("Sin evidencia")
    STALE = "stale", _("Desactualizada")
    FAILED = "failed", _("No se pudo redactar")


class Section(SchoolModel):
    """A section of a report, its text with [n] where a citation stands."""

    report = school_key("planillas.Report", related_name="sections")
    ordinal = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    prompt = models.TextField(blank=True)
    words = models.PositiveIntegerField(default=150)  # length asked for
    kind = models.CharField(max_length=8, default="text")  # text, table, chart
    # Of a table or chart: {"planilla": id, "columns": [keys], "by": key, "shape": "bar" | "line" | "pie"}
    drawn = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=SectionState.choices, default=SectionState.WAITING)
    text = models.TextField(blank=True)
    # [{"n", "document_id", "title", "place", "quote", "verified", "sha256"}]
    citations = models.JSONField(default=list)
    told = models.JSONField(
        default=dict
    )  # {"engine", "runs", "cost_u", "currency", "reason": words for staff}
    decision_id = models.UUIDField(null=True)
    rev = models.PositiveIntegerField(default=1)
    edited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    edited_at = models.DateTimeField(null=True)
    drafted_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("report"),
            models.UniqueConstraint(
                fields=["school", "report", "ordinal"],
                name="planillas_section_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.title
