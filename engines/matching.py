"""Match a question's terms against many chunks at once: all words end to end, one array operation."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engines.analysis import Analysis
from engines.asked import Terms

Matrix = NDArray[np.float64]

SYNONYM_STRENGTH = 0.6
HEADING_STRENGTH = 0.8  # of a word that stands in title or heading, not in the sentence below it
LOOSE_FROM = 0.55  # share of letter pairs in common from which two spellings may be one word
_NEAR_WORDS = 6.0  # distance at which nearness has fallen to 1/e


class Pool:
    """The analyses of some chunks as one; results "per chunk" have one column for each, in order."""

    def __init__(self, analyses: Sequence[Analysis]) -> None:
        self.size = len(analyses)
        self.stems = np.concatenate([a.stems for a in analyses])
        self.signatures = np.concatenate([a.signatures for a in analyses])
        distinct = np.array([len(a.stems) for a in analyses])
        self.lengths = np.array([len(a.words) for a in analyses])
        owners = np.arange(self.size)
        self.word_owners = np.repeat(owners, self.lengths)
        self.words = np.concatenate([a.words for a in analyses]) + np.repeat(
            np.cumsum(distinct) - distinct, self.lengths
        )
        starts = np.concatenate([a.sentence_words for a in analyses]).astype(np.int64)
        counts = np.array([len(a.sentence_words) for a in analyses])
        starts += np.repeat(np.cumsum(self.lengths) - self.lengths, counts)
        lengths = np.diff(starts, append=len(self.words))
        filled = lengths > 0  # a sentence without words ("***") starts where the next one does
        self.sentence_starts = starts[filled]
        self.sentence_lengths = lengths[filled]
        self.sentence_kinds = np.concatenate([a.sentence_kinds for a in analyses])[filled]
        self.sentence_spans = np.concatenate([a.sentence_spans for a in analyses])[filled]
        self.sentence_owners = np.repeat(owners, counts)[filled]

    def per_sentence(self, by_distinct: Matrix) -> Matrix:
        """Return the greatest value of each row over each sentence's words."""
        return _greatest(by_distinct[:, self.words], self.sentence_starts)

    def per_chunk(self, by_sentence: Matrix) -> Matrix:
        """Return the greatest value of each row over each chunk's sentences; 0 where it has none."""
        result = np.zeros((len(by_sentence), self.size))
        if len(self.sentence_owners):
            firsts = np.flatnonzero(np.diff(self.sentence_owners, prepend=-1))
            result[:, self.sentence_owners[firsts]] = _greatest(by_sentence, firsts)
        return result


def strengths(terms: Terms, pool: Pool) -> tuple[Matrix, Matrix]:
    """Return, per term and distinct word, 0 to 1: same stem or synonym; that or a near spelling."""
    exact = (pool.stems[None] == terms.stems[:, None]).astype(np.float64)
    for row, others in enumerate(terms.synonyms):
        if others:
            found = np.isin(pool.stems, np.array(others, np.uint32))
            exact[row] = np.maximum(exact[row], SYNONYM_STRENGTH * found)
    shared = np.bitwise_count(pool.signatures[None] & terms.signatures[:, None])
    sizes = np.bitwise_count(pool.signatures)[None] + np.bitwise_count(terms.signatures)[:, None]
    alike = 2.0 * shared / np.maximum(1, sizes)
    return exact, np.maximum(exact, np.where(alike >= LOOSE_FROM, alike, 0.0))


def rarity_among(held: Matrix, loosely: Matrix) -> Matrix:
    """Return each term's IDF over the columns (chunks or sentences) that hold it.

    A word that none holds is likely misspelt: it is as common as its likeliest readings.
    """
    size = held.shape[1]
    counts = (held >= SYNONYM_STRENGTH).sum(axis=1)
    counts = np.where(counts, counts, (loosely > 0).sum(axis=1))
    weights: Matrix = np.log1p((size - counts + 0.5) / (counts + 0.5))
    return weights


def closeness(
    terms: Terms, by_distinct: Matrix, pool: Pool, share: Matrix, owners: NDArray[np.int64], size: int
) -> tuple[Matrix, Matrix]:
    """Return, per owner, how many neighbouring terms stand as close as in the question; how near they are.

    `owners` says of each word of the pool to which chunk or sentence it counts, `size` how many of those
    there are.
    """
    pairs, near = np.zeros(size), np.zeros(size)
    where = [np.flatnonzero(row[pool.words] >= SYNONYM_STRENGTH) for row in by_distinct]
    total = 0.0
    for left in range(len(where) - 1):
        right = left + 1
        weight = float(share[left] + share[right])
        total += weight
        after = _closest(where[left], where[right], owners, size)
        either = np.minimum(after, _closest(where[right], where[left], owners, size))
        pairs += weight * (after <= terms.places[right] - terms.places[left] + 1)
        near += weight * np.exp(-np.maximum(0.0, either - 1) / _NEAR_WORDS)
    return (pairs / total, near / total) if total else (pairs, near)


def _closest(
    earlier: NDArray[np.intp], later: NDArray[np.intp], owners: NDArray[np.int64], size: int
) -> Matrix:
    """Return per owner the fewest words from an earlier position to a later one; infinite if none."""
    closest = np.full(size, np.inf)
    if len(earlier) and len(later):
        at = np.searchsorted(earlier, later) - 1
        before = earlier[np.maximum(at, 0)]
        fits = (at >= 0) & (owners[before] == owners[later])
        np.minimum.at(closest, owners[later][fits], (later - before)[fits].astype(np.float64))
    return closest


def _greatest(values: Matrix, starts: NDArray[np.intp]) -> Matrix:
    """Return the greatest value of each row within each stretch, a stretch reaching to the next start."""
    if not len(starts):
        return np.zeros((len(values), 0))
    result: Matrix = np.maximum.reduceat(values, starts, axis=1)
    return result
