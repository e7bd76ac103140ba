"""How wrong a diarization is: our own scorer, of frames of 10 ms, under the kindest naming of the voices."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

Turns: TypeAlias = Sequence[tuple[float, float, object]]
FRAME_S = 0.01


def error_rate(told: Turns, truth: Turns, *, collar_s: float = 0.25) -> float:
    """Return the diarization error rate: missed, invented and mistaken time over the time that somebody speaks.

    What lies within `collar_s` of a boundary of the truth is not counted. One voice at a time.
    """
    from scipy.optimize import linear_sum_assignment

    end = max(to_s for _from, to_s, _who in (*told, *truth)) + 1
    mine, mine_count = _frames(told, end)
    real, real_count = _frames(truth, end)
    counted = np.ones(len(real), dtype=bool)
    for from_s, to_s, _who in truth:
        for edge in (from_s, to_s):
            counted[int(max(0, edge - collar_s) / FRAME_S) : int((edge + collar_s) / FRAME_S)] = False
    mine, real = mine[counted], real[counted]
    together = np.zeros((mine_count + 1, real_count + 1))
    np.add.at(together, (mine, real), 1)
    rows, columns = linear_sum_assignment(-together[1:, 1:])
    right = together[1:, 1:][rows, columns].sum()
    spoken, both = (real > 0).sum(), ((real > 0) & (mine > 0)).sum()
    invented = ((real == 0) & (mine > 0)).sum()
    return float((spoken - both + invented + both - right) / spoken)


def _frames(turns: Turns, end: float) -> tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", int]:
    names = {who: number for number, who in enumerate(dict.fromkeys(who for *_, who in turns), start=1)}
    frames = np.zeros(int(end / FRAME_S), dtype=np.int64)
    for from_s, to_s, who in turns:
        frames[round(from_s / FRAME_S) : round(to_s / FRAME_S)] = names[who]
    return frames, len(names)
