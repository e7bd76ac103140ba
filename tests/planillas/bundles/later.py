"""The last papers, measured once when the rules were as good as done."""

import datetime as dt

from docx.document import Document
from openpyxl.workbook import Workbook

from tests.planillas.bundles.writers import excel, grid, pdf, text, word


def make() -> None:
    """Write them."""
    excel("llegadas-tarde/abril.xlsx", _late)
    text("aula-virtual/calificaciones.csv", _CAMPUS)
    excel("dos-responsables/base.xlsx", _two_adults)
    text("dos-alumnos-en-un-correo/correo.eml", _TWO_PUPILS)
    text("negritas/ficha.md", _BOLD)
    pdf("un-curso-por-tabla/listas.pdf", _BY_COURSE)
    word("acta-de-entrega/entrega.docx", _handover)
    pdf("analitico/analitico.pdf", _TRANSCRIPT)
    text("salida-impresa/listado.txt", _PRINTED)
    excel("meses-en-columnas/cuotas.xlsx", _fees)


def _late(book: Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.title = "Abril"
    for row in (
        ["Llegadas tarde – abril 2026", None, None, None, None],
        ["Fecha", "Alumno", "Curso", "Hora de ingreso", "Motivo"],
        [dt.date(2026, 4, 1), "Rey, Axel", "3.º B", dt.time(8, 12), "Colectivo"],
        [None, "Sáez, Vera", "1.º A", dt.time(8, 25), None],
        [dt.date(2026, 4, 7), "Rey, Axel", "3.º B", dt.time(9, 5), "Médico (trae certificado)"],
        ["Total: 3", None, None, None, None],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A3:A4")


_CAMPUS = """
Apellido(s),Nombre,Dirección de correo,Estado,Comenzado el,Tiempo requerido,"Calificación/10,00"
Araujo,Mía,mia.araujo@campus.example,Finalizado,"3 de mayo de 2026, 10:15",12 minutos 4 segundos,"8,50"
Barrios,Gael,gael.barrios@campus.example,En curso,"3 de mayo de 2026, 10:20",-,-
Cáceres,Uma,uma.caceres@campus.example,Finalizado,"4 de mayo de 2026, 09:01",8 minutos,"10,00"
Promedio general,,,,,,"9,25"
"""


def _two_adults(book: Workbook) -> None:
    sheet = book.worksheets[0]
    for row in (
        [
            "Apellido",
            "Nombre",
            "DNI",
            "Resp. 1 - Apellido y nombre",
            "Resp. 1 - DNI",
            "Resp. 1 - Teléfono",
            "Resp. 2 - Apellido y nombre",
            "Resp. 2 - DNI",
            "Resp. 2 - Teléfono",
            "Retira solo",
        ],
        [
            "Ledesma",
            "Olivia",
            56100100,
            "Ledesma, Juan",
            30500100,
            "11 4000-1000",
            "Paz, Eva",
            31500100,
            "11 4000-1001",
            "NO",
        ],
        ["Molina", "Teo", 56100200, "Ortiz, Rosa", 32500200, "11 4000-2000", None, None, None, "SI"],
    ):
        sheet.append(row)  # fmt: skip


_TWO_PUPILS = """
From: Olga Rey <orey@example.org>
To: secretaria@escuela9.example
Subject: Datos de mis hijos
Date: Tue, 14 Apr 2026 08:00:00 -0300
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Buenos días. Paso los datos de los dos.

Nombre y apellido: Axel Rey
DNI: 51.700.100
Fecha de nacimiento: 15/03/2011
Grado: 6.º A

Nombre y apellido: Zoe Rey
DNI: 54.700.200
Fecha de nacimiento: 2 de enero de 2015
Grado: 3.º B

Mi DNI: 29.700.300. Mi celular: 11 4700-0000.
Olga Rey
"""

_BOLD = """
# Informe de orientación

**Estudiante:** Nahuel Prado
**Edad:** 13 años
**Curso:** 1.º año C
**Fecha del informe:** 8/4/2026
**Deriva:** Prof. Inés Coria

El estudiante presenta dificultades desde marzo. La madre, Ana Prado, concurrió el 31 de marzo de 2026.

**Próxima entrevista:** 22/04/2026, 9:30 h
"""

_BY_COURSE = "= Inscriptos al torneo\n\n" + "\n".join(
    f"== {course}\n" + grid((("Jugador/a", "DNI", "Talle"), *rows), columns="(2fr, 1fr, auto)")
    for course, rows in (
        ("1.º A", (("Aguilar, Bruno", "55.800.001", "S"), ("Bosio, Lara", "55.800.002", "M"))),
        ("1.º B", (("Cuello, Iván", "55.800.003", "S"),)),
        ("Docentes a cargo", (("Duarte, Hernán", "27.800.004", "XL"),)),
    )
)


def _handover(document: Document) -> None:
    document.add_heading("Acta de entrega de equipamiento", level=1)
    document.add_paragraph("El día 10 de abril de 2026 se entrega a la escuela el siguiente equipamiento:")
    for line in (
        "1 (una) notebook Lenovo, serie PF2X1, estado: bueno",
        "25 (veinticinco) sillas plásticas, estado: nuevo",
        "2 (dos) estufas, estado: regular",
    ):
        document.add_paragraph(line, style="List Number")
    document.add_paragraph("Recibe: Norma Ríos, DNI 20.900.800.")


_TRANSCRIPT = (
    "= Certificado analítico parcial\n*Apellido y nombre:* Quiroz, Dante Emanuel #h(1cm) *DNI:* 45.600.700\n\n"
    + grid(
        (
            ("Año", "Materia", "Calificación", "Condición", "Fecha", "Acta"),
            ("1.º", "Lengua", "8 (ocho)", "Regular", "12/2021", "L. 3 F. 22"),
            ("1.º", "Matemática", "6 (seis)", "Previa", "03/03/2022", "L. 3 F. 40"),
            ("2.º", "Lengua", "7,50 (siete con 50/100)", "Regular", "12/12/2022", "L. 4 F. 2"),
            ("2.º", "Matemática", "—", "Adeuda", "", ""),
        ),
        columns="(auto, 1fr, 1.3fr, 1fr, 1fr, 1fr)",
    )
    + "\nPromedio general: 7,17"
)

_PRINTED = """
SISTEMA DE GESTION ESCOLAR            LISTADO DE ALUMNOS POR CURSO            FECHA: 02/03/2026

CURSO: 2DO A                                        TURNO: MAÑANA

LEGAJO   APELLIDO Y NOMBRE              DOCUMENTO     F.NACIM.
------   ----------------------------   -----------   ----------
  4411   ALARCON, PILAR                 55.901.001    04/05/2016
  4412   BENITEZ, LEON                  55.901.002    19/12/2015
  4420   CORVALAN, ISABEL               55.901.003    30/07/2016

TOTAL DE ALUMNOS: 3
"""


def _fees(book: Workbook) -> None:
    sheet = book.worksheets[0]
    for row in (
        ["Cooperadora – aportes 2026", None, None, None, None],
        ["Familia", "Marzo", "Abril", "Mayo", "Total"],
        ["Ibarra", 4500, 4500, None, 9000],
        ["Juncos", 4500, "debe", None, 4500],
        ["TOTALES", 9000, 4500, 0, 13500],
    ):
        sheet.append(row)
