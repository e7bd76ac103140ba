"""A planilla put into a document: its row repeated with its formats, its marks replaced where they stand."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import IO, Any
from xml.sax.saxutils import escape

from lxml import etree

from planillas.cells import Cells
from planillas.columns import Column
from planillas.exports.sheet import Sheet
from planillas.own_files import docx_tree, text_runs, written
from planillas.own_files.docx_sources import Notes
from planillas.own_files.docx_tree import W14, Slot, w
from planillas.own_files.grid import letters
from planillas.own_files.package import Package, broken, drop, within, without, write
from planillas.own_files.written import Marked, marked

ROWS_AT_ONCE = 200
_BEGIN, _NEXT, _END = "planilla-rows", "planilla-next", "planilla-end"
_SOURCES = "planilla-sources"
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACE = re.compile(r"<\?(value|note) ([a-z0-9_#]+)\?>")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_WAITING = ("placeholder", "marcador")  # in the name of a run's style: grey, still to be filled in
_ONCE = ("bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "commentReference", "permStart",
         "permEnd", "proofErr")  # fmt: skip


def fill(package: Package, layout: Mapping[str, Any], sheet: Sheet) -> None:
    """Put a planilla into a document."""
    known = marked(layout, sheet)
    main, *others = docx_tree.parts(package)
    root = package.xml(main)
    table = layout["table"]
    taken = _model_rows(root, table, sheet.columns) if table else []
    _fill_marks(root, known, taken)
    for part in others:
        other = package.xml(part)
        if _fill_marks(other, known, []):
            package.put(part, other)
    notes = Notes(sheet, package, main) if sheet.sources else None
    body = root.find(w("body"))
    if body is None:
        raise broken()
    if notes is not None:
        last = body.find(w("sectPr"))
        place = etree.ProcessingInstruction(_SOURCES)
        if last is not None:
            last.addprevious(place)
        else:
            body.append(place)
        notes.attach(package)
    data = write(root)
    prefix = f"{_prefix(root)}:"
    text, after = data, b""
    if notes is not None:
        text, _pi, after = data.partition(f"<?{_SOURCES} ?>".encode())
    models: list[list[str]] = []
    before, between = text, b""
    if table:
        before, _pi, rest = text.partition(f"<?{_BEGIN} ?>".encode())
        middle, _pi, between = rest.partition(f"<?{_END} ?>".encode())
        models = [_PLACE.split(each) for each in middle.decode().split(f"<?{_NEXT} ?>") if each]
    columns = {each.key: each for each in sheet.columns}
    start = next(
        (int(each["number"]) for each in (table or {}).get("columns", {}).values() if "number" in each), 1
    )

    def rows() -> Iterator[str]:
        index = -1
        for index, cells in enumerate(sheet.rows()):
            if models:
                yield _row(models[min(index, len(models) - 1)], index + start, cells, columns, notes, prefix)
            if notes is not None and not models:
                notes.see(cells)
        for model in models[index + 1 :]:
            yield _row(model, None, {}, columns, notes, prefix)

    def stream(to: IO[bytes]) -> None:
        to.write(before)
        lines = rows()
        while batch := list(islice(lines, ROWS_AT_ONCE)):
            to.write("".join(batch).encode("utf-8", "replace"))
        to.write(between)
        if notes is not None:
            to.write(notes.listed(prefix).encode("utf-8", "replace"))
        to.write(after)

    # The links of the list are known once the text is written.
    package.streams = {main: stream, **package.streams}


def _row(
    model: list[str],
    number: int | None,
    cells: Cells,
    columns: Mapping[str, Column],
    notes: Notes | None,
    prefix: str,
) -> str:
    """Return a row: its model is text, what is to be put there, its key, text, and so on."""
    made = [model[0]]
    for kind, key, text in zip(model[1::3], model[2::3], model[3::3], strict=True):
        if kind == "value":
            made.append(_value(number, key, cells, columns, prefix))
        elif notes is not None and key in cells:
            made.append(notes.mark(cells[key], prefix))
        made.append(text)
    return "".join(made)


def _value(number: int | None, key: str, cells: Cells, columns: Mapping[str, Column], prefix: str) -> str:
    if key == "#":
        return "" if number is None else str(number)
    cell, column = cells.get(key), columns.get(key)
    if cell is None or column is None:
        return ""
    told = escape(written.shown(cell.value, column))
    return told.replace("\n", f'</{prefix}t><{prefix}br/><{prefix}t xml:space="preserve">')


def _model_rows(
    root: etree._Element, table: Mapping[str, Any], columns: tuple[Column, ...]
) -> list[etree._Element]:
    """Make the table's rows into models, between marks of our own; return them."""
    tables = list(root.iter(w("tbl")))
    rows = docx_tree.rows(tables[int(table["index"])])[int(table["first"]) - 1 : int(table["last"])]
    if not rows:
        raise broken()
    for row in rows:
        for element in list(row.iter()):
            if isinstance(element, etree._ProcessingInstruction) or (
                isinstance(element.tag, str) and etree.QName(element).localname in _ONCE
            ):
                drop(element)
            elif isinstance(element.tag, str):
                without(element, f"{{{W14}}}paraId", f"{{{W14}}}textId")
        for slot in docx_tree.slots(row):
            place = table["columns"].get(letters(slot.column))
            if place is not None:
                _model_cell(slot, place)
    rows[0].addprevious(etree.ProcessingInstruction(_BEGIN))
    for row in rows[1:]:
        row.addprevious(etree.ProcessingInstruction(_NEXT))
    rows[-1].addnext(etree.ProcessingInstruction(_END))
    return rows


def _model_cell(slot: Slot, place: Mapping[str, Any]) -> None:
    cell = slot.element
    if "text" in place:
        keys = place["keys"]
        for paragraph in cell.iter(w("p")):
            texts = docx_tree.texts(paragraph)
            for each in texts:
                each.text = re.sub(f"[{_OPEN}{_CLOSE}]", "", each.text or "")
            text_runs.replace(
                texts, lambda name: f"{_OPEN}{keys.get(name, '')}{_CLOSE}" if name in keys else ""
            )
            for each in texts:
                _point(each)
        return
    key = "#" if "number" in place else str(place["key"])
    paragraphs = list(cell.iter(w("p")))
    like = next((each for each in (*filter(docx_tree.texts, paragraphs), *paragraphs)), None)
    style = _run_style(like)
    settings = like.find(w("pPr")) if like is not None else None
    for child in list(cell):
        if child.tag != w("tcPr"):
            cell.remove(child)
    made = etree.SubElement(cell, w("p"))
    if settings is not None:
        made.append(settings)
    run = etree.SubElement(made, w("r"))
    if style is not None:
        run.append(style)
    text = etree.SubElement(run, w("t"))
    text.set(_SPACE, "preserve")
    text.append(etree.ProcessingInstruction("value", key))
    if key != "#":
        made.append(etree.ProcessingInstruction("note", key))


def _point(text: etree._Element) -> None:
    """Cut a text at the places of values, which become marks of our own."""
    cut = re.split(f"{_OPEN}([a-z0-9_]*){_CLOSE}", text.text or "")
    if len(cut) == 1:
        return
    text.text = cut[0]
    text.set(_SPACE, "preserve")
    for key, after in zip(cut[1::2], cut[2::2], strict=True):
        if key:
            place = etree.ProcessingInstruction("value", key)
            place.tail = after
            text.append(place)


def _run_style(paragraph: etree._Element | None) -> etree._Element | None:
    """Return how the words of a paragraph look: of its first run, or of its end where there is none."""
    if paragraph is None:
        return None
    runs = [run for run in paragraph.iter(w("r")) if run.find(w("t")) is not None]
    found = runs[0].find(w("rPr")) if runs else paragraph.find(f"{w('pPr')}/{w('rPr')}")
    if found is None:
        return None
    style = etree.fromstring(etree.tostring(found, with_tail=False))
    named = style.find(w("rStyle"))
    if named is not None and any(word in named.get(w("val"), "").lower() for word in _WAITING):
        drop(named)
    for name in ("ins", "del", "rPrChange"):
        for each in style.findall(w(name)):
            style.remove(each)
    return style


def _fill_marks(root: etree._Element, known: Marked, taken: list[etree._Element]) -> bool:
    """Put values in the place of marks and into content controls; say whether there were any."""
    rows = set(taken)
    changed = False
    for paragraph in list(root.iter(w("p"))):
        if rows and any(each in rows for each in paragraph.iterancestors(w("tr"))):
            continue
        texts = docx_tree.texts(paragraph)
        if text_runs.replace(texts, known.text):
            changed = True
            for each in texts:
                _break_lines(each)
    for control in list(root.iter(w("sdt"))):
        if rows and any(each in rows for each in control.iterancestors(w("tr"))):
            continue
        name = docx_tree.control_name(control)
        if name in known.values:
            changed |= _fill_control(control, known.text(name))
    return changed


def _fill_control(control: etree._Element, text: str) -> bool:
    content, settings = control.find(w("sdtContent")), control.find(w("sdtPr"))
    if content is None or settings is None or not text:
        return False
    waited = settings.find(w("showingPlcHdr")) is not None
    # Bound to data elsewhere in the file, Word would show those again.
    for name in ("showingPlcHdr", "dataBinding"):
        for each in settings.findall(w(name)):
            settings.remove(each)
    texts = list(content.iter(w("t")))
    if not texts:
        holder = next(iter(content.iter(w("p"))), content)
        if holder is content and content.find(w("r")) is None and not within(control, w("p")):
            holder = etree.SubElement(content, w("p"))
        texts = [etree.SubElement(etree.SubElement(holder, w("r")), w("t"))]
    for run in content.iter(w("r")):
        style = run.find(f"{w('rPr')}/{w('rStyle')}")
        if style is not None and waited:
            drop(style)
    texts[0].text = text
    texts[0].set(_SPACE, "preserve")
    for each in texts[1:]:
        each.text = ""
    _break_lines(texts[0])
    return True


def _break_lines(text: etree._Element) -> None:
    """Make the line ends of a value into those of the document."""
    lines = (text.text or "").split("\n")
    if len(lines) == 1:
        return
    text.text = lines[0]
    text.set(_SPACE, "preserve")
    at = text
    for line in lines[1:]:
        br = text.makeelement(w("br"))
        more = text.makeelement(w("t"))
        more.text = line
        more.set(_SPACE, "preserve")
        at.addnext(br)
        br.addnext(more)
        at = more


def _prefix(root: etree._Element) -> str:
    return next((prefix for prefix, uri in root.nsmap.items() if uri == docx_tree.NS and prefix), "w")
