"""Values of a spreadsheet's cells as a person sees them in Spanish: 1.234,50; 25 %; $ 300,00; 09/03/2012."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

GENERAL = "General"
MAX_SERIAL = 2_958_466  # 1 January 10000
DAY_S = 86_400

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<sign>[^\]-]*)(?:-[^\]]*)?\]|\[[^\]]*\]|_.|\*(?P<fill>.)'
    r"|(?P<digits>[0#?][0#?,.]*(?:E[+-]0+)?)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_BARE = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*.', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DATE = re.compile(r"[dmyhs]", re.IGNORECASE)
_NOT_DATE = re.compile(r"[0#?]|general|@", re.IGNORECASE)
_SECONDS_FRACTION = re.compile(r"(?<=s)[.,]0+", re.IGNORECASE)
_SPANISH = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One section of a number format."""

    before: str
    after: str
    whole_digits: int  # shown at least: 00000000 keeps the zeros of a document's number
    decimals: int | None  # None: as many as there are
    most_decimals: int
    is_grouped: bool
    scale: float
    is_scientific: bool
    has_digits: bool


def number(value: float, number_format: str = GENERAL) -> str:
    """Return a number as its format shows it, with the Spanish comma and points."""
    sections = _sections(number_format)
    pattern, has_sign = sections[0], value < 0
    if value < 0 and len(sections) > 1:
        pattern, has_sign = sections[1], False
    elif value == 0 and len(sections) > 2:
        pattern = sections[2]
    if pattern is None:
        return ("-" if value < 0 else "") + _plain(abs(value))
    if not pattern.has_digits:
        return (pattern.before + pattern.after).strip()
    digits = _digits(abs(value) * pattern.scale, pattern)
    sign = "-" if has_sign and any(char in "123456789" for char in digits) else ""
    return f"{sign}{pattern.before}{digits}{pattern.after}".strip()


def serial(value: float, number_format: str, *, from_1904: bool = False) -> str:
    """Return a day or an hour that is kept as a number of days since 1900."""
    if _ELAPSED.search(number_format):
        return duration(dt.timedelta(days=value))
    if not 0 <= value < MAX_SERIAL:
        return number(value)
    days, seconds = divmod(round(value * DAY_S), DAY_S)
    letters = _BARE.sub("", number_format.split(";")[0]).lower()
    if not days and not from_1904 and ("d" not in letters and "y" not in letters):
        minutes, second = divmod(seconds, 60)
        return time(dt.time(minutes // 60, minutes % 60, second))
    # 1900 was no leap year, but the first spreadsheets thought so.
    origin = dt.datetime(1904, 1, 1) if from_1904 else dt.datetime(1899, 12, 31 if days < 60 else 30)  # noqa: DTZ001
    return moment(origin + dt.timedelta(days=days, seconds=seconds), number_format)


def moment(value: dt.datetime, number_format: str = "") -> str:
    """Return a day, with its hour when it has one or when the format shows nothing else."""
    letters = _BARE.sub("", number_format.split(";")[0]).lower()
    has_day, has_year, has_hour = "d" in letters, "y" in letters, "h" in letters or "s" in letters
    if has_hour and not has_day and not has_year:
        return time(value.time())
    if has_year and not has_day and not has_hour:
        return f"{value:%m}/{value.year}" if "m" in letters else str(value.year)
    day = f"{value:%d/%m}/{value.year}"
    return f"{day} {time(value.time())}" if value.time() != dt.time(0) else day


def time(value: dt.time) -> str:
    """Return an hour of the day; its seconds when it has any."""
    return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"


def duration(value: dt.timedelta) -> str:
    """Return hours, which may be more than a day has, and minutes."""
    minutes = round(abs(value.total_seconds()) / 60)
    return f"{'-' if value.total_seconds() < 0 else ''}{minutes // 60}:{minutes % 60:02d}"


def truth(value: bool) -> str:
    """Return what a cell of yes or no says."""
    return "Sí" if value else "No"


@lru_cache(maxsize=1024)
def is_date(number_format: str) -> bool:
    """Say whether a format shows a number as a day or an hour."""
    if _ELAPSED.search(number_format):
        return True
    bare = _SECONDS_FRACTION.sub("", _BARE.sub("", number_format.split(";")[0]))
    return bool(_DATE.search(bare)) and not _NOT_DATE.search(bare)


@lru_cache(maxsize=1024)
def _sections(number_format: str) -> tuple[Pattern | None, ...]:
    """Return what positive numbers, negative ones and zero look like; None: as many digits as there are."""
    return tuple(_pattern(section) for section in _split(number_format)[:3]) or (None,)


def _split(number_format: str) -> list[str]:
    sections, held = [], ""
    for found in _TOKEN.finditer(number_format):
        if found.group() == ";":
            sections.append(held)
            held = ""
        else:
            held += found.group()
    return [*sections, held]


def _pattern(section: str) -> Pattern | None:
    before, after, digits = "", "", ""
    is_percent = False
    bare = _BARE.sub("", section).strip()
    if (not bare and not section) or GENERAL.lower() in bare.lower() or bare == "@" or "/" in bare:
        return None
    for found in _TOKEN.finditer(section):
        text = found["quoted"] or found["escaped"] or found["sign"] or ""
        if found["digits"]:
            digits += found["digits"]
            continue
        if found["fill"] is not None:
            text = " " if found["fill"] == " " else ""
        elif found["other"] == "%":
            is_percent, text = True, "\0"
        elif found["other"]:
            text = found["other"]
        if digits:
            after += text
        else:
            before += text
    after = re.sub(r"\s*\0", " %", after)  # Spanish sets it apart
    whole, _, part = digits.upper().partition("E")[0].partition(".")
    thousands = len(whole) - len(whole.rstrip(",")) if not part else len(part) - len(part.rstrip(","))
    part = part.rstrip(",")
    return Pattern(
        before=before.replace("\0", "%"),
        after=after,
        whole_digits=min(whole.count("0"), 40),
        decimals=part.count("0"),
        most_decimals=min(len(part), 30),
        is_grouped="," in whole.rstrip(","),
        scale=(100.0 if is_percent else 1.0) / 1000**thousands,
        is_scientific="E" in digits.upper(),
        has_digits=bool(digits),
    )


def _digits(value: float, pattern: Pattern) -> str:
    if pattern.is_scientific or value >= 1e21:
        return f"{value:.{pattern.most_decimals}E}".replace(".", ",")
    # A spreadsheet rounds halves up, as at school; the shortest form of the number is what was typed.
    text = f"{_round(value, pattern.most_decimals):,.{pattern.most_decimals}f}"
    whole, dot, part = text.partition(".")
    least = pattern.decimals or 0
    while len(part) > least and part.endswith("0"):
        part = part[:-1]
    if not pattern.is_grouped:
        whole = whole.replace(",", "")
    if whole == "0" and not pattern.whole_digits:
        whole = ""
    whole = whole.zfill(pattern.whole_digits) if not pattern.is_grouped else whole
    return f"{whole}{dot if part else ''}{part}".translate(_SPANISH)


def _round(value: float, decimals: int) -> float:
    nudge = abs(value) * 1e-15
    return round(value + nudge, decimals)


def _plain(value: float) -> str:
    if value == int(value) and value < 1e15:
        return str(int(value))
    return f"{value:.10g}".replace(".", ",").upper()
