"""Where somebody speaks: Silero's network as faster-whisper carries it, a frame at a time, over sound of any length."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from transcription.flac import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Stretch: TypeAlias = tuple[float, float]

FRAME, CONTEXT, STATE = 512, 64, (1, 1, 128)  # what the network was trained on
MIN_SPEECH_S, MIN_SILENCE_S, PAD_S = 0.35, 0.2, 0.1
BEGINS_AT, ENDS_BELOW = 0.5, 0.35  # of the probability that somebody speaks
_BATCH_FRAMES = 320  # ten seconds at a time: as exact as one by one, and three times as fast


class Voice:
    """Listens to one channel as it comes. Memory does not grow but with the stretches that are found."""

    def __init__(self) -> None:
        import numpy as np

        self._state = (np.zeros(STATE, dtype=np.float32), np.zeros(STATE, dtype=np.float32))
        self._context = np.zeros(CONTEXT, dtype=np.float32)
        self._held: list[NDArray[np.float32]] = []
        self._held_samples = 0
        self._samples = 0
        self._turns = Turns()

    def hear(self, samples: "NDArray[np.int16]") -> None:
        """Take the next samples."""
        import numpy as np

        self._samples += len(samples)
        self._held.append(samples.astype(np.float32) / np.float32(32_768))
        self._held_samples += len(samples)
        if self._held_samples >= FRAME * _BATCH_FRAMES:
            heard = np.concatenate(self._held)
            whole = len(heard) // FRAME * FRAME
            self._judge(heard[:whole])
            self._held, self._held_samples = [heard[whole:]], len(heard) - whole

    def end(self) -> list[Stretch]:
        """Return where somebody spoke, in seconds."""
        import numpy as np

        if self._held_samples:
            heard = np.concatenate(self._held)
            self._judge(np.pad(heard, (0, -len(heard) % FRAME)))
            self._held, self._held_samples = [], 0
        return self._turns.end(self._samples / RATE)

    def _judge(self, samples: "NDArray[np.float32]") -> None:
        import numpy as np

        if not len(samples):
            return
        frames = samples.reshape(-1, FRAME)
        if not samples.any():
            # Nothing was recorded: there is no voice in it, and what follows is a beginning.
            self._state = (np.zeros_like(self._state[0]), np.zeros_like(self._state[1]))
            self._context = np.zeros_like(self._context)
            self._turns.judge([0.0] * len(frames))
            return
        before = np.concatenate([self._context[None], frames[:-1, -CONTEXT:]])
        self._context = frames[-1, -CONTEXT:].copy()
        told, *state = _network().run(
            None,
            {"input": np.concatenate([before, frames], axis=1), "h": self._state[0], "c": self._state[1]},
        )
        self._state = (state[0], state[1])
        self._turns.judge(told.reshape(-1).tolist())


@dataclass(slots=True)
class Turns:
    """Makes stretches of speech out of one probability for each frame, as Silero's own program does."""

    _found: list[Stretch] = field(default_factory=list)
    _at: int = 0  # samples
    _begins: int | None = None
    _ends: int | None = None  # where it became quiet, as long as that may be a pause

    def judge(self, probabilities: Iterable[float]) -> None:
        """Take the probabilities of the next frames."""
        for probability in probabilities:
            at, self._at = self._at, self._at + FRAME
            if probability >= BEGINS_AT:
                self._ends = None
                self._begins = at if self._begins is None else self._begins
            elif probability < ENDS_BELOW and self._begins is not None:
                self._ends = at if self._ends is None else self._ends
                if at - self._ends >= MIN_SILENCE_S * RATE:
                    self._close(self._ends)

    def end(self, seconds: float) -> list[Stretch]:
        """Return the stretches, each with a little before and after it."""
        if self._begins is not None:
            self._close(round(seconds * RATE))
        begins = [begins_s for begins_s, _ends_s in self._found]
        ends = [ends_s for _begins_s, ends_s in self._found]
        # Two stretches close to each other share the pause between them.
        pads = [min(PAD_S, (after - before) / 2) for before, after in zip(ends, begins[1:], strict=False)]
        return [
            (max(0.0, begins_s - before_s), min(seconds, ends_s + after_s))
            for begins_s, ends_s, before_s, after_s in zip(
                begins, ends, [PAD_S, *pads], [*pads, PAD_S], strict=False
            )
        ]

    def _close(self, ends: int) -> None:
        assert self._begins is not None
        if ends - self._begins > MIN_SPEECH_S * RATE:
            self._found.append((self._begins / RATE, ends / RATE))
        self._begins = self._ends = None


def together(channels: Sequence[Sequence[Stretch]]) -> list[Stretch]:
    """Return where somebody speaks on any channel."""
    joined: list[Stretch] = []
    for begins_s, ends_s in sorted(stretch for channel in channels for stretch in channel):
        if joined and begins_s <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends_s))
        else:
            joined.append((begins_s, ends_s))
    return joined


@cache
def _network() -> Any:
    import onnxruntime

    # The file alone: importing faster_whisper would bring the whole of it.
    found = find_spec("faster_whisper")
    assert found is not None
    assert found.submodule_search_locations is not None
    path = Path(found.submodule_search_locations[0]) / "assets" / "silero_vad_v6.onnx"
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), sess_options=options, providers=["CPUExecutionProvider"])
