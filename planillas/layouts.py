"""Where in a table each column's values stand, told by its header: alone, in groups, with names apart or together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from planillas import meanings, unpivoting
from planillas.asked import Asked
from planillas.columns import Column, Kind
from planillas.headers import Match
from planillas.meanings import FULL_NAME, GIVEN_NAME, SECOND_SURNAME, SURNAME
from planillas.names import order_of
from planillas.unpivoting import Repeat, Taken

MOST_TITLE_ROWS, MOST_HEADER_ROWS = 3, 3
LOOKED_AT_ROWS = 40
_SECOND = frozenset({"paterno", "materno", "1", "2"})
GUESSED = 0.85  # "Nombre" alone that holds whole names

Row = Sequence[str]
Header = list[list[str]]
"""By column, its header cells from above to below, each once."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is read. `rows`: how many of its first rows are title and header; `unused`: headers of no column."""

    rows: int
    width: int
    taken: tuple[Taken, ...]
    repeats: tuple[Repeat, ...] = ()
    score: float = 0.0
    unused: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    header: tuple[tuple[str, ...], ...] = field(default=())

    @property
    def keys(self) -> frozenset[str]:
        """Return the keys of the columns that the table has."""
        repeated = {column.key for each in self.repeats for column, _row, _index in each.dims}
        measured = {taken.column.key for each in self.repeats for taken in each.measures}
        return frozenset({taken.column.key for taken in self.taken} | repeated | measured)


def find(rows: Sequence[Row], declared: int, asked: Asked) -> Layout | None:
    """Return the layout that a table's first rows tell; None where no header among them means a column.

    `declared`: how many rows its parser took for the header.
    """
    best: Layout | None = None
    for top in range(min(MOST_TITLE_ROWS, len(rows))):
        if top and not _is_title(rows[top - 1]) and top > declared:
            break
        for depth in range(1, min(MOST_HEADER_ROWS, len(rows) - top) + 1):
            if depth > 1 and not _may_head(rows[top + depth - 1], rows[top], asked):
                break
            layout = _layout(rows, top, depth, asked)
            if best is None or layout.score > best.score + 0.01:
                best = layout
    return best if best is not None and (best.taken or best.repeats) else None


def side_by_side(rows: Sequence[Row], declared: int, asked: Asked) -> list[Layout]:
    """Return the layouts of tables that stand beside each other under the same headers again; none otherwise."""
    top = max(0, declared - 1)
    if top >= len(rows):
        return []
    head = [cell.strip().casefold() for cell in rows[top]]
    for period in range(2, len(head) // 2 + 1):
        if len(head) % period == 0 and head == head[:period] * (len(head) // period) and all(head[:period]):
            found = []
            for start in range(0, len(head), period):
                part = [row[start : start + period] for row in rows[top:]]
                layout = _layout(part, 0, 1, asked)
                shifted = tuple(replace(each, index=each.index + start) for each in layout.taken)
                found.append(
                    replace(layout, rows=top + 1, width=len(head), taken=shifted, doubled=(), repeats=())
                )
            return found
    return []


def headless(rows: Sequence[Row], asked: Asked) -> Layout | None:
    """Return the layout of a table without a header whose values leave no doubt: a document in every row, and names."""
    full = asked.matcher.of(FULL_NAME)
    if full is None or len(rows) < 2:
        return None
    width = max(map(len, rows))
    named = [index for index in range(width) if all(_is_listed_name(row, index) for row in rows)]
    if len(named) != 1:
        return None
    taken = [Taken(full, named[0], 0.88)]
    for column in asked.columns:
        test = _sure_test(column, asked)
        found = [index for index in range(width) if test is not None and _all_are(rows, index, test)]
        if len(found) == 1 and all(each.index != found[0] for each in taken):
            taken.append(Taken(column, found[0], 0.88))
    return Layout(0, width, tuple(taken), score=1.0) if len(taken) > 1 else None


def _sure_test(column: Column, asked: Asked) -> Callable[[str], bool] | None:
    """Return the test of a text that only values of this column pass; None where other columns have such values too."""
    is_only = sum(other.kind is column.kind for other in asked.columns) == 1
    if column in asked.ways.documents and is_only:
        return lambda text: sum(map(str.isdigit, text)) >= 6 and asked.fits(text, column)
    if column.kind is Kind.EMAIL and is_only:
        return lambda text: "@" in text and asked.fits(text, column)
    if column.kind is Kind.PHONE and is_only:
        return lambda text: (
            asked.fits(text, column) and not any(asked.fits(text, each) for each in asked.ways.documents)
        )
    return meanings.is_subject if asked.matcher.of("subject") is column else None


def _all_are(rows: Sequence[Row], index: int, test: Callable[[str], bool]) -> bool:
    texts = [row[index] for row in rows if index < len(row) and row[index]]
    return len(texts) > 0.6 * len(rows) and all(map(test, texts))


def _layout(rows: Sequence[Row], top: int, depth: int, asked: Asked) -> Layout:
    header = _header(rows, top, depth)
    body = rows[top + depth : top + depth + LOOKED_AT_ROWS]
    matches = _match(header, asked)
    taken = [Taken(match.column, index, match.certainty) for index, match in sorted(matches.items())]
    taken = _with_check_digits(header, _names(header, taken, body, asked))
    repeats = unpivoting.find(header, rows, top, depth, taken, body, asked)
    used = {index for each in taken for index in each.indices}
    used |= {index for each in repeats for one in each.measures for index in one.indices}
    score = sum(each.certainty for each in taken) + (1.5 if repeats else 0.0)
    phrases = [" ".join(cells) for cells in header]
    doubled = () if repeats else tuple(column.name for column in asked.matcher.doubled(phrases))
    unused = tuple(phrase for index, phrase in enumerate(phrases) if phrase and index not in used)
    return Layout(
        rows=top + depth,
        width=len(header),
        taken=tuple(taken),
        repeats=tuple(repeats),
        score=score,
        unused=unused,
        doubled=doubled,
        header=tuple(tuple(row) for row in rows[top : top + depth]),
    )


def _header(rows: Sequence[Row], top: int, depth: int) -> Header:
    """Return the header cells over each column; what stands over several is taken to stand over each."""
    width = max(len(row) for row in rows[top : top + depth])
    ends = _group_ends(rows, top, depth, width)
    header: Header = [[] for _ in range(width)]
    for level in range(depth):
        row = rows[top + level]
        last = ""
        for index in range(width):
            text = row[index] if index < len(row) else ""
            if text:
                last = text
            elif level == 0 and depth > 1 and index >= ends.get(last, width):
                text = ""
            elif level < depth - 1 and last and _is_below(rows, top + level, depth - level, index):
                text = last
            if text and text not in header[index]:
                header[index].append(text)
    return header


def _group_ends(rows: Sequence[Row], top: int, depth: int, width: int) -> dict[str, int]:
    """Return where groups end that seem to go on too far: with the names that the shortest group has below it."""
    if depth < 2:
        return {}
    above, below = rows[top], rows[top + depth - 1]
    starts = [
        index
        for index, cell in enumerate(above)
        if cell and not (index < len(below) and below[index] == cell)
    ]
    if not starts:
        return {}
    spans = list(zip(starts, [*starts[1:], width], strict=True))
    under = {start: [below[index] for index in range(start, min(end, len(below)))] for start, end in spans}
    pattern = min(under.values(), key=len, default=[])
    return {
        above[start]: start + len(pattern)
        for start, names in under.items()
        if len(pattern) > 1 and len(names) > len(pattern) and names[: len(pattern)] == pattern
    }


def _is_below(rows: Sequence[Row], top: int, depth: int, index: int) -> bool:
    return any(index < len(row) and row[index] for row in rows[top + 1 : top + depth])


def _match(header: Header, asked: Asked) -> dict[int, Match]:
    """Return which columns the headers mean: by all that stands over them, else by the lowest alone."""
    matcher = asked.matcher
    found = matcher.assign([" ".join(cells) for cells in header])
    if all(len(cells) < 2 for cells in header):
        return found
    taken = {match.column.key for match in found.values()}
    leaves = ["" if index in found else _leaf(cells, asked) for index, cells in enumerate(header)]
    of_others = ["" if index in found else _of_others(cells) for index, cells in enumerate(header)]
    for index, match in [*matcher.assign(leaves).items(), *matcher.assign(of_others).items()]:
        if match.column.key not in taken and index not in found:
            taken.add(match.column.key)
            found[index] = replace(match, certainty=match.certainty - 0.02)
    return found


def _of_others(cells: list[str]) -> str:
    """Return the lowest header cell with the words above it that say whose it is: "DNI madre"."""
    above = meanings.whose_words(" ".join(cells[:-1]))
    return f"{cells[-1]} {above}" if above else ""


def _leaf(cells: list[str], asked: Asked) -> str:
    """Return the lowest header cell where those above do not say that it is somebody else's, or of one subject."""
    above = cells[:-1]
    if not cells or any(
        meanings.of(text).whose not in ("", asked.matcher.whose)
        or meanings.is_subject(text)
        or meanings.is_term(text)
        for text in above
    ):
        return ""
    return cells[-1]


def _names(header: Header, taken: list[Taken], body: Sequence[Row], asked: Asked) -> list[Taken]:
    """Return what is taken, with names put together or apart as the planilla has them."""
    matcher = asked.matcher
    where = {name: _own(header, name, asked) for name in (FULL_NAME, SURNAME, GIVEN_NAME)}
    at_second = _own(header, SECOND_SURNAME, asked)
    held = {each.column.key for each in taken}
    full, surname, given = (matcher.of(name) for name in (FULL_NAME, SURNAME, GIVEN_NAME))
    at_full, at_surname, at_given = where[FULL_NAME], where[SURNAME], where[GIVEN_NAME]
    if full is not None and at_full is None and at_given is not None:
        if at_surname is not None:
            taken = [each for each in taken if each.column is not full]
            others = (at_second, at_given) if at_second is not None else (at_given,)
            taken = [*taken, Taken(full, at_surname, 0.93, others=others)]
        elif full.key not in held and at_surname is None and _are_whole_names(body, at_given):
            taken = [*taken, Taken(full, at_given, GUESSED)]
    is_whole = surname is not None and not _SECOND & {*meanings.words_of(surname.name)}
    is_whole = is_whole and matcher.of(SECOND_SURNAME) is None
    if is_whole and surname is not None and at_surname is not None and at_second is not None:
        taken = [each for each in taken if each.column is not surname]
        taken = [*taken, Taken(surname, at_surname, 0.93, others=(at_second,), part=SURNAME)]
    if surname is None or given is None or at_surname is not None or surname.key in held:
        return taken
    at = at_full if at_full is not None else at_given
    if at is None:
        return taken
    order = order_of(header[at][-1]) if at_full is not None else ""
    rest = [each for each in taken if each.column.key not in (surname.key, given.key)]
    return [
        *rest,
        Taken(surname, at, 0.92, part=SURNAME, order=order),
        Taken(given, at, 0.92, part=GIVEN_NAME, order=order),
    ]


def _with_check_digits(header: Header, taken: list[Taken]) -> list[Taken]:
    """Return what is taken, a document's check digit with it where that has a column of its own."""
    digits = [
        index for index, cells in enumerate(header) if cells and meanings.of(cells[-1]).about == "check_digit"
    ]
    return [
        replace(each, others=(digits[0],))
        if each.column.kind is Kind.IDENTITY and digits == [each.index + 1]
        else each
        for each in taken
    ]


def _own(header: Header, name: str, asked: Asked) -> int | None:
    """Return the one column whose header is such a name of whom a row is about."""
    found = [
        index
        for index, cells in enumerate(header)
        if cells
        and (told := meanings.of(" ".join(cells))).about == name
        and told.whose in ("", asked.matcher.whose)
    ]
    return found[0] if len(found) == 1 else None


def _are_whole_names(body: Sequence[Row], index: int) -> bool:
    texts = [row[index] for row in body if index < len(row) and row[index]]
    return bool(texts) and sum(len(text.split()) > 1 for text in texts) >= 0.8 * len(texts)


def _is_title(row: Row) -> bool:
    return len({cell for cell in row if cell}) <= 2


def _may_head(row: Row, above: Row, asked: Asked) -> bool:
    """Say whether a row may be a further line of a header: no long texts, no values but small figures, and news."""
    filled = [cell for cell in row if cell]
    if not filled or any(len(cell) > 60 for cell in filled):
        return False
    documents = asked.ways.documents
    return not any(
        sum(map(str.isdigit, cell)) >= 5 or any(asked.fits(cell, column) for column in documents)
        for cell in filled
    ) and any(cell not in above for cell in filled)


def _is_listed_name(row: Row, index: int) -> bool:
    text = row[index] if index < len(row) else ""
    surname, comma, given = text.partition(",")
    return bool(comma) and _is_capital(surname) and _is_capital(given) and not any(map(str.isdigit, text))


def _is_capital(text: str) -> bool:
    return text.strip()[:1].isupper() and len(text.split()) <= 4
