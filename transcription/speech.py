"""The stage that writes down what is said, part by part."""

from pipeline.stages import Stage, Work


def transcribe(work: Work) -> None:
    """Transcribe what is not transcribed yet."""
    raise NotImplementedError


TRANSCRIBE = Stage(name="transcribe", version=1, queue="gpu", run=transcribe, weight=10)
