"""Plain text: what was said and nothing more, to be read anywhere or pasted into something else."""

from transcription.exports import facts
from transcription.exports.told import Told, clock, turns

MEDIA_TYPE = "text/plain; charset=utf-8"


def render(told: Told) -> bytes:
    """Return what was said in paragraphs, each with its minute."""
    parts = ["\n".join([told.title, *(f"{name}: {value}" for name, value in facts.facts(told))])]
    parts += told.warnings
    for turn in turns(told.segments):
        name = f"{turn.speaker}: " if turn.speaker else ""
        parts.append(f"[{clock(turn.from_s)}] {name}{turn.text}")
    return ("\n\n".join(parts) + "\n").encode()
