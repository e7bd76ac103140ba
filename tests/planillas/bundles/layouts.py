"""More layouts: written after the rules, and measured once before whoever wrote those saw them (bench/README.md)."""

import datetime as dt

from docx.document import Document
from openpyxl.workbook import Workbook

from tests.planillas.bundles.writers import excel, grid, pdf, text, word, word_table


def make() -> None:
    """Write them."""
    pdf("cuadro-de-registro/cuadro.pdf", _RECORD)
    excel("concentrado-por-periodos/concentrado.xlsx", _periods)
    word("minuta-con-asistentes/minuta.docx", _minutes)
    text("comedor-con-tabuladores/comedor.tsv", _CANTEEN, encoding="utf-16")
    pdf("lista-en-dos-mitades/lista.pdf", _HALVES)
    word("fichas-seguidas/fichas.docx", _cards)
    text("prestamos/prestamos.html", _LOANS)
    text("minuta-con-vinetas/minuta.txt", _BULLETS)
    text("correo-con-tabla/correo.eml", _MAIL)
    excel("padron-de-tres-hojas/padron.xlsx", _roll)
    pdf("notas-al-pie/notas.pdf", _FOOTNOTES)
    word("viaje-de-estudios/pagos.docx", _trip)
    word("directorio-sin-encabezado/directorio.docx", _directory)
    pdf("horario/horario.pdf", _TIMETABLE)


_RECORD = (
    "#set page(flipped: true)\n#align(center)[*Ministerio de Educación · Cuadro de registro de evaluación final*]\n\n"
    "Grado: Quinto primaria #h(2cm) Sección: A #h(2cm) Docente: Elvira Xicará #h(2cm) Ciclo: 2025\n\n"
    + grid(
        (
            ("No.", "Código personal", "Nombres y apellidos del estudiante", "Comunicación y Lenguaje", "Matemáticas",
             "Medio Social y Natural", "Promedio", "Resultado"),
            ("1", "G123ABC", "Wendy Marisol Ajú Tol", "78", "65", "81", "74.67", "Aprobada"),
            ("2", "G234BCD", "Byron Estuardo Batz", "60", "58", "71", "63.00", "Reprobado"),
            ("3", "H345CDE", "Dulce María Cojtí", "92", "88", "95", "91.67", "Aprobada"),
            ("4", "H456DEF", "Elmer Rolando Choc", "retirado", "retirado", "retirado", "---", "---"),
            ("5", "J567EFG", "Ingrid Yesenia Guarcax", "70", "71", "69", "70.00", "Aprobada"),
            ("", "", "Promedio del grado", "75", "70.5", "79", "74.83", ""),
        ),
        columns="(auto, auto, 2fr, 1fr, 1fr, 1fr, auto, auto)",
    )
    + "\nDirectora: Lic. Amanda Sic Xol #h(3cm) Supervisor: Mario Ixcot"
)  # fmt: skip


def _periods(book: Workbook) -> None:
    """Two pupils below each other in one sheet, who each is in labelled cells above."""
    sheet = book.worksheets[0]
    sheet.title = "6o B"
    rows: list[list[object]] = [["CONCENTRADO DE EVALUACIONES – ESCUELA «BENITO JUÁREZ»"], []]
    for name, curp, marks in (
        ("López García, Ana Sofía", "LOGA140315MDFPRN09", ((9.1, 0, 9.4, 1, 9.0), (8.0, 0, 8.5, 0, 9.2))),
        ("Ruiz Cano, Bernardo", "RUCB131102HJCZRT05", ((7.5, 2, 6.8, 4, 7.1), (6.0, 1, "N.P.", 6, 6.4))),
    ):
        rows += [
            ["Nombre del alumno:", None, name],
            ["CURP:", None, curp],
            ["Asignatura", "Periodo 1", None, "Periodo 2", None, "Periodo 3"],
            [None, "Calif.", "Faltas", "Calif.", "Faltas", "Calif."],
            ["Español", *marks[0]],
            ["Matemáticas", *marks[1]],
            [],
        ]
    for row in rows:
        sheet.append(row)
    for top in (5, 12):
        for area in (f"A{top}:A{top + 1}", f"B{top}:C{top}", f"D{top}:E{top}"):
            sheet.merge_cells(area)


def _minutes(document: Document) -> None:
    document.add_heading("Minuta de reunión de la comisión de convivencia", level=1)
    document.add_paragraph(
        "Fecha: 22 de abril de 2026. Hora: 16:00. Lugar: biblioteca. Tema: salidas y recreos."
    )
    document.add_heading("Asistentes", level=2)
    word_table(
        document,
        (
            ("Nombre", "Cargo", "Firma"),
            ("Gladys Ovelar", "Vicedirectora", ""),
            ("Hugo Benegas", "Coordinador de ciclo", ""),
            ("Rocío Duarte", "Psicóloga", ""),
        ),
    )
    document.add_heading("Compromisos", level=2)
    word_table(
        document,
        (
            ("N.º", "Compromiso", "A cargo de", "Fecha de entrega", "Situación"),
            ("1", "Rediseñar los turnos de guardia de los recreos", "Hugo Benegas", "30/04/2026", "En curso"),
            (
                "2",
                "Enviar a las familias la nota sobre salidas anticipadas",
                "Gladys Ovelar",
                "24-4-26",
                "Cumplido",
            ),
            ("3", "Taller de mediación para delegados", "Rocío Duarte y Hugo Benegas", "mayo", "Pendiente"),
        ),
    )
    document.add_paragraph("Próxima reunión: 20/05/2026. Responsable de la minuta: Rocío Duarte.")


_CANTEEN = """
Comedor escolar – beneficiarios
Actualizado el 02/03/2026

Ord.\tBeneficiario/a\tDoc.\tGrado\tDieta especial\tAporte mensual
1\tAranda, Milagros\t54.990.001\t2.º A\tsí\t$ 4.500
2\tBarreto, Thiago\t54.990.112\t2.º B\tno\t$ 4.500,00
3\tCabral, Luz\t54990223\t1.º A\tSI (celíaca)\texento
\t\t\t\t\t
4\tDomecq, Pía\t54.990.334\t3.º A\tno\t$ 2.250,50
TOTAL\t4\t\t\t2\t$ 11.250,50
"""

_HALVES = "== Alumnos que viajan – 4.º año\n\n" + grid(
    (
        ("N.º", "Apellido y nombre", "DNI", "N.º", "Apellido y nombre", "DNI"),
        ("1", "Abalos, Tomás", "49.100.201", "4", "Ferreyra, Lola", "49.100.204"),
        ("2", "Bonetti, Julia", "49.100.202", "5", "Galarza, Simón", "49.100.205"),
        ("3", "Cejas, Nahuel", "49.100.203", "6", "Heredia, Abril", "49.100.206"),
    ),
    columns="(auto, 1fr, auto, auto, 1fr, auto)",
)


def _cards(document: Document) -> None:
    document.add_heading("Fichas de salud escolar", level=1)
    for number, rows in enumerate(
        (
            (("Nombre completo", "Iker Solano Paz"), ("NIE", "X1234567L"), ("F. nacimiento", "02/06/2015"),
             ("Alergias", "Frutos secos; polen"), ("Vacunación completa", "Sí"), ("Contacto", "600 100 200")),
            (("Nombre completo", "Leire Montes"), ("NIE", "-"), ("F. nacimiento", "19 de enero de 2015"),
             ("Alergias", "ninguna"), ("Vacunación completa", "☐"), ("Contacto", "600 100 300 (abuela)")),
            (("Nombre completo", "Iker Solano Paz"), ("NIE", "X1234567L"), ("F. nacimiento", "02/06/2015"),
             ("Alergias", ""), ("Vacunación completa", "X"), ("Contacto", "600 100 999")),
        ),
        start=1,
    ):  # fmt: skip
        document.add_heading(f"Ficha {number}", level=2)
        word_table(document, rows)


_LOANS = """
<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Biblioteca</title></head><body>
<h1>Préstamos de la biblioteca</h1>
<table><caption>Marzo 2026</caption>
<tr><th>Inv.</th><th>Título</th><th>Lector/a</th><th>Prestado</th><th>Vence</th><th>Devuelto</th></tr>
<tr><td>B-1201</td><td>El llano en llamas</td><td>Paz, Noelia</td><td>03/03/2026</td><td>17/03/2026</td><td>✓</td></tr>
<tr><td>B-0877</td><td>Cuentos de la selva</td><td>Paz, Noelia</td><td>10/03/2026</td><td>24/03/2026</td><td>✗</td></tr>
<tr><td>B-0878</td><td>Cuentos de la selva</td><td>Rey, Axel</td><td>10-mar</td><td>24-mar</td><td></td></tr>
<tr><td>B-1340</td><td>1984</td><td>Sáez, Vera</td><td>12/03/2026</td><td>26/03/2026</td><td>✓</td></tr>
</table>
<table><caption>Más pedidos</caption><tr><th>Título</th><th>Veces</th></tr>
<tr><td>Cuentos de la selva</td><td>14</td></tr><tr><td>1984</td><td>9</td></tr></table>
</body></html>
"""

_BULLETS = """
MINUTA 3 – EQUIPO DE GESTIÓN (08/04/2026)

Temas: becas, calefacción, acto del 25 de mayo.

Tareas:
• Marta: enviar el listado de becas a la supervisión (antes del 15/04/2026). PENDIENTE
• Raúl: pedir tres presupuestos de calefacción (22 de abril de 2026). EN CURSO
• Inés y Marta: armar el programa del acto (30/04/2026). PENDIENTE

Informó: Marta Lobos, secretaria, int. 14.
"""

_MAIL = """
From: Preceptoria <preceptoria@tecnica5.example>
To: direccion@tecnica5.example
Subject: Certificados medicos recibidos
Date: Fri, 10 Apr 2026 11:02:00 -0300
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

<html><body><p>Buenas, van los certificados de la semana:</p>
<table border="1"><tr><td><b>Alumno/a</b></td><td><b>Curso</b></td><td><b>Desde</b></td><td><b>Hasta</b></td>
<td><b>Días</b></td></tr>
<tr><td>Ibarra, Dante</td><td>3.º 2.ª</td><td>06/04/2026</td><td>08/04/2026</td><td>3 (tres)</td></tr>
<tr><td>Juncos, Mía</td><td>1.º 1.ª</td><td>07/04/2026</td><td>07/04/2026</td><td>un día</td></tr>
<tr><td>Keller, Uma</td><td>5.º 1.ª</td><td>31/04/2026</td><td>s/d</td><td>?</td></tr>
</table><p>Saludos. Preceptoría, tel. 4444-5555. Lic. Pedro Nieto, DNI 22.333.444</p></body></html>
"""


def _roll(book: Workbook) -> None:
    first = book.worksheets[0]
    first.title = "1° año"
    second, third = book.create_sheet("2° año"), book.create_sheet("Resumen")
    first.append(["Ap. y Nom.", "Tipo Doc.", "Nro. Doc.", "F. Nac.", "Sexo", "Localidad"])
    first.append(["Almada, Irina", "DNI", 50111001, dt.date(2012, 5, 9), "F", "Tandil"])
    first.append(["Bazán, Uriel", "DNI", 50111002, dt.date(2011, 12, 1), "M", "Tandil"])
    first.append(["Chen, Li", "PAS", "E1234567", dt.date(2012, 2, 29), "F", "Azul"])
    second.append(["Nro. Doc.", "Ap. y Nom.", "Sexo", "F. Nac."])
    second.append([49888003, "Díaz, Lautaro", "M", dt.date(2010, 8, 30)])
    second.append([49888004, "Elías, Mora", "X", dt.date(2011, 1, 15)])
    for row in (["Año", "Mujeres", "Varones", "Total"], ["1°", 2, 1, 3], ["2°", 0, 1, 2], ["Total", 2, 2, 5]):
        third.append(row)


_FOOTNOTES = (
    "= Planilla de notas – 2.º cuatrimestre\nMateria: Historia · Curso: 4.º C\n\n"
    + grid(
        (
            ("Estudiante", "TP 1", "TP 2", "Oral", "Nota final"),
            ("Ponce, Ema", "8", "9", "8", "8,33"),
            ("Quiroga, Gael", "6\\*", "7", "5", "6"),
            ("Rivas, Zoé", "10", "10", "9", "9,67"),
            ("Suárez, Ian", "NE", "4", "6", "5 (1)"),
        ),
        columns="(2fr, 1fr, 1fr, 1fr, 1fr)",
        ruled=False,
    ).replace("\\\\\\*", "\\*")
    + "\n\\* Entregado fuera de término. (1) Debe rendir en diciembre. NE: no entregó."
)


def _trip(document: Document) -> None:
    document.add_heading("Viaje de estudios a Granada – pagos", level=1)
    for line in (
        "Alumno/a: Nora Esteve. Importe: 145 €. Fecha de pago: 3-mar-26. Seguro: sí.",
        "Alumno/a: Hugo Campos. Importe: 145,00 euros. Fecha de pago: 05/03/2026. Seguro: no.",
        "Alumno/a: Julia Ortiz. Importe: pendiente. Fecha de pago: —. Seguro: sí.",
    ):
        document.add_paragraph(line)
    document.add_paragraph("Importe total recaudado: 290 €. Responsable: Carmen Vidal, tel. 958 000 111.")


def _directory(document: Document) -> None:
    document.add_heading("Directorio de docentes", level=1)
    word_table(
        document,
        (
            ("Benítez, Carla", "Química", "cbenitez@normal1.example", "4300-2211"),
            ("Fuentes, Iván", "Inglés", "ifuentes@normal1.example", "4300-2212"),
            ("Mansilla, Rita", "Biología", "rmansilla@normal1.example", ""),
        ),
    )


_TIMETABLE = "= Horario – 2.º A\n\n" + grid(
    (
        ("Hora", "Lunes", "Martes", "Miércoles"),
        ("7:30", "Lengua", "Matemática", "Inglés"),
        ("8:10", "Lengua", "Historia", "Ed. Física"),
        ("9:00", "Biología", "-", "Ed. Física"),
    ),
    columns="(auto, 1fr, 1fr, 1fr)",
)
