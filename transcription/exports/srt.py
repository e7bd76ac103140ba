"""SubRip: subtitles that every player takes."""

from transcription.exports.cues import cues
from transcription.exports.told import Told

MEDIA_TYPE = "application/x-subrip; charset=utf-8"


def render(told: Told) -> bytes:
    """Return the subtitles; a dash where the speaker changes. Lines end as on Windows, where the format comes from."""
    blocks = []
    for number, cue in enumerate(cues(told.segments, dashes=len(told.speakers) > 1), start=1):
        # The format knows no escapes: an arrow in a text must not be read as one between times.
        text = "\r\n".join(line.replace("-->", "→") for line in cue.lines)
        blocks.append(f"{number}\r\n{_time(cue.from_ms)} --> {_time(cue.to_ms)}\r\n{text}\r\n")
    return "\r\n".join(blocks).encode()


def _time(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{ms:03}"
