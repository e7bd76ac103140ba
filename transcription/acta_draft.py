"""A first acta out of what was said: who was there, what was spoken of, what was agreed. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engines.spanish import fold
from transcription.acta_content import (
    LINE_MOST_CHARS,
    TITLE_MOST_CHARS,
    WHAT_MOST_CHARS,
    Agreement,
    Attendee,
    Topic,
    Written,
)
from transcription.exports.facts import due
from transcription.exports.told import Line, Summary, Task
from transcription.introductions import introductions

SAME_S = 2.0  # two lines that begin so near speak of the same
TOPIC_LINES_MOST = 3
STRETCH_S = 5.0  # a shorter topic is where it was named, and goes on until the next one is
# As the folded text has them: without accents or capitals.
_DECISION = re.compile(
    r"\b(?:se (?:ha )?(?:decid|acord|acuerd|aprob|aprueb|resolv|resuelv|defin|establec|dispus|dispon|fij)\w*"
    r"|(?:acordamos|decidimos|aprobamos|resolvimos|votamos)"
    r"|qued(?:a|o|amos) (?:en|acordad|aprobad|fijad|decidid|resuelt|establecid)\w*"
    r"|por (?:unanimidad|mayoria)|(?:acuerdo|decision)(?:es)?:)"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A speaker."""

    number: int
    name: str  # that a person gave; "" for none
    shown: str
    from_s: float | None  # first heard


def draft(
    *,
    title: str,
    held_on: date | None,
    speakers: Sequence[Heard],
    said: Sequence[tuple[int | None, float, str]],
    summary: Summary | None,
    tasks: Sequence[Task],
) -> Written:
    """Return an acta without opening and closing; `said`: number of the speaker, second and text of each segment.

    `tasks`: those that a person accepted. What is not known stays empty, to be completed.
    """
    return Written(
        title=title[:TITLE_MOST_CHARS],
        held_on=held_on,
        attendance=_attendance(speakers, said),
        topics=_topics(summary) if summary else (),
        agreements=_agreements(summary, tasks),
    )


def _attendance(
    speakers: Sequence[Heard], said: Sequence[tuple[int | None, float, str]]
) -> tuple[Attendee, ...]:
    """Return the speakers, with the role that they say they have; and who says a name while nobody was told apart."""
    found: list[Attendee] = []
    told = introductions(said)
    used = set()
    for each in speakers:
        own = [one for one in told if one.number == each.number]
        # One voice may stand for several people by mistake: under a given name only that person's words count.
        same = next((one for one in own if each.name and _is_same(one.name, each.name)), None)
        chosen = same or (own[0] if own and not each.name else None)
        name = each.name or (chosen.name if chosen else each.shown)
        role = chosen.role if chosen else ""
        from_s = chosen.from_s if chosen else each.from_s
        used.add(fold(name))
        found.append(Attendee(name[:LINE_MOST_CHARS], role[:LINE_MOST_CHARS], True, from_s))
    for one in told:
        if one.number is None and fold(one.name) not in used:
            used.add(fold(one.name))
            found.append(Attendee(one.name[:LINE_MOST_CHARS], one.role[:LINE_MOST_CHARS], True, one.from_s))
    return tuple(found)


def _is_same(one: str, other: str) -> bool:
    first, second = fold(one).split(), fold(other).split()
    return bool(set(first) & set(second))


def _topics(summary: Summary) -> tuple[Topic, ...]:
    """Return each topic with the lines of the summary that were said while it was spoken of."""
    topics = [each for each in summary.topics if each.text]
    lines = sorted(
        (each for each in (*summary.bullets, *summary.ideas) if each.from_s is not None and each.text),
        key=lambda each: each.from_s or 0.0,
    )
    found = []
    for index, topic in enumerate(topics):
        told: list[str] = []
        if topic.from_s is not None:
            following = [each.from_s for each in topics[index + 1 :] if each.from_s is not None]
            is_stretch = topic.to_s is not None and topic.to_s - topic.from_s >= STRETCH_S
            end = topic.to_s if is_stretch and topic.to_s else min(following, default=float("inf"))
            told = [each.text for each in lines if topic.from_s <= (each.from_s or 0.0) < end]
        text = " ".join(dict.fromkeys(told[:TOPIC_LINES_MOST]))
        found.append(Topic(topic.text[:TITLE_MOST_CHARS], text, topic.from_s, topic.to_s))
    return tuple(found)


def _agreements(summary: Summary | None, tasks: Sequence[Task]) -> tuple[Agreement, ...]:
    """Return the accepted tasks, and the decisions of the summary that are not one of them."""
    found = [
        Agreement(each.task[:WHAT_MOST_CHARS], each.owner, due(each), each.from_s, None) for each in tasks
    ]
    for line in summary.bullets if summary else ():
        if _DECISION.search(fold(line.text)) and not any(_is_near(line, each) for each in found):
            found.append(Agreement(line.text[:WHAT_MOST_CHARS], "", "", line.from_s, line.to_s))
    return tuple(sorted(found, key=lambda each: (each.from_s is None, each.from_s or 0.0)))


def _is_near(line: Line, agreement: Agreement) -> bool:
    if fold(line.text) == fold(agreement.what):
        return True
    return (
        line.from_s is not None
        and agreement.from_s is not None
        and abs(line.from_s - agreement.from_s) < SAME_S
    )
