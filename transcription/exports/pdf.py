"""PDF, to be printed and kept."""

from transcription.exports import facts
from transcription.exports.told import Told, clock, turns
from transcription.exports.typeset import typeset

MEDIA_TYPE = "application/pdf"
SHORT_TITLE_CHARS = 80


def render(told: Told) -> bytes:
    """Return the transcript after its summary and its tasks, on A4."""
    summary = told.summary
    heads, rows = facts.table(told)
    return typeset(
        "transcript.typ",
        {
            "title": told.title,
            "short": shorten(told.title),
            "school": told.school,
            "lang": told.language if told.language.isalpha() and len(told.language) in (2, 3) else "es",
            "facts": facts.facts(told),
            "warnings": told.warnings,
            "sections": [
                {
                    "heading": heading,
                    "lines": [{"text": each.text, "minute": clock(each.from_s)} for each in lines],
                }
                for heading, lines in (facts.sections(summary) if summary else [])
            ],
            "by": facts.by_whom(summary) if summary else "",
            "tasks": facts.tasks_heading(),
            "heads": heads,
            "rows": rows,
            "transcript": facts.transcript_heading(),
            "turns": [
                {"minute": clock(each.from_s), "speaker": each.speaker, "text": each.text}
                for each in turns(told.segments)
            ],
        },
    )


def shorten(title: str) -> str:
    """Return a title for the head of each page."""
    return title if len(title) <= SHORT_TITLE_CHARS else title[: SHORT_TITLE_CHARS - 1].rstrip() + "…"
