"""Measure a planilla that rules fill from one long spreadsheet: ./preceptor bench planilla_fill [--rows N].

The document's blocks are made as the parser of spreadsheets makes them; the filling is the product's own run, in this
process. Peak memory is this process's (the largest it ever held), beside what it held before the filling began.
"""

import argparse
import os
import resource
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bench import processes, product, report

if TYPE_CHECKING:
    from uuid import UUID

    from documents.blocks import ParsedBlock
    from planillas.columns import Column
    from schools.admission import Member

NEEDS_SERVICES = True

GOAL_MB = 500
BLOCK_CHARS = 8_000


def measure(*, rows: int, columns: int) -> dict[str, Any]:
    """Return how long a planilla of so many rows and columns takes, and the memory it needs."""
    product.set_up()
    from pipeline.advance import advance
    from pipeline.models import Run
    from planillas import starting
    from planillas.models import Planilla, Row, State
    from schools.ids import RunId
    from schools.scope import school_scope

    member = product.new_director()
    shown = _columns(columns)
    document_id = _document(member, shown, rows)
    with school_scope(member.school_id):
        template_id = _template(shown)
    before_mb = _peak_mb()
    cpu_s, began = time.process_time(), time.monotonic()
    planilla = starting.start(member, template_id=template_id, documents=[document_id])
    with school_scope(member.school_id):
        run_id = Run.objects.values_list("pk", flat=True).get(subject_id=planilla.pk)
    advance(member.school_id, RunId(run_id))
    took_s, cpu_s = time.monotonic() - began, time.process_time() - cpu_s
    with school_scope(member.school_id):
        state = Planilla.objects.values_list("state", flat=True).get(pk=planilla.pk)
        made = Row.objects.filter(planilla=planilla)
        kept, first = made.count(), made.order_by("position").first()
    if (kept, state) != (rows, State.REVIEW) or first is None or first.found != columns:
        raise SystemExit(f"La planilla no quedó como debía: {kept} filas, {state}, {first and first.found}")
    return {
        "rows": rows,
        "columns": columns,
        "cells": rows * columns,
        "seconds": round(took_s, 1),
        "cpu seconds of this process": round(cpu_s, 1),
        "rows a second": round(rows / took_s),
        "peak memory": {
            "mb": round(_peak_mb()),
            "before the filling, mb": round(before_mb),
            "now, pss mb": round(processes.memory_of_one(os.getpid()).pss_mb),
            "goal_mb": GOAL_MB,
        },
    }


def _columns(count: int) -> "tuple[Column, ...]":
    from planillas.columns import Column, Identity, Kind

    first = (
        Column("alumno", "Apellido y nombre", is_key=True),
        Column("dni", "DNI", Kind.IDENTITY, identity=Identity.DNI),
        Column("nacimiento", "Fecha de nacimiento", Kind.DATE),
        Column("curso", "Curso", Kind.CHOICE, choices=("1.º A", "1.º B", "2.º A")),
        Column("beca", "Beca", Kind.YES_NO),
        Column("cuota", "Cuota", Kind.MONEY, currency="ARS"),
    )
    kinds = (Kind.INTEGER, Kind.NUMBER, Kind.TEXT, Kind.DATE)
    rest = (
        Column(f"indicador_{n}", f"Indicador {n}", kinds[n % len(kinds)])
        for n in range(1, count - len(first) + 1)
    )
    return (*first, *rest)[:count]


def _line(columns: "tuple[Column, ...]", number: int) -> tuple[str, ...]:
    from planillas.columns import Kind

    letters, rest = "", number
    for _place in range(4):
        rest, letter = divmod(rest, 26)
        letters += chr(97 + letter)
    values = {
        "alumno": f"Mar{letters}, Ana",
        "dni": str(30_000_000 + number),
        "curso": ("1.º A", "1.º B", "2.º A")[number % 3],
        "beca": "Sí" if number % 4 == 0 else "No",
        "cuota": f"$ {number % 90_000 + 1_000},50",
    }
    made = {
        Kind.DATE: f"{number % 28 + 1:02}/{number % 12 + 1:02}/{2005 + number % 12}",
        Kind.INTEGER: str(number % 1_000),
        Kind.NUMBER: f"{number % 10},{number % 100:02}",
        Kind.TEXT: f"dato {number % 5_000}",
    }
    return tuple(values.get(each.key) or made.get(each.kind, "x") for each in columns)


def _document(member: "Member", columns: "tuple[Column, ...]", rows: int) -> "UUID":
    """Make a spreadsheet that was read: blocks of so many characters, the header in the first."""
    from documents import collections
    from documents.models import Block, Document, Status
    from documents.places import to_json
    from schools import bulk
    from schools.scope import school_scope

    with school_scope(member.school_id):
        document = Document.objects.create(
            collection=collections.ensure_default(),
            title="Padrón",
            filename="padron.xlsx",
            format="xlsx",
            sha256="0" * 64,
            size_bytes=1,
            status=Status.READY,
        )
    made: list[Block] = []
    for ordinal, block in enumerate(_blocks(columns, rows)):
        with school_scope(member.school_id):
            made.append(
                Block(
                    document=document,
                    ordinal=ordinal,
                    kind=block.kind,
                    level=block.level,
                    text=block.text,
                    place=to_json(block.place),
                    cells=block.cells,
                )
            )
            if len(made) >= 200:
                bulk.insert(made)
                made = []
    with school_scope(member.school_id):
        bulk.insert(made)
    return document.pk


def _blocks(columns: "tuple[Column, ...]", rows: int) -> "Iterator[ParsedBlock]":
    from documents.blocks import Kind, ParsedBlock, table_text
    from documents.places import Sheet

    lines = [tuple(each.name for each in columns)]
    first, level, size = 1, 1, 0
    for number in range(rows):
        line = _line(columns, number)
        size += sum(map(len, line)) + 3 * len(line)
        lines.append(line)
        if size > BLOCK_CHARS or number == rows - 1:
            cells = tuple(lines)
            yield ParsedBlock(
                Kind.TABLE, table_text(cells), Sheet("Padrón", (first, first + len(lines) - 1)), level, cells
            )
            first, level, size, lines = first + len(lines), 0, 0, []


def _template(columns: "tuple[Column, ...]") -> "UUID":
    from planillas import columns as shapes
    from planillas.models import Template

    kept = Template.objects.create(name="Padrón", row_is="un alumno", columns=shapes.to_json(columns))
    return kept.pk


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--columns", type=int, default=60)
    given = options.parse_args()
    report.write("planilla_fill", measure(rows=given.rows, columns=given.columns))
