"""«¿Por qué este motor?»: decisions as they are told afterwards, and the one that would be taken now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from django.utils.translation import gettext as _

from engines import labels, ledger, router, rules
from engines.base import ChatRequest, Task
from engines.errands import Errand, Labelled, Purpose
from engines.labels import Label
from engines.models import Charge, ChargeState, Decision
from engines.routing import Choice
from schools.admission import Member
from schools.models import User
from schools.refusals import Refused
from schools.roles import Can
from schools.scope import school_scope

# What a question with its sources comes to, when a plan does not say.
USUAL_TOKENS = 4_000
MANY_PAGES_TOKENS = 60_000
USUAL_SECONDS = 60.0
MOST_CALLS = 50  # told of one decision; few have more than three
_PURPOSES: Mapping[str, Purpose] = {
    "chat": Purpose.ANSWER,
    "embed": Purpose.INDEX,
    "rerank": Purpose.RERANK,
    "transcribe": Purpose.TRANSCRIBE,
}


class NoSuchDecision(Refused):
    """There is none, or it is not for this person."""

    code = "not_found"
    status = 404


class NoSuchTask(Refused):
    """Engines do no such thing."""

    code = "invalid"


@dataclass(frozen=True, slots=True)
class Judged:
    """An engine in a decision: whether it may, and why. `reasons`: (stable word, sentence for staff)."""

    engine: str
    runs: str
    is_eligible: bool
    reasons: tuple[tuple[str, str], ...]
    est_u: int | None
    est_ms: int | None


@dataclass(frozen=True, slots=True)
class Call:
    """One call that followed from a decision, and what became of it."""

    engine: str
    runs: str
    model: str
    is_open: bool
    est_u: int
    amount_u: int
    currency: str
    basis: str
    outcome: str
    tokens_in: int | None
    tokens_out: int | None
    seconds: float | None
    first_ms: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """A decision. `id` None: planned alone; nothing was called, nothing written."""

    task: str
    purpose: str
    label: Label
    parts: tuple[Labelled, ...]
    tokens_in: int
    tokens_out: int
    judged: tuple[Judged, ...]
    currency: str
    id: UUID | None = None
    at: datetime | None = None
    who: str = ""
    chosen: str = ""
    calls: tuple[Call, ...] = ()

    @property
    def candidates(self) -> tuple[Judged, ...]:
        """Return who may, best first."""
        return tuple(each for each in self.judged if each.is_eligible)

    @property
    def refused(self) -> tuple[Judged, ...]:
        """Return who may not."""
        return tuple(each for each in self.judged if not each.is_eligible)

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """Return who was called and did not do it."""
        tried = (call.engine for call in self.calls if call.engine != self.chosen and not call.is_open)
        return tuple(dict.fromkeys(tried))

    @property
    def amount_u(self) -> int:
        """Return what all of its calls cost."""
        return sum(call.amount_u for call in self.calls)


def get(member: Member, decision_id: UUID) -> Told:
    """Return a decision to whom it was taken for, or to who looks after engines; raise NoSuchDecision."""
    with school_scope(member.school_id):
        row = Decision.objects.filter(pk=decision_id).first()
        is_mine = row is not None and row.user_id == member.user_id
        if row is None or not (is_mine or member.may(Can.SEE_USAGE) or member.may(Can.MANAGE_ENGINES)):
            raise NoSuchDecision(_("La decisión no existe."))
        charges = list(Charge.objects.filter(decision_id=row.pk).order_by("created_at", "pk")[:MOST_CALLS])
        currency = charges[0].currency if charges else rules.read().currency
    return Told(
        id=row.pk,
        at=row.created_at,
        who=_name(row.user_id),
        task=row.task,
        purpose=row.purpose,
        label=labels.of(row.label),
        parts=tuple(_parts(row, names_titles=is_mine or member.collections is None)),
        tokens_in=row.tokens_in,
        tokens_out=row.tokens_out,
        judged=tuple(_judged(row.candidates)),
        chosen=row.chosen,
        calls=tuple(_call(charge) for charge in charges),
        currency=currency,
    )


def task_of(name: str) -> Task:
    """Return the task of that name; raise NoSuchTask."""
    for task in get_args(Task):
        if task == name:
            return task  # type: ignore[no-any-return]  # get_args knows nothing of what it returns
    raise NoSuchTask(_("La tarea no existe."), field="task")


def plan(
    member: Member,
    *,
    task: Task,
    sensitivity: str | None,
    tokens_in: int | None = None,
    seconds: float | None = None,
) -> Told:
    """Return the decision that would be taken now for such an errand; what is not told counts as usual.

    An unknown sensitivity counts as confidential, as everywhere.
    """
    label = labels.of(sensitivity)
    purpose = _PURPOSES[task]
    errand = Errand(
        school_id=member.school_id,
        purpose=purpose,
        parts=(Labelled(_("lo que se indicó"), label),),
        user_id=member.user_id,
    )
    read = (0 if task == "transcribe" else USUAL_TOKENS) if tokens_in is None else tokens_in
    written = ChatRequest("").max_tokens if task == "chat" else 0
    length_s = USUAL_SECONDS if seconds is None else seconds
    choice: Choice = router.explain(
        errand,
        task=task,
        tokens_in=read,
        tokens_out=written,
        seconds=length_s if task == "transcribe" else 0.0,
    )
    return Told(
        task=task,
        purpose=purpose.value,
        label=label,
        parts=errand.parts,
        tokens_in=read,
        tokens_out=written,
        judged=tuple(_judged(ledger.as_json(choice))),
        currency=rules.policy(member.school_id).currency,
    )


def _judged(rows: Iterable[Mapping[str, Any]]) -> Iterable[Judged]:
    return (
        Judged(
            engine=row["engine"],
            runs=row["runs"],
            is_eligible=row["eligible"],
            reasons=tuple((reason["code"], reason["text"]) for reason in row["reasons"]),
            est_u=row["est_u"],
            est_ms=row["est_ms"],
        )
        for row in rows
    )


def _parts(row: Decision, *, names_titles: bool) -> Iterable[Labelled]:
    """Return what the engine would see; without the names of documents for who may not see every document."""
    return (
        Labelled(part["what"] if names_titles else _("una parte de lo enviado"), labels.of(part["label"]))
        for part in row.label_sources
    )


def _call(charge: Charge) -> Call:
    return Call(
        engine=charge.engine,
        runs=charge.runs,
        model=charge.model,
        is_open=charge.state == ChargeState.HELD,
        est_u=charge.est_u,
        amount_u=charge.actual_u,
        currency=charge.currency,
        basis=charge.basis,
        outcome=charge.outcome,
        tokens_in=charge.tokens_in,
        tokens_out=charge.tokens_out,
        seconds=charge.seconds,
        first_ms=charge.first_ms,
    )


def _name(user_id: UUID | None) -> str:
    found = User.objects.filter(pk=user_id).values_list("name", "email").first() if user_id else None
    return (found[0] or found[1]) if found else ""
