"""The state of background work. Postgres holds all of it; Redis carries only the message "look at run N"."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from schools.ids import new_id
from schools.models import School
from schools.tenancy import SchoolModel, school_key
from schools.wall import walled


class RunState(models.TextChoices):
    """Where a run stands. From QUEUED and RUNNING it goes on by itself; the others are ends."""

    QUEUED = "queued", _("En espera")
    RUNNING = "running", _("En curso")
    DONE = "done", _("Terminado")
    FAILED = "failed", _("Falló")
    CANCELLED = "cancelled", _("Cancelado")


ENDS = frozenset({RunState.DONE, RunState.FAILED, RunState.CANCELLED})


class Run(SchoolModel):
    """One piece of background work on one subject."""

    kind = models.CharField(max_length=30)  # a key of settings.PIPELINES
    subject_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    stage = models.CharField(max_length=30, blank=True)  # the stage at work or next
    error_code = models.CharField(max_length=60, blank=True)
    error_detail = models.TextField(blank=True)
    # In whose name it reads, where it does: see docs/decisions/0022. No key: who was erased is not nobody.
    asked_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled(),
            # One live run of a kind per subject: a double click on "retry" makes no second one.
            models.UniqueConstraint(
                fields=["school", "kind", "subject_id"],
                condition=models.Q(state__in=["queued", "running"]),
                name="pipeline_run_one_live",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "subject_id", "kind", "-created_at"], name="pipeline_run_subject"),
            models.Index(fields=["school", "kind", "finished_at"], name="pipeline_run_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} {self.state}"


class Mark(SchoolModel):
    """What one stage of a run has reached, and who holds it."""

    run = school_key("pipeline.Run", related_name="marks")
    stage = models.CharField(max_length=30)
    version = models.PositiveIntegerField()
    is_done = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The holder's token; a worker whose token is not here any more writes nothing (fencing).
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    share_done = models.FloatField(default=0.0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)  # the last failure, for engineers
    waits = models.CharField(max_length=500, blank=True)  # for what it waits, in words for staff

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("run"),
            models.UniqueConstraint(fields=["school", "run", "stage"], name="pipeline_mark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.stage}"


class Due(models.Model):
    """A run that is not at its end, and when to look at it again. Ids only; stands outside the wall.

    The sweep reads this one table instead of every school's runs. While a worker lives it pushes `next_at` before
    itself; when it dies, `next_at` comes and the message is sent again.
    """

    run_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="+")
    queue = models.CharField(max_length=10)
    next_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "due"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_at"], name="pipeline_due_next_at")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.next_at}"
