"""Spreadsheets: title rows, grouped headers, several sheets, totals, spans, and CSV as programs export it."""

from openpyxl.styles import Font
from openpyxl.workbook import Workbook

from tests.planillas.bundles.writers import excel, ods, text


def make() -> None:
    """Write them."""
    excel("asistencia/asistencia-marzo.xlsx", _attendance)
    excel("dos-divisiones/cuarto-grado.xlsx", _two_divisions)
    text("dos-divisiones/contactos.csv", _CONTACTS, encoding="cp1252")
    ods(
        "inventario-por-aula/inventario.ods",
        (
            ("Inventario", _STOCK),
            ("Pedido 2027", _WANTED),
            ("Referencias", (("Estado", "Significa"), ("B", "Bueno"), ("R", "Regular"), ("M", "Malo"))),
        ),
        spans=(("Inventario", 4, 3), ("Inventario", 7, 2)),
    )
    excel("cuil-de-docentes/planta.xlsx", _staff)
    excel("homonimos/inscriptos-manana.xlsx", _namesakes_morning)
    text("homonimos/inscriptos-tarde.csv", _NAMESAKES_AFTERNOON)
    text("homonimos/llamados.csv", _CALLS)
    excel("fichero-ancho/encuesta.xlsx", _survey)


def _attendance(book: Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.title = "Marzo"
    days = (2, 3, 4, 5, 6)
    rows: list[list[object]] = [
        ["ESCUELA PRIMARIA N.º 12 «JOSÉ HERNÁNDEZ»"],
        ["Registro de asistencia – marzo de 2026 – 5.º A"],
        [],
        ["N.º", "Alumno", "DNI", "Días del mes", None, None, None, None, "Totales"],
        [None, None, None, *days, "Presentes", "Ausentes"],
        [1, "Arce, Malena", "52.801.443", "P", "P", "A", "P", "P", 4, 1],
        [2, "Britos, Ciro", "52.917.006", "P", "T", "P", "P", "P", 5, 0],
        [3, "Coria, Guadalupe", "52.654.318", "A", "A", "J", "A", "P", 1, 4],
        [4, "Díaz, Benicio", "52.788.120", "P", "P", "P", None, "P", 4, 0],
        [5, "Espósito, Zoe", "52.703.655", "P", "p", "P", "A", "R", 4, 1],
        [None, "Presentes por día", None, 4, 4, 3, 2, 5, 18, None],
        [None, "Inasistencias por día", None, 1, 1, 2, 2, 0, None, 6],
        [],
        ["Referencias: P presente, A ausente, T tarde, J justificado, R retiro anticipado"],
    ]
    for row in rows:
        sheet.append(row)
    for area in ("A1:J1", "A2:J2", "D4:H4", "I4:J4", "A4:A5", "B4:B5", "C4:C5"):
        sheet.merge_cells(area)
    for cell in sheet[4]:
        cell.font = Font(bold=True)


def _two_divisions(book: Workbook) -> None:
    first, second = book.worksheets[0], book.create_sheet("4.º B")
    first.title = "4.º A"
    for row in (
        ["Cuarto grado A – Docente: Laura Ponce"],
        ["Apellidos", "Nombres", "DNI", "Nacimiento", "Observaciones"],
        ["Peña", "Renata", 54112233, "12/05/2016", None],
        ["Ríos", "Delfina María", 54001876, "03/11/2015", "=SUMA(A1:A9)"],
        ["Yáñez", "Emilia", 54330912, "31/02/2016", "Pase en trámite"],
        ["Total", None, 3],
    ):
        first.append(row)
    first["E4"].data_type = "s"
    for row in (
        ["Cuarto grado B – Docente: Raúl Godoy"],
        ["Apellidos", "Nombres", "DNI", "Nacimiento", "Observaciones"],
        ["Zárate", "Facundo", 54278541, "27/07/2016", None],
        ["Sánchez", "Benjamín", 54090023, "19/09/2016", "@alergia: maní"],
        ["Total", None, 2],
    ):
        second.append(row)


# As an old program hands it out: semicolons, no accents, not UTF-8.
_CONTACTS = """
DOCUMENTO;ALUMNO;FECHA NAC.;RESPONSABLE;TELEFONO;MAIL
54.112.233;PENA RENATA;12/05/2016;Peña, Mario;1145671000;mario.pena@example.org
54001876;RIOS DELFINA MARIA;11/03/2015;Ríos, Elsa;11-4567-2000;
54330912;YANEZ EMILIA;02/03/2016;Yáñez, Hugo;;hugo.yanez(arroba)example.org
54278541;ZARATE FACUNDO;27/07/2016;Zárate, Inés;+54 11 4567 3000;ines@example.org
54090023;SANCHEZ BENJAMIN;;Sánchez, Pía;sin teléfono;pia@example.org
"""

_STOCK = (
    ("Instituto Superior N.º 4", "", "", "", "", ""),
    ("Inventario de mobiliario y equipos al 27/02/2026", "", "", "", "", ""),
    ("", "", "", "", "", ""),
    ("Aula", "Detalle", "Cant.", "Estado", "Valor unit.", "N.º de inventario"),
    ("Aula 1", "Silla apilable", "34 u.", "B", "$ 38.400,00", "M-0101"),
    ("", "Mesa doble", 17, "R", "$ 71.250,50", "M-0102"),
    ("", "Pizarrón verde", 1, "M", "s/d", "M-0103"),
    ("Laboratorio", "Microscopio binocular", "6 unidades", "B", "US$ 410", "L-0007"),
    ("", "Balanza de precisión", 2, "R", "$ 1.250.000", "L-0008"),
    ("Total de bienes", "", 60, "", "", ""),
)
_WANTED = (
    ("Detalle", "Cant.", "Valor unit."),
    ("Silla apilable", 10, "$ 41.000,00"),
    ("Proyector", 2, "$ 890.000,00"),
)


def _staff(book: Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.title = "Planta"
    for row in (
        ["Docente", "CUIL", "Cargo", "Toma de posesión", "Correo institucional", "Horas cátedra"],
        [
            "Ponce, Laura",
            "27-24567890-3",
            "Maestra de grado",
            "1/3/2009",
            "lponce@escuela12.example",
            "20 hs",
        ],
        [
            "Godoy, Raúl",
            "20-28901234-7",
            "Maestro de grado",
            "15-02-2012",
            "rgodoy@escuela12.example",
            "20 hs",
        ],
        ["Sosa, Mirta", "23304567899", "Bibliotecaria", "10/08/2015", "msosa@escuela12", "25 hs"],
        ["Vidal, Inés", "27-33210987-5", "Prof. de Música", "03/03/2018", "ividal@escuela12.example", "doce"],
        ["Luna, Omar", "20-17654321-4", "Director", "02/04/1093", "direccion@escuela12.example", "-"],
        ["Vacante", None, "Maestra de apoyo", None, None, "20 hs"],
    ):
        sheet.append(row)


def _namesakes_morning(book: Workbook) -> None:
    sheet = book.worksheets[0]
    for row in (
        ["Inscriptos turno mañana"],
        ["Nombre y apellido", "DNI", "Sala"],
        ["María González", "55.010.111", "Celeste"],
        ["Juan Pérez", "55.020.222", "Celeste"],
    ):
        sheet.append(row)


_NAMESAKES_AFTERNOON = """
Nombre y apellido,DNI,Sala
María González,55.030.333,Verde
Luz Pérez,55.040.444,Verde
"""
_CALLS = """
Nombre y apellido,Teléfono
María González,11 5555-0001
Luz Pérez,11 5555-0002
Juan Pérez,11 5555-0003
"""


def _survey(book: Workbook) -> None:
    """A form's answers as they are exported: long questions as headers, a stamp of time, ticks."""
    sheet = book.worksheets[0]
    sheet.title = "Respuestas de formulario 1"
    for row in (
        [
            "Marca temporal",
            "Dirección de correo electrónico",
            "1. Apellido y nombre del estudiante (como en el DNI)",
            "2. DNI del estudiante (sin puntos)",
            "3. Apellido y nombre del adulto que completa",
            "4. ¿Autoriza la salida educativa del 8/5?",
            "5. ¿Cuántos hermanos tiene en la escuela?",
            "6. ¿Qué talleres le interesan? (puede marcar varios)",
            "7. Teléfono para urgencias",
        ],
        [
            "21/4/2026 18:03:11",
            "flia.arias@example.org",
            "Arias, Joaquín",
            "51200300",
            "Arias, Natalia",
            "Sí",
            0,
            "Ajedrez, Huerta",
            "11 6000-1001",
        ],
        [
            "21/4/2026 19:40:52",
            "p.bustos@example.org",
            "Bustos, Pilar",
            "51.200.411",
            "Bustos, Pedro",
            "No",
            "una",
            "Coro",
            "11 6000-1002",
        ],
        [
            "22/4/2026 7:12:00",
            "casa.cruz@example.org",
            "Cruz, León",
            "51200522",
            "Cruz, Ana",
            "Sí",
            2,
            "Ajedrez, Coro, Huerta",
            "no tengo",
        ],
    ):
        sheet.append(row)  # fmt: skip
