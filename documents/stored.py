"""What lies in a school's part of the file store, for who compares it with the rows that name it."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import Enum, auto
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from schools.differences import Look, Outcome
from schools.ids import SchoolId

_PIECE = 1 << 20


class Kept(Enum):
    """How a stored file is found."""

    WHOLE = auto()
    DAMAGED = auto()
    GONE = auto()


def folder_of(school_id: SchoolId) -> str:
    """Return the name under which all files of a school lie."""
    return f"s/{school_id}"


def within(folder: str) -> tuple[list[str], list[str]]:
    """Return the names of the folders and of the files in a folder; none where there is none."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
    return sorted(folders), sorted(files)


def below(folder: str) -> Iterator[str]:
    """Yield the name of every file in a folder and in those below it."""
    folders, files = within(folder)
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from below(f"{folder}/{name}")


def is_settled(key: str, look: Look) -> bool:
    """Say whether a file is old enough to be no upload under way."""
    try:
        return timezone.now() - default_storage.get_modified_time(key) > look.grace
    except FileNotFoundError:
        return False


def take_away(key: str, look: Look) -> None:
    """Delete a file that nothing names, with the folders that are empty without it."""
    look.note("orphan_file", look.mended, key)
    if look.mends:
        default_storage.delete(key)
        folder = key.rpartition("/")[0]
        while folder.count("/") > 1 and within(folder) == ([], []):
            default_storage.delete(folder)
            folder = folder.rpartition("/")[0]


def verify(key: str, sha256: str, look: Look, *, size_bytes: int | None = None) -> Kept:
    """Say whether a file is there as it was stored; note it where it is another."""
    try:
        size = default_storage.size(key)
    except FileNotFoundError:
        return Kept.GONE
    is_same = size_bytes is None or size == size_bytes
    if is_same and look.deep:
        is_same = _sha256(key) == sha256
    if not is_same:
        look.note("damaged_file", Outcome.LEFT, key)
    return Kept.WHOLE if is_same else Kept.DAMAGED


def as_id(name: str) -> UUID | None:
    """Return the id that a folder is named after."""
    try:
        found = UUID(name)
    except ValueError:
        return None
    return found if str(found) == name else None


def _sha256(key: str) -> str:
    digest = hashlib.sha256()
    with default_storage.open(key, "rb") as file:
        for piece in iter(partial(file.read, _PIECE), b""):
            digest.update(piece)
    return digest.hexdigest()


def check_incoming(_schools: Iterable[UUID], look: Look) -> None:
    """Take away what uploads left in the folder of files that come in, whose process died."""
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    before = timezone.now().timestamp() - look.grace.total_seconds()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < before:
                look.note("left_upload", look.mended, path.name)
                if look.mends:
                    path.unlink()


def check_schools(known: Iterable[UUID], look: Look) -> None:
    """Tell of folders that belong to no school: a person decides what becomes of them."""
    names = {str(each) for each in known}
    for name in within("s")[0]:
        if name not in names:
            look.note("files_of_no_school", Outcome.LEFT, name)
