"""Tables as schools write them, with a seed: their cells, and the Typst or PDF that shows them."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import typst

from tests.documents.files import PdfPage, Run, write_pdf

Cells = tuple[tuple[str, ...], ...]
Maker = Callable[[random.Random], Cells]

NAMES = (
    "Acosta, Julián", "Benítez, María José", "Cañete, Íñigo", "Domínguez, Ana Belén", "Etcheverry, Tomás",
    "Fernández, Lucía", "Giménez, Sofía", "Herrera, Martín", "Ibáñez, Camila", "Juárez, Nicolás",
    "Ledesma, Valentina", "Muñoz, Agustín",
    "Núñez, Florencia", "Ordóñez, Bautista", "Peña, Renata", "Quiroga, Joaquín", "Ríos, Delfina", "Sánchez, Benjamín",
    "Toledo, Abril", "Vázquez, Lautaro", "Yáñez, Emilia", "Zárate, Facundo",
)  # fmt: skip
SUBJECTS = (
    "Lengua y Literatura", "Matemática", "Historia", "Geografía", "Biología", "Físico-Química", "Educación Física",
    "Inglés", "Construcción de Ciudadanía", "Educación Artística", "Taller de Informática", "Filosofía",
)  # fmt: skip
DUTIES = (
    "Entregar la planilla de asistencia a la preceptoría antes de las 8:30 y avisar las llegadas tarde",
    "Acompañar a los estudiantes durante los recreos y en la salida del turno mañana",
    "Citar a las familias cuando se acumulen cinco inasistencias sin justificar",
    "Registrar las reincorporaciones en el libro de actas",
    "Presentar el proyecto anual de la materia con sus contenidos mínimos y criterios de evaluación",
    "Revisar los botiquines y el registro de accidentes una vez por mes",
)
ROLES = ("Preceptoría", "Dirección", "Docentes", "Secretaría", "Regencia", "Tutoría")
DAYS = ("Lunes", "Martes", "Miércoles", "Jueves", "Viernes")
PROSE = (
    "La asistencia se registra al comienzo de cada turno y se comunica a las familias por el cuaderno de "
    "comunicaciones. El estudiante que supere el máximo de inasistencias deberá solicitar la reincorporación por "
    "escrito ante la dirección."
)


def marks(rng: random.Random) -> Cells:
    terms = ("1.er trim.", "2.º trim.", "3.er trim.", "Promedio")[: rng.randint(3, 4)]
    rows = [
        (name, *(f"{rng.randint(4, 9)},{rng.randint(0, 99):02d}" for _ in terms))
        for name in rng.sample(NAMES, rng.randint(4, 16))
    ]
    return (("Estudiante", *terms), *rows)


def timetable(rng: random.Random) -> Cells:
    hours = ("7:30 a 8:10", "8:10 a 8:50", "9:00 a 9:40", "9:40 a 10:20", "10:30 a 11:10", "11:10 a 11:50")
    days = DAYS[: rng.randint(3, 4)]
    short = ("Lengua", "Matemática", "Historia", "Inglés", "Biología", "Ed. Física", "Plástica")
    return (
        ("Hora", *days),
        *((hour, *(rng.choice(short) for _ in days)) for hour in hours[: rng.randint(4, 6)]),
    )


def absences(rng: random.Random) -> Cells:
    head = ("N.º", "Apellido y nombre", "DNI", "Faltas", "Condición")
    rows = []
    for number, name in enumerate(rng.sample(NAMES, rng.randint(5, 18)), start=1):
        faults = rng.randint(0, 30)
        identity = f"{rng.randint(45, 52)}.{rng.randint(100, 999)}.{rng.randint(100, 999)}"
        rows.append(
            (str(number), name, identity, str(faults), "Regular" if faults < 25 else "A reincorporar")
        )
    return (head, *rows)


def fees(rng: random.Random) -> Cells:
    items = ("Cuota mensual", "Matrícula", "Comedor", "Transporte escolar", "Seguro", "Material didáctico")
    rows = [
        (item, f"$ {rng.randint(2, 90)}.{rng.randint(100, 999)},00", f"{rng.randint(1, 28):02d}/03/2026")
        for item in rng.sample(items, rng.randint(4, 6))
    ]
    return (("Concepto", "Importe", "Vencimiento"), *rows)


def calendar(rng: random.Random) -> Cells:
    events = (
        "Inicio del ciclo lectivo", "Acto por el 25 de Mayo", "Receso escolar de invierno", "Mesas de examen",
        "Jornada institucional", "Cierre del segundo trimestre", "Feria de ciencias", "Entrega de boletines",
    )  # fmt: skip
    rows = [
        (f"{rng.randint(1, 28)} de {rng.choice(('marzo', 'mayo', 'julio', 'octubre'))}", event)
        for event in rng.sample(events, rng.randint(4, 8))
    ]
    return (("Fecha", "Actividad"), *rows)


def duties(rng: random.Random) -> Cells:
    rows = [
        (role, duty, rng.choice(("Mensual", "Diaria", "Semanal", "Trimestral")))
        for role, duty in zip(rng.sample(ROLES, 5), rng.sample(DUTIES, 5)[: rng.randint(3, 5)], strict=False)
    ]
    return (("Responsable", "Tarea", "Frecuencia"), *rows)


def teachers(rng: random.Random) -> Cells:
    subjects = rng.sample(SUBJECTS, rng.randint(5, 10))
    names = rng.sample(NAMES, len(subjects))
    rows = [
        (subject, name, rng.choice(("1.º A", "2.º B", "3.º C")), str(rng.randint(2, 6)) if rng.random() < 0.85 else "")
        for subject, name in zip(subjects, names, strict=True)
    ]  # fmt: skip
    return (("Materia", "Docente", "Curso", "Horas"), *rows)


def terms(rng: random.Random) -> Cells:
    """Marks under headings that each stand over two columns."""
    rows = [
        (name, *(str(rng.randint(4, 10)) if rng.random() < 0.9 else "" for _ in range(4)))
        for name in rng.sample(NAMES, rng.randint(5, 12))
    ]
    return (
        ("", "Primer cuatrimestre", LEFT, "Segundo cuatrimestre", LEFT),
        ("Estudiante", "Parcial", "Final", "Parcial", "Final"),
        *rows,
    )


def week(rng: random.Random) -> Cells:
    """Hours under days, the name of the day once for all its rows."""
    rows: list[tuple[str, ...]] = []
    for day in DAYS[: rng.randint(3, 5)]:
        for at in range(rng.randint(2, 4)):
            hour = f"{7 + at}:{rng.choice((30, 40, 50))}"
            rows.append((ABOVE if at else day, hour, rng.choice(SUBJECTS), rng.choice(NAMES).split(",")[0]))
    return (("Día", "Hora", "Materia", "Docente"), *rows)


def budget(rng: random.Random) -> Cells:
    """Amounts with a sum below, and headings of several lines."""
    rows = [
        (f"Partida {at}: {rng.choice(('librería', 'limpieza', 'reparaciones', 'viajes de estudio'))}",
         f"{rng.randint(10, 999)}.{rng.randint(100, 999)}", f"{rng.randint(10, 999)}.{rng.randint(100, 999)}",
         f"{rng.randint(1, 99)} %")
        for at in range(1, rng.randint(4, 9))
    ]  # fmt: skip
    head = ("Concepto", "Presupuesto aprobado", "Gasto hasta la fecha", "Parte usada")
    return (head, *rows, ("Total", "9.876.543", "1.234.567", ""))


LEFT, ABOVE = "<", "^"  # a cell that is one with that to its left, or above
MAKERS: tuple[Maker, ...] = (
    marks, timetable, absences, fees, calendar, duties, teachers, terms, week, budget,
)  # fmt: skip


# Pages without a table, some of which look like one: nothing of them may become one.
_LOREM = f"{PROSE} " * 6
PLAIN: dict[str, str] = {
    "prose": f"#set par(justify: true)\n{_LOREM}\n\n{_LOREM}",
    "narrow justified prose": f"#set page(width: 8cm)\n#set par(justify: true)\n{_LOREM}",
    "two columns": f"#set page(columns: 2)\n#set par(justify: true)\n{_LOREM * 4}",
    "two ragged columns": f"#set page(columns: 2)\n{_LOREM * 4}",
    "three columns": f"#set page(columns: 3)\n#set text(size: 8pt)\n#set par(justify: true)\n{_LOREM * 6}",
    "numbered list": "\n".join(f"+ {duty}" for duty in DUTIES * 2),
    "list with wide markers": "#set enum(body-indent: 20pt)\n" + "\n".join(f"+ {duty}" for duty in DUTIES),
    "nested list": "\n".join(f"- {duty}\n  - {role}" for duty, role in zip(DUTIES, ROLES, strict=True)),
    "index with dots": "#outline()\n" + "\n".join(f"= {subject}\n{PROSE}" for subject in SUBJECTS),
    "index without dots": "\n\n".join(f"{s} #h(1fr) {3 + 4 * n}" for n, s in enumerate(SUBJECTS)),
    "letter": "#align(right)[Rosario, 3 de marzo de 2026]\n\nA las familias:\n\n"
    + f"{_LOREM}\n\n#v(2cm)\n#grid(columns: (1fr, 1fr), align: center, [Firma del tutor], [Firma de la directora])",
    "verse": "\\ ".join(f"{duty[:38]}," for duty in DUTIES * 2),
    "dialogue": "\n\n".join(f"*{role}:* {duty}." for role, duty in zip(ROLES, DUTIES, strict=True)),
    "terms": "\n".join(f"/ {subject}: {PROSE}" for subject in SUBJECTS[:6]),
    "form": "\n\n".join(
        f"{label}: #h(1cm) #box(width: 6cm, repeat[.])" for label in ("Apellido", "Nombre", "DNI", "Curso")
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    is_ruled: bool
    tables: tuple[Cells, ...]
    write: Callable[[Path], Path]


def samples(*, seed: int, each: int) -> list[Sample]:
    """Return `each` documents of every way to show a table, ruled and unruled."""
    rng = random.Random(seed)
    made: list[Sample] = []
    for number in range(each):
        for way, (is_ruled, style) in TYPST_STYLES.items():
            tables = [MAKERS[(number + len(made)) % len(MAKERS)](rng)]
            if number % 5 == 4:
                tables.append(rng.choice(MAKERS)(rng))
            source = _typst(tables, style, rng)
            made.append(
                Sample(f"typst-{way}-{number}", is_ruled, _plainly(tables), partial(_compile, source=source))
            )  # fmt: skip
        for way, is_ruled in (("grid", True), ("inner", True), ("white", False), ("narrow", False)):
            cells = MAKERS[(number + len(made)) % 7](rng)  # those without merged cells
            page = _page(cells, way, rng)
            made.append(
                Sample(
                    f"pdf-{way}-{number}",
                    is_ruled,
                    _plainly([cells]),
                    partial(write_pdf, pages=[page]),
                )
            )
    return made


# What `table` is told in Typst; whether it draws lines between all cells.
TYPST_STYLES: dict[str, tuple[bool, str]] = {
    "grid": (True, "stroke: 0.6pt, inset: 5pt,"),
    "thin": (True, "stroke: 0.3pt + gray, inset: 4pt, align: (x, y) => if x > 0 { center } else { auto },"),
    "filled": (True, "stroke: 0.5pt, inset: 6pt, fill: (x, y) => if y == 0 { luma(220) }, align: horizon,"),
    "white": (False, "stroke: none, inset: 5pt,"),
    "right": (False, "stroke: none, inset: (x: 6pt, y: 4pt), align: (x, y) => if x > 0 { right } else { left },"),
    "centre": (False, "stroke: none, inset: (x: 8pt, y: 3pt), align: (x, y) => if x > 0 { center } else { left },"),
    "zebra": (False, "stroke: none, inset: 5pt, fill: (x, y) => if calc.odd(y) { luma(235) },"),
    "rules": (False, "stroke: (x, y) => if y < 2 { (top: 0.8pt) }, inset: (x: 6pt, y: 4pt),"),
}  # fmt: skip


def plain() -> dict[str, bytes]:
    """Return PDFs of pages without a table, by what they show."""
    head = '#set page(paper: "a4", margin: 2.2cm)\n#set text(size: 10pt, lang: "es")\n'
    return {name: typst.compile((head + source).encode()) for name, source in PLAIN.items()}


def _typst(tables: Sequence[Cells], style: str, rng: random.Random) -> str:
    font = rng.choice(("Libertinus Serif", "New Computer Modern"))
    parts = [f'#set page(paper: "a4", margin: 2.2cm)\n#set text(size: {rng.choice((9, 10, 11))}pt, lang: "es",'
             f' font: "{font}")\n= Anexo al reglamento\n{PROSE}\n']  # fmt: skip
    for cells in tables:
        longest = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]
        widths = ["1fr" if length > 40 else "auto" for length in longest]
        body = ", ".join(
            _cell(cells, y, x)
            for y, row in enumerate(cells)
            for x, cell in enumerate(row)
            if cell not in (LEFT, ABOVE)
        )
        parts.append(f"#table(columns: ({', '.join(widths)}), {style} {body})\n{PROSE}\n")
    return "\n".join(parts)


def _cell(cells: Cells, y: int, x: int) -> str:
    wide = high = 1
    while x + wide < len(cells[y]) and cells[y][x + wide] == LEFT:
        wide += 1
    while y + high < len(cells) and cells[y + high][x] == ABOVE:
        high += 1
    return f"table.cell(colspan: {wide}, rowspan: {high})[{_escaped(cells[y][x])}]"


def _plainly(tables: Sequence[Cells]) -> tuple[Cells, ...]:
    """Return tables as they should be read: a merged cell's text stands in its first."""
    return tuple(
        tuple(tuple("" if cell in (LEFT, ABOVE) else cell for cell in row) for row in cells)
        for cells in tables
    )


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "$#*_@[]<>`~=-+/\\" else char for char in text)


def _compile(path: Path, source: str) -> Path:
    path.write_bytes(typst.compile(source.encode()))
    return path


def _page(cells: Cells, way: str, rng: random.Random) -> PdfPage:
    """Return a page of our own making: text at fixed places, as old programs write it."""
    size = rng.choice((8, 9, 10))
    gap = {"narrow": 9.0, "white": 22.0}.get(way, 10.0)
    wrap = 42
    lines = [[_wrapped(cell, wrap) for cell in row] for row in cells]
    widths = [
        max(len(part) for row in lines for part in row[at]) * size * 0.56 + gap for at in range(len(cells[0]))
    ]
    xs = [60.0]
    for width in widths:
        xs.append(xs[-1] + width)
    y = 700.0
    runs = [Run(60, 760, PROSE[:95], 10), Run(60, 746, PROSE[95:180], 10)]
    levels = [y + size + 3]
    for row in lines:
        high = max(map(len, row))
        for at, parts in enumerate(row):
            runs += [Run(xs[at] + 4, y - 1.2 * size * n, part, size) for n, part in enumerate(parts)]
        y -= 1.2 * size * high + 7
        levels.append(y + size + 3)
    runs += [Run(60, y - 30, PROSE[:90], 10), Run(60, y - 44, PROSE[90:170], 10)]
    strokes: list[tuple[float, float, float, float]] = []
    if way in ("grid", "inner"):
        inner = slice(None) if way == "grid" else slice(1, -1)
        strokes += [(xs[0], level, xs[-1], level) for level in levels[inner]]
        strokes += [(x, levels[0], x, levels[-1]) for x in xs[inner]]
    return PdfPage(runs, strokes)


def _wrapped(text: str, most: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
