"""The stages that fill a planilla, and fill again what became stale."""

from pipeline.stages import Stage, Work


def fill(work: Work) -> None:
    """Fill the planilla that is the run's subject."""


def refill(work: Work) -> None:
    """Fill the stale cells of the planilla that is the run's subject, and no others."""


FILL = Stage(name="fill", version=1, queue="cpu", run=fill)
REFILL = Stage(name="refill", version=1, queue="cpu", run=refill)
