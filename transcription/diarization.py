"""The stage that finds out who speaks when."""

from pipeline.stages import Stage, Work


def diarize(work: Work) -> None:
    """Find the turns of the speakers."""
    raise NotImplementedError


DIARIZE = Stage(name="diarize", version=1, queue="cpu", run=diarize, weight=2)
