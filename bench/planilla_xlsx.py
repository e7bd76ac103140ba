"""Measure a planilla of 10,000 × 20 cells as XLSX with sources: ./preceptor bench planilla_xlsx [--rows R --columns C].

Against XlsxWriter alone writing the same values into the same cells, faster of its two ways, in the same run, in turns;
the median of several. In memory, no database. `apart`: no two cells share their place, which no table does.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO, Any
from uuid import uuid4

import django

from bench import report

NEEDS_SERVICES = True  # for the product's settings: no row is read or written
KINDS = ("text", "identity", "date", "choice", "number", "text", "money", "yes_no", "integer", "text")


def sheet(rows: int, columns: int, *, apart: bool) -> Any:
    """Return the planilla; one place a row is what a table in a spreadsheet gives."""
    from documents import places
    from planillas.cells import Cells, Evidence, found
    from planillas.columns import Column, Kind
    from planillas.exports.sheet import Sheet, SourceTold

    asked = tuple(
        Column(
            f"c{index}",
            f"Columna {index + 1}",
            Kind(KINDS[index % len(KINDS)]),
            choices=("1.º A", "1.º B"),
            currency="ARS",
        )
        for index in range(columns)
    )
    document = uuid4()

    def row(number: int) -> Cells:
        whole = places.Sheet("Nómina", (number, number))
        quote = f"Nombre y apellido {number} | 44.{number:06} | 3/5/2014 | 1.º A | 8,5 | Sí | $ 1.250,50"
        return {
            column.key: found(
                _value(column.kind, number),
                [
                    Evidence(
                        document,
                        0,
                        places.Page(number % 400 + 1, ((10.0 * at, 20.0, 10.0 * at + 9, 30.0),))
                        if apart
                        else whole,
                        quote,
                    )
                ],
                confidence=1.0,
            )
            for at, column in enumerate(asked)
        }

    kept = [row(number) for number in range(2, rows + 2)]
    read_at = datetime(2026, 11, 21, tzinfo=UTC)
    return Sheet(
        title="Nómina",
        school="Escuela Norte",
        slug="norte",
        columns=asked,
        rows=lambda: iter(kept),
        count=rows,
        made_at=read_at,
        sources={document: SourceTold("Nómina de alumnos 2026.xlsx", "ab" * 32, read_at)},
        base="https://preceptor.example",
    )


def alone(told: Any, file: IO[bytes], *, from_disk: bool) -> None:
    """Write the same values with XlsxWriter alone: types and nothing else."""
    import xlsxwriter

    from planillas.exports import xlsx_cells

    with xlsxwriter.Workbook(file, {"constant_memory": from_disk}) as workbook:
        worksheet = workbook.add_worksheet()
        for number, cells in enumerate(told.rows()):
            for index, column in enumerate(told.columns):
                value = cells[column.key].value
                typed = xlsx_cells.TYPED.get(column.kind)
                if typed is not None:
                    worksheet.write_number(number, index, typed(value))
                elif isinstance(value, bool):
                    worksheet.write_string(number, index, "Sí" if value else "No")
                else:
                    worksheet.write_string(number, index, value)


def measure(rows: int, columns: int, times: int) -> dict[str, Any]:
    """Return seconds, bytes and what one is of the other."""
    from planillas.exports import xlsx

    shared, apart = (sheet(rows, columns, apart=each) for each in (False, True))
    ways: dict[str, Callable[[IO[bytes]], None]] = {
        "xlsxwriter_alone": lambda file: alone(shared, file, from_disk=False),
        "xlsxwriter_alone_from_disk": lambda file: alone(shared, file, from_disk=True),
        "ours": lambda file: xlsx.write(shared, file),
        "ours_apart": lambda file: xlsx.write(apart, file),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    sizes: dict[str, int] = {}
    for _round in range(times):
        for name, write in ways.items():
            with tempfile.TemporaryFile() as file:
                seconds[name].append(_timed(write, file))
                sizes[name] = file.seek(0, 2)
    best = {name: statistics.median(each) for name, each in seconds.items()}
    base = min(best["xlsxwriter_alone"], best["xlsxwriter_alone_from_disk"])
    return {
        "rows": rows,
        "columns": columns,
        "times": times,
        "cpu_s": {name: round(each, 2) for name, each in best.items()},
        "kB": {name: each // 1000 for name, each in sizes.items()},
        "ours_to_alone": round(best["ours"] / base, 2),
        "ours_apart_to_alone": round(best["ours_apart"] / base, 2),
    }


def _timed(write: Callable[[IO[bytes]], None], file: IO[bytes]) -> float:
    began = time.process_time()
    write(file)
    return time.process_time() - began


def _value(kind: str, number: int) -> Any:
    return {
        "identity": f"44{number:06}",
        "date": f"2014-05-{number % 28 + 1:02}",
        "choice": "1.º A" if number % 2 else "1.º B",
        "number": number % 100 / 10,
        "money": 1250.5 + number,
        "yes_no": bool(number % 2),
        "integer": number,
    }.get(str(kind), f"Nombre y apellido {number}")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--columns", type=int, default=20)
    options.add_argument("--times", type=int, default=5)
    asked = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    report.write("planilla_xlsx", measure(asked.rows, asked.columns, asked.times))
