"""Measure refusal on held-out articles: ./preceptor bench refusal [--data DIR].

Two kinds of unanswerable questions, told apart: *foreign* ones, about articles that the corpus does not hold
(what staff meet: the documents say nothing of it), and SQuAD 2's *adversarial* ones, written to look
answerable by a paragraph that is in the corpus. Weights and threshold are learnt from other articles.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from bench import report
from bench.pools import Corpus
from bench.questions import load_dist, load_squad
from bench.train import learn_quoting
from engines import quoting
from engines.quoting import Weights

NEEDS_SERVICES = False

_ANSWERED = (0.99, 0.97, 0.95, 0.9, 0.8)


def measure(data: Path) -> dict[str, Any]:
    """Return, for both halves of the set, the shares refused at a threshold and along the curve."""
    squad, dist = load_squad(data), load_dist(data)
    halves, people = list(map(Corpus, squad.halves())), Corpus(dist)
    figures = {}
    for name, corpus, other in zip(("first", "second"), halves, reversed(halves), strict=True):
        weights = Weights.of(learn_quoting([other, people]))
        answerable = _confidence(corpus, (q.text for q in corpus.set.answerable()), weights)
        kinds = {
            "foreign": _confidence(corpus, (q.text for q in other.set.answerable()), weights),
            "foreign, by people": _confidence(corpus, (q.text for q in dist.answerable()), weights),
            "adversarial": _confidence(
                corpus, (q.text for q in corpus.set.questions if not q.answers), weights
            ),
        }
        figures[f"{squad.name}, {name} half of articles"] = {
            "questions": {
                "answerable": len(answerable),
                **{kind: len(found) for kind, found in kinds.items()},
            },
            "threshold learnt elsewhere": {
                "answerable answered": _share(answerable >= weights.enough),
                **{f"{kind} refused": _share(found < weights.enough) for kind, found in kinds.items()},
            },
            "refused where this share of the answerable is answered": {
                f"{answered:.0%}": {
                    kind: _share(found < np.quantile(answerable, 1 - answered))
                    for kind, found in kinds.items()
                }
                for answered in _ANSWERED
            },
        }
    return figures


def _confidence(
    corpus: Corpus, texts: Iterable[str], weights: Weights
) -> "np.ndarray[Any, np.dtype[np.float64]]":
    return np.array(
        [quoting.quote(text, corpus.passages(text), weights=weights).confidence for text in texts]
    )


def _share(held: "np.ndarray[Any, np.dtype[np.bool_]]") -> float:
    return round(float(held.mean()), 4)


if __name__ == "__main__":
    report.write("refusal", measure(report.data_folder(__doc__)))
