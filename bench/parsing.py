"""Measure the reading of large files in the confined child: ./preceptor bench parsing [NAME …].

Each case in a fresh process, which forks the child as a worker does. Memory: the largest of both, and both together.
"""

import argparse
import datetime as dt
import multiprocessing
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import processes, report

NEEDS_SERVICES = False

GOAL_MB = 400
ROWS = 100_000
NAMES = ("Gómez", "Núñez", "Ibáñez", "Pérez", "Álvarez", "Fernández", "Sosa", "Agüero")


@dataclass(frozen=True, slots=True)
class Case:
    """A file to read: `kind` is a name of documents.parsers."""

    name: str
    kind: str
    make: Callable[[Path], None]


def measure(cases: Sequence[Case]) -> dict[str, Any]:
    """Return seconds, CPU seconds and memory for each case."""
    found = {}
    for case in cases:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
            found[case.name] = fresh.submit(_read, case.name).result()
    return found


def _read(name: str) -> dict[str, Any]:
    from documents import parsers
    from documents.parsers import sandbox

    case = next(each for each in CASES if each.name == name)
    parsers.preload_usual()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "original"
        # In a process of its own, so that what making it took is not counted.
        maker = multiprocessing.get_context("fork").Process(target=case.make, args=(path,))
        maker.start()
        maker.join()
        size_bytes = path.stat().st_size
        at_rest = processes.memory(os.getpid())
        spent_before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with processes.Peak(os.getpid()) as peak:
            began_at = time.monotonic()
            document = sandbox.parse(path, parsers.FileKind(case.kind))
            seconds = time.monotonic() - began_at
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "megabytes": round(size_bytes / 1e6, 1),
        "blocks": len(document.blocks),
        "characters": sum(len(block.text) for block in document.blocks),
        "unreadable": [part.code for part in document.unreadable][:5],
        "seconds": round(seconds, 2),
        "child, cpu_s": round(
            spent.ru_utime + spent.ru_stime - spent_before.ru_utime - spent_before.ru_stime, 2
        ),
        "at rest, rss_mb": at_rest.rss_mb,
        "largest process, rss_mb": peak.largest_process_rss_mb,
        "both together, pss_mb": peak.together.pss_mb,
        "goal_mb": GOAL_MB,
    }


def _pupils() -> Iterator[tuple[str | float | bool | dt.date, ...]]:
    """Yield the header and the rows of a school's register of ten columns."""
    dice = random.Random(3)
    yield (
        "Legajo", "Apellido y nombre", "DNI", "Nacimiento", "Curso",
        "Lengua", "Matemática", "Promedio", "Asistencia", "Becado",
    )  # fmt: skip
    for number in range(ROWS):
        first, second = dice.randint(1, 10), dice.randint(1, 10)
        yield (
            f"{number:06d}", f"{dice.choice(NAMES)}, alumno {number}", 40_000_000 + number,
            dt.date(2008, 1, 1) + dt.timedelta(dice.randrange(3_000)), f"{number % 7 + 1}.º {'ABC'[number % 3]}",
            first, second, (first + second) / 2, dice.randrange(600, 1000) / 1000, number % 3 == 0,
        )  # fmt: skip


def _xlsx(path: Path) -> None:
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Alumnos")
    for row in _pupils():
        share = WriteOnlyCell(sheet, row[8])  # type: ignore[arg-type]  # days are taken too
        share.number_format = "0.0%"
        sheet.append([*row[:8], share, row[9]])
    book.save(path)


def _csv(path: Path) -> None:
    import csv

    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(_pupils())


def _ods(path: Path) -> None:
    import zipfile
    from xml.sax.saxutils import escape

    kinds = ("office", "table", "text")
    names = " ".join(f'xmlns:{kind}="urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0"' for kind in kinds)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("content.xml", "w") as part,
    ):
        part.write(f"<office:document-content {names}><office:body><office:spreadsheet>".encode())
        part.write(b'<table:table table:name="Alumnos">')
        for row in _pupils():
            cells = "".join(
                f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'
                for value in row
            )
            part.write(f"<table:table-row>{cells}</table:table-row>".encode())
        part.write(
            b"</table:table></office:spreadsheet></office:body></office:document-content>",
        )


def _xls(path: Path) -> None:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("Alumnos")
    for number, row in enumerate(_pupils()):
        if number == 65_536:  # as many as the format has
            break
        for column, value in enumerate(row):
            sheet.write(number, column, str(value) if isinstance(value, dt.date) else value)
    book.save(str(path))


CASES = [
    Case(f"XLSX of {ROWS} rows, 10 columns", "xlsx", _xlsx),
    Case(f"ODS of {ROWS} rows, 10 columns", "ods", _ods),
    Case("XLS of 65536 rows, 10 columns", "xls", _xls),
    Case(f"CSV of {ROWS} rows, 10 columns", "csv", _csv),
]


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*", help="only the cases whose names contain one of these")
    wanted = [name.lower() for name in options.parse_args().names]
    chosen = [case for case in CASES if not wanted or any(name in case.name.lower() for name in wanted)]
    report.write("parsing", measure(chosen))
