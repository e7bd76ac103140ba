"""The cells of an ODS as they are written: typed where they can be, and text that nothing runs."""

import re
from xml.sax.saxutils import escape

from lxml import etree

from planillas.cells import Value
from planillas.columns import Column, Kind
from planillas.own_files import written
from planillas.own_files.ods_tree import q
from planillas.own_files.package import without

_VALUES = ("office:value-type", "office:value", "office:date-value", "office:time-value", "office:boolean-value",
           "office:string-value", "office:currency", "calcext:value-type", "table:formula",
           "table:number-matrix-columns-spanned", "table:number-matrix-rows-spanned")  # fmt: skip


def cell(look: str, inside: str, value: Value | None, column: Column | None) -> str:
    """Return a cell that holds a value. `look`: its attributes; `inside`: what else stands in it."""
    if value is None or column is None:
        return f"<table:table-cell{look}>{inside}</table:table-cell>"
    said = written.shown(value, column)
    if written.is_amount(value, column):
        return typed(look, inside, "float", f'office:value="{value!r}"', said)
    if column.kind == Kind.DATE and (day := written.day(value)) is not None:
        return typed(look, inside, "date", f'office:date-value="{day.isoformat()}"', said)
    if column.kind == Kind.TIME and (minutes := written.minutes(value)) is not None:
        return typed(
            look, inside, "time", f'office:time-value="PT{minutes // 60:02d}H{minutes % 60:02d}M00S"', said
        )
    return typed(look, inside, "string", "", said)


def typed(look: str, inside: str, kind: str, value: str, said: str) -> str:
    """Return a cell of a type; `value`: the attribute that programs read, `said`: what people do."""
    return f'<table:table-cell{look} office:value-type="{kind}" {value}>{_paragraphs(said)}{inside}</table:table-cell>'


def _paragraphs(text: str) -> str:
    """Return a text as paragraphs, its spaces kept."""
    lines = []
    for line in text.split("\n"):
        told = escape(line).replace("\t", "<text:tab/>")
        told = re.sub(" {2,}|^ | $", lambda found: f'<text:s text:c="{len(found[0])}"/>', told)
        lines.append(f"<text:p>{told}</text:p>")
    return "".join(lines)


def line(texts: tuple[str, ...], rest: str) -> str:
    """Return a row of texts; `rest`: cells that are written already."""
    cells = "".join(typed("", "", "string", "", text) if text else "<table:table-cell/>" for text in texts)
    return f"<table:table-row>{cells}{rest}</table:table-row>"


def forget(cell: etree._Element, *, but_formula: bool = False) -> None:
    """Take away what a cell holds."""
    for name in _VALUES:
        if not (but_formula and name.startswith("table:")):
            without(cell, q(name))
    if but_formula:
        for paragraph in cell.findall(q("text:p")):
            cell.remove(paragraph)
