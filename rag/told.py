"""Who answered, where, for how much, and what did not go well: in words for staff."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from engines import amounts, words
from rag.models import AnswerStatus, Message
from schools.admission import Member


@dataclass(frozen=True, slots=True)
class Told:
    """What stands under an answer. Empty where there is nothing to say."""

    engine: str = ""
    cost: str = ""
    where: str = ""
    has_left: bool = False  # something of it left the school
    fallback: str = ""
    ending: str = ""  # it was cut off, by the line or by its limit
    refusal: str = ""  # what an engine that writes says is missing
    error: str = ""
    advice: str = ""
    why_url: str = ""


def of(member: Member, message: Message) -> Told:
    """Return what is told of a message's answer."""
    kept: dict[str, Any] = message.decision
    if message.status == AnswerStatus.PENDING or not (message.engine or kept):
        return Told()
    failed = message.status == AnswerStatus.FAILED
    return Told(
        engine=_engine(message, kept),
        cost=_cost(kept),
        where="" if failed and not kept.get("is_partial") else _where(kept),
        has_left=bool(kept.get("abroad")),
        fallback="" if failed else _fallback(message, kept),
        ending=_ending(kept),
        refusal=kept.get("refusal", "") if message.status == AnswerStatus.REFUSED else "",
        error=kept.get("error", "") if failed else "",
        advice=_advice(message.error_code) if failed else "",
        why_url=_why_url(member, message) if kept.get("is_called") or failed else "",
    )


def _engine(message: Message, kept: dict[str, Any]) -> str:
    if not kept.get("is_called", True):
        return _("Ningún motor")
    name, model = words.engine(message.engine), kept.get("model")
    return f"{name} ({model})" if model else name


def _cost(kept: dict[str, Any]) -> str:
    amount_u = kept.get("cost_u", 0)
    return amounts.say(amount_u, kept.get("currency", "USD")) if amount_u else _("sin costo")


def _where(kept: dict[str, Any]) -> str:
    """Return where the answer was written, and what left the school for it."""
    runs, region = kept.get("runs", "here"), kept.get("region", "")
    place = f" ({region})" if region else ""
    abroad = ", ".join(f"«{each['engine']}»" for each in kept.get("abroad", ()))
    if not kept.get("is_called", True):
        return (
            _("No había qué responder; la pregunta la vio %s.") % abroad
            if abroad
            else _("Nada salió de la escuela.")
        )
    if runs == "outside":
        told = _("Respondido afuera de la escuela%s: salieron la pregunta y %d fragmentos de documentos.")
        return told % (place, kept.get("sources", 0))
    if runs == "ours":
        return _("Respondido por un equipo alquilado por la escuela%s.") % place
    if not abroad:
        return _("Respondido en el equipo de la escuela; nada salió.")
    return _("Respondido en el equipo de la escuela; antes vio la pregunta %s.") % abroad


def _fallback(message: Message, kept: dict[str, Any]) -> str:
    """Return who was asked first and did not answer."""
    failed = {each["engine"]: each["outcome"] for each in kept.get("failed", ())}
    failed.pop(message.engine, None)
    if not failed:
        return ""
    told = "; ".join(f"«{engine}» {words.outcome(outcome)}" for engine, outcome in failed.items())
    return _("%(told)s; contestó «%(engine)s».") % {"told": told, "engine": message.engine}


def _ending(kept: dict[str, Any]) -> str:
    if kept.get("is_partial"):
        return _("La respuesta se cortó antes de terminar. Lo que falta no se conoce.")
    if kept.get("is_cut"):
        return _("La respuesta llegó a su largo máximo y quedó sin terminar.")
    return ""


def _advice(code: str) -> str:
    """Return what can be done about an answer that failed."""
    return {
        "no_engine": _(
            "Se puede probar más tarde, o pedir a la dirección que habilite otro motor en «Motores»."
        ),
        "over_budget": _("La dirección puede subir el tope del mes en «Motores»."),
        "engine_declined": _("Conviene preguntarlo con otras palabras, o elegir otro motor."),
        "engine_text_too_long": _("Conviene preguntar algo más corto, o en menos colecciones."),
    }.get(code, _("Se puede volver a preguntar en unos instantes."))


def _why_url(member: Member, message: Message) -> str:
    try:
        return reverse("engines:decision", args=[member.slug, message.decision_id])
    except NoReverseMatch:
        return ""
