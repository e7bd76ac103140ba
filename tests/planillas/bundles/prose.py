"""Lists, minutes, letters and a conversation."""

from docx.document import Document

from tests.planillas.bundles.writers import pdf, text, word


def make() -> None:
    """Write them."""
    word("lista-partida/lista-1.docx", _list_one)
    pdf("lista-partida/lista-2.pdf", _LIST_TWO)
    word("acta-con-acuerdos/acta-7.docx", _minutes)
    text("acta-con-acuerdos/seguimiento.md", _FOLLOW_UP)
    text("cartas/nota-soto.txt", _LETTER_SOTO)
    text("cartas/nota-tapia.txt", _LETTER_TAPIA)
    text("circular-sin-datos/circular.md", _CIRCULAR)


def _list_one(document: Document) -> None:
    document.add_heading("Tercer año C – lista de alumnos (primera parte)", level=1)
    for line in (
        "ARAYA, Martina – RUN 23.456.789-6 – nac. 12/03/2011",
        "BUSTAMANTE, Cristóbal – RUN 22.333.444-K – nac. 30/08/2010",
        "CÁRDENAS, Ignacia – RUN 24.111.222-5 – nac. 05-01-2011",
    ):
        document.add_paragraph(line, style="List Number")
    document.add_paragraph("(continúa en la hoja siguiente)")


_LIST_TWO = """
== Tercer año C – lista de alumnos (segunda parte)

+ DONOSO, Vicente – RUN 23.987.654-4 – nac. 17/06/2011
+ ESPINOZA, Antonia – RUN 24.765.432-1 – nac. 21/10/2010
+ CARDENAS, Ignacia – RUN 24.111.222-5 – nac. 05/01/2011
+ FUENTES, Josefa – RUN en trámite – nac. 02/02/2011

Retirados: GODOY, Renato – RUN 16.789.012-1 (12/04/2026).
"""


def _minutes(document: Document) -> None:
    document.add_heading("Acta N.º 7 – Consejo de convivencia", level=1)
    document.add_paragraph(
        "En la ciudad de Rosario, a los cinco días del mes de marzo de dos mil veintiséis, siendo las 14:10 horas, se "
        "reúne el consejo de convivencia presidido por la directora Alicia Benavídez. Están presentes Óscar Luque "
        "(regente), Silvia Prado (docente), Tobías Rey (estudiante) y Norma Gil (familias). Ausente con "
        "aviso: Jorge Paz."
    )
    document.add_paragraph(
        "La directora informa que el 20 de febrero se repararon los baños de la planta alta."
    )
    document.add_heading("Acuerdos", level=2)
    for number, (what, who, when) in enumerate(
        (
            ("Revisar el protocolo de uso de celulares", "Silvia Prado y Tobías Rey", "27 de marzo de 2026"),
            ("Convocar a las familias de 1.º año a una jornada de bienvenida", "Óscar Luque", "20/03/2026"),
            ("Pedir presupuesto para cámaras en el patio", "Norma Gil", "a definir"),
        ),
        start=1,
    ):
        document.add_paragraph(f"Acuerdo {number}: {what}. Responsable: {who}. Plazo: {when}.")
    document.add_paragraph("Sin más temas, se levanta la sesión a las 15:40 horas.")


_FOLLOW_UP = """
# Seguimiento de acuerdos, abril

| Acuerdo | Estado | Plazo |
|---|---|---|
| Revisar el protocolo de uso de celulares | En curso | 27/03/2026 |
| Convocar a las familias de 1.º año a una jornada de bienvenida | Cumplido | 21/03/2026 |
"""

_LETTER_SOTO = """
Santiago, 9 de marzo de 2026

Señora directora:

Por la presente informo que mi hija Camila Soto, RUN 23.456.789-6, nacida el 14 de agosto de 2011, del segundo medio B,
no asistirá entre el 10 y el 13 de marzo por una intervención médica. Mi teléfono es el +56 9 8765 4321.

Atentamente,
Rodrigo Soto Paredes
RUT 15.432.198-5
"""
_LETTER_TAPIA = """
Señora directora:

Escribo por mi hijo. Se llama Benjamín Tapia y está en el primero medio A. El lunes 16 de marzo de 2026 llegará a las
10:30 porque tiene hora con el dentista. Adjunto certificado.

Teresa Meza
"""

_CIRCULAR = """
# Circular 4/2026

A las familias: la lista de útiles se encuentra en cartelera. El uniforme se compra en la cooperadora de 9 a 12 h, y el
teléfono es 4300-1200. La reunión de inicio es el viernes 6 de marzo de 2026 a las 18 h.

| Grado | Aula | Maestra |
|---|---|---|
| 1.º A | 3 | Ponce, Laura |
| 1.º B | 4 | Godoy, Silvia |

Director: Omar Luna. DNI de consulta para el seguro escolar: 17.654.321.
"""
