"""The real stages of a document with gates in their midst, where a test can hold a worker and kill it.

A gate is a file in GATED_FOLDER named `<stage>-<event>-<nth>`. The worker that reaches it takes it (so only one stops,
once), writes its process id into `<gate>.reached`, and waits until that file is gone.
"""

import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from documents import parse
from pipeline.stages import Stage, Work
from rag import cut, embed
from schools.ids import SchoolId, UserId


@dataclass(slots=True)
class _Gated:
    """A stage's work that stops at the gates on its way."""

    inner: Work
    stage: str
    folder: Path
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def school_id(self) -> SchoolId:
        return self.inner.school_id

    @property
    def subject_id(self) -> UUID:
        return self.inner.subject_id

    @property
    def asked_by(self) -> UserId | None:
        return self.inner.asked_by

    def report(self, done: float, total: float) -> None:
        self.inner.report(done, total)
        self._pass("report")

    def hold(self) -> None:
        self.inner.hold()
        self._pass("hold")

    def _pass(self, event: str) -> None:
        self.counts[event] = self.counts.get(event, 0) + 1
        gate = self.folder / f"{self.stage}-{event}-{self.counts[event]}"
        taken = gate.with_suffix(".taken")
        try:
            gate.rename(taken)
        except FileNotFoundError:
            return
        reached = gate.with_suffix(".reached")
        taken.write_text(str(os.getpid()))
        taken.rename(reached)
        while reached.exists():
            time.sleep(0.02)


def _gated(stage: Stage) -> Stage:
    def run(work: Work) -> None:
        stage.run(_Gated(work, stage.name, Path(os.environ["GATED_FOLDER"])))

    return replace(stage, run=run)


PARSE = _gated(parse.PARSE)
CUT = _gated(cut.CUT)
EMBED = _gated(embed.EMBED)
