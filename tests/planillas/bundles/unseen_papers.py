"""The letters, forms and reports among the papers of unseen.py."""

from docx.document import Document

from tests.planillas.bundles.writers import grid, pdf, word, word_table


def make() -> None:
    """Write them."""
    word("nuevo-grupo-mexico/lista-1b.docx", _mexico)
    pdf("nuevo-boletin/boletines.pdf", _REPORT_CARDS)
    word("nuevo-ficha-de-matricula/ficha.docx", _enrolment)
    word("nuevo-acta-de-departamento/acta.docx", _minutes)
    pdf("nuevo-circular-salida/circular-14.pdf", _CIRCULAR)
    pdf("nuevo-docentes-y-cargos/planta.pdf", _STAFF)
    word("nuevo-entrevistas/entrevistas.docx", _interviews)


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
