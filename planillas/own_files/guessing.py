"""What a column holds, as far as its header, its cell's format and its example tell. Pure."""

import re

from engines.spanish import fold
from planillas.columns import Column, Identity, Kind
from planillas.own_files.grid import Rule, Square

MAX_CHOICES = 200
MAX_NAME = 120

_WORDS: tuple[tuple[Kind, str], ...] = (
    (Kind.EMAIL, r"e-?mails?|correos?( electronicos?)?|mails?"),
    (Kind.PHONE, r"tel|tels|tel(efono|efonos)|celular(es)?|cel|movil|whatsapp|contacto telefonico"),
    (Kind.IDENTITY, r"d\.?n\.?i\.?|cui[tl]l?|cuit|cuil|rut|run|curp|nif|nie|documento( de identidad)?|cedula|ci"),
    (Kind.DATE, r"fecha|fechas|nacimiento|f\. ?(de )?nac.*|vencimiento|plazo|desde|hasta|dia de la reunion"),
    (Kind.TIME, r"hora|horas de inicio|horario|hora de (inicio|fin|entrada|salida)"),
    (Kind.MONEY, r"importe|monto|precio|costo|cuota|sueldo|valor unitario|presupuesto|arancel"),
    (Kind.INTEGER, r"edad|cantidad|cant|inasistencias|faltas|ausencias|asistencias|ano de ingreso|unidades|stock"),
    (Kind.NUMBER, r"nota|notas|calificacion|calificaciones|promedio|puntaje|puntos|porcentaje|%|nota final"),
    (Kind.LONG_TEXT, r"observacion(es)?|comentarios?|descripcion|detalles?|acuerdos?|temas?|compromisos?|acciones"),
    (Kind.TEXT, r"apellidos?|nombres?|alumn[oa]s?|estudiantes?|docentes?|curso|grado|division|seccion|turno|legajo|"
                r"matricula|domicilio|direccion|localidad|responsables?|tutor(es|a)?|estado|cargo|materia|asignatura|"
                r"area|espacio curricular|sexo|genero|nacionalidad|objetivos?|metas?|bien|articulo|ubicacion|codigo"),
)  # fmt: skip
_PATTERNS = tuple((kind, re.compile(rf"(?<!\w)(?:{words})(?!\w)")) for kind, words in _WORDS)
_IDENTITIES = (
    (Identity.DNI, r"d\.?n\.?i"), (Identity.CUIT, r"cui[tl]"), (Identity.RUT, r"ru[tn]"), (Identity.CURP, r"curp"),
    (Identity.NIF, r"ni[fe]"),
)  # fmt: skip
_NOT_MONEY = re.compile(r"[$€]|u\$s|ars|clp|mxn|eur")
_YES_NO = re.compile(r"\(?s[ií]\s*/\s*no\)?|^¿|^(tiene|es|posee|asiste)\b")
_KEYS = re.compile(r"(?<!\w)(legajo|matricula|expediente|codigo|n.? de inventario)(?!\w)")
_ROWS: tuple[tuple[str, str], ...] = (
    (r"inventario|bienes|patrimonio|mobiliario", "un bien"),
    (r"acuerdos?|compromisos?", "un acuerdo"),
    (r"reunion|reuniones|actas", "una reunión"),
    (r"plan de accion|acciones", "una acción"),
    (r"convivencia|incidentes?|situaciones", "una situación"),
    (r"docentes?|profesores|personal|plantel", "un docente"),
    (r"familias?|tutores", "una familia"),
    (r"libros?|biblioteca", "un libro"),
    (r"alumn|estudiantes|nomina|asistencia|calificaciones|notas|boletin|matricula", "un alumno"),
)
_CURRENCIES = (("€", "EUR"), ("u$s", "USD"), ("us$", "USD"))


def is_known(text: str) -> bool:
    """Say whether a header is one that planillas of schools have."""
    return _of_words(text) is not None


def column(
    *,
    key: str,
    header: str,
    group: str = "",
    rule: Rule | None = None,
    square: Square | None = None,
    example: str = "",
) -> Column:
    """Return a column as it may be meant; a person confirms it.

    What the file says outright goes before its number format, that before the header's words, those before an example.
    """
    name = " ".join(header.split())[:MAX_NAME]
    kind = _kind(name, rule, square, example)
    full = f"{group} – {name}"[:MAX_NAME] if group else name
    identity = _identity(name) if kind == Kind.IDENTITY else Identity.ANY
    return Column(
        key=key,
        name=full,
        kind=kind,
        is_key=kind == Kind.IDENTITY or bool(_KEYS.search(fold(name))),
        choices=rule.choices[:MAX_CHOICES] if rule is not None and kind == Kind.CHOICE else (),
        identity=identity,
        currency=_currency(name) if kind == Kind.MONEY else "",
        also=(name,) if group else (),
    )


def row_is(*titles: str) -> str:
    """Return what one row is, as far as titles say; "" where they do not."""
    for title in titles:
        folded = fold(title)
        for words, what in _ROWS:
            if re.search(rf"(?<!\w)(?:{words})", folded):
                return what
    return ""


def _kind(name: str, rule: Rule | None, square: Square | None, example: str) -> Kind:
    if rule is not None and (rule.kind != Kind.CHOICE or rule.choices):
        return rule.kind
    word = _of_words(name)
    if square is not None and square.kind is not None and word not in (Kind.IDENTITY, Kind.PHONE):
        if square.kind == Kind.INTEGER and word in (Kind.NUMBER, Kind.MONEY):
            return word
        return square.kind
    if _YES_NO.search(fold(name)) and word is None:
        return Kind.YES_NO
    if word is not None:
        return word
    return _of_example(example) or Kind.TEXT


def _of_words(name: str) -> Kind | None:
    folded = fold(name)
    found = [
        (match.start(), order, kind)
        for order, (kind, pattern) in enumerate(_PATTERNS)
        if (match := pattern.search(folded)) is not None
    ]
    if not found and _NOT_MONEY.search(folded):
        return Kind.MONEY
    # "Fecha de nacimiento del alumno" is a date, "Nombre del docente, DNI" what comes first: the first word decides.
    return min(found)[2] if found else None


def _of_example(example: str) -> Kind | None:
    text = example.strip()
    for kind, pattern in (
        (Kind.DATE, r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d\d-\d\d|d{1,2}[/-]m{1,2}[/-]a{2,4}"),
        (Kind.TIME, r"\d{1,2}:\d{2}( ?h(s|oras)?\.?)?"),
        (Kind.EMAIL, r"[^@\s]+@[^@\s]+\.\w+"),
        (Kind.MONEY, r"(\$|€|u\$s) ?[\d.,]+"),
        (Kind.INTEGER, r"\d{1,6}"),
        (Kind.NUMBER, r"\d+[.,]\d+"),
        (Kind.YES_NO, r"s[ií]|no"),
    ):
        if re.fullmatch(pattern, text, re.IGNORECASE):
            return kind
    return None


def _identity(name: str) -> Identity:
    folded = fold(name)
    found = [each for each, words in _IDENTITIES if re.search(rf"(?<!\w){words}", folded)]
    return found[0] if len(found) == 1 else Identity.ANY


def _currency(name: str) -> str:
    folded = fold(name)
    return next((code for sign, code in _CURRENCIES if sign in folded), "")
