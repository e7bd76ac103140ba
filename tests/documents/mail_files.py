"""Makes letters, books, saved pages and archives for the parser tests: no file of foreign origin is in the tree."""

import io
import random
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.message import EmailMessage
from pathlib import Path
from typing import TypeAlias

from PIL import Image, ImageDraw

from documents.blocks import Kind, ParsedDocument
from documents.parsers import FileKind, base, sandbox
from documents.places import Text

Folder: TypeAlias = "dict[str, bytes | Folder]"

TIMETABLE = """<html><body><p>Nuevo horario:</p><table>
<tr><th rowspan="2">Día</th><th colspan="2">Turno</th></tr><tr><th>Mañana</th><th>Tarde</th></tr>
<tr><td rowspan="2">Lunes</td><td>Música</td><td>Plástica</td></tr><tr><td>Ajedrez</td><td>Huerta</td></tr>
</table><p>Gracias.</p></body></html>"""
# As it is read: a cell over rows stands in each of them, one over columns in its first.
TIMETABLE_ROWS = "Día | Turno | \nDía | Mañana | Tarde\nLunes | Música | Plástica\nLunes | Ajedrez | Huerta"

_SECTOR, _MINI_SECTOR, _MINI_BELOW = 512, 64, 4_096
_FREE, _END, _FAT_SECTOR, _NO_ENTRY = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_ROOT, _STORAGE, _STREAM = 5, 1, 2
_EPOCH = datetime(1601, 1, 1, tzinfo=timezone.utc)  # noqa: UP017


def picture(colour: str = "navy", *, size: tuple[int, int] = (120, 90)) -> bytes:
    """Return a small drawing as PNG."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).ellipse((10, 10, size[0] - 10, size[1] - 10), fill=colour)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def kinds(document: ParsedDocument) -> list[tuple[Kind, int, str]]:
    """Return what kind each block is, its level and its text; check that its place is where that text stands."""
    whole = "\n".join(block.text for block in document.blocks)
    for block in document.blocks:
        assert isinstance(block.place, Text)
        assert whole[block.place.start : block.place.end] == block.text
    return [(block.kind, block.level, block.text) for block in document.blocks]


def check_damaged(path: Path, kind: FileKind) -> None:
    """Check that a file, cut at every tenth and with flipped bits, ends with a reason or with what is left of it."""
    whole = path.read_bytes()
    dice = random.Random(7)
    reasons = []
    for turn in range(40):
        damaged = bytearray(whole[: len(whole) * turn // 10] if turn < 10 else whole)
        for _ in range(20 if turn >= 10 else 0):
            damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        path.write_bytes(damaged)
        try:
            sandbox.parse(path, kind)
        except base.Unparsable as error:
            reasons.append((error.code, str(error)))
    assert reasons, "not even an empty file was refused"
    assert all(reason for _, reason in reasons)
    assert "parse_crashed" not in {code for code, _ in reasons}


# --- letters -----------------------------------------------------------------------------------------------------


def letter(
    *,
    subject: str = "Salida educativa al museo",
    plain: str | None = None,
    page: str | None = None,
    files: Iterable[tuple[str, bytes]] = (),
    letters: Iterable[EmailMessage] = (),
    inline: Mapping[str, bytes] | None = None,
) -> EmailMessage:
    """Return a letter from Norte's secretary to the families of 5.º B."""
    message = EmailMessage()
    message["From"] = "Secretaría Norte <secretaria@norte.example>"
    message["To"] = "Familias de 5.º B <familias5b@norte.example>, Beto Núñez <beto@norte.example>"
    message["Date"] = "Thu, 12 Mar 2026 10:15:00 -0300"
    message["Subject"] = subject
    message["Message-ID"] = "<1@norte.example>"
    if plain is not None:
        message.set_content(plain)
    if page is not None:
        if plain is None:
            message.set_content(page, subtype="html")
        else:
            message.add_alternative(page, subtype="html")
        for cid, content in (inline or {}).items():
            shown = message if plain is None else list(message.iter_parts())[-1]
            assert isinstance(shown, EmailMessage)
            shown.add_related(content, "image", "png", cid=f"<{cid}>", filename=f"{cid}.png")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    for inner in letters:
        message.add_attachment(inner)
    return message


def write_eml(path: Path, message: EmailMessage | bytes) -> Path:
    """Write a letter as it travels."""
    path.write_bytes(message if isinstance(message, bytes) else message.as_bytes())
    return path


@dataclass(frozen=True)
class Person:
    name: str
    address: str
    kind: int = 1  # 1 to, 2 copy


@dataclass(frozen=True)
class OutlookFile:
    name: str
    content: bytes
    cid: str = ""
    media_type: str = "application/octet-stream"


@dataclass(frozen=True)
class OutlookLetter:
    subject: str
    sender: Person
    recipients: Sequence[Person] = ()
    sent_at: datetime | None = None
    plain: str = ""
    page: bytes = b""
    page_code: int = 65001
    rtf: bytes = b""
    headers: str = ""
    files: Sequence[OutlookFile] = ()
    letters: Sequence["OutlookLetter"] = field(default_factory=tuple)
    is_narrow: bool = False  # texts in the code page of an old Outlook


def write_msg(path: Path, outlook: OutlookLetter) -> Path:
    """Write a letter as Outlook keeps it (MS-OXMSG)."""
    path.write_bytes(compound_file(_letter_folder(outlook, header_bytes=32)))
    return path


def _letter_folder(outlook: OutlookLetter, *, header_bytes: int) -> Folder:
    texts = {
        0x001A: "IPM.Note", 0x0037: outlook.subject, 0x1000: outlook.plain, 0x0C1A: outlook.sender.name,
        0x0C1F: outlook.sender.address, 0x007D: outlook.headers,
    }  # fmt: skip
    numbers = {0x3FDE: outlook.page_code, 0x3FFD: 1252}
    folder = _properties(
        {number: said for number, said in texts.items() if said},
        {0x1013: outlook.page, 0x1009: outlook.rtf},
        numbers,
        header_bytes=header_bytes,
        is_narrow=outlook.is_narrow,
        sent_at=outlook.sent_at,
    )
    folder["__nameid_version1.0"] = {"__substg1.0_00020102": b"", "__substg1.0_00030102": b""}
    for index, person in enumerate(outlook.recipients):
        folder[f"__recip_version1.0_#{index:08X}"] = _properties(
            {0x3001: person.name, 0x39FE: person.address}, {}, {0x0C15: person.kind}, header_bytes=8
        )
    index = 0
    for file in outlook.files:
        texts = {0x3707: file.name, 0x370E: file.media_type} | ({0x3712: file.cid} if file.cid else {})
        folder[f"__attach_version1.0_#{index:08X}"] = _properties(
            texts, {0x3701: file.content}, {0x3705: 1}, header_bytes=8
        )
        index += 1
    for inner in outlook.letters:
        attached = _properties({0x3001: inner.subject}, {}, {0x3705: 5}, header_bytes=8)
        attached["__substg1.0_3701000D"] = _letter_folder(inner, header_bytes=24)
        folder[f"__attach_version1.0_#{index:08X}"] = attached
        index += 1
    return folder


def _properties(
    texts: Mapping[int, str],
    data: Mapping[int, bytes],
    numbers: Mapping[int, int],
    *,
    header_bytes: int,
    is_narrow: bool = False,
    sent_at: datetime | None = None,
) -> Folder:
    folder: Folder = {}
    table = b"\0" * header_bytes
    for number, said in texts.items():
        content = said.encode("cp1252") if is_narrow else said.encode("utf-16-le")
        kind = 0x1E if is_narrow else 0x1F
        folder[f"__substg1.0_{number:04X}{kind:04X}"] = content
        table += struct.pack("<HHIII", kind, number, 6, len(content) + (1 if is_narrow else 2), 0)
    for number, content in data.items():
        if content:
            folder[f"__substg1.0_{number:04X}0102"] = content
            table += struct.pack("<HHIII", 0x0102, number, 6, len(content), 0)
    for number, value in numbers.items():
        table += struct.pack("<HHIiI", 0x0003, number, 6, value, 0)
    if sent_at is not None:
        ticks = int((sent_at - _EPOCH).total_seconds()) * 10_000_000
        table += struct.pack("<HHIQ", 0x0040, 0x0039, 6, ticks)
    folder["__properties_version1.0"] = table
    return folder


def compound_file(root: Folder) -> bytes:
    """Return an OLE compound file (MS-CFB, version 3) with these folders and streams."""
    entries: list[dict[str, int | str]] = [_entry("Root Entry", _ROOT)]
    contents: dict[int, bytes] = {}
    _add_entries(root, 0, entries, contents)
    mini = b""
    mini_fat: list[int] = []
    sectors: list[bytes] = []
    fat: list[int] = []
    for number, content in contents.items():
        entries[number]["size"] = len(content)
        if not content:
            entries[number]["start"] = _END
        elif len(content) < _MINI_BELOW:
            entries[number]["start"] = len(mini_fat)
            count = -(-len(content) // _MINI_SECTOR)
            mini_fat += [*range(len(mini_fat) + 1, len(mini_fat) + count), _END]
            mini += content.ljust(count * _MINI_SECTOR, b"\0")
        else:
            entries[number]["start"] = _store(content, sectors, fat)
    entries[0]["size"] = len(mini)
    entries[0]["start"] = _store(mini, sectors, fat) if mini else _END
    packed_mini_fat = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    mini_fat_count = -(-len(packed_mini_fat) // _SECTOR)
    mini_fat_start = _store(packed_mini_fat, sectors, fat, fill=b"\xff") if mini_fat else _END
    directory_start = _store(b"".join(map(_packed_entry, entries)), sectors, fat)
    fat_count = 1
    while fat_count * (_SECTOR // 4) < len(fat) + fat_count:
        fat_count += 1
    assert fat_count <= 109, "this writer makes files of up to 7 MB"
    fat_at = [len(sectors) + index for index in range(fat_count)]
    fat += [_FAT_SECTOR] * fat_count
    fat += [_FREE] * (fat_count * (_SECTOR // 4) - len(fat))
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_count,
        directory_start, 0, _MINI_BELOW, mini_fat_start, mini_fat_count, _END, 0,
    )  # fmt: skip
    header += struct.pack("<109I", *fat_at, *[_FREE] * (109 - fat_count))
    return header + b"".join(sectors) + struct.pack(f"<{len(fat)}I", *fat)


def _entry(name: str, kind: int) -> dict[str, int | str]:
    return {
        "name": name,
        "kind": kind,
        "left": _NO_ENTRY,
        "right": _NO_ENTRY,
        "child": _NO_ENTRY,
        "start": 0,
        "size": 0,
    }


def _add_entries(
    folder: Folder, number: int, entries: list[dict[str, int | str]], contents: dict[int, bytes]
) -> None:
    numbers = []
    for name in sorted(folder, key=lambda name: (len(name), name.upper())):
        inside = folder[name]
        here = len(entries)
        numbers.append(here)
        entries.append(_entry(name, _STORAGE if isinstance(inside, dict) else _STREAM))
        if isinstance(inside, dict):
            _add_entries(inside, here, entries, contents)
        else:
            contents[here] = inside
    entries[number]["child"] = _balance(numbers, entries)


def _balance(numbers: list[int], entries: list[dict[str, int | str]]) -> int:
    if not numbers:
        return _NO_ENTRY
    middle = len(numbers) // 2
    here = numbers[middle]
    entries[here]["left"] = _balance(numbers[:middle], entries)
    entries[here]["right"] = _balance(numbers[middle + 1 :], entries)
    return here


def _store(content: bytes, sectors: list[bytes], fat: list[int], *, fill: bytes = b"\0") -> int:
    start = len(sectors)
    count = -(-len(content) // _SECTOR)
    sectors += [content[at : at + _SECTOR].ljust(_SECTOR, fill) for at in range(0, len(content), _SECTOR)]
    fat += [*range(start + 1, start + count), _END]
    return start


def _packed_entry(entry: dict[str, int | str]) -> bytes:
    name = str(entry["name"]).encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16sI8x8xIQ", name, len(name), entry["kind"], 1, entry["left"], entry["right"], entry["child"], b"",
        0, entry["start"], entry["size"],
    )  # fmt: skip


# --- saved pages, books, archives ----------------------------------------------------------------------------------


def write_mhtml(path: Path, page: str, *, parts: Mapping[str, bytes] | None = None, address: str) -> Path:
    """Write a page as Chrome saves it; `parts` by address."""
    message = EmailMessage()
    message["From"] = "<Saved by Blink>"
    message["Snapshot-Content-Location"] = address
    message["Subject"] = "Página guardada"
    message["MIME-Version"] = "1.0"
    message.set_content(page, subtype="html", cte="quoted-printable")
    message.make_related()
    next(message.iter_parts())["Content-Location"] = address
    for location, content in (parts or {}).items():
        message.add_related(content, "image", "png", headers=[f"Content-Location: {location}"])
    path.write_bytes(message.as_bytes())
    return path


@dataclass(frozen=True)
class Chapter:
    name: str
    page: str
    title: str = ""  # in the table of contents


def write_epub(
    path: Path,
    chapters: Sequence[Chapter],
    *,
    title: str = "Manual de convivencia",
    pictures: Mapping[str, bytes] | None = None,
    has_nav: bool = True,
    parts: Mapping[str, str] | None = None,
) -> Path:
    """Write a book: its chapters in order, with a table of contents of EPUB 3 or of EPUB 2; `parts`: any others."""
    items = "".join(
        f'<item id="c{index}" href="{each.name}" media-type="application/xhtml+xml"/>'
        for index, each in enumerate(chapters)
    )
    items += "".join(f'<item id="{name}" href="{name}" media-type="image/png"/>' for name in pictures or {})
    links = [(each.name, each.title) for each in chapters if each.title]
    if has_nav:
        items += '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    else:
        items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    spine = "".join(f'<itemref idref="c{index}"/>' for index in range(len(chapters)))
    nav = "".join(f'<li><a href="{name}">{said}</a></li>' for name, said in links)
    points = "".join(
        f'<navPoint id="p{index}"><navLabel><text>{said}</text></navLabel><content src="{name}"/></navPoint>'
        for index, (name, said) in enumerate(links)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/container.xml",
            '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
            '<rootfiles><rootfile full-path="OEBPS/libro.opf" media-type="application/oebps-package+xml"/></rootfiles>'
            "</container>",
        )
        archive.writestr(
            "OEBPS/libro.opf",
            '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></metadata>'
            f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
        )
        if has_nav:
            archive.writestr("OEBPS/nav.xhtml", _xhtml(f'<nav epub:type="toc"><ol>{nav}</ol></nav>'))
        else:
            archive.writestr(
                "OEBPS/toc.ncx",
                '<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" '
                '"http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">'
                f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>',
            )
        for each in chapters:
            archive.writestr(f"OEBPS/{each.name}", _xhtml(each.page))
        for name, content in (pictures or {}).items():
            archive.writestr(f"OEBPS/{name}", content)
        for name, said in (parts or {}).items():
            archive.writestr(name, said)
    return path


def _xhtml(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head><body>{body}</body></html>'
    )


def write_zip(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write an archive with these members."""
    path.write_bytes(zipped(members))
    return path


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Return an archive with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 12, 10, 15, 0)), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
