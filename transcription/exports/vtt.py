"""WebVTT: subtitles for a browser, each cue with its speaker."""

from transcription.exports.cues import cues
from transcription.exports.told import Told

MEDIA_TYPE = "text/vtt; charset=utf-8"


def render(told: Told) -> bytes:
    """Return the subtitles; who speaks stands in a voice tag."""
    blocks = ["WEBVTT\n"]
    names = len(told.speakers) > 0
    for cue in cues(told.segments):
        text = "\n".join(map(_escape, cue.lines))
        if names and cue.speaker:
            text = f"<v {_escape(cue.speaker)}>{text}"
        blocks.append(f"{_time(cue.from_ms)} --> {_time(cue.to_ms)}\n{text}\n")
    return "\n".join(blocks).encode()


def _time(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
