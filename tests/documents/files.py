"""Makes the files that the parser tests read: no file of foreign origin is kept in the tree."""

import io
import math
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import openpyxl

FONTS = {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Times-Roman"}


@dataclass(frozen=True)
class Run:
    """A line of text on a PDF page; its baseline begins at x, y from the unrotated page's bottom left."""

    x: float
    y: float
    text: str
    size: float = 11
    font: str = "F1"
    angle: float = 0  # degrees, anticlockwise


@dataclass(frozen=True)
class PdfPage:
    runs: Sequence[Run] = ()
    lines: Sequence[tuple[float, float, float, float]] = ()  # ruled lines
    width: float = 595
    height: float = 842
    rotate: int = 0
    crop: tuple[float, float, float, float] | None = None


def column(
    lines: Iterable[str],
    *,
    x: float = 72,
    top: float = 770,
    step: float = 14,
    size: float = 11,
    font: str = "F1",
) -> list[Run]:
    """Return lines of text one below the other."""
    return [Run(x, top - index * step, text, size, font) for index, text in enumerate(lines)]


def write_pdf(path: Path, pages: Sequence[PdfPage], *, title: str = "", encrypted: bool = False) -> Path:
    """Write a PDF with these pages."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    fonts = []
    for name, base in FONTS.items():
        objects.append(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{base} /Encoding /WinAnsiEncoding >>".encode()
        )
        fonts.append(f"/{name} {len(objects)} 0 R")
    kids = []
    for page in pages:
        stream = b"\n".join([*map(_show, page.runs), *map(_draw, page.lines)])
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        crop = f"/CropBox [{' '.join(map(str, page.crop))}]" if page.crop else ""
        objects.append(
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.width} {page.height}] {crop} "
                f"/Rotate {page.rotate} "
                f"/Contents {len(objects)} 0 R /Resources << /Font << {' '.join(fonts)} >> >> >>"
            ).encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(pages)} >>".encode()
    objects.append(b"<< /Title " + _string(title) + b" >>")
    extra = f"/Info {len(objects)} 0 R "
    if encrypted:
        objects.append(
            b"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <%s> /U <%s> >>" % (b"5a" * 32, b"a5" * 32)
        )
        extra += f"/Encrypt {len(objects)} 0 R /ID [<{'01' * 16}> <{'01' * 16}>] "
    path.write_bytes(_assemble(objects, extra.encode()))
    return path


def write_docx(path: Path, fill: Callable[[Any], None]) -> Path:
    """Write a DOCX that `fill` has filled."""
    document = docx.Document()
    fill(document)
    document.save(str(path))
    return path


def write_xlsx(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    """Write a workbook with these sheets."""
    book = openpyxl.Workbook()
    for sheet in list(book):
        book.remove(sheet)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def rewrite_zip(path: Path, changes: dict[str, bytes | None]) -> Path:
    """Replace, add or (None) remove parts of an office file."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts.update({name: data for name, data in changes.items() if data is not None})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            if name not in changes or changes[name] is not None:
                archive.writestr(name, data)
    path.write_bytes(buffer.getvalue())
    return path


def _show(run: Run) -> bytes:
    cos, sin = math.cos(math.radians(run.angle)), math.sin(math.radians(run.angle))
    matrix = f"{cos:.5f} {sin:.5f} {-sin:.5f} {cos:.5f} {run.x} {run.y}"
    return f"BT /{run.font} {run.size} Tf {matrix} Tm ".encode() + _string(run.text) + b" Tj ET"


def _draw(line: tuple[float, float, float, float]) -> bytes:
    return "0.8 w {} {} m {} {} l S".format(*line).encode()


def _string(text: str) -> bytes:
    data = text.encode("cp1252")
    return b"(" + data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")"


def _assemble(objects: list[bytes], extra: bytes) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    at = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(
        b"trailer << /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, extra, at)
    )
    return out.getvalue()
