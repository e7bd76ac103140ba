"""An acta as Markdown."""

from transcription.exports import acta
from transcription.exports.acta import Minutes
from transcription.exports.md import MEDIA_TYPE, escape, table

__all__ = ["MEDIA_TYPE", "render"]


def render(minutes: Minutes) -> bytes:
    """Return the acta."""
    parts = [f"# {escape(minutes.written.title)}"]
    parts.append("\n".join(f"- **{name}:** {escape(value)}" for name, value in acta.facts(minutes)))
    if note := acta.note(minutes):
        parts.append(f"> {escape(note)}")
    parts += _paragraphs(minutes.written.opening)
    for section in acta.sections(minutes):
        parts.append(f"## {section.heading}")
        if section.rows:
            parts.append(table(list(section.heads), [list(row) for row in section.rows]))
        for title, text, minute in section.topics:
            parts.append(f"### {escape(title)}" + (f" ({minute})" if minute else ""))
            parts += _paragraphs(text)
        if not section.rows and not section.topics:
            parts.append(f"*{escape(section.empty)}*")
    parts += _paragraphs(minutes.written.closing)
    return ("\n\n".join(parts) + "\n").encode()


def _paragraphs(text: str) -> list[str]:
    return [escape(line.strip()) for line in text.split("\n") if line.strip()]
