"""The editor of a template: what was typed, kept as typed; what it means; and its buttons that save nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from planillas.columns import Column, Identity, Kind
from planillas.drafts import COLUMNS_MOST, ROWS_MOST, Draft, Problem

TYPED_MOST_CHARS = 20_000

# Of each kind: a word about it, and what a cell of it looks like.
KINDS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    Kind.TEXT: (lazy("Nombres, cursos, lugares: hasta una línea."), lazy("Texto")),
    Kind.LONG_TEXT: (lazy("Párrafos: lo que se trató, una observación."), lazy("Se acordó citar…")),
    Kind.NUMBER: (lazy("Notas, promedios, medidas: admite coma."), lazy("7,50")),
    Kind.INTEGER: (lazy("Cantidades: faltas, alumnos, edad."), lazy("12")),
    Kind.DATE: (lazy("Se entiende 3/5/2014, 03-05-14 o 3 de mayo de 2014."), lazy("3/5/2014")),
    Kind.TIME: (lazy("Horas y minutos, de 00:00 a 23:59."), lazy("14:30")),
    Kind.YES_NO: (lazy("Solo sí o no."), lazy("Sí")),
    Kind.CHOICE: (lazy("Una de las opciones que se escriben aquí, y ninguna otra."), lazy("Opción")),
    Kind.IDENTITY: (
        lazy("Se revisa el dígito verificador de los documentos que lo tienen."),
        lazy("45.123.456"),
    ),
    Kind.EMAIL: (lazy("Una dirección de correo bien escrita."), lazy("ana@escuela.example")),
    Kind.PHONE: (lazy("Un número de teléfono, con o sin característica."), lazy("11 4321-0000")),
    Kind.MONEY: (lazy("Importes con su moneda."), lazy("$ 1.234,50")),
    Kind.LIST: (
        lazy("Varios valores en la misma celda: hermanos, materias previas."),
        lazy("Matemática; Lengua"),
    ),
}
CURRENCIES = (
    ("", lazy("La que diga la fuente")),
    ("ARS", lazy("Peso argentino")),
    ("UYU", lazy("Peso uruguayo")),
    ("CLP", lazy("Peso chileno")),
    ("MXN", lazy("Peso mexicano")),
    ("COP", lazy("Peso colombiano")),
    ("PEN", lazy("Sol")),
    ("BOB", lazy("Boliviano")),
    ("PYG", lazy("Guaraní")),
    ("VES", lazy("Bolívar")),
    ("DOP", lazy("Peso dominicano")),
    ("GTQ", lazy("Quetzal")),
    ("CRC", lazy("Colón")),
    ("USD", lazy("Dólar")),
    ("EUR", lazy("Euro")),
)


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column as it stands in the editor; `errors`: sentences by field."""

    key: str = ""
    name: str = ""
    kind: str = Kind.TEXT
    meaning: str = ""
    is_required: bool = False
    is_key: bool = False
    choices: str = ""  # one a line
    identity: str = Identity.ANY
    currency: str = ""
    also: str = ""  # one a line
    width: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Say whether nobody wrote anything in it: a spare row."""
        return not (self.key or self.name.strip() or self.meaning.strip() or self.choices.strip())

    @property
    def about(self) -> str | Promise:
        """Return a word about its kind."""
        return KINDS[self.kind][0]

    @property
    def sample(self) -> str:
        """Return what a cell of it looks like."""
        first = next((line.strip() for line in self.choices.splitlines() if line.strip()), "")
        return first if self.kind == Kind.CHOICE and first else str(KINDS[self.kind][1])

    @property
    def column(self) -> Column:
        """Return what it means."""
        return Column(
            key=self.key,
            name=self.name,
            kind=Kind(self.kind),
            meaning=self.meaning,
            is_required=self.is_required,
            is_key=self.is_key,
            choices=tuple(self.choices.splitlines()),
            identity=Identity(self.identity),
            currency=self.currency,
            also=tuple(self.also.splitlines()),
            width=_number(self.width),
        )


@dataclass(frozen=True, slots=True)
class Typed:
    """A template as it stands in the editor."""

    name: str = ""
    purpose: str = ""
    row_is: str = ""
    rows_expected: str = ""
    columns: tuple[TypedColumn, ...] = ()
    began_from: int | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def drawn(self) -> tuple[TypedColumn, ...]:
        """Return its columns without the spare rows."""
        return tuple(column for column in self.columns if not column.is_empty)

    @property
    def draft(self) -> Draft:
        """Return what it means; drafts.check finds what is wrong with it."""
        expected = _number(self.rows_expected)
        return Draft(
            name=self.name,
            purpose=self.purpose,
            row_is=self.row_is,
            # What is no number is refused in words, as a number out of bounds is.
            rows_expected=ROWS_MOST + 1 if expected is None and self.rows_expected.strip() else expected,
            columns=tuple(column.column for column in self.drawn),
        )

    def refused(self, problems: Iterable[Problem]) -> "Typed":
        """Return it with what is wrong beside each field."""
        own: dict[str, str] = {}
        of_column: dict[int, dict[str, str]] = {}
        for problem in problems:
            head, _, rest = problem.field.partition(".")
            number, _, name = rest.partition(".")
            if head == "columns" and number.isdigit():
                of_column.setdefault(int(number), {}).setdefault(name, problem.words)
            else:
                own.setdefault(problem.field, problem.words)
        columns = [replace(each, errors=of_column.get(at, {})) for at, each in enumerate(self.drawn)]
        return replace(self, columns=tuple(columns), errors=own)

    def rearranged(self, what: str) -> "Typed":
        """Return it after one of its buttons: "add", "up-2", "down-2", "remove-2" (from 0)."""
        columns = list(self.columns)
        act, _, number = what.partition("-")
        at = int(number) if number.isdigit() and len(number) < 4 else -1
        if act == "add" and len(columns) < COLUMNS_MOST:
            columns.append(TypedColumn())
        elif 0 <= at < len(columns):
            column = columns.pop(at)
            if act in ("up", "down"):
                columns.insert(max(0, at - 1) if act == "up" else at + 1, column)
        return replace(self, columns=tuple(columns))


def blank() -> Typed:
    """Return the editor of a template that is being drawn from nothing: room for three columns."""
    return Typed(columns=(TypedColumn(), TypedColumn(), TypedColumn()))


def of_draft(draft: Draft, *, began_from: int | None = None) -> Typed:
    """Return the editor of a template as it is kept."""
    return Typed(
        name=draft.name,
        purpose=draft.purpose,
        row_is=draft.row_is,
        rows_expected=str(draft.rows_expected or ""),
        columns=tuple(map(of_column, draft.columns)),
        began_from=began_from,
    )


def of_column(column: Column) -> TypedColumn:
    """Return a column as the editor shows it."""
    return TypedColumn(
        key=column.key,
        name=column.name,
        kind=column.kind,
        meaning=column.meaning,
        is_required=column.is_required,
        is_key=column.is_key,
        choices="\n".join(column.choices),
        identity=column.identity,
        currency=column.currency,
        also="\n".join(column.also),
        width=str(column.width or ""),
    )


def of_post(posted: QueryDict) -> Typed:
    """Return what was typed. `column` names the columns in their order, and each field is its column's own."""

    def told(name: str) -> str:
        return posted.get(name, "").replace("\0", "")[:TYPED_MOST_CHARS]

    def column(number: str) -> TypedColumn:
        kind, identity = told(f"kind-{number}"), told(f"identity-{number}")
        return TypedColumn(
            key=told(f"key-{number}"),
            name=told(f"name-{number}"),
            kind=kind if kind in Kind.values else Kind.TEXT,
            meaning=told(f"meaning-{number}"),
            is_required=f"required-{number}" in posted,
            is_key=f"distinct-{number}" in posted,
            choices=told(f"choices-{number}"),
            identity=identity if identity in Identity.values else Identity.ANY,
            currency=told(f"currency-{number}"),
            also=told(f"also-{number}"),
            width=told(f"width-{number}"),
        )

    numbers = [each for each in posted.getlist("column") if each.isascii() and each.isdigit()]
    return Typed(
        name=told("name"),
        purpose=told("purpose"),
        row_is=told("row_is"),
        rows_expected=told("rows_expected"),
        columns=tuple(column(number) for number in dict.fromkeys(numbers[: 2 * COLUMNS_MOST])),
        began_from=_number(told("began_from")),
    )


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
