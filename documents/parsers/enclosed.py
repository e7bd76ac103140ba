"""The files that came inside a file, collected within limits, to become documents of their own."""

from documents.blocks import Attachment, Unreadable
from documents.parsers.base import MIB

MAX_FILES_OF_A_MAIL = 100
MAX_FILES_OF_AN_ARCHIVE = 500
# They travel from the parser's process to the worker in memory, where there are up to three copies of them at a time.
MAX_FILES_BYTES = 256 * MIB


class Enclosed:
    """Collects the files of one mail or archive; what is over the limits is told once, at the end."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._files: list[Attachment] = []
        self._left_bytes = MAX_FILES_BYTES
        self._left_out: list[str] = []

    def add(self, name: str, content: bytes) -> None:
        """Take a file in, or note that there was no room for it."""
        if len(self._files) >= self._most or len(content) > self._left_bytes:
            self._left_out.append(last_part(name))
            return
        self._left_bytes -= len(content)
        self._files.append(Attachment(last_part(name), content))

    @property
    def files(self) -> tuple[Attachment, ...]:
        """Return the files that were taken in."""
        return tuple(self._files)

    @property
    def left_out(self) -> tuple[Unreadable, ...]:
        """Return what to tell of those that were not."""
        if not self._left_out:
            return ()
        shown = ", ".join(f"«{name}»" for name in self._left_out[:3])
        more = f" y {len(self._left_out) - 3} más" if len(self._left_out) > 3 else ""
        return (
            Unreadable(
                None,
                f"Hay demasiados archivos adentro, o pesan demasiado: {shown}{more} no se leyeron. Conviene subirlos"
                " por separado.",
                "attachment",
            ),
        )


def last_part(name: str) -> str:
    """Return the file name at the end of a path, whichever system wrote it."""
    return name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].strip() or "sin-nombre"
