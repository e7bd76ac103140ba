"""Recordings, which no parser reads: their words come from `transcription`."""

from pathlib import Path

from documents.blocks import ParsedDocument
from documents.parsers.base import Progress, Refused


def parse(path: Path, progress: Progress) -> ParsedDocument:
    """Raise `Refused`: there is nothing to read in a recording."""
    raise Refused("Es una grabación: se transcribe, no se lee.", code="is_a_recording")
