"""Read the question sets to measure retrieval, quoting and refusal with; spoil questions on purpose."""

import gzip
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines.spanish import fold

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Missing(Exception):
    """The data folder, or a file in it, is not there."""

    code = "bench_data_missing"


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one paragraph; `answers` is empty when that paragraph does not hold the answer."""

    text: str
    paragraph: int
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Paragraphs, the article that each comes from, and the questions."""

    name: str
    paragraphs: tuple[str, ...]
    articles: tuple[str, ...]
    questions: tuple[Question, ...]

    def answerable(self) -> list[Question]:
        """Return the questions whose paragraph holds the answer."""
        return [q for q in self.questions if q.answers]

    def part(self, articles: set[str]) -> "QuestionSet":
        """Return the paragraphs and questions of some articles only."""
        kept = [at for at, article in enumerate(self.articles) if article in articles]
        return self.pick(kept)

    def halves(self, *, seed: int = 3) -> tuple["QuestionSet", "QuestionSet"]:
        """Return two parts that share no article."""
        names = sorted(set(self.articles))
        random.Random(seed).shuffle(names)
        middle = len(names) // 2
        return self.part(set(names[:middle])), self.part(set(names[middle:]))

    def pick(self, kept: list[int]) -> "QuestionSet":
        """Return the given paragraphs, in this order, and their questions."""
        new = {old: at for at, old in enumerate(kept)}
        return QuestionSet(
            self.name,
            tuple(self.paragraphs[old] for old in kept),
            tuple(self.articles[old] for old in kept),
            tuple(
                Question(q.text, new[q.paragraph], q.answers) for q in self.questions if q.paragraph in new
            ),
        )


def load_squad(folder: Path) -> QuestionSet:
    """Return squad-es-v2-part: machine-translated, with unanswerable questions."""
    paragraphs: list[str] = []
    articles: list[str] = []
    questions: list[Question] = []
    for row in _read(folder, "squad-es-v2-part.json.gz"):
        for asked in row["questions"]:
            answers = tuple(a for a in asked["answers"] if a) if asked["answerable"] else ()
            if answers or not asked["answerable"]:
                questions.append(Question(asked["q"], len(paragraphs), answers))
        paragraphs.append(row["paragraph"])
        articles.append(row["article"])
    return QuestionSet("squad-es-v2-part", tuple(paragraphs), tuple(articles), tuple(questions))


def load_dist(folder: Path) -> QuestionSet:
    """Return squad-es-dist-train: questions by people; no articles named, so each context counts as one."""
    at: dict[str, int] = {}
    questions: list[Question] = []
    for row in _read(folder, "squad-es-dist-train.json.gz"):
        paragraph = at.setdefault(row["context"], len(at))
        answers = tuple(choice["text"] for choice in row["choices"] if choice["type"] == "correct answer")
        questions.append(Question(row["question"], paragraph, answers))
    names = tuple(f"contexto {number}" for number in range(len(at)))
    return QuestionSet("squad-es-dist-train", tuple(at), names, tuple(questions))


def misspell(text: str, *, share: float, seed: int = 1) -> str:
    """Return the text with one typing error in that share of its words of four letters or more.

    An error is two letters swapped, one left out, one wrong or one too many, each as likely.
    """
    chance = random.Random(f"{seed} {text}")
    spoilt = []
    for word in text.split(" "):
        if len(word) > 3 and chance.random() < share:
            at, kind, letter = chance.randrange(len(word) - 1), chance.randrange(4), chance.choice(_LETTERS)
            word = (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at + 1 :],
                word[:at] + letter + word[at:],
            )[kind]
        spoilt.append(word)
    return " ".join(spoilt)


def bare(text: str) -> str:
    """Return the text as hurried people type it: lower case, no accents, no question marks."""
    return fold(text).strip("¿?¡! ")


def _read(folder: Path, name: str) -> list[dict[str, Any]]:
    path = folder / "questions" / name
    if not path.exists():
        raise Missing(f"No está {path}: indicar la carpeta de datos con --data.")
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows: list[dict[str, Any]] = json.load(stream)
    return rows
