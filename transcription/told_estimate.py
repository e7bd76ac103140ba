"""An estimate as people and programs are told it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engines import amounts, words
from transcription.estimate import Estimate


def say(found: Estimate) -> str:
    """Return an estimate in words for staff."""
    if not found.engine:
        return _("Ahora no se puede transcribir: la grabación se guarda y espera. %s") % found.refused
    cost = _("sin costo") if not found.amount_u else amounts.say(found.amount_u, found.currency)
    return _("La transcribe «%(engine)s» (%(where)s), en %(time)s aproximadamente; %(cost)s.") % {
        "engine": words.engine(found.engine),
        "where": words.runs(found.runs).lower(),
        "time": _time(found.seconds_needed or 0.0),
        "cost": cost,
    }


def as_json(found: Estimate) -> dict[str, Any]:
    """Return an estimate as programs are told it."""
    is_known = bool(found.engine) and found.amount_u is not None
    return {
        "engine": found.engine or None,
        "runs": found.runs or None,
        "seconds": found.seconds_needed,
        "cost": amounts.to_json(found.amount_u or 0, found.currency) if is_known else None,
        "text": say(found),
    }


def _time(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return ngettext("%d minuto", "%d minutos", minutes) % minutes
    hours = round(minutes / 60)
    return ngettext("%d hora", "%d horas", hours) % hours
