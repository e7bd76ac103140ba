"""Make the demonstration school's files out of their sources: `python -m demo.make`.

Needs `typst`, which only this program uses. The files are committed, so a school's machine never runs it.
"""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from demo import article, freeze, mail, scan, typeset, webpage, word, workbook

HERE = Path(__file__).parent
SOURCES = HERE / "sources"
FILES = HERE / "files"

PDF = (
    "regimen-academico",
    "reglamento-de-convivencia",
    "proyecto-educativo-institucional",
    "acta-consejo-de-convivencia-2026-04-22",
    "regimen-academico-2024",
)
# Images of print: their words are the source's, for who has OCR.
SCANS = ("acta-cooperadora-2025-11-12",)
# mail: the document that it carries
MAILS = {"mensaje-inspeccion-2026-06-03": "instructivo-relevamiento-2026"}
DOCX = (
    "protocolo-salidas-educativas",
    "acta-reunion-de-personal-2026-02-18",
    "acta-reunion-de-personal-2026-05-13",
    "circular-07-salida-educativa",
)
# file: (title, day, {sheet: source})
XLSX = {
    "calendario-escolar-2026": (
        "Calendario escolar 2026",
        date(2026, 2, 9),
        {"Actividades": "calendario-actividades", "Feriados": "calendario-feriados"},
    ),
    "nomina-docentes-y-cargos-2026": (
        "Nómina de docentes y cargos 2026",
        date(2026, 3, 16),
        {"Docentes": "nomina-docentes", "Cargos": "nomina-cargos", "Departamentos": "departamentos"},
    ),
    "nomina-alumnos-5b-2026": (
        "Nómina de alumnos 2026, turno tarde",
        date(2026, 5, 4),
        {"5.º B": "nomina-alumnos-5b"},
    ),
}
# file: encoding; the two that Excel writes
CSV = {"inventario-laboratorio": "cp1252", "horarios-ciclo-superior-2026": "utf-8-sig"}
AS_THEY_ARE = ("preguntas-frecuentes-de-secretaria.md", "plan-de-evacuacion.txt")


def make(to: Path = FILES) -> None:
    """Write every file into the folder."""
    to.mkdir(exist_ok=True)
    for name in PDF:
        typeset.typeset(article.read(SOURCES / f"{name}.md"), to=to / f"{name}.pdf")
    for name in DOCX:
        text = article.read(SOURCES / f"{name}.md")
        word.write(text, to=to / f"{name}.docx")
        freeze.freeze(to / f"{name}.docx", day=text.date)
    for name in SCANS:
        text = article.read(SOURCES / f"{name}.md")
        with tempfile.TemporaryDirectory() as folder:
            typeset.typeset(text, to=Path(folder) / "print.pdf")
            scan.scan(Path(folder) / "print.pdf", to=to / f"{name}.pdf", day=text.date)
    for name, attachment in MAILS.items():
        carried = article.read(SOURCES / f"{attachment}.md")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{attachment}.docx"
            word.write(carried, to=file)
            freeze.freeze(file, day=carried.date)
            text = article.read(SOURCES / f"{name}.md")
            mail.write(text, body=text.markdown, attached=file, to=to / f"{name}.eml")
    for name, (title, day, sheets) in XLSX.items():
        tables = {sheet: workbook.read_rows(SOURCES / f"{source}.csv") for sheet, source in sheets.items()}
        workbook.write(tables, title=title, to=to / f"{name}.xlsx")
        freeze.freeze(to / f"{name}.xlsx", day=day)
    for name, encoding in CSV.items():
        workbook.write_csv(
            workbook.read_rows(SOURCES / f"{name}.csv"), to=to / f"{name}.csv", encoding=encoding
        )
    webpage.write(
        article.read(SOURCES / "circular-02-inicio-de-clases.md"), to=to / "circular-02-inicio-de-clases.html"
    )
    for name in AS_THEY_ARE:
        (to / name).write_bytes((SOURCES / name).read_bytes())


if __name__ == "__main__":
    make()
