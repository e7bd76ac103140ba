"""The school's own LibreOffice sheet: recognised, filled, and what refers to its rows moved along."""

import io
from pathlib import Path
from typing import Any

import pytest
from odf import opendocument, style, table, text
from odf.number import DateStyle, Day, Month, Number, NumberStyle, Text, Year
from odf.opendocument import OpenDocumentSpreadsheet

from planillas import own_files
from planillas.columns import Kind
from tests.planillas.own import NO_OFFICE, converted, parts, read_back, sheet
from tests.planillas.test_own_xlsx import HOSTILE, grades, ministry


def cell(said: str = "", **fields: Any) -> table.TableCell:
    """Return a cell."""
    made = table.TableCell(**fields)
    if said:
        made.addElement(text.P(text=said))
    return made


def inventory(*, drawn: int = 1) -> bytes:
    """Return a template: title, marks, header, rows that are repeated as one, a total, names and a list."""
    book = OpenDocumentSpreadsheet()
    day = DateStyle(name="N1")
    for each in (Day(style="long"), Text(text="/"), Month(style="long"), Text(text="/"), Year(style="long")):
        day.addElement(each)
    amount = NumberStyle(name="N2")
    amount.addElement(Number(decimalplaces="0", minintegerdigits="1"))
    book.automaticstyles.addElement(day)
    book.automaticstyles.addElement(amount)
    for name, data in (("ce1", None), ("ce2", "N1"), ("ce3", "N2")):
        look = style.Style(name=name, family="table-cell", **({"datastylename": data} if data else {}))
        look.addElement(style.TableCellProperties(border="0.5pt solid #000000"))
        book.automaticstyles.addElement(look)
    rules = table.ContentValidations()
    rules.addElement(
        table.ContentValidation(
            name="val1", condition='of:cell-content-is-in-list("Bueno";"Malo")', basecelladdress="Bienes.C4"
        )
    )
    book.spreadsheet.addElement(rules)
    one = table.Table(name="Bienes", printranges=f"Bienes.A1:Bienes.E{5 + drawn}")
    one.addElement(table.TableColumn(numbercolumnsrepeated="5", defaultcellstylename="ce1"))
    rows = [
        [cell("Inventario de bienes")],
        [cell("Escuela: {{escuela}}"), cell("{{fecha}}", stylename="ce2")],
        [cell(word, stylename="ce1") for word in ("Bien", "Alta", "Estado", "Cantidad", "Doble")],
    ]
    for each in rows:
        row = table.TableRow()
        for one_cell in each:
            row.addElement(one_cell)
        one.addElement(row)
    row = table.TableRow(numberrowsrepeated=str(drawn)) if drawn > 1 else table.TableRow()
    for one_cell in (
        cell(stylename="ce1"), cell(stylename="ce2"), cell(stylename="ce1", contentvalidationname="val1"),
        cell(stylename="ce3"),
    ):  # fmt: skip
        row.addElement(one_cell)
    row.addElement(
        cell("0", stylename="ce3", formula="of:=[.D4]*2", valuetype="float", value="0")
        if drawn == 1
        else cell()
    )
    one.addElement(row)
    row = table.TableRow()
    row.addElement(cell("Total", numbercolumnsspanned="3"))
    row.addElement(table.CoveredTableCell(numbercolumnsrepeated="2"))
    row.addElement(cell("0", formula=f"of:=SUM([.D4:.D{3 + drawn}])", valuetype="float", value="0"))
    one.addElement(row)
    one.addElement(table.TableRow(numberrowsrepeated=str(1_048_576 - 4 - drawn)))
    book.spreadsheet.addElement(one)
    other = table.Table(name="Resumen")
    row = table.TableRow()
    row.addElement(cell("0", formula=f"of:=[$Bienes.D{4 + drawn}]", valuetype="float", value="0"))
    other.addElement(row)
    book.spreadsheet.addElement(other)
    names = table.NamedExpressions()
    names.addElement(
        table.NamedRange(
            name="cantidad", basecelladdress="$Bienes.$A$1", cellrangeaddress=f"$Bienes.$D$4:.$D${3 + drawn}"
        )
    )
    book.spreadsheet.addElement(names)
    made = io.BytesIO()
    book.write(made)
    return made.getvalue()


def goods(count: int) -> list[dict[str, Any]]:
    """Return rows of the inventory."""
    return [
        {"bien": f"Silla {n}", "alta": "2026-03-01", "estado": "Bueno", "cantidad": n}
        for n in range(1, count + 1)
    ]


def test_an_inventory_is_recognised() -> None:
    seen = own_files.recognise(inventory(), "inventario.ots")
    assert (seen.format, seen.filename, seen.row_is) == ("ods", "inventario.ods", "un bien")
    assert [(each.key, each.kind, each.choices) for each in seen.columns] == [
        ("bien", Kind.TEXT, ()), ("alta", Kind.DATE, ()), ("estado", Kind.CHOICE, ("Bueno", "Malo")),
        ("cantidad", Kind.INTEGER, ()),
    ]  # fmt: skip
    assert seen.shown.row == "fila 4" and {each.name for each in seen.shown.marks} == {"escuela", "fecha"}


@NO_OFFICE
def test_growing_to_thirty_rows_moves_what_is_below(tmp_path: Path) -> None:
    seen = own_files.recognise(inventory(drawn=5), "inventario.ods")
    made = own_files.fill(seen.content, seen.layout, sheet(seen.columns, goods(30)))
    assert (
        opendocument.load(io.BytesIO(made)).getElementsByType(table.Table)[2].getAttribute("name")
        == "Fuentes"
    )
    book = read_back(converted(made, "ods", "xlsx", tmp_path), values=True)
    told = book["Bienes"]
    assert [each.value for each in told[33]][:4][0::3] == ["Silla 30", 30]
    assert told["B33"].value.date().isoformat() == "2026-03-01"
    assert told["A34"].value == "Total" and told["D34"].value == sum(range(1, 31))
    assert book["Resumen"]["A1"].value == sum(range(1, 31))
    assert told["A2"].value == "Escuela: Escuela Norte & Sur" and told["B2"].value.year == 2026
    content = parts(made)["content.xml"].decode()
    assert "$Bienes.$D$4:.$D$33" in content and "Bienes.E35" in content
    assert [str(each.sqref) for each in book["Bienes"].data_validations.dataValidation] == ["C4:C33"]
    assert book["Fuentes"]["D2"].value == "Silla 1"


@NO_OFFICE
def test_a_sheet_that_libreoffice_wrote_is_filled(tmp_path: Path) -> None:
    template = converted(ministry(), "xlsx", "ods", tmp_path / "a")
    seen = own_files.recognise(template, "notas.ods")
    assert [each.key for each in seen.columns][:6] == [
        "apellido_y_nombre", "dni", "fecha_de_nacimiento", "curso", "primero", "segundo",
    ]  # fmt: skip
    made = own_files.fill(seen.content, seen.layout, sheet(seen.columns, grades(30)))
    was, now = parts(seen.content), parts(made)
    same = {name for name in was if name.startswith(("Pictures/", "meta", "settings", "Thumbnails"))}
    assert same and all(was[name] == now[name] for name in same)
    book = read_back(converted(made, "ods", "xlsx", tmp_path / "b"), values=True)
    first = [n % 10 + 0.5 for n in range(1, 31)]
    notes = book["Notas"]
    assert notes["E35"].value == pytest.approx(sum(first) / 30) and notes["A34"].value == "Alumna 30"
    assert book["Resumen"]["A1"].value == pytest.approx(sum(first))
    assert len(notes._charts) == 1 and book["Listas"].sheet_state == "hidden"
    assert notes["A34"].border.left.style is not None


@pytest.mark.parametrize("value", HOSTILE)
def test_what_a_value_says_is_inert(value: str) -> None:
    seen = own_files.recognise(inventory(), "x.ods")
    filled = own_files.fill(seen.content, seen.layout, sheet(seen.columns, [{"bien": value}]))
    book = opendocument.load(io.BytesIO(filled))
    row = book.getElementsByType(table.TableRow)[3]
    first = row.getElementsByType(table.TableCell)[0]
    assert first.getAttribute("valuetype") == "string" and first.getAttribute("formula") is None
    told = "\n".join(str(each) for each in first.getElementsByType(text.P))
    assert told.replace("\n", "").strip() == value.replace("\x00", "").replace("\r", "").strip()
