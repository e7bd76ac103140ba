"""Collects the sheets of a spreadsheet into one document, within limits that stop a sheet and not the file."""

from collections.abc import Iterable, Iterator

from documents.blocks import Kind, ParsedBlock, ParsedDocument, Unreadable
from documents.parsers import grid, tidy
from documents.parsers.base import MAX_BLOCKS, MAX_DOCUMENT_CHARS, MAX_TABLE_COLUMNS, Broken
from documents.places import Sheet

MAX_SHEETS = 256
MAX_SHEET_ROWS = 250_000  # that hold anything


class Workbook:
    """A document in the making. What is over a limit, or damaged, is told of and the next sheet goes on."""

    def __init__(self) -> None:
        self.blocks: list[ParsedBlock] = []
        self.unreadable: list[Unreadable] = []
        self._chars = 0
        self._broken: Broken | None = None

    def add(
        self,
        title: str,
        rows: Iterable[grid.NumberedRow],
        *,
        merges: grid.Merges | None = None,
        is_hidden: bool = False,
        has_heading: bool = True,
    ) -> None:
        """Add a sheet, under a heading with its name."""
        counted = _Counted(rows)
        found: list[ParsedBlock] = []
        try:
            for block in grid.blocks(counted, sheet=title, merges=merges):
                if self._chars + len(block.text) > MAX_DOCUMENT_CHARS or self._has(len(found) + 2):
                    counted.next_row, counted.is_full = _first_row(block), True
                    break
                self._chars += len(block.text)
                found.append(block)
        except Broken as error:
            self._broken = error
            self.tell(
                title, f"La hoja «{title}» está dañada desde la fila {counted.next_row}.", "broken_sheet",
                row=counted.next_row,
            )  # fmt: skip
        if found and has_heading:
            row = _first_row(found[0])
            heading = f"{title} (hoja oculta)" if is_hidden else title
            self.blocks.append(ParsedBlock(Kind.HEADING, heading, Sheet(title, (row, row)), level=1))
        self.blocks += found
        if counted.is_full:
            row = counted.next_row
            self.tell(
                title,
                f"La hoja «{title}» es demasiado grande: se leyó hasta la fila {row - 1}. Para leer el resto, "
                "dividirla en varios archivos.",
                "sheet_too_big",
                row=row,
            )

    def tell(self, title: str, reason: str, code: str, *, row: int = 1) -> None:
        """Tell of a part of a sheet that was not read, from a row on."""
        self.unreadable.append(Unreadable(Sheet(title, (row, row)), reason, code))

    def tell_too_wide(self, title: str) -> None:
        """Tell of a sheet that has more columns than are read."""
        self.tell(
            title,
            f"La hoja «{title}» tiene datos después de la columna {MAX_TABLE_COLUMNS}, que no se leyeron. Para "
            "leerlos, pasarlos a otra hoja.",
            "too_many_columns",
        )

    def tell_uncalculated(self, title: str, count: int) -> None:
        """Tell of formulas whose value no program has written down."""
        self.tell(
            title,
            f"La hoja «{title}» tiene fórmulas sin calcular ({count}), que se leyeron como celdas vacías. Abrir la "
            "planilla, guardarla y volver a subirla.",
            "formulas_without_values",
        )

    def document(self, title: str | None = None) -> ParsedDocument:
        """Return all of it. Raises `Broken` when a sheet was damaged and nothing at all was read."""
        if not self.blocks and self._broken is not None:
            raise self._broken
        declared = tidy.line(title or "")
        return ParsedDocument(
            tuple(self.blocks), declared if len(declared) >= 6 else None, None, tuple(self.unreadable)
        )

    def _has(self, more: int) -> bool:
        return len(self.blocks) + more > MAX_BLOCKS


class _Counted:
    """The rows of a sheet until there are too many."""

    def __init__(self, rows: Iterable[grid.NumberedRow]) -> None:
        self._rows = rows
        self.next_row = 1
        self.is_full = False

    def __iter__(self) -> Iterator[grid.NumberedRow]:
        for count, (number, row) in enumerate(self._rows):
            if count >= MAX_SHEET_ROWS:
                self.next_row, self.is_full = number, True
                return
            self.next_row = number + 1
            yield number, row


def title_of(name: str, index: int) -> str:
    """Return the name of a sheet as it is shown; the first has index 0."""
    return tidy.line(name)[:100] or f"Hoja {index + 1}"


def _first_row(block: ParsedBlock) -> int:
    return block.place.rows[0] if isinstance(block.place, Sheet) else 1
