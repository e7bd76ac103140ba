"""A summary by rules: sentences of the meeting, word for word, each with its seconds.

Decisions are known by the words that take them; facts by how much of the meeting speaks of what they speak of (a walk
over sentences that share words, after Mihalcea and Tarau, EMNLP 2004), each unlike those chosen before.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engines import spanish
from transcription import topics
from transcription.phrases import Sentence, Utterance, cut, level, turns

BULLETS = 5
MOST_RISKS = 6
MOST_IDEAS = 5
MOST_SENTENCES = 1_500  # that are compared with each other
_LEAST_STEMS = 3
_MOST_CHARS = 400
_DAMPING, _ROUNDS = 0.85, 30
_ALIKE = 0.5  # cosine from which two sentences say the same
_MOST_DECISIONS = 4

_DECIDES = re.compile(
    r"\b(?:se (?:acuerda|aprueba|decide|resuelve|fija|acordo|aprobo|decidio|resolvio)|acordamos|acordado|aprobamos|"
    r"decidimos|resolvemos|qued(?:a|an|o) (?:aprobad|decidid|acordad|establecid|fijad)\w*|quedamos en|por unanimidad|"
    r"queda (?:claro )?que)\b"
)
_RISKS = re.compile(
    r"\b(?:preocupa\w*|falta|faltan|hace falta|depende\w*|dependemos|no (?:hay|queda|tenemos) (?:dinero|plata|recursos|"
    r"presupuesto|horas|tiempo|gente|personal|lugar|espacio|fondos)|riesgo\w*|no alcanza\w*|no llega\w*|el problema|"
    r"peligro\w*|retras\w*|atras(?:o|ad)\w*|caduca\w*|venc(?:e|en|io)|sin fecha|no funciona\w*|esta roto|estan rotos|"
    r"no da abasto|urge|urgente|queda pendiente|no hay (?:nadie|quien)|"
    r"sin (?:la|el|los|las) [^.,]* no (?:hay|se|podemos))\b"
)
_IDEAS = re.compile(
    r"\b(?:propongo|proponemos|propone|propuso|propuesta|podriamos|se podria|la idea|lo importante|es importante|"
    r"fundamental|clave|conviene|convendria|deberiamos|habria que|me gustaria|estaria bien|hay que|tenemos que)\b"
)
_FACT = re.compile(
    r"\d|\b(?:por ciento|euros|pesos|dolares|enero|febrero|marzo|abril|mayo|junio|julio|agosto|se[pt]+iembre|octubre|"
    r"noviembre|diciembre|lunes|martes|miercoles|jueves|viernes|once|doce|quince|veinte|treinta|cuarenta|cien)\b"
)
# What a summary should not stand on: it leans on what was said before, or is said of nobody.
_WEAK = re.compile(
    r"^\W*(?:pero|y|ya|yo (?:no|tambien)|a mi|es que|pues|lo|la|los|las|se lo|eso|esto|entonces|perdon|bueno|si|no)\b"
    r"(?! \w+ de )|"
    r"\b(?:podria|si (?:me|nos|queremos|alguien|no)|no se si|gustaria)\b"
)
_NO_WORRY = re.compile(r"\bno hace falta\b|\bsin falta\b|\blo (?:que mas urge|mas urgente|urgente)\b")
_SAYS_NOTHING = re.compile(
    r"^\W*(?:buen[oa]s (?:tardes|dias|noches)|gracias|muchas gracias|perfecto|vale|de acuerdo|hola|nos vemos|perdon)\b"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a summary: what was said, from and to which second."""

    text: str
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a meeting came to, each part in the order in which it was said."""

    bullets: tuple[Line, ...] = ()
    risks: tuple[Line, ...] = ()
    ideas: tuple[Line, ...] = ()
    topics: tuple[Line, ...] = ()


@dataclass(slots=True)
class _Weighed:
    """A sentence that may be told, and how much it weighs."""

    sentence: Sentence
    folded: str
    vector: dict[int, float]
    weight: float = 0.0
    near: list[int] = field(default_factory=list)


def summarise(said: Sequence[Utterance]) -> Summary:
    """Return the summary of a transcript; all empty where little was said."""
    sentences = cut(turns(said))
    weighed = _weigh(sentences)
    decisions = [each for each in _best(weighed) if _DECIDES.search(each.folded)][:_MOST_DECISIONS]
    bullets = _unlike(decisions, [])
    bullets += _unlike(
        [each for each in _best(weighed) if not _is_worry(each)], bullets, most=BULLETS - len(bullets)
    )
    risks = _unlike([each for each in _best(weighed) if _is_worry(each)], bullets, most=MOST_RISKS)
    told = [*bullets, *risks]
    proposals = [each for each in _best(weighed) if _IDEAS.search(each.folded)]
    ideas = _unlike(proposals, told, most=MOST_IDEAS)
    ideas += _unlike(_best(weighed), [*told, *ideas], most=max(0, MOST_IDEAS - 2 - len(ideas)))
    return Summary(
        bullets=_lines(bullets),
        risks=_lines(risks),
        ideas=_lines(ideas),
        topics=tuple(Line(each.title, each.from_s, each.to_s) for each in topics.find(sentences)),
    )


def _is_worry(each: _Weighed) -> bool:
    return bool(_RISKS.search(_NO_WORRY.sub("", each.folded))) and not _DECIDES.search(each.folded)


def _weigh(sentences: Sequence[Sentence]) -> list[_Weighed]:
    """Return the sentences that may be told, each with its weight."""
    stems = [[word.stem for word in spanish.words(each.text) if not word.is_stop] for each in sentences]
    spread = Counter(stem for each in stems for stem in set(each))
    total = len(sentences)
    found: list[_Weighed] = []
    for sentence, own in zip(sentences, stems, strict=True):
        folded = level(sentence.text)
        if len(set(own)) < _LEAST_STEMS or sentence.is_question or _SAYS_NOTHING.match(folded):
            continue
        if len(sentence.text) > _MOST_CHARS or _only_announces(sentence, folded):
            continue
        raw = {stem: count * math.log(1 + total / spread[stem]) for stem, count in Counter(own).items()}
        size = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        found.append(
            _Weighed(sentence, folded, {stem: value / size for stem, value in raw.items()}, weight=size)
        )
    if len(found) > MOST_SENTENCES:
        kept = sorted(range(len(found)), key=lambda at: -found[at].weight)[:MOST_SENTENCES]
        found = [found[at] for at in sorted(kept)]
    for each, rank in zip(found, _ranks(found), strict=True):
        bonus = 1.0 + 0.35 * bool(_FACT.search(each.folded)) + 0.5 * bool(_DECIDES.search(each.folded))
        shortness = min(1.0, len(each.vector) / 6)
        weakness = 0.5 if _WEAK.search(each.folded) and not _DECIDES.search(each.folded) else 1.0
        each.weight = float(rank) * bonus * shortness * weakness
    return found


def _only_announces(sentence: Sentence, folded: str) -> bool:
    says_more = _RISKS.search(folded) or _DECIDES.search(folded)
    return not says_more and topics.is_announcement(sentence.text)


def _ranks(found: Sequence[_Weighed]) -> NDArray[np.float64]:
    """Return how often a walk over sentences that share words comes by each; they sum to 1."""
    count = len(found)
    if not count:
        return np.zeros(0)
    places = {stem: at for at, stem in enumerate({stem for each in found for stem in each.vector})}
    matrix = np.zeros((count, len(places)), np.float32)
    for row, each in enumerate(found):
        for stem, value in each.vector.items():
            matrix[row, places[stem]] = value
    alike = matrix @ matrix.T
    np.fill_diagonal(alike, 0.0)
    out = alike.sum(axis=1)
    ranks = np.full(count, 1 / count)
    steps = alike / np.where(out > 0, out, 1.0)[:, None]
    for _round in range(_ROUNDS):
        ranks = (1 - _DAMPING) / count + _DAMPING * (ranks @ steps + ranks[out == 0].sum() / count)
    return ranks


def _best(weighed: Sequence[_Weighed]) -> list[_Weighed]:
    return sorted(weighed, key=lambda each: (-each.weight, each.sentence.seconds))


def _unlike(
    candidates: Sequence[_Weighed], told: Sequence[_Weighed], *, most: int = _MOST_DECISIONS
) -> list[_Weighed]:
    """Return the first candidates that say what was not told yet."""
    chosen: list[_Weighed] = []
    for each in candidates:
        if len(chosen) >= most:
            break
        if all(_cosine(each, other) < _ALIKE for other in (*told, *chosen)):
            chosen.append(each)
    return chosen


def _cosine(one: _Weighed, other: _Weighed) -> float:
    return sum(value * other.vector.get(stem, 0.0) for stem, value in one.vector.items())


def _lines(chosen: Sequence[_Weighed]) -> tuple[Line, ...]:
    lines = [Line(each.sentence.text, *each.sentence.seconds) for each in chosen]
    return tuple(sorted(lines, key=lambda line: line.from_s))
