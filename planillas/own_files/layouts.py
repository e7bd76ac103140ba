"""A layout as it is built up: the columns of a planilla, and what goes where in the file. Kept as JSON."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from planillas.columns import Column
from planillas.own_files import guessing, marks
from planillas.own_files.finding import Table
from planillas.own_files.grid import Grid, address, letters, rows_told

MAX_MARKS = 200


@dataclass(slots=True)
class Plan:
    """What was recognised so far."""

    format: str
    columns: list[Column] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    marks: dict[str, dict[str, str]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    table: dict[str, Any] = field(default_factory=dict)
    named: list[dict[str, str]] = field(
        default_factory=list
    )  # single cells that a name was given, and are empty
    where: str = ""
    row: str = ""
    titles: list[str] = field(default_factory=list)  # words that may say what one row is
    texts: list[str] = field(default_factory=list)  # what the file says, to look for what is not supported

    @property
    def layout(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {
            "format": self.format,
            "where": self.where,
            "row": self.row,
            "headers": self.headers,
            "marks": list(self.marks.values()),
            "table": self.table,
            "named": self.named,
        }

    def key(self, name: str) -> str:
        """Return a key that no column has yet."""
        base = key = marks.key_of(name) or "columna"
        taken = {each.key for each in self.columns}
        count = 2
        while key in taken:
            key = f"{base[: marks.MAX_KEY - 4]}_{count}"
            count += 1
        return key

    def add_table(self, grid: Grid, table: Table, at: dict[str, Any]) -> None:
        """Take over a table: its headers become columns, the cells below them places."""
        self.row = rows_told(table.first, table.last)
        filled: dict[str, dict[str, Any]] = {}
        for header in table.headers:
            square = grid.at(table.first, header.column)
            text = f"{header.group} – {header.text}" if header.group else header.text
            told = {"at": address(table.bottom, header.column), "text": text}
            self.headers.append(told)
            if header.is_numbering:
                start = int(square.text) if square.text.isdecimal() else 1
                filled[letters(header.column)] = {"number": start}
                told["why"] = _("se numera sola")
            elif header.is_formula:
                told["why"] = _("tiene una fórmula, que se repite en cada fila")
            elif header.is_merged:
                told["why"] = _("está combinada con otras filas: queda como está")
            else:
                place, key = self._below(grid, table, header.column, header.text, header.group, square.text)
                filled[letters(header.column)] = place
                told["column"] = key
        # A mark in a column without a header is a column too.
        headed = {header.column for header in table.headers}
        for (row, column), square in sorted(grid.squares.items()):
            if row == table.first and column not in headed and marks.MARK.search(square.text):
                place, key = self._below(grid, table, column, "", "", square.text)
                filled[letters(column)] = place
                self.headers.append({"at": address(row, column), "text": square.text, "column": key})
        self.table = {
            **at,
            "header": [table.top, table.bottom],
            "first": table.first,
            "last": table.last,
            "examples": table.examples,
            "columns": filled,
        }
        if table.examples:
            self.told.append(
                _("Lo escrito debajo de los encabezados (%s) se reemplaza.")
                % rows_told(table.first, table.first + table.examples - 1)
            )

    def add_mark(self, name: str, where: str, *, has_table: bool) -> None:
        """Take over a mark outside the table: a known fact, a column's value, or a column of its own."""
        if name in self.marks:
            told = self.marks[name]
            if where not in told["where"].split(", ") and len(told["where"]) < 60:
                told["where"] += f", {where}"
            return
        if len(self.marks) >= MAX_MARKS:
            return
        told = {"name": name, "where": where}
        self.marks[name] = told
        key = marks.key_of(name)
        if fact := marks.fact_of(name, has_table=has_table):
            told |= {"fact": fact, "takes": str(marks.FACTS[fact])}
            return
        column = next((each for each in self.columns if each.key == key), None)
        if column is None:
            header = name.replace("_", " ").strip()
            header = header[:1].upper() + header[1:]
            column = guessing.column(key=self.key(name), header=header)
            if has_table:
                column = _said_once(column)
            self.columns.append(column)
        told |= {"column": column.key, "takes": _("«%s»") % column.name}
        if has_table:
            told["takes"] = _("«%s», de la primera fila que lo tenga") % column.name

    def _below(
        self, grid: Grid, table: Table, column: int, header: str, group: str, text: str
    ) -> tuple[dict[str, Any], str]:
        """Return what goes below a header, and the key of the (first) column that holds it."""
        rule = grid.rule_at(table.first, column)
        square = grid.at(table.first, column)
        only = marks.only_mark(text)
        found = marks.names(text)
        if len(found) > 1 or (found and not only):
            keys = {}
            for name in dict.fromkeys(found):
                made = guessing.column(key=self.key(name), header=_worded(name))
                self.columns.append(made)
                keys[name] = made.key
            return {"text": text, "keys": keys}, next(iter(keys.values()))
        named = only or grid.names.get((table.first, column), "")
        made = guessing.column(
            key=self.key(named or header),
            header=header or _worded(named),
            group=group,
            rule=rule,
            square=square,
            example="" if only else text,
        )
        if only and header and marks.key_of(only) != marks.key_of(header):
            made = _also(made, _worded(only))
        self.columns.append(made)
        return {"key": made.key}, made.key


def _worded(name: str) -> str:
    words = name.replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]


def _said_once(column: Column) -> Column:
    return replace(
        column, meaning=_("Un solo dato para toda la planilla: vale el de la primera fila que lo tenga.")
    )


def _also(column: Column, name: str) -> Column:
    return replace(column, also=tuple(dict.fromkeys((*column.also, name))))
