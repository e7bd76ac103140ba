"""A stretch of sound written down by the first engine that does it: what it says, by whom, and what it cost."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from engines import config
from engines.answering import Cost
from engines.attempts import told_to_fall_back
from engines.base import EngineError, Runs, Sound, Spoken, Transcript
from engines.errands import Errand
from engines.plan import Plan
from schools import unseen


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard, who wrote it down and where, by which decision, for how much."""

    transcript: Transcript
    engine: str
    runs: Runs
    decision_id: UUID
    cost: Cost


def hear(sound: Sound, errand: Errand) -> Heard:
    """Return what a stretch of sound says; raise an EngineError, or what `sound.report` raised."""
    plan = Plan(errand, "transcribe", seconds=sound.seconds)
    known = config.load()
    last: EngineError | None = None
    spent_u = 0
    for attempt in plan.attempts():
        report = _Report(sound.report)
        try:
            asked = replace(sound, report=report, call_id=attempt.call)
            transcript = known.transcribe[attempt.engine.name].transcribe(asked)
            attempt.done(transcript.usage)
            return Heard(
                transcript=replace(transcript, segments=tuple(map(_seen, transcript.segments))),
                engine=attempt.engine.name,
                runs=attempt.engine.runs,
                decision_id=plan.decision_id,
                cost=Cost(spent_u + attempt.cost_u, plan.standing.money.currency),
            )
        except EngineError as error:
            attempt.failed(error)
            last = error
            if not told_to_fall_back(error.failure):
                raise
        except BaseException:
            if report.has_ended:
                attempt.stopped()
            raise
        finally:
            attempt.crashed()
        spent_u += attempt.cost_u
    raise last or plan.nobody()


def _seen(spoken: Spoken) -> Spoken:
    """Return what was said without characters that nobody can say."""
    words = tuple(map(_seen, spoken.words))
    return replace(spoken, text=unseen.strip_all(spoken.text), words=words)


class _Report:
    """Passes on the share done, and remembers whether whoever is told of it ended the call."""

    def __init__(self, told: Callable[[float], None] | None) -> None:
        self._told = told
        self.has_ended = False

    def __call__(self, share: float) -> None:
        if self._told is None:
            return
        try:
            self._told(share)
        except BaseException:
            self.has_ended = True
            raise
