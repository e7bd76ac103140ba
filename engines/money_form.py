"""The form of a school's money as it is typed, and read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from engines import rules
from engines.amounts import MILLION
from engines.rules import BadPlan, Policy
from schools.admission import Member

# "5.000" is five thousand where this is read; "5.5" was typed by somebody used to a point.
_THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+(,\d*)?")


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields."""

    currency: str
    cap: str
    warn_percent: str
    at_cap: str
    question_label: str


def of_policy(policy: Policy) -> Typed:
    """Return the fields as the school's choices fill them."""
    cap = Decimal(policy.cap_u) / MILLION
    text = f"{cap.normalize():f}" if cap else ""
    return Typed(
        currency=policy.currency,
        cap=text.replace(".", ","),
        warn_percent=str(policy.warn_percent),
        at_cap=policy.at_cap.value,
        question_label=policy.question_label.value,
    )


def of_post(given: Mapping[str, str]) -> Typed:
    """Return the fields as they were typed."""
    return Typed(
        currency=given.get("currency", "")[:3],
        cap=given.get("cap", "")[:40],
        warn_percent=given.get("warn_percent", "")[:10],
        at_cap=given.get("at_cap", "")[:10],
        question_label=given.get("question_label", "")[:12],
    )


def keep(member: Member, typed: Typed) -> Policy:
    """Keep what was typed; raise BadPlan."""
    try:
        warn_percent = int(typed.warn_percent)
    except ValueError:
        raise BadPlan(_("El aviso debe ser un porcentaje de 1 a 100."), field="warn_percent") from None
    return rules.plan(
        member,
        currency=typed.currency,
        cap=read_amount(typed.cap),
        warn_percent=warn_percent,
        at_cap=typed.at_cap,
        question_label=typed.question_label,
    )


def read_amount(text: str) -> Decimal:
    """Return an amount as a person in a Spanish-speaking school types it; nothing is 0. Raises BadPlan."""
    plain = re.sub(r"[\s$]|US", "", text)
    if not plain:
        return Decimal(0)
    if "," in plain or _THOUSANDS.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    if not re.fullmatch(r"\d{1,12}(\.\d{0,6})?", plain, re.ASCII):
        raise BadPlan(_("El monto no se entiende. Por ejemplo: 5000 o 5.000,50."), field="cap")
    return Decimal(plain)
