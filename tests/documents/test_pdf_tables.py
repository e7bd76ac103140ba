from pathlib import Path

import pytest

from bench import table_set
from bench.tables import score
from documents.blocks import Kind, ParsedBlock
from documents.parsers import pdf
from tests.documents.files import PdfPage, Run, column, write_pdf
from tests.documents.test_pdf import letters, quote_place, text_under_boxes

HEAD = ("Apellido y nombre", "Curso", "Faltas")
ROWS = tuple(
    (name, f"{number % 5 + 1}.º A", str(3 * number % 26)) for number, name in enumerate(table_set.NAMES)
)
XS = (72, 260, 380)


def at(cells: tuple[tuple[str, ...], ...], *, top: float, step: float = 20) -> list[Run]:
    return [Run(XS[x], top - step * y, text) for y, row in enumerate(cells) for x, text in enumerate(row)]


def tables(path: Path, pages: list[PdfPage]) -> list[ParsedBlock]:
    return [block for block in pdf.parse(write_pdf(path / "a.pdf", pages)).blocks if block.kind is Kind.TABLE]


@pytest.mark.parametrize("is_ruled", [True, False])
def test_cells_of_the_set_come_out_right(tmp_path: Path, is_ruled: bool) -> None:
    right = of = 0
    for sample in table_set.samples(seed=5, each=2):
        if sample.is_ruled == is_ruled:
            blocks = pdf.parse(sample.write(tmp_path / "a.pdf")).blocks
            found = score(sample.tables, [block.cells for block in blocks if block.kind is Kind.TABLE])
            right, of = right + found[0], of + found[1]
    assert of > 300
    assert right / of >= (0.95 if is_ruled else 0.80)


def test_pages_without_a_table_have_none(tmp_path: Path) -> None:
    for name, content in table_set.plain().items():
        (tmp_path / "a.pdf").write_bytes(content)
        blocks = pdf.parse(tmp_path / "a.pdf").blocks
        assert not [block.text for block in blocks if block.kind is Kind.TABLE], name


def test_an_unruled_table_keeps_its_cells_their_boxes_and_its_header(tmp_path: Path) -> None:
    cells = (HEAD, *ROWS[:5])
    around = [
        Run(72, 760, "Inasistencias hasta el treinta de junio, por estudiante y por curso:"),
        Run(
            72, 600, "Quienes superen las veinte faltas deberán presentarse en la preceptoría con su familia."
        ),
    ]
    path = write_pdf(tmp_path / "a.pdf", [PdfPage([*around, *at(cells, top=730)])])
    blocks = pdf.parse(path).blocks
    assert [block.kind for block in blocks] == [Kind.PARAGRAPH, Kind.TABLE, Kind.PARAGRAPH]
    assert blocks[1].cells == cells
    assert blocks[1].level == 1
    assert text_under_boxes(path, quote_place(blocks[1], "Benítez, María José")) == letters(
        "BenítezMaríaJosé"
    )


@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize("is_ruled", [True, False])
def test_a_table_over_two_pages_is_one(tmp_path: Path, repeats: bool, is_ruled: bool) -> None:
    first, second = (HEAD, *ROWS[:8]), (*((HEAD,) if repeats else ()), *ROWS[8:14])
    lines: list[tuple[float, float, float, float]] = []
    if is_ruled:
        lines = [(66, 714 - 20 * n, 460, 714 - 20 * n) for n in range(10)]
        lines += [(x, 714, x, 534) for x in (66, 250, 370, 460)]
    last = len(second) * 20
    pages = [
        PdfPage([*column(["Un párrafo antes."], top=760), *at(first, top=700)], lines),
        PdfPage(
            at(second, top=700),
            [(a, max(b, 714 - last), c, max(d, 714 - last)) for a, b, c, d in lines if b >= 714 - last],
        ),
    ]
    one, rest = tables(tmp_path, pages)
    assert (one.cells, one.level) == (first, 1)
    assert (rest.cells, rest.level) == (ROWS[8:14], 0)
    assert rest.text.startswith(" | ".join(ROWS[8]))
    found = quote_place(rest, "Ledesma, Valentina")
    assert text_under_boxes(tmp_path / "a.pdf", found) == letters("LedesmaValentina")


def test_two_tables_on_following_pages_stay_two(tmp_path: Path) -> None:
    other = (
        ("Materia", "Docente", "Horas"),
        *((subject, "Acosta", "3") for subject in table_set.SUBJECTS[:5]),
    )
    one, two = tables(
        tmp_path,
        [
            PdfPage(at((HEAD, *ROWS[:5]), top=700)),
            PdfPage([*column(["Otro asunto:"], top=760), *at(other, top=700)]),
        ],
    )
    assert (one.level, two.level) == (1, 1)
    assert two.cells == other


def test_cells_of_several_lines_and_merged_cells_are_one(tmp_path: Path) -> None:
    first = (
        ("Citar a las familias cuando haya", "Preceptoría", "Diaria"),
        ("cinco faltas sin justificar", "", ""),
    )
    last = (("Revisar los botiquines y el", "Secretaría", "Mensual"), ("registro de accidentes", "", ""))
    runs = [
        *at((("Tarea", "Quién", "Cuándo"),), top=700),
        *at(first, top=676, step=13),
        *at((("Firmar los boletines", "Dirección", "Trimestral"),), top=639),
        *at(last, top=615, step=13),
    ]
    (table,) = tables(tmp_path, [PdfPage([run for run in runs if run.text])])
    assert table.cells == (
        ("Tarea", "Quién", "Cuándo"),
        ("Citar a las familias cuando haya cinco faltas sin justificar", "Preceptoría", "Diaria"),
        ("Firmar los boletines", "Dirección", "Trimestral"),
        ("Revisar los botiquines y el registro de accidentes", "Secretaría", "Mensual"),
    )
