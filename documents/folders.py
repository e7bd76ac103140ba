"""A school's watched folder: what lands in `input/` is found, and what came of it is told in `output/` or `error/`.

`Folder` is all that documents.arrivals knows of the place where files land: a bucket would keep the same promises.
"""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

INPUT, OUTPUT, ERROR = "input", "output", "error"
MOST_FILES = 5_000  # of one look; the others are seen when these have been taken
MOST_DEPTH = 6
PATH_MOST_CHARS = 1_000
# What programs leave beside the file that a person meant: halves of a copy, locks, thumbnails.
_PARTIAL = (".part", ".partial", ".crdownload", ".tmp", ".download", ".filepart")
_LITTER = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file below `input/`."""

    path: str  # below input/, with slashes
    size_bytes: int
    modified_ns: int


class Folder(Protocol):
    """Where a school's files land."""

    def files(self) -> list[Found]:
        """Return the files that wait, by path."""

    def open(self, found: Found) -> BinaryIO:
        """Open a file that was found; raise FileNotFoundError when it is gone or another one by now."""

    def clear(self, found: Found) -> None:
        """Take a file away; one that is gone or another by now stays as it is."""

    def reject(self, found: Found, reason: str) -> None:
        """Put a file among the failures, with the reason beside it; without the file when it is gone."""

    def tell(self, path: str, result: str) -> None:
        """Write the result of a file."""


class LocalFolder:
    """A folder on this machine, or on one that is mounted here."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def make(self) -> None:
        """Make the three folders, for the service and its group."""
        for name in (INPUT, OUTPUT, ERROR):
            (self._root / name).mkdir(mode=0o770, parents=True, exist_ok=True)

    def files(self) -> list[Found]:
        """Return the files that wait, by path; links, hidden files and halves of copies are not files of anyone."""
        return sorted(self._walk(self._root / INPUT, ()), key=lambda found: found.path)[:MOST_FILES]

    def _walk(self, folder: Path, above: tuple[str, ...]) -> Iterator[Found]:
        try:
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return
        for entry in entries:
            names = (*above, entry.name)
            if _is_litter(entry.name) or len("/".join(names)) > PATH_MOST_CHARS:
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    if len(names) < MOST_DEPTH:
                        yield from self._walk(folder / entry.name, names)
                elif entry.is_file(follow_symlinks=False):
                    about = entry.stat(follow_symlinks=False)
                    yield Found("/".join(names), about.st_size, about.st_mtime_ns)
            except FileNotFoundError:
                continue

    def open(self, found: Found) -> BinaryIO:
        """Open a file that was found, never through a link; raise FileNotFoundError when it is another by now."""
        number = self._descend(found.path)
        about = os.fstat(number)
        if not stat.S_ISREG(about.st_mode) or (about.st_size, about.st_mtime_ns) != (
            found.size_bytes,
            found.modified_ns,
        ):
            os.close(number)
            raise FileNotFoundError(found.path)
        return os.fdopen(number, "rb")

    def _descend(self, path: str) -> int:
        """Open a file step by step from `input/`, so that no part of its path can be a link by now."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        *folders, name = PurePosixPath(path).parts
        if any(part in ("..", "/") for part in (*folders, name)):
            raise FileNotFoundError(path)
        at = os.open(self._root / INPUT, flags | os.O_DIRECTORY)
        try:
            for folder in folders:
                below = os.open(folder, flags | os.O_DIRECTORY, dir_fd=at)
                os.close(at)
                at = below
            return os.open(name, flags | os.O_NONBLOCK, dir_fd=at)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
                raise FileNotFoundError(path) from error
            raise
        finally:
            os.close(at)

    def clear(self, found: Found) -> None:
        """Take a file away; one that is gone or another by now stays as it is."""
        if self._is_there(found):
            self._input(found.path).unlink()

    def reject(self, found: Found, reason: str) -> None:
        """Put a file among the failures, with the reason beside it."""
        target = self._root / ERROR / found.path
        target.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
        _write(target.with_name(f"{target.name}.motivo.txt"), reason + "\n")
        if self._is_there(found):
            os.replace(self._input(found.path), target)

    def tell(self, path: str, result: str) -> None:
        """Write the result of a file beside where the file would stand in `output/`."""
        target = self._root / OUTPUT / f"{path}.json"
        target.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
        _write(target, result)

    def _input(self, path: str) -> Path:
        return self._root / INPUT / PurePosixPath(path)

    def _is_there(self, found: Found) -> bool:
        try:
            self.open(found).close()
        except FileNotFoundError:
            return False
        return True


def _is_litter(name: str) -> bool:
    folded = name.lower()
    if name.startswith((".", "~$")) or folded in _LITTER or folded.endswith(_PARTIAL):
        return True
    return any(ord(char) < 32 or 0xD800 <= ord(char) < 0xE000 for char in name)


def _write(target: Path, text: str) -> None:
    """Write a file so that a reader finds all of it or none."""
    half = target.with_name(f".{target.name}.part")
    half.write_text(text, "utf-8")
    os.replace(half, target)
