"""Retrieval in memory over a question set: the two sparse searches that the store does, as candidates."""

import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bench.questions import QuestionSet
from bench.sparse_index import SparseIndex
from engines import quoting, spanish
from engines.quoting import Passage
from rag.features import Candidate
from rag.rerank import rerank
from schools.ids import ChunkId

DEPTH = 50


def chunk_id(paragraph: int) -> ChunkId:
    """Return the id that stands for a paragraph."""
    return ChunkId(uuid.UUID(int=paragraph))


class Corpus:
    """The paragraphs of a set, indexed; `titles` gives each one a document title, none by default."""

    def __init__(self, questions: QuestionSet, *, titles: Sequence[str] | None = None) -> None:
        self.set = questions
        self.titles = titles or [""] * len(questions.paragraphs)
        self.indexed = [
            spanish.index(text, heading=title)
            for text, title in zip(questions.paragraphs, self.titles, strict=True)
        ]

    @cached_property
    def stems(self) -> SparseIndex:
        """Return the index of stems."""
        return SparseIndex([one.stems for one in self.indexed])

    @cached_property
    def grams(self) -> SparseIndex:
        """Return the index of 4-grams."""
        return SparseIndex([one.grams for one in self.indexed])

    def vectors(self, question: str) -> spanish.QueryVectors:
        """Return the question as the store gets it."""
        return spanish.query(question)

    def candidates(self, question: str, *, depth: int = DEPTH) -> list[Candidate]:
        """Return the best paragraphs of each search, joined."""
        vectors = self.vectors(question)
        stems = _best(self.stems.scores(vectors.stems), depth)
        grams = _best(self.grams.scores(vectors.grams), depth)
        return [
            Candidate(
                chunk_id(at), self.indexed[at].analysis, stems.get(at), grams.get(at), title=self.titles[at]
            )
            for at in dict.fromkeys([*stems, *grams])
        ]

    def passages(
        self, question: str, *, most: int = 3, weights: Mapping[str, float] | None = None
    ) -> list[Passage]:
        """Return the best paragraphs as a quoting engine gets them."""
        size = len(self.indexed)
        ranked = rerank(
            question, self.candidates(question), limit=most, chunks_in_school=size, weights=weights
        )
        return [
            Passage(self.set.paragraphs[one.chunk_id.int], prior=one.prior, support=one.support)
            for one in ranked
        ]

    def measure(self, question: str) -> quoting.Measured | None:
        """Return what quoting looks at for a question; None when nothing is found."""
        return quoting.measure(question, self.passages(question))


def _best(scores: NDArray[np.float64], depth: int) -> dict[int, float]:
    order = np.argsort(-scores, kind="stable")[:depth]
    return {int(at): float(scores[at]) for at in order if scores[at] > 0}
