"""A sparse index in memory that gives the scores Qdrant gives: to train with, and to check the store."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engines.spanish import Sparse


class SparseIndex:
    """Posting lists of a sparse vector, with Qdrant's `idf` modifier: ln((N - n + 0.5) / (n + 0.5) + 1)."""

    def __init__(self, vectors: Sequence[Sparse]) -> None:
        terms = np.concatenate([vector.indices for vector in vectors])
        owners = np.repeat(np.arange(len(vectors)), [len(vector.indices) for vector in vectors])
        order = np.argsort(terms, kind="stable")
        self._size = len(vectors)
        self._owners = owners[order]
        self._values = np.concatenate([vector.values for vector in vectors])[order]
        self._terms, self._starts, self._counts = np.unique(
            terms[order], return_index=True, return_counts=True
        )

    def idf(self, term: int) -> float:
        """Return the rarity of one term; of an unknown one, the greatest there is."""
        at = int(np.searchsorted(self._terms, term))
        known = at < len(self._terms) and self._terms[at] == term
        count = int(self._counts[at]) if known else 0
        return float(np.log((self._size - count + 0.5) / (count + 0.5) + 1))

    def scores(self, query: Sparse) -> NDArray[np.float64]:
        """Return the score of every vector for the query."""
        total = np.zeros(self._size)
        places = np.searchsorted(self._terms, query.indices)
        for term, at, weight in zip(query.indices, places, query.values, strict=True):
            if at < len(self._terms) and self._terms[at] == term:
                start, count = self._starts[at], self._counts[at]
                idf = np.log((self._size - count + 0.5) / (count + 0.5) + 1)
                total[self._owners[start : start + count]] += self._values[start : start + count] * (
                    weight * idf
                )
        return total
