"""Measure quoting on held-out articles: ./preceptor bench quoting [--data DIR].

A question counts when a gold answer stands inside a quote. "Strictly" asks besides that the quote comes from
the question's own paragraph. Weights are learnt anew from articles that the test does not hold.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import report
from bench.pools import Corpus
from bench.questions import Question, load_dist, load_squad
from bench.train import learn_quoting, learn_reranking
from engines import quoting
from engines.quoting import Passage, Weights

NEEDS_SERVICES = False

_MOST = 3


def measure(data: Path) -> dict[str, Any]:
    """Return the shares of both sets, from the best three passages and from the right one given."""
    squad, dist = load_squad(data), load_dist(data)
    first, second = map(Corpus, squad.halves())
    whole, people = Corpus(squad), Corpus(dist)
    return {
        f"{squad.name}, first half of articles": _test(first, [second, people]),
        f"{squad.name}, second half of articles": _test(second, [first, people]),
        dist.name: _test(people, [first, second], rerank_from=[whole]),
    }


def _test(corpus: Corpus, others: list[Corpus], *, rerank_from: list[Corpus] | None = None) -> dict[str, Any]:
    order = learn_reranking(rerank_from or others)
    weights = Weights.of(learn_quoting(others))
    questions = corpus.set.answerable()
    return {
        "questions": len(questions),
        "from the best three passages": _shares(corpus, questions, weights, order),
        "from the right passage": _shares(corpus, questions, weights, None),
    }


def _shares(
    corpus: Corpus, questions: list[Question], weights: Weights, order: Mapping[str, float] | None
) -> dict[str, float]:
    """Return the shares answered; `order` None: the right passage is given."""
    inside, strictly = [0] * _MOST, [0] * _MOST
    for question in questions:
        own = corpus.set.paragraphs[question.paragraph]
        passages = (
            [Passage(own, prior=1.0)] if order is None else corpus.passages(question.text, weights=order)
        )
        quotes = quoting.quote(question.text, passages, most=_MOST, weights=weights).quotes
        texts = [(passages[one.passage_index].text, one) for one in quotes]
        held = [any(a in text[one.start : one.end] for a in question.answers) for text, one in texts]
        strict = [is_held and text == own for is_held, (text, _) in zip(held, texts, strict=True)]
        for most in range(_MOST):
            inside[most] += any(held[: most + 1])
            strictly[most] += any(strict[: most + 1])
    return {
        **{f"within {most} quotes": round(inside[most - 1] / len(questions), 4) for most in (1, 2, 3)},
        **{
            f"within {most} quotes, strictly": round(strictly[most - 1] / len(questions), 4)
            for most in (1, 2, 3)
        },
    }


if __name__ == "__main__":
    report.write("quoting", measure(report.data_folder(__doc__)))
