"""The true time of decoded sound: a second of what is kept is a second of the original, gaps and all."""

from dataclasses import dataclass, field
from enum import Enum, auto

# Sound and its stamps drift apart by less in honest files.
JITTER_S = 0.1
# Stamps that go back by so little overlap with what came before; by more, the clock was started again.
OVERLAP_S = 2.0
# Stamps that jump by more are wrong: no file leaves out so much of itself.
LONGEST_GAP_S = 2 * 3600.0


class Fit(Enum):
    """How a piece of sound stands to what came before it."""

    NEXT = auto()
    LATER = auto()  # silence lies between
    AGAIN = auto()  # this stretch was heard already


@dataclass(slots=True)
class Timeline:
    """Tells of each frame where it belongs. All in seconds; `ends_s`: what the file says of its length."""

    ends_s: float | None = None
    at_s: float = 0.0  # up to where there is sound or silence
    _shift_s: float = field(default=0.0)

    def place(self, stamp_s: float | None, length_s: float) -> Fit:
        """Return how a frame with this stamp fits, and move on to its end unless it was heard already.

        After LATER the sound begins at `at_s` less the frame's length.
        """
        begins_s = self.at_s if stamp_s is None else stamp_s + self._shift_s
        ahead_s = begins_s - self.at_s
        if ahead_s < -OVERLAP_S or ahead_s > self._longest_gap_s():
            self._shift_s -= ahead_s
            ahead_s = 0.0
        if ahead_s > JITTER_S:
            self.at_s += ahead_s + length_s
            return Fit.LATER
        if ahead_s < -JITTER_S:
            return Fit.AGAIN
        self.at_s += length_s
        return Fit.NEXT

    def _longest_gap_s(self) -> float:
        if self.ends_s is None:
            return LONGEST_GAP_S
        return max(JITTER_S, self.ends_s - self.at_s + OVERLAP_S)
