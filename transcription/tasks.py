"""The tasks that somebody takes on or is given in a transcript, by rules alone.

A task needs an owner, a verb of doing, and words that bind: a first person that promises, a named person who will, an
order to somebody addressed, a request that is accepted. Questions, past deeds, wishes, conditions, denials and what
others are said to do are none. What is less sure than `LEAST` is left out: prudence is worth more than completeness.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from engines.spanish import words
from transcription import asking, due_dates, objects, people
from transcription.due_dates import Due
from transcription.people import Token
from transcription.phrases import Sentence, Utterance, cut, level, turns
from transcription.promising import Promise, Told

LEAST = 0.65
_NEAR = 6  # sentences
_CORRECTS = re.compile(r"\W*(?:no\b|perdon|bueno,? (?:hasta|mejor|no|el)|mejor|digo|o sea)")
_BARE_CHARS = 24  # of a sentence that is a date and little more: "El martes."


@dataclass(frozen=True, slots=True)
class Task:
    """A task and the words that say so; `due_words` empty where no date was named."""

    owner: str
    task: str
    due: date | None
    due_words: str
    quote: str
    from_s: float
    to_s: float
    confidence: float


def extract(said: Sequence[Utterance], *, on: date) -> list[Task]:
    """Return the tasks of a meeting that was held on a day, in the order in which they come up."""
    return _Reading(cut(turns(said)), on).tasks()


@dataclass(frozen=True, slots=True)
class _Kept:
    index: int
    promise: Promise
    task: Task


class _Reading:
    """One pass over the sentences of a transcript."""

    def __init__(self, said: Sequence[Sentence], on: date) -> None:
        self._said = said
        self._on = on
        self._known = people.known_names(said)
        self._read: set[int] = set()  # sentences that were taken for the answer to a request
        self._last_person = ""

    def tasks(self) -> list[Task]:
        """Return all tasks, repetitions merged."""
        kept: list[_Kept] = []
        for index, sentence in enumerate(self._said):
            listed = people.tokens(sentence)
            if index not in self._read:
                for promise in self._promises(index, sentence, listed):
                    task = self._task(index, promise)
                    if task is not None:
                        _keep(kept, _Kept(index, promise, task))
            for person in people.all_in(listed, sentence.text, self._known):
                self._last_person = person.name
        return [each.task for each in kept]

    def _promises(self, index: int, sentence: Sentence, listed: list[Token]) -> list[Promise]:
        told = Told(
            sentence=sentence,
            dues=due_dates.find_all(sentence.text, self._on),
            earlier=self._said[max(0, index - _NEAR) : index],
            known=self._known,
            last_person=self._last_person,
            tokens=listed,
        )
        if sentence.is_question:
            asked = asking.request(told)
            return [asked] if asked else []
        return told.promises()

    def _task(self, index: int, promise: Promise) -> Task | None:
        sentence = self._said[index]
        from_s, to_s = sentence.seconds
        quote, owner, confidence = sentence.text, promise.owner, promise.confidence
        due = self._due(index, promise.until)
        if promise.is_asked or promise.is_order:
            answer = asking.answer(self._said, index, is_needed=promise.is_asked)
            if answer is None and promise.is_asked:
                return None
            if answer is not None:
                self._read.update(range(answer.first, answer.last + 1))
                confidence = 0.85
                due = self._due(answer.last) or self._due(answer.first) or due
                if promise.is_asked:
                    owner = answer.speaker or owner
                    quote = f"{quote} — {self._said[answer.last].text}"
                    to_s = self._said[answer.last].seconds[1]
        confidence += promise.weight_of_due if due is not None else 0.0
        if confidence < LEAST or (not owner and confidence < 0.8):
            return None
        return Task(
            owner=owner.strip(),
            task=f"{promise.infinitive} {promise.about}".strip()[: objects.MOST_CHARS],
            due=due.day if due else None,
            due_words=due.words[:120] if due else "",
            quote=quote,
            from_s=from_s,
            to_s=to_s,
            confidence=round(min(confidence, 0.95), 2),
        )

    def _due(self, index: int, until: int | None = None) -> Due | None:
        """Return the due date of a sentence up to a place, with what its speaker corrects right after."""
        sentence = self._said[index]
        text = sentence.text[:until]
        for other in self._said[index + 1 : index + 4] if until is None else ():
            if other.turn_index != sentence.turn_index or not self._corrects(other):
                break
            text = f"{text} {other.text}"
        return due_dates.find(text, self._on)

    def _corrects(self, sentence: Sentence) -> bool:
        opening = level(sentence.text)
        is_bare = len(opening) < _BARE_CHARS and due_dates.find(sentence.text, self._on) is not None
        return is_bare or _CORRECTS.match(opening) is not None


def _keep(kept: list[_Kept], new: _Kept) -> None:
    """Keep a task, or join it with the same one said before: the later date holds."""
    for place, old in reversed(list(enumerate(kept))):
        if level(old.task.owner) != level(new.task.owner):
            continue
        goes_on = new.index - old.index == 1 and new.promise.leans
        is_again = new.index - old.index <= _NEAR and old.promise.infinitive == new.promise.infinitive
        if goes_on or _is_same(old.task, new.task) or (is_again and _holds(old.task, new.task)):
            dated = new.task if new.task.due is not None else old.task
            joined = replace(
                old.task,
                due=dated.due,
                due_words=dated.due_words or old.task.due_words,
                quote=f"{old.task.quote} {new.task.quote}" if goes_on else old.task.quote,
                to_s=new.task.to_s if goes_on else old.task.to_s,
                confidence=max(old.task.confidence, new.task.confidence),
            )
            kept[place] = _Kept(new.index, old.promise, joined)
            return
    kept.append(new)


def _is_same(one: Task, other: Task) -> bool:
    first, second = _stems(one.task), _stems(other.task)
    shared = len(first & second)
    return shared >= 2 and shared / min(len(first), len(second)) >= 0.75


def _holds(one: Task, other: Task) -> bool:
    return not _stems(other.task) - _stems(one.task)


def _stems(text: str) -> set[int]:
    return {word.stem for word in words(text) if not word.is_stop}
