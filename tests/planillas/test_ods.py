"""ODS is read again by our own parser, by lxml and by LibreOffice, with its types and nothing that runs."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from documents.parsers import ods as ods_parser
from planillas.exports import ods
from planillas.exports.inert import fit
from tests.planillas import own, sheets
from tests.planillas.hostile import HOSTILE, TEXTS

_NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
}
_TEXT = f"{{{_NAMES['text']}}}"


def _written(sheet: Any) -> bytes:
    file = io.BytesIO()
    ods.write(sheet, file)
    return file.getvalue()


def _content(content: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.infolist()[0].filename == "mimetype"
        for name in packed.namelist():
            if name.endswith(".xml"):
                etree.fromstring(packed.read(name))
        return etree.fromstring(packed.read("content.xml"))


def _cells(root: Any, table: int) -> list[list[Any]]:
    rows = root.xpath(f"(//table:table)[{table}]//table:table-row", namespaces=_NAMES)
    return [row.xpath("table:table-cell", namespaces=_NAMES) for row in rows]


def _said(cell: Any) -> str:
    return "\n".join(_letters(each) for each in cell.xpath("text:p", namespaces=_NAMES))


def _letters(element: Any) -> str:
    said = element.text or ""
    for child in element:
        said += " " * int(child.get(f"{_TEXT}c", "1")) if child.tag == f"{_TEXT}s" else ""
        said += (_letters(child) if child.tag == f"{_TEXT}a" else "") + (child.tail or "")
    return said


def test_values_keep_their_types_and_lead_to_their_sources() -> None:
    content = _written(sheets.sheet())
    root = _content(content)
    grid, beside = _cells(root, 1), _cells(root, 2)
    office = f"{{{_NAMES['office']}}}"
    told = [
        {name.removeprefix(office): value for name, value in cell.attrib.items() if name.startswith(office)}
        for cell in grid[1][:8]
    ]
    assert told == [
        {"value-type": "string"},
        {"value-type": "string"},
        {"value-type": "date", "date-value": "2014-05-03"},
        {"value-type": "string"},
        {"value-type": "float", "value": "8.5"},
        {"value-type": "boolean", "boolean-value": "true"},
        {"value-type": "currency", "value": "12500.5"},
        {"value-type": "string"},
    ]
    for row in grid[1:]:
        for cell in row[:8]:
            for note in cell.xpath("office:annotation", namespaces=_NAMES):
                number = int(re.findall(r"Fuentes, fila (\d+)", _said(note))[0])
                assert str(grid.index(row) + 1) in _said(beside[number - 1][0])
        link = row[8].xpath("string(.//text:a/@xlink:href)", namespaces=_NAMES)
        assert str(grid.index(row) + 1) in _said(beside[int(link.removeprefix("#Fuentes.A")) - 1][0])
    assert len(root.xpath("//office:annotation", namespaces=_NAMES)) == 16
    assert _said(beside[2][9]) == beside[2][9].xpath("string(.//text:a/@xlink:href)", namespaces=_NAMES)
    assert (
        root.xpath("count(//table:database-range[@table:display-filter-buttons='true'])", namespaces=_NAMES)
        == 2
    )


def test_our_own_parser_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "planilla.ods"
    path.write_bytes(_written(sheets.sheet()))
    blocks = [block for block in ods_parser.parse(path).blocks if block.cells]
    first = blocks[0].cells
    assert first[1][:7] == ("Álvarez, Ana", "04123456", "03/05/2014", "1.º A", "8,50", "Sí", "$ 12.500,50")
    assert first[3][7] == "=1+1 llega tarde" and "minuto 3:07" in blocks[1].text


@settings(max_examples=20)
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_any_text_stays_a_text(texts: list[str]) -> None:
    _check_inert(texts)


def test_hostile_texts_stay_texts() -> None:
    _check_inert(list(HOSTILE))


def _check_inert(texts: list[str]) -> None:
    content = _written(sheets.of_texts(texts))
    root = _content(content)
    for row, text in zip(_cells(root, 1)[1:], texts, strict=True):
        expected = fit(text).replace("\t", " ")
        assert _said(row[0]) == expected
        assert row[0].get(f"{{{_NAMES['office']}}}value-type") == "string"
        assert not row[0].xpath("text:p/text:a", namespaces=_NAMES)
    assert not root.xpath("//@table:formula", namespaces=_NAMES)
    links = root.xpath("//text:a/@xlink:href", namespaces=_NAMES)
    assert all(each.startswith(("#", "https://preceptor.example/e/norte/")) for each in links)


@own.NO_OFFICE
@pytest.mark.slow
def test_libreoffice_reads_the_same(tmp_path: Path) -> None:
    rows = [*sheets.ROWS, *({"alumno": sheets.found(fit(text).strip() or "x")} for text in HOSTILE)]
    made = own.converted(_written(sheets.sheet(rows)), "ods", "xlsx", tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(made))
    grid = book.worksheets[0]
    assert [cell.value for cell in grid[2]][4:7] == [8.5, True, 12500.5]
    assert (
        grid["C2"].value.isoformat()[:10] == "2014-05-03" and "Nómina de alumnos" in grid["A2"].comment.text
    )
    assert grid.auto_filter.ref == f"A1:I{len(rows) + 1}"  # what is frozen it knows only with a window
    for row, text in enumerate(HOSTILE, start=5):
        cell = grid.cell(row, 1)
        expected = fit(text).strip() or "x"
        assert cell.data_type == "s" and " ".join(str(cell.value).split()) == " ".join(expected.split())
