"""The decision: which engines may do an errand, best first, and which may not, each with its reasons. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from engines import labels, prices
from engines.base import Engine, Task
from engines.labels import Label
from engines.models import AtCap
from engines.rules import Policy

# What staff call the labels in the middle of a sentence.
_LABEL_WORDS = {
    Label.PUBLIC: "lo público",
    Label.INTERNAL: "lo interno",
    Label.CONFIDENTIAL: "lo confidencial",
    Label.MINORS: "los datos de menores",
}
QUOTING = "quoting"
RENTED = "runpod_pod"


class Why(StrEnum):
    """Why an engine may or may not; a stable word for programs."""

    HERE = "here"
    OURS = "ours"
    OUTSIDE = "outside"
    FREE = "free"
    PAID = "paid"
    QUOTES = "quotes"  # it only quotes: asked last
    OTHER_LANGUAGE = "other_language"  # it is better at others: asked late
    WISHED = "wished"
    # of the refused
    TASK = "task"
    NOT_WISHED = "not_wished"
    DISABLED = "disabled"
    LABEL = "label"
    PRICE_UNKNOWN = "price_unknown"
    TOO_LONG = "too_long"
    RESTING = "resting"
    OFF = "off"
    LACKS = "lacks"  # something that a technician has to get first
    NO_CAP = "no_cap"
    MONEY = "money"
    MONTH_OVER = "month_over"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its stable word, and a sentence for staff."""

    code: Why
    text: str


@dataclass(frozen=True, slots=True)
class Health:
    """How an engine is now. `rests_s`: asked not to be called for so long; `ms`: what a call took lately."""

    rests_s: float = 0.0
    failure: str = ""
    is_on: bool = True  # a rented machine that is off can be turned on
    ms: int | None = None
    lacks: str = ""  # what it wants first, in words for staff: a model that nobody downloaded


@dataclass(frozen=True, slots=True)
class Money:
    """What a school has left this month, in millionths of its currency, `rate` of which make a dollar."""

    left_u: int = 0
    cap_u: int = 0
    currency: str = "USD"
    rate: Decimal = Decimal(1)

    @property
    def is_over(self) -> bool:
        """Say whether the month's money is used up: less than a hundredth is left, too little for most calls."""
        return self.cap_u > 0 and self.left_u * 100 < self.cap_u


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked, as far as the decision depends on it."""

    task: Task
    label: Label
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    language: str = "es"
    wish: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the decision goes by."""

    engines: tuple[Engine, ...]  # in the order of the file, which is preference
    need: Need
    policy: Policy
    money: Money = Money()
    health: Mapping[str, Health] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An engine with its reasons. `est_u`: the most it may cost, in the school's currency, None when not known."""

    engine: Engine
    reasons: tuple[Reason, ...]
    est_u: int | None = None
    est_usd_u: int = 0
    est_ms: int | None = None

    @property
    def reason(self) -> str:
        """Return its reasons as one text."""
        return " ".join(reason.text for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Choice:
    """Who may do it, best first, and who may not."""

    candidates: tuple[Candidate, ...]
    refused: tuple[Candidate, ...]

    @property
    def may_pass(self) -> bool:
        """Say whether somebody could do it but for resting, or for being turned off."""
        return any(
            {reason.code for reason in each.reasons} <= {Why.RESTING, Why.OFF} for each in self.refused
        )

    @property
    def lacks_only_money(self) -> bool:
        """Say whether somebody could do it if there were money."""
        return not self.candidates and any(
            {reason.code for reason in each.reasons} <= {Why.MONEY, Why.NO_CAP, Why.MONTH_OVER}
            for each in self.refused
        )


def choose(facts: Facts) -> Choice:
    """Return who may do the errand and who may not.

    Order: what was wished for; what writes before what only quotes; what is good at the language; the file's own.
    """
    candidates: list[Candidate] = []
    refused: list[Candidate] = []
    for engine in facts.engines:
        against = _against(engine, facts)
        est_u, est_usd_u = _cost(engine, facts)
        health = facts.health.get(engine.name, Health())
        if against:
            refused.append(Candidate(engine, tuple(against), est_u, est_usd_u, health.ms))
        else:
            candidates.append(Candidate(engine, tuple(_for(engine, facts)), est_u, est_usd_u, health.ms))
    candidates.sort(key=lambda each: _rank(each.engine, facts.need))  # stable: the file's order within
    return Choice(candidates=tuple(candidates), refused=tuple(refused))


def _rank(engine: Engine, need: Need) -> tuple[bool, bool]:
    return engine.provider == QUOTING, not _speaks(engine, need.language)


def _speaks(engine: Engine, language: str) -> bool:
    return not engine.languages or language in engine.languages


def _cost(engine: Engine, facts: Facts) -> tuple[int | None, int]:
    """Return the most that it may cost, in the school's currency and in dollars; None when nobody knows."""
    if engine.price is None:
        return None, 0
    need = facts.need
    usd_u = prices.cost_u(engine.price, need.tokens_in, need.tokens_out, _seconds(engine, need))
    return prices.in_currency(usd_u, facts.money.rate), usd_u


def _seconds(engine: Engine, need: Need) -> float:
    """Return the most seconds that may be billed: a call that is paid by time lasts no longer than the router lets it.

    A rented machine's time is booked as a whole, by whoever keeps it.
    """
    if engine.provider == RENTED:
        return 0.0
    return need.seconds or engine.limits.total_s


def _against(engine: Engine, facts: Facts) -> list[Reason]:
    """Return what speaks against an engine; the first kind alone where the others say nothing more."""
    need, allowance = facts.need, facts.policy.of(engine)
    if need.task not in engine.tasks:
        return [Reason(Why.TASK, _("No hace esta tarea."))]
    if need.wish is not None and need.wish != engine.name:
        return [Reason(Why.NOT_WISHED, _("Se pidió otro motor."))]
    found: list[Reason] = []
    # Whatever a file or a rule says: what is more than internal stays on machines of the school's own or rented.
    most = allowance.max_label if is_ours(engine) else _lower(allowance.max_label, labels.MOST_OUTSIDE)
    if not labels.allows(most, need.label):
        found.append(Reason(Why.LABEL, _label_text(engine, need.label)))
    if not allowance.covers(need.task):
        found.append(
            Reason(
                Why.DISABLED,
                _("La escuela no lo habilitó.")
                if not allowance.is_enabled
                else _("La escuela no lo habilitó para esta tarea."),
            )
        )
    is_long = need.task == "chat" and need.tokens_in + need.tokens_out > engine.context_tokens
    if is_long and engine.provider != QUOTING:
        found.append(Reason(Why.TOO_LONG, _("El texto no entra en su contexto.")))
    found.extend(_against_by_money(engine, facts))
    health = facts.health.get(engine.name, Health())
    if health.lacks:
        found.append(Reason(Why.LACKS, health.lacks))
    elif health.rests_s > 0:
        told = {"s": max(1, round(health.rests_s)), "why": failure_words(health.failure)}
        found.append(Reason(Why.RESTING, _("Descansa %(s)d s más: %(why)s.") % told))
    elif not health.is_on:
        found.append(Reason(Why.OFF, _("El equipo alquilado está apagado; se enciende cuando hay trabajo.")))
    return found


def _against_by_money(engine: Engine, facts: Facts) -> list[Reason]:
    if engine.price is None:
        return [Reason(Why.PRICE_UNKNOWN, _("No se conoce su precio, y sin precio no se usa."))]
    if engine.provider != QUOTING and facts.policy.at_cap is AtCap.STOP and facts.money.is_over:
        return [Reason(Why.MONTH_OVER, _("Se llegó al tope del mes, y la escuela eligió solo citar."))]
    if engine.price.is_free:
        return []
    if facts.money.cap_u == 0:
        return [Reason(Why.NO_CAP, _("Cuesta, y la escuela no fijó un tope mensual."))]
    est_u, _usd_u = _cost(engine, facts)
    if est_u is None or est_u > facts.money.left_u:
        return [Reason(Why.MONEY, _("Lo que queda del tope del mes no alcanza para pagarlo."))]
    return []


def _for(engine: Engine, facts: Facts) -> list[Reason]:
    found = [Reason(Why(engine.runs) if is_ours(engine) else Why.OUTSIDE, place_text(engine))]
    if facts.need.wish == engine.name:
        found.append(Reason(Why.WISHED, _("Es el que se pidió.")))
    if engine.price is not None and engine.price.is_free:
        found.append(Reason(Why.FREE, _("No cuesta.")))
    else:
        found.append(Reason(Why.PAID, _("Alcanza lo que queda del tope del mes.")))
    if engine.provider == QUOTING and facts.need.wish != engine.name:
        found.append(Reason(Why.QUOTES, _("Solo cita, sin redactar: se usa si ningún otro puede.")))
    if not _speaks(engine, facts.need.language):
        found.append(Reason(Why.OTHER_LANGUAGE, _("Rinde mejor en otros idiomas.")))
    return found


def is_ours(engine: Engine) -> bool:
    """Say whether an engine works on machines of the school, its own or rented; a place nobody knows does not."""
    return engine.runs in ("here", "ours")


def place_text(engine: Engine) -> str:
    """Return what an engine's place means for the texts that it is given."""
    region = f" ({engine.region})" if engine.region else ""
    if not is_ours(engine):
        return _("Trabaja fuera de la escuela%s.") % region
    if engine.runs == "here":
        return _("Trabaja en el equipo de la escuela; nada sale.")
    return _("Trabaja en un equipo alquilado por la escuela%s.") % region


def _label_text(engine: Engine, label: Label) -> str:
    if not is_ours(engine) and not labels.allows(labels.MOST_OUTSIDE, label):
        return _("Trabaja fuera de la escuela, y %s nunca sale.") % _LABEL_WORDS[label]
    return _("No puede ver %s.") % _LABEL_WORDS[label]


def _lower(one: Label, other: Label) -> Label:
    return one if labels.allows(other, one) else other


def failure_words(failure: str) -> str:
    """Return what an engine that rests did, in the middle of a sentence."""
    return {
        "rate": _("pidió menos llamadas"),
        "overload": _("estaba sobrecargado"),
        "money": _("su cuenta no tiene crédito"),
        "auth": _("no aceptó la clave"),
        "config": _("está mal configurado"),
        "connect": _("no respondía"),
        "first_token_timeout": _("tardaba demasiado"),
        "timeout": _("tardaba demasiado"),
        "broken_stream": _("cortaba las respuestas"),
        "bad_output": _("daba respuestas que no sirven"),
    }.get(failure, _("fallaba"))
