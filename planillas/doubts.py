"""Why a column of a table as a whole cannot be taken at its word, though each of its values could be read."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from engines.spanish import fold
from planillas import meanings
from planillas.columns import Kind
from planillas.layouts import LOOKED_AT_ROWS, Layout
from planillas.unpivoting import Taken
from planillas.written import choices

_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](?:\d{4}|\d{2})")
_SCALE = re.compile(r"\b(?:miles|millones)\b", re.IGNORECASE)
_NUMERIC = (Kind.MONEY, Kind.NUMBER, Kind.INTEGER)
_MONTHS = 12


def of(taken: Taken, layout: Layout, rows: Sequence[Sequence[str]]) -> str:
    """Return why the values below a header are not what they seem, in words for staff; "" where nothing says so."""
    if taken.column.kind is Kind.DATE and _has_month_first(taken, layout, rows):
        return _("En esta columna de la fuente el mes parece estar antes del día.")
    if (
        meanings.of(taken.column.name).about == "sex"
        and "h" in {fold(text) for text in _below(taken, layout, rows)}
        and not {"hombre", "mujer"} <= {fold(choices.parts(each)[-1]) for each in taken.column.choices}
    ):
        return _("En esta columna de la fuente «H» y «M» son hombre y mujer.")
    head = " ".join(row[taken.index] for row in layout.header if taken.index < len(row))
    if taken.column.kind in _NUMERIC and _SCALE.search(head):
        return _("El encabezado de la fuente dice «%(header)s»: el valor está en otra unidad.") % {
            "header": head
        }
    return ""


def _below(taken: Taken, layout: Layout, rows: Sequence[Sequence[str]]) -> list[str]:
    below = rows[layout.rows : layout.rows + LOOKED_AT_ROWS]
    return [row[taken.index] for row in below if taken.index < len(row)]


def _has_month_first(taken: Taken, layout: Layout, rows: Sequence[Sequence[str]]) -> bool:
    month_first = day_first = 0
    for text in _below(taken, layout, rows):
        found = _DAY.fullmatch(text)
        if found is not None:
            month_first += int(found[1]) <= _MONTHS < int(found[2])
            day_first += int(found[2]) <= _MONTHS < int(found[1])
    return month_first > 0 and day_first == 0
