"""Forms: keys and values in tables with merged cells, dotted lines, labels in a text, one form after the other."""

from docx.document import Document

from tests.planillas.bundles.writers import pdf, text, word, word_table


def make() -> None:
    """Write them."""
    for name, given in _FILES.items():
        word(f"legajos/legajo-{name}.docx", _Form(given))
    for name, lines in _CERTIFICATES.items():
        pdf(f"constancias/constancia-{name}.pdf", _certificate(lines))
    text("registro-de-convivencia/registro.txt", _REGISTER)
    text("inscripcion-por-correo/correo-ruiz.eml", _MAIL_RUIZ)
    text("inscripcion-por-correo/correo-ortega.eml", _MAIL_ORTEGA)


class _Form:
    """An enrolment form: two parts with the same labels, of the pupil and of the adult."""

    def __init__(self, given: tuple[str, ...]) -> None:
        self._given = given

    def __call__(self, document: Document) -> None:
        surname, names, born, file, blood, group, adult, adult_file, phone, mail = self._given
        document.add_paragraph("COLEGIO SAN ALBERTO – LEGAJO DEL ALUMNO")
        word_table(
            document,
            (
                ("DATOS DEL ALUMNO", "", "", ""),
                ("Apellido/s", surname, "Nombre/s", names),
                ("NIF/NIE", file, "Fecha de nacimiento", born),
                ("Curso", group, "Grupo sanguíneo", blood),
                ("DATOS DEL PADRE, MADRE O TUTOR", "", "", ""),
                ("Apellidos y nombre", adult, "NIF/NIE", adult_file),
                ("Teléfono", phone, "Correo electrónico", mail),
            ),
            merges=((0, 0, 0, 3), (4, 0, 4, 3)),
        )
        document.add_paragraph("Firma: ______________________      Fecha: 9 de septiembre de 2025")


_FILES = {
    "prieto": ("Prieto Salas", "Carmen", "14/05/2013", "71234567W", "A Rh+", "1.º ESO B",
               "Salas Mora, Luisa", "49887766F", "+34 612 345 678", "luisa.salas@example.com"),
    "quintana": ("Quintana", "Óscar", "31/02/2013", "72345678-Y", "s/d", "1.º ESO A",
                 "Quintana Gil, José", "71112223-H", "________", "—"),
    "romero": ("Romero Vega", "Nuria", "3-XI-2012", "73456789A", "", "2.º ESO A",
               "Vega Ruiz, Ana", "________", "612 000 111 / 612 000 222", "ana.vega@example.com"),
}  # fmt: skip

# A printed form with dots between what is asked and what was written.
_CERTIFICATES = {
    "rojas": (
        ("APELLIDO Y NOMBRE", "Rojas, Elena"),
        ("DOCUMENTO (TIPO Y N.º)", "DNI 48.200.119"),
        ("NACIDA EL", "7 de junio de 2008"),
        ("AÑO QUE CURSA", "5.º año"),
        ("PROMEDIO", "8,75 (ocho con setenta y cinco)"),
    ),
    "silva": (
        ("APELLIDO Y NOMBRE", "Silva, Gonzalo"),
        ("DOCUMENTO (TIPO Y N.º)", "DNI 48.345.002"),
        ("NACIDO EL", "29 de febrero de 2008"),
        ("AÑO QUE CURSA", "5.º año"),
        ("PROMEDIO", "6 (siete)"),
    ),
}


def _certificate(lines: tuple[tuple[str, str], ...]) -> str:
    body = "\n".join(
        f"{label.replace('.', chr(92) + '.')} #box(width: 1fr, repeat[.]) {value} #box(width: 1cm, repeat[.])\n"
        for label, value in lines
    )
    return (
        "#align(center)[= Constancia de alumno regular]\n\nLa dirección del establecimiento deja constancia de que:\n\n"
        + body
        + "\nSe extiende la presente a pedido del interesado el día 11 de marzo de 2026 para ser presentada ante quien "
        "corresponda.\n"
    )


_REGISTER = """
REGISTRO DE CONVIVENCIA – SEGUNDO CUATRIMESTRE

Fecha: 12 de agosto de 2025
Estudiante: Molina, Tadeo
Curso: 2.º C
Hecho: Rompió el vidrio de la puerta del aula con una pelota durante el
recreo. No hubo heridos.
Intervención: Charla con el estudiante y aviso a la familia.
Se citó a la familia: sí
-----------------------------------------
Fecha: 19/08/25
Estudiante: Nieva, Jazmín
Curso: 2.º C
Hecho: Discusión con una compañera; según la preceptora Gómez empezó
por un celular.
Intervención: Mediación a cargo de Marta Ruiz.
Se citó a la familia: no
-----------------------------------------
Fecha: 2 de septiembre
Estudiante: Molina, Tadeo
Curso: 2.º C
Hecho: Llegó tarde por tercera vez en la semana.
Intervención:
Se citó a la familia: SI
-----------------------------------------
Registró: preceptora Gómez, Tel. 4300-1200
"""

_MAIL_RUIZ = """
From: Paula Ruiz <paula.ruiz@example.org>
To: secretaria@liceo8.example
Subject: Inscripcion 2026 - Ana Ruiz
Date: Mon, 02 Mar 2026 10:14:00 -0300
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Buenos días:

Envío los datos que pidieron para la inscripción de mi hija.

Alumna: Ana Ruiz
Cédula: 5.123.456-1
Fecha de nacimiento: 3 de mayo de 2013
Grupo: primero 2
Celular de la madre: 099 123 456

Quedo atenta. Saludos,
Paula Ruiz

> El 27/02/2026, Secretaría <secretaria@liceo8.example> escribió:
> Para completar la inscripción enviar: alumna, cédula, fecha de nacimiento, grupo y celular de la madre.
> Secretaría Liceo 8 - Tel. 2900 1000
"""
_MAIL_ORTEGA = """
From: Diego Ortega <dortega@example.org>
To: secretaria@liceo8.example
Subject: datos
Date: Mon, 02 Mar 2026 21:40:00 -0300
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Hola, paso los datos: alumno: Mateo Ortega; cédula: 5.234.567-4; fecha de nacimiento: 21/09/2012; grupo: primero 4;
celular de la madre: no corresponde.

Gracias
Diego
"""
