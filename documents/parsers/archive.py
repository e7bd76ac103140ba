"""ZIP: each file inside becomes a document of its own; the archive itself shows what it holds."""

import stat
import zipfile
from pathlib import Path

from documents.blocks import Kind, ParsedDocument, Unreadable
from documents.parsers import mail, tidy, unzip
from documents.parsers.base import Broken, Encrypted, ParseTooBig, Progress, ignore_progress
from documents.parsers.enclosed import MAX_FILES_BYTES, MAX_FILES_OF_AN_ARCHIVE, Enclosed, last_part
from documents.parsers.flow import Flow

MAX_RATIO = 100  # unpacked to packed, of the whole; text files reach 20
RATIO_FROM_BYTES = 64 * 1024 * 1024
_JUNK = frozenset(("thumbs.db", "desktop.ini", "ehthumbs.db"))
_JUNK_FOLDERS = frozenset(("__macosx", "$recycle.bin", "system volume information"))
_SPANISH = frozenset("áéíóúüñÁÉÍÓÚÜÑ¿¡ºª°")
_LOCKED = (
    "El archivo comprimido tiene contraseña. Descomprimirlo y subir los archivos, o un .zip sin contraseña."
)
_TOO_MUCH = (
    "El archivo comprimido, descomprimido, es demasiado grande. Conviene subir los archivos por separado."
)


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return the files of an archive, and a list of them as its blocks.

    Left out without a word: folders, links, hidden files, and what systems add for themselves.
    """
    with unzip.opened(path) as archive:
        members = [info for info in archive.infolist() if not _is_left_out(info)]
        if len(members) > MAX_FILES_OF_AN_ARCHIVE:
            raise ParseTooBig(
                f"El archivo comprimido tiene {len(members)} archivos y el máximo es {MAX_FILES_OF_AN_ARCHIVE}."
                " Conviene dividirlo.",
                code="too_many_files",
            )
        locked = [info for info in members if unzip.is_locked(info)]
        if locked and len(locked) == len(members):
            raise Encrypted(_LOCKED)
        flow, enclosed = Flow(), Enclosed(most=MAX_FILES_OF_AN_ARCHIVE)
        flow.add(Kind.HEADING, "Contenido del archivo", level=1)
        unpacked_bytes, broken = 0, []
        for done, info in enumerate(members):
            name = name_of(info)
            if unzip.is_locked(info):
                flow.add(Kind.LIST_ITEM, f"• {shown(name)} (con contraseña)")
                continue
            try:
                content = _unpack(archive, info, unpacked_bytes, packed_bytes=path.stat().st_size)
            except Broken:
                broken.append(info)
                if len(broken) == len(members):
                    raise
                flow.add(Kind.LIST_ITEM, f"• {shown(name)} (dañado)")
                continue
            unpacked_bytes += len(content)
            flow.add(Kind.LIST_ITEM, f"• {shown(name)} ({mail.say_size(len(content))})")
            enclosed.add(name, content)
            progress(done + 1, len(members))
    return ParsedDocument(
        tuple(flow.blocks) if members else (),
        None,
        None,
        unreadable=(
            *(
                _told(info, "tiene contraseña y no se leyó. Conviene subirlo sin contraseña.", "password")
                for info in locked
            ),
            *(
                _told(info, "está dañado y no se leyó. Conviene subirlo aparte.", "attachment")
                for info in broken
            ),
            *enclosed.left_out,
        ),
        attachments=enclosed.files,
    )


def name_of(info: zipfile.ZipInfo) -> str:
    """Return a member's path as whoever packed it saw it.

    Without the flag that says UTF-8 a name may still be that (macOS), or in the alphabet of a Spanish Windows or DOS.
    """
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return max((raw.decode(page, "replace") for page in ("cp850", "cp1252")), key=_spanish_share)


def shown(name: str) -> str:
    """Return a member's path as a list shows it: folders kept, steps upwards and drives left out."""
    parts = [tidy.line(part) for part in name.replace("\\", "/").split("/")]
    return "/".join(part for part in parts if part.strip(".") and not part.endswith(":")) or "sin-nombre"


def _is_left_out(info: zipfile.ZipInfo) -> bool:
    parts = info.filename.replace("\\", "/").lower().split("/")
    return (
        info.is_dir()
        or stat.S_ISLNK(info.external_attr >> 16)
        or parts[-1].startswith((".", "~$"))
        or parts[-1] in _JUNK
        or not parts[-1]
        or not _JUNK_FOLDERS.isdisjoint(parts)
    )


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, before: int, *, packed_bytes: int) -> bytes:
    """Return a member's bytes; raise ParseTooBig as soon as it and those before it are too many."""
    pieces: list[bytes] = []
    total = before
    for piece in unzip.unpacked(archive, info):
        total += len(piece)
        if total > MAX_FILES_BYTES or (total > RATIO_FROM_BYTES and total > MAX_RATIO * packed_bytes):
            raise ParseTooBig(_TOO_MUCH, code="zip_bomb")
        pieces.append(piece)
    return b"".join(pieces)


def _told(info: zipfile.ZipInfo, what: str, code: str) -> Unreadable:
    return Unreadable(None, f"«{last_part(name_of(info))}» {what}", code)


def _spanish_share(name: str) -> int:
    return sum(1 if char in _SPANISH else -1 for char in name if char > "\x7f")
