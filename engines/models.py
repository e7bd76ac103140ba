"""What a school lets engines do, what each call was decided by, and what it cost.

Money stands in millionths of the school's currency, as whole numbers (`…_u`).
"""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engines.labels import Label
from schools.ids import new_id
from schools.models import User
from schools.tenancy import SchoolModel, school_key
from schools.wall import walled

LABELS = [
    (Label.PUBLIC.value, _("Público")),
    (Label.INTERNAL.value, _("Interno")),
    (Label.CONFIDENTIAL.value, _("Confidencial")),
    (Label.MINORS.value, _("Datos de menores")),
]


class Rule(SchoolModel):
    """What a school lets one engine do. Without a row: what `engines.rules.usual` says of its place."""

    engine = models.CharField(max_length=40)
    is_enabled = models.BooleanField(default=True)
    tasks = models.JSONField(null=True)  # null: all that the engine does
    max_label = models.CharField(max_length=12, choices=LABELS)
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled(),
            models.UniqueConstraint(fields=["school", "engine"], name="engines_rule_once"),
        ]

    def __str__(self) -> str:
        return self.engine


class AtCap(models.TextChoices):
    """What happens when the month's money is used up."""

    LOCAL = "local", _("Seguir con los motores que no cuestan")
    STOP = "stop", _("Solo citar, sin motores que redactan")


class Plan(SchoolModel):
    """A school's own choices about money and questions; one row, made when it first chooses."""

    currency = models.CharField(max_length=3, default="USD")
    # Of a calendar month in the school's time zone; 0: nothing may be spent.
    cap_u = models.BigIntegerField(default=0)
    warn_percent = models.PositiveSmallIntegerField(default=80)
    at_cap = models.CharField(max_length=5, choices=AtCap.choices, default=AtCap.LOCAL)
    # Of what staff type, where no personal data is found in it.
    question_label = models.CharField(max_length=12, choices=LABELS, default=Label.INTERNAL.value)
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [*walled(), models.UniqueConstraint(fields=["school"], name="engines_plan_once")]

    def __str__(self) -> str:
        return f"{self.cap_u / 1_000_000} {self.currency}"


class Budget(SchoolModel):
    """A school's money of one month: what may be spent, what was, and what is held for calls under way.

    `spent_u` is the sum of the month's settled charges, `reserved_u` of the held ones.
    """

    month = models.DateField()  # its first day, in the school's time zone
    currency = models.CharField(max_length=3)
    limit_u = models.BigIntegerField()
    spent_u = models.BigIntegerField(default=0)
    reserved_u = models.BigIntegerField(default=0)
    warned_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled(),
            models.UniqueConstraint(fields=["school", "month"], name="engines_budget_once"),
            # Not spent + reserved <= limit: a call may turn out dearer than any estimate, and what was spent is booked
            # all the same. engines.ledger.reserve asks the limit.
            models.CheckConstraint(
                condition=models.Q(spent_u__gte=0, reserved_u__gte=0, limit_u__gte=0),
                name="engines_budget_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Decision(SchoolModel):
    """Which engine was to do what, and why; one for each errand, whatever was tried after it."""

    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    task = models.CharField(max_length=12)
    purpose = models.CharField(max_length=20)  # see engines.errands.Purpose
    subject_id = models.UUIDField(null=True)  # the message, document or recording that it is for
    label = models.CharField(max_length=12, choices=LABELS)
    label_sources = models.JSONField(default=list)  # [{"what": str, "label": str}]: what was how sensitive
    tokens_in = models.IntegerField(default=0)  # estimated
    tokens_out = models.IntegerField(default=0)
    # [{"engine", "runs", "eligible": bool, "reasons": [{"code", "text"}], "est_u": int | null, "est_ms": int | null}]
    candidates = models.JSONField(default=list)
    chosen = models.CharField(max_length=40, blank=True)  # who did it in the end; empty: nobody
    policy_version = models.CharField(max_length=20)
    price_version = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [*walled()]
        indexes = [models.Index(fields=["school", "subject_id"], name="engines_decision_subject")]

    def __str__(self) -> str:
        return f"{self.task}: {self.chosen}"


class ChargeState(models.TextChoices):
    """What has become of the money held for a call."""

    HELD = "held", _("Reservado")
    SETTLED = "settled", _("Gastado")
    RELEASED = "released", _("Liberado")


class Charge(SchoolModel):
    """One call to one engine: its money is held before, and settled or released after."""

    decision = school_key("engines.Decision", related_name="charges")
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    engine = models.CharField(max_length=40)
    runs = models.CharField(max_length=8)
    model = models.CharField(max_length=120, blank=True)
    task = models.CharField(max_length=12)
    purpose = models.CharField(max_length=20)
    month = models.DateField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=ChargeState.choices, default=ChargeState.HELD)
    est_u = models.BigIntegerField()
    actual_u = models.BigIntegerField(default=0)
    usd_u = models.BigIntegerField(default=0)  # the same in millionths of a US dollar, at the rate of the day
    # "usage": by what the engine told; "estimate": it did not tell, or the line broke; "expired": nobody settled it.
    basis = models.CharField(max_length=10, blank=True)
    outcome = models.CharField(
        max_length=30, blank=True
    )  # "ok", "stopped", or a value of engines.base.Failure
    tokens_in = models.IntegerField(null=True)
    tokens_out = models.IntegerField(null=True)
    seconds = models.FloatField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    first_ms = models.IntegerField(null=True)  # to the first word
    settled_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta(SchoolModel.Meta):
        constraints = [*walled("decision")]
        indexes = [
            models.Index(fields=["school", "month", "state"], name="engines_charge_month"),
            models.Index(fields=["school", "decision"], name="engines_charge_decision"),
            models.Index(
                fields=["school", "expires_at"],
                condition=models.Q(state="held"),
                name="engines_charge_held",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engine}: {self.actual_u} {self.currency}"


class PodState(models.TextChoices):
    """Where a rented machine is on its way."""

    OFF = "off", _("Apagado")
    STARTING = "starting", _("Encendiendo")
    WARMING = "warming", _("Cargando el modelo")
    READY = "ready", _("Listo")
    DRAINING = "draining", _("Por apagarse")
    ERROR = "error", _("Con fallas")


class Pod(models.Model):
    """A rented machine of one engine. Serves all schools of the installation; stands outside the wall."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    engine = models.CharField(max_length=40, unique=True)
    maker_id = models.CharField(
        max_length=80, blank=True
    )  # its name at the maker's; empty when there is none
    state = models.CharField(max_length=10, choices=PodState.choices, default=PodState.OFF)
    address = models.CharField(max_length=300, blank=True)
    wanted_at = models.DateTimeField(null=True)  # last time that work asked for it
    wanted_by = models.UUIDField(null=True)  # the school that asked last: pays for what nobody else used
    changed_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    booked_until = models.DateTimeField(null=True)  # its cost stands on ledgers up to here
    day = models.DateField(null=True)
    seconds_today = models.FloatField(default=0)
    error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.engine} ({self.state})"
