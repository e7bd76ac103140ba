"""The cells of an ODS as XML: each with its own type, its text as people read it."""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from planillas import values
from planillas.cells import Cell, Status
from planillas.columns import Column, Kind
from planillas.exports import looks
from planillas.exports.inert import fit

_SPACES = re.compile(r"^ +|(?<= ) +| +$")
_STATES = {status: index for index, status in enumerate(Status)}

Put: TypeAlias = Callable[[Cell, str], str]
"""Returns a cell as XML, given what stands inside it before its text."""


def style(index: int, status: Status) -> str:
    """Return the name of the style of a column's cells in a state."""
    return f"c{index}s{_STATES[status]}"


def put_for(index: int, column: Column, validation: str) -> Put:
    """Return what writes a column's cells; `validation`: the name of what may be chosen there, "" for anything."""
    listed = f' table:content-validation-name="{validation}"' if validation else ""
    names = {status: f'table:style-name="{style(index, status)}"{listed}' for status in Status}
    typed = _TYPED.get(column.kind)

    def put(cell: Cell, inside: str) -> str:
        value, begin = cell.value, f"<table:table-cell {names[cell.status]}"
        if value is None:
            return f"{begin}>{inside}</table:table-cell>" if inside else f"{begin}/>"
        shown = values.show(value, column)
        of_type = typed(column, value) if typed else None
        of_type = of_type or 'office:value-type="string"'
        return f"{begin} {of_type}>{inside}{paragraphs(shown)}</table:table-cell>"

    return put


def text_cell(style_name: str, text: str, *, inside: str = "", link: str = "") -> str:
    """Return a cell that holds a text, which may lead somewhere."""
    if not text:
        return f'<table:table-cell table:style-name="{style_name}"/>'
    said = paragraphs(text)
    if link:
        to = f'xlink:type="simple" xlink:href="{attribute(link)}"'
        said = f"<text:p><text:a {to}>{spaced(fit(text))}</text:a></text:p>"
    return (
        f'<table:table-cell table:style-name="{style_name}" office:value-type="string">{inside}{said}'
        "</table:table-cell>"
    )


def annotation(text: str) -> str:
    """Return a comment."""
    return f'<office:annotation draw:style-name="note" svg:width="8cm">{paragraphs(text)}</office:annotation>'


def paragraphs(text: str) -> str:
    """Return a text as paragraphs, one a line."""
    return "".join([f"<text:p>{spaced(line)}</text:p>" for line in fit(text).split("\n")])


def spaced(line: str) -> str:
    """Return a line as ODF writes it, where spaces that stand together would become one."""
    line = escaped(line.replace("\t", " "))  # a tab inside a cell LibreOffice loses
    if "  " in line or line[:1] == " " or line[-1:] == " ":
        line = _SPACES.sub(lambda found: f'<text:s text:c="{len(found[0])}"/>', line)
    return line


def escaped(text: str) -> str:
    """Return a text as it stands in XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(text: str) -> str:
    """Return a text as it stands in an attribute."""
    return escaped(" ".join(fit(text).split())).replace('"', "&quot;")


def choices(texts: Sequence[str]) -> str:
    """Return a condition that a cell is one of these texts, as it stands in an attribute."""
    listed = ";".join('"' + " ".join(fit(each).split()).replace('"', '""') + '"' for each in texts)
    return attribute(f"of:cell-content-is-in-list({listed})")


def _float(column: Column, value: object) -> str | None:
    number = looks.number(value)  # type: ignore[arg-type]  # it asks what it is itself
    if number is None:
        return None
    if column.kind == Kind.MONEY:
        # Its currency stands in its style: named here too, LibreOffice writes its code instead of its sign.
        return f'office:value-type="currency" office:value="{number!r}"'
    return f'office:value-type="float" office:value="{number!r}"'


def _date(_column: Column, value: object) -> str | None:
    day = looks.day(str(value))
    return f'office:value-type="date" office:date-value="{day.isoformat()}"' if day else None


def _time(_column: Column, value: object) -> str | None:
    if looks.part_of_day(str(value)) is None:
        return None
    hours, _colon, minutes = str(value).partition(":")
    return f'office:value-type="time" office:time-value="PT{int(hours):02}H{int(minutes):02}M00S"'


def _boolean(_column: Column, value: object) -> str | None:
    if not isinstance(value, bool):
        return None
    return f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'


_TYPED: dict[Kind, Callable[[Column, object], str | None]] = {
    Kind.NUMBER: _float,
    Kind.INTEGER: _float,
    Kind.MONEY: _float,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.YES_NO: _boolean,
}
