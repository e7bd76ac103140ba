"""A decision as it is read, written and followed: one call after the other, until one engine does it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from time import monotonic, sleep

from django.utils.translation import gettext as _

from engines import config, estimate, health, ledger, pod_rows
from engines.attempts import LISTEN_S, Attempt
from engines.base import Busy, Engine, EngineError, NoEngine, OverBudget, Task
from engines.errands import Errand
from engines.ledger import Standing, Verdict
from engines.models import Pod, PodState
from engines.routing import QUOTING, RENTED, Candidate, Choice, Facts, Health, Need, Reason, Why, choose
from schools.ids import SchoolId, new_id
from schools.models import School


class Plan:
    """A decision, and the calls that follow from it, one after the other until one does it."""

    def __init__(
        self, errand: Errand, task: Task, *, tokens_in: int = 0, tokens_out: int = 0, seconds: float = 0.0
    ) -> None:
        self.errand, self.task = errand, task
        self._sizes = (tokens_in, tokens_out, seconds)
        self.decision_id = new_id()
        self.choice, self.standing = decide(errand, task, *self._sizes)
        self._is_written = False
        self._full: list[Candidate] = []
        for each in self.choice.refused:
            if each.engine.provider == RENTED and {reason.code for reason in each.reasons} == {Why.OFF}:
                pod_rows.want(each.engine.name, errand.school_id)
        if not self.choice.candidates:
            ledger.record(errand, self._verdict())
            raise self.nobody()

    def attempts(self, is_wanted: Callable[[], bool] = lambda: True) -> Iterator[Attempt]:
        """Yield one call after the other, its place taken and its money held; read on after one that failed.

        Who has a place at once goes first; then the full ones are waited for; what only quotes comes last.
        """
        writers = [each for each in self.choice.candidates if each.engine.provider != QUOTING]
        others = [each for each in self.choice.candidates if each.engine.provider == QUOTING]
        is_first = True
        full: list[Candidate] = []
        for candidate in writers:
            if (fresh := candidate if is_first else self._again(candidate)) is None:
                continue
            is_first = False
            call = str(new_id())
            state = health.enter(fresh.engine, self.errand.school_id, call).state
            if state == "in":
                if (attempt := self._begin(fresh, call)) is not None:
                    yield attempt
            elif state == "full":
                full.append(candidate)
        deadline = monotonic() + self.errand.patience_s
        for candidate in full:
            call = self._wait(candidate, deadline, is_wanted)
            fresh = self._again(candidate) if call else None
            if call and fresh is None:
                health.leave(candidate.engine, self.errand.school_id, call, is_known=False)
            elif call and fresh and (attempt := self._begin(fresh, call)) is not None:
                yield attempt
        self._full = full
        for candidate in others:
            if (fresh := candidate if is_first else self._again(candidate)) is None or not is_wanted():
                continue
            is_first = False
            if (attempt := self._begin(fresh, str(new_id()))) is not None:
                yield attempt

    def nobody(self) -> EngineError:
        """Return why nobody does it, in words for staff."""
        if self._full:
            return Busy(engine=self._full[0].engine.name)
        told = [each for each in self.choice.refused if self.task in each.engine.tasks]
        if not told:
            return NoEngine(_("La instalación no tiene un motor para esto."))
        why = " ".join(f"«{each.engine.name}»: {each.reason}" for each in told[:6])
        error = OverBudget if self.choice.lacks_only_money else NoEngine
        return error(_("Ningún motor puede hacerlo ahora. %s") % why, is_passing=self.choice.may_pass)

    def _wait(self, candidate: Candidate, deadline: float, is_wanted: Callable[[], bool]) -> str:
        """Stand in line at an engine that is full; return the call's name when its turn has come, else nothing."""
        call = str(new_id())
        heard = monotonic()
        while monotonic() < deadline:
            state = health.enter(candidate.engine, self.errand.school_id, call, waits=True).state
            if state == "in":
                return call
            if state == "resting":
                break
            if monotonic() - heard > LISTEN_S:
                heard = monotonic()
                if not is_wanted():
                    break
            sleep(0.05)
        health.leave(candidate.engine, self.errand.school_id, call, is_known=False)
        return ""

    def _begin(self, candidate: Candidate, call: str) -> Attempt | None:
        """Hold the money of a call that has its place; None when there is not enough of it."""
        if candidate.engine.provider == RENTED:
            pod_rows.want(candidate.engine.name, self.errand.school_id)
        try:
            held = ledger.reserve(
                self.errand,
                candidate,
                self.standing,
                task=self.task,
                decision=self._verdict(),
                is_first=not self._is_written,
                hold_s=candidate.engine.limits.total_s,
            )
        except BaseException:
            health.leave(candidate.engine, self.errand.school_id, call, is_known=False)
            raise
        self._is_written = True
        if held is None:
            health.leave(candidate.engine, self.errand.school_id, call, is_known=False)
            left = tuple(each for each in self.choice.candidates if each.engine != candidate.engine)
            refused = (*self.choice.refused, _without_money(candidate))
            self.choice = replace(self.choice, candidates=left, refused=refused)
            return None
        return Attempt(candidate=candidate, held=held, call=call, tokens_out=self._sizes[1])

    def _again(self, candidate: Candidate) -> Candidate | None:
        """Decide anew about one engine: labels, rules, money and health as they are now; None: it may not any more."""
        self.errand = self.errand.fresh()
        choice, self.standing = decide(self.errand, self.task, *self._sizes)
        return next((each for each in choice.candidates if each.engine == candidate.engine), None)

    def _verdict(self) -> Verdict:
        return Verdict(
            id=self.decision_id,
            errand=self.errand,
            task=self.task,
            tokens_in=self._sizes[0],
            tokens_out=self._sizes[1],
            choice=self.choice,
            policy_version=self.standing.policy.version,
        )


def decide(
    errand: Errand, task: Task, tokens_in: int, tokens_out: int, seconds: float
) -> tuple[Choice, Standing]:
    """Return what the decision is now, and what it was read from.

    Sound is told in seconds: whoever bills it in tokens is reckoned by the most that those may have.
    """
    if task == "transcribe" and seconds:
        most_in, most_out = estimate.of_sound(seconds)
        tokens_in, tokens_out = max(tokens_in, most_in), max(tokens_out, most_out)
    engines = config.load().engines
    standing = ledger.standing(errand.school_id, _time_zone(errand.school_id, int(monotonic() // 60)))
    facts = Facts(
        engines=engines,
        need=Need(
            task=task,
            label=errand.label,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            seconds=seconds,
            language=errand.language,
            wish=errand.wish,
        ),
        policy=standing.policy,
        money=standing.money,
        health=_health(engine for engine in engines if task in engine.tasks),
    )
    return choose(facts), standing


def _health(engines: Iterator[Engine]) -> dict[str, Health]:
    asked = [engine for engine in engines if engine.provider not in ("quoting", "fastembed")]
    if not asked:
        return {}
    found = health.glance(asked)
    rented = [engine.name for engine in asked if engine.provider == RENTED]
    if rented:
        ready = set(
            Pod.objects.filter(engine__in=rented, state=PodState.READY).values_list("engine", flat=True)
        )
        for name in rented:
            found[name] = replace(found.get(name, Health()), is_on=name in ready)
    known = config.load()
    for engine in asked:
        if lacks := known.lacks(engine.name):
            found[engine.name] = replace(found.get(engine.name, Health()), lacks=lacks)
    return found


@lru_cache(maxsize=2_000)
def _time_zone(school_id: SchoolId, minute: int) -> str:
    """Return the school's time zone, asked once a minute."""
    return School.objects.values_list("time_zone", flat=True).get(pk=school_id)


def _without_money(candidate: Candidate) -> Candidate:
    return replace(
        candidate,
        reasons=(Reason(Why.MONEY, _("Lo que queda del tope del mes no alcanza para pagarlo.")),),
    )
