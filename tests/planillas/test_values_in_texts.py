"""Values are the same however they are written, are found where a text says them, and are read as they are shown."""

import re
import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.ar import cuit
from stdnum.cl import rut
from stdnum.es import dni as spanish_dni

from planillas import values
from planillas.cells import Value
from planillas.columns import Column
from tests.planillas.value_columns import (
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
)


@pytest.mark.parametrize(
    ("a", "b", "kind", "is_same"),
    [
        ("PEREZ,  Ana", "Pérez, Ana", TEXT, True),
        ("Peña", "Pena", TEXT, True),
        ("1º A", "1º B", TEXT, False),
        ("+54 11 4123-4567", "+541141234567", PHONE, True),
        ("12.531.909-2", "125319092", RUT, True),
        ("Ana@x.org", "ana@x.org", EMAIL, True),
        (7, 7.0, NUMBER, True),
        (True, 1, YES_NO, False),
        (["Lengua", "Historia"], ["historia", "LENGUA"], LIST, True),
        (["Lengua"], ["Lengua", "Historia"], LIST, False),
    ],
)
def test_two_values_are_the_same_up_to_how_they_are_written(
    a: Value, b: Value, kind: Column, is_same: bool
) -> None:
    assert values.same(a, b, kind) is is_same
    assert values.same(b, a, kind) is is_same


@pytest.mark.parametrize(
    ("value", "kind", "text", "does"),
    [
        ("Ana Pérez", TEXT, "La alumna ANA PEREZ, de 1º A", True),
        ("Ana", TEXT, "Anabella", False),
        ("7", TEXT, "7.5.2014", False),
        ("2014-05-03", DATE, "nació el tres de mayo de dos mil catorce en Lima", True),
        ("2014-05-03", DATE, "Nac.: 03/05/14, DNI 40.123.456", True),
        ("2014-05-03", DATE, "05/03/2014", False),
        ("2014-05-03", DATE, "13/05/2014", False),
        (30, INTEGER, "asistieron treinta familias", True),
        (3, INTEGER, "asistieron treinta familias", False),
        (1, INTEGER, "en una reunión", False),
        (3, INTEGER, "el 3/5/2014", False),
        (7.5, NUMBER, "Obtuvo 7,50 puntos.", True),
        (5, NUMBER, "Obtuvo 7,5", False),
        (1234, INTEGER, "hay 1.234 libros", True),
        (40, INTEGER, "DNI 40.123.456", False),
        (1500, ARS, "cuesta $ 1.500.", True),
        (1500, ARS, "cuesta US$ 1.500", False),
        ("40123456", DNI, "DNI: 40.123.456", True),
        ("40123456", DNI, "DNI: 140.123.456", False),
        ("20-12345678-6", CUIT, "CUIL 20123456786", True),
        ("12.531.909-2", RUT, "el RUT 12531909-2 de la alumna", True),
        ("+54 11 4123-4567", PHONE, "llamar al +54 (11) 4123 4567", True),
        ("ana@x.org", EMAIL, "Escribir a Ana@X.org.", True),
        ("09:30", TIME, "Se reúnen a las 9.30 h en el salón", True),
        ("21:30", TIME, "a las 9:30 p. m.", True),
        (True, YES_NO, "¿Trajo el apto? Sí", True),
        (True, YES_NO, "si trajo el apto", False),
        (False, YES_NO, "No trajo el apto", True),
        (True, YES_NO, "¿Usa transporte? ☐ Sí ☒ No", False),
        (True, YES_NO, "¿Usa? [ ] Sí [x] No [ ] a veces", False),
        ("Mañana", SHIFT, "Turno: ( ) Mañana (X) Tarde", False),
        ("Tarde", SHIFT, "Turno: ( ) Mañana (X) Tarde", True),
        ("P = Presente", ATTENDANCE, "P", True),
        ("P = Presente", ATTENDANCE, "Estuvo presente en todas", True),
        ("A = Ausente", ATTENDANCE, "a las nueve", False),
        ("Aprobado", PASSED, "la materia quedó aprobada en marzo", True),
        ("Aprobado", PASSED, "quedó desaprobada", False),
        (["Lengua", "Historia"], LIST, "Cursa historia, música y lengua", True),
        (["Lengua", "Arte"], LIST, "Cursa historia y lengua", False),
    ],
)
def test_a_text_says_a_value_or_does_not(value: Value, kind: Column, text: str, does: bool) -> None:
    assert values.occurs(value, kind, text) is does


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        (DATE, "Del 3/5/2014 al 7 de junio de 2014; y 99/99/2014.", ["3/5/2014", "7 de junio de 2014"]),
        (TIME, "De 9:30 a 12 hs, aula 4.", ["9:30", "12 hs"]),
        (NUMBER, "Obtuvo 7,5 y ocho; el 3/5/2014, en 12:30.", ["7,5", "ocho"]),
        (DNI, "Ana 40.123.456, Beto 41123457. Tel. 4123-4567", ["40.123.456", "41123457"]),
        (EMAIL, "a@x.org; b@y.org.ar", ["a@x.org", "b@y.org.ar"]),
        (PHONE, "Tel. 011 4123-4567 o +54 11 4123-4568; 3/5/2014", ["011 4123-4567", "+54 11 4123-4568"]),
        (ARS, "Son $ 1.234,50 y US$ 20 (3 cuotas)", ["$ 1.234,50", "3"]),
        (SHIFT, "Turno tarde; pasa a jornada completa", ["tarde", "jornada completa"]),
        (TEXT, "algo", []),
    ],
)
def test_values_are_spotted_at_their_place(kind: Column, text: str, found: list[str]) -> None:
    spotted = values.spot(text, kind)
    assert [text[start:end] for start, end, _value in spotted] == found
    for start, end, value in spotted:
        assert values.same(values.read(text[start:end], kind), value, kind)


LETTERS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=80
)
WORDS = LETTERS.map(lambda text: f"a{text}")


def _checked(digits: int, kind: Column) -> str:
    body = f"{digits:08d}"
    if kind is RUT:
        return rut.format(f"{digits}{rut.calc_check_digit(str(digits))}")
    if kind is NIF:
        return body + spanish_dni.calc_check_digit(body)
    return cuit.format(f"20{body}{cuit.calc_check_digit('20' + body)}")


def _documents(kind: Column) -> st.SearchStrategy[Value]:
    return st.integers(1_000_000, 49_999_999).map(lambda digits: _checked(digits, kind))


CENTS: st.SearchStrategy[Value] = st.integers(-(10**11), 10**11).map(lambda each: each / 100)
DECIMALS = st.floats(-1e6, 1e6).map(lambda value: round(value, 6))
ROUND_TRIPS: list[tuple[Column, st.SearchStrategy[Value]]] = [
    (TEXT, WORDS),
    (LONG, st.lists(WORDS, min_size=1, max_size=4).map("\n".join)),
    (NUMBER, st.one_of(st.integers(-(10**9), 10**9), DECIMALS)),
    (INTEGER, st.integers(-(10**12), 10**12)),
    (DATE, st.dates(date(1800, 1, 1), date(2100, 12, 31)).map(str)),
    (TIME, st.times().map(lambda value: value.strftime("%H:%M"))),
    (YES_NO, st.booleans()),
    *((kind, st.sampled_from(kind.choices)) for kind in (SHIFT, ATTENDANCE)),
    (DNI, st.integers(1_000_000, 99_999_999).map(str)),
    *((kind, _documents(kind)) for kind in (CUIT, RUT, NIF)),
    (EMAIL, st.from_regex(r"[a-zA-Z0-9]{1,20}@[a-z0-9]{1,10}\.(org|edu\.ar)", fullmatch=True)),
    (PHONE, st.from_regex(r"11 [0-9]{4}-[0-9]{4}", fullmatch=True)),
    *((kind, CENTS) for kind in (ARS, EUR, USD, GTQ, MONEY)),
    (LIST, st.lists(WORDS, min_size=1, max_size=6)),
]


@pytest.mark.parametrize(("kind", "strategy"), ROUND_TRIPS)
def test_what_is_shown_is_read_again(kind: Column, strategy: st.SearchStrategy[Value]) -> None:
    @given(strategy)
    def holds(value: Value) -> None:
        kept = values.accept(value, kind)
        assert kept is not None
        assert values.accept(kept, kind) == kept
        shown = values.show(kept, kind)
        assert values.read(shown, kind) == kept
        assert values.same(values.read(shown, kind), kept, kind)
        assert values.occurs(kept, kind, shown)

    holds()


@given(st.text(alphabet=string.printable + "áñ€$½٣\u202e\x00—", max_size=60))
def test_no_text_breaks_the_reading_of_any_kind(text: str) -> None:
    for kind in (*EVERY, CUIT, CURP, NIF, ATTENDANCE):
        try:
            value = values.read(text, kind)
        except values.BadValue:
            continue
        finally:
            assert all(text[start:end] for start, end, _value in values.spot(text, kind))
        assert values.read(values.show(value, kind), kind) == value
        assert not re.search("[\x00\u202e]", str(value))


@pytest.mark.parametrize(
    "piece", ["1.", "1 ", "12/", "mil ", "a@", "+1 (", "9:", "( ", "a los ", "Q1,", "7 de mayo "]
)
def test_a_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    for kind in EVERY:
        values.spot(text, kind)
        if kind not in (TEXT, LONG, LIST):
            with pytest.raises(values.BadValue):
                values.read(text[:2_000], kind)
