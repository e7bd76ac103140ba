"""Everyday papers written by someone who had not read the rules, measured once before they looked at them."""

import datetime as dt
from typing import Any

from openpyxl.workbook import Workbook

from tests.planillas.bundles.writers import excel, ods, text


def make() -> None:
    """Write them."""
    excel("nuevo-matricula-colombia/7-02.xlsx", _colombia)
    ods("nuevo-asistencia-mensual/abril.ods", [("Abril", _APRIL)])
    text("nuevo-utiles/lista.txt", _SUPPLIES)
    excel("nuevo-inventario/inventario.xlsx", _inventory)
    text("nuevo-correo-de-familia/correo.eml", _MAIL)
    text("nuevo-calendario/calendario.html", _CALENDAR)
    text("nuevo-nomina-peru/nomina.csv", _PERU)
    ods("nuevo-caja-chica/mayo.ods", [("Mayo 2026", _CASH)])
    text("nuevo-formulario-en-linea/respuestas.csv", _ANSWERS)


_MATRICULATED = (
    (
        "TI",
        1098201334,
        "ACOSTA RINCÓN",
        "SARA VALENTINA",
        dt.date(2013, 8, 21),
        "SURA",
        "DIANA RINCÓN",
        3005550142,
    ),
    (
        "TI",
        1098204518,
        "BUITRAGO LÓPEZ",
        "JUAN ESTEBAN",
        dt.date(2013, 2, 3),
        "SANITAS",
        "WILSON BUITRAGO",
        3105550188,
    ),
    ("PPT", 5120987, "CHACÍN PRIETO", "ENMANUEL", dt.date(2012, 11, 30), None, "YULEIDYS PRIETO", None),
    (
        "TI",
        1098209977,
        "DUARTE MEJÍA",
        "LAURA SOFÍA",
        dt.date(2013, 5, 14),
        "NUEVA EPS",
        "MARTHA MEJÍA",
        3205550119,
    ),
)


def _colombia(book: Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.title = "7-02"
    rows: list[list[Any]] = [
        ["INSTITUCIÓN EDUCATIVA LOS NARANJOS"],
        ["LISTADO DE ESTUDIANTES MATRICULADOS - AÑO LECTIVO 2026"],
        ["Sede: Principal", None, None, "Jornada: Mañana", None, None, "Grado: 7-02"],
        ["Director(a) de grupo: Nelson Pardo Gil"],
        [],
        ["No.", "TIPO DOC", "NÚMERO DOCUMENTO", "APELLIDOS", "NOMBRES", "F. NACIMIENTO", "EPS", "ACUDIENTE"],
        *(
            [at, *row, "RETIRADO" if at == 4 else "MATRICULADO"]
            for at, row in enumerate(_MATRICULATED, start=1)
        ),
        [],
        ["Total estudiantes: 4", None, None, None, None, None, None, "Hombres: 2", "Mujeres: 2"],
    ]
    rows[5] += ["CELULAR ACUDIENTE", "ESTADO"]
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("A1:J1")
    sheet.merge_cells("A2:J2")


_APRIL = (
    ("Escuela N.° 14 “Juana Azurduy”",),
    ("PLANILLA DE ASISTENCIA",),
    ("Mes:", "Abril", "", "Año:", 2026, "", "Curso:", "2.° A", "", "Turno:", "Tarde"),
    ("", "", "M", "M", "J", "V", "L", "M", "M", "J", "", "", ""),
    ("N.°", "Apellido y nombre", 1, 7, 8, 9, 10, 13, 14, 15, "Asist.", "Inasist.", "% asist."),
    (1, "Abregú, Maitena", "P", "P", "P", "A", "P", "P", "P", "P", 7, 1, 87.5),
    (2, "Benítez, Lautaro", "P", "P", "P", "P", "P", "P", "P", "P", 8, 0, 100),
    (3, "Cruz, Nahiara", "P", "T", "A", "A", "P", "P", "T", "P", 5.5, 2.5, 68.75),
    (4, "Díaz Fleitas, Gino", "A", "A", "A", "A", "J", "J", "P", "P", 2, 6, 25),
    ("", "Totales", "", "", "", "", "", "", "", "", 22.5, 9.5, ""),
    ("",),
    ("P: presente   A: ausente   T: tarde (½ falta)   J: justificado",),
)


_SUPPLIES = """
COLEGIO PUERTO CLARO
LISTA DE ÚTILES 2026 - 3° BÁSICO

LENGUAJE Y COMUNICACIÓN
- 2 cuadernos universitarios cuadro grande, 100 hojas (forro rojo)
- 1 diccionario escolar
- 1 carpeta con acoclip roja

MATEMÁTICA
- 1 cuaderno universitario cuadro grande, 100 hojas (forro azul)
- 1 regla de 20 cm
- 1 block prepicado

ARTES VISUALES
- 2 block de dibujo medium 99 1/8
- 1 caja de lápices de colores de 12 unidades
- Témpera (sólida o líquida)

Todos los materiales deben venir marcados con nombre y curso.
Fecha de entrega: miércoles 4 y jueves 5 de marzo, de 8:30 a 13:00 horas.
"""


def _inventory(book: Workbook) -> None:
    first = book.worksheets[0]
    first.title = "Laboratorio"
    second = book.create_sheet("Gabinete")
    head = ["Código", "Descripción", "Marca", "Cant.", "Estado", "Fecha de alta", "Valor unitario", "Observ."]
    for sheet, place, rows, count in (
        (
            first,
            "Laboratorio de Ciencias Naturales",
            (
                ["LB-001", "Microscopio binocular", "Arcano", 4, "B", dt.date(2019, 6, 11), 185000, None],
                [
                    "LB-002",
                    "Balanza digital 0,1 g",
                    None,
                    2,
                    "R",
                    dt.date(2021, 3, 2),
                    42500.5,
                    "Falta el visor",
                ],
                ["LB-003", "Mechero Bunsen", "s/m", 6, "M", None, None, "Dar de baja"],
            ),
            12,
        ),
        (
            second,
            "Gabinete de Informática",
            (
                ["GI-001", "Notebook 14”", "Exo", 15, "B", dt.date(2023, 8, 15), 310000, None],
                ["GI-002", "Proyector", "Epson", 1, "B", dt.date(2022, 4, 29), 520000, "Con control remoto"],
            ),
            16,
        ),
    ):
        sheet.append(["INVENTARIO DE BIENES 2026"])
        sheet.append(["Ubicación:", place])
        sheet.append(["Responsable:", "Prof. Inés Albornoz"])
        sheet.append([])
        sheet.append(head)
        for row in rows:
            sheet.append(row)
        sheet.append([None, "TOTAL", None, count, None, None, None, None])
        sheet.append(["B: bueno / R: regular / M: malo"])
        sheet.merge_cells("A1:H1")


_MAIL = """
From: Paola Leiva <paola.leiva@correo.example>
To: sala5@jardin.example
Subject: Re: Ficha de salud de Ciro
Date: Tue, 10 Mar 2026 20:14:00 -0300
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

Hola seño Vero, perdón la demora! Te paso lo que pediste:

Nombre completo: Ciro Bustos Leiva
DNI: 57.881.204
Fecha de nacimiento: 2/11/2020
Grupo sanguíneo: 0+
Obra social: OSDE 210
N° de afiliado: 61 220145 03
Alergias: a la penicilina
Pediatra: Dr. Luis Ferro, 351 555-0199

En caso de urgencia llamen primero a mi mamá (Norma, la abuela de Ciro) al 351 555-0142 porque yo
en el trabajo no puedo atender.

Lo retira la abuela los martes y jueves, los otros días yo.

Gracias!
Paola Leiva
351 555-0107

El mar., 3 mar. 2026 a las 9:02, Sala de 5 (<sala5@jardin.example>) escribió:
> Buen día, familia: nos falta la ficha de salud de Ciro. Necesitamos DNI, fecha de nacimiento,
> grupo sanguíneo, obra social, alergias y un teléfono de urgencia.
> Seño Vero
"""


_CALENDAR = """
<!doctype html>
<html lang="es"><head><meta charset="utf-8"><title>Calendario académico 2026 – Liceo Santa Rita</title></head>
<body>
<h1>Calendario académico 2026</h1>
<p>Las fechas pueden cambiar; se avisará por el cuaderno de comunicaciones.</p>
<h2>Primer semestre</h2>
<table>
<tr><th>Fecha</th><th>Actividad</th><th>Participan</th></tr>
<tr><td>Lunes 2 de marzo</td><td>Inicio de clases</td><td>Todos los niveles</td></tr>
<tr><td>9 al 13 de marzo</td><td>Evaluación diagnóstica</td><td>Media</td></tr>
<tr><td>Martes 21 de abril</td><td>Reunión de apoderados</td><td>Básica</td></tr>
<tr><td>Viernes 19 de junio</td><td>Cierre del semestre</td><td>Todos los niveles</td></tr>
</table>
<h2>Segundo semestre</h2>
<table>
<tr><th>Fecha</th><th>Actividad</th><th>Participan</th></tr>
<tr><td>Lunes 6 de julio</td><td>Inicio del segundo semestre</td><td></td></tr>
<tr><td>Jueves 15 de octubre</td><td>Feria científica</td><td>Media</td></tr>
<tr><td>Por definir</td><td>Licenciatura de 4.º medio</td><td>4.º medio</td></tr>
</table>
<p>Dirección: Av. Prat 550. Fono: 2 2555 0110.</p>
</body></html>
"""


_PERU = """
NÓMINA DE MATRÍCULA 2026;;;;;;;
I.E.;1154 José Olaya;;Nivel;Secundaria;;Turno;Mañana
Grado;QUINTO;;Sección;A;;;
;;;;;;;
N°;DNI;Apellido Paterno;Apellido Materno;Nombres;Sexo;Fecha Nac.;Sit. Matr.
01;61204471;ALIAGA;QUISPE;MILUSKA;M;17/07/2009;P
02;61188290;CCORI;MAMANI;JHON ALEX;H;03/12/2009;P
03;61230015;DE LA CRUZ;FLORES;KIARA NICOLE;M;25/01/2010;PG
04;;HUAMÁN;;YEFERSON;H;09/09/2008;R
;;;;;;;
Leyenda: P = promovido, PG = permanece en el grado, R = reingresante;;;;;;;
"""


_CASH = (
    ("Cooperadora escolar – Caja chica", "", "", "", "", ""),
    ("Mayo de 2026", "", "", "", "", ""),
    ("Fecha", "Comprobante", "Concepto", "Entradas", "Salidas", "Saldo"),
    ("", "", "Saldo anterior", "", "", 18250),
    ("04/05/2026", "Rec. 0112", "Rifa 4.º grado", 32000, "", 50250),
    ("06/05/2026", "FC B 0003-00001822", "Artículos de limpieza", "", 12480.5, 37769.5),
    ("06/05/2026", "Ticket 4471", "Yerba y azúcar", "", 5300, 32469.5),
    ("15/05/2026", "s/c", "Flete bancos donados", "", 15000, 17469.5),
    ("22/05/2026", "Rec. 0113", "Cuotas socios", 21000, "", 38469.5),
    ("", "", "Totales del mes", 53000, 32780.5, 38469.5),
)


_ANSWERS = """
Marca temporal,Dirección de correo electrónico,Apellido y nombre del/la estudiante,\
Curso y división,¿Autoriza la participación en la salida?,\
Apellido y nombre del adulto responsable,Teléfono de contacto,\
¿Presenta alguna alergia o condición de salud? ¿Cuál?
5/5/2026 18:22:10,mgomez@correo.example,Gómez Tiziano,2do 3ra,Sí,Gómez María,11 5555-0142,No
5/5/2026 19:03:44,familia.luna@correo.example,"Luna, Abril",2do 3ra,Sí,"Luna, Esteban",1155550177,\
"Celiaquía, lleva su vianda"
6/5/2026 7:41:02,rsosa81@correo.example,sosa renzo,2° 3°,No,Sosa Raúl,+54 9 11 5555 0191,
6/5/2026 22:15:30,vperalta@correo.example,Peralta Umma,2do 3ra,Sí,Verónica Peralta,1155550120,Asma
"""
