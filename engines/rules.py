"""What a school lets engines do: which of them, for which task, up to which label; and its choices about money."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from engines import config, labels
from engines.base import Engine, Task
from engines.labels import Label
from engines.models import AtCap, Budget, Plan, Rule
from schools import scope
from schools.admission import Member
from schools.ids import SchoolId
from schools.refusals import Refused
from schools.scope import school_scope

MOST_CAP = 10**9  # in whole units of a currency
MICRO = 1_000_000


class BadRule(Refused):
    """A school cannot choose this of an engine."""

    code = "invalid"


class BadPlan(Refused):
    """A school cannot choose this about its money."""

    code = "invalid"


class NoSuchEngine(Refused):
    """The installation has no such engine."""

    code = "not_found"
    status = 404


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one school lets one engine do. `tasks` None: all that it does."""

    is_enabled: bool
    max_label: Label
    tasks: frozenset[str] | None = None
    is_chosen: bool = False  # by the school; else it is what its place usually means

    def covers(self, task: Task) -> bool:
        """Say whether the engine may be used for the task."""
        return self.is_enabled and (self.tasks is None or task in self.tasks)


@dataclass(frozen=True, slots=True)
class Policy:
    """A school's choices, as one decision sees them."""

    allowances: Mapping[str, Allowance]
    currency: str = config.DOLLAR
    cap_u: int = 0
    warn_percent: int = 80
    at_cap: AtCap = AtCap.LOCAL
    question_label: Label = Label.INTERNAL

    def of(self, engine: Engine) -> Allowance:
        """Return what the school lets an engine do, never more than its entry allows."""
        found = self.allowances.get(engine.name) or usual(engine)
        if labels.allows(engine.max_label, found.max_label):
            return found
        return Allowance(found.is_enabled, engine.max_label, found.tasks, found.is_chosen)

    @property
    def version(self) -> str:
        """Return a short name of these choices: equal choices have equal names."""
        told = repr((sorted(self.allowances.items()), self.currency, self.cap_u, self.at_cap))
        return hashlib.sha256(told.encode()).hexdigest()[:12]


def usual(engine: Engine) -> Allowance:
    """Return what an engine may do in a school that chose nothing.

    What runs on the school's own machines may see everything. Whatever else waits for the director's yes: texts leave
    the house, and money does.
    """
    return Allowance(is_enabled=engine.runs == "here", max_label=engine.max_label)


def policy(school_id: SchoolId) -> Policy:
    """Return a school's choices."""
    [row] = scope.run(school_id, f"SELECT {SELECTED} {FROM_SCHOOL}", {"school": school_id})
    return of_row(row)


def read() -> Policy:
    """Return the choices of the school in scope."""
    rows = Rule.objects.values_list("engine", "is_enabled", "max_label", "tasks")
    return of_rows(rows, Plan.objects.values_list(*PLAN_COLUMNS).first())


PLAN_COLUMNS = ("currency", "cap_u", "warn_percent", "at_cap", "question_label")


# The same of a school named in the statement: one line for what two queries would say, asked several times an answer.
SELECTED = """(SELECT json_agg(json_build_array(engine, is_enabled, max_label, tasks))::text
    FROM engines_rule WHERE school_id = %(school)s),
  plan.currency, plan.cap_u, plan.warn_percent, plan.at_cap, plan.question_label"""
FROM_SCHOOL = "FROM (SELECT 1) AS one LEFT JOIN engines_plan AS plan ON plan.school_id = %(school)s"


def of_row(row: Sequence[Any]) -> Policy:
    """Return the choices that a row of SELECTED holds."""
    found, *plan = row
    return of_rows(json.loads(found) if found else [], plan if plan[0] is not None else None)


def of_rows(rules: Iterable[Sequence[Any]], plan: Sequence[Any] | None) -> Policy:
    """Return the choices that rows hold: of a rule engine, is_enabled, max_label, tasks; of the plan PLAN_COLUMNS."""
    allowances = {
        name: Allowance(
            is_enabled=is_enabled,
            max_label=labels.of(max_label),
            tasks=None if tasks is None else frozenset(tasks),
            is_chosen=True,
        )
        for name, is_enabled, max_label, tasks in rules
    }
    if plan is None:
        return Policy(allowances=allowances)
    currency, cap_u, warn_percent, at_cap, question_label = plan
    return Policy(
        allowances=allowances,
        currency=currency,
        cap_u=cap_u,
        warn_percent=warn_percent,
        at_cap=AtCap(at_cap),
        question_label=labels.of(question_label),
    )


def allow(
    member: Member,
    name: str,
    *,
    is_enabled: bool,
    max_label: str,
    tasks: Sequence[str] | None = None,
) -> Allowance:
    """Keep what the school lets an engine do; raise NoSuchEngine or BadRule."""
    engine = config.load().engine(name)
    if engine is None:
        raise NoSuchEngine(_("El motor no existe."))
    if max_label not in tuple(Label):
        raise BadRule(_("La confidencialidad elegida no existe."), field="max_label")
    if not labels.allows(engine.max_label, Label(max_label)):
        raise BadRule(_("El archivo de motores no deja que «%s» vea tanto.") % engine.name, field="max_label")
    if tasks is not None and (not tasks or set(tasks) - set(engine.tasks)):
        raise BadRule(_("El motor no hace alguna de las tareas elegidas."), field="tasks")
    chosen = None if tasks is None or set(tasks) == set(engine.tasks) else sorted(set(tasks))
    with school_scope(member.school_id):
        Rule.objects.update_or_create(
            engine=name,
            defaults={
                "is_enabled": is_enabled,
                "max_label": max_label,
                "tasks": chosen,
                "changed_by_id": member.user_id,
                "changed_at": timezone.now(),
            },
        )
        return read().of(engine)


def plan(
    member: Member,
    *,
    currency: str | None = None,
    cap: Decimal | None = None,
    warn_percent: int | None = None,
    at_cap: str | None = None,
    question_label: str | None = None,
    now: datetime | None = None,
) -> Policy:
    """Keep the school's choices about money and questions, those that are given; raise BadPlan."""
    if currency is not None and currency not in config.load().currencies:
        raise BadPlan(_("La instalación no tiene el cambio de esa moneda."), field="currency")
    if cap is not None and (not cap.is_finite() or not 0 <= cap <= MOST_CAP):
        raise BadPlan(_("El tope debe ser un monto desde 0."), field="cap")
    if warn_percent is not None and not 1 <= warn_percent <= 100:
        raise BadPlan(_("El aviso debe ser un porcentaje de 1 a 100."), field="warn_percent")
    if at_cap is not None and at_cap not in AtCap.values:
        raise BadPlan(_("Esa opción no existe."), field="at_cap")
    if question_label is not None and question_label not in tuple(Label):
        raise BadPlan(_("La confidencialidad elegida no existe."), field="question_label")
    month = month_of(now or timezone.now(), member.time_zone)
    with school_scope(member.school_id):
        row = Plan.objects.select_for_update().first() or Plan()
        if currency is not None and currency != row.currency:
            _refuse_two_currencies(month)
            row.currency = currency
        row.cap_u = row.cap_u if cap is None else int(cap * MICRO)
        row.warn_percent = row.warn_percent if warn_percent is None else warn_percent
        row.at_cap = row.at_cap if at_cap is None else at_cap
        row.question_label = row.question_label if question_label is None else question_label
        row.changed_by_id, row.changed_at = member.user_id, timezone.now()
        row.save()
        # What is spent stays; less than that may be left, and then nothing more goes out.
        Budget.objects.filter(month=month).update(limit_u=row.cap_u, currency=row.currency)
        return read()


def _refuse_two_currencies(month: date) -> None:
    """Raise when the month has spent already: a sum of two currencies is none."""
    if Budget.objects.filter(month=month).exclude(spent_u=0, reserved_u=0).exists():
        raise BadPlan(
            _("Este mes ya se gastó en la moneda anterior; se puede cambiar desde el mes que viene."),
            field="currency",
        )


def month_of(moment: datetime, time_zone: str) -> date:
    """Return the first day of the calendar month that a moment falls in, in the school's time zone."""
    return moment.astimezone(ZoneInfo(time_zone)).date().replace(day=1)
