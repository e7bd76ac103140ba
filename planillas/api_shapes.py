"""The shapes of planillas and their templates in the API."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from documents import places
from documents.api_shapes import PlaceField
from planillas import columns, drafts
from planillas.cells import Cell, Evidence, Status
from planillas.columns import Column, Identity, Kind
from planillas.drafts import Draft
from planillas.models import Row, State, Template
from planillas.own_files.recognised import FORMATS
from planillas.register import Entry
from schools.shapes import Shape, Time, ids

TITLE_MOST_CHARS = 200
INSTRUCTIONS_MOST_CHARS = 4_000
NOTE_MOST_CHARS = 300
CELLS_MOST = 2_000  # changed in one call
# A program that knows five states need not know a sixth: two sources that disagree are a cell that is not valid yet.
STATES = ("found", "edited", "no_evidence", "stale", "invalid")


@extend_schema_field(
    {
        "description": "text, number, yes or no, or a list of texts, as the column's kind has it",
        "nullable": True,
        "oneOf": [
            {"type": "string"},
            {"type": "number"},
            {"type": "boolean"},
            {"type": "array", "items": {"type": "string"}},
        ],
    }
)
class ValueField(serializers.JSONField):
    """A cell's value."""


class ColumnShape(Shape):
    """A column. `key` names it in cells; a new one is given its own. `is_key`: tells one row from another."""

    key = serializers.CharField(
        max_length=drafts.KEY_MOST_CHARS, required=False, allow_blank=True, default=""
    )
    name = serializers.CharField(max_length=drafts.COLUMN_MOST_CHARS)
    kind = serializers.ChoiceField(Kind.choices, required=False, default=Kind.TEXT.value)
    meaning = serializers.CharField(
        max_length=drafts.MEANING_MOST_CHARS, required=False, allow_blank=True, default=""
    )
    is_required = serializers.BooleanField(required=False, default=False)
    is_key = serializers.BooleanField(required=False, default=False)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=drafts.CHOICE_MOST_CHARS),
        max_length=drafts.CHOICES_MOST,
        required=False,
        default=list,
    )
    identity = serializers.ChoiceField(Identity.choices, required=False, default=Identity.ANY.value)
    currency = serializers.CharField(max_length=3, required=False, allow_blank=True, default="")
    also = serializers.ListField(
        child=serializers.CharField(max_length=drafts.COLUMN_MOST_CHARS),
        max_length=drafts.ALSO_MOST,
        required=False,
        default=list,
        help_text="other headers and labels it goes by",
    )
    width = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=drafts.WIDTHS[0], max_value=drafts.WIDTHS[1]
    )


class NewTemplate(Shape):
    """A template to draw, or to copy from a ready-made one (`ready_made`: its name; then nothing else is needed)."""

    name = serializers.CharField(
        max_length=drafts.NAME_MOST_CHARS, required=False, allow_blank=True, default=""
    )
    purpose = serializers.CharField(
        max_length=drafts.PURPOSE_MOST_CHARS, required=False, allow_blank=True, default=""
    )
    row_is = serializers.CharField(
        max_length=drafts.ROW_MOST_CHARS, required=False, allow_blank=True, default=""
    )
    rows_expected = serializers.IntegerField(
        min_value=1, max_value=drafts.ROWS_MOST, required=False, allow_null=True, default=None
    )
    columns = ColumnShape(many=True, required=False, default=list)
    ready_made = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class TemplateFile(Shape):
    """The school's own XLSX, ODS or DOCX; its columns are what is recognised in it."""

    file = serializers.FileField(allow_empty_file=True)
    name = serializers.CharField(
        max_length=drafts.NAME_MOST_CHARS, required=False, allow_blank=True, default=""
    )


class TemplateChange(Shape):
    """What to change; what is left out stays. `rev`: the one that was read; 409 (`template_changed`) for another."""

    rev = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    name = serializers.CharField(max_length=drafts.NAME_MOST_CHARS, required=False)
    purpose = serializers.CharField(max_length=drafts.PURPOSE_MOST_CHARS, required=False, allow_blank=True)
    row_is = serializers.CharField(max_length=drafts.ROW_MOST_CHARS, required=False, allow_blank=True)
    rows_expected = serializers.IntegerField(
        min_value=1, max_value=drafts.ROWS_MOST, required=False, allow_null=True
    )
    columns = ColumnShape(many=True, required=False)


class TemplateShape(Shape):
    """A template. `format`: of the school's own file, "" where it was drawn; `told`: what of that file is not kept."""

    id = serializers.UUIDField()
    rev = serializers.IntegerField()
    name = serializers.CharField()
    purpose = serializers.CharField(allow_blank=True)
    row_is = serializers.CharField(allow_blank=True)
    rows_expected = serializers.IntegerField(allow_null=True)
    columns = ColumnShape(many=True)
    format = serializers.ChoiceField([("", ""), *((each, each) for each in FORMATS)], allow_blank=True)
    filename = serializers.CharField(allow_blank=True)
    told = serializers.ListField(child=serializers.CharField())
    ready_made = serializers.CharField(allow_blank=True)
    created_at = Time()
    changed_at = Time()


class NewPlanilla(Shape):
    """A planilla to fill: from documents, recordings (`transcripts`), and all that stands in some collections."""

    template_id = serializers.UUIDField()
    title = serializers.CharField(max_length=TITLE_MOST_CHARS, required=False, allow_blank=True, default="")
    documents = ids(allow_empty=True)
    transcripts = ids(allow_empty=True)
    collections = ids(allow_empty=True)
    instructions = serializers.CharField(
        max_length=INSTRUCTIONS_MOST_CHARS, required=False, allow_blank=True, default=""
    )


class PlanillaQuery(Shape):
    """Which planillas to list."""

    q = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    state = serializers.ChoiceField(State.choices, required=False)


class CellSource(Shape):
    """Where a source says it."""

    document_id = serializers.UUIDField()
    place = PlaceField()
    quote = serializers.CharField(allow_blank=True)


class CellCandidate(Shape):
    """One of the values between which a person has to choose."""

    value = ValueField()
    sources = CellSource(many=True)


class CellShape(Shape):
    """A cell. `candidates`: of one whose sources disagree, which is `invalid` until a person chooses."""

    row = serializers.UUIDField()
    column = serializers.CharField()
    value = ValueField()
    status = serializers.ChoiceField([(each, each) for each in STATES])
    sources = CellSource(many=True)
    confidence = serializers.FloatField(allow_null=True)
    candidates = CellCandidate(many=True)
    why = serializers.CharField(allow_blank=True, help_text="of an invalid or stale one, in words for staff")
    engine = serializers.CharField(allow_blank=True, help_text="who read it; empty: rules, or a person")


class ToldShape(Shape):
    """What could not be done, and why."""

    code = serializers.CharField()
    text = serializers.CharField()


class PlanillaSource(Shape):
    """A document or recording that it is filled from; `document_id` null: it was deleted."""

    document_id = serializers.UUIDField(allow_null=True)
    title = serializers.CharField()
    sha256 = serializers.CharField()
    is_stale = serializers.BooleanField()


class CountsShape(Shape):
    """How many rows, and how many cells in which state."""

    rows = serializers.IntegerField()
    found = serializers.IntegerField()
    edited = serializers.IntegerField()
    conflict = serializers.IntegerField()
    stale = serializers.IntegerField()
    invalid = serializers.IntegerField()
    no_evidence = serializers.IntegerField()


class PlanillaFault(Shape):
    """Why it could not be filled."""

    code = serializers.CharField()
    detail = serializers.CharField()


class PlanillaShape(Shape):
    """A planilla and how far its filling is; `version`: the last approved one, 0 where there is none."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    template_id = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(State.choices)
    run_id = serializers.UUIDField(allow_null=True)
    progress = serializers.FloatField(help_text="0–1")
    error = PlanillaFault(allow_null=True)
    rev = serializers.IntegerField()
    version = serializers.IntegerField()
    row_is = serializers.CharField(allow_blank=True)
    columns = ColumnShape(many=True)
    counts = CountsShape()
    told = ToldShape(many=True)
    created_at = Time()
    changed_at = Time()
    filled_at = Time(allow_null=True)


class WholePlanilla(PlanillaShape):
    """A planilla with its cells, row by row; `next`: the address of the rows that follow, null at the end."""

    sources = PlanillaSource(many=True)
    rows = serializers.ListField(child=serializers.UUIDField(), help_text="in their order")
    cells = CellShape(many=True)
    next = serializers.URLField(allow_null=True)


class CellWrite(Shape):
    """A cell to write; `value` null empties it. `choose`: the candidate to take, from 0, instead of a value."""

    row = serializers.UUIDField()
    column = serializers.CharField(max_length=drafts.KEY_MOST_CHARS)
    value = ValueField(required=False, allow_null=True)
    choose = serializers.IntegerField(required=False, min_value=0, max_value=100)


class CellsChange(Shape):
    """Cells to write, all or none. `rev`: the planilla's that was read; 409 (`planilla_changed`) for another."""

    cells = serializers.ListField(child=CellWrite(), max_length=CELLS_MOST)
    rev = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class ChangedCells(Shape):
    """What the cells say now."""

    rev = serializers.IntegerField()
    cells = CellShape(many=True)


class Approval(Shape):
    """What is said of a version. `knowingly`: though cells ask for a decision. `rev`: the one that was read."""

    note = serializers.CharField(max_length=NOTE_MOST_CHARS, required=False, allow_blank=True, default="")
    knowingly = serializers.BooleanField(required=False, default=False)
    rev = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class PlanillaVersion(Shape):
    """A version as it was approved."""

    number = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)
    rows = serializers.IntegerField()
    sha256 = serializers.CharField()
    approved_at = Time()


def draft_of(given: dict[str, Any], *, usual: Draft | None = None) -> Draft:
    """Return what a program wants of a template; what it leaves out is as in `usual`."""
    known = usual or Draft(name="")
    named = {
        name: given.get(name, getattr(known, name)) for name in ("name", "purpose", "row_is", "rows_expected")
    }
    told = columns.from_json(given["columns"]) if "columns" in given else known.columns
    return Draft(**named, columns=told)


def of_template(row: Template) -> dict[str, Any]:
    """Return a template."""
    names = [str(name) for name in TemplateShape().fields]
    fields = {name: getattr(row, name) for name in names if name != "columns"}
    return dict(TemplateShape({**fields, "columns": _columns(columns.from_json(row.columns))}).data)


def of_entry(entry: Entry) -> dict[str, Any]:
    """Return a planilla without its cells."""
    return dict(PlanillaShape(_facts(entry)).data)


def of_whole(entry: Entry, *, sources: list[Any], rows: list[Row], following: str | None) -> dict[str, Any]:
    """Return a planilla with the cells of these rows."""
    told = {
        **_facts(entry),
        "sources": sources,
        "rows": [row.pk for row in rows],
        "cells": [each for row in rows for each in of_row(row, entry.columns)],
        "next": following,
    }
    return dict(WholePlanilla(told).data)


def of_row(row: Row, told: tuple[Column, ...]) -> Iterator[dict[str, Any]]:
    """Yield the cells of a row, those without evidence too."""
    cells = row.read()
    for column in told:
        yield of_cell(row.pk, column.key, cells.get(column.key, Cell()))


def of_cell(row_id: Any, column: str, cell: Cell) -> dict[str, Any]:
    """Return a cell."""
    disagrees = cell.status == Status.CONFLICT
    return {
        "row": row_id,
        "column": column,
        "value": None if disagrees else cell.value,
        "status": Status.INVALID if disagrees else cell.status,
        "sources": [_source(each) for each in cell.sources],
        "confidence": cell.confidence,
        "candidates": [
            {"value": each.value, "sources": [_source(one) for one in each.sources]}
            for each in cell.candidates
        ],
        "why": cell.why,
        "engine": cell.engine,
    }


def _source(evidence: Evidence) -> dict[str, Any]:
    return {
        "document_id": evidence.document_id,
        "place": places.to_json(evidence.place),
        "quote": evidence.quote,
    }


def _facts(entry: Entry) -> dict[str, Any]:
    row, progress = entry.planilla, entry.progress
    return {
        "id": row.pk,
        "title": row.title,
        "template_id": row.template_id,
        "state": row.state,
        "run_id": progress.run_id if progress else None,
        "progress": 1.0
        if row.state in (State.REVIEW, State.APPROVED)
        else progress.progress
        if progress
        else 0.0,
        "error": {"code": row.error_code, "detail": row.error_detail} if row.state == State.FAILED else None,
        "rev": row.rev,
        "version": row.version,
        "row_is": row.row_is,
        "columns": _columns(entry.columns),
        "counts": entry.counts,
        "told": row.told,
        "created_at": row.created_at,
        "changed_at": row.changed_at,
        "filled_at": row.filled_at,
    }


def _columns(told: tuple[Column, ...]) -> list[Column]:
    return list(told)
