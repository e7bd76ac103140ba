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
    mode: int = 0  # of PDF: 0 filled, 3 invisible


@dataclass(frozen=True)
class Field:
    """A field of a form, or (`kind` "FreeText", "Text") a note on the page."""

    name: str
    box: tuple[float, float, float, float]  # unrotated page, origin bottom left
    value: str = ""
    kind: str = "Tx"  # Tx text, Ch choice, Btn checkbox (its value is "Off" or anything else), FreeText, Text
    is_drawn: bool = True  # else it has no appearance of its own, and the reader must make one


@dataclass(frozen=True)
class PdfPage:
    runs: Sequence[Run] = ()
    lines: Sequence[tuple[float, float, float, float]] = ()  # ruled lines
    images: Sequence[tuple[float, float, float, float]] = ()  # boxes of grey pictures
    fields: Sequence[Field] = ()
    raw: bytes = b""  # more of the content stream
    is_form: bool = False  # all of its content stands in a form XObject
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
    objects.append(_stream(b"\x80", "/Type /XObject /Subtype /Image /Width 1 /Height 1 "
                           "/BitsPerComponent 8 /ColorSpace /DeviceGray"))  # fmt: skip
    shared = f"/Font << {' '.join(fonts)} >> /XObject << /I1 {len(objects)} 0 R"
    kids = []
    all_fields: list[str] = []
    for page in pages:
        content = b"\n".join(
            [*map(_paint, page.images), *map(_show, page.runs), *map(_draw, page.lines), page.raw]
        )
        resources = f"<< {shared} >> >>"
        if page.is_form:
            box = f"[0 0 {page.width} {page.height}]"
            objects.append(
                _stream(content, f"/Type /XObject /Subtype /Form /BBox {box} /Resources {resources}")
            )
            content, resources = b"/X1 Do", f"<< {shared} /X1 {len(objects)} 0 R >> >>"
        objects.append(_stream(content))
        contents = len(objects)
        notes = []
        for field in page.fields:
            objects += _field(field, first=len(objects) + 1, font=fonts[0].split(maxsplit=1)[1])
            notes.append(f"{len(objects)} 0 R")
            all_fields += notes[-1:] if field.kind in ("Tx", "Ch", "Btn") else []
        crop = f"/CropBox [{' '.join(map(str, page.crop))}]" if page.crop else ""
        objects.append(
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.width} {page.height}] {crop} "
                f"/Rotate {page.rotate} /Annots [{' '.join(notes)}] "
                f"/Contents {contents} 0 R /Resources {resources} >>"
            ).encode()
        )
        kids.append(f"{len(objects)} 0 R")
    if all_fields:
        objects[0] = (
            f"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [{' '.join(all_fields)}] "
            f"/DA (/F1 11 Tf 0 g) /DR << /Font << {' '.join(fonts)} >> >> /NeedAppearances true >> >>"
        ).encode()
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


def write_objects(path: Path, objects: Sequence[bytes]) -> Path:
    """Write a PDF of these objects, numbered from 1, of which the first is its catalogue."""
    path.write_bytes(_assemble(list(objects), b""))
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
    return f"BT {run.mode} Tr /{run.font} {run.size} Tf {matrix} Tm ".encode() + _string(run.text) + b" Tj ET"


def _paint(box: tuple[float, float, float, float]) -> bytes:
    x0, y0, x1, y1 = box
    return f"q {x1 - x0} 0 0 {y1 - y0} {x0} {y0} cm /I1 Do Q".encode()


def _stream(content: bytes, entries: str = "") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries.encode(), len(content), content)


def _field(field: Field, *, first: int, font: str) -> list[bytes]:
    """Return the objects of a field, itself last; they are numbered from `first`."""
    x0, y0, x1, y1 = field.box
    text = b"BT /F1 11 Tf 2 4 Td " + _string("4" if field.kind == "Btn" else field.value) + b" Tj ET"
    resources = f"/BBox [0 0 {x1 - x0} {y1 - y0}] /Resources << /Font << /F1 {font} >> >>"
    made = [_stream(b"/Tx BMC " + text + b" EMC", f"/Type /XObject /Subtype /Form {resources}")]
    appearance = f"/AP << /N {first} 0 R >>" if field.is_drawn else ""
    rect = f"/Type /Annot /Rect [{x0} {y0} {x1} {y1}] /F 4"
    head = f"/Subtype /Widget /FT /{field.kind} /T ({field.name}) /DA (/F1 11 Tf 0 g)"
    value = _string(field.value)
    match field.kind:
        case "Btn":
            state = b"Off" if field.value == "Off" else b"Si"
            made.append(_stream(b"", f"/Type /XObject /Subtype /Form {resources}"))
            appearance = f"/AP << /N << /Si {first} 0 R /Off {first + 1} 0 R >> >>"
            value = b"/%s /AS /%s" % (state, state)
        case "Ch":
            appearance += " /Ff 131072 /Opt [" + _string(field.value).decode("cp1252") + "(Otra)]"
        case "FreeText" | "Text":
            return [*made, f"<< {rect} /Subtype /{field.kind} {appearance} ".encode("cp1252")
                    + b"/Contents " + value + b" /DA (/F1 11 Tf 0 g) >>"]  # fmt: skip
    return [*made, f"<< {rect} {head} {appearance} /V ".encode("cp1252") + value + b" >>"]


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
