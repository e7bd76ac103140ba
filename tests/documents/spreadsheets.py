"""School spreadsheets as data, and their writers: the same content as XLSX, XLS and ODS."""

import datetime as dt
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import xlwt
from odf import opendocument, style, table
from odf import text as odf_text

from documents.blocks import Kind
from documents.places import Sheet

Value = str | float | bool | dt.date | None


@dataclass(frozen=True)
class Cell:
    """A value with its number format, and how a person sees it."""

    value: Value
    number_format: str
    shown: str


@dataclass(frozen=True)
class Expected:
    """A block that must come out: its cells when it is a table, else its text."""

    kind: Kind
    place: Sheet
    text: str = ""
    cells: tuple[tuple[str, ...], ...] = ()
    level: int = 0


@dataclass(frozen=True)
class Golden:
    sheets: dict[str, list[list[Value | Cell]]]
    expected: list[Expected]
    merges: dict[str, list[str]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()


def day(year: int, month: int, number: int) -> Cell:
    return Cell(dt.date(year, month, number), "DD/MM/YYYY", f"{number:02d}/{month:02d}/{year}")


def pesos(value: float, shown: str) -> Cell:
    return Cell(value, '"$" #,##0.00', f"$ {shown}")


def percent(value: float, shown: str) -> Cell:
    return Cell(value, "0.0%" if "," in shown else "0%", f"{shown} %")


def number(value: float, shown: str, number_format: str = "#,##0") -> Cell:
    return Cell(value, number_format, shown)


NOMINA = Golden(
    sheets={
        "5.º B": [
            ["Nómina de alumnos de 5.º B, ciclo lectivo 2026"],
            [],
            ["Legajo", "Apellido y nombre", "DNI", "Nacimiento", "Becado", "Cuota"],
            ["00123", "Gómez, Ana María", number(50123456, "50.123.456"), day(2015, 3, 9), True,
             pesos(15000.5, "15.000,50")],
            ["00124", "Núñez, José", number(49876001, "49.876.001"), day(2014, 12, 31), False, pesos(0.75, "0,75")],
            ["00131", "Ibáñez, Lucía", number(50000007, "50.000.007"), day(2015, 1, 1), True, None],
        ],
        "Vacía": [],
    },
    merges={"5.º B": ["A1:F1"]},
    expected=[
        Expected(Kind.HEADING, Sheet("5.º B", (1, 1)), "5.º B", level=1),
        Expected(Kind.HEADING, Sheet("5.º B", (1, 1)), "Nómina de alumnos de 5.º B, ciclo lectivo 2026", level=2),
        Expected(
            Kind.TABLE,
            Sheet("5.º B", (3, 6)),
            cells=(
                ("Legajo", "Apellido y nombre", "DNI", "Nacimiento", "Becado", "Cuota"),
                ("00123", "Gómez, Ana María", "50.123.456", "09/03/2015", "Sí", "$ 15.000,50"),
                ("00124", "Núñez, José", "49.876.001", "31/12/2014", "No", "$ 0,75"),
                ("00131", "Ibáñez, Lucía", "50.000.007", "01/01/2015", "Sí", ""),
            ),
            level=1,
        ),
    ],
)  # fmt: skip

CALIFICACIONES = Golden(
    sheets={
        "Matemática": [
            ["Calificaciones de Matemática"],
            ["Turno", "Alumno", "Primer trimestre", None, "Segundo trimestre", None, "Asistencia"],
            [None, None, "Nota", "Concepto", "Nota", "Concepto", None],
            ["Mañana", "Gómez, Ana", 8.5, "Muy bueno", 9, "Sobresaliente", percent(0.95, "95")],
            [None, "Núñez, José", 7, "Bueno", 6.25, "Bueno", percent(0.875, "87,5")],
            ["Tarde", "Ibáñez, Lucía", 10, "Sobresaliente", 10, "Sobresaliente", percent(1, "100")],
            [],
            ["Referencias"],
            ["Nota", "Concepto"],
            [10, "Sobresaliente"],
            [8, "Muy bueno"],
        ],
    },
    merges={"Matemática": ["A1:G1", "A2:A3", "B2:B3", "C2:D2", "E2:F2", "G2:G3", "A4:A5"]},
    expected=[
        Expected(Kind.HEADING, Sheet("Matemática", (1, 1)), "Matemática", level=1),
        Expected(Kind.HEADING, Sheet("Matemática", (1, 1)), "Calificaciones de Matemática", level=2),
        Expected(
            Kind.TABLE,
            Sheet("Matemática", (2, 6)),
            cells=(
                ("Turno", "Alumno", "Primer trimestre", "Primer trimestre", "Segundo trimestre", "Segundo trimestre",
                 "Asistencia"),
                ("Turno", "Alumno", "Nota", "Concepto", "Nota", "Concepto", "Asistencia"),
                ("Mañana", "Gómez, Ana", "8,5", "Muy bueno", "9", "Sobresaliente", "95 %"),
                ("Mañana", "Núñez, José", "7", "Bueno", "6,25", "Bueno", "87,5 %"),
                ("Tarde", "Ibáñez, Lucía", "10", "Sobresaliente", "10", "Sobresaliente", "100 %"),
            ),
            level=2,
        ),
        Expected(Kind.HEADING, Sheet("Matemática", (8, 8)), "Referencias", level=2),
        Expected(
            Kind.TABLE,
            Sheet("Matemática", (9, 11)),
            cells=(("Nota", "Concepto"), ("10", "Sobresaliente"), ("8", "Muy bueno")),
            level=1,
        ),
    ],
)  # fmt: skip

INVENTARIO = Golden(
    sheets={
        "Laboratorio": [
            [None, "Código", "Elemento", "Cantidad", "Peso (kg)", "Alta", "Valor"],
            [None, "LAB-01", "Microscopio óptico", 12, number(3.5, "3,5", "0.0"), day(2019, 8, 1),
             pesos(185000, "185.000,00")],
            [None, "LAB-02", "Balanza «Ohaus», 2 kg", 3, number(1.25, "1,3", "0.0"), day(2021, 4, 12),
             pesos(96500.9, "96.500,90")],
            [None, "=1+1", "@Probeta; 100 ml | vidrio", 1450, number(0.2, "0,2", "0.0"), None,
             Cell(-10, '"$" #,##0.00', "-$ 10,00")],
        ],
        "Bajas": [["Código", "Motivo"], ["LAB-00", "Rota\nen clase"], ["-2+3", "Perdida"]],
    },
    hidden=frozenset(("Bajas",)),
    expected=[
        Expected(Kind.HEADING, Sheet("Laboratorio", (1, 1)), "Laboratorio", level=1),
        Expected(
            Kind.TABLE,
            Sheet("Laboratorio", (1, 4)),
            cells=(
                ("Código", "Elemento", "Cantidad", "Peso (kg)", "Alta", "Valor"),
                ("LAB-01", "Microscopio óptico", "12", "3,5", "01/08/2019", "$ 185.000,00"),
                ("LAB-02", "Balanza «Ohaus», 2 kg", "3", "1,3", "12/04/2021", "$ 96.500,90"),
                ("=1+1", "@Probeta; 100 ml | vidrio", "1450", "0,2", "", "-$ 10,00"),
            ),
            level=1,
        ),
        Expected(Kind.HEADING, Sheet("Bajas", (1, 1)), "Bajas (hoja oculta)", level=1),
        Expected(
            Kind.TABLE,
            Sheet("Bajas", (1, 3)),
            cells=(("Código", "Motivo"), ("LAB-00", "Rota en clase"), ("-2+3", "Perdida")),
            level=1,
        ),
    ],
)  # fmt: skip

GOLDENS = {"nómina": NOMINA, "calificaciones": CALIFICACIONES, "inventario": INVENTARIO}


def write_xlsx(path: Path, golden: Golden) -> Path:
    """Write it as Excel does."""
    book = openpyxl.Workbook()
    for sheet in list(book):
        book.remove(sheet)
    for name, rows in golden.sheets.items():
        sheet = book.create_sheet(name)
        for row, column, cell in _cells(rows):
            written = sheet.cell(row, column, cell.value)
            written.number_format = cell.number_format
            if isinstance(cell.value, str):
                written.data_type = "s"  # also what looks like a formula
        for merge in golden.merges.get(name, ()):
            sheet.merge_cells(merge)
        sheet.sheet_state = "hidden" if name in golden.hidden else "visible"
    book.save(path)
    return path


def write_xls(path: Path, golden: Golden) -> Path:
    """Write it as Excel did before 2007."""
    book = xlwt.Workbook()
    for name, rows in golden.sheets.items():
        sheet = book.add_sheet(name)
        merged = {ref: _corners(ref) for ref in golden.merges.get(name, ())}
        starts = {(top, left): (top, bottom, left, right) for top, left, bottom, right in merged.values()}
        for row, column, cell in _cells(rows):
            look = xlwt.easyxf(num_format_str=cell.number_format)
            if (row, column) in starts:
                top, bottom, left, right = starts[row, column]
                sheet.write_merge(top - 1, bottom - 1, left - 1, right - 1, cell.value, look)
            else:
                sheet.write(row - 1, column - 1, cell.value, look)
        sheet.visibility = int(name in golden.hidden)
    book.save(str(path))
    return path


def write_ods(path: Path, golden: Golden) -> Path:
    """Write it as LibreOffice does."""
    book = opendocument.OpenDocumentSpreadsheet()
    unseen = style.Style(name="unseen", family="table")
    unseen.addElement(style.TableProperties(display="false"))
    book.automaticstyles.addElement(unseen)
    for name, rows in golden.sheets.items():
        extra = {"stylename": unseen} if name in golden.hidden else {}
        sheet = table.Table(name=name, **extra)
        spans = {
            (top, left): {"numberrowsspanned": bottom - top + 1, "numbercolumnsspanned": right - left + 1}
            for top, left, bottom, right in map(_corners, golden.merges.get(name, ()))
        }
        for number_, row in enumerate(rows, start=1):
            line = table.TableRow()
            for column, value in enumerate(row, start=1):
                line.addElement(_ods_cell(_as_cell(value), spans.get((number_, column), {})))
            line.addElement(table.TableCell(numbercolumnsrepeated=16384 - len(row)))
            sheet.addElement(line)
        sheet.addElement(table.TableRow(numberrowsrepeated=1_048_576 - len(rows)))
        book.spreadsheet.addElement(sheet)
    book.save(str(path))
    return path


def write_ods_xml(path: Path, tables: str) -> Path:
    """Write an ODS whose sheets are given as XML, which no program would write."""
    kinds = ("office", "table", "text", "style")
    names = " ".join(f'xmlns:{kind}="urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0"' for kind in kinds)
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:document-content {names}>{body}</office:document-content>")
    return path


WRITERS = {"xlsx": write_xlsx, "xls": write_xls, "ods": write_ods}


def _ods_cell(cell: Cell, span: dict[str, int]) -> Any:
    match cell.value:
        case None:
            return table.TableCell(**span)
        case bool():
            made = table.TableCell(valuetype="boolean", booleanvalue=str(cell.value).lower(), **span)
        case int() | float():
            kind = "percentage" if "%" in cell.shown else "currency" if "$" in cell.shown else "float"
            made = table.TableCell(valuetype=kind, value=cell.value, **span)
        case dt.date():
            made = table.TableCell(valuetype="date", datevalue=cell.value.isoformat(), **span)
        case _:
            made = table.TableCell(valuetype="string", **span)
    for line in cell.shown.split("\n"):
        made.addElement(odf_text.P(text=line))
    return made


def _cells(rows: list[list[Value | Cell]]) -> list[tuple[int, int, Cell]]:
    return [
        (row, column, _as_cell(value))
        for row, values in enumerate(rows, start=1)
        for column, value in enumerate(values, start=1)
        if value is not None
    ]


def _as_cell(value: Value | Cell) -> Cell:
    if isinstance(value, Cell):
        return value
    shown = str(value).replace(".", ",") if isinstance(value, float) else str(value)
    return Cell(value, "General", shown)


def _corners(reference: str) -> tuple[int, int, int, int]:
    """Return top, left, bottom and right of a range such as A1:F2, from 1; no column beyond Z."""
    match = re.fullmatch(r"([A-Z])(\d+):([A-Z])(\d+)", reference)
    assert match is not None
    return int(match[2]), ord(match[1]) - 64, int(match[4]), ord(match[3]) - 64
