"""What rules saw in a source and did not use, for staff: one sentence per kind, without anybody's data."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MOST_NAMED = 8
MOST_CHARS = 80


class Seen:
    """Collects while a source is read, and tells at its end."""

    def __init__(self, title: str, tell: Callable[[str, str], None]) -> None:
        self._title, self._tell = title, tell
        self._named: dict[str, dict[str, None]] = {}
        self._counted: dict[str, int] = {}

    def note(self, code: str, name: str = "") -> None:
        """Remember something by the words by which staff know it: a header, a label."""
        named = self._named.setdefault(code, {})
        short = " ".join(name.split()).strip(" :")
        short = short if len(short) <= MOST_CHARS else short[: MOST_CHARS - 1].rstrip() + "…"
        if len(named) < 10 * MOST_NAMED:
            named.setdefault(short)

    def count(self, code: str, number: int = 1) -> None:
        """Remember how often something was seen."""
        self._counted[code] = self._counted.get(code, 0) + number

    def say(self) -> None:
        """Tell what was seen."""
        for code, named in self._named.items():
            self._tell(code, f"«{self._title}»: {_sentence(code) % {'names': _listed(list(named))}}")
        for code, number in self._counted.items():
            self._tell(code, f"«{self._title}»: {_counted(code, number) % number}")


def _sentence(code: str) -> str:
    match code:
        case "unused_header":
            return _("la planilla no pide estas columnas: %(names)s.")
        case "unused_label":
            return _("la planilla no pide estos datos: %(names)s.")
        case "unused_table":
            return _(
                "no se usaron estas tablas, porque sus encabezados no son los de la planilla: %(names)s."
            )
        case "of_others":
            return _("no se usó lo que es de otras personas: %(names)s.")
        case "doubled_header":
            return _("varias columnas podrían ser %(names)s, y no se tomó ninguna.")
        case "misfit":
            return _("lo que está bajo el encabezado no es %(names)s, y no se usó.")
        case "bad_value":
            return _("hay valores que no son válidos en %(names)s.")
        case "said_again":
            return _("se repite con otro valor, y se tomó el primero: %(names)s.")
        case "said_twice":
            return _("dice dos valores distintos de la misma persona, y no se tomó ninguno: %(names)s.")
        case "unsplit_name":
            return _("en algunos nombres no se sabe cuál es el apellido, y quedó vacío: %(names)s.")
    return _("no se pudo leer: %(names)s.")


def _counted(code: str, number: int) -> str:
    if code == "rows_of_others":
        return ngettext(
            "%d fila es de otra persona, y no se usó.",
            "%d filas son de otras personas, y no se usaron.",
            number,
        )
    return ngettext(
        "%d fila o dato no dice de quién es, y no se usó.",
        "%d filas o datos no dicen de quién son, y no se usaron.",
        number,
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"«{name}»" for name in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return shown if more <= 0 else _("%(shown)s y %(more)d más") % {"shown": shown, "more": more}
