"""Answer by quoting: the sentences that most likely hold the answer, word for word, and how sure that is."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines import asked, spanish
from engines.matching import HEADING_STRENGTH, Matrix, Pool, closeness, rarity_among, strengths

SENTENCE_NAMES = (
    "words",  # question words in the sentence, near spellings counting in part, weighted by rarity
    "brief",  # likewise, shorter sentences before longer ones
    "kind",  # likewise, when the sentence holds the kind of thing asked for
    "held",  # that kind alone
    "grams",  # 4-grams of the question in the sentence, weighted by rarity
    "near",  # neighbouring question words, the closer the more
    "around",  # question words that this sentence lacks and the one before it has
    "prior",  # how likely the passage is the right one, as retrieval saw it, by orders of magnitude
)
CONFIDENCE_NAMES = (
    "grams",  # as above, the best quote's
    "near",
    "kind",
    "prior",
    "names",  # the question's names and numbers, in that quote's passage
    "support",  # the most that any passage holds of the question, by rarity in the school
)
_LEAST_PRIOR = 0.01
_OF_PASSAGES = 1.0  # support, when retrieval did not tell it, per share of question words in a passage
_USUAL_WORDS = 25.0


# "Artículo 22. Pérdida de la regularidad", "3.2 Horarios": the name of what follows, not its words.
_TITLE = re.compile(
    r"(?:art(?:[íi]culo|\.)\s*\d|cap[íi]tulo\b|t[íi]tulo\s+[ivx\d]|secci[óo]n\s+[ivx\d]|\d+(?:\.\d+)*\.?\s)",
    re.I,
)
_TITLE_WORDS = 12


@dataclass(frozen=True, slots=True)
class Passage:
    """A text to quote from.

    `prior`: how likely it is the right one, 0 to 1; `support`: how much of the question it holds, by rarity
    in the school, 0 to about 1; None when unknown. Both come from rag.rerank.
    """

    text: str
    prior: float = 0.0
    heading: str = ""
    support: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Sentences of passages: (passage, start, end) of each, and what choosing and confidence look at."""

    places: list[tuple[int, int, int]]
    sentences: Matrix
    sureness: Matrix


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch of a passage, word for word: `text[start:end]`."""

    passage_index: int
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Quoted:
    """The quotes, best first; `confidence` that they hold the answer, 0 to 1; whether that is enough."""

    quotes: tuple[Quote, ...]
    confidence: float
    is_enough: bool


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What engines/quoting.json holds."""

    sentence: Matrix
    confidence: Matrix
    bias: float
    enough: float

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Weights":
        """Return the weights as stored, by name."""
        return cls(
            np.array([stored["sentence"][name] for name in SENTENCE_NAMES], np.float64),
            np.array([stored["confidence"][name] for name in CONFIDENCE_NAMES], np.float64),
            float(stored["bias"]),
            float(stored["enough"]),
        )


def quote(
    question: str, passages: Sequence[Passage], *, most: int = 3, weights: Weights | None = None
) -> Quoted:
    """Return the sentences that most likely hold the answer; none when the passages hold no sentence.

    `weights`: others than engines/quoting.json, for measuring.
    """
    measured = measure(question, passages)
    if measured is None:
        return Quoted((), 0.0, is_enough=False)
    used = weights or _weights()
    scores = measured.sentences @ used.sentence
    best = _worth_quoting(np.argsort(-scores, kind="stable").tolist(), measured, passages)[:most]
    logit = float(measured.sureness[best[0]] @ used.confidence + used.bias)
    confidence = 1 / (1 + math.exp(-logit))
    quotes = []
    for at in best:
        passage_index, start, end = measured.places[at]
        quotes.append(Quote(passage_index, start, end, round(float(scores[at]), 4)))
    return Quoted(tuple(quotes), confidence, is_enough=confidence >= used.enough)


def _worth_quoting(order: list[int], measured: Measured, passages: Sequence[Passage]) -> list[int]:
    """Return the sentences in their order, without those that only repeat the passage's heading or ask themselves.

    All of them where nothing else is left.
    """
    headings = [spanish.fold(passage.heading) for passage in passages]

    def says_more(at: int) -> bool:
        owner, start, end = measured.places[at]
        words = " ".join(passages[owner].text[start:end].split())
        is_title = (
            _TITLE.match(words) and not words.endswith((".", ";", ":")) and len(words.split()) <= _TITLE_WORDS
        )
        return not (is_title or words.endswith("?") or spanish.fold(words).strip(" .:") in headings[owner])

    return [at for at in order if says_more(at)] or order


def measure(question: str, passages: Sequence[Passage]) -> Measured | None:
    """Return the sentences as measured against the question; None when there is none, or nothing asked."""
    terms = asked.read(question)
    analyses = [spanish.analyse(passage.text) for passage in passages]
    if not len(terms.stems) or not any(len(analysis.words) for analysis in analyses):
        return None
    pool = Pool(analyses)
    exact, loose = strengths(terms, pool)
    owners = pool.sentence_owners
    headings = np.stack([_in_heading(terms, passage.heading) for passage in passages], axis=1)
    above = HEADING_STRENGTH * headings[:, owners]
    exact_held = np.maximum(pool.per_sentence(exact), above)
    held = np.maximum(pool.per_sentence(loose), above)
    share = rarity_among(exact_held, held)
    share = share / share.sum()
    in_passage = pool.per_chunk(held)
    words = share @ held
    brief = words / (0.5 + 0.5 * pool.sentence_lengths / _USUAL_WORDS)
    has_kind = _has_kind(terms, pool)
    grams = _gram_share(question, passages, pool)
    word_sentences = np.repeat(np.arange(len(words)), pool.sentence_lengths)
    _, near = closeness(terms, loose * 0.8, pool, share, word_sentences, len(words))
    around = share @ np.maximum(_before(held, owners) - held, 0.0)
    priors = np.array([passage.prior for passage in passages])
    prior = 1 - np.log(np.maximum(priors, _LEAST_PRIOR))[owners] / np.log(_LEAST_PRIOR)
    named = share * terms.is_name
    names = (named @ in_passage / named.sum() if named.sum() else share @ in_passage)[owners]
    known = [passage.support for passage in passages if passage.support is not None]
    support = np.full(
        len(words),
        min(1.0, max(known)) if known else _OF_PASSAGES * float((share @ pool.per_chunk(exact_held)).max()),
    )
    kind = has_kind * words
    held_kind = has_kind if terms.wanted else np.zeros(len(words))
    return Measured(
        [(owner, *span) for owner, span in zip(owners.tolist(), pool.sentence_spans.tolist(), strict=True)],
        np.stack((words, brief, kind, held_kind, grams, near, around, prior), axis=1),
        np.stack((grams, near, kind, prior, names, support), axis=1),
    )


def _has_kind(terms: asked.Terms, pool: Pool) -> Matrix:
    if not terms.wanted:
        return np.ones(len(pool.sentence_kinds))
    return ((pool.sentence_kinds & terms.wanted) > 0).astype(np.float64)


def _before(held: Matrix, owners: NDArray[np.int64]) -> Matrix:
    """Return for each sentence what the one before it in the same passage holds."""
    shifted = np.zeros_like(held)
    follows = np.flatnonzero(owners[1:] == owners[:-1])
    shifted[:, follows + 1] = held[:, follows]
    return shifted


def _in_heading(terms: asked.Terms, heading: str) -> Matrix:
    held = {word.stem for word in spanish.words(heading)}
    return np.array([stem in held for stem in terms.stems.tolist()], np.float64)


def _gram_share(question: str, passages: Sequence[Passage], pool: Pool) -> Matrix:
    wanted = spanish.grams(question)
    spans = zip(pool.sentence_owners.tolist(), pool.sentence_spans.tolist(), strict=True)
    held = np.stack(
        [np.isin(wanted, spanish.grams(passages[owner].text[start:end])) for owner, (start, end) in spans],
        axis=1,
    ).astype(np.float64)
    counts = held.sum(axis=1)
    weights = np.log1p((held.shape[1] - counts + 0.5) / (counts + 0.5))
    share: Matrix = weights @ held / weights.sum() if len(wanted) else np.zeros(held.shape[1])
    return share


@lru_cache(maxsize=1)
def _weights() -> Weights:
    return Weights.of(json.loads((Path(__file__).parent / "quoting.json").read_text("utf-8")))
