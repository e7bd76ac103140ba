"""The worker on RunPod: one model and, where its weights are in the image, one diarizer, loaded once and kept."""

import logging
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from deploy.runpod import hearing

log = logging.getLogger("worker")

MODEL = os.environ.get("WHISPER_MODEL", "/models/whisper")
DIARIZER = Path(os.environ.get("DIARIZER", "/models/diarization"))


@cache
def whisper() -> Any:
    """Return the model in memory."""
    from faster_whisper import WhisperModel

    device = os.environ.get("DEVICE", "cuda")
    usual = "int8_float16" if device == "cuda" else "int8"
    return WhisperModel(
        MODEL, device=device, compute_type=os.environ.get("COMPUTE_TYPE", usual), local_files_only=True
    )


@cache
def diarizer() -> hearing.Diarizer | None:
    """Return who tells voices apart; None when its weights are not in the image."""
    if not (DIARIZER / "config.yaml").is_file():
        return None
    from deploy.runpod import diarization

    return diarization.load(DIARIZER)


def handle(job: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job's answer, or {"error"}, by which RunPod calls the job failed."""
    try:
        asked = hearing.read(job.get("input") or {})
        return hearing.listen(asked, whisper(), diarizer() if asked.diarizes else None)
    except hearing.Refused as refusal:
        log.warning("refused: %s", refusal.code)
        return {"error": str(refusal)}


if __name__ == "__main__":
    import runpod

    whisper()  # before the first job: a cold start is paid for once
    diarizer()
    runpod.serverless.start({"handler": handle})
