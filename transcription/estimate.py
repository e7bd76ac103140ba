"""Who would transcribe a recording, how long that takes and what it costs; or why nobody can, and what to do then."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from engines import config, labels, router, rules
from engines.base import Runs
from engines.errands import Errand, Labelled, Purpose
from engines.models import Charge
from engines.routing import Candidate, Choice, Why
from engines.words import engine as engine_name
from schools.admission import Member
from schools.ids import SchoolId
from schools.scope import school_scope
from transcription.models import Part

# Seconds of work for one of sound, where nothing was measured yet.
_USUAL: dict[Runs, float] = {"here": 0.4, "ours": 0.1, "outside": 0.1}
_MEASURED_PARTS = 20
_MONEY = frozenset({Why.NO_CAP, Why.MONEY, Why.MONTH_OVER})


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is to be expected. `engine` "": nobody can do it now, and `refused` says why and what to do."""

    engine: str
    runs: str
    seconds_needed: float | None
    amount_u: int | None
    currency: str
    reasons: tuple[str, ...]
    refused: str = ""


def estimate(member: Member, *, seconds: float, label: str | None) -> Estimate:
    """Return who would transcribe so many seconds of sound with that label, as things are now; asks nobody."""
    parts = (Labelled(_("la grabación"), labels.of(label)),)
    errand = Errand(
        school_id=member.school_id, purpose=Purpose.TRANSCRIBE, parts=parts, user_id=member.user_id
    )
    choice = router.explain(errand, task="transcribe", seconds=seconds)
    currency = rules.policy(member.school_id).currency
    if not choice.candidates:
        return Estimate("", "", None, None, currency, (), refused=refusal(choice))
    best = choice.candidates[0]
    return Estimate(
        engine=best.engine.name,
        runs=best.engine.runs,
        seconds_needed=seconds * speed(member.school_id, best.engine.name),
        amount_u=best.est_u,
        currency=currency,
        reasons=tuple(reason.text for reason in best.reasons),
    )


def speed(school_id: SchoolId, engine: str) -> float:
    """Return the seconds of work for one of sound that an engine took for this school lately, else a usual figure."""
    with school_scope(school_id):
        parts = list(
            Part.objects.filter(engine=engine, decision_id__isnull=False)
            .exclude(done_at=None)
            .order_by("-done_at")
            .values_list("decision_id", "from_s", "to_s")[:_MEASURED_PARTS]
        )
        calls = Charge.objects.filter(
            decision_id__in=[decision_id for decision_id, *_span in parts],
            engine=engine,
            outcome="ok",
            settled_at__isnull=False,
        )
        took = {
            decision_id: (ended - began).total_seconds() if ended else 0.0
            for decision_id, began, ended in calls.values_list("decision_id", "created_at", "settled_at")
        }
    heard_s = sum(to_s - from_s for decision_id, from_s, to_s in parts if decision_id in took)
    if heard_s >= 1.0:
        return sum(took.values()) / heard_s
    found = config.load().engine(engine)
    return _USUAL[found.runs] if found else _USUAL["here"]


def refusal(choice: Choice) -> str:
    """Return why nobody transcribes, engine by engine, and what would change that; in words for staff."""
    able = [each for each in choice.refused if "transcribe" in each.engine.tasks]
    if not able:
        return _(
            "La instalación no tiene un motor que transcriba; quien la mantiene puede agregarlo en engines.yaml."
        )
    told = [f"«{engine_name(each.engine.name)}»: {each.reason}" for each in able[:4]]
    return " ".join([*told, *_advice(able)])


def _advice(refused: Iterable[Candidate]) -> list[str]:
    """Return what the direction can do about it."""
    sets = [{reason.code for reason in each.reasons} for each in refused]
    found = []
    # An engine that lacks more than one thing is no advice.
    if any(codes == {Why.DISABLED} for codes in sets):
        found.append(_("La dirección puede habilitar un motor en Motores."))
    if any(codes and codes <= _MONEY | {Why.DISABLED} and codes & _MONEY for codes in sets):
        found.append(_("La dirección puede fijar o subir el tope del mes en Motores."))
    return found
