"""An acta as PDF, to be printed and signed."""

from dataclasses import asdict

from transcription.exports import acta
from transcription.exports.acta import Minutes
from transcription.exports.pdf import MEDIA_TYPE, shorten
from transcription.exports.typeset import typeset

__all__ = ["MEDIA_TYPE", "render"]


def render(minutes: Minutes) -> bytes:
    """Return the acta, on A4."""
    written = minutes.written
    return typeset(
        "acta.typ",
        {
            "title": written.title,
            "short": shorten(written.title),
            "school": minutes.school,
            "lang": "es",
            "facts": acta.facts(minutes),
            "note": acta.note(minutes),
            "opening": written.opening.splitlines(),
            "closing": written.closing.splitlines(),
            "sections": [
                {
                    **asdict(each),
                    "topics": [(title, text.splitlines(), at) for title, text, at in each.topics],
                }
                for each in acta.sections(minutes)
            ],
        },
    )
