"""Whether the two channels of a recording are two speakers, or one room heard twice."""

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transcription.flac import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Looked at by the tenth of a second: shorter than a word, longer than a period of any voice.
_WINDOW = RATE // 10
# A window counts when somebody is heard in it: at least this loud, and not so far below the loud ones.
_QUIETEST_DB, _BELOW_LOUD_DB = -60.0, 25.0
# Through a speaker's own microphone a voice is so much louder than through the other's.
_APART_DB = 8.0
_SHARE_APART, _SHARE_OF_EACH, _LEAST_S_OF_EACH = 0.7, 0.05, 1.0
_ALIKE = 0.6
# A channel so far below the other has nothing of its own.
_DEAD_DB = 20.0


@dataclass(frozen=True, slots=True)
class Mix:
    """What is kept of two channels: both, or their sum by these weights."""

    keeps_both: bool
    weights: tuple[float, float] = (0.5, 0.5)

    def apply(self, samples: "NDArray[np.int16]") -> "NDArray[np.int16]":
        """Return samples as they are kept: one column or two."""
        import numpy as np

        if self.keeps_both:
            return samples
        mixed = samples.astype(np.float32) @ np.array(self.weights, dtype=np.float32)
        return np.rint(mixed).astype(np.int16).reshape(-1, 1)


class Stereo:
    """Listens to two channels as they come. Keeps two numbers for every tenth of a second."""

    def __init__(self) -> None:
        self._held: NDArray[np.int16] | None = None
        self._power = array("f")  # of the left and of the right, in turn
        self._product = 0.0
        self._powers = [0.0, 0.0]

    def hear(self, samples: "NDArray[np.int16]") -> None:
        """Take the next samples: one row a sample, two columns."""
        import numpy as np

        heard = samples if self._held is None else np.concatenate([self._held, samples])
        whole = len(heard) // _WINDOW * _WINDOW
        self._held = heard[whole:]
        if not whole:
            return
        windows = heard[:whole].astype(np.float32).reshape(-1, _WINDOW, 2) / 32_768
        power = np.square(windows).mean(axis=1)
        self._power.frombytes(power.astype(np.float32).tobytes())
        self._product += float((windows[..., 0] * windows[..., 1]).mean(axis=1).sum(dtype=np.float64))
        for side in (0, 1):
            self._powers[side] += float(power[:, side].sum(dtype=np.float64))

    def decide(self) -> Mix:
        """Return what to keep of what was heard."""
        left, right = self._powers
        loud, soft = max(left, right), min(left, right)
        if loud == 0.0:
            return Mix(keeps_both=False)
        alike = self._product / (left * right) ** 0.5 if soft else 0.0
        louder = (1.0, 0.0) if left >= right else (0.0, 1.0)
        # One channel alone was connected, or the two are each other upside down and their sum is silence.
        if soft < loud * 10 ** (-_DEAD_DB / 10) or alike < -_ALIKE:
            return Mix(keeps_both=False, weights=louder)
        return Mix(keeps_both=alike < _ALIKE and self._take_turns())

    def _take_turns(self) -> bool:
        """Say whether now the one and now the other is by far the louder."""
        import numpy as np

        level_db = 10 * np.log10(np.frombuffer(self._power, dtype=np.float32).reshape(-1, 2) + 1e-12)
        loudest_db = level_db.max(axis=1)
        threshold_db = max(_QUIETEST_DB, float(np.percentile(loudest_db, 95)) - _BELOW_LOUD_DB)
        apart_db = (level_db[:, 0] - level_db[:, 1])[loudest_db >= threshold_db]
        sides = [int((apart_db >= _APART_DB).sum()), int((apart_db <= -_APART_DB).sum())]
        least = max(_SHARE_OF_EACH * len(apart_db), _LEAST_S_OF_EACH * RATE / _WINDOW)
        return min(sides) >= least and sum(sides) >= _SHARE_APART * len(apart_db)
