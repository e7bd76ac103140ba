"""What an own file is found to be: its columns, where in it what goes, how that is shown; and why one is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from planillas.columns import Column
from schools.refusals import Refused

MAX_BYTES = 10 * 1024 * 1024  # of a template, packed
FORMATS = ("xlsx", "ods", "docx")


class NotFillable(Refused):
    """The file cannot be a template. `code` says why: see each place that raises it."""

    code = "template_not_fillable"
    status = 422

    def __init__(self, detail: str, *, code: str | None = None, field: str | None = "file") -> None:
        super().__init__(detail, field=field)
        if code is not None:
            self.code = code


class TooBigFile(NotFillable):
    """The file is over the limit, packed or unpacked."""

    code = "template_too_big"
    status = 413


class TooManyRows(NotFillable):
    """There are more rows than the file's format can hold."""

    code = "too_many_rows"


@dataclass(frozen=True, slots=True)
class ShownHeader:
    """A header as it stands in the file. `column`: the key of what is written below it; "": nothing is."""

    address: str  # "C4"; of a DOCX: "columna 3"
    text: str
    column: str
    why: str = ""  # in words, where nothing is written below it: "tiene una fórmula"


@dataclass(frozen=True, slots=True)
class ShownMark:
    """A place that takes one value. `address`: in words; `takes`: what is put there, in words."""

    name: str
    address: str
    takes: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What was recognised, for a person to confirm. `sheet` and `row` are in words; "" where the file has no table."""

    sheet: str  # hoja «Notas»
    header: tuple[ShownHeader, ...]
    row: str  # fila 5
    marks: tuple[ShownMark, ...]


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file as a template: `content` is what is kept and filled, cleaned; `layout` goes with it, as JSON.

    `told`: words for staff about what was taken out, or will not be filled.
    """

    format: str  # of FORMATS
    filename: str  # its own, with the ending of what it is now
    content: bytes
    columns: tuple[Column, ...]
    row_is: str
    layout: dict[str, Any]
    told: tuple[str, ...]

    @property
    def shown(self) -> Shown:
        """Return it as it is shown for confirmation."""
        return shown(self.layout)


def shown(layout: Mapping[str, Any]) -> Shown:
    """Return what a stored layout says, for a page to show."""
    return Shown(
        sheet=str(layout.get("where", "")),
        header=tuple(
            ShownHeader(each["at"], each["text"], each.get("column", ""), each.get("why", ""))
            for each in layout.get("headers", ())
        ),
        row=str(layout.get("row", "")),
        marks=tuple(
            ShownMark(each["name"], each["where"], str(each.get("takes", "")) or _("nada"))
            for each in layout.get("marks", ())
        ),
    )
