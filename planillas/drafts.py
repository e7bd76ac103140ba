"""A template as somebody draws it: tidied, checked, its columns given the keys they keep. Pure."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from engines.spanish import fold
from planillas.columns import Column, Identity, Kind
from schools.refusals import Refused
from transcription.exports.told import one_line

NAME_MOST_CHARS = 100
PURPOSE_MOST_CHARS = 500
ROW_MOST_CHARS = 100
COLUMN_MOST_CHARS = 100
MEANING_MOST_CHARS = 500
CHOICE_MOST_CHARS = 100
COLUMNS_MOST = 100
CHOICES_MOST = 100
ALSO_MOST = 20
ROWS_MOST = 100_000
KEY_MOST_CHARS = 60
WIDTHS = (3, 120)

_KEY = re.compile(r"[a-z0-9][a-z0-9_]{0,59}")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field. `field`: "name", "columns", "columns.3.choices" (from 0)."""

    field: str
    words: str


class BadTemplate(Refused):
    """Something of the template is missing, too long or contradicts itself; `problems` names all of it."""

    code = "invalid"

    def __init__(
        self, detail: str, *, field: str | None = None, problems: Sequence[Problem] | None = None
    ) -> None:
        super().__init__(detail, field=field)
        self.problems = tuple(problems or [Problem(field or "", detail)])

    @property
    def extra(self) -> dict[str, Any]:
        """Return every problem, for a program that shows them by field."""
        return {"errors": [{"field": each.field, "detail": each.words} for each in self.problems]}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a template is to hold. A column without a key is new and is given one; one with a key keeps it."""

    name: str
    purpose: str = ""
    row_is: str = ""
    rows_expected: int | None = None
    columns: tuple[Column, ...] = ()


def check(draft: Draft, *, only: Collection[str] | None = None) -> Draft:
    """Return a draft as it may be kept; raise BadTemplate with all that is wrong.

    `only`: the keys that its columns may have, where the school's own file says which columns there are.
    """
    tidied = replace(
        draft,
        name=one_line(draft.name),
        purpose=one_line(draft.purpose),
        row_is=one_line(draft.row_is),
        columns=tuple(map(_tidied, draft.columns)),
    )
    problems = [*_of_template(tidied), *_of_columns(tidied.columns), *_of_file(tidied.columns, only)]
    if problems:
        raise BadTemplate(problems[0].words, field=problems[0].field, problems=problems)
    return replace(tidied, columns=_keyed(tidied.columns))


def key_of(name: str, taken: Collection[str] = ()) -> str:
    """Return the key of a new column, from its name and unlike those that are taken."""
    stem = "_".join(re.findall(r"[a-z0-9]+", fold(name)))[: KEY_MOST_CHARS - 4].rstrip("_") or "columna"
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}_{number}", number + 1
    return key


def _keyed(columns: Sequence[Column]) -> tuple[Column, ...]:
    taken = {column.key for column in columns if column.key}
    made = []
    for column in columns:
        if not column.key:
            column = replace(column, key=key_of(column.name, taken))
            taken.add(column.key)
        made.append(column)
    return tuple(made)


def _tidied(column: Column) -> Column:
    """Return a column without what its kind does not ask for."""
    kind = column.kind
    return replace(
        column,
        name=one_line(column.name),
        meaning=one_line(column.meaning),
        choices=_once(column.choices) if kind == Kind.CHOICE else (),
        identity=column.identity if kind == Kind.IDENTITY else Identity.ANY,
        currency=one_line(column.currency).upper() if kind == Kind.MONEY else "",
        also=tuple(each for each in _once(column.also) if fold(each) != fold(column.name)),
    )


def _once(texts: Sequence[str]) -> tuple[str, ...]:
    """Return lines of text without empty ones, and each once, as people tell them apart."""
    kept: dict[str, str] = {}
    for line in filter(None, map(one_line, texts)):
        kept.setdefault(fold(line), line)
    return tuple(kept.values())


def _of_template(draft: Draft) -> Iterator[Problem]:
    if not draft.name:
        yield Problem("name", _("Falta el nombre de la plantilla."))
    for field, text, most in (
        ("name", draft.name, NAME_MOST_CHARS),
        ("purpose", draft.purpose, PURPOSE_MOST_CHARS),
        ("row_is", draft.row_is, ROW_MOST_CHARS),
    ):
        if len(text) > most:
            yield Problem(field, _("Puede tener hasta %d caracteres.") % most)
    if draft.rows_expected is not None and not 1 <= draft.rows_expected <= ROWS_MOST:
        yield Problem(
            "rows_expected", _("Las filas esperadas van de 1 a %d; vacío si no se sabe.") % ROWS_MOST
        )
    if not draft.columns:
        yield Problem("columns", _("Falta al menos una columna."))
    if len(draft.columns) > COLUMNS_MOST:
        yield Problem("columns", _("Puede haber hasta %d columnas.") % COLUMNS_MOST)


def _of_columns(columns: Sequence[Column]) -> Iterator[Problem]:
    names: dict[str, str] = {}
    keys: set[str] = set()
    for at, column in enumerate(columns[: 2 * COLUMNS_MOST]):
        field = f"columns.{at}"
        yield from _of_name(f"{field}.name", column, names)
        if column.key and (not _KEY.fullmatch(column.key) or column.key in keys):
            yield Problem(f"{field}.key", _("La clave «%s» no sirve o está repetida.") % column.key[:60])
        keys.add(column.key)
        yield from _of_kind(field, column)
        if len(column.meaning) > MEANING_MOST_CHARS:
            yield Problem(f"{field}.meaning", _("Puede tener hasta %d caracteres.") % MEANING_MOST_CHARS)
        if column.width is not None and not WIDTHS[0] <= column.width <= WIDTHS[1]:
            yield Problem(f"{field}.width", _("El ancho va de %d a %d caracteres.") % WIDTHS)
    for at, column in enumerate(columns[: 2 * COLUMNS_MOST]):
        yield from _of_also(f"columns.{at}.also", column, names)


def _of_name(field: str, column: Column, names: dict[str, str]) -> Iterator[Problem]:
    if not column.name:
        yield Problem(field, _("Falta el nombre de la columna."))
    elif len(column.name) > COLUMN_MOST_CHARS:
        yield Problem(field, _("Puede tener hasta %d caracteres.") % COLUMN_MOST_CHARS)
    elif (folded := fold(column.name)) in names:
        yield Problem(field, _("Ya hay otra columna que se llama «%s».") % column.name)
    else:
        names[folded] = column.name


def _of_kind(field: str, column: Column) -> Iterator[Problem]:
    if column.kind == Kind.CHOICE:
        if not column.choices:
            yield Problem(f"{field}.choices", _("Faltan las opciones de la lista: una por línea."))
        elif len(column.choices) > CHOICES_MOST:
            yield Problem(f"{field}.choices", _("Puede haber hasta %d opciones.") % CHOICES_MOST)
        elif any(len(each) > CHOICE_MOST_CHARS for each in column.choices):
            yield Problem(
                f"{field}.choices", _("Cada opción puede tener hasta %d caracteres.") % CHOICE_MOST_CHARS
            )
    if column.kind == Kind.MONEY and column.currency and not _CURRENCY.fullmatch(column.currency):
        yield Problem(f"{field}.currency", _("La moneda son tres letras: ARS, CLP, MXN, UYU, USD…"))


def _of_also(field: str, column: Column, names: dict[str, str]) -> Iterator[Problem]:
    if len(column.also) > ALSO_MOST:
        yield Problem(field, _("Puede haber hasta %d encabezados más.") % ALSO_MOST)
    for each in column.also[:ALSO_MOST]:
        if len(each) > COLUMN_MOST_CHARS:
            yield Problem(field, _("Cada encabezado puede tener hasta %d caracteres.") % COLUMN_MOST_CHARS)
        elif (other := names.setdefault(fold(each), column.name)) != column.name:
            yield Problem(
                field,
                _("«%(header)s» ya es un encabezado de la columna «%(other)s».")
                % {"header": each, "other": other},
            )


def _of_file(columns: Sequence[Column], only: Collection[str] | None) -> Iterator[Problem]:
    if only is None:
        return
    for at, column in enumerate(columns):
        if column.key not in only:
            yield Problem(
                f"columns.{at}.name",
                _(
                    "El archivo de la escuela no tiene dónde escribir esta columna: hay que agregarla en el archivo "
                    "y subirlo otra vez."
                ),
            )
