"""Bundles in which a careless reader goes wrong: whose a value is, which year, which unit, which of two."""

from docx.document import Document
from openpyxl.workbook import Workbook

from tests.planillas.bundles.writers import excel, grid, pdf, text, word, word_table


def make() -> None:
    """Write them."""
    excel("madre-y-alumno/inscripcion.xlsx", _mother_and_child)
    text("padre-y-alumno/ficha.txt", _FATHER)
    pdf("matricula-de-dos-anos/matricula.pdf", _TWO_YEARS)
    word("acta-con-fechas/acta.docx", _dates)
    excel("cursos-como-subtitulos/listado.xlsx", _groups)
    text("roles-mezclados/usuarios.csv", _ROLES)
    text("sistema-viejo/alumnos.csv", _OLD_SYSTEM)
    text("mes-primero/export.csv", _MONTH_FIRST)
    pdf("miles-de-pesos/partidas.pdf", _THOUSANDS)
    text("correo-corregido/correo.eml", _CORRECTED)
    excel("repetido-con-error/lista.xlsx", _twice)
    word("hermanos-en-la-ficha/ficha.docx", _siblings)
    word("membrete-y-lista/lista.docx", _letterhead)


def _mother_and_child(book: Workbook) -> None:
    sheet = book.worksheets[0]
    for row in (
        ["Datos de la madre", None, None, "Datos del alumno", None, None, None],
        ["Apellido y nombre", "DNI", "Teléfono", "Apellido y nombre", "DNI", "Fecha de nac.", "Grado"],
        ["Lagos, Marta", "30.111.222", "11 4000-1111", "Lagos, Kevin", "55.111.222", "02/02/2016", "4.º"],
        ["Mora, Susana", "31.222.333", "11 4000-2222", "Rey, Uma", "55.222.333", "13/08/2016", "4.º"],
        ["Nieto, Elsa", "32.333.444", "11 4000-3333", "Paz, Ian", None, "21/12/2015", "5.º"],
    ):
        sheet.append(row)
    for area in ("A1:C1", "D1:G1"):
        sheet.merge_cells(area)


_FATHER = """
SOLICITUD DE VACANTE 2026

Apellido y nombre del padre o tutor: Correa, Fabián
DNI: 28.444.555
Teléfono: 11 4777-1000
Domicilio: Perú 1200

Apellido y nombre del alumno: Correa, Olivia
DNI: 56.444.555
Fecha de nacimiento: 9 de octubre de 2017
Sala o grado: 2.º
Escuela de procedencia: Jardín 904, tel. 4777-9000
"""

_TWO_YEARS = "= Matrícula por curso\nDatos al 30 de abril de cada año.\n\n" + grid(
    (
        ("Curso", "Matrícula 2025", "Matrícula 2026", "Variación"),
        ("1.º A", "28", "31", "+3"),
        ("1.º B", "30", "27", "-3"),
        ("2.º A", "25", "28", "+3"),
        ("Total", "83", "86", "+3"),
    ),
    columns="(1fr, 1fr, 1fr, 1fr)",
)


def _dates(document: Document) -> None:
    document.add_heading("Acta 12 – Reunión de ciclo", level=1)
    document.add_paragraph("Fecha: 06/05/2026. Lugar: sala de profesores. Acta anterior: 15/04/2026.")
    document.add_paragraph("Próxima reunión: 03/06/2026.")
    document.add_heading("Acuerdos", level=2)
    for line in (
        "Unificar los criterios de corrección. Responsable: Lidia Sanz. Fecha límite: 20/05/2026.",
        "Comprar material de laboratorio (aprobado el 02/05/2026). Responsable: Jorge Cid.",
    ):
        document.add_paragraph(line, style="List Bullet")


def _groups(book: Workbook) -> None:
    sheet = book.worksheets[0]
    for row in (
        ["Listado general", None, None],
        ["Alumno", "DNI", "Observaciones"],
        ["Curso: 1.º A", None, None],
        ["Agüero, Zaira", "54.700.001", None],
        ["Boggio, Teo", "54.700.002", "repite"],
        ["Subtotal 1.º A: 2 alumnos", None, None],
        ["Curso: 1.º B", None, None],
        ["Cozzi, Ámbar", "54.700.003", None],
        ["Subtotal 1.º B: 1 alumno", None, None],
        ["Total general: 3 alumnos", None, None],
    ):
        sheet.append(row)


_ROLES = """
Apellido y nombre,DNI,Rol,Correo
"Amaya, Sol",52100001,Estudiante,sol.amaya@campus.example
"Bruno, Ítalo",52100002,Estudiante,italo.bruno@campus.example
"Castelli, Irma",18200003,Docente,irma.castelli@campus.example
"Dulce, Eva",52100004,Estudiante,eva.dulce@campus.example
"""

_OLD_SYSTEM = """
LEGAJO;APE_NOM;NRO_DOC;FEC_NAC;COD_CURSO;OBS
001523;PAEZ RAMIREZ LUANA;00053700111;20140312;5A;
001524;QUINTEROS BRIAN EZE;00053700222;20141125;5A;S/D
001525;ROBLEDO MIA;00053700333;00000000;5B;*
"""

_MONTH_FIRST = """
Student,DNI,Fecha de nacimiento
"Toro, Alma",53900001,05/13/2014
"Ubeda, Luz",53900002,12/25/2014
"Vera, Noé",53900003,03/05/2014
"""

_THOUSANDS = "= Partidas ejecutadas 2025\n\n" + grid(
    (
        ("Rubro", "Importe (miles de $)", "Comprobantes"),
        ("Limpieza", "1.250", "14"),
        ("Refacciones menores", "875,5", "6"),
        ("Total", "2.125,5", "20"),
    ),
    columns="(2fr, 1fr, 1fr)",
)

_CORRECTED = """
From: Elena Prado <eprado@example.org>
To: secretaria@instituto3.example
Subject: Datos de Iván
Date: Wed, 08 Apr 2026 09:00:00 -0300
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Buen día, van los datos:

Alumno: Iván Prado
DNI: 51.222.333
Fecha de nacimiento: 11/11/2010

Perdón, lo copié mal. DNI: 51.222.334

Elena Prado
DNI 27.888.999
"""


def _twice(book: Workbook) -> None:
    sheet = book.worksheets[0]
    for row in (
        ["Alumno", "DNI", "División", "Promedio"],
        ["Sandoval, Uriel", "50.300.001", "3.º A", "7,25"],
        ["Tévez, Malena", "50.300.002", "3.º A", "8.10"],
        ["Sandoval, Uriel", "50.300.001", "3.º B", "7,25"],
    ):
        sheet.append(row)


def _siblings(document: Document) -> None:
    document.add_heading("Ficha del estudiante", level=1)
    word_table(
        document,
        (
            ("Apellido y nombre", "Paz, Renzo"),
            ("DNI", ""),
            ("Fecha de nacimiento", "04/09/2015"),
            ("Hermanos en la escuela", "Luz Paz (DNI 52.111.000), 6.º A"),
            ("Médico de cabecera", "Dra. Ana Silva, tel. 4555-1212"),
            ("Teléfono de la familia", "11 4600-7000"),
        ),
    )


def _letterhead(document: Document) -> None:
    for line in (
        "Nombre: Escuela N.º 5 «Gabriela Mistral»",
        "Teléfono: 4222-3000",
        "Domicilio: Av. Mitre 900",
        "Director: Prof. Aldo Funes",
        "Fecha: 4 de marzo de 2026",
    ):
        document.add_paragraph(line)
    document.add_paragraph("Alumnos que recibirán el guardapolvo:")
    word_table(
        document,
        (
            ("Nombre", "Curso", "Talle"),
            ("Isabella Flores", "1.º B", "8"),
            ("Dylan Cáceres", "2.º A", "10"),
        ),
    )
    document.add_paragraph("Recibe: Norma Ríos, cooperadora.")
