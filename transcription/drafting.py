"""A meeting as an engine that writes tells it: stretch by stretch, and only what it can show to have been said."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from engines import base, estimate, router
from engines.base import ChatRequest
from engines.errands import Errand
from engines.routing import QUOTING
from transcription import due_dates
from transcription.draft_prompt import INSTRUCTIONS, MOST, SCHEMA, told
from transcription.evidence import Heard
from transcription.phrases import Utterance
from transcription.summary import Line, Summary
from transcription.tasks import LEAST, Task

WINDOW_TOKENS = 2_500
OVERLAP = 0.1
MOST_TOKENS = 1_500  # of an answer
_MOST_CHARS = 400


class Unusable(Exception):
    """An engine answered with something that no digest can be made of."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What an engine made of a meeting, and under which decision."""

    summary: Summary
    tasks: tuple[Task, ...]
    engine: str
    decision_id: UUID


def may_write(errand: Errand, said: Sequence[Utterance]) -> bool:
    """Say whether an engine that writes may see this now; nobody is called."""
    if not router.has_writer() or not said:
        return False
    first = next(windows(said))
    request = _request(first)
    choice = router.explain(
        errand, task="chat", tokens_in=estimate.of_request(request), tokens_out=request.max_tokens
    )
    return any(each.engine.provider != QUOTING for each in choice.candidates)


def draft(
    said: Sequence[Utterance], errand: Errand, *, on: date, report: Callable[[float, float], None]
) -> Drafted:
    """Return what an engine makes of all of it; raise an EngineError, or Unusable, and then nothing is made.

    `report`: how many stretches are done, of how many; it may raise.
    """
    stretches = list(windows(said))
    lines: dict[str, list[Line]] = {"bullets": [], "risks": [], "ideas": [], "topics": []}
    tasks: list[Task] = []
    engine, decision_id = "", None
    for done, stretch in enumerate(stretches):
        report(done, len(stretches))
        answer, engine, decision_id = _ask(_request(stretch), errand)
        heard = Heard(stretch)
        for name, kept in lines.items():
            kept += _lines(answer.get(name), heard, is_title=name == "topics")
        tasks += _tasks(answer.get("actions"), heard, on)
    summary = Summary(**{name: _merged(kept, MOST[name]) for name, kept in lines.items()})
    if decision_id is None or not (summary.bullets or tasks):
        raise Unusable("nothing of what was told was said")
    return Drafted(summary, tuple(_without_repetitions(tasks)), engine, decision_id)


def windows(said: Sequence[Utterance]) -> Iterator[list[Utterance]]:
    """Yield the transcript in stretches of so many tokens; each begins with the end of the one before."""
    sizes = [estimate.tokens(told([each])) for each in said]
    start = 0
    while start < len(said):
        end, size = start, 0
        while end < len(said) and (end == start or size + sizes[end] <= WINDOW_TOKENS):
            size += sizes[end]
            end += 1
        yield list(said[start:end])
        if end == len(said):
            return
        back, again = end, 0
        while back - 1 > start and again + sizes[back - 1] <= WINDOW_TOKENS * OVERLAP:
            back -= 1
            again += sizes[back]
        start = back


def _request(stretch: Sequence[Utterance]) -> ChatRequest:
    return ChatRequest(
        question=told(stretch),
        instructions=INSTRUCTIONS,
        max_tokens=MOST_TOKENS,
        temperature=0.0,
        schema=SCHEMA,
    )


def _ask(request: ChatRequest, errand: Errand) -> tuple[dict[str, Any], str, UUID]:
    answering = router.answer(request, errand)
    written: list[str] = []
    try:
        for piece in answering.pieces:
            if answering.only_quotes or isinstance(piece, base.Refusal):
                raise Unusable("no engine that writes")
            if isinstance(piece, base.Text):
                written.append(piece.text)
    finally:
        answering.close()
    if answering.is_cut or answering.is_stopped:
        raise Unusable("cut off")
    return _read("".join(written)), answering.engine, answering.decision_id


def _read(text: str) -> dict[str, Any]:
    """Return the JSON object of an answer, which some engines put into a fence."""
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError) as error:
        raise Unusable("no JSON") from error
    if not isinstance(found, dict):
        raise Unusable("no JSON")
    return found


def _lines(given: object, heard: Heard, *, is_title: bool) -> list[Line]:
    """Return the lines whose quote was said and whose wording brings in nothing."""
    found = []
    for each in given if isinstance(given, list) else ():
        text, quote = _text(each, "text"), _text(each, "quote")
        place = heard.locate(quote)
        if place is None or not text or not heard.bears(text) or (is_title and len(text) > 90):
            continue
        found.append(Line(text, place.from_s, place.to_s))
    return found


def _tasks(given: object, heard: Heard, on: date) -> list[Task]:
    found = []
    for each in given if isinstance(given, list) else ():
        task, owner, quote = _text(each, "task"), _text(each, "owner"), _text(each, "quote")
        confidence = each.get("confidence") if isinstance(each, dict) else None
        place = heard.locate(quote)
        if place is None or not task or not heard.bears(task) or not isinstance(confidence, int | float):
            continue
        if not LEAST <= confidence <= 1 or (owner and not heard.knows(owner)):
            continue
        said_when = _text(each, "due_words")
        words = said_when if heard.holds(said_when) else ""
        # The day is ours to tell: from the words, never from the engine.
        due = due_dates.find(words or place.text, on)
        found.append(
            Task(
                owner=owner[:120],
                task=task,
                due=due.day if due else None,
                due_words=(due.words if due else words)[:120],
                quote=place.text,
                from_s=place.from_s,
                to_s=place.to_s,
                confidence=round(float(confidence), 2),
            )
        )
    return found


def _text(each: object, name: str) -> str:
    value = each.get(name) if isinstance(each, dict) else None
    return " ".join(value.split())[:_MOST_CHARS] if isinstance(value, str) else ""


def _merged(lines: Sequence[Line], most: int) -> tuple[Line, ...]:
    """Return the lines of all stretches without repetitions, as many as asked for, spread over the meeting."""
    kept: list[Line] = []
    for line in lines:
        if all(not _is_same(line, other) for other in kept):
            kept.append(line)
    if len(kept) > most:
        # Each stretch told its weightiest first, so an even choice keeps the head of each.
        step = len(kept) / most
        kept = [kept[int(at * step)] for at in range(most)]
    return tuple(sorted(kept, key=lambda line: line.from_s))


def _is_same(one: Line, other: Line) -> bool:
    is_at_once = one.from_s < other.to_s and other.from_s < one.to_s
    return is_at_once or one.text.casefold() == other.text.casefold()


def _without_repetitions(tasks: Sequence[Task]) -> Iterator[Task]:
    """Yield the tasks of all stretches; one that stands in the overlap of two comes once."""
    seen: list[Task] = []
    for task in sorted(tasks, key=lambda each: each.from_s):
        is_known = any(
            task.owner.casefold() == other.owner.casefold()
            and task.from_s < other.to_s
            and other.from_s < task.to_s
            for other in seen
        )
        if not is_known:
            seen.append(task)
            yield task
