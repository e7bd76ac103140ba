"""The API of reports: written, read, corrected, approved, handed out; and their templates."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http.response import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from documents.parsers.kinds import BY_EXTENSION
from planillas import report_exporting, report_sections, report_templates, reports
from planillas.api_report_shapes import (
    NewReport,
    NewReportTemplate,
    ReportChange,
    ReportExportQuery,
    ReportQuery,
    ReportRedraft,
    ReportSectionChange,
    ReportShape,
    ReportTemplateChange,
    ReportTemplateShape,
    WholeReport,
    changes_of,
    draft_of,
    of_entry,
    of_template,
    of_whole,
    part_of,
)
from planillas.report_sources import Chosen
from planillas.report_templates import Template
from planillas.reports import Entry
from schools.admission import in_school
from schools.idempotency import idempotent
from schools.json_body import JsonBody
from schools.openapi import describe
from schools.paging import over, page
from schools.rendering import Anything
from schools.roles import Can
from schools.shapes import Call, page_of, read, read_query
from transcription import exporting


class Reports(APIView):
    """`reports/`"""

    parser_classes = (JsonBody,)

    @describe("list_reports", area="reports", gives=page_of(ReportShape), query=(ReportQuery,), lists=True)
    @in_school(Can.READ)
    def get(self, request: Call) -> Response:
        """Return the reports that the caller may see, newest first, without their sections."""
        asked = read_query(ReportQuery, request)

        def fetch(before: UUID | None, after: UUID | None, limit: int) -> Sequence[Entry]:
            return reports.search(
                request.member,
                query=asked["q"],
                state=asked.get("state", ""),
                before=before,
                after=after,
                limit=limit,
            )

        return Response(page(request, fetch, of_entry))

    @describe("create_report", area="reports", takes=NewReport, gives=WholeReport, creates=True)
    @in_school(Can.FILL)
    @idempotent
    def post(self, request: Call) -> HttpResponseBase:
        """Begin a report; its sections are written one after another, and read by `get_report`."""
        given = read(NewReport, request)
        template = (
            report_templates.chosen(request.member, given["template_id"]) if given["template_id"] else None
        )
        parts = tuple(map(part_of, given["sections"])) or (template.parts if template else ())
        entry = reports.start(
            request.member,
            Chosen(given["documents"], given["collections"], given["planillas"]),
            parts=parts,
            template_id=template.id if template else None,
            title=given["title"] or (template.name if template else ""),
            instructions=given["instructions"],
        )
        return Response(of_whole(entry), status=status.HTTP_201_CREATED)


class OneReport(APIView):
    """`reports/{id}/`"""

    parser_classes = (JsonBody,)

    @describe("get_report", area="reports", gives=WholeReport)
    @in_school(Can.READ)
    def get(self, request: Call, report_id: UUID) -> Response:
        """Return a report with its sections and its sources."""
        return Response(of_whole(reports.get(request.member, report_id)))

    @describe("change_report", area="reports", takes=ReportChange, gives=WholeReport)
    @in_school(Can.FILL)
    def patch(self, request: Call, report_id: UUID) -> Response:
        """Change a report's title, or what is asked for all of it; an approved one has to be approved again."""
        given = read(ReportChange, request)
        return Response(of_whole(reports.change(request.member, report_id, **given)))

    @describe("delete_report", area="reports")
    @in_school(Can.FILL)
    def delete(self, request: Call, report_id: UUID) -> Response:
        """Take a report away."""
        reports.delete(request.member, report_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Approval(APIView):
    """`reports/{id}/approve`"""

    parser_classes = (JsonBody,)

    @describe("approve_report", area="reports", gives=WholeReport)
    @in_school(Can.APPROVE)
    def post(self, request: Call, report_id: UUID) -> Response:
        """Approve a report as it stands; 409 (`report_at_work`, `report_not_ready`) before it is written."""
        return Response(of_whole(reports.approve(request.member, report_id)))


class OneSection(APIView):
    """`reports/{id}/sections/{section_id}/`"""

    parser_classes = (JsonBody,)

    @describe("change_report_section", area="reports", takes=ReportSectionChange, gives=WholeReport)
    @in_school(Can.FILL)
    def patch(self, request: Call, report_id: UUID, section_id: UUID) -> Response:
        """Write over a section; 400 (`unknown_note`) for a mark that it has no note for."""
        given = read(ReportSectionChange, request)
        entry = report_sections.change(
            request.member, report_id, section_id, changes_of(given), began_from=given.get("rev")
        )
        return Response(of_whole(entry))


class Redraft(APIView):
    """`reports/{id}/sections/{section_id}/redraft`"""

    parser_classes = (JsonBody,)

    @describe("redraft_report_section", area="reports", takes=ReportRedraft, gives=WholeReport)
    @in_school(Can.FILL)
    def post(self, request: Call, report_id: UUID, section_id: UUID) -> Response:
        """Let a section be drafted again, alone."""
        given = read(ReportRedraft, request)
        entry = report_sections.redraft(request.member, report_id, section_id, replacing=given["replace"])
        return Response(of_whole(entry))


class Export(APIView):
    """`reports/{id}/export`"""

    renderer_classes = (Anything,)

    @describe(
        "export_report",
        area="reports",
        gives=OpenApiResponse(OpenApiTypes.BINARY, "the file"),
        media=[BY_EXTENSION[fmt].media_type for fmt in report_exporting.FORMATS],
        query=(ReportExportQuery,),
    )
    @in_school(Can.READ)
    def get(self, request: Call, report_id: UUID) -> HttpResponse:
        """Return a report as a file."""
        asked = read_query(ReportExportQuery, request)
        return exporting.respond(report_exporting.export(request.member, report_id, asked["fmt"]))


class Templates(APIView):
    """`report-templates/`"""

    parser_classes = (JsonBody,)

    @describe("list_report_templates", area="reports", gives=page_of(ReportTemplateShape), lists=True)
    @in_school(Can.READ)
    def get(self, request: Call) -> Response:
        """Return the school's templates of reports, newest first."""
        rows: list[Any] = report_templates.every(request.member)
        return Response(page(request, over(rows), of_template))

    @describe(
        "create_report_template",
        area="reports",
        takes=NewReportTemplate,
        gives=ReportTemplateShape,
        creates=True,
    )
    @in_school(Can.DESIGN)
    @idempotent
    def post(self, request: Call) -> HttpResponseBase:
        """Make a template, or a copy of a ready-made one."""
        given = read(NewReportTemplate, request)
        if given["ready_made"]:
            made = report_templates.copy_ready_made(request.member, given["ready_made"])
        else:
            made = report_templates.create(request.member, draft_of(given, Template("")))
        return Response(of_template(made), status=status.HTTP_201_CREATED)


class OneTemplate(APIView):
    """`report-templates/{id}/`"""

    parser_classes = (JsonBody,)

    @describe("get_report_template", area="reports", gives=ReportTemplateShape)
    @in_school(Can.READ)
    def get(self, request: Call, template_id: UUID) -> Response:
        """Return a template."""
        return Response(of_template(report_templates.get(request.member, template_id)))

    @describe("change_report_template", area="reports", takes=ReportTemplateChange, gives=ReportTemplateShape)
    @in_school(Can.DESIGN)
    def patch(self, request: Call, template_id: UUID) -> Response:
        """Change a template; the reports that were written with it stay."""
        known = report_templates.get(request.member, template_id)
        given = read(ReportTemplateChange, request)
        changed = report_templates.change(
            request.member, template_id, draft_of(given, known), began_from=given.get("rev")
        )
        return Response(of_template(changed))

    @describe("delete_report_template", area="reports")
    @in_school(Can.DESIGN)
    def delete(self, request: Call, template_id: UUID) -> Response:
        """Take a template away; the reports that were written with it stay."""
        report_templates.delete(request.member, template_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
