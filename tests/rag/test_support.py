"""Whether a source says what an answer says in other words: true pairs, and pairs that differ in one thing."""

import pytest

from rag import support

REGULAR = "El estudiante que supere las veinticinco (25) inasistencias injustificadas perderá la condición de regular."
RETURN = "La familia podrá pedir la reincorporación por escrito dentro de los cinco días hábiles."
PHONES = "No se permite el uso de teléfonos celulares durante las clases, salvo autorización del docente."
TRIP = "Toda salida educativa requiere la autorización escrita de la familia con 48 horas de anticipación."
WINTER = (
    "El receso de invierno comienza el lunes 14 de julio de 2025 y termina el viernes 25 de julio de 2025."
)
GRANTS = "Se otorgarán veinte becas de $ 25.000 mensuales a estudiantes de quinto año."
CERTIFICATE = "Los alumnos que no presenten el certificado médico no podrán rendir el examen recuperatorio."
HEAD = "La directora Marta Giménez firma las actas de la cooperadora los días martes."
LIBRARY = "La biblioteca abre de lunes a viernes de 8:00 a 17:30 y presta hasta tres libros por alumno."
VOTE = "El consejo escolar aprueba el presupuesto por mayoría simple en la asamblea de marzo."
UNIFORM = "El uso del guardapolvo blanco es obligatorio para todos los alumnos de nivel primario."
LATE = "Quien llegue después de las 7:45 tendrá media falta y deberá firmar el libro de llegadas tarde."
MANY = f"Artículo 12. {REGULAR}\n{RETURN} {PHONES}\n\n{TRIP}"

TRUE = [
    ("Se pierde la condición de regular al superar 25 inasistencias injustificadas.", REGULAR),
    (
        "Un alumno pierde la condición de regular si supera las veinticinco inasistencias injustificadas.",
        REGULAR,
    ),
    (
        "El estudiante que supera 25 inasistencias injustificadas deja de tener la condición de regular.",
        REGULAR,
    ),
    (
        "Según el artículo 12, superar 25 inasistencias injustificadas hace perder la condición de regular.",
        MANY,
    ),
    ("La reincorporación la puede pedir la familia por escrito, dentro de los 5 días hábiles.", RETURN),
    ("La familia tiene cinco días hábiles para pedir por escrito la reincorporación.", RETURN),
    ("La familia tiene cinco días hábiles para pedir por escrito la reincorporación.", MANY),
    ("Durante las clases no se permite usar teléfonos celulares.", PHONES),
    ("Está prohibido el uso de teléfonos celulares durante las clases.", PHONES),
    ("Los teléfonos celulares no se permiten durante las clases, salvo autorización del docente.", MANY),
    ("Para una salida educativa hace falta la autorización escrita de la familia.", TRIP),
    (
        "La autorización escrita de la familia se pide con 48 horas de anticipación a la salida educativa.",
        TRIP,
    ),
    ("El receso de invierno empieza el 14 de julio de 2025 y termina el 25 de julio.", WINTER),
    ("El receso de invierno comienza el lunes 14 de julio.", WINTER),
    ("Hay 20 becas de $ 25.000 mensuales para estudiantes de quinto año.", GRANTS),
    ("Se otorgan veinte becas mensuales de 25000 pesos a estudiantes de 5.º año.", GRANTS),
    (
        "Sin presentar el certificado médico, los alumnos no podrán rendir el examen recuperatorio.",
        CERTIFICATE,
    ),
    ("Las actas de la cooperadora las firma la directora Marta Giménez los martes.", HEAD),
    ("La biblioteca abre de lunes a viernes de 8:00 a 17:30.", LIBRARY),
    ("La biblioteca presta hasta 3 libros por alumno.", LIBRARY),
    ("El presupuesto lo aprueba el consejo escolar por mayoría simple en marzo.", VOTE),
    ("Todos los alumnos de primario usan guardapolvo blanco obligatorio.", UNIFORM),
    ("Llegar después de las 7:45 es media falta y se firma el libro de llegadas tarde.", LATE),
]
FALSE = [
    # another number, date, hour or amount
    ("Se pierde la condición de regular al superar 26 inasistencias injustificadas.", REGULAR),
    ("Un alumno pierde la condición de regular si supera las quince inasistencias injustificadas.", REGULAR),
    ("Según el artículo 13, superar 25 inasistencias injustificadas hace perder la condición de regular.", MANY),
    ("Superar doce inasistencias injustificadas hace perder la condición de regular.", MANY),
    ("La familia tiene diez días hábiles para pedir por escrito la reincorporación.", RETURN),
    ("La autorización escrita de la familia se pide con 24 horas de anticipación a la salida educativa.", TRIP),
    ("El receso de invierno empieza el 15 de julio de 2025 y termina el 25 de julio.", WINTER),
    ("El receso de invierno comienza el 14 de agosto de 2025.", WINTER),
    ("El receso de invierno comienza el martes 14 de julio.", WINTER),
    ("El receso de invierno comienza el lunes 14 de julio de 2026.", WINTER),
    ("Hay 20 becas de $ 250.000 mensuales para estudiantes de quinto año.", GRANTS),
    ("Hay treinta becas de $ 25.000 mensuales para estudiantes de quinto año.", GRANTS),
    ("Hay 20 becas de $ 25.000 mensuales para estudiantes de sexto año.", GRANTS),
    ("La biblioteca abre de lunes a viernes de 8:00 a 18:30.", LIBRARY),
    ("La biblioteca abre de lunes a sábado de 8:00 a 17:30.", LIBRARY),
    ("Llegar después de las 7:30 es media falta y se firma el libro de llegadas tarde.", LATE),
    # the other way round
    ("Superar 25 inasistencias injustificadas no hace perder la condición de regular.", REGULAR),
    ("Durante las clases se permite usar teléfonos celulares.", PHONES),
    ("Para una salida educativa no hace falta la autorización escrita de la familia.", TRIP),
    ("La familia nunca podrá pedir la reincorporación por escrito dentro de los cinco días hábiles.", RETURN),
    ("Los alumnos que presenten el certificado médico no podrán rendir el examen recuperatorio.", CERTIFICATE),
    ("Los alumnos que no presenten el certificado médico podrán rendir el examen recuperatorio.", CERTIFICATE),
    ("El consejo escolar no aprueba el presupuesto por mayoría simple en la asamblea de marzo.", VOTE),
    ("La salida educativa se hace sin autorización escrita de la familia.", TRIP),
    ("El uso del guardapolvo blanco es optativo para todos los alumnos de nivel primario.", UNIFORM),
    ("Superar 25 inasistencias justificadas hace perder la condición de regular.", REGULAR),
    ("Quien llegue antes de las 7:45 tendrá media falta y deberá firmar el libro de llegadas tarde.", LATE),
    ("La familia podrá pedir la reincorporación por escrito dentro de los cinco días corridos.", RETURN),
    # another name, or more than was said
    ("La directora Laura Giménez firma las actas de la cooperadora los días martes.", HEAD),
    ("Las actas de la cooperadora las firma la directora Marta Giménez los jueves.", HEAD),
    ("Solamente la familia podrá pedir la reincorporación por escrito dentro de los cinco días hábiles.", RETURN),
    ("El consejo escolar aprueba el presupuesto de la Municipalidad por mayoría simple en marzo.", VOTE),
    # about something else, or about nothing
    ("El director puede expulsar a un alumno por agresiones reiteradas contra sus compañeros.", REGULAR),
    ("La inscripción de ingresantes requiere partida de nacimiento y certificado de vacunas.", TRIP),
    ("Los docentes de quinto año cobran un adicional mensual.", GRANTS),
    ("Sí, es así.", REGULAR),
    ("Los alumnos.", REGULAR),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "source"), TRUE, ids=range(len(TRUE)))
def test_a_source_says_it_in_other_words(claim: str, source: str) -> None:
    place = support.find(claim, source)
    assert place is not None
    assert source[slice(*place)].strip()


@pytest.mark.parametrize(("claim", "source"), FALSE, ids=range(len(FALSE)))
def test_a_source_does_not_say_it(claim: str, source: str) -> None:
    assert support.find(claim, source) is None


def test_what_is_shown_is_the_sentence_that_says_it() -> None:
    start, end = support.find("La familia puede pedir por escrito la reincorporación.", MANY) or (0, 0)
    assert MANY[start:end] == RETURN


def test_an_article_may_stand_in_the_heading_alone() -> None:
    claim = (
        "Según el artículo 12, superar 25 inasistencias injustificadas hace perder la condición de regular."
    )
    assert support.find(claim, REGULAR) is None
    assert support.find(claim, REGULAR, about="Régimen › Artículo 12. Inasistencias") is not None
