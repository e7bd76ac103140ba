"""Join several rankings into one when their scores do not compare."""

from collections.abc import Sequence

from schools.ids import ChunkId


def fuse(rankings: Sequence[Sequence[ChunkId]], *, k: int = 60) -> list[ChunkId]:
    """Return one ranking out of several, best first; of equals, the one met first.

    Each ranking: no repeats, best first. Score: sum of 1 / (k + rank), rank from 1. All rankings count alike,
    so a weak one does harm: it serves to pool candidates, the order comes from `rerank`. Source: Cormack,
    Clarke and Büttcher, SIGIR 2009 (k = 60).
    """
    scores: dict[ChunkId, float] = {}
    for ranking in rankings:
        for rank, chunk_id in enumerate(ranking, start=1):
            scores[chunk_id] = scores.get(chunk_id, 0.0) + 1 / (k + rank)
    return sorted(scores, key=lambda chunk_id: -scores[chunk_id])
