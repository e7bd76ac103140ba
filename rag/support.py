"""Whether a source says what a sentence of an answer says in other words.

Two texts say the same for us when one sentence of the source holds every number, date and name of the answer's sentence
and enough of its rarer words, and both deny or both do not. Too strict is a mark that invites to look; too loose is a
citation that proves nothing: the thresholds lean to the first. Pure.
"""

import re
from dataclasses import dataclass

from engines import sentences
from engines.spanish import Word, fold, synonyms_of, words

# Share of the sentence's content words that one sentence of the source must hold.
ENOUGH = 0.6
# Fewer content words than this prove nothing.
FEWEST = 3
_MOST_PAIRS = 2  # neighbouring sentences that may say it together

_SMALL = (
    "cero", "un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece",
    "catorce", "quince", "dieciseis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno", "veintidos",
    "veintitres", "veinticuatro", "veinticinco", "veintiseis", "veintisiete", "veintiocho", "veintinueve", "treinta",
)  # fmt: skip
_VALUES: dict[str, int] = {
    **{name: value for value, name in enumerate(_SMALL) if value != 1},
    "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90, "cien": 100,
    "doscientos": 200, "trescientos": 300, "quinientos": 500, "mil": 1_000,
    "primer": 1, "primero": 1, "primera": 1, "segundo": 2, "segunda": 2, "tercer": 3, "tercero": 3, "tercera": 3,
    "cuarto": 4, "cuarta": 4, "quinto": 5, "quinta": 5, "sexto": 6, "sexta": 6, "septimo": 7, "septima": 7,
}  # fmt: skip
_DAYS = sentences.set_of("lunes martes miercoles jueves viernes sabado domingo")
_MONTHS = sentences.set_of(
    "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre"
)
_TENS = re.compile(r"\b(treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa) y (un[oa]?|dos|tres|cuatro|cinco|"
                   r"seis|siete|ocho|nueve)\b")  # fmt: skip
_DIGITS = re.compile(r"\d+(?:[.,:/-]\d+)*")
_NO = sentences.set_of("no nunca jamas ningun ninguna ninguno tampoco ni sin nadie nada")
_FORBIDS = sentences.set_of(
    "prohibe prohiben prohibido prohibida prohibidos prohibidas prohibese vedado vedada impide impiden excepto salvo"
)
# Words that turn what is said around; one that stands in one text alone is a difference.
_TURNS = tuple(
    sentences.set_of(listed)
    for listed in (
        "antes previo previa previamente anterior anticipacion",
        "despues posterior posteriormente luego tras vencido",
        "maximo maxima maximos tope hasta",
        "minimo minima minimos menos",
        "solo solamente unicamente exclusivamente",
        "optativo optativa opcional voluntario voluntaria facultativo",
        "obligatorio obligatoria obligatorios debera deberan debe deben",
        "gratis gratuito gratuita",
        "habiles",
        "corridos",
        "justificada justificadas justificado justificados",
        "injustificada injustificadas injustificado injustificados",
        "aumenta aumentan aumentar sube",
        "reduce reducen reducir baja disminuye",
        "permite permiten permitido permitida autoriza autorizan podra podran puede pueden",
    )
)
_SOLE = 4  # "solo": an answer may leave it out, never put it in
_OPPOSITES = ((0, 1), (2, 3), (5, 6), (8, 9), (10, 11), (12, 13), (6, 14))
_GENERIC = sentences.set_of(
    "segun indica indican establece establecen dice dicen senala documento documentos fuente fuentes reglamento norma "
    "articulo art regimen corresponde respecto caso casos informa menciona respuesta pregunta"
)
_DENY = _NO | _FORBIDS
_REACH = 3  # content words behind a "no"
_REFERENCE = re.compile(
    r"\b(?:art[íi]culos?|arts?\.?|incisos?|incs?\.?|cap[íi]tulos?|puntos?|anexos?|resoluci[óo]n|res\.|ley|decreto|disposici[óo]n|circular)"
    r"\s*(?:n\.?\s?[º°o]\.?\s*|nro\.?\s*)?(\d+(?:[/.-]\d+)*)[º°]?",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-ZÁÉÍÓÚÜÑ][\wáéíóúüñ.]*")


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence, as two are compared."""

    numbers: frozenset[str]
    names: frozenset[str]
    content: tuple[Word, ...]
    folded: frozenset[str]
    denied: frozenset[int]  # stems that stand right behind a "no"
    reach: frozenset[int]  # and those that its "no" may still mean

    @property
    def denies(self) -> bool:
        return bool(self.folded & _DENY)


def find(sentence: str, source: str, *, about: str = "") -> tuple[int, int] | None:
    """Return where the source says what the sentence says, as offsets of the source; None when it does not.

    `about`: title and heading of the source, where an article's number may stand.
    """
    named = _references(fold(f"{about} {source}"))
    if not _references(fold(sentence)) <= named:
        return None
    claim = _read(_REFERENCE.sub(" ", sentence))
    if len(claim.content) < FEWEST:
        return None
    spans = sentences.split(source)
    best: tuple[float, int, int] | None = None
    for size in range(1, _MOST_PAIRS + 1):
        for at in range(len(spans) - size + 1):
            start, end = spans[at][0], spans[at + size - 1][1]
            share = _holds(claim, _read(_REFERENCE.sub(" ", source[start:end])), is_whole=size == 1)
            if share is not None and (best is None or share > best[0]):
                best = (share, start, end)
        if best is not None:
            return best[1:]
    return None


def _holds(claim: _Read, text: _Read, *, is_whole: bool) -> float | None:
    """Return how much of the claim's content a sentence holds, 0 to 1; None when it does not support it."""
    if not claim.numbers <= text.numbers or not claim.names <= text.folded or claim.denies != text.denies:
        return None
    stems = {word.stem for word in text.content}
    mine = {word.stem for word in claim.content}
    if (claim.denied & stems) - text.reach or (text.denied & mine) - claim.reach:
        return None
    if any(_turned(claim, text, one, other) for one, other in _OPPOSITES):
        return None
    if claim.folded & _TURNS[_SOLE] and not text.folded & _TURNS[_SOLE]:
        return None
    held = sum(_is_held(word, stems) for word in claim.content)
    share = held / len(claim.content)
    # Two sentences together say more than one: then more of it must be there.
    return share if share >= (ENOUGH if is_whole else (1 + ENOUGH) / 2) and held >= FEWEST else None


def _turned(claim: _Read, text: _Read, one: int, other: int) -> bool:
    """Say whether the claim has one of two opposites and the text the other alone."""
    for mine, theirs in ((_TURNS[one], _TURNS[other]), (_TURNS[other], _TURNS[one])):
        if (
            claim.folded & mine
            and not claim.folded & theirs
            and text.folded & theirs
            and not text.folded & mine
        ):
            return True
    return False


def _is_held(word: Word, stems: set[int]) -> bool:
    return word.stem in stems or not stems.isdisjoint(synonyms_of(word.stem))


def _read(text: str) -> _Read:
    plain = fold(text)
    found = words(text)
    folded = frozenset(word.folded for word in found)
    names = frozenset(
        fold(match[0].rstrip("."))
        for match in _NAME.finditer(text)
        if match.start() > 0 and not re.search(r"[.!?:¿¡«\"“(\n]\s*$", text[: match.start()])
    )
    content = tuple(
        word
        for word in {word.stem: word for word in found}.values()
        if not word.is_stop and word.folded not in _GENERIC and word.folded not in _VALUES
        and not word.folded.isdigit() and word.folded not in _NO
    )  # fmt: skip
    denied, reach = _denied(found, {word.stem for word in content})
    return _Read(
        numbers=_numbers(plain) | (folded & (_DAYS | _MONTHS)),
        names=names - _GENERIC - _DAYS - _MONTHS,
        content=content,
        folded=folded,
        denied=denied,
        reach=reach,
    )


def _denied(found: list[Word], content: set[int]) -> tuple[frozenset[int], frozenset[int]]:
    first: set[int] = set()
    reach: set[int] = set()
    left = 0
    for word in found:
        if word.folded in _DENY:
            left = _REACH
        elif left and word.stem in content:
            if left == _REACH:
                first.add(word.stem)
            reach.add(word.stem)
            left -= 1
    return frozenset(first), frozenset(reach)


def _references(plain: str) -> frozenset[str]:
    return frozenset(match[1] for match in _REFERENCE.finditer(plain))


def _numbers(plain: str) -> frozenset[str]:
    """Return the numbers of a folded text in digits, however they are written."""
    plain = _TENS.sub(lambda both: str(_VALUES[both[1]] + _unit(both[2])), plain)
    found = {
        digits.replace(".", "") if _is_thousands(digits) else digits.lstrip("0") or "0"
        for digits in _DIGITS.findall(plain)
    }
    found |= {str(_VALUES[word.folded]) for word in words(plain) if word.folded in _VALUES}
    return frozenset(found)


def _unit(word: str) -> int:
    return 1 if word.startswith("un") else _VALUES[word]


def _is_thousands(digits: str) -> bool:
    return re.fullmatch(r"\d{1,3}(?:\.\d{3})+", digits) is not None
