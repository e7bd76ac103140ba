"""A sheet or a table of a template as squares, whatever the format: what finding headers needs, and no more."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from planillas.columns import Kind


@dataclass(frozen=True, slots=True)
class Square:
    """What stands in one cell. `kind`: what its number format asks for; `look`: its style, to be compared."""

    text: str = ""
    formula: str = ""  # without its "="
    is_number: bool = False
    kind: Kind | None = None
    look: str = ""
    is_ruled: bool = False  # it has borders or a colour: it is drawn to be written in
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, both ends within."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """Say whether a cell is in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


@dataclass(frozen=True, slots=True)
class Rule:
    """What a data validation lets be written in an area."""

    area: Area
    kind: Kind
    choices: tuple[str, ...] = ()


@dataclass(slots=True)
class Grid:
    """The squares of a sheet by (row, column), from 1; those that are neither written nor drawn are left out."""

    name: str
    squares: dict[tuple[int, int], Square] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    names: dict[tuple[int, int], str] = field(default_factory=dict)  # of single cells
    is_hidden: bool = False

    def at(self, row: int, column: int) -> Square:
        """Return a square; an empty one where nothing is."""
        return self.squares.get((row, column), _NOTHING)

    def merge_at(self, row: int, column: int) -> Area | None:
        """Return the merged area that a cell is in."""
        return next((area for area in self.merges if area.holds(row, column)), None)

    def rule_at(self, row: int, column: int) -> Rule | None:
        """Return what may be written in a cell, where the file says so."""
        return next((rule for rule in self.rules if rule.area.holds(row, column)), None)

    @property
    def last_row(self) -> int:
        """Return the last row that is written or drawn."""
        return max((row for row, _column in self.squares), default=0)


_NOTHING = Square()


def letters(column: int) -> str:
    """Return a column's letters, 1 is A."""
    made = ""
    while column:
        column, rest = divmod(column - 1, 26)
        made = chr(65 + rest) + made
    return made


def number(letters: str) -> int:
    """Return a column's number, A is 1."""
    made = 0
    for letter in letters.upper():
        made = made * 26 + ord(letter) - 64
    return made


def address(row: int, column: int) -> str:
    """Return a cell's address: C4."""
    return f"{letters(column)}{row}"


def rows_told(first: int, last: int) -> str:
    """Return the rows of a table in words."""
    if first == last:
        return _("fila %d") % first
    return _("filas %(first)d a %(last)d") % {"first": first, "last": last}
