"""A kind of run for the worker that keeps what it loads: its one stage writes down in which process it ran."""

import os
import time
from pathlib import Path
from uuid import UUID

from pipeline.stages import Stage, Work

KIND = "heard"
WIRED = {KIND: ("tests.pipeline.heard.HEARD",)}
SUBJECTS = {KIND: "tests.pipeline.heard.SUBJECT"}


def _hear(work: Work) -> None:
    folder = Path(os.environ["GATED_FOLDER"])
    with (folder / "heard").open("a") as file:
        file.write(f"{work.subject_id} {os.getpid()}\n")
    if (folder / "break").exists():
        (folder / "break").unlink()
        raise RuntimeError("this stage was told to fail")
    while (folder / "hold").exists():
        time.sleep(0.02)


class _Nobody:
    def started(self, subject_id: UUID) -> None:
        """Show nothing."""

    def finished(self, subject_id: UUID) -> None:
        """Show nothing."""

    def failed(self, subject_id: UUID, *, code: str, reason: str) -> None:
        """Show nothing."""


HEARD = Stage(name="heard", version=1, queue="gpu", run=_hear)
SUBJECT = _Nobody()
