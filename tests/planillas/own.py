"""What the tests of own files share: a planilla without a database, and how a file is read back."""

import io
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from documents.parsers import word97
from documents.places import Page
from planillas import cells
from planillas.cells import Cells, Evidence
from planillas.columns import Column
from planillas.exports.sheet import Sheet, SourceTold

SOURCE = UUID(int=7)
NAMES = ("Álvarez, Ana", "Benítez, Bruno", "Núñez, Sofía")
NO_OFFICE = pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")


def sheet(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], **fields: Any) -> Sheet:
    """Return a planilla as it is handed out, each value found on a page of one source."""

    def each() -> Iterator[Cells]:
        for number, row in enumerate(rows, start=1):
            yield {
                key: cells.found(
                    value, [Evidence(SOURCE, number, Page(number), f"dice {value}")], confidence=1.0
                )
                for key, value in row.items()
                if value is not None
            }

    told: dict[str, Any] = {
        "title": "Calificaciones 2026",
        "school": "Escuela Norte & Sur",
        "slug": "norte",
        "made_at": datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        "sources": {SOURCE: SourceTold("Nómina.pdf", "ab" * 32)},
        "base": "https://preceptor.example",
    }
    return Sheet(columns=tuple(columns), rows=each, count=len(rows), **(told | fields))


def parts(content: bytes) -> dict[str, bytes]:
    """Return the parts of an office file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def read_back(content: bytes, *, values: bool = False) -> Any:
    """Return a workbook as openpyxl reads it; `values`: what its formulas came to."""
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values)


def repacked(content: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """Return an office file with parts added, replaced or (None) left out."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (parts(content) | dict(changes)).items():
            if data is not None:
                archive.writestr(name, data)
    return made.getvalue()


def converted(content: bytes, ending: str, to: str, folder: Path) -> bytes:
    """Return what LibreOffice makes of a file."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / f"source.{ending}"
    source.write_bytes(content)
    made = word97.converted(source, folder, to=to, search_path=os.environ["PATH"])
    assert made is not None, "LibreOffice cannot open the file"
    return made.read_bytes()
