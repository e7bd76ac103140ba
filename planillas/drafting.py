"""The stage that writes a report, section by section."""

from pipeline.stages import Stage, Work


def draft(work: Work) -> None:
    """Write the sections of the report that is the run's subject which nobody wrote yet."""


DRAFT = Stage(name="draft", version=1, queue="cpu", run=draft)
