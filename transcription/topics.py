"""What a meeting speaks of one after the other: topics that are announced, or stretches whose words change."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engines import spanish
from engines.sentences import set_of
from transcription.phrases import Sentence, level

MOST = 12
_LEAST_ANNOUNCED = 1
_MOST_CHARS = 90
_ANNOUNCING_CHARS = 40  # "El segundo punto de hoy son"
_ORDER = r"(?:primer|segund|tercer|cuart|quint|sext|septim|octav|ultim|siguiente|otr|proxim)\w*"
_POINT = r"(?:tema|punto|asunto|cuestion|cosa|apartado)"
# What is announced stands behind these; in the order in which they are tried.
_ANNOUNCES = (
    re.compile(
        rf"\b{_ORDER} {_POINT}(?: del (?:dia|orden del dia|orden))?(?:,| es| son| seria|:| va de| trata de)\s+"
    ),
    re.compile(rf"\b{_POINT} (?:numero )?(?:uno|dos|tres|cuatro|cinco|seis|siete|\d)(?:,| es| son|:)\s+"),
    re.compile(
        r"\b(?:pasamos|pasemos|vamos|vayamos|pasando) (?:ahora )?"
        r"(?:al|a la|a los|a las|con el|con la|con los|con las)\s+"
    ),
    re.compile(r"\b(?:empezamos|empecemos|empezar|arrancamos|partimos|comenzamos|comencemos) (?:por|con)\s+"),
    re.compile(
        r"^\W*(?:lo primero|otra cosa|otra cosita|ultima cosa|otro tema|y por ultimo|por ultimo)(?: es|:|,)\s+"
    ),
    re.compile(
        r"\b(?:hablemos|hablamos ahora|toca hablar|vamos a hablar|tenemos que hablar) (?:de|del|sobre)\s+"
    ),
)
_AGAIN = re.compile(rf"^{_ORDER} {_POINT}\s*(?:,|es|son|que es|que son|:)?\s*")
_REST = re.compile(rf"^{_POINT}(?: del dia)?\s*(?:,|que es|que son|:)\s*")
_ENDS = re.compile(
    r"[.;:!?¿¡]|,?\s+(?:que|porque|pero|y (?:la|el|los|las|yo|ya)|a ver|eh|hubo|hay|va|tiene)\b|,"
)
_NO_TITLE = re.compile(r"(?:y|que|pero|es|son|se|me|no|esto|eso|hay|va|yo|nos|os|les?|si)\b")
_ARTICLE = re.compile(r"^(?:el|la|los|las|lo del|lo de la|lo de los|lo de|un|una)\s+", re.IGNORECASE)
_THING = re.compile(
    r"\b(?:el|la|los|las|un|una|del|al|mi|su|sus|de|en|con)\s+([^\W\d_]{4,})(?=[\s.,;:!?]|$)", re.IGNORECASE
)
_NO_THINGS = set_of(
    "lunes martes miercoles jueves viernes sabado domingo enero febrero marzo abril mayo junio julio agosto septiembre "
    "octubre noviembre diciembre semana manana tarde noche dias veces cosa cosas mismo misma primera primero segundo "
    "tercer ultima ultimo acuerdo momento verdad todos todas nueve diez once doce cinco seis siete ocho cuatro tres"
)
_WINDOW = 6  # sentences on either side of a seam
_LEAST_SENTENCES = 8  # of a stretch


@dataclass(frozen=True, slots=True)
class Topic:
    """A stretch of a meeting and what it is about, in words of it."""

    title: str
    from_s: float
    to_s: float


def find(said: Sequence[Sentence]) -> list[Topic]:
    """Return the topics of a meeting in order; those that are announced where any is."""
    if not said:
        return []
    found = _announced(said)
    if len(found) < _LEAST_ANNOUNCED:
        found = _by_words(said)
    return _until_next(found, said[-1].seconds[1])


def is_announcement(text: str) -> bool:
    """Say whether a sentence announces a topic and says little more."""
    title = _title(text)
    return bool(title) and len(text) < len(title) + _ANNOUNCING_CHARS


def _announced(said: Sequence[Sentence]) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for sentence in said:
        title = "" if sentence.is_question else _title(sentence.text)
        if title and all(level(title) != level(other) for other, _at in found):
            found.append((title, sentence.seconds[0]))
    return found[:MOST]


def _title(text: str) -> str:
    folded = level(text)
    for pattern in _ANNOUNCES:
        match = pattern.search(folded)
        if match is None:
            continue
        start = match.end()
        for again in (_AGAIN, _REST):
            more = again.match(folded[start:])
            start += more.end() if more else 0
        end = _ENDS.search(folded, start)
        title = _ARTICLE.sub("", text[start : end.start() if end else len(text)].strip())[:_MOST_CHARS]
        names = any(not word.is_stop for word in spanish.words(title)) and len(title) > 3
        if names and not _NO_TITLE.match(level(title)):
            return title[:1].upper() + title[1:]
    return ""


def _by_words(said: Sequence[Sentence]) -> list[tuple[str, float]]:
    """Return stretches cut where the words before and after have least in common (Hearst, CL 1997)."""
    bags = [Counter(word.stem for word in spanish.words(each.text) if not word.is_stop) for each in said]
    seams = _seams(bags)
    edges = [0, *seams, len(said)]
    spread = Counter(stem for bag in bags for stem in bag)
    found = []
    for first, last in pairwise(edges):
        title = _words_of(said[first:last], spread, len(said))
        if title:
            found.append((title, said[first].seconds[0]))
    return found[:MOST]


def _seams(bags: Sequence[Counter[int]]) -> list[int]:
    likeness = {
        at: _cosine(sum(bags[at - _WINDOW : at], Counter()), sum(bags[at : at + _WINDOW], Counter()))
        for at in range(_WINDOW, len(bags) - _WINDOW + 1)
    }
    if not likeness:
        return []
    mean = sum(likeness.values()) / len(likeness)
    chosen: list[int] = []
    for at in sorted(likeness, key=lambda at: (likeness[at], at)):
        is_apart = all(abs(at - other) >= _LEAST_SENTENCES for other in (*chosen, 0, len(bags)))
        if likeness[at] < 0.6 * mean and is_apart and len(chosen) < MOST - 1:
            chosen.append(at)
    return sorted(chosen)


def _words_of(stretch: Sequence[Sentence], spread: Counter[int], total: int) -> str:
    """Return the three things that mark a stretch, as they are named in it: words that an article goes before."""
    counts: Counter[int] = Counter()
    shown: dict[int, str] = {}
    for sentence in stretch:
        for word in _THING.findall(sentence.text):
            known = spanish.look_up(word)
            if not known.is_stop and known.folded not in _NO_THINGS:
                counts[known.stem] += 1
                shown.setdefault(known.stem, word.lower())
    best = sorted(counts, key=lambda stem: (-counts[stem] * math.log(1 + total / spread[stem]), shown[stem]))
    title = ", ".join(shown[stem] for stem in best[:3])
    return title[:1].upper() + title[1:]


def _cosine(one: Counter[int], other: Counter[int]) -> float:
    shared = sum(count * other[stem] for stem, count in one.items())
    size = math.sqrt(sum(v * v for v in one.values()) * sum(v * v for v in other.values()))
    return shared / size if size else 0.0


def _until_next(found: Sequence[tuple[str, float]], end_s: float) -> list[Topic]:
    starts = [at for _title_, at in found[1:]]
    return [
        Topic(title, at, max(at, until)) for (title, at), until in zip(found, [*starts, end_s], strict=True)
    ]
