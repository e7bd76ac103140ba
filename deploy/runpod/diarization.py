"""Who speaks when, by pyannote's community-1: in full precision, and telling nobody."""

import os
from pathlib import Path
from typing import Any

from deploy.runpod import hearing

# It counts its uses at its maker's unless it is told not to, before it is imported.
os.environ["PYANNOTE_METRICS_ENABLED"] = "0"


def load(folder: Path) -> hearing.Diarizer:
    """Return the diarizer of a folder of weights, on the graphics card."""
    import torch
    from pyannote.audio import Pipeline

    # Half precision turns its clustering to noise.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    pipeline = Pipeline.from_pretrained(folder)
    if torch.cuda.is_available():
        pipeline.to(torch.device("cuda"))

    def diarize(audio: Any, asked: hearing.Asked) -> list[dict[str, Any]]:
        counts = {
            "num_speakers": asked.speakers,
            "min_speakers": asked.least_speakers,
            "max_speakers": asked.most_speakers,
        }
        waveform = torch.from_numpy(audio).unsqueeze(0)
        told = pipeline(
            {"waveform": waveform, "sample_rate": hearing.RATE},
            **{name: count for name, count in counts.items() if count is not None},
        )
        # Of two who speak at once one is kept: words go to one speaker each.
        annotation = getattr(told, "exclusive_speaker_diarization", None) or told.speaker_diarization
        return turns(
            (turn.start, turn.end, who) for turn, _track, who in annotation.itertracks(yield_label=True)
        )

    return diarize


def turns(told: Any) -> list[dict[str, Any]]:
    """Return turns in order, their speakers numbered from 1 as they are first heard."""
    numbers: dict[str, int] = {}
    found = []
    for start, end, who in sorted(told, key=lambda each: (each[0], each[1])):
        number = numbers.setdefault(str(who), len(numbers) + 1)
        found.append({"start": round(float(start), 3), "end": round(float(end), 3), "speaker": number})
    return found
