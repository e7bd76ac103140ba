"""Which header means which column, and which means none."""

import pytest

from planillas import meanings
from planillas.columns import Column, Identity, Kind
from planillas.headers import Matcher

COLUMNS = (
    Column("nombre", "Apellido y nombre", is_key=True),
    Column("dni", "DNI", Kind.IDENTITY, identity=Identity.DNI),
    Column("nacimiento", "Fecha de nacimiento", Kind.DATE),
    Column("curso", "Curso"),
    Column("telefono_madre", "Teléfono de la madre", Kind.PHONE),
    Column("observaciones", "Observaciones", Kind.LONG_TEXT),
    Column("t1", "1º trimestre", Kind.NUMBER),
    Column("condicion", "Condición", also=("Sit. académica",)),
)
PUPILS = Matcher(COLUMNS, row_is="un alumno")


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("APELLIDO Y NOMBRE", "nombre"),
        ("Apellido/s y Nombre/s:", "nombre"),
        ("Nombre y apellido", "nombre"),
        ("Alumno/a", "nombre"),
        ("1. Apellido y nombre del estudiante (como en el DNI)", "nombre"),
        ("Nº de doc.", "dni"),
        ("D.N.I.", "dni"),
        ("DNI del alumno", "dni"),
        ("F. Nac.", "nacimiento"),
        ("Fecha de nac. (dd/mm/aaaa)", "nacimiento"),
        ("Grado/Año", "curso"),
        ("Tel. madre", "telefono_madre"),
        ("Observ.", "observaciones"),
        ("Nota 1.er trim.", "t1"),
        ("1T", "t1"),
        ("I Trimestre", "t1"),
        ("Sit. académica", "condicion"),
        # Of somebody else, of something else, or of one of two:
        ("DNI del padre", None),
        ("Apellido y nombre del docente", None),
        ("Teléfono", None),
        ("Teléfono del padre", None),
        ("Nombre", None),
        ("2º trimestre", None),
        ("CUIL", None),
        ("Observaciones del docente", None),
        ("Nº", None),
        ("", None),
    ],
)
def test_a_header_means_a_column_or_none(header: str, key: str | None) -> None:
    match = PUPILS.match(header)

    assert (match and match.column.key) == key


@pytest.mark.parametrize(
    ("row_is", "header", "key"),
    [
        ("un docente", "Docente", "nombre"),
        ("un docente", "DNI del docente", "dni"),
        ("un docente", "DNI del alumno", None),
        ("una reunión", "Alumno", None),
    ],
)
def test_whose_a_header_is_depends_on_the_rows(row_is: str, header: str, key: str | None) -> None:
    match = Matcher(COLUMNS, row_is=row_is).match(header)

    assert (match and match.column.key) == key


def test_headers_and_columns_are_matched_one_to_one() -> None:
    found = PUPILS.assign(["Nº", "Alumno", "Documento", "Curso", "Estudiante", "Condición", "Grado"])

    assert {index: match.column.key for index, match in found.items()} == {
        2: "dni",
        3: "curso",
        5: "condicion",
    }
    assert PUPILS.assign(["DNI", "Nombre y apellido", "DNI"]).keys() == {1}
    assert [column.key for column in PUPILS.doubled(["DNI", "Nombre y apellido", "DNI"])] == ["dni"]


@pytest.mark.parametrize(
    ("text", "sums"),
    [
        ("Total", True),
        ("Total de alumnos: 15", True),
        ("SUBTOTAL EN PESOS", True),
        ("Promedio general", True),
        ("Promedio:", True),
        ("Totaro, Luis", False),
        ("Media, Ana", False),
        ("Promedio Sánchez", False),
    ],
)
def test_lines_that_sum_up(text: str, sums: bool) -> None:
    assert meanings.sums_up(text) is sums
