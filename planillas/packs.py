"""The evidence packs of planillas and reports: the text, what each cell or note rests on, and the documents."""

import json
from collections.abc import Iterator
from itertools import chain
from typing import IO, Any
from uuid import UUID

from documents import places
from documents.packing import Packing, Proof
from engines import calls
from planillas import exporting, register, report_exporting, reports, rows
from planillas.cells import EMPTY
from planillas.models import Row
from planillas.register import Entry
from schools import scope
from schools.admission import Member

_PIECE = 1 << 20


def of_planilla(member: Member, planilla_id: UUID) -> IO[bytes]:
    """Return the pack of a planilla as it is now; raise register.NoSuchPlanilla."""
    entry = register.get(member, planilla_id)
    row = entry.planilla
    packed = Packing(
        member,
        "planilla",
        row.pk,
        row.title,
        {
            "state": row.state,
            "rev": row.rev,
            "version": row.version,
            "row_is": row.row_is,
            "columns": row.columns,
            "told": row.told,
            "created_at": row.created_at.isoformat(timespec="seconds"),
            "filled_at": row.filled_at.isoformat(timespec="seconds") if row.filled_at else None,
        },
    )
    with exporting.export(member, planilla_id, "xlsx").content as file:
        packed.add("planilla.xlsx", iter(lambda: file.read(_PIECE), b""))
    packed.add("celdas.jsonl", _cells(member, entry))
    called = calls.made_for(member.school_id, [row.pk])
    packed.add("llamadas.json", json.dumps(called, ensure_ascii=False, indent=2).encode())
    packed.add_proofs(_proofs(member, entry))
    return packed.finish()


def of_report(member: Member, report_id: UUID) -> IO[bytes]:
    """Return the pack of a report as it is now; raise reports.NoSuchReport."""
    entry = reports.get(member, report_id)
    report = entry.report
    packed = Packing(
        member,
        "report",
        report.pk,
        report.title,
        {
            "state": report.state,
            "rev": report.rev,
            "sections": [{"title": each.title, "state": each.state, **each.told} for each in entry.sections],
            "created_at": report.created_at.isoformat(timespec="seconds"),
            "approved_at": report.approved_at.isoformat(timespec="seconds") if report.approved_at else None,
        },
    )
    for fmt in ("md", "pdf"):
        packed.add(f"informe.{fmt}", report_exporting.export(member, report_id, fmt).content)
    called = calls.made_for(member.school_id, [report.pk])
    packed.add("llamadas.json", json.dumps(called, ensure_ascii=False, indent=2).encode())
    packed.add_proofs(_notes(entry))
    return packed.finish()


def _notes(entry: reports.Entry) -> Iterator[Proof]:
    for section in entry.sections:
        for each in section.citations:
            yield Proof(
                of=f"{section.title} [{each['n']}]",
                document_id=UUID(each["document_id"]),
                place=places.from_json(each["place"]) if each.get("place") else None,
                quote=each["quote"],
                facts={"section": section.title, "verified": bool(each.get("verified"))},
            )


def _cells(member: Member, entry: Entry) -> Iterator[bytes]:
    for number, row in _rows(member, entry):
        cells = {
            key: {"value": cell.value, "status": str(cell.status), "engine": cell.engine}
            for key, cell in row.read().items()
        }
        yield (
            json.dumps({"row": number, "id": str(row.pk), "cells": cells}, ensure_ascii=False).encode()
            + b"\n"
        )


def _proofs(member: Member, entry: Entry) -> Iterator[Proof]:
    for number, row in _rows(member, entry):
        cells = row.read()
        # Column by column: the database keeps the cells of a row in no order of ours.
        for column in entry.columns:
            cell = cells.get(column.key, EMPTY)
            told: list[tuple[Any, Any]] = [(cell.value, cell.sources)]
            told += [(each.value, each.sources) for each in cell.candidates]
            for value, sources in told:
                for each in sources:
                    yield Proof(
                        of=f"fila {number}, {column.name}",
                        document_id=each.document_id,
                        place=each.place,
                        quote=each.quote,
                        block=each.block,
                        facts={
                            "row": number,
                            "column": column.key,
                            "value": value,
                            "status": str(cell.status),
                        },
                    )


def _rows(member: Member, entry: Entry) -> Iterator[tuple[int, Row]]:
    """Yield the rows in order with their numbers from 1, few at a time."""
    told = chain.from_iterable(rows.in_pieces(entry.planilla))
    yield from enumerate(scope.piecewise(member.school_id, told), start=1)
