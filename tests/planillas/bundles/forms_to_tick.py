"""Forms with boxes to tick, values below their labels, several labels on a line, and one that nobody filled."""

from docx.document import Document

from tests.planillas.bundles.writers import grid, pdf, text, word, word_table


def make() -> None:
    """Write them."""
    word("casillas/ficha.docx", _boxes)
    pdf("valor-debajo/solicitud.pdf", _BELOW)
    text("varias-por-linea/ficha.txt", _SAME_LINE)
    word("formulario-vacio/modelo.docx", _empty)
    pdf("documento-en-el-nombre/lista.pdf", _DOCUMENT_IN_NAME)
    text("instructivo/como-completar.md", _INSTRUCTIONS)
    word("antes-y-ahora/seguimiento.docx", _before_and_now)
    text("actas-de-dos-anos/acuerdos.md", _TWO_YEARS)


def _boxes(document: Document) -> None:
    document.add_heading("Ficha de salud y transporte", level=1)
    for line in (
        "Apellido y nombre: Zárate, Milo",
        "Turno: (  ) Mañana   ( X ) Tarde   (  ) Noche",
        "¿Usa transporte escolar?  ☐ Sí  ☒ No",
        "¿Tiene alergias?  Sí [x]  No [ ]   ¿Cuáles? Penicilina",
        "Se retira:  ☐ solo   ☒ con un adulto autorizado",
    ):
        document.add_paragraph(line)


_BELOW = """= Solicitud de beca
#set par(spacing: 6pt)
*Apellido y nombre del estudiante*

Agostina Ferro

*DNI*

51.611.700

*Fecha de nacimiento*

7 de mayo de 2011

*Ingreso mensual del hogar*

\\$ 850.000

*Integrantes del hogar*

5 (cinco)
"""

_SAME_LINE = """
FICHA PERSONAL 2026

Apellido y nombre: Gauna, Ciro    DNI: 52.400.900    Edad: 12 años
Fecha de nac.: 03 / 05 / 2013     Lugar: Posadas     Nacionalidad: argentina
Escuela anterior: N.º 77          Promedio: 8,40     Repite: NO
Tel. madre: 3764-400100           Tel. padre: 3764-400200
"""


def _empty(document: Document) -> None:
    document.add_heading("Modelo de ficha de inscripción", level=1)
    word_table(
        document,
        (
            ("Apellido y nombre", "______________"),
            ("DNI", "__.___.___"),
            ("Fecha de nacimiento", "__/__/____"),
            ("Curso", "..........."),
            ("Teléfono", "(   ) ________"),
        ),
    )
    document.add_paragraph(
        "Completar con letra de imprenta. Consultas: secretaria@escuela12.example, tel. 4300-1200."
    )


_DOCUMENT_IN_NAME = "= Delegados de curso\n\n" + grid(
    (
        ("Curso", "Delegado/a", "Suplente"),
        ("1.º A", "Ponce, Luz (DNI 55.900.100)", "Roldán, Teo (DNI 55.900.101)"),
        ("1.º B", "Sosa, Bruno (DNI 55.900.200)", "—"),
    ),
    columns="(auto, 1fr, 1fr)",
)

_INSTRUCTIONS = """
# Cómo completar la ficha

Escribir los datos como en el documento. Por ejemplo:

Apellido y nombre: Pérez, Juan
DNI: 12.345.678
Fecha de nacimiento: 01/01/2010

Enviar la ficha antes del 30 de abril de 2026 a inscripciones@escuela12.example.
"""


def _before_and_now(document: Document) -> None:
    document.add_heading("Seguimiento de trayectorias – Alumna: Paz, Renata", level=1)
    word_table(
        document,
        (
            ("Indicador", "Marzo", "Junio"),
            ("Inasistencias", "7", "2"),
            ("Promedio", "5,80", "7,10"),
            ("Materias adeudadas", "4", "1"),
        ),
    )


_TWO_YEARS = """
# Acuerdos de 2025 (cumplidos)

| Acuerdo | Responsable | Plazo |
|---|---|---|
| Reparar el alambrado | Omar Luna | 30/05/2025 |

# Acuerdos de 2026

| Acuerdo | Responsable | Plazo |
|---|---|---|
| Pintar la biblioteca | Norma Gil | 15/06/2026 |
| Revisar el botiquín | Inés Vidal | 15/06/2026 |
"""
