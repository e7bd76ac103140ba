import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import tokens

# Counts of Mistral's vocabulary of 32,768 entries, the one of those measured that cuts Spanish smallest.
MEASURED = {
    "El alumno pierde la condición de regular cuando supera las veinticinco inasistencias.": 25,
    "CAPÍTULO VI SALUD": 10,
    "Fecha | Feriado | Tipo\n25/12/2026 | Navidad | Inamovible": 28,
}


@pytest.mark.parametrize(("text", "real"), MEASURED.items())
def test_it_rather_counts_too_many_than_too_few(text: str, real: int) -> None:
    assert 0.9 * real <= tokens.estimate(text) <= 1.5 * real


@given(st.lists(st.text("añÁ9.½ \n", min_size=1, max_size=20)))
def test_it_adds_up(parts: list[str]) -> None:
    apart = sum(tokens.estimate(part) for part in parts)
    assert abs(tokens.estimate(" ".join(parts)) - apart) < 1e-6


@given(st.text("aÁñ9. \n", min_size=1), st.integers(3, 60))
def test_what_fits_is_no_more_than_asked_and_never_nothing(text: str, most: int) -> None:
    text = "a" + text
    end = tokens.fit(text, 0, len(text), most=most)
    assert 0 < end <= len(text)
    assert tokens.estimate(text[:end]) <= most + 2
