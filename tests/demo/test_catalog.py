"""The demonstration's files are all there, small, true to their sources, and hold every golden quote."""

from __future__ import annotations

import csv
import email
import email.policy
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from docx import Document
from docx.table import Table
from lxml import html
from openpyxl import load_workbook

from demo import article, make

DEMO = Path(make.__file__).parent
FILES = DEMO / "files"
CATALOG: list[dict[str, str]] = json.loads((DEMO / "catalog.json").read_text(encoding="utf-8"))
QUESTIONS: list[dict[str, Any]] = json.loads((DEMO / "questions.json").read_text(encoding="utf-8"))
ANSWERABLE = [question for question in QUESTIONS if question["answerable"]]

LARGEST_FILE_BYTES = 200_000
LARGEST_SUM_BYTES = 1_500_000

# A page, a (sheet, row), a row, or nothing where the format has no such place.
Place = int | tuple[str, int] | None


def flat(text: str) -> str:
    """Return the text with every run of white space made one space."""
    return " ".join(text.split())


def places(path: Path) -> Iterator[tuple[Place, list[str]]]:
    """Yield each place of a file with its texts: the whole page, or one for each cell of the row."""
    if path.stem in make.SCANS:
        # An image of print: what it says is what was printed.
        yield 1, [flat(article.read(make.SOURCES / f"{path.stem}.md").markdown)]
    elif path.suffix == ".eml":
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body()
        assert body is not None
        yield None, [flat(body.get_content())]
        yield from ((None, [name]) for part in message.iter_attachments() if (name := part.get_filename()))
    elif path.suffix == ".pdf":
        document = pypdfium2.PdfDocument(path)
        for number in range(len(document)):
            yield number + 1, [flat(document[number].get_textpage().get_text_bounded())]
        document.close()
    elif path.suffix == ".xlsx":
        for sheet in load_workbook(path).worksheets:
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                yield (sheet.title, number), [shown(cell) for cell in cells if cell is not None]
    elif path.suffix == ".csv":
        with path.open(encoding=make.CSV[path.stem], newline="") as file:
            yield from enumerate(csv.reader(file, delimiter=";"), start=1)
    elif path.suffix == ".docx":
        for block in Document(str(path)).iter_inner_content():
            if isinstance(block, Table):
                yield from ((None, [flat(cell.text) for cell in row.cells]) for row in block.rows)
            else:
                yield None, [flat(block.text)]
    elif path.suffix == ".html":
        yield (
            None,
            [flat(html.tostring(html.fromstring(path.read_bytes()), method="text", encoding="unicode"))],
        )
    else:
        yield None, [flat(path.read_text(encoding="utf-8"))]


def shown(cell: object) -> str:
    """Return a cell as the workbook shows it."""
    return cell.strftime("%d/%m/%Y") if isinstance(cell, date) else str(cell)


def place_of(question: dict[str, Any]) -> Place:
    """Return the place that a golden question names."""
    if "sheet" in question:
        return question["sheet"], question["row"]
    place: int | None = question.get("page", question.get("row"))
    return place


def test_the_catalog_names_every_file_once() -> None:
    assert sorted(entry["filename"] for entry in CATALOG) == sorted(path.name for path in FILES.iterdir())


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry["filename"])
def test_an_entry_is_complete(entry: dict[str, str]) -> None:
    fields = {"filename", "title", "collection", "sensitivity", "valid_from"}
    assert set(entry) - {"supersedes"} == fields
    assert entry["sensitivity"] in {"public", "internal", "confidential", "minors"}
    assert 2024 <= date.fromisoformat(entry["valid_from"]).year <= 2026
    assert 0 < (FILES / entry["filename"]).stat().st_size < LARGEST_FILE_BYTES


def test_the_files_stay_small_together() -> None:
    assert sum(path.stat().st_size for path in FILES.iterdir()) < LARGEST_SUM_BYTES


def test_the_files_say_what_their_sources_say(tmp_path: Path) -> None:
    make.make(tmp_path)
    for path in FILES.iterdir():
        assert list(places(path)) == list(places(tmp_path / path.name)), (
            f"run python -m demo.make: {path.name}"
        )


def test_a_version_replaces_an_older_one_that_comes_before_it() -> None:
    names = [entry["filename"] for entry in CATALOG]
    replaced = {entry["filename"]: entry["supersedes"] for entry in CATALOG if "supersedes" in entry}
    assert replaced == {"regimen-academico.pdf": "regimen-academico-2024.pdf"}
    assert all(names.index(old) < names.index(new) for new, old in replaced.items())


def test_the_scan_is_an_image_and_nothing_else() -> None:
    for name in make.SCANS:
        document = pypdfium2.PdfDocument(FILES / f"{name}.pdf")
        assert document[0].get_textpage().count_chars() == 0
        document.close()


def test_there_are_enough_questions_of_both_kinds() -> None:
    assert len(ANSWERABLE) >= 40
    assert len(QUESTIONS) - len(ANSWERABLE) >= 12
    assert len({question["id"] for question in QUESTIONS}) == len(QUESTIONS)
    # What was replaced answers nothing while its successor does.
    in_force = {entry["filename"] for entry in CATALOG} - {entry.get("supersedes") for entry in CATALOG}
    assert {question["document"] for question in ANSWERABLE} == in_force


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question["id"])
def test_a_golden_quote_is_where_the_question_says(question: dict[str, Any]) -> None:
    holding = [
        place
        for place, texts in places(FILES / question["document"])
        if any(flat(question["quote"]) in text for text in texts)
        and all(neighbour in texts for neighbour in question.get("same_row", []))
    ]
    assert holding == [place_of(question)]
