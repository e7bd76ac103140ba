"""Measure the reading of scans: ./preceptor bench ocr [--data DIR].

Character error on pages of known text, clean and spoilt as paper is, with and without the product's cleaning, and the
seconds of CPU per page (rendering, cleaning and recognising); and how sure the reading of a real scan is.
"""

import argparse
import resource
import statistics
import tempfile
from pathlib import Path
from typing import Any

import pypdfium2
import typst

from bench import report
from bench.questions import BESIDE
from documents.blocks import Kind
from documents.parsers import ocr_lines, ocr_page, pdf, sandbox, scan, tesseract
from tests.documents import scan_files

NEEDS_SERVICES = False

SOURCE = report.ROOT / "demo" / "files" / "regimen-academico.pdf"
REAL = "ley-escuelas-normales.pdf"
GOAL_CLEAN = 0.03
PAGE_CHARS = 2_200
LOOKS = (("New Computer Modern", 11), ("Libertinus Serif", 9))
SPOILS: dict[str, scan_files.Spoil] = {
    "clean": lambda image: image,
    "skewed by 3°": lambda image: scan_files.skewed(image, 3.0),
    "photocopied": scan_files.photocopied,
    "photocopied, skewed by -2°": lambda image: scan_files.photocopied(scan_files.skewed(image, -2.0)),
    "photographed": scan_files.photographed,
}


def measure(data: Path) -> dict[str, Any]:
    """Return the errors and costs on made pages, and what became of a real scan."""
    program = tesseract.find()
    figures: dict[str, Any] = {"reader": ocr_page.reader_of(program), "goal, clean": GOAL_CLEAN}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages = _typeset(folder)
        for kind, spoil in SPOILS.items():
            scans = [
                (
                    scan_files.image_pdf(folder / f"scan-{index}.pdf", [spoil(scan_files.picture(source))]),
                    truth,
                )
                for index, (source, truth) in enumerate(pages)
            ]
            figures[f"{kind}, 200 dpi"] = {
                "as it is": _read_all(scans, program, clean=False),
                "cleaned": _read_all(scans, program, clean=True),
            }
    figures["a real scan"] = _read_real(data / "documents" / REAL, program)
    return figures


def _typeset(folder: Path) -> list[tuple[Path, str]]:
    """Return pages of A4 and what stands on them."""
    paragraphs = [
        block.text
        for block in pdf.parse(SOURCE).blocks
        if block.kind is Kind.PARAGRAPH and len(block.text) > 200 and ". . ." not in block.text
    ]
    pages = []
    for index, (font, size) in enumerate(LOOKS):
        chosen: list[str] = []
        while paragraphs and sum(map(len, chosen)) + len(paragraphs[0]) <= PAGE_CHARS:
            chosen.append(paragraphs.pop(0))
        quoted = ", ".join('"' + text.replace("\\", "").replace('"', "”") + '"' for text in chosen)
        source = (
            f'#set page(paper: "a4", margin: 2.5cm)\n#set text(font: "{font}", size: {size}pt, lang: "es")\n'
            f"#set par(justify: true)\n#for each in ({quoted},) [#par(each)\n\n]\n"
        )
        path = folder / f"page-{index}.pdf"
        path.write_bytes(typst.compile(source.encode(), format="pdf", ignore_system_fonts=True))
        with pypdfium2.PdfDocument(path) as made:
            assert len(made) == 1
        pages.append((path, " ".join(chosen)))
    return pages


def _read_all(
    scans: list[tuple[Path, str]], program: tesseract.Tesseract, *, clean: bool
) -> dict[str, float]:
    errors, certainties, seconds = [], [], []
    for path, truth in scans:
        began_s = _cpu_s()
        image = _photograph(path, clean=clean)
        lines = ocr_lines.read(program.read(image), image)
        seconds.append(_cpu_s() - began_s)
        errors.append(scan_files.character_error(scan_files.whole_text(ocr_page.blocks_of(lines, 1)), truth))
        certainties.append(lines.certainty)
    return {
        "character error": round(statistics.mean(errors), 4),
        "worst page": round(max(errors), 4),
        "certainty": round(statistics.mean(certainties), 3),
        "CPU seconds per page": round(statistics.mean(seconds), 2),
    }


def _photograph(path: Path, *, clean: bool) -> scan.Scan:
    return scan.Scan.of(sandbox.run_raw(lambda _report: scan.photograph(path, 1, clean=clean)))


def _read_real(path: Path, program: tesseract.Tesseract) -> dict[str, Any]:
    with pypdfium2.PdfDocument(path) as pdf_document:
        pages = len(pdf_document)
    began_s = _cpu_s()
    found = [ocr_page.read(path, page, program, may_turn=False) for page in range(1, pages + 1)]
    texts = [block for page in found for block in page.blocks]
    doubtful = sum(last - first for block in texts for first, last in block.doubts)
    letters = sum(len(block.text) for block in texts)
    return {
        "file": path.name,
        "pages": pages,
        "characters": letters,
        "share of characters in doubt": round(doubtful / max(1, letters), 4),
        "certainty": round(statistics.mean(page.certainty for page in found), 3),
        "least certain page": round(min(page.certainty for page in found), 3),
        "CPU seconds per page": round((_cpu_s() - began_s) / pages, 2),
    }


def _cpu_s() -> float:
    """Return the seconds of this process and of its children that have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=BESIDE, help="folder with documents/")
    given = options.parse_args()
    if not (given.data / "documents" / REAL).is_file():
        options.exit(3, f"Falta {REAL} en {given.data}/documents: indicar la carpeta con --data.\n")
    report.write("ocr", measure(given.data))
