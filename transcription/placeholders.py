"""The few names in braces that an acta's texts may hold: no language, no reach beyond these values."""

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from schools.refusals import Refused

NAMES: Mapping[str, str | Promise] = {
    "escuela": gettext_lazy("el nombre de la escuela"),
    "fecha": gettext_lazy("el día de la reunión"),
    "hora": gettext_lazy("la hora en que empezó"),
    "lugar": gettext_lazy("dónde fue"),
    "asistentes": gettext_lazy("quiénes estuvieron"),
}
_PLACEHOLDER = re.compile(r"\{\s*([^{}\n]{1,40}?)\s*\}")


class UnknownPlaceholder(Refused):
    """A text names in braces what there is no value for."""

    code = "unknown_placeholder"


def check(text: str, *, field: str) -> None:
    """Raise UnknownPlaceholder where a text names something unknown in braces."""
    for found in _PLACEHOLDER.finditer(text):
        if found[1] not in NAMES:
            raise UnknownPlaceholder(
                _("No hay un valor para «{%(name)s}». Los que hay: %(known)s.")
                % {"name": found[1], "known": ", ".join(f"{{{name}}}" for name in NAMES)},
                field=field,
            )


def render(text: str, values: Mapping[str, str]) -> str:
    """Return the text with values in place of their names; a value is never read for names again."""
    return _PLACEHOLDER.sub(
        lambda found: values.get(found[1], found[0]) if found[1] in NAMES else found[0], text
    )
