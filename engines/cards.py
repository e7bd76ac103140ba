"""The engines of the installation as a person is shown them: what each does, where, for how much, and how it is now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engines import amounts, config, estimate, health, labels, prices, rules, words
from engines.base import Engine, Misconfigured, Price
from engines.labels import Label
from engines.models import Pod, PodState
from engines.routing import QUOTING, Health, failure_words
from engines.rules import Allowance, Policy
from schools.admission import Member

# What the examples of prices are of.
ANSWER_TOKENS = (4_000, 300)  # read with its sources, written
PAGES, PAGE_TOKENS = 100, 600
_BOUNDLESS = ("quoting", "fastembed")  # they work inside this very process


@dataclass(frozen=True, slots=True)
class Now:
    """How an engine is: `good`, `warn`, `bad` or `quiet`, in words, and with what lies behind it."""

    level: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LabelChoice:
    """A label that a school may let an engine see, or cannot, and why."""

    value: Label
    name: str
    means: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class TaskChoice:
    """A task of an engine, and whether the school lets it do it."""

    value: str
    name: str
    does: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Card:
    """An engine, its price, its health, and what the school lets it do."""

    engine: Engine
    name: str
    place: str
    place_means: str
    price: str
    example: str
    now: Now
    allowance: Allowance
    tasks: tuple[TaskChoice, ...]
    labels: tuple[LabelChoice, ...]
    obstacles: tuple[str, ...]  # why it is not used, as things are

    @property
    def is_used(self) -> bool:
        """Say whether it may work for the school at all."""
        return self.allowance.is_enabled and not self.obstacles


@dataclass(frozen=True, slots=True)
class Shelf:
    """All cards in the order of preference, and what is wrong with the installation's file."""

    cards: tuple[Card, ...]
    policy: Policy
    mistakes: tuple[str, ...] = ()
    currencies: tuple[str, ...] = (config.DOLLAR,)


def shelf(member: Member) -> Shelf:
    """Return the installation's engines as the school sees them; asks none of them anything."""
    policy = rules.policy(member.school_id)
    try:
        known = config.read(settings.ENGINES_FILE, models=settings.DATA_DIR / "models")
    except Misconfigured as mistake:
        return Shelf((), policy, (mistake.detail,), (policy.currency,))
    looked = health.look([engine for engine in known.engines if engine.provider not in _BOUNDLESS])
    names = [engine.name for engine in known.engines]
    pods = {pod.engine: pod for pod in Pod.objects.filter(engine__in=names)}
    rate = known.currencies.get(policy.currency)
    return Shelf(
        cards=tuple(
            card(
                engine,
                policy,
                replace(looked.get(engine.name, Health()), lacks=known.lacks(engine.name)),
                pods.get(engine.name),
                currency=policy.currency if rate else config.DOLLAR,
                rate=rate or Decimal(1),
            )
            for engine in known.engines
        ),
        policy=policy,
        mistakes=tuple(mistake.detail for mistake in known.mistakes),
        currencies=tuple(known.currencies),
    )


def card(
    engine: Engine, policy: Policy, looked: Health, pod: Pod | None, *, currency: str, rate: Decimal
) -> Card:
    """Return an engine as a school sees it."""
    allowance = policy.of(engine)
    return Card(
        engine=engine,
        name=words.engine(engine.name),
        place=words.place(engine),
        place_means=words.place_means(engine),
        price=price_text(engine.price, tasks=engine.tasks),
        example=_example(engine, currency, rate),
        now=_now(engine, looked, pod),
        allowance=allowance,
        tasks=task_choices(engine, allowance.tasks),
        labels=label_choices(engine),
        obstacles=tuple(_obstacles(engine, policy)),
    )


def task_choices(engine: Engine, chosen: frozenset[str] | None) -> tuple[TaskChoice, ...]:
    """Return the tasks of an engine; `chosen` None: all of them."""
    return tuple(
        TaskChoice(task, words.task(task), words.task_does(task), chosen is None or task in chosen)
        for task in engine.tasks
    )


def label_choices(engine: Engine) -> tuple[LabelChoice, ...]:
    """Return every label, those that the engine may never see with why."""
    return tuple(
        LabelChoice(each, words.label(each), words.label_means(each), _why_not(engine, each))
        for each in Label
    )


def _why_not(engine: Engine, label: Label) -> str:
    if engine.runs == "outside" and not labels.allows(labels.MOST_OUTSIDE, label):
        return _("No se puede: el motor está afuera, y esto nunca sale de la escuela.")
    if not labels.allows(engine.max_label, label):
        return _("No se puede: el archivo de motores no lo permite.")
    return ""


def price_text(price: Price | None, *, tasks: Sequence[str] = ()) -> str:
    """Return a price in words, in the dollars that makers ask."""
    if price is None:
        return _("No se conoce")
    if price.is_free:
        return _("No cuesta")
    found = []
    if price.in_per_million_u or price.out_per_million_u:
        each = [_tidy(price.in_per_million_u), _tidy(price.out_per_million_u)]
        figures = each[0] if not price.out_per_million_u and "chat" not in tasks else " + ".join(each)
        found.append(_("US$ %s por millón de tokens") % figures)
    if price.per_second_u and "transcribe" in tasks:
        found.append(_("US$ %s por minuto de audio") % _tidy(price.per_second_u * 60))
    elif price.per_second_u:
        found.append(_("US$ %s por hora de equipo encendido") % _tidy(price.per_second_u * 3_600))
    return ", ".join(found)


def _tidy(amount_u: int) -> str:
    """Return dollars with two places, more only where they say something."""
    exact = amounts.exact(amount_u)
    return number_format(Decimal(exact), decimal_pos=len(exact.partition(".")[2]), use_l10n=True)


def _example(engine: Engine, currency: str, rate: Decimal) -> str:
    """Return what a price comes to in a school's day, in its own currency."""
    price = engine.price
    if price is None or price.is_free:
        return ""

    def costs(tokens_in: int = 0, tokens_out: int = 0, seconds: float = 0) -> str:
        return amounts.say(
            prices.in_currency(prices.cost_u(price, tokens_in, tokens_out, seconds), rate), currency
        )

    if "chat" in engine.tasks and (price.in_per_million_u or price.out_per_million_u):
        return _("≈ %s por respuesta típica") % costs(*ANSWER_TOKENS)
    if "transcribe" in engine.tasks:
        return _("≈ %s por hora de grabación") % costs(*estimate.of_sound(3_600), 3_600)
    if price.per_second_u:
        return _("≈ %s por hora encendido") % costs(seconds=3_600)
    return _("≈ %(cost)s por cada %(pages)d páginas") % {"cost": costs(PAGES * PAGE_TOKENS), "pages": PAGES}


def _now(engine: Engine, looked: Health, pod: Pod | None) -> Now:
    if engine.provider == QUOTING:
        return Now("good", _("Listo"), _("Trabaja dentro de Preceptor."))
    if looked.lacks:
        return Now("bad", _("No está listo"), looked.lacks)
    if looked.rests_s > 0:
        seconds = max(1, round(looked.rests_s))
        wait = (
            ngettext("vuelve a usarse en %d segundo", "vuelve a usarse en %d segundos", seconds) % seconds
            if seconds < 90
            else ngettext(
                "vuelve a usarse en %d minuto", "vuelve a usarse en %d minutos", round(seconds / 60)
            )
            % round(seconds / 60)
        )
        told = {"why": failure_words(looked.failure), "wait": wait}
        return Now("bad", _("Descansa"), _("La última vez %(why)s; %(wait)s.") % told)
    if engine.provider == "runpod_pod":
        return _pod(pod)
    if engine.provider in _BOUNDLESS:
        return Now("good", _("Listo"), _("Trabaja dentro de Preceptor."))
    if looked.ms:
        took = number_format(Decimal(looked.ms) / 1000, decimal_pos=1, use_l10n=True)
        return Now("good", _("Sin fallas"), _("Las últimas llamadas tardaron unos %s s.") % took)
    return Now("quiet", _("Sin noticias"), _("No hubo llamadas últimamente; se puede probar."))


_POD_LEVELS: Mapping[str, str] = {
    PodState.READY: "good",
    PodState.STARTING: "warn",
    PodState.WARMING: "warn",
    PodState.DRAINING: "warn",
    PodState.ERROR: "bad",
}


def _pod(pod: Pod | None) -> Now:
    """Return how a rented machine is."""
    if pod is None or pod.state == PodState.OFF:
        return Now("quiet", _("Apagado"), _("Se enciende cuando hay trabajo, y tarda unos minutos."))
    detail = {
        PodState.STARTING: _("Lo está encendiendo el proveedor."),
        PodState.WARMING: _("Está cargando el modelo."),
        PodState.READY: _("Encendido: se paga mientras lo esté."),
        PodState.DRAINING: _("Termina lo que tiene y se apaga."),
        PodState.ERROR: pod.error or _("No se pudo encender."),
    }[PodState(pod.state)]
    return Now(_POD_LEVELS[pod.state], str(PodState(pod.state).label), detail)


def _obstacles(engine: Engine, policy: Policy) -> list[str]:
    """Return what keeps an engine that the school allows from working."""
    if engine.price is None:
        return [
            _(
                "No se conoce su precio, y sin precio no se usa. Lo escribe quien mantiene el archivo de motores."
            )
        ]
    if not engine.price.is_free and not policy.cap_u:
        return [_("Cuesta, y la escuela todavía no fijó un tope de gasto: no se usa.")]
    return []
