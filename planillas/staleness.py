"""Whether what a planilla's cells were read from still says so."""

from pipeline.stages import Stage, Work


def recheck(work: Work) -> None:
    """Mark the cells whose source, the run's subject, no longer says what it did."""


RECHECK = Stage(name="recheck", version=1, queue="cpu", run=recheck, weight=0.1)
