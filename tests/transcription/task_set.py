"""The labelled meetings of tests/transcription/tasks, and how well what was found agrees with them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from engines.spanish import words
from transcription.phrases import Utterance, level
from transcription.tasks import Task, extract

FOLDER = Path(__file__).parent / "tasks"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A task as it should be found; several owners or dates where each is as good."""

    utterance: int
    owners: tuple[str, ...]
    task: str
    dues: tuple[date | None, ...]


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting with its truth."""

    name: str
    held_on: date
    said: tuple[Utterance, ...]
    tasks: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """How many tasks there are, were found, are right, and are right with their date."""

    labelled: int = 0
    found: int = 0
    right: int = 0
    dated: int = 0

    @property
    def precision(self) -> float:
        """Return the share of what was found that is right."""
        return self.right / self.found

    @property
    def precision_with_due(self) -> float:
        """Return the share of what was found that is right with its date."""
        return self.dated / self.found

    @property
    def recall(self) -> float:
        """Return the share of the labelled tasks that were found."""
        return self.right / self.labelled

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.labelled + other.labelled,
            self.found + other.found,
            self.right + other.right,
            self.dated + other.dated,
        )


def meetings(half: str) -> list[Meeting]:
    """Return the meetings of a half: "judged" or "developed"."""
    return [_meeting(path) for path in sorted((FOLDER / half).glob("*.yaml"))]


def score(half: str) -> Score:
    """Return how the extractor does on a half."""
    total = Score()
    for meeting in meetings(half):
        total += judge(meeting, extract(meeting.said, on=meeting.held_on))
    return total


def judge(meeting: Meeting, found: list[Task]) -> Score:
    """Return how well what was found agrees with a meeting's truth; each label counts once."""
    left = list(meeting.tasks)
    right = dated = 0
    for task in found:
        label = next((each for each in left if _agrees(meeting, each, task)), None)
        if label is not None:
            left.remove(label)
            right += 1
            dated += task.due in label.dues
    return Score(len(meeting.tasks), len(found), right, dated)


def _agrees(meeting: Meeting, label: Labelled, task: Task) -> bool:
    here, before = meeting.said[label.utterance], meeting.said[max(0, label.utterance - 2)]
    if (
        task.from_s > here.to_s
        or task.to_s < before.from_s
        or _bare(task.owner) not in map(_bare, label.owners)
    ):
        return False
    wanted, told = _stems(label.task), _stems(task.task)
    return 2 * len(wanted & told) >= min(len(wanted), len(told))


def _bare(owner: str) -> str:
    folded = level(owner)
    for article in ("el ", "la ", "los ", "las "):
        folded = folded.removeprefix(article)
    return folded


def _stems(text: str) -> set[int]:
    return {word.stem for word in words(text) if not word.is_stop}


def _meeting(path: Path) -> Meeting:
    told: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    said = tuple(
        Utterance(each["who"], each["from_s"], each["to_s"], each["says"], str(place))
        for place, each in enumerate(told["said"])
    )
    tasks = tuple(
        Labelled(place, _several(task["owner"]), task["task"], _several(task["due"]))
        for place, each in enumerate(told["said"])
        for task in each.get("tasks", ())
    )
    return Meeting(path.stem, told["held_on"], said, tasks)


def _several(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, list) else (given,)
