"""The school's or the ministry's own XLSX, ODS or DOCX: recognised as a template, and filled as it stands.

The only door to what is below: a stranger's file is opened in a confined child process and nowhere else.
What reads files is imported when one is there: Django's start must not pay for it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from planillas.own_files.recognised import (
    FORMATS,
    MAX_BYTES,
    NotFillable,
    Recognised,
    Shown,
    ShownHeader,
    ShownMark,
    TooBigFile,
    TooManyRows,
    shown,
)

if TYPE_CHECKING:
    from planillas.exports.sheet import Sheet

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "NotFillable",
    "Recognised",
    "Shown",
    "ShownHeader",
    "ShownMark",
    "TooBigFile",
    "TooManyRows",
    "as_pdf",
    "fill",
    "recognise",
    "shown",
]


def recognise(content: bytes, filename: str) -> Recognised:
    """Return a file as a template: cleaned, its columns guessed, where in it what goes; raise NotFillable."""
    from planillas.own_files import confined

    return confined.recognise(content, filename)


def fill(content: bytes, layout: Mapping[str, Any], sheet: "Sheet") -> bytes:
    """Return the template's file with a planilla in it, in the template's own format.

    `content`, `layout`: as `recognise` gave them. Raises NotFillable where they do not belong together, TooManyRows.
    """
    from planillas.own_files import confined

    return confined.fill(content, layout, sheet)


def as_pdf(content: bytes, format: str) -> bytes:
    """Return a filled file as PDF, by LibreOffice; raise NotFillable (`converter_missing`) where there is none."""
    from planillas.own_files import pdf

    return pdf.convert(content, format)
