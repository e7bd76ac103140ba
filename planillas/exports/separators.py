"""What separates the values of a CSV, and the decimals of its numbers, where a school is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Separator(models.TextChoices):
    """What stands between values."""

    SEMICOLON = "punto-y-coma", _("Punto y coma")
    COMMA = "coma", _("Coma")
    TAB = "tabulador", _("Tabulador")

    @property
    def sign(self) -> str:
        """Return the character."""
        return {Separator.SEMICOLON: ";", Separator.COMMA: ",", Separator.TAB: "\t"}[self]

    @property
    def decimal(self) -> str:
        """Return what a spreadsheet of such a country expects before decimals."""
        return "." if self is Separator.COMMA else ","


# The places whose spreadsheets separate by commas, as numbers have a decimal point there: Mexico, Central America
# without Costa Rica, the Dominican Republic, Puerto Rico, the United States.
_WITH_COMMA = frozenset(
    f"America/{each}"
    for each in (
        "Mexico_City", "Cancun", "Merida", "Monterrey", "Matamoros", "Chihuahua", "Ciudad_Juarez", "Ojinaga",
        "Mazatlan", "Bahia_Banderas", "Hermosillo", "Tijuana", "Ensenada", "Santa_Isabel", "Guatemala",
        "El_Salvador", "Tegucigalpa", "Managua", "Panama", "Santo_Domingo", "Puerto_Rico", "New_York", "Chicago",
        "Denver", "Los_Angeles", "Phoenix",
    )
)  # fmt: skip


def of_zone(time_zone: str) -> Separator:
    """Return what a school's spreadsheets expect, as far as its time zone tells where it is."""
    return Separator.COMMA if time_zone in _WITH_COMMA else Separator.SEMICOLON
