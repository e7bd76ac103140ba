"""Documents of many kinds for a soak: the demonstration's own, and others made from a number."""

import csv
import io
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from embedded.state import ROOT
from tests.documents.files import PdfPage, column, write_docx, write_pdf, write_xlsx

DEMONSTRATION = ROOT / "demo" / "files"
# Read by OCR, page after page: one school brings it, so that the soak is not all about tesseract.
_SCANNED = "acta-cooperadora-2025-11-12.pdf"
_SUBJECTS = ("inasistencias", "salidas educativas", "mesas de examen", "biblioteca", "comedor", "convivencia")


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that a school uploads."""

    school: str
    name: str
    content: bytes


def bring(schools: tuple[str, ...], *, count: int, chance: random.Random) -> list[Brought]:
    """Return so many files for the schools, in an order of chance; the same bytes never twice in one school."""
    found = [
        Brought(school, path.name, path.read_bytes())
        for path in sorted(DEMONSTRATION.iterdir())
        for school in (schools[:1] if path.name == _SCANNED else schools)
    ][: count // 3]
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        for number in range(count - len(found)):
            ending, make = _KINDS[number % len(_KINDS)]
            lines = list(_lines(number, chance))
            found.append(
                Brought(
                    schools[number % len(schools)], f"norma-{number:03}.{ending}", make(Path(folder), lines)
                )
            )
    chance.shuffle(found)
    return found


def _lines(number: int, chance: random.Random) -> Iterator[str]:
    yield f"Norma {number} sobre {_SUBJECTS[number % len(_SUBJECTS)]}"
    for article in range(1, chance.randint(4, 60)):
        limit = chance.randint(2, 90)
        yield (
            f"Artículo {article}. El estudiante que supere las {limit} faltas del período {number} presentará la "
            f"solicitud {number}-{article} en secretaría dentro de los {limit % 7 + 1} días hábiles."
        )


def _markdown(folder: Path, lines: list[str]) -> bytes:
    return ("# " + "\n\n## ".join(lines)).encode()


def _text(folder: Path, lines: list[str]) -> bytes:
    return "\n\n".join(lines).encode("cp1252")


def _csv(folder: Path, lines: list[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows(
        [("artículo", "texto"), *((str(number), line) for number, line in enumerate(lines))]
    )
    return written.getvalue().encode()


def _html(folder: Path, lines: list[str]) -> bytes:
    body = "".join(f"<p>{line}</p>" for line in lines[1:])
    return f"<!doctype html><title>{lines[0]}</title><h1>{lines[0]}</h1>{body}".encode()


def _letter(folder: Path, lines: list[str]) -> bytes:
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = (
        lines[0],
        "inspeccion@distrito.example",
        "ana@norte.example",
    )
    letter["Date"] = "Wed, 03 Jun 2026 10:00:00 -0300"
    letter.set_content("\n\n".join(lines))
    return bytes(letter)


def _docx(folder: Path, lines: list[str]) -> bytes:
    def fill(document: object) -> None:
        document.add_heading(lines[0], 1)  # type: ignore[attr-defined]  # python-docx tells no types
        for line in lines[1:]:
            document.add_paragraph(line)  # type: ignore[attr-defined]  # as above

    return write_docx(folder / "made.docx", fill).read_bytes()


def _xlsx(folder: Path, lines: list[str]) -> bytes:
    rows = [("N.º", "Texto"), *enumerate(lines, start=1)]
    return write_xlsx(folder / "made.xlsx", {"Normas": rows}).read_bytes()


def _pdf(folder: Path, lines: list[str]) -> bytes:
    pages = [
        PdfPage(runs=column([line[:90] for line in lines[start : start + 40]]))
        for start in range(0, len(lines), 40)
    ]
    return write_pdf(folder / "made.pdf", pages, title=lines[0]).read_bytes()


_KINDS: tuple[tuple[str, Callable[[Path, list[str]], bytes]], ...] = (
    ("md", _markdown), ("pdf", _pdf), ("docx", _docx), ("csv", _csv), ("xlsx", _xlsx), ("html", _html),
    ("eml", _letter), ("txt", _text),
)  # fmt: skip
