"""What every parser shares: how it fails, how it tells how far it is, and the limits that none may pass."""

from collections.abc import Callable
from typing import TypeAlias

MIB = 1024 * 1024

MAX_FILE_BYTES = 512 * MIB
MAX_TEXT_FILE_BYTES = 32 * MIB
MAX_PDF_PAGES = 5_000
MAX_DOCUMENT_CHARS = 20_000_000
MAX_BLOCKS = 200_000
MAX_BLOCK_CHARS = 8_000
MAX_TABLE_COLUMNS = 256
MAX_CELL_CHARS = 4_000

Progress: TypeAlias = Callable[[int, int], None]
"""Takes what is done and what there is to do, in the parser's own unit (pages, sheets, bytes)."""


class Unparsable(Exception):
    """A file that gave no document. `str(error)` is a Spanish sentence for staff; `code` is stable.

    Unparsable
    ├── Refused         not a type that is read here, or a file that lies about its type
    ├── Broken          damaged, or not what its name says
    ├── Encrypted       needs a password
    ├── ParseTooBig     over a limit of size, pages, unpacked bytes or memory
    ├── ParseTimeout    took too long
    └── ParseCrashed    the parser died
    """

    code = "unparsable"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class Refused(Unparsable):
    code = "refused_type"


class Broken(Unparsable):
    code = "broken_file"


class Encrypted(Unparsable):
    code = "encrypted"


class ParseTooBig(Unparsable):
    code = "too_big"


class ParseTimeout(Unparsable):
    code = "parse_timeout"


class ParseCrashed(Unparsable):
    code = "parse_crashed"


def ignore_progress(done: int, total: int) -> None:
    """Tell nobody."""
