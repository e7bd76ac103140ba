"""The school's own workbook: recognised, filled, and everything that was in it still there."""

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.table import Table
from PIL import Image

from planillas import own_files
from planillas.columns import Column, Identity, Kind
from tests.planillas.own import NO_OFFICE, converted, parts, read_back, repacked, sheet

HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "{{escuela}}",
    "{% if 1 %}",
    "_x0041_",
    "<b>&amp;",
    "a\x00b",
)


def plain(value: Any) -> Any:
    """Return a day without its midnight."""
    return value.date() if isinstance(value, datetime) else value


def picture() -> io.BytesIO:
    """Return a small logo."""
    made = io.BytesIO()
    Image.new("RGB", (20, 20), "navy").save(made, "PNG")
    made.seek(0)
    return made


def ministry(*, rows: int = 1) -> bytes:
    """Return a template with all that schools' templates have; its table has so many rows drawn."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    notes, lists = book.add_worksheet("Notas"), book.add_worksheet("Listas")
    resume = book.add_worksheet("Resumen")
    lists.hide()
    for row, word in enumerate(("1.º A", "1.º B", "2.º A")):
        lists.write(row, 0, word)
    bold = book.add_format({"bold": True, "border": 1, "bg_color": "#DDEEFF"})
    cell = book.add_format({"border": 1, "font_color": "#112233"})
    day = book.add_format({"border": 1, "num_format": "dd/mm/yyyy"})
    mark = book.add_format({"border": 1, "num_format": "0.00"})
    notes.insert_image("H1", "logo.png", {"image_data": picture()})
    notes.merge_range("A1:G1", "Planilla de calificaciones de alumnos", bold)
    notes.write_rich_string("A2", "Escuela: ", bold, "{{escu", cell, "ela}}", " – ", "{{curso_general}}")
    notes.write("E2", "Fecha:")
    notes.write("F2", "{{fecha}}", day)
    for column, word in enumerate(("Apellido y nombre", "DNI", "Fecha de nacimiento", "Curso")):
        notes.merge_range(2, column, 3, column, word, bold)
    notes.merge_range("E3:F3", "Trimestres", bold)
    notes.write_row("E4", ["Primero", "Segundo"], bold)
    notes.merge_range("G3:G4", "Promedio", bold)
    last = 4 + rows
    for row in range(5, last + 1):
        notes.set_row(row - 1, 22)
        for column, look in enumerate((cell, cell, day, cell, mark, mark)):
            notes.write_blank(row - 1, column, None, look)
        notes.write_formula(f"G{row}", f"=AVERAGE(E{row}:F{row})", mark, 0)
    notes.write(last, 0, "Promedio general", bold)
    notes.write_formula(last, 4, f"=AVERAGE(E5:E{last})", mark)
    notes.write_formula(last, 6, f"=SUM($G$5:$G${last})/COUNT(G5:G{last})", mark)
    notes.write(last + 2, 0, "Firma del director")
    notes.merge_range(last + 2, 2, last + 2, 4, "Sello", cell)
    notes.data_validation(f"D5:D{last}", {"validate": "list", "source": "=Listas!$A$1:$A$3"})
    notes.conditional_format(f"E5:F{last}", {"type": "cell", "criteria": "<", "value": 6, "format": bold})
    notes.repeat_rows(2, 3)
    notes.print_area(0, 0, last + 2, 6)
    notes.set_landscape()
    notes.set_header("&L&G&C{{titulo}}", {"image_left": "logo.png", "image_data_left": picture()})
    notes.freeze_panes(4, 1)
    notes.write_comment("A3", "Como en el documento")
    notes.write_comment(last + 2, 0, "Con sello")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": f"=Notas!$E$5:$E${last}", "categories": f"=Notas!$A$5:$A${last}"})
    notes.insert_chart(last + 5, 0, chart)
    resume.write_formula("A1", f"=SUM(Notas!E5:E{last})")
    resume.write_formula("A2", f"=Notas!E{last + 1}")
    resume.write("A3", "Aprobó: {{aprobada_por}}")
    book.define_name("primero", f"=Notas!$E$5:$E${last}")
    book.define_name("docente", "=Notas!$G$2")
    book.close()
    return made.getvalue()


def grades(count: int) -> list[dict[str, Any]]:
    """Return as many rows of the ministry's template."""
    return [
        {
            "apellido_y_nombre": f"Alumna {n}",
            "dni": f"44{n:06d}",
            "fecha_de_nacimiento": "2014-05-03",
            "curso": "1.º B",
            "primero": n % 10 + 0.5,
            "segundo": 7,
            "curso_general": "Primero",
            "docente": "Prof. Gómez",
        }
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("rows", [1, 12])
def test_a_ministrys_workbook_is_recognised(rows: int) -> None:
    seen = own_files.recognise(ministry(rows=rows), "Notas 2026.XLSX")
    assert (seen.format, seen.filename, seen.row_is) == ("xlsx", "Notas 2026.xlsx", "un alumno")
    told = {each.key: each for each in seen.columns}
    assert list(told) == [
        "apellido_y_nombre", "dni", "fecha_de_nacimiento", "curso", "primero", "segundo", "curso_general", "docente",
    ]  # fmt: skip
    assert (told["dni"].kind, told["dni"].identity, told["dni"].is_key) == (Kind.IDENTITY, Identity.DNI, True)
    assert told["fecha_de_nacimiento"].kind == Kind.DATE
    assert (told["curso"].kind, told["curso"].choices) == (Kind.CHOICE, ("1.º A", "1.º B", "2.º A"))
    assert (told["primero"].kind, told["primero"].name) == (Kind.NUMBER, "Trimestres – Primero")
    assert told["primero"].also == ("Primero",)
    shown = seen.shown
    assert shown.sheet == "hoja «Notas»" and shown.row == ("fila 5" if rows == 1 else "filas 5 a 16")
    assert [(each.address, each.column) for each in shown.header][-1] == ("G4", "")
    marks = {each.name: each for each in shown.marks}
    assert set(marks) == {"escuela", "curso_general", "fecha", "titulo", "aprobada_por", "docente"}
    assert marks["escuela"].takes == "el nombre de la escuela" and marks["docente"].address == "G2"
    assert any("«Listas»" in words for words in seen.told)


@NO_OFFICE
def test_growing_to_thirty_rows_keeps_all_that_was_there_and_calculates_right(tmp_path: Path) -> None:
    content = ministry()
    seen = own_files.recognise(content, "notas.xlsx")
    made = own_files.fill(seen.content, seen.layout, sheet(seen.columns, grades(30)))

    book = read_back(made)
    notes = book["Notas"]
    assert book.sheetnames == ["Notas", "Listas", "Resumen", "Fuentes"]
    assert book["Listas"].sheet_state == "hidden"
    assert [plain(cell.value) for cell in notes[34]][:6] == [
        "Alumna 30", "44000030", date(2014, 5, 3), "1.º B", 0.5, 7,
    ]  # fmt: skip
    assert notes["G34"].value == "=AVERAGE(E34:F34)" and notes["G5"].value == "=AVERAGE(E5:F5)"
    assert notes["A35"].value == "Promedio general" and notes["E35"].value == "=AVERAGE(E5:E34)"
    assert notes["G35"].value == "=SUM($G$5:$G$34)/COUNT(G5:G34)"
    assert notes.row_dimensions[34].height == 21.75 and notes["A34"].border.left.style == "thin"
    assert notes["A34"].font.color.rgb == "FF112233"
    assert [str(each.sqref) for each in notes.data_validations.dataValidation] == ["D5:D34"]
    assert [str(each.sqref) for each in notes.conditional_formatting] == ["E5:F34"]
    assert notes.print_title_rows == "$3:$4" and notes.print_area == "'Notas'!$A$1:$G$37"
    assert {"C37:E37", "A3:A4", "E3:F3", "A1:G1"} <= {str(each) for each in notes.merged_cells.ranges}
    assert book.defined_names["primero"].attr_text == "Notas!$E$5:$E$34"
    assert book["Resumen"]["A1"].value == "=SUM(Notas!E5:E34)" and book["Resumen"]["A2"].value == "=Notas!E35"
    assert (
        notes["A2"].value == "Escuela: Escuela Norte & Sur – Primero" and notes["G2"].value == "Prof. Gómez"
    )
    assert notes["F2"].value.date() == date(2026, 11, 21)
    assert notes.oddHeader.center.text == "Calificaciones 2026"
    assert notes["A37"].comment.text == "Con sello" and notes["A3"].comment is not None
    assert len(notes._charts) == 1 and len(notes._images) == 1
    told = book["Fuentes"]
    assert [cell.value for cell in told[2]][:9] == [
        "A5", 1, "Apellido y nombre", "Alumna 1", "Encontrada", "Nómina.pdf", "página 1", "dice Alumna 1", None,
    ]  # fmt: skip
    assert told["J2"].hyperlink.target.startswith("https://preceptor.example/e/norte/")

    was, now = parts(content), parts(made)
    changed = {name for name in was if was[name] != now.get(name)}
    assert not changed & {
        "xl/media/image1.png", "xl/theme/theme1.xml", "xl/worksheets/sheet2.xml", "docProps/core.xml",
        "docProps/app.xml", "xl/sharedStrings.xml", "xl/drawings/vmlDrawing2.vml",
        "xl/worksheets/_rels/sheet1.xml.rels",
    }  # fmt: skip
    assert (
        b"Notas!$E$5:$E$34" in now["xl/charts/chart1.xml"]
        and b"<xdr:row>39<" in now["xl/drawings/drawing1.xml"]
    )

    again = read_back(converted(made, "xlsx", "xlsx", tmp_path), values=True)
    first = [n % 10 + 0.5 for n in range(1, 31)]
    assert again["Notas"]["E35"].value == pytest.approx(sum(first) / 30)
    assert again["Notas"]["G34"].value == pytest.approx((0.5 + 7) / 2)
    assert again["Resumen"]["A1"].value == pytest.approx(sum(first))
    assert again["Resumen"]["A2"].value == pytest.approx(sum(first) / 30)


def test_rows_that_are_drawn_are_used_first_and_the_rest_stays_empty() -> None:
    content = ministry(rows=12)
    seen = own_files.recognise(content, "notas.xlsx")
    made = own_files.fill(seen.content, seen.layout, sheet(seen.columns, grades(3)))
    notes = read_back(made)["Notas"]
    assert notes["A7"].value == "Alumna 3" and notes["A8"].value is None
    assert notes["G8"].value == "=AVERAGE(E8:F8)" and notes["E17"].value == "=AVERAGE(E5:E16)"
    was, now = parts(content), parts(made)
    assert was["xl/charts/chart1.xml"] == now["xl/charts/chart1.xml"]
    assert was["xl/drawings/drawing1.xml"] == now["xl/drawings/drawing1.xml"]
    # What another sheet makes of these rows is calculated anew, wherever the file is opened.
    assert (
        b"<v>0</v>" in was["xl/worksheets/sheet3.xml"] and b"<v>0</v>" not in now["xl/worksheets/sheet3.xml"]
    )


@pytest.mark.parametrize("value", HOSTILE)
def test_what_a_value_says_is_inert(value: str) -> None:
    book: Any = openpyxl.Workbook()
    book.active.append(["Nombre", "Observaciones", "Escuela"])
    book.active.append(["{{nombre}}", "{{observaciones}} {{nombre}}", "{{escuela}}"])
    made = io.BytesIO()
    book.save(made)
    seen = own_files.recognise(made.getvalue(), "x.xlsx")
    rows = [{"nombre": value, "observaciones": value, "escuela": "Norte"}]
    filled = own_files.fill(seen.content, seen.layout, sheet(seen.columns, rows))
    cell = read_back(filled).active["A2"]
    assert cell.data_type == "s"
    assert unescape(cell.value).strip() == value.replace("\x00", "").strip()
    assert b"<f>" not in parts(filled)["xl/worksheets/sheet1.xml"]


def plain_book(rows: list[list[Any]], **names: str) -> bytes:
    """Return a workbook that says this and no more."""
    book: Any = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, where in names.items():
        book.defined_names[name] = openpyxl.workbook.defined_name.DefinedName(name, attr_text=where)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("rows", "keys", "row"),
    [
        # Numbered rows, a title above, a total below that reaches over rows that are not drawn.
        ([["Inventario"], [], ["N°", "Bien", "Cantidad", "Importe"], [1], [2], [3], ["", "Total", "=SUM(C4:C6)"]],
         ["bien", "cantidad", "importe"], "filas 4 a 6"),
        # An example row that is replaced.
        ([["Docente", "Correo", "Teléfono"], ["Pérez, Ana", "ana@escuela.edu", "11 5555-1234"]],
         ["docente", "correo", "telefono"], "fila 2"),
        # Last year's rows, which are written over, and their total.
        ([["Bien", "Cantidad"], *([f"Silla {n}", n] for n in range(9)), ["Total", "=SUM(B2:B10)"]],
         ["bien", "cantidad"], "filas 2 a 10"),
        # Nothing but headers.
        ([["Acuerdo", "Responsable", "Plazo"]], ["acuerdo", "responsable", "plazo"], "fila 2"),
        # A hint below each header.
        ([["Nombre", "Nacimiento"], ["(completo)", "(dd/mm/aaaa)"], ["{{nombre}}", "{{nacimiento}}"]],
         ["nombre", "nacimiento"], "fila 3"),
        # The days of a month.
        ([["Alumno", *range(1, 32)]], ["alumno", *(f"c_{n}" for n in range(1, 32))], "fila 2"),
        # Sixty columns.
        ([[f"Dato {n}" for n in range(60)]], [f"dato_{n}" for n in range(60)], "fila 2"),
        # A form: labels and marks, no table.
        ([["Nombre:", "{{nombre}}"], ["Fecha:", "{{fecha}}"]], ["nombre", "fecha"], ""),
    ],
)  # fmt: skip
def test_layouts_of_every_day(rows: list[list[Any]], keys: list[str], row: str) -> None:
    seen = own_files.recognise(plain_book(rows), "x.xlsx")
    assert [each.key for each in seen.columns] == keys
    assert seen.shown.row == row
    values = [
        {key: "5" if each.kind == Kind.TEXT else None for key, each in zip(keys, seen.columns, strict=True)}
    ] * 5
    filled = own_files.fill(seen.content, seen.layout, sheet(seen.columns, values))
    book = read_back(filled)
    assert "Fuentes" in book.sheetnames
    assert not any("Silla" in str(cell.value) for line in book.worksheets[0].iter_rows() for cell in line)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (Kind.DATE, "2014-05-03", date(2014, 5, 3)),
        (Kind.TIME, "08:30", "08:30:00"),
        (Kind.INTEGER, 7, 7),
        (Kind.MONEY, 1234.5, 1234.5),
        (Kind.YES_NO, True, "Sí"),
        (Kind.LIST, ["a", "b"], "a; b"),
        (Kind.IDENTITY, "01234567", "01234567"),
    ],
)
def test_each_kind_is_written_as_what_it_is(kind: Kind, value: Any, shown: Any) -> None:
    seen = own_files.recognise(plain_book([["Nombre", "Dato"]]), "x.xlsx")
    columns = (Column("nombre", "Nombre"), Column("dato", "Dato", kind))
    filled = own_files.fill(seen.content, seen.layout, sheet(columns, [{"nombre": "A", "dato": value}]))
    cell = read_back(filled).active["B2"]
    assert str(plain(cell.value)) == str(shown)


def test_more_rows_than_a_sheet_holds_are_refused() -> None:
    seen = own_files.recognise(plain_book([["Nombre", "Dato"]]), "x.xlsx")
    told = sheet(seen.columns, [])
    with pytest.raises(own_files.TooManyRows):
        own_files.fill(
            seen.content,
            seen.layout,
            type(told)(**{n: getattr(told, n) for n in told.__slots__} | {"count": 1_048_576}),
        )


def test_a_table_and_shared_formulas_of_excel_grow() -> None:
    book: Any = openpyxl.Workbook()
    page = book.active
    for row in (
        ["Alumno", "Nota", "Doble"],
        [None, None, None],
        [None, None, None],
        ["Total", "=SUM(B2:B3)"],
    ):
        page.append(row)
    page.add_table(Table(displayName="Notas", ref="A1:C3"))
    made = io.BytesIO()
    book.save(made)
    was = parts(made.getvalue())["xl/worksheets/sheet1.xml"]
    formulas = (
        b'<row r="2"><c r="C2"><f t="shared" ref="C2:C3" si="0">B2*2</f><v>0</v></c></row>'
        b'<row r="3"><c r="C3"><f t="shared" si="0"/><v>0</v></c></row>'
    )
    shared = was.replace(b'<row r="4"', formulas + b'<row r="4"', 1)
    content = repacked(made.getvalue(), {"xl/worksheets/sheet1.xml": shared})
    seen = own_files.recognise(content, "x.xlsx")
    assert [each.key for each in seen.columns] == ["alumno", "nota"] and seen.shown.row == "filas 2 a 3"
    rows = [{"alumno": f"A{n}", "nota": n} for n in range(5)]
    filled = read_back(own_files.fill(seen.content, seen.layout, sheet(seen.columns, rows)))
    page = filled.worksheets[0]
    assert [page[f"C{n}"].value for n in range(2, 7)] == [f"=B{n}*2" for n in range(2, 7)]
    assert page.tables["Notas"].ref == "A1:C6" and page["B7"].value == "=SUM(B2:B6)"
