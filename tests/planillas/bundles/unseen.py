"""Everyday papers written by someone who had not read the rules, measured once before they looked at them."""

import datetime as dt

from docx.document import Document
from openpyxl.workbook import Workbook

from tests.planillas.bundles.writers import excel, grid, ods, pdf, text, word, word_table


def make() -> None:
    """Write them."""
    excel("nuevo-matricula-colombia/7-02.xlsx", _colombia)
    word("nuevo-grupo-mexico/lista-1b.docx", _mexico)
    ods("nuevo-asistencia-mensual/abril.ods", [("Abril", _APRIL)])
    pdf("nuevo-boletin/boletines.pdf", _REPORT_CARDS)
    text("nuevo-utiles/lista.txt", _SUPPLIES)
    excel("nuevo-inventario/inventario.xlsx", _inventory)
    word("nuevo-ficha-de-matricula/ficha.docx", _enrolment)
    word("nuevo-acta-de-departamento/acta.docx", _minutes)
    pdf("nuevo-circular-salida/circular-14.pdf", _CIRCULAR)
    text("nuevo-correo-de-familia/correo.eml", _MAIL)
    text("nuevo-calendario/calendario.html", _CALENDAR)
    pdf("nuevo-docentes-y-cargos/planta.pdf", _STAFF)
    word("nuevo-entrevistas/entrevistas.docx", _interviews)
    text("nuevo-nomina-peru/nomina.csv", _PERU)
    ods("nuevo-caja-chica/mayo.ods", [("Mayo 2026", _CASH)])
    text("nuevo-formulario-en-linea/respuestas.csv", _ANSWERS)


def _colombia(book: Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.title = "7-02"
    for row in (
        ["INSTITUCIÓN EDUCATIVA LOS NARANJOS"],
        ["LISTADO DE ESTUDIANTES MATRICULADOS - AÑO LECTIVO 2026"],
        ["Sede: Principal", None, None, "Jornada: Mañana", None, None, "Grado: 7-02"],
        ["Director(a) de grupo: Nelson Pardo Gil"],
        [],
        [
            "No.",
            "TIPO DOC",
            "NÚMERO DOCUMENTO",
            "APELLIDOS",
            "NOMBRES",
            "F. NACIMIENTO",
            "EPS",
            "ACUDIENTE",
            "CELULAR ACUDIENTE",
            "ESTADO",
        ],
        [
            1,
            "TI",
            1098201334,
            "ACOSTA RINCÓN",
            "SARA VALENTINA",
            dt.date(2013, 8, 21),
            "SURA",
            "DIANA RINCÓN",
            3005550142,
            "MATRICULADO",
        ],
        [
            2,
            "TI",
            1098204518,
            "BUITRAGO LÓPEZ",
            "JUAN ESTEBAN",
            dt.date(2013, 2, 3),
            "SANITAS",
            "WILSON BUITRAGO",
            3105550188,
            "MATRICULADO",
        ],
        [
            3,
            "PPT",
            5120987,
            "CHACÍN PRIETO",
            "ENMANUEL",
            dt.date(2012, 11, 30),
            None,
            "YULEIDYS PRIETO",
            None,
            "MATRICULADO",
        ],
        [
            4,
            "TI",
            1098209977,
            "DUARTE MEJÍA",
            "LAURA SOFÍA",
            dt.date(2013, 5, 14),
            "NUEVA EPS",
            "MARTHA MEJÍA",
            3205550119,
            "RETIRADO",
        ],
        [],
        ["Total estudiantes: 4", None, None, None, None, None, None, "Hombres: 2", "Mujeres: 2"],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:J1")
    sheet.merge_cells("A2:J2")


def _mexico(document: Document) -> None:
    document.add_paragraph("SECRETARÍA DE EDUCACIÓN JALISCO")
    document.add_paragraph('Escuela Secundaria Técnica 88 "Amado Nervo"     C.C.T. 14DST0088K')
    document.add_paragraph("Ciclo escolar: 2025-2026   Grado: 1°   Grupo: B   Turno: Vespertino")
    document.add_heading("Lista de asistencia a la primera reunión de padres", level=2)
    word_table(
        document,
        (
            (
                "N.P.",
                "Nombre del alumno",
                "CURP",
                "Sexo",
                "Edad",
                "Nombre del padre o tutor",
                "Tel.",
                "Firma",
            ),
            (
                "1",
                "Aguirre Haro Mariana",
                "AUHM130412MJCGRR09",
                "M",
                "12",
                "Héctor Aguirre Luna",
                "33 5550 0101",
                "",
            ),
            (
                "2",
                "Beltrán Lozano Diego",
                "BELD130903HJCLPG06",
                "H",
                "12",
                "Ma. del Carmen Lozano",
                "33 5550 0102",
                "",
            ),
            (
                "3",
                "Castro Ruiz Samantha",
                "CARS131127MJCSML05",
                "M",
                "11",
                "Abuelita: Rosa Ruiz Peña",
                "33 5550 0103",
                "",
            ),
            ("4", "Domínguez Vera Iván", "DOVI130215HJCMLN05", "H", "13", "", "", ""),
        ),
    )
    document.add_paragraph("Asesora del grupo: Profra. Leticia Mora Díaz")


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

_REPORT_CARDS = "\n#pagebreak()\n".join(
    f"""
#align(center)[*COLEGIO SAN MARTÍN DE PORRES* \\ Informe de calificaciones · Ciclo lectivo 2026]

*Alumno/a:* {name} #h(2em) *DNI:* {identity} \\
*Grado:* {grade} #h(2em) *Sección:* {section} #h(2em) *Turno:* Mañana

"""
    + grid(
        (("Espacio curricular", "1.er trim.", "2.º trim.", "3.er trim.", "Calif. final"), *marks),
        columns="(2fr, 1fr, 1fr, 1fr, 1fr)",
    )
    + f"""
Inasistencias: {absences} #h(3em) Llegadas tarde: 2

Observaciones: {note}

#v(3em)
#grid(columns: (1fr, 1fr, 1fr), [Firma docente], [Firma dirección], [Firma familia])
"""
    for name, identity, grade, section, marks, absences, note in (
        (
            "Cardozo, Ludmila",
            "55.120.332",
            "4.º",
            "B",
            (
                ("Lengua", "8", "9", "", ""),
                ("Matemática", "6", "7", "", ""),
                ("Ciencias Sociales", "9", "9", "", ""),
                ("Educación Física", "10", "—", "", ""),
            ),
            "4",
            "Muy participativa. Debe revisar las tablas.",
        ),
        (
            "Escobar, Joaquín",
            "55.304.781",
            "4.º",
            "B",
            (
                ("Lengua", "5", "6", "", ""),
                ("Matemática", "7", "7,50", "", ""),
                ("Ciencias Sociales", "6", "4", "", ""),
                ("Educación Física", "9", "10", "", ""),
            ),
            "11",
            "Se cita a la familia el 14/09.",
        ),
    )
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


def _enrolment(document: Document) -> None:
    document.add_heading("IMPRESO DE MATRÍCULA · CURSO 2026/2027", level=1)
    document.add_paragraph("IES Monte do Faro")
    word_table(
        document,
        (
            ("DATOS DEL ALUMNO/A", "", "", ""),
            ("Apellidos", "Iglesias Ramos", "Nombre", "Noa"),
            ("Fecha de nacimiento", "03/05/2014", "Localidad de nacimiento", "Ourense"),
            ("Domicilio", "Rúa do Vilar 12, 2.º B", "C.P. y localidad", "32001 Ourense"),
            ("Curso en que se matricula", "1.º ESO", "Centro de procedencia", "CEIP As Mercedes"),
            ("DATOS FAMILIARES", "", "", ""),
            ("Padre / madre / tutor 1", "Sonia Ramos Vila", "DNI / NIE", "71204418Y"),
            ("Teléfono móvil", "600 555 014", "Correo electrónico", "sonia.ramos@correo.example"),
            ("Padre / madre / tutor 2", "Xoán Iglesias Pose", "DNI / NIE", "72055103J"),
            ("Teléfono móvil", "600 555 027", "Correo electrónico", ""),
            ("OTROS DATOS", "", "", ""),
            ("Transporte escolar", "☒ Sí   ☐ No", "Comedor", "☐ Sí   ☒ No"),
            ("Alergias o enfermedades", "Alergia a los frutos secos", "Materia optativa", "Francés"),
        ),
        merges=((0, 0, 0, 3), (5, 0, 5, 3), (10, 0, 10, 3)),
    )
    document.add_paragraph("En Ourense, a 29 de junio de 2026")
    document.add_paragraph("Firma del padre, madre o tutor/a legal")


def _minutes(document: Document) -> None:
    document.add_heading("Acta N.º 5 – Departamento de Ciencias Sociales", level=1)
    for line in (
        "Fecha: 21 de abril de 2026. Hora de inicio: 17:30. Lugar: sala de profesores.",
        "Asistentes: Marta Quiroga (jefa de departamento), Pablo Andrade, Lucía Ferreyra, Omar Sandoval.",
        "Ausente con aviso: Gabriela Núñez.",
    ):
        document.add_paragraph(line)
    document.add_heading("Temas tratados", level=2)
    document.add_paragraph(
        "Se lee y aprueba el acta anterior. La profesora Ferreyra informa que el mapa mural de 4.º A está roto. "
        "El profesor Andrade pide que las evaluaciones integradoras no coincidan con la semana de mayo."
    )
    document.add_heading("Acuerdos", level=2)
    word_table(
        document,
        (
            ("N.º", "Acuerdo", "Responsable", "Plazo", "Estado"),
            ("1", "Comprar un mapa mural político de América", "Lucía Ferreyra", "15 de mayo", "Pendiente"),
            (
                "2",
                "Enviar a dirección las fechas de las evaluaciones integradoras",
                "Pablo Andrade",
                "30/04/2026",
                "Pendiente",
            ),
            (
                "3",
                "Unificar criterios de la rúbrica de exposición oral",
                "Todo el departamento",
                "Próxima reunión",
                "",
            ),
            ("4", "Pedir presupuesto para la salida al Cabildo", "Omar Sandoval", "08/05/2026", "En curso"),
        ),
    )
    document.add_paragraph("Próxima reunión: martes 26 de mayo, 17:30 h.")
    document.add_paragraph("Sin más temas que tratar, se levanta la sesión a las 18:50.")


_CIRCULAR = """
#align(right)[Rosario, 27 de abril de 2026]
*Circular N.º 14/2026* \\
*A las familias de 5.º grado A y B*

Estimadas familias: les informamos que los chicos realizarán una salida didáctica en el marco del proyecto
“Nuestro río”. Los datos de la salida son los siguientes:

*Destino:* Acuario del Río Paraná \\
*Fecha:* jueves 14 de mayo de 2026 \\
*Horario de salida:* 8:15 h, desde la puerta de la escuela \\
*Horario de regreso:* 12:30 h (aproximado) \\
*Costo por alumno:* \\$ 6.500 (incluye transporte y entrada) \\
*Docentes a cargo:* Carina Beltramo y Julio Sosa

Los alumnos deberán traer gorro, botella de agua y merienda. El dinero se entrega en sobre cerrado con nombre y grado
hasta el viernes 8 de mayo. Sin la autorización firmada no podrán participar.

Por consultas: 341 555-0133 o secretaria\\@escuela.example

Saludos cordiales, \\
Silvia Prado, vicedirectora

#line(length: 100%, stroke: (dash: "dashed"))
Autorizo a mi hijo/a #box(width: 6cm, repeat[.]) de 5.º grado #box(width: 1cm, repeat[.]) a participar de la salida.

Firma y aclaración: #box(width: 5cm, repeat[.]) DNI: #box(width: 4cm, repeat[.])
"""

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

_STAFF = (
    """
*Escuela Secundaria N.º 23* · Planta orgánica funcional al 01/04/2026

"""
    + grid(
        (
            ("Apellido y nombres", "CUIL", "Cargo / asignatura", "Curso", "Hs.", "Sit. rev.", "Alta"),
            ("Aranda, Claudia Inés", "27-29881240-7", "Directora", "", "", "T", "01/03/2018"),
            ("Bravo, Sergio", "20-31446902-0", "Matemática", "1.º A", "5", "T", "12/03/2012"),
            ("Bravo, Sergio", "20-31446902-0", "Física", "4.º B", "3", "I", "04/04/2022"),
            ("Coria, Ramiro", "23-30117655-4", "Preceptor", "1.º A y B", "", "S", "09/02/2026"),
            ("Delgado, Mariana", "27-33902118-5", "Historia", "2.º A", "4", "I", "15/03/2021"),
            ("Vacante", "", "Inglés", "3.º A", "3", "", ""),
        ),
        columns="(2.2fr, 1.6fr, 1.6fr, 1fr, 0.6fr, 0.8fr, 1.2fr)",
    )
    + """
T: titular · I: interino · S: suplente

Total de horas cátedra: 15
"""
)


def _interviews(document: Document) -> None:
    for at, (lines, reasons, agreed) in enumerate(
        (
            (
                (
                    "Fecha: 12-05-2026          Hora: 10:30",
                    "Estudiante: Amaro Fuentes Lagos          RUN: 24118306-8          Curso: 6° B",
                    "Apoderado(a): Carla Lagos Rivas          RUN: 15334221-0          Fono: +56 9 5550 1122",
                    "Entrevistador(a): Ximena Toro, profesora jefe",
                ),
                "Inasistencias reiteradas los días lunes y bajo rendimiento en Matemática.",
                (
                    "La apoderada se compromete a enviar certificados médicos antes del 20 de mayo.",
                    "El estudiante asistirá a reforzamiento los miércoles.",
                ),
            ),
            (
                (
                    "Fecha: 14-05-2026          Hora: 16:00",
                    "Estudiante: Isidora Peña Moya          RUN: 24330918-2          Curso: 6° B",
                    "Apoderado(a): Rodrigo Peña Cid          RUN:                       Fono: +56 9 5550 1180",
                    "Entrevistador(a): Ximena Toro, profesora jefe",
                ),
                "Felicitar por el avance del semestre.",
                ("Mantener el apoyo en casa.",),
            ),
        )
    ):
        heading = document.add_heading("Registro de entrevista", level=1)
        heading.paragraph_format.page_break_before = bool(at)
        for line in lines:
            document.add_paragraph(line)
        document.add_paragraph("Motivo de la entrevista:")
        document.add_paragraph(reasons)
        document.add_paragraph("Acuerdos y compromisos:")
        for line in agreed:
            document.add_paragraph(line, style="List Bullet")
        document.add_paragraph("_______________________          _______________________")
        document.add_paragraph("Firma apoderado(a)                    Firma entrevistador(a)")


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
