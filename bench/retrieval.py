"""Measure retrieval on held-out articles, through the real store: ./preceptor bench retrieval [--data DIR].

The reranker's weights are learnt anew for each test, from articles that it does not hold.
"""

import os
import random
import statistics
import uuid
from collections.abc import Callable, Mapping, Sequence
from math import log2
from pathlib import Path
from typing import Any

from bench import report
from bench.pools import DEPTH, Corpus, chunk_id
from bench.questions import Question, QuestionSet, bare, load_dist, load_squad, misspell
from bench.train import learn_reranking
from rag.features import Candidate
from rag.rerank import rerank

NEEDS_SERVICES = True

SPOILS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "typing errors in 20 % of words": lambda text: misspell(text, share=0.2),
    "typing errors in 40 % of words": lambda text: misspell(text, share=0.4),
    "lower case, no accents, no marks": bare,
}
_SUBSET_PARAGRAPHS, _SUBSETS = 240, 5
Ranker = Callable[[Sequence[Candidate], str], list[uuid.UUID]]


def measure(data: Path) -> dict[str, Any]:
    """Return the figures of both sets whole, through the store, and of parts as large as XQuAD-es."""
    squad, dist = load_squad(data), load_dist(data)
    first, second = squad.halves()
    learnt = {
        "first": learn_reranking([Corpus(second), Corpus(dist)]),
        "second": learn_reranking([Corpus(first), Corpus(dist)]),
        "dist": learn_reranking([Corpus(squad)]),
    }
    of_first = set(first.articles)

    def weights_for(questions: QuestionSet, question: Question) -> Mapping[str, float]:
        if questions.name == dist.name:
            return learnt["dist"]
        return learnt["first" if questions.articles[question.paragraph] in of_first else "second"]

    figures: dict[str, Any] = {}
    for questions in (squad, dist):
        corpus = Corpus(questions)
        with _Stored(corpus) as stored:
            figures[questions.name] = {
                "paragraphs": len(questions.paragraphs),
                "questions": len(questions.answerable()),
                "greatest difference of a score, store against memory": stored.differ(
                    questions.answerable()[:100]
                ),
                **{
                    name: _ranked(questions, stored.candidates, weights_for, spoil)
                    for name, spoil in SPOILS.items()
                },
            }
        figures[f"{questions.name}, {_SUBSETS} subsets of {_SUBSET_PARAGRAPHS} paragraphs"] = _subsets(
            questions, weights_for
        )
    return figures


class _Stored:
    """A corpus in a collection of its own in Qdrant, dropped at the end."""

    def __init__(self, corpus: Corpus) -> None:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        from rag import store

        self._store, self._corpus = store, corpus
        self._index = f"bench_{uuid.uuid4().hex[:8]}"
        self._school = uuid.uuid4()

    def __enter__(self) -> "_Stored":
        self._store.ensure(self._index, dimension=None)
        points = [
            self._store.Point(chunk_id(at), one.stems, one.grams)
            for at, one in enumerate(self._corpus.indexed)
        ]
        owner: dict[str, Any] = {
            "school_id": self._school,
            "collection_id": self._school,
            "document_id": self._school,
        }
        for start in range(0, len(points), 100):
            self._store.upsert(self._index, points=points[start : start + 100], **owner)
        return self

    def __exit__(self, *_: object) -> None:
        self._store.drop(self._index)

    def candidates(self, question: str) -> list[Candidate]:
        """Return what the store brings for a question."""
        vectors = self._corpus.vectors(question)
        school: Any = self._school
        hits = self._store.search(
            self._index,
            school_id=school,
            collections=None,
            stems=vectors.stems,
            grams=vectors.grams,
            limit=DEPTH,
        )
        return [
            Candidate(
                hit.chunk_id,
                self._corpus.indexed[hit.chunk_id.int].analysis,
                hit.stems or None,
                hit.grams or None,
            )
            for hit in hits
        ]

    def differ(self, questions: Sequence[Question]) -> float:
        """Return the greatest relative difference between the store's scores and those computed here."""
        worst = 0.0
        for question in questions:
            own = {one.chunk_id: one for one in self._corpus.candidates(question.text)}
            for hit in self.candidates(question.text):
                mine = own.get(hit.chunk_id)
                for theirs, ours in (
                    (hit.stems_score, mine and mine.stems_score),
                    (hit.grams_score, mine and mine.grams_score),
                ):
                    if theirs and ours:
                        worst = max(worst, abs(theirs - ours) / ours)
        return round(worst, 6)


def _ranked(
    questions: QuestionSet,
    candidates: Callable[[str], list[Candidate]],
    weights_for: Callable[[QuestionSet, Question], Mapping[str, float]],
    spoil: Callable[[str], str],
) -> dict[str, dict[str, float]]:
    ranks: dict[str, list[int | None]] = {"stems alone": [], "4-grams alone": [], "reranked": []}
    for question in questions.answerable():
        text, right = spoil(question.text), chunk_id(question.paragraph)
        found = candidates(text)
        by_stems = sorted(found, key=lambda one: -(one.stems_score or 0.0))
        by_grams = sorted(found, key=lambda one: -(one.grams_score or 0.0))
        ranks["stems alone"].append(_rank([one.chunk_id for one in by_stems], right))
        ranks["4-grams alone"].append(_rank([one.chunk_id for one in by_grams], right))
        ranked = rerank(text, found, weights=weights_for(questions, question))
        ranks["reranked"].append(_rank([one.chunk_id for one in ranked], right))
    return {name: _quality(places) for name, places in ranks.items()}


def _rank(order: Sequence[uuid.UUID], right: uuid.UUID) -> int | None:
    return order.index(right) + 1 if right in order else None


def _quality(ranks: Sequence[int | None]) -> dict[str, float]:
    def share(most: int) -> float:
        return round(sum(rank is not None and rank <= most for rank in ranks) / len(ranks), 4)

    gain = sum(1 / log2(1 + rank) for rank in ranks if rank is not None and rank <= 10)
    return {
        "recall@1": share(1),
        "recall@5": share(5),
        "recall@10": share(10),
        "nDCG@10": round(gain / len(ranks), 4),
    }


def _subsets(
    questions: QuestionSet, weights_for: Callable[[QuestionSet, Question], Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    figures: dict[str, list[dict[str, float]]] = {name: [] for name in list(SPOILS)[:3]}
    for seed in range(_SUBSETS):
        kept = sorted(random.Random(seed).sample(range(len(questions.paragraphs)), _SUBSET_PARAGRAPHS))
        part = questions.pick(kept)
        corpus = Corpus(part)
        for name, found in figures.items():
            found.append(_ranked(part, corpus.candidates, weights_for, SPOILS[name])["reranked"])
    return {
        name: {key: round(statistics.mean(one[key] for one in found), 4) for key in found[0]}
        for name, found in figures.items()
    }


if __name__ == "__main__":
    report.write("retrieval", measure(report.data_folder(__doc__)))
