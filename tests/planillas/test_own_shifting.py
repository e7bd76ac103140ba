"""Where references lead once rows were put into a sheet."""

import pytest

from planillas.own_files import ods_formulas, shifting
from planillas.own_files.shifting import Growth

ONE = Growth("Notas", first=5, last=5, count=29)  # one row to repeat
TEN = Growth("Notas", first=5, last=14, count=3)  # ten rows were drawn


@pytest.mark.parametrize(
    ("growth", "sheet", "before", "after"),
    [
        (ONE, "Notas", "SUM(C5:C5)", "SUM(C5:C34)"),
        (ONE, "Notas", "SUM($C$5:$C$5)+C6", "SUM($C$5:$C$34)+C35"),
        (ONE, "Notas", 'IF(C6="C6",A1:C5,"A5:C5")', 'IF(C35="C6",A1:C34,"A5:C5")'),
        (ONE, "Notas", "SUM(5:5,C:C,C4:C4)", "SUM(5:34,C:C,C4:C4)"),
        (ONE, "Resumen", "SUM(Notas!C5:C5)+C6+Otra!C6", "SUM(Notas!C5:C34)+C6+Otra!C6"),
        (ONE, "Resumen", "'Notas'!C9*total", "'Notas'!C38*total"),
        (TEN, "Notas", "SUM(C5:C14)/C15-C13", "SUM(C5:C17)/C18-C13"),
        (TEN, "Notas", "SUM(C5:C13)+SUM(A1:A20)", "SUM(C5:C13)+SUM(A1:A23)"),
        (TEN, "Notas", "SUM(Tabla1[Nota])+[1]Notas!C20", "SUM(Tabla1[Nota])+[1]Notas!C20"),
        (TEN, "Notas", "A1:A1048576", "A1:A1048576"),
        (TEN, "Notas", 'no es "una fórmula', 'no es "una fórmula'),
    ],
)
def test_formulas_around_the_table(growth: Growth, sheet: str, before: str, after: str) -> None:
    assert shifting.formula(growth, before, sheet) == after


@pytest.mark.parametrize(
    ("growth", "by", "before", "after"),
    [
        (ONE, 3, "AVERAGE(C5:E5)", "AVERAGE(C8:E8)"),
        (ONE, 0, "SUM(C5:E5)", "SUM(C5:E5)"),  # of the row, not of the column
        (ONE, 3, "C5*C$2+C2", "C8*C$2+C2"),
        (ONE, 3, "F4+D5", "F7+D8"),  # a running balance
        (ONE, 3, "RANK(C5,$C$5:$C$5)", "RANK(C8,$C$5:$C$34)"),
        (ONE, 3, "SUM(C$5:C5)/C6", "SUM(C$5:C8)/C35"),
        (ONE, 3, "VLOOKUP(A5,Listas!$A$1:$B$9,2)&Listas!C5", "VLOOKUP(A8,Listas!$A$1:$B$9,2)&Listas!C8"),
        (TEN, 2, "C14*2+B2", "C16*2+B4"),  # ten rows show that B goes along
    ],
)
def test_formulas_of_the_row_that_repeats(growth: Growth, by: int, before: str, after: str) -> None:
    assert shifting.copied(growth, before, "Notas", by=by) == after


def test_lists_of_references_and_single_places() -> None:
    assert shifting.references(ONE, "C5 A1:B5 D9") == "C5:C34 A1:B34 D38"
    assert shifting.placed(ONE, "C5:D5 C6:D7") == "C5:D5 C35:D36"
    assert shifting.formula(ONE, "Notas!$C$5", "", single_grows=True) == "Notas!$C$5:$C$34"
    assert shifting.formula(TEN, "Notas!$C$14", "", single_grows=True) == "Notas!$C$14"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("of:=SUM([.C5:.C5])+[.C6]", "of:=SUM([.C5:.C34])+[.C35]"),
        (
            'of:=IF([.C6]="[.C6]";[$Otra.C6];[$Notas.$C$5:.$C$5])',
            'of:=IF([.C35]="[.C6]";[$Otra.C6];[$Notas.$C$5:.$C$34])',
        ),
        ("of:=[$'Con espacio'.C9]+[.C4]", "of:=[$'Con espacio'.C9]+[.C4]"),
    ],
)  # fmt: skip
def test_formulas_as_libreoffice_writes_them(before: str, after: str) -> None:
    assert ods_formulas.formula(ONE, before, "Notas") == after
    assert (
        ods_formulas.addresses(ONE, "$Notas.$C$5:.$C$5 Otra.A6 Notas.A9")
        == "$Notas.$C$5:.$C$34 Otra.A6 Notas.A38"
    )
