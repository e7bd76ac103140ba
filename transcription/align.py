"""The stage that makes segments and speakers of what was transcribed."""

from pipeline.stages import Stage, Work


def align(work: Work) -> None:
    """Make the segments."""
    raise NotImplementedError


ALIGN = Stage(name="align", version=1, queue="cpu", run=align, weight=0.5)
