"""The stage that makes summary and actions of a transcript."""

from pipeline.stages import Stage, Work


def digest(work: Work) -> None:
    """Make the digest."""
    raise NotImplementedError


DIGEST = Stage(name="digest", version=1, queue="cpu", run=digest, weight=2)
