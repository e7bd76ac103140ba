"""Makes the Office and OpenDocument files that the parser tests read, with what a school writes in them."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pptx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image, ImageDraw

from tests.documents.files import rewrite_zip, write_docx

W = nsdecls("w")
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
ODF_NAMES = " ".join(
    f'xmlns:{prefix}="{_ODF}:{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"), ("style", "style"),
        ("fo", "xsl-fo-compatible"), ("svg", "svg-compatible"), ("presentation", "presentation"),
        ("chart", "chart"), ("manifest", "manifest"), ("meta", "meta"),
    )
) + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'  # fmt: skip
ODF_TYPES = {"text": "application/vnd.oasis.opendocument.text"}
ODF_TYPES["presentation"] = "application/vnd.oasis.opendocument.presentation"


def drawing_of(colour: str = "navy", *, size: tuple[int, int] = (240, 160)) -> bytes:
    """Return a PNG with a cross in it."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.line((0, 0, *size), fill=colour, width=5)
    draw.line((0, size[1], size[0], 0), fill=colour, width=5)
    return saved(image, "PNG")


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    """Return an image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def write_docx_of(path: Path, body: str, parts: dict[str, bytes | None] | None = None) -> Path:
    """Write a DOCX whose body is this XML, with further parts."""

    def fill(document: Any) -> None:
        holder = parse_xml(
            f"<w:body {nsdecls('w', 'r', 'wp', 'a', 'pic', 'm')} {_MORE_NAMES}>{body}</w:body>"
        )
        for element in reversed(list(holder)):
            document.element.body.insert(0, element)

    write_docx(path, fill)
    return rewrite_zip(path, parts) if parts else path


_MORE_NAMES = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)


def run(text: str, properties: str = "") -> str:
    """Return a run of a DOCX."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def para(*inside: str, style: str = "", properties: str = "") -> str:
    """Return a paragraph of a DOCX; what is no XML becomes a run."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = "".join(each if each.startswith("<") else run(each) for each in inside)
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{runs}</w:p>"


def cell(*inside: str, properties: str = "") -> str:
    """Return a cell of a DOCX table."""
    content = "".join(each if each.startswith("<") else para(each) for each in inside)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}<w:p/></w:tc>"


def row(*cells: str, properties: str = "") -> str:
    """Return a row of a DOCX table; what is no XML becomes a cell."""
    inside = "".join(each if each.startswith("<") else cell(each) for each in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inside}</w:tr>"


def notes(kind: str, **texts: str) -> bytes:
    """Return the part of a DOCX that holds its footnotes or endnotes; ids are n2, n3…"""
    inside = "".join(
        f'<w:{kind} w:id="{note_id.removeprefix("n")}">'
        + "".join(f"<w:p>{run(text)}</w:p>" for text in whole.split("\n"))
        + f"</w:{kind}>"
        for note_id, whole in texts.items()
    )
    separator = f'<w:{kind} w:id="-1" w:type="separator"><w:p>{run("separador")}</w:p></w:{kind}>'
    return f"<w:{kind}s {W}>{separator}{inside}</w:{kind}s>".encode()


def write_pptx(path: Path, fill: Callable[[Any], None]) -> Path:
    """Write a presentation that `fill` has filled."""
    presentation = pptx.Presentation()
    fill(presentation)
    presentation.save(str(path))
    return path


def write_odf(
    path: Path,
    kind: str,
    body: str,
    *,
    automatic: str = "",
    styles: str = "",
    master: str = "",
    title: str = "",
    files: dict[str, bytes] | None = None,
    is_locked: bool = False,
) -> Path:
    """Write an OpenDocument file of the kind "text" or "presentation" whose body is this XML."""
    lock = '<manifest:encryption-data manifest:checksum="AAAA"/>' if is_locked else ""
    parts = {
        "mimetype": ODF_TYPES[kind],
        "META-INF/manifest.xml": f"<manifest:manifest {ODF_NAMES}><manifest:file-entry "
        f'manifest:full-path="/" manifest:media-type="{ODF_TYPES[kind]}"/><manifest:file-entry '
        f'manifest:full-path="content.xml" manifest:media-type="text/xml">{lock}</manifest:file-entry>'
        "</manifest:manifest>",
        "content.xml": f"<office:document-content {ODF_NAMES}><office:automatic-styles>{automatic}"
        f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body>"
        "</office:document-content>",
        "styles.xml": f"<office:document-styles {ODF_NAMES}><office:styles>{styles}</office:styles>"
        f"<office:master-styles>{master}</office:master-styles></office:document-styles>",
        "meta.xml": f"<office:document-meta {ODF_NAMES}><office:meta><dc:title>{title}</dc:title></office:meta>"
        "</office:document-meta>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            packing = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, text, packing)
        for name, data in (files or {}).items():
            archive.writestr(name, data)
    return path
