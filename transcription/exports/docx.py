"""DOCX, to be corrected in Word or LibreOffice."""

from transcription.exports import facts, word
from transcription.exports.told import Told, clock, turns

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def render(told: Told) -> bytes:
    """Return the transcript after its summary and its tasks, with headings that make an outline."""
    document = word.new(told.title, told.language)
    word.facts_of(document, facts.facts(told))
    for warning in told.warnings:
        word.warning(document, warning)
    if told.summary:
        for heading, lines in facts.sections(told.summary):
            document.add_heading(heading, 1)
            for each in lines:
                item = document.add_paragraph(each.text, style="List Bullet")
                if each.from_s is not None:
                    word.quiet(item, f"  {clock(each.from_s)}")
        word.quiet(document.add_paragraph(), facts.by_whom(told.summary), is_italic=True)
    if told.tasks:
        document.add_heading(facts.tasks_heading(), 1)
        word.table(document, *facts.table(told), [60, 30, 32, 26, 18])
    document.add_heading(facts.transcript_heading(), 1)
    word.spoken(document, ((clock(each.from_s), each.speaker, each.text) for each in turns(told.segments)))
    return word.to_bytes(document)
