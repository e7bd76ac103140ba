"""Due dates as they are said: "el viernes", "antes del día quince", "a fin de mes" become days, or stay words.

What is inferred is prudent. "Esta semana" is seven days from the meeting, "antes del martes" is that Tuesday (both as
the product's paper has them), "la semana que viene" its Friday, a day of the week the next one of that name, and a day
that cannot be told is None with its words kept.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from transcription.phrases import level

ANY_DAY = date(2024, 1, 1)  # for whoever only asks where dates stand

_DAYS = ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo")
_MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
    *("septiembre", "octubre", "noviembre", "diciembre"),
)
_NUMBER_WORDS = """
uno un una primero primer, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez, once, doce, trece, catorce, quince,
dieciseis, diecisiete, dieciocho, diecinueve, veinte, veintiuno veintiun, veintidos, veintitres, veinticuatro,
veinticinco, veintiseis, veintisiete, veintiocho, veintinueve, treinta, treinta_y_uno
"""
_NUMBERS = {
    word: value for value, names in enumerate(_NUMBER_WORDS.split(","), start=1) for word in names.split()
}
_DAY = f"(?:{'|'.join(_DAYS)})"
_MONTH = f"(?:{'|'.join(_MONTHS)}|setiembre)"
_NUM = (
    r"(?:\d{1,3}|treinta y uno|"
    + "|".join(sorted((w for w in _NUMBERS if "_" not in w), key=len)[::-1])
    + ")"
)
_LEAD = (
    r"(?:(?:antes|a mas tardar|para|hasta|desde|de aqui|de aca|a partir|sobre|hacia|entre|durante|en)\s+"
    r"(?:(?:para|antes)\s+)?)?"
)
_EL = r"(?:el|del|al|este|ese|para el)\s+"
_NEXT = r"(?:que viene|que entra|proxim[oa]|siguiente)"
# "El lunes es feriado", "el lunes no": a day that is spoken of, or taken back, and none that is promised.
_SPOKEN_OF = r"(?!\s+(?:no|es|era|fue|sera|hay|habia|habra|cae|tengo|tenemos|empiez\w+|pasad[oa]|anterior)\b)"
_HOUR = (
    r"(?:\s+(?:mismo|temprano|a (?:primera|ultima) hora|(?:por|en|a) la (?:manana|tarde|noche)|al mediodia))?"
)

# Between two days: the second replaces the first.
_CORRECTS = re.compile(
    r"\b(?:perdon|mejor|digo|no|bueno|o sea|quise decir|quiero decir|corrijo|rectifico|miento|hasta)\b"
)


@dataclass(frozen=True, slots=True)
class Due:
    """A due date; `day` None where it cannot be told. `start` and `end` are those of its words in the text."""

    day: date | None
    words: str
    start: int
    end: int


Resolve = Callable[[re.Match[str], date], date | None]


def find(text: str, on: date) -> Due | None:
    """Return the due date that a text ends up with, said on a day; None when it names none."""
    chosen: Due | None = None
    for due in find_all(text, on):
        if chosen is None:
            chosen = due
            continue
        between = level(text[chosen.end : due.start])
        replaces = _CORRECTS.search(between) or _is_range(text, chosen, between)
        if replaces or (chosen.day is None and due.day is not None):
            chosen = due
    return chosen


def find_all(text: str, on: date) -> list[Due]:
    """Return every due date that a text names, in order."""
    folded = level(text)
    held = sorted(_matches(folded, on), key=lambda due: (due[0], -due[1]))
    found: list[Due] = []
    for start, end, day, counts in held:
        if found and start < found[-1].end:
            continue
        if counts:
            found.append(Due(day, text[start:end], start, end))
    return found


def _is_range(text: str, first: Due, between: str) -> bool:
    return between.strip() in ("y", "al") and level(text[: first.end]).rfind("entre ") >= first.start - 7


def _matches(folded: str, on: date) -> Iterator[tuple[int, int, date | None, bool]]:
    for pattern, resolve in _RULES:
        for found in pattern.finditer(folded):
            try:
                yield found.start(), found.end(), resolve(found, on), True
            except ValueError:  # the thirtieth of February
                yield found.start(), found.end(), None, True
    for found in _PAST.finditer(folded):
        yield found.start(), found.end(), None, False


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word.replace(" ", "_")]


def _after(days: int) -> Resolve:
    return lambda _found, on: on + timedelta(days)


def _no_day(_found: re.Match[str], _on: date) -> None:
    return None


def _weekday(found: re.Match[str], on: date) -> date:
    wanted = _DAYS.index(found["day"])
    if found["week"]:
        return _monday_after(on) + timedelta(wanted)
    ahead = (wanted - on.weekday()) % 7
    is_this = re.match(r"(?:.*\s)?este\s", found[0]) is not None
    return on + timedelta(ahead if ahead or is_this else 7)


def _monday_after(on: date) -> date:
    return on + timedelta(7 - on.weekday())


def _friday(on: date) -> date:
    return on + timedelta((4 - on.weekday()) % 7)


def _of_month(found: re.Match[str], on: date) -> date:
    name = found["month"].replace("setiembre", "septiembre")
    month, day = _MONTHS.index(name) + 1, _number(found["num"])
    if found["year"]:
        return date(int(found["year"]), month, day)
    return _coming(month, day, on)


def _in_digits(found: re.Match[str], on: date) -> date:
    day, month = int(found["num"]), int(found["month"])
    if found["year"]:
        year = int(found["year"])
        return date(year + 2000 if year < 100 else year, month, day)
    return _coming(month, day, on)


def _coming(month: int, day: int, on: date) -> date:
    this = date(on.year, month, day)
    return this if this >= on else date(on.year + 1, month, day)


def _day_of_month(found: re.Match[str], on: date) -> date:
    day = _number(found["num"])
    if not 1 <= day <= 31:
        raise ValueError(day)
    year, month = on.year, on.month
    while True:
        if day <= calendar.monthrange(year, month)[1] and date(year, month, day) >= on:
            return date(year, month, day)
        year, month = _next_month(year, month)


def _next_month(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def _last_of(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _end_of(found: re.Match[str], on: date) -> date:
    what = found["what"].replace("setiembre", "septiembre")
    if what == "semana":
        return _friday(on)
    if what == "ano":
        return date(on.year, 12, 31)
    if what == "mes":
        return _last_of(on.year, on.month)
    month = _MONTHS.index(what) + 1
    return _last_of(on.year + (month < on.month), month)


def _middle_of(found: re.Match[str], on: date) -> date:
    what = found["what"].replace("setiembre", "septiembre")
    return _coming(on.month if what == "mes" else _MONTHS.index(what) + 1, 15, on)


def _in_a_while(found: re.Match[str], on: date) -> date:
    count = 2 if found["num"] == "un par de" else _number(found["num"])
    match found["unit"][:3]:
        case "sem":
            return on + timedelta(7 * count)
        case "mes":
            year, month = on.year, on.month
            for _each in range(count):
                year, month = _next_month(year, month)
            return date(year, month, min(on.day, calendar.monthrange(year, month)[1]))
        case "hor":
            return on + timedelta(count // 24)
        case _:
            return _work_days(on, count) if found["work"] else on + timedelta(count)


def _work_days(on: date, count: int) -> date:
    while count:
        on += timedelta(1)
        count -= on.weekday() < 5
    return on


def _rule(pattern: str, resolve: Resolve) -> tuple[re.Pattern[str], Resolve]:
    return re.compile(rf"\b{pattern}", re.ASCII), resolve


_PAST = re.compile(
    rf"\b(?:(?:el|este|del)\s+{_DAY}\s+(?:pasad[oa]|anterior)|el\s+pasado\s+{_DAY}|"
    rf"(?:el|del) pasado {_NUM} de {_MONTH}|"
    rf"(?:la|esta|las)\s+(?:misma\s+)?mananas?|(?:por|en|a|de)\s+las?\s+mananas?|antes de ayer|los fines de semana)\b"
)
_RULES = (
    _rule(rf"{_LEAD}de hoy en ocho\b", _after(7)),
    _rule(
        rf"{_LEAD}(?:de )?hoy(?: por la (?:tarde|noche|manana)| a (?:primera|ultima) hora| mismo)?\b",
        _after(0),
    ),
    _rule(r"esta (?:misma )?(?:tarde|noche)\b", _after(0)),
    _rule(
        r"(?:ahora mismo|ahorita(?: mismo)?|enseguida|en seguida|en un rato|al rato|ahora(?=\s*(?:[.;!]|$)))\b",
        _after(0),
    ),
    _rule(rf"{_LEAD}(?:de )?(?<!la )(?<!esta )(?<!misma )(?<!pasado )manana{_HOUR}\b", _after(1)),
    _rule(rf"{_LEAD}pasado manana{_HOUR}\b", _after(2)),
    _rule(
        rf"{_LEAD}(?:a (?:primera|ultima) hora )?(?:el |del |al |este |de |la )*(?:proximo )?(?<!los )(?<!las )"
        rf"(?:(?<=el )|(?<=al )|(?<=del )|(?<=este )|(?<=proximo ))(?P<day>{_DAY})"
        rf"(?P<week> de la (?:semana que viene|proxima semana|semana proxima))?(?: {_NEXT})?{_HOUR}\b{_SPOKEN_OF}",
        _weekday,
    ),
    _rule(
        rf"{_LEAD}{_EL}(?:{_DAY}\s+)?(?:dia )?(?P<num>{_NUM})[°º]? (?:de|del mes de) (?P<month>{_MONTH})"
        rf"(?: del? (?P<year>20\d\d))?\b",
        _of_month,
    ),
    _rule(
        rf"{_LEAD}{_EL}(?:{_DAY} )?(?P<num>\d{{1,2}})[/-](?P<month>\d{{1,2}})(?:[/-](?P<year>20\d\d|\d\d))?\b",
        _in_digits,
    ),
    _rule(rf"{_LEAD}{_EL}(?:proximo )?(?:dia|{_DAY})\s+(?P<num>{_NUM})\b(?!\s+de {_MONTH})", _day_of_month),
    _rule(
        rf"{_LEAD}{_EL}(?!un\b|uno\b|una\b|dos\b|primer\b|primero\b)(?P<num>{_NUM})"
        rf"(?=\s*(?:[.,;:!?)]|$)|\s+(?:y|a|en|lo|la|los|las|que|si|para|con|sin|como)\b)(?!\s*[,.]\d)",
        _day_of_month,
    ),
    _rule(
        rf"(?:a |para |antes de |antes del |hasta |de aqui a |de aca a |el )?(?:el )?"
        rf"(?:fin|fines|final|finales)(?: de|del) (?:este )?(?P<what>mes|ano|{_MONTH}|(?<=finales de )semana)\b",
        _end_of,
    ),
    _rule(
        rf"antes de que (?:se )?(?:termine|acabe|finalice|cierre|concluya) (?:el |la )?(?:este |esta )?"
        rf"(?P<what>mes|ano|semana|{_MONTH})\b",
        _end_of,
    ),
    _rule(rf"{_LEAD}este mes\b", lambda _found, on: _last_of(on.year, on.month)),
    _rule(rf"(?:a |para )?mediados de (?P<what>mes|{_MONTH})\b", _middle_of),
    _rule(
        rf"{_LEAD}(?:el )?(?:mes {_NEXT}|proximo mes)\b",
        lambda _found, on: _last_of(*_next_month(on.year, on.month)),
    ),
    _rule(rf"{_LEAD}(?:de )?esta (?:misma )?semana\b", _after(7)),
    _rule(
        rf"{_LEAD}(?:de )?la (?:(?:semana {_NEXT})|(?:proxima|otra) semana)\b",
        lambda _found, on: _monday_after(on) + timedelta(4),
    ),
    _rule(r"antes del fin de semana\b", lambda _found, on: _friday(on)),
    _rule(
        r"(?:para |en )?(?:este|el)(?: proximo)? fin de semana\b",
        lambda _found, on: on + timedelta((6 - on.weekday()) % 7),
    ),
    _rule(
        rf"(?:en|dentro de|de aqui a|de aca a|a) (?:el plazo de |unos |unas )?(?P<num>un par de|{_NUM}) "
        rf"(?P<unit>dias?|semanas?|mes(?:es)?|horas?)(?P<work> habiles| laborables)?\b",
        _in_a_while,
    ),
    _rule(rf"(?:en|para|durante) {_MONTH}\b(?! de \d)", _no_day),
    _rule(r"para ayer\b", _no_day),
    _rule(
        r"(?:cuanto antes|lo antes posible|lo mas pronto posible|a la brevedad(?: posible)?|ya mismo|"
        r"lo mas rapido posible)\b",
        _no_day,
    ),
    _rule(
        rf"(?:cada|todos los|todas las) (?:{_DAY}|dias?|noches?|semanas?|mes(?:es)?|mananas|tardes)\b",
        _no_day,
    ),
    _rule(
        r"(?:para |en |antes de |hasta )?(?:el |la )(?:proxim[oa] )"
        r"(?:sesion|reunion|clase|vez|claustro|consejo|curso|trimestre|ano)\b",
        _no_day,
    ),
    _rule(
        rf"(?:para |antes de )?(?:el|la|este|del) (?:trimestre|curso|ano|cuatrimestre|quincena)(?: {_NEXT})\b",
        _no_day,
    ),
    _rule(r"(?:este|antes de que (?:termine|acabe) el) (?:trimestre|curso|ano|cuatrimestre)\b", _no_day),
    _rule(
        r"(?:para |antes de |antes )?(?:el|del|la|de la) (?:ultim[oa]|primer[oa]?) (?:dia|semana|hora|viernes|lunes) "
        r"(?:del?|de la|de las|de los) \w+\b",
        _no_day,
    ),
    _rule(rf"(?:a |para )?(?:principios|comienzos|primeros) de (?:mes|ano|curso|{_MONTH})\b", _no_day),
    _rule(
        r"antes de(?:l| la| los| las)? (?:vacaciones|navidad|navidades|semana santa|fiestas|puente|"
        r"verano|examen|examenes|evaluacion|evaluaciones|juntas?|recreo|simulacro|acto|reunion|clases?|receso)\b",
        _no_day,
    ),
    _rule(r"a (?:primera|ultima) hora\b(?! del)", _no_day),
)
