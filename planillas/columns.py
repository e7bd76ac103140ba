"""What a column of a planilla holds, and how a school says so."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """The type of a column's values; see planillas.values for how each is written and checked."""

    TEXT = "text", _("Texto")
    LONG_TEXT = "long_text", _("Texto largo")
    NUMBER = "number", _("Número con decimales")
    INTEGER = "integer", _("Número entero")
    DATE = "date", _("Fecha")
    TIME = "time", _("Hora")
    YES_NO = "yes_no", _("Sí o no")
    CHOICE = "choice", _("Opción de una lista")
    IDENTITY = "identity", _("Documento de identidad")
    EMAIL = "email", _("Correo electrónico")
    PHONE = "phone", _("Teléfono")
    MONEY = "money", _("Importe")
    LIST = "list", _("Varios valores")


class Identity(models.TextChoices):
    """Which document an IDENTITY column holds; each but DNI has check digits."""

    DNI = "dni", _("DNI")
    CUIT = "cuit", _("CUIT o CUIL")
    RUT = "rut", _("RUT")
    CURP = "curp", _("CURP")
    NIF = "nif", _("NIF o NIE")
    ANY = "any", _("Cualquiera")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` names it in cells and files and never changes; `name` is its header as people read it.

    `meaning`: in words, what stands in it, for people and engines; `also`: other headers and labels it goes by.
    `choices`: of a CHOICE; `identity`: of an IDENTITY; `currency` (ISO 4217): of MONEY; `width`: characters, None: as
    its kind asks.
    """

    key: str
    name: str
    kind: Kind = Kind.TEXT
    meaning: str = ""
    is_required: bool = False
    is_key: bool = False
    choices: tuple[str, ...] = ()
    identity: Identity = Identity.ANY
    currency: str = ""
    also: tuple[str, ...] = field(default=())
    width: int | None = None


def to_json(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return columns as they are stored: what is not the usual is left out."""
    usual = asdict(Column(key="", name=""))
    told = [asdict(column) for column in columns]
    return [
        {
            name: _plain(value)
            for name, value in each.items()
            if name in ("key", "name", "kind") or value != usual[name]
        }
        for each in told
    ]


def from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """Return the columns that `to_json` wrote."""
    return tuple(
        Column(
            key=each["key"],
            name=each["name"],
            kind=Kind(each["kind"]),
            meaning=each.get("meaning", ""),
            is_required=bool(each.get("is_required", False)),
            is_key=bool(each.get("is_key", False)),
            choices=tuple(each.get("choices", ())),
            identity=Identity(each.get("identity", Identity.ANY)),
            currency=each.get("currency", ""),
            also=tuple(each.get("also", ())),
            width=each.get("width"),
        )
        for each in stored
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, models.TextChoices) else value
