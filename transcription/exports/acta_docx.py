"""An acta as DOCX, to be corrected and signed."""

from transcription.exports import acta, word
from transcription.exports.acta import Minutes
from transcription.exports.docx import MEDIA_TYPE

__all__ = ["MEDIA_TYPE", "render"]


def render(minutes: Minutes) -> bytes:
    """Return the acta."""
    document = word.new(minutes.written.title)
    word.facts_of(document, acta.facts(minutes))
    if note := acta.note(minutes):
        word.warning(document, note)
    for line in minutes.written.opening.splitlines():
        document.add_paragraph(line)
    for section in acta.sections(minutes):
        document.add_heading(section.heading, 1)
        if section.rows:
            word.table(document, list(section.heads), [list(row) for row in section.rows], [70, 42, 36, 18])
        for title, text, minute in section.topics:
            word.quiet(document.add_heading(title, 2), f"  {minute}")
            for line in text.splitlines():
                document.add_paragraph(line)
        if not section.rows and not section.topics:
            word.quiet(document.add_paragraph(), section.empty, is_italic=True)
    document.add_paragraph()
    for line in minutes.written.closing.splitlines():
        document.add_paragraph(line)
    return word.to_bytes(document)
