"""A backup as one file: a tar that is written and read as a stream, each member with its SHA-256.

`preceptor-backup.json` comes first and says what it is, `listing.txt` and `end.json` last: a file that was cut off has
no end. Nothing of an archive is believed before all of it was read once.
"""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self

FORMAT = 1
HEAD, LISTING, END = "preceptor-backup.json", "listing.txt", "end.json"
_PIECE = 1 << 20
_HEAD_MOST_BYTES = 1 << 20


class ArchiveRefused(Exception):
    """The file is no whole backup of ours, or not one for this version; the message says which."""


class Writer:
    """Writes an archive, member by member. A context: leaving it in the middle writes nothing more."""

    def __init__(self, target: IO[bytes], head: Mapping[str, Any]) -> None:
        self._sink = _Sink(target)
        # Only write() is called of what it is given; its stubs ask for more.
        sink: Any = self._sink
        self._tar = tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._listing = tempfile.TemporaryFile()  # noqa: SIM115 – closed by finish()
        self.files = self.bytes = 0
        self._add_text(HEAD, json.dumps({"format": FORMAT, **head}, indent=1))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A tar that was not closed would write its rest when it is collected, into a file that is gone.
        self._sink.is_open = False
        self._listing.close()

    def add(self, name: str, path: Path) -> None:
        """Write one file."""
        with path.open("rb") as source:
            status = os.fstat(source.fileno())
            self._add(name, source, size=status.st_size, modified_at=int(status.st_mtime))
        self.files += 1
        self.bytes += status.st_size

    def finish(self, told: Mapping[str, Any]) -> None:
        """Write the listing of all members, and the end."""
        size = self._listing.tell()
        self._listing.seek(0)
        digest = _copy(self._listing, None)
        self._listing.seek(0)
        self._tar.addfile(_info(LISTING, size=size, modified_at=0), self._listing)
        end = json.dumps({**told, "listing_sha256": digest}, indent=1).encode()
        self._tar.addfile(_info(END, size=len(end), modified_at=0), io.BytesIO(end))
        self._tar.close()

    def _add_text(self, name: str, text: str) -> None:
        content = text.encode()
        self._add(name, io.BytesIO(content), size=len(content), modified_at=0)

    def _add(self, name: str, source: IO[bytes], *, size: int, modified_at: int) -> None:
        hashing = _Hashing(source)
        self._tar.addfile(_info(name, size=size, modified_at=modified_at), hashing)
        self._listing.write(_line(name, hashing.digest.hexdigest(), size))


def read_head(path: Path) -> dict[str, Any]:
    """Return what a backup says of itself; raise ArchiveRefused."""
    with _whole(path):
        first = next(_members(path), None)
        name, content = (first[0], first[1].read(_HEAD_MOST_BYTES)) if first else ("", b"")
    if name != HEAD:
        raise ArchiveRefused(f"{path} is no backup of Preceptor.")
    head = _json(content)
    if head.get("format") != FORMAT:
        raise ArchiveRefused(
            f"{path} has format {head.get('format')!r}, and this version of Preceptor reads format {FORMAT}: "
            f"restore it with the version that made it ({head.get('version', 'unknown')})."
        )
    return head


def read(path: Path, *, into: Path | None = None, each: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Read all of a backup, comparing every SHA-256; unpack it when `into` says where. Return what its end tells."""
    with _whole(path), tempfile.TemporaryFile() as ours:
        listing_sha256 = ""
        for name, source in _members(path):
            each()
            if name == LISTING:
                listing_sha256 = _compare(path, ours, source)
            elif name == END:
                end = _json(source.read(_HEAD_MOST_BYTES))
                if not listing_sha256 or end.get("listing_sha256") != listing_sha256:
                    raise ArchiveRefused(f"{path} was altered: its listing is not the one that was written.")
                return end
            elif listing_sha256:
                break
            else:
                size = _Counting(source)
                with _target(into, name) as target:
                    digest = _copy(size, target)
                ours.write(_line(name, digest, size.count))
    raise ArchiveRefused(f"{path} is cut off: it has no end. Copy it again from where it was made.")


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Say in a sentence that a file ends in its middle, or is no archive at all."""
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise ArchiveRefused(f"{path} is no whole backup of Preceptor: {error}.") from error


def _members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        raw = path.open("rb")
    except OSError as error:
        raise ArchiveRefused(f"{path} cannot be read: {error.strerror}.") from error
    with raw, tarfile.open(fileobj=raw, mode="r|") as tar:
        for info in tar:
            _check(path, info)
            source = tar.extractfile(info)
            assert source is not None
            yield info.name, source


def _check(path: Path, info: tarfile.TarInfo) -> None:
    parts = PurePosixPath(info.name).parts
    is_plain = info.isreg() and not info.issparse()
    is_inside = (
        bool(parts) and not info.name.startswith("/") and ".." not in parts and str(PurePosixPath(info.name))
    )
    is_known = info.name in (HEAD, LISTING, END, "database.dump") or parts[:1] in (("files",), ("vectors",))
    if not is_plain or is_inside != info.name or not is_known or not info.name.isprintable():
        raise ArchiveRefused(
            f"{path} holds {info.name!r}, which no backup of Preceptor does: it was altered. Nothing was restored."
        )


def _target(into: Path | None, name: str) -> IO[bytes]:
    if into is None or name == HEAD:
        return open(os.devnull, "wb")
    target = into / name
    for folder in [*reversed(target.relative_to(into).parents)]:
        (into / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    # Never over anything, and through no link: the folder is ours and new.
    return os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")


def _compare(path: Path, ours: IO[bytes], theirs: IO[bytes]) -> str:
    """Return the digest of the listing; raise ArchiveRefused at the first member that is another."""
    ours.seek(0)
    digest = hashlib.sha256()
    for written in theirs:
        digest.update(written)
        if ours.readline() != written:
            name = written.decode(errors="replace").strip().partition(" ")[2].partition(" ")[2]
            raise ArchiveRefused(
                f"{path} is damaged: {name!r} is not what was written. Nothing was restored."
            )
    if ours.readline():
        raise ArchiveRefused(f"{path} was altered: it holds more than was written. Nothing was restored.")
    return digest.hexdigest()


def _copy(source: Any, target: IO[bytes] | None) -> str:
    digest = hashlib.sha256()
    while piece := source.read(_PIECE):
        digest.update(piece)
        if target is not None:
            target.write(piece)
    return digest.hexdigest()


def _line(name: str, digest: str, size: int) -> bytes:
    return f"{digest} {size} {name}\n".encode()


def _info(name: str, *, size: int, modified_at: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, modified_at, 0o600
    return info


def _json(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ArchiveRefused("The backup does not say what it is: it was altered.")
    return told


class _Sink:
    """Where a tar is written to, until it is given up."""

    def __init__(self, target: IO[bytes]) -> None:
        self.is_open = True
        self._target = target

    def write(self, piece: bytes) -> int:
        return self._target.write(piece) if self.is_open else len(piece)


class _Hashing:
    """A file whose digest is taken while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self.digest = hashlib.sha256()
        self._source = source

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self.digest.update(piece)
        return piece


class _Counting:
    """A file whose bytes are counted while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self.count = 0
        self._source = source

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self.count += len(piece)
        return piece
