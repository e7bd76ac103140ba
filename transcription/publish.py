"""The stage that writes a transcript as blocks of its document, for the index."""

from pipeline.stages import Stage, Work


def publish(work: Work) -> None:
    """Write the blocks."""
    raise NotImplementedError


PUBLISH = Stage(name="publish", version=1, queue="cpu", run=publish, weight=0.5)
