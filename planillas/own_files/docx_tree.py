"""A DOCX's tables as grids, its paragraphs as texts, its content controls by name. Shared by reading and filling."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from planillas.own_files.grid import Area, Grid, Square
from planillas.own_files.package import Package, words
from planillas.own_files.xlsx_book import main_part, relations

MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
NS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_NO_TEXT_CONTROLS = ("docPartObj", "docPartList", "picture", "group", "repeatingSection", "repeatingSectionItem",
                     "checkbox", "citation", "bibliography", "equation")  # fmt: skip


def w(name: str) -> str:
    """Return an element's name in the main namespace."""
    return f"{{{NS}}}{name}"


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell of a table: where its columns begin and how many there are."""

    element: etree._Element
    column: int
    width: int


def rows(table: etree._Element) -> list[etree._Element]:
    """Return a table's rows, those in content controls too."""
    return list(_inside(table, "tr"))


def slots(row: etree._Element) -> list[Slot]:
    """Return a row's cells with their columns, from 1."""
    skipped = row.find(f"{w('trPr')}/{w('gridBefore')}")
    column = 1 + (int(skipped.get(w("val"), "0")) if skipped is not None else 0)
    made = []
    for cell in _inside(row, "tc"):
        span = cell.find(f"{w('tcPr')}/{w('gridSpan')}")
        width = int(span.get(w("val"), "1")) if span is not None else 1
        made.append(Slot(cell, column, width))
        column += width
    return made


def grid(table: etree._Element) -> Grid:
    """Return a table as a grid."""
    made = Grid("")
    tall: dict[int, list[int]] = {}  # column: [top, width] of a cell that goes on below
    last = 0
    for number, row in enumerate(rows(table), start=1):
        last = number
        is_header = row.find(f"{w('trPr')}/{w('tblHeader')}") is not None
        for slot in slots(row):
            merge = slot.element.find(f"{w('tcPr')}/{w('vMerge')}")
            if merge is not None and merge.get(w("val")) != "restart" and slot.column in tall:
                continue
            _close(made, tall, slot.column, number - 1)
            if merge is not None:
                tall[slot.column] = [number, slot.width]
            elif slot.width > 1:
                made.merges.append(Area(number, slot.column, number, slot.column + slot.width - 1))
            text = cell_text(slot.element)
            made.squares[(number, slot.column)] = Square(
                text=text,
                is_number=text.rstrip(".").isdecimal(),
                is_ruled=True,
                is_bold=is_header or _is_bold(slot.element),
            )
    for column in list(tall):
        _close(made, tall, column, last)
    return made


def cell_text(cell: etree._Element) -> str:
    """Return what a cell says; a content control that waits for its value says its name as a mark."""
    parts = ["".join(each.text or "" for each in texts(paragraph)) for paragraph in cell.iter(w("p"))]
    controls = [name for control in cell.iter(w("sdt")) if (name := control_name(control))]
    around = control_around(cell)
    if around is not None and (name := control_name(around)):
        controls.append(name)
    if controls:
        return " ".join("{{" + name + "}}" for name in controls)
    return "\n".join(parts).strip()


def texts(paragraph: etree._Element) -> list[etree._Element]:
    """Return the texts of a paragraph, not of those that stand in shapes inside it."""
    return [each for each in paragraph.iter(w("t")) if next(each.iterancestors(w("p")), None) is paragraph]


def control_name(control: etree._Element) -> str:
    """Return the name of a content control that waits for a text; "" of any other."""
    told = control.find(w("sdtPr"))
    if told is None:
        return ""
    locals_ = {etree.QName(each).localname for each in told if isinstance(each.tag, str)}
    if locals_ & set(_NO_TEXT_CONTROLS):
        return ""
    content = control.find(w("sdtContent"))
    if "showingPlcHdr" not in locals_ and content is not None and words(content).strip():
        return ""
    for name in ("tag", "alias"):
        each = told.find(w(name))
        if (
            each is not None
            and (text := each.get(w("val"), "").strip())
            and not any(sign in text for sign in "{}%#")
        ):
            return text[:80]
    return ""


def control_around(cell: etree._Element) -> etree._Element | None:
    """Return the content control that holds a whole cell."""
    parent = cell.getparent()
    if parent is not None and parent.tag == w("sdtContent"):
        holder = parent.getparent()
        return holder if holder is not None and holder.tag == w("sdt") else None
    return None


def parts(package: Package) -> list[str]:
    """Return the parts with words that a reader sees: the text, headers and footers."""
    main = main_part(package)
    others = [
        target
        for kind, target in relations(package, main).values()
        if kind.endswith(("/header", "/footer")) and target in package.parts
    ]
    return [main, *dict.fromkeys(others)]


def _inside(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    for child in parent:
        if child.tag == w(name):
            yield child
        elif child.tag in (w("sdt"), w("customXml"), w("ins")):
            content = child.find(w("sdtContent")) if child.tag == w("sdt") else child
            if content is not None:
                yield from _inside(content, name)


def _close(made: Grid, tall: dict[int, list[int]], column: int, bottom: int) -> None:
    if column in tall:
        top, width = tall.pop(column)
        if bottom > top or width > 1:
            made.merges.append(Area(top, column, bottom, column + width - 1))


def _is_bold(cell: etree._Element) -> bool:
    runs = [run for run in cell.iter(w("r")) if "".join(each.text or "" for each in run.iter(w("t"))).strip()]
    return bool(runs) and all(run.find(f"{w('rPr')}/{w('b')}") is not None for run in runs)
