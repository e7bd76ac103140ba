"""Voices told apart without a model, on recordings whose truth is known."""

import numpy as np
import pytest

from tests.transcription.conftest import truth
from tests.transcription.scoring import error_rate
from transcription import flac, grouping, turns, voices


@pytest.mark.parametrize(
    ("name", "count", "most"), [("entrevista-a", 1, 0.05), ("reunion-tres-voces", 3, 0.15)]
)
def test_voices_are_counted_and_told_apart(name: str, count: int, most: float) -> None:
    told = truth(name)
    with told.path.open("rb") as file:
        sound = np.concatenate(list(flac.read(file, 0.0, told.seconds)))[:, 0].astype(np.float32) / 32_768
    real = [(each.t0, each.t1, each.speaker) for each in told.said]
    voice = [(from_s, to_s) for from_s, to_s, _who in real]
    windows = voices.windows(voice)
    rate = voices.RATE
    measures = voices.measure(
        windows, lambda a, b: sound[int(a * rate) : int(b * rate)], report=lambda _share: None
    )
    found = grouping.group(windows, measures)
    assert found.count == count
    assert error_rate(turns.of_windows(windows, found.distances, voice), real) <= most
