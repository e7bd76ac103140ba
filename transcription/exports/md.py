"""Markdown; what was said is escaped, so that it is read and never obeyed."""

from documents.escaping import escape
from transcription.exports import facts
from transcription.exports.told import Told, clock, turns

__all__ = ["MEDIA_TYPE", "escape", "render", "table"]

MEDIA_TYPE = "text/markdown; charset=utf-8"


def render(told: Told) -> bytes:
    """Return the transcript after its summary and its tasks."""
    parts = [f"# {escape(told.title)}"]
    parts.append("\n".join(f"- **{name}:** {escape(value)}" for name, value in facts.facts(told)))
    parts += [f"> {escape(warning)}" for warning in told.warnings]
    if told.summary:
        for heading, lines in facts.sections(told.summary):
            rows = [f"- {escape(each.text)}{_minute(each.from_s)}" for each in lines]
            parts += [f"## {heading}", "\n".join(rows)]
        parts.append(f"*{escape(facts.by_whom(told.summary))}*")
    if told.tasks:
        parts += [f"## {facts.tasks_heading()}", table(*facts.table(told))]
    parts.append(f"## {facts.transcript_heading()}")
    for turn in turns(told.segments):
        name = f"**{escape(turn.speaker)}** " if turn.speaker else ""
        parts.append(f"{name}({clock(turn.from_s)}): {escape(turn.text)}")
    return ("\n\n".join(parts) + "\n").encode()


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Return a table."""
    lines = [heads, ["---"] * len(heads), *([escape(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _minute(seconds: float | None) -> str:
    return "" if seconds is None else f" ({clock(seconds)})"
