"""The stage that decodes a recording, stores its sound and finds where somebody speaks."""

from pipeline.stages import Stage, Work


def normalise(work: Work) -> None:
    """Decode a recording."""
    raise NotImplementedError


NORMALISE = Stage(name="normalise", version=1, queue="cpu", run=normalise, weight=1)
