"""Order candidates by a small linear model over lexical features, and say why."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from engines import asked
from engines.matching import Matrix
from rag.features import NAMES, Candidate, measure
from schools.ids import ChunkId

__all__ = ["Candidate", "Golden", "Scored", "calibrate_dense", "learnt_weights", "rerank"]

_DENSE_WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate's place.

    `why`: what each feature added to the score, by its name in features.NAMES or "dense". `prior`: how likely
    it is the right one, if one of the candidates is (softmax of the scores, as the weights were learnt).
    `support`: see features.Measured.
    """

    chunk_id: ChunkId
    score: float
    prior: float
    support: float
    why: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Golden:
    """A question whose right chunk is known, with what retrieval found."""

    question: str
    candidates: Sequence[Candidate]
    right: ChunkId


def rerank(
    question: str,
    candidates: Sequence[Candidate],
    *,
    chunks_in_school: int = 1000,
    dense_weight: float | None = None,
    limit: int | None = None,
    weights: Mapping[str, float] | None = None,
) -> list[Scored]:
    """Return the candidates, best first; equal ones keep the order they came in.

    `chunks_in_school`: how many the store holds, about; only `support` asks for it. `dense_weight`: how much
    the dense score, scaled to 0–1 among the candidates, adds at most; calibrated per embedding model, see
    `calibrate_dense`. `weights`: others than rag/weights.json, for measuring. Scores compare within one
    question only.
    """
    if not candidates:
        return []
    measured = measure(asked.read(question), candidates, chunks_in_school=chunks_in_school)
    used = weights or learnt_weights()
    parts = measured.table * np.array([used[name] for name in NAMES])
    dense = (used["dense"] if dense_weight is None else dense_weight) * _dense(candidates)
    totals = parts.sum(axis=1) + dense
    raised = np.exp(totals - totals.max())
    likely = raised / raised.sum()
    best = np.argsort(-totals, kind="stable")[:limit]
    return [
        Scored(
            candidates[at].chunk_id,
            float(totals[at]),
            float(likely[at]),
            float(measured.support[at]),
            {
                **{name: round(float(part), 4) for name, part in zip(NAMES, parts[at], strict=True) if part},
                **({"dense": round(float(dense[at]), 4)} if dense[at] else {}),
            },
        )
        for at in best.tolist()
    ]


def calibrate_dense(golden: Sequence[Golden]) -> float:
    """Return the weight of dense scores that ranks best by mean reciprocal rank, of equals the least."""
    cases = []
    for case in golden:
        right = [candidate.chunk_id for candidate in case.candidates].index(case.right)
        cases.append((_total(case), _dense(case.candidates), right))
    quality = {
        weight: sum(1 / (1 + int((total > total[right]).sum())) for total, right in _weighed(cases, weight))
        for weight in _DENSE_WEIGHTS
    }
    return max(quality, key=lambda weight: (round(quality[weight], 9), -weight))


def _weighed(cases: Sequence[tuple[Matrix, Matrix, int]], weight: float) -> list[tuple[Matrix, int]]:
    return [(lexical + weight * dense, right) for lexical, dense, right in cases]


def _total(case: Golden) -> Matrix:
    total: Matrix = measure(asked.read(case.question), case.candidates).table @ np.array(
        [learnt_weights()[name] for name in NAMES]
    )
    return total


def _dense(candidates: Sequence[Candidate]) -> Matrix:
    """Return the dense scores scaled to 0–1 among the candidates; one without a score counts as the least."""
    known = [c.dense_score for c in candidates if c.dense_score is not None]
    if not known or max(known) == min(known):
        return np.zeros(len(candidates))
    low, high = min(known), max(known)
    return np.array(
        [0.0 if c.dense_score is None else (c.dense_score - low) / (high - low) for c in candidates]
    )


@lru_cache(maxsize=1)
def learnt_weights() -> Mapping[str, float]:
    """Return the weight of each feature, and of "dense" where an embedder names none, as rag/weights.json has them."""
    stored = json.loads((Path(__file__).parent / "weights.json").read_text("utf-8"))
    return {name: float(stored["weights"][name]) for name in (*NAMES, "dense")}
