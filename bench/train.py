"""Learn the weights of reranking and quoting; write rag/weights.json and engines/quoting.json.

python -m bench.train [--data DIR]
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from bench import softmax
from bench.pools import Corpus, chunk_id
from bench.questions import BESIDE, Question, load_dist, load_squad, misspell
from engines import asked, quoting
from engines.matching import Matrix
from rag import features

ROOT = Path(__file__).resolve().parents[1]
SPOILS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: misspell(text, share=0.2, seed=7),
    lambda text: misspell(text, share=0.4, seed=7),
)
# Encyclopaedia questions hardly name a norm or a course, staff's often do; nor have they headings.
BY_HAND = {"codes": 2.0, "title": 0.5, "heading": 1.0}
DENSE = 3.0
ANSWERED = 0.955  # share of the answerable questions that must be answered


def learn_reranking(corpora: Sequence[Corpus]) -> dict[str, float]:
    """Return the reranker's weights from all answerable questions of the corpora, plain and misspelt."""
    tables, rights = [], []
    for corpus in corpora:
        for spoil in SPOILS:
            for question in corpus.set.answerable():
                text = spoil(question.text)
                found = corpus.candidates(text)
                right = np.array([one.chunk_id == chunk_id(question.paragraph) for one in found])
                if right.any():
                    tables.append(features.measure(asked.read(text), found).table)
                    rights.append(right)
    fixed = {features.NAMES.index(name): weight for name, weight in BY_HAND.items()}
    weights = softmax.learn(tables, rights, fixed=fixed)
    return {**dict(zip(features.NAMES, weights, strict=True)), "dense": DENSE}


def learn_quoting(corpora: Sequence[Corpus]) -> dict[str, Any]:
    """Return the weights of choosing sentences and of confidence, and the confidence that is enough.

    Confidence is learnt against questions about what the corpus does not hold: the other corpora's questions.
    """
    tables, rights, held, foreign = [], [], [], []
    for corpus in corpora:
        for question in corpus.set.answerable():
            passages = corpus.passages(question.text)
            measured = quoting.measure(question.text, passages)
            if measured is None:
                continue
            right = is_right(measured, passages, question)
            if right.any():
                tables.append(measured.sentences)
                rights.append(right)
            held.append(measured)
        for other in corpora:
            if other is not corpus:
                asked_there = [corpus.measure(question.text) for question in other.set.answerable()]
                foreign.append([measured for measured in asked_there if measured is not None])
    chosen = softmax.learn(tables, rights)
    weights = np.array(chosen)
    strange = [measured for group in foreign for measured in group]
    rows = np.stack([_best(measured, weights) for measured in [*held, *strange]])
    answerable = np.arange(len(rows)) < len(held)
    model = LogisticRegression(C=1.0, max_iter=1000, class_weight="balanced").fit(rows, answerable)
    sure = model.predict_proba(rows[answerable])[:, 1]
    return {
        "sentence": dict(zip(quoting.SENTENCE_NAMES, chosen, strict=True)),
        "confidence": dict(zip(quoting.CONFIDENCE_NAMES, model.coef_[0].round(2).tolist(), strict=True)),
        "bias": round(float(model.intercept_[0]), 2),
        "enough": round(float(np.quantile(sure, 1 - ANSWERED)), 3),
    }


def is_right(
    measured: quoting.Measured, passages: Sequence[quoting.Passage], question: Question
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which sentences hold an answer word for word."""
    return np.array(
        [
            any(answer in passages[owner].text[start:end] for answer in question.answers)
            for owner, start, end in measured.places
        ]
    )


def _best(measured: quoting.Measured, weights: Matrix) -> Matrix:
    best: Matrix = measured.sureness[int(np.argmax(measured.sentences @ weights))]
    return best


def main() -> None:
    """Learn from everything and write both files."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=BESIDE)
    data = options.parse_args().data
    squad, dist = load_squad(data), load_dist(data)
    _write(
        ROOT / "rag" / "weights.json",
        about="Weights of rag/features.py: a score is the sum of weight times feature. Learnt by `python -m "
        "bench.train`, but by hand: codes, title, heading, dense (for an embedder not calibrated).",
        learnt_from=f"the answerable questions of {squad.name} and {dist.name}, plain and misspelt",
        content={
            "weights": learn_reranking([Corpus(squad), Corpus(dist), Corpus(squad, titles=squad.articles)])
        },
    )
    _write(
        ROOT / "engines" / "quoting.json",
        about="Weights of engines/quoting.py: `sentence` chooses quotes, `confidence` and `bias` give log "
        "odds that they answer, below `enough` it refuses. Learnt by `python -m bench.train`.",
        learnt_from=f"{squad.name} and {dist.name}; to refuse: each part on the questions of the others",
        content=learn_quoting([*map(Corpus, squad.halves()), Corpus(dist)]),
    )


def _write(path: Path, *, about: str, learnt_from: str, content: dict[str, Any]) -> None:
    kept = {"about": about, "learnt_from": learnt_from, **content}
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
