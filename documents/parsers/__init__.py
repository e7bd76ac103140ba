"""Which files are read here, how each is recognised, and the one door to its parser."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import cast

from documents.blocks import ParsedDocument
from documents.parsers.base import MAX_FILE_BYTES, MIB, ParseTooBig, Progress, ignore_progress
from documents.parsers.kinds import BY_KIND, FORMATS, RECORDED, FileKind, Format, media_type
from documents.parsers.recognition import kind_of

__all__ = [
    "FORMATS",
    "RECORDED",
    "FileKind",
    "Format",
    "kind_of",
    "media_type",
    "parse",
    "preload",
    "preload_usual",
    "prepare",
]

_USUAL = (
    FileKind.PDF, FileKind.DOCX, FileKind.XLSX, FileKind.CSV, FileKind.HTML, FileKind.TEXT, FileKind.MARKDOWN
)  # fmt: skip


def preload_usual() -> None:
    """Import the parsers of the kinds that most files are of; the others are imported when such a file comes."""
    for kind in _USUAL:
        preload(kind)


def preload(kind: FileKind) -> None:
    """Import the parser of a kind, so that a child process made afterwards has it at once."""
    importlib.import_module(f"{__name__}.{BY_KIND[kind].module}")


def prepare(path: Path, kind: FileKind, folder: Path) -> tuple[Path, FileKind]:
    """Return the file to read for another and its kind: most are themselves, old ones are converted into `folder`.

    For what the sandbox forbids its child: to be called before it, in the worker.
    """
    if kind not in (FileKind.DOC, FileKind.RTF):
        return path, kind
    from documents.parsers import word97  # imported when such a file comes

    return word97.convert(path, folder), FileKind.DOCX


def parse(path: Path, kind: FileKind, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a file says. Reads it in this very process: `sandbox.parse` is the door for uploads."""
    size_bytes = path.stat().st_size
    if size_bytes > MAX_FILE_BYTES:
        raise ParseTooBig(
            f"El archivo pesa {size_bytes // MIB} MB y el máximo es {MAX_FILE_BYTES // MIB} MB."
        )
    module = importlib.import_module(f"{__name__}.{BY_KIND[kind].module}")
    parser = cast(Callable[[Path, Progress], ParsedDocument], module.parse)
    return parser(path, progress)
