"""How cells of a workbook look: by their column's kind, their state, and whether their text must stay inert."""

from typing import Any

from planillas.cells import Status
from planillas.columns import Column, Kind
from planillas.exports import looks

# As Excel writes them in a file; a program shows them as its country does.
_DATE, _TIME, _INTEGER, _TEXT = "dd/mm/yyyy", "hh:mm", "0", "@"


class Palette:
    """Numbers each look once, as the workbook will: from 1, in the order in which they are asked for."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[tuple[str, Any], ...], int] = {}

    def number(self, **told: Any) -> int:
        """Return the number of a look, told as XlsxWriter names its properties."""
        key = tuple(sorted(told.items()))
        return self._numbers.setdefault(key, len(self._numbers) + 1)

    def add_to(self, workbook: Any, worksheet: Any) -> list[Any]:
        """Make the looks in a workbook without any, used in order in the first row of its first sheet; return them."""
        made = [workbook.add_format(dict(key)) for key in self._numbers]
        for index, each in enumerate(made):
            worksheet.write_blank(0, index, None, each)
        return [None, *made]

    def of(self, column: Column, status: Status, *, is_inert: bool = False, as_text: bool = False) -> int:
        """Return a cell's look. `is_inert`: what is typed over begins as text; `as_text`: not as its kind asks."""
        told: dict[str, Any] = {"valign": "top"}
        if as_text or column.kind in looks.TEXTS:
            told["text_wrap"] = True
        if format_ := _TEXT if as_text else number_format(column):
            told["num_format"] = format_
        if column.kind in (Kind.DATE, Kind.TIME, Kind.YES_NO):
            told["align"] = "left"
        if column.kind in looks.NUMBERS and not as_text:
            told |= {"align": "right", "indent": 1}
        if is_inert:
            told["quote_prefix"] = True
        return self.number(**told, **_fill(status))

    def fill(self, status: Status) -> int:
        """Return a state's colour alone."""
        return self.number(valign="top", text_wrap=True, **_fill(status))

    def head(self) -> int:
        """Return the look of a header."""
        return self.number(
            bold=True, font_color=f"#{looks.INK}", bg_color=f"#{looks.HEAD_FILL}", bottom=1,
            bottom_color=f"#{looks.INK}", text_wrap=True, valign="vcenter", quote_prefix=True,
        )  # fmt: skip

    def title(self) -> int:
        """Return the look of a heading inside a sheet."""
        return self.number(bold=True, font_color=f"#{looks.INK}", font_size=14)

    def quiet(self) -> int:
        """Return the look of what is told beside the values."""
        return self.number(font_color=f"#{looks.QUIET}", font_size=9, valign="top")

    def plain(self, *, is_inert: bool = False) -> int:
        """Return the look of texts that wrap."""
        inert = {"quote_prefix": True} if is_inert else {}
        return self.number(valign="top", text_wrap=True, **inert)

    def link(self) -> int:
        """Return the look of an address to follow."""
        return self.number(font_color=f"#{looks.INK}", underline=1, font_size=9, valign="top")


def number_format(column: Column) -> str:
    """Return how numbers, dates and times of a column are shown; "" as the program likes."""
    match column.kind:
        case Kind.MONEY:
            money = looks.money(column)
            digits = "#,##0." + "0" * money.cents if money.cents else "#,##0"
            before, after = (f'"{sign}"' if sign else "" for sign in (money.before, money.after))
            return f"{before} {digits} {after}".strip()
        case Kind.DATE:
            return _DATE
        case Kind.TIME:
            return _TIME
        case Kind.INTEGER:
            return _INTEGER
        case Kind.IDENTITY | Kind.PHONE:
            return _TEXT  # their leading zeros and signs stay when they are typed over
    return ""


def _fill(status: Status) -> dict[str, Any]:
    if status not in looks.FILLS:
        return {}
    return {"bg_color": f"#{looks.FILLS[status]}", "border": 1, "border_color": "#DEDCD2"}
