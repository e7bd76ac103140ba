"""PDF is read again by another program; what values say is printed and never obeyed."""

import io
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planillas.columns import Column, Kind
from planillas.exports import pdf
from planillas.exports.inert import fit
from planillas.exports.sheet import TooLarge
from tests.planillas import sheets
from tests.planillas.hostile import HOSTILE, TEXTS


def _pages(sheet: Any) -> list[str]:
    file = io.BytesIO()
    pdf.write(sheet, file)
    document = pypdfium2.PdfDocument(file.getvalue())
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def _squeezed(text: str) -> str:
    """Return a text without what breaking lines adds or takes."""
    return "".join(text.replace("\u200b", "").replace("\ufffe", "").replace("\u00ad", "").split())


def test_it_says_values_states_and_where_they_come_from() -> None:
    (page,) = _pages(sheets.sheet())
    text = _squeezed(page)
    for said in (
        "Nómina 2026: 1.º y 2.º [A/B]", "Norte & Sur", "Borrador", "Dos hojas del documento no se pudieron leer",
        "Álvarez, Ana(1)", "3/5/2014(1)", "$ 12.500,50(1)", "Llega a las 8.", "(2)", "45987654 / 45987655(3,4)",
        "«31/02/2014»(3)", "=1+1 llega tarde(5)", "1 Nómina de alumnos, hoja «Nómina», fila 2.",
        "Reunión de marzo, minuto 3:07. «llega a las ocho»", "Lista vieja", "(eliminado)", "a1" * 32,
        "En conflicto: las fuentes dicen cosas distintas",
    ):  # fmt: skip
        assert _squeezed(said) in text, said


def test_a_wide_one_comes_in_groups_that_say_whose_row_it_is() -> None:
    kinds = list(Kind)
    columns = [Column("alumno", "Alumno", is_key=True)] + [
        Column(f"c{index}", f"Columna {index}", kinds[index % 3]) for index in range(59)
    ]
    rows = [
        {
            "alumno": sheets.found(f"Alumno {number}"),
            **{f"c{at}": sheets.found(f"v{number}.{at}") for at in range(59)},
        }
        for number in range(60)
    ]
    pages = _pages(sheets.sheet(rows, columns))
    text = _squeezed(" ".join(pages))
    assert "Columnas1a" in text and "a60de60" in text
    assert all(f"v{number}.{at}" in text for number in (0, 59) for at in range(59))
    tables = [page for page in pages if "Columna " in page]
    assert len(tables) >= 8 and all("Alumno" in page for page in tables), "header and key columns come again"
    assert f"{len(pages)} / {len(pages)}" in pages[-1]
    with pytest.raises(TooLarge):
        pdf.write(sheets.sheet(count=pdf.CELLS_MOST), io.BytesIO())


def test_hostile_texts_are_printed_as_they_are() -> None:
    printed = [text for text in HOSTILE if max(text) < "\u2e80"]  # of others no letters can be read back
    text = _squeezed(" ".join(_pages(sheets.of_texts(printed))))
    for each in printed:
        assert _squeezed(fit(each))[:60] in text, each


@settings(max_examples=4)
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_any_text_can_be_printed(texts: list[str]) -> None:
    assert _pages(sheets.of_texts(texts))
