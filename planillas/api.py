"""The API of planillas: made, read, corrected, approved, handed out."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.files.base import File
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from documents import originals, packing
from planillas import approving, editing, exporting, packs, register, rows, starting
from planillas.api_shapes import (
    Approval,
    CellsChange,
    ChangedCells,
    NewPlanilla,
    PlanillaQuery,
    PlanillaShape,
    PlanillaVersion,
    WholePlanilla,
    of_cell,
    of_entry,
    of_whole,
)
from planillas.cells import Cell
from planillas.changing import Changed
from planillas.editing import Change
from planillas.register import Entry
from schools.admission import in_school
from schools.idempotency import idempotent
from schools.json_body import JsonBody
from schools.openapi import describe
from schools.paging import page
from schools.roles import Can
from schools.shapes import Call, Shape, ids, page_of, read, read_query

# As the contract with programs names them; which of them a planilla has is its template's affair.
FORMATS = ("xlsx", "ods", "csv", "pdf", "docx")
ROWS_USUAL, ROWS_MOST = 1_000, 2_000


class RowsQuery(Shape):
    """Which rows to return with a planilla."""

    after = serializers.UUIDField(required=False, help_text="a row: those that follow it")
    limit = serializers.IntegerField(min_value=1, max_value=ROWS_MOST, required=False, default=ROWS_USUAL)


class ExportQuery(Shape):
    """The format, and which approved version; the planilla as it is now when left out."""

    fmt = serializers.ChoiceField([(each, each) for each in FORMATS], required=False, default="xlsx")
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class NewRows(Shape):
    """How many empty rows to add, and behind which row; at the end when it is left out."""

    count = serializers.IntegerField(min_value=1, max_value=editing.ROWS_MOST, required=False, default=1)
    after = serializers.UUIDField(required=False)


class ChangedRows(Shape):
    """The rows that were added."""

    rev = serializers.IntegerField()
    rows = serializers.ListField(child=serializers.UUIDField())


class Refill(Shape):
    """Which rows to fill again; the stale cells of all when left out."""

    rows = ids()


class Planillas(APIView):
    """`planillas/`"""

    parser_classes = (JsonBody,)

    @describe(
        "list_planillas", area="planillas", gives=page_of(PlanillaShape), query=(PlanillaQuery,), lists=True
    )
    @in_school(Can.READ)
    def get(self, request: Call) -> Response:
        """Return the planillas that I may see, newest first."""
        asked, member = read_query(PlanillaQuery, request), request.member

        def fetch(before: UUID | None, after: UUID | None, limit: int) -> Sequence[Entry]:
            return register.search(
                member,
                query=asked["q"],
                state=asked.get("state", ""),
                before=before,
                after=after,
                limit=limit,
            )

        return Response(page(request, fetch, of_entry))

    @describe("create_planilla", area="planillas", takes=NewPlanilla, gives=PlanillaShape, creates=True)
    @in_school(Can.FILL)
    @idempotent
    def post(self, request: Call) -> Response:
        """Make a planilla from a template, to be filled from its sources in the background."""
        given = read(NewPlanilla, request)
        made = starting.start(
            request.member,
            template_id=given["template_id"],
            title=given["title"],
            documents=given.get("documents", ()),
            collections=given.get("collections", ()),
            transcripts=given.get("transcripts", ()),
            instructions=given["instructions"],
        )
        return Response(of_entry(register.get(request.member, made.pk)), status=status.HTTP_201_CREATED)


class OnePlanilla(APIView):
    """`planillas/{id}/`"""

    parser_classes = (JsonBody,)

    @describe("get_planilla", area="planillas", gives=WholePlanilla, query=(RowsQuery,))
    @in_school(Can.READ)
    def get(self, request: Call, planilla_id: UUID) -> Response:
        """Return a planilla with its cells, up to a number of rows; `next` leads to those that follow."""
        asked = read_query(RowsQuery, request)
        entry = register.get(request.member, planilla_id)
        found = rows.following(
            request.member, planilla_id, after=asked.get("after"), limit=asked["limit"] + 1
        )
        shown, following = found[: asked["limit"]], None
        if len(found) > len(shown):
            query = urlencode({"after": shown[-1].pk, "limit": asked["limit"]})
            following = request.build_absolute_uri(f"{request.path}?{query}")
        sources = register.sources(request.member, planilla_id)
        return Response(of_whole(entry, sources=sources, rows=shown, following=following))

    @describe("delete_planilla", area="planillas")
    @in_school(Can.FILL)
    def delete(self, request: Call, planilla_id: UUID) -> Response:
        """Delete a planilla."""
        register.delete(request.member, planilla_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ItsCells(APIView):
    """`planillas/{id}/cells/`"""

    parser_classes = (JsonBody,)

    @describe("change_cells", area="planillas", takes=CellsChange, gives=ChangedCells)
    @in_school(Can.FILL)
    def patch(self, request: Call, planilla_id: UUID) -> Response:
        """Write cells, all or none; a value that is none of its column's is refused (`bad_value`), and why."""
        given = read(CellsChange, request)
        changes = [
            Change(each["row"], each["column"], each.get("value"), choose=each.get("choose"))
            for each in given["cells"]
        ]
        changed = editing.change_cells(request.member, planilla_id, changes, began_from=given.get("rev"))
        told = {row.pk: row.read() for row in changed.rows}
        cells = [
            of_cell(each.row_id, each.column, told[each.row_id].get(each.column, Cell())) for each in changes
        ]
        return Response(ChangedCells({"rev": changed.rev, "cells": cells}).data)


class ApproveIt(APIView):
    """`planillas/{id}/approve`"""

    parser_classes = (JsonBody,)

    @describe("approve_planilla", area="planillas", takes=Approval, gives=PlanillaVersion, status=201)
    @in_school(Can.APPROVE)
    @idempotent
    def post(self, request: Call, planilla_id: UUID) -> Response:
        """Keep the planilla as a version; 409 (`not_ready`) while cells ask for a decision, unless `knowingly`."""
        given = read(Approval, request)
        made = approving.approve(
            request.member,
            planilla_id,
            given["note"],
            knowingly=given["knowingly"],
            began_from=given.get("rev"),
        )
        return Response(PlanillaVersion(made).data, status=status.HTTP_201_CREATED)


class ItsVersions(APIView):
    """`planillas/{id}/versions/`"""

    @describe("list_planilla_versions", area="planillas", gives=PlanillaVersion(many=True))
    @in_school(Can.READ)
    def get(self, request: Call, planilla_id: UUID) -> Response:
        """Return the approved versions, newest first."""
        found = approving.versions(request.member, planilla_id)
        return Response([PlanillaVersion(each).data for each in found])


class ItsRows(APIView):
    """`planillas/{id}/rows/`"""

    parser_classes = (JsonBody,)

    @describe("add_planilla_rows", area="planillas", takes=NewRows, gives=ChangedRows, creates=True)
    @in_school(Can.FILL)
    @idempotent
    def post(self, request: Call, planilla_id: UUID) -> Response:
        """Add empty rows behind a row, or at the end."""
        given = read(NewRows, request)
        changed = editing.add_row(request.member, planilla_id, after=given.get("after"), count=given["count"])
        return Response(_of_changed(changed), status=status.HTTP_201_CREATED)


class OneRow(APIView):
    """`planillas/{id}/rows/{row_id}/`"""

    @describe("remove_planilla_row", area="planillas")
    @in_school(Can.FILL)
    def delete(self, request: Call, planilla_id: UUID, row_id: UUID) -> Response:
        """Take a row away."""
        editing.remove_rows(request.member, planilla_id, [row_id])
        return Response(status=status.HTTP_204_NO_CONTENT)


class RefillIt(APIView):
    """`planillas/{id}/refill`"""

    parser_classes = (JsonBody,)

    @describe("refill_planilla", area="planillas", takes=Refill, gives=PlanillaShape, status=202)
    @in_school(Can.FILL)
    @idempotent
    def post(self, request: Call, planilla_id: UUID) -> Response:
        """Fill the stale cells again from the sources as they are now, or all cells of the rows named."""
        entry = starting.refill(request.member, planilla_id, rows=read(Refill, request).get("rows"))
        return Response(of_entry(entry), status=status.HTTP_202_ACCEPTED)


class ExportIt(APIView):
    """`planillas/{id}/export`"""

    @describe(
        "export_planilla",
        area="planillas",
        query=(ExportQuery,),
        gives=OpenApiTypes.BINARY,
        media=list(exporting.MEDIA_TYPES.values()),
    )
    @in_school(Can.READ)
    def get(self, request: Call, planilla_id: UUID) -> HttpResponseBase:
        """Return the planilla as a file, with where each cell came from."""
        asked = read_query(ExportQuery, request)
        file = exporting.export(request.member, planilla_id, asked["fmt"], version=asked.get("version"))
        return originals.respond_from(
            request._request, File(file.content), media=file.media_type, filename=file.name
        )


class ProveIt(APIView):
    """`planillas/{id}/evidence`"""

    @describe("get_planilla_evidence", area="planillas", gives=OpenApiTypes.BINARY, media="application/zip")
    @in_school(Can.READ)
    def get(self, request: Call, planilla_id: UUID) -> HttpResponseBase:
        """Return the evidence pack: the planilla, what each cell rests on, its documents, and what verifies it."""
        return packing.respond(request._request, packs.of_planilla(request.member, planilla_id), planilla_id)


def _of_changed(changed: Changed) -> dict[str, Any]:
    return dict(ChangedRows({"rev": changed.rev, "rows": [row.pk for row in changed.rows]}).data)
