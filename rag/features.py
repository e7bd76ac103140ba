"""Measure how a question's words stand in each candidate: the inputs of the reranker."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engines import codes, spanish
from engines.analysis import Analysis
from engines.asked import Terms
from engines.matching import HEADING_STRENGTH, Matrix, Pool, closeness, rarity_among, strengths
from schools.ids import ChunkId

NAMES = (
    "stems",  # the store's score on stems, over the best in the pool
    "grams",  # likewise on 4-grams of characters
    "sentence",  # question words, weighted by rarity, in the best single sentence: same stem or synonym
    "brief",  # likewise, near spellings counting in part, shorter sentences before longer ones
    "kind",  # likewise, of the sentences that hold the kind of thing asked for: a date, a number, a name …
    "pairs",  # neighbouring question words that stand as close, in the same order
    "near",  # neighbouring question words, the closer the more, any order
    "names",  # of the question's names and numbers, anywhere in the chunk
    "short",  # how much shorter than the pool's average
    "codes",  # codes of the question ("res 1234/26", "5ºb") that the chunk holds
    "title",  # question words found in the document's title
    "heading",  # in the heading path
)

_USUAL_WORDS = 25.0  # of a sentence


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that retrieval found; a score is None when that list did not bring it."""

    chunk_id: ChunkId
    analysis: Analysis
    stems_score: float | None = None
    grams_score: float | None = None
    dense_score: float | None = None
    title: str = ""
    heading_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """`table`: a row per candidate, a column per name in `NAMES`, each about 0 to 1.

    `support`: per candidate, how much of the question it holds by rarity in the school: its stems score over
    what a chunk with every word once would have. It compares between questions, the table does not.
    """

    table: Matrix
    support: Matrix


def measure(terms: Terms, candidates: Sequence[Candidate], *, chunks_in_school: int = 1000) -> Measured:
    """Return the candidates as measured against the question.

    Inside the table a word's rarity is that among the candidates: one that all of them hold tells none apart.
    """
    pool = Pool([candidate.analysis for candidate in candidates])
    exact, loose = strengths(terms, pool)
    headed = _headed(terms, candidates)
    above = HEADING_STRENGTH * headed.max(axis=0)[:, pool.sentence_owners]
    exact_by_sentence = np.maximum(pool.per_sentence(exact), above)
    by_sentence = np.maximum(pool.per_sentence(loose), above)
    loosely = pool.per_chunk(by_sentence)
    held = pool.per_chunk(exact_by_sentence)
    share = _shares(rarity_among(held, loosely))
    brief = share @ by_sentence / (0.5 + 0.5 * pool.sentence_lengths / _USUAL_WORDS)
    has_kind = (pool.sentence_kinds & terms.wanted) > 0 if terms.wanted else np.ones(len(brief), bool)
    pairs, near = closeness(terms, loose * 0.8, pool, share, pool.word_owners, pool.size)

    columns = (
        _scaled([candidate.stems_score for candidate in candidates]),
        _scaled([candidate.grams_score for candidate in candidates]),
        *pool.per_chunk(np.stack([share @ exact_by_sentence, brief, brief * has_kind])),
        pairs,
        near,
        _shares(share * terms.is_name) @ loosely,
        1 - pool.lengths / max(1.0, float(pool.lengths.mean())),
        _code_share(terms, candidates),
        *(share @ hits for hits in headed),
    )
    return Measured(np.stack(columns, axis=1), _support(terms, candidates, held, loosely, chunks_in_school))


def _support(
    terms: Terms, candidates: Sequence[Candidate], held: Matrix, loosely: Matrix, chunks_in_school: int
) -> Matrix:
    """Return each candidate's stems score over the sum of the terms' IDF in the school.

    The rare words decide, and chunks that hold one are nearly all among the candidates: their count stands
    for the school's. (Solving the scores for the true IDF came no nearer: 0.91 refused either way.)
    """
    counts = [(held >= HEADING_STRENGTH).sum(axis=1)]
    if len(terms.codes):
        counts.append(_codes_held(terms, candidates).sum(axis=0))
    found = np.concatenate(counts)
    size = max(chunks_in_school, len(candidates))
    rarity = np.log1p((size - found + 0.5) / (found + 0.5))
    scores = np.array([one.stems_score or 0.0 for one in candidates]) / max(float(rarity.sum()), 1e-9)
    of_words = rarity[: len(loosely)]
    # A misspelt question has no stems score to speak of: its near spellings count too, with less trust.
    spelt: Matrix = 0.8 * (of_words @ loosely**2) / max(float(of_words.sum()), 1e-9)
    return np.maximum(scores, spelt)


def _shares(weights: Matrix) -> Matrix:
    """Return the weights, all together 1; all 0 when no term tells candidates apart."""
    total = weights.sum()
    return weights / total if total else weights


def _scaled(scores: Sequence[float | None]) -> Matrix:
    """Return the scores over the greatest; one that is missing lies under the least that is there."""
    known = [score for score in scores if score is not None]
    if not known or max(known) <= 0:
        return np.zeros(len(scores))
    floor = 0.9 * min(known)
    return np.array([floor if score is None else score for score in scores]) / max(known)


def _code_share(terms: Terms, candidates: Sequence[Candidate]) -> Matrix:
    if not len(terms.codes):
        return np.zeros(len(candidates))
    share: Matrix = _codes_held(terms, candidates).mean(axis=1)
    return share


def _codes_held(terms: Terms, candidates: Sequence[Candidate]) -> Matrix:
    """Return per candidate and code of the question, 1.0 where its text, title or headings hold it."""
    wanted = terms.codes.tolist()
    rows = []
    for one in candidates:
        around = _codes_in(" ".join((one.title, *one.heading_path)))
        rows.append(np.isin(terms.codes, one.analysis.codes) | [code in around for code in wanted])
    return np.stack(rows).astype(np.float64)


def _headed(terms: Terms, candidates: Sequence[Candidate]) -> Matrix:
    """Return 1.0 where the title (first layer), the heading path (second) hold a term, by candidates."""
    wanted = terms.stems.tolist()
    texts = [[one.title for one in candidates], [" ".join(one.heading_path) for one in candidates]]
    held = {text: [stem in _stems_in(text) for stem in wanted] for layer in texts for text in set(layer)}
    return np.array([[held[text] for text in layer] for layer in texts], np.float64).transpose(0, 2, 1)


@lru_cache(maxsize=1 << 12)
def _codes_in(text: str) -> frozenset[int]:
    return frozenset(spanish.hash_term(code) for code in codes.find(text))


@lru_cache(maxsize=1 << 12)
def _stems_in(text: str) -> frozenset[int]:
    return frozenset(word.stem for word in spanish.words(text))
