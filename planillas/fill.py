"""The stages that fill a planilla, and fill again what became stale."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from engines import router
from pipeline.stages import Later, Stage, Work
from planillas import filling as opening
from planillas import finding_cells, finding_rows, reading_rules, refilling, showing, staleness, telling
from planillas.asking import Stopped
from planillas.filled import MOST_WAITS
from planillas.filling import Filling
from planillas.showing import Shown
from planillas.standing import NoLonger

WAIT_S = 20.0


def fill(work: Work) -> None:
    """Fill the planilla that is the run's subject: by rules, then by an engine that writes where one may."""
    filling = opening.opened(work)
    reading_rules.read_all(filling)
    ask_engines(filling, _find)
    staleness.keep_up(filling)
    filling.save(told=telling.compose(filling, has_writer=router.has_writer()))


def refill(work: Work) -> None:
    """Fill the stale cells of the planilla that is the run's subject, or its chosen rows, and no others."""
    filling = opening.opened(work)
    again = refilling.begin(filling)
    if again is None:
        return
    try:
        refilling.by_rules(filling, again)
        ask_engines(filling, lambda filling, shown: refilling.by_engine(filling, again, shown))
    except NoLonger:
        # What was found until then stays, as an edit like any other.
        refilling.finish(filling, again)
        filling.save()
        raise
    refilling.finish(filling, again)
    filling.save(told=telling.compose(filling, has_writer=router.has_writer()))


def ask_engines(filling: Filling, find: Callable[[Filling, Shown], None]) -> None:
    """Let engines find what rules did not, as far as one may and can; what stopped them is told."""
    engine = filling.filled.engine
    if engine.is_done or not router.has_writer():
        return
    try:
        find(filling, showing.gather(filling))
    except Stopped as stopped:
        if stopped.is_passing and engine.waits < MOST_WAITS:
            engine.waits += 1
            filling.save()
            raise Later(WAIT_S, stopped.told, told=_("Espera a un motor. %s") % stopped.told) from stopped
        engine.stopped = stopped.told
    engine.is_done = True
    filling.save()


def _find(filling: Filling, shown: Shown) -> None:
    finding_rows.find(filling, shown)
    finding_cells.find(filling, shown)


FILL = Stage(name="fill", version=1, queue="cpu", run=fill)
REFILL = Stage(name="refill", version=1, queue="cpu", run=refill)
