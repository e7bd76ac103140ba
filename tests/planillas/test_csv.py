"""CSV is what a Spanish spreadsheet opens, and nothing in it runs."""

import csv as stdlib_csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planillas.columns import Column, Kind
from planillas.exports.csv import Csv
from planillas.exports.inert import fit, is_dangerous
from planillas.exports.separators import Separator, of_zone
from tests.planillas import sheets
from tests.planillas.hostile import HOSTILE, TEXTS


def _written(sheet: Any, separator: Separator = Separator.SEMICOLON) -> bytes:
    file = io.BytesIO()
    Csv(separator).write(sheet, file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("separator", "zone", "line"),
    [
        (Separator.SEMICOLON, "America/Argentina/Buenos_Aires", "Sosa; Eva;8,5;12500,50;03/05/2014;Sí;1"),
        (Separator.COMMA, "America/Mexico_City", "Sosa; Eva,8.5,12500.50,03/05/2014,Sí,1"),
        (Separator.TAB, "", "Sosa; Eva\t8,5\t12500,50\t03/05/2014\tSí\t1"),
    ],
)
def test_it_is_as_the_country_has_it(separator: Separator, zone: str, line: str) -> None:
    kinds = (Kind.TEXT, Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.YES_NO, Kind.INTEGER)
    columns = [Column(f"c{index}", f"C{index}", kind) for index, kind in enumerate(kinds)]
    values = ("Sosa; Eva", 8.5, 12500.5, "2014-05-03", True, 1)
    rows: list[Any] = [{f"c{index}": sheets.found(value) for index, value in enumerate(values)}, {}]
    content = _written(sheets.sheet(rows, columns), separator)
    assert content.startswith(b"\xef\xbb\xbfC0")
    quoted = line.replace("Sosa; Eva", '"Sosa; Eva"') if separator is Separator.SEMICOLON else line
    sign = separator.sign
    assert content.decode("utf-8-sig").split("\r\n")[1:] == [quoted, sign * 5, ""]
    assert not zone or of_zone(zone) is separator


@settings(max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_any_text_stays_a_text(texts: list[str]) -> None:
    _check_inert(texts)


def test_hostile_texts_stay_texts() -> None:
    _check_inert(list(HOSTILE))


def _check_inert(texts: list[str]) -> None:
    said = _written(sheets.of_texts(texts)).decode("utf-8-sig")
    rows = list(stdlib_csv.reader(io.StringIO(said, newline=""), delimiter=";", strict=True))
    for row, text in zip(rows[1:], texts, strict=True):
        expected = fit(text)
        shown = row[0] if row else ""
        assert shown == (f"'{expected}" if is_dangerous(expected) else expected)
        assert shown[:1] not in ("=", "+", "-", "@", "\t", "\r")
