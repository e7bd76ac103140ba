"""The words of a document that is gone taken out of what is remembered of a planilla's changes."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from pipeline.stages import Work
from planillas.models import Edit
from schools.scope import school_scope

_BATCH = 500


def blank_edits(work: Work, planilla_id: UUID, document_id: UUID) -> None:
    """Empty the quotes of a document in what cells were before and after each change; the values stay."""
    named = [{"d": str(document_id)}]
    after: UUID | None = None
    while True:
        with school_scope(work.school_id):
            work.hold()
            rows = Edit.objects.filter(planilla_id=planilla_id)
            rows = rows.filter(Q(before__places__contains=named) | Q(after__places__contains=named))
            rows = rows.filter(pk__lt=after) if after else rows
            found = list(rows.order_by("-pk")[:_BATCH])
            for edit in found:
                edit.before, edit.after = blanked(edit.before, document_id), blanked(edit.after, document_id)
            Edit.objects.bulk_update(found, ["before", "after"])
        if len(found) < _BATCH:
            return
        after = found[-1].pk


def blanked(packed: dict[str, Any], document_id: UUID) -> dict[str, Any]:
    """Return cells as planillas.cells packs them, without the words of a document."""
    places = packed.get("places", [])
    gone = {at for at, place in enumerate(places) if place.get("d") == str(document_id)}
    if not gone:
        return packed

    def emptied(told: list[list[Any]]) -> list[list[Any]]:
        return [[at, "" if at in gone else quote] for at, quote in told]

    cells = {}
    for key, cell in packed["cells"].items():
        cells[key] = dict(cell)
        if "e" in cell:
            cells[key]["e"] = emptied(cell["e"])
        if "o" in cell:
            cells[key]["o"] = [[value, emptied(told)] for value, told in cell["o"]]
    return {**packed, "cells": cells}
