"""The `{{marcas}}` of a template: how they are read, what the known ones are filled with, and what they never do."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engines.spanish import fold

if TYPE_CHECKING:
    from planillas.exports.sheet import Sheet

# Each of its parts ends where the next begins: a file with a million spaces in it is read as fast as any.
MARK = re.compile(r"\{\{\s{0,20}([^{}%#\s](?:[^{}%#\r\n]{0,78}[^{}%#\s])?)\s{0,20}\}\}")
STATEMENT = re.compile(r"\{[%#].{0,200}?[%#]\}")  # what template languages run; here it is text
MAX_KEY = 40

# What each known name says, whatever the columns are.
FACTS = {
    "escuela": gettext_lazy("el nombre de la escuela"),
    "titulo": gettext_lazy("el título de la planilla"),
    "version": gettext_lazy("la versión aprobada"),
    "fecha": gettext_lazy("la fecha en que se descarga"),
    "hora": gettext_lazy("la hora en que se descarga"),
    "anio": gettext_lazy("el año en que se descarga"),
    "aprobada_por": gettext_lazy("quien aprobó la planilla"),
    "fecha_de_aprobacion": gettext_lazy("la fecha en que se aprobó"),
    "filas": gettext_lazy("cuántas filas hay"),
    "fuentes": gettext_lazy("los nombres de las fuentes"),
}
_SAME = {
    "institucion": "escuela", "colegio": "escuela", "establecimiento": "escuela", "nombre_de_la_escuela": "escuela",
    "ano": "anio", "ciclo_lectivo": "anio", "fecha_de_hoy": "fecha", "hoy": "fecha", "planilla": "titulo",
    "cantidad": "filas", "cantidad_de_filas": "filas", "total_de_filas": "filas", "aprobado_por": "aprobada_por",
}  # fmt: skip
# In a form without a table these are about what the form says, not about the day it is downloaded.
_OF_A_FORM = ("fecha", "hora", "anio", "filas")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text with marks: words as they stand, or a mark's name."""

    text: str = ""
    mark: str = ""


def key_of(name: str) -> str:
    """Return a mark's or a header's words as a key."""
    key = re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")[:MAX_KEY].strip("_")
    return key if key and not key[0].isdigit() else f"c_{key}".strip("_")


def fact_of(name: str, *, has_table: bool = True) -> str:
    """Return the fact that a mark asks for; "" where it asks for something else."""
    key = key_of(name)
    key = _SAME.get(key, key)
    if key not in FACTS or (not has_table and key in _OF_A_FORM):
        return ""
    return key


def pieces(text: str) -> list[Piece]:
    """Return a text cut at its marks."""
    cut: list[Piece] = []
    at = 0
    for found in MARK.finditer(text):
        if found.start() > at:
            cut.append(Piece(text=text[at : found.start()]))
        cut.append(Piece(mark=found[1]))
        at = found.end()
    if at < len(text):
        cut.append(Piece(text=text[at:]))
    return cut


def names(text: str) -> list[str]:
    """Return the names of a text's marks."""
    return [found[1] for found in MARK.finditer(text)]


def only_mark(text: str) -> str:
    """Return the name of the mark that is all of a text; "" where there is anything else."""
    found = MARK.fullmatch(text.strip())
    return found[1] if found else ""


def replaced(text: str, value: Callable[[str], str]) -> str:
    """Return a text with each mark's value in its place. What a value says is never read for marks again."""
    return MARK.sub(lambda found: value(found[1]), text)


def facts(sheet: "Sheet") -> dict[str, str]:
    """Return what each known mark is filled with."""
    made = sheet.made_at
    approved = sheet.approved_at
    return {
        "escuela": sheet.school,
        "titulo": sheet.title,
        "version": _("Versión %d") % sheet.version if sheet.version else _("sin aprobar"),
        "fecha": f"{made.day}/{made.month}/{made.year}",
        "hora": f"{made:%H:%M}",
        "anio": str(made.year),
        "aprobada_por": sheet.approved_by,
        "fecha_de_aprobacion": f"{approved.day}/{approved.month}/{approved.year}" if approved else "",
        "filas": str(sheet.count),
        "fuentes": ", ".join(each.title for each in sheet.sources.values()),
    }


def statements(texts: Iterator[str]) -> list[str]:
    """Return words about what looks like a program in a template: it stays as text."""
    for text in texts:
        if STATEMENT.search(text):
            return [
                _("Lo escrito entre {% %} no se ejecuta: queda como texto. Solo se completan las {{marcas}}.")
            ]
    return []
