"""What people write in Spanish is read as what it says, and refused when it says nothing of the kind."""

import pytest

from planillas import values
from planillas.cells import Value
from planillas.columns import Column, Kind
from schools.refusals import Refused
from tests.planillas.value_columns import (
    ANY,
    ARS,
    ATTENDANCE,
    CUIT,
    CURP,
    DATE,
    DNI,
    EMAIL,
    EUR,
    EVERY,
    GTQ,
    INTEGER,
    LIST,
    LONG,
    METRES,
    MONEY,
    NIF,
    NUMBER,
    PASSED,
    PHONE,
    RUT,
    SHIFT,
    TEXT,
    TIME,
    USD,
    YES_NO,
    column,
)


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("  Pérez,\tAna\u202e \x07Inés ", TEXT, "Pérez, Ana Inés"),
        ("=2+2", TEXT, "=2+2"),
        ("Nin\u0303o", TEXT, "Niño"),
        ("uno\r\n\n\n\n dos\u200b ", LONG, "uno\n\ndos"),
        ("7,50", NUMBER, 7.5),
        ("7.50", NUMBER, 7.5),
        ("1.234,5", NUMBER, 1234.5),
        ("1,234.5", NUMBER, 1234.5),
        ("1.234.567", NUMBER, 1234567),
        ("1,234", NUMBER, 1.234),
        ("0.125", NUMBER, 0.125),
        ("12 500", NUMBER, 12500),
        ("-3,5", NUMBER, -3.5),
        ("85 %", NUMBER, 85),
        ("siete", NUMBER, 7),
        ("Siete con cincuenta", NUMBER, 7.5),
        ("7 (siete)", NUMBER, 7),
        ("7,50 (siete con 50/100)", NUMBER, 7.5),
        ("8,50 (ocho con cincuenta)", NUMBER, 8.5),
        ("9 - nueve", NUMBER, 9),
        ("2,5 m", METRES, 2.5),
        ("2,5 metros", METRES, 2.5),
        ("1.234", INTEGER, 1234),
        ("1,234", INTEGER, 1234),
        ("7,00", INTEGER, 7),
        ("treinta y dos", INTEGER, 32),
        ("dos mil catorce", INTEGER, 2014),
        ("18 años", INTEGER, 18),
        ("un día", INTEGER, 1),
        ("doce horas", INTEGER, 12),
        ("3 cajas", INTEGER, 3),
        ("2º", INTEGER, 2),
        ("03/05/2014", DATE, "2014-05-03"),
        ("3-5-14", DATE, "2014-05-03"),
        ("3.5.2014", DATE, "2014-05-03"),
        ("2014-05-03", DATE, "2014-05-03"),
        ("2014-05-03 00:00:00", DATE, "2014-05-03"),
        ("3 de mayo de 2014", DATE, "2014-05-03"),
        ("3 de Mayo del 2014.", DATE, "2014-05-03"),
        ("sábado, 3 de mayo de 2014", DATE, "2014-05-03"),
        ("3 may 2014", DATE, "2014-05-03"),
        ("3-may-14", DATE, "2014-05-03"),
        ("3/V/2014", DATE, "2014-05-03"),
        ("mayo 3, 2014", DATE, "2014-05-03"),
        ("Mayo 3 de 2014", DATE, "2014-05-03"),
        ("1º de setiembre de 2025", DATE, "2025-09-01"),
        ("primero de marzo de dos mil veintiséis", DATE, "2026-03-01"),
        ("a los tres días del mes de mayo de dos mil catorce", DATE, "2014-05-03"),
        ("12/03/85", DATE, "1985-03-12"),
        ("1ero de mayo de 2014", DATE, "2014-05-01"),
        ("20140503", DATE, "2014-05-03"),
        ("3 de mayo de 2014, 10:15", DATE, "2014-05-03"),
        ("3 de mayo de 2.014", DATE, "2014-05-03"),
        ("2014-05-03T00:00:00-03:00", DATE, "2014-05-03"),
        ("29/02/2024", DATE, "2024-02-29"),
        ("9:30", TIME, "09:30"),
        ("9.30 h", TIME, "09:30"),
        ("9 hs", TIME, "09:00"),
        ("21:15", TIME, "21:15"),
        ("9:30 p. m.", TIME, "21:30"),
        ("12:05 AM", TIME, "00:05"),
        ("9h30", TIME, "09:30"),
        ("a las 15 horas", TIME, "15:00"),
        ("07:45:00", TIME, "07:45"),
        *((each, YES_NO, True) for each in ("sí", "SI", "S", "x", "✓", "Verdadero", "[x]", "1")),
        ("Sí (celíaca)", YES_NO, True),
        ("☐ Sí ☒ No", YES_NO, False),
        ("Sí [x]  No [ ]", YES_NO, True),
        ("¿Usa transporte? ☒ Sí ☐ No", YES_NO, True),
        ("(  ) Mañana   ( X ) Tarde   (  ) Jornada completa", SHIFT, "Tarde"),
        *((each, YES_NO, False) for each in ("no", "N", "Falso", "✗", "☐", "0")),
        ("P", ATTENDANCE, "P = Presente"),
        ("presente", ATTENDANCE, "P = Presente"),
        ("a", ATTENDANCE, "A = Ausente"),
        ("AUSENTE", ATTENDANCE, "A = Ausente"),
        ("Ausente just", ATTENDANCE, "J = Ausente justificado"),
        ("manana", SHIFT, "Mañana"),
        ("Jorn.", SHIFT, "Jornada completa"),
        ("«Tarde»", SHIFT, "Tarde"),
        ("Jornada completo", SHIFT, "Jornada completa"),
        ("aprobada", PASSED, "Aprobado"),
        ("Proceso", PASSED, "En proceso"),
        ("Aprobado (con 7)", PASSED, "Aprobado"),
        ("40.123.456", DNI, "40123456"),
        ("DNI Nº 9.876.543", DNI, "9876543"),
        ("40 123 456", DNI, "40123456"),
        ("DNI40123456", DNI, "40123456"),
        ("00040123456", DNI, "40123456"),
        ("12345678-Z", DNI, "12345678Z"),
        ("20-12345678-6", CUIT, "20-12345678-6"),
        ("CUIL: 20123456786", CUIT, "20-12345678-6"),
        ("12531909-2", RUT, "12.531.909-2"),
        ("RUT 12.531.909-2", RUT, "12.531.909-2"),
        ("hegg560427mvzrrl04", CURP, "HEGG560427MVZRRL04"),
        ("12.345.678-z", NIF, "12345678Z"),
        ("X-1234567-L", NIF, "X1234567L"),
        ("20-12345678-6", ANY, "20-12345678-6"),
        ("12.531.909-2", ANY, "12.531.909-2"),
        ("40.123.456", ANY, "40123456"),
        ("12345678Z", ANY, "12345678Z"),
        ("1.234.567-2", ANY, "1.234.567-2"),
        ("CUI 2345 67899 0101", ANY, "2345 67899 0101"),
        ("0801199012345", ANY, "0801-1990-12345"),
        ("V-12.345.678", ANY, "V-12.345.678"),
        ("001-1391820-5", ANY, "001-1391820-5"),
        ("1.023.456.789", ANY, "1023456789"),
        ("HEGG560427MVZRRL04", ANY, "HEGG560427MVZRRL04"),
        ("Ana Pérez <mailto:Ana.Perez@Escuela.Edu.AR>", EMAIL, "Ana.Perez@escuela.edu.ar"),
        ("ana@escuela.org.", EMAIL, "ana@escuela.org"),
        ("Tel.: (011) 4123-4567", PHONE, "(011) 4123-4567"),
        ("+54 9 11 4123-4567", PHONE, "+54 9 11 4123-4567"),
        ("4123-4567 int. 23", PHONE, "4123-4567 int. 23"),
        ("11 4123-4567 (mamá)", PHONE, "11 4123-4567 (mamá)"),
        ("$ 1.234,50", ARS, 1234.5),
        ("$1,234.50", ARS, 1234.5),
        ("$ 12.500", ARS, 12500),
        ("12.500.-", ARS, 12500),
        ("-$ 10", ARS, -10),
        ("US$ 10", USD, 10),
        ("10 dólares", USD, 10),
        ("1.234,50 €", EUR, 1234.5),
        ("Q 25.00", GTQ, 25),
        ("1 234,50", MONEY, 1234.5),
        ("Lengua; Matemática ; Lengua", LIST, ["Lengua", "Matemática"]),
        ("- Lengua\n- Matemática", LIST, ["Lengua", "Matemática"]),
        ("Pérez, Ana; Gómez, Luis", LIST, ["Pérez, Ana", "Gómez, Luis"]),
        ("Ana, Beto y Zoe", LIST, ["Ana", "Beto", "Zoe"]),
        ("Lengua/Historia", LIST, ["Lengua", "Historia"]),
        ("3/5/2014", LIST, ["3/5/2014"]),
    ],
)  # fmt: skip
def test_what_is_written_is_read(written: str, kind: Column, value: Value) -> None:
    assert values.read(written, kind) == value
    assert type(values.read(written, kind)) is type(value)
    assert values.accept(written, kind) == value
    assert values.accept(value, kind) == value
    assert values.read(values.show(value, kind), kind) == value
    assert values.occurs(value, kind, written)


@pytest.mark.parametrize(
    ("written", "kind", "says"),
    [
        ("1.234", NUMBER, "1,234 o 1234"),
        ("7 (ocho)", NUMBER, "letras"),
        ("7 (aprobado)", NUMBER, "7,50"),
        ("ausente", NUMBER, "no es un número"),
        ("3/5", NUMBER, "no es un número"),
        ("35 cm", METRES, "cm"),
        ("1.2.3", NUMBER, "no es un número"),
        ("siete con cinco", NUMBER, "no es un número"),
        ("9" * 40, NUMBER, "no es un número"),
        ("7,5", INTEGER, "entero"),
        ("05/13/2014", DATE, "primero el día"),
        ("31/02/2014", DATE, "no existe"),
        ("29/02/2023", DATE, "no existe"),
        ("3 de mayo", DATE, "3/5/2014"),
        ("mayo de 2014", DATE, "3/5/2014"),
        ("03/05/0214", DATE, "año"),
        ("3 de mayo de 2914", DATE, "año"),
        ("40123456", DATE, "fecha"),
        ("00000000", DATE, "fecha"),
        ("20141305", DATE, "primero el día"),
        ("9", TIME, "9:30"),
        ("25:00", TIME, "9:30"),
        ("7:30 a 12:00", TIME, "9:30"),
        ("a veces", YES_NO, "sí ni no"),
        ("☒ Sí ☒ No", YES_NO, "una sola casilla"),
        ("[x] a [ ] b, y [ ]", YES_NO, "casilla"),
        ("X", ATTENDANCE, "opciones"),
        ("Au", ATTENDANCE, "opciones"),
        ("Noche", SHIFT, "Jornada completa"),
        ("asistió", column("choice", choices=("No asistió", "Vino")), "No asistió"),
        ("123.456.789", DNI, "7 u 8 cifras"),
        ("20-12345678-9", CUIT, "última"),
        ("20-12345678-9", ANY, "verificador"),
        ("2345 67890 0101", ANY, "verificador"),
        ("E1234567", ANY, "documento de identidad"),
        ("001-1391820-6", ANY, "verificador"),
        ("12.531.909-3", RUT, "verificador"),
        ("HEGG560427MVZRRL05", CURP, "última"),
        ("12345678A", NIF, "letra"),
        ("ana arroba escuela", EMAIL, "nombre@escuela.org"),
        ("a@x.org, b@x.org", EMAIL, "nombre@escuela.org"),
        ("4123-4567 / 15-4123-4568", PHONE, "uno solo"),
        ("+1 23", PHONE, "teléfono"),
        ("03-05-2014", PHONE, "teléfono"),
        ("US$ 10", ARS, "otra moneda"),
        ("10 €", USD, "otra moneda"),
        ("Q 25.00", EUR, "otra moneda"),
        ("mucho", ARS, "$ 1.234,50"),
        ("Ídem", TEXT, "arriba"),
        ('"', LONG, "arriba"),
        ("x" * 2_001, TEXT, "2000"),
        ("x" * 20_001, LONG, "20000"),
        ("; ".join(map(str, range(101))), LIST, "100"),
    ],
)
def test_what_is_no_value_is_refused_and_told_what_would_be(written: str, kind: Column, says: str) -> None:
    with pytest.raises(values.BadValue) as refusal:
        values.read(written, kind)
    assert isinstance(refusal.value, Refused)
    assert not isinstance(refusal.value, values.Blank)
    assert says in refusal.value.detail
    assert len(refusal.value.detail) < 300
    with pytest.raises(values.BadValue):
        values.accept(written, kind)


@pytest.mark.parametrize("kind", EVERY, ids=lambda each: each.kind)
@pytest.mark.parametrize(
    "written", ["", "  ", "-", "—", "……", "____", "s/d", "S/D.", "\u200e", "(sin datos)"]
)
def test_a_cell_that_says_nothing_is_blank(written: str, kind: Column) -> None:
    assert values.is_blank(written)
    assert values.accept(written, kind) is None
    with pytest.raises(values.Blank):
        values.read(written, kind)


@pytest.mark.parametrize(
    ("given", "kind", "value"),
    [
        (None, TEXT, None),
        ([], LIST, None),
        (7, NUMBER, 7),
        (7.0, INTEGER, 7),
        (True, YES_NO, True),
        (40123456, DNI, "40123456"),
        (2, TEXT, "2"),
        (["Lengua ", "", "Historia; local"], LIST, ["Lengua", "Historia, local"]),
    ],
)
def test_programs_send_typed_values(given: object, kind: Column, value: Value | None) -> None:
    assert values.accept(given, kind) == value


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (True, NUMBER), (7.5, INTEGER), (float("nan"), NUMBER), (float("inf"), ARS), (1e300, NUMBER), (10.555, ARS),
        (7.5, TEXT), ({"a": 1}, TEXT), ([1], LIST), (["a"], TEXT), (20140503, DATE), ("abc", DATE), (b"x", TEXT),
    ],
)  # fmt: skip
def test_what_programs_send_is_checked(given: object, kind: Column) -> None:
    with pytest.raises(values.BadValue):
        values.accept(given, kind)


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (None, TEXT, ""), (7.5, NUMBER, "7,50"), (7, NUMBER, "7"), (7.125, NUMBER, "7,125"), (12345, INTEGER, "12345"),
        ("2014-05-03", DATE, "3/5/2014"), ("09:05", TIME, "9:05"), (True, YES_NO, "Sí"), (False, YES_NO, "No"),
        (1234.5, ARS, "$ 1.234,50"), (-10, USD, "-US$ 10,00"), (1234.5, EUR, "1.234,50 €"), (5, MONEY, "5,00"),
        (["a", "b"], LIST, "a; b"), (["Pérez, Ana"], LIST, "Pérez, Ana;"), ("=1+1", TEXT, "=1+1"),
    ],
)  # fmt: skip
def test_values_are_shown_as_people_read_them(value: Value | None, kind: Column, shown: str) -> None:
    assert values.show(value, kind) == shown


def test_a_number_that_no_float_holds_is_refused() -> None:
    with pytest.raises(values.BadValue, match="grande"):
        values.accept(10**400, Column("a", "A", Kind.INTEGER))
