"""What an engine that transcribes is given, and the words that it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of a recording to be written down; all seconds are of this file.

    `voice`: where somebody speaks, in order; empty: it is to be found out. `language`: "" is to be found out too.
    `speakers`: how many, where a person said so. `report`: is told the share done, 0–1; what it raises ends the call.
    `call_id` names the attempt, for makers that can tell one from its repetition.
    """

    path: Path
    seconds: float
    voice: tuple[tuple[float, float], ...] = ()
    language: str = "es"
    speakers: int | None = None
    report: Callable[[float], None] | None = field(default=None, compare=False, repr=False)
    call_id: str = ""

    def tell(self, share: float) -> None:
        """Tell how much of it is done."""
        if self.report is not None:
            self.report(share)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words said from second to second; `words` empty where the engine gives no times of words."""

    text: str
    start_s: float
    end_s: float
    words: tuple["Spoken", ...] = ()
    confidence: float | None = None  # 0–1
