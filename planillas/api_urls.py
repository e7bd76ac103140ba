"""The addresses of the API of planillas and reports, below a school's."""

from django.urls import URLPattern, path

from planillas import api, api_reports, api_templates

app_name = "planillas_api"
_ONE = "planillas/<uuid:planilla_id>/"

urlpatterns: list[URLPattern] = [
    path("planillas/", api.Planillas.as_view(), name="planillas"),
    path(_ONE, api.OnePlanilla.as_view(), name="planilla"),
    path(_ONE + "cells/", api.ItsCells.as_view(), name="cells"),
    path(_ONE + "rows/", api.ItsRows.as_view(), name="rows"),
    path(_ONE + "rows/<uuid:row_id>/", api.OneRow.as_view(), name="row"),
    path(_ONE + "approve", api.ApproveIt.as_view(), name="approve"),
    path(_ONE + "versions/", api.ItsVersions.as_view(), name="versions"),
    path(_ONE + "refill", api.RefillIt.as_view(), name="refill"),
    path(_ONE + "export", api.ExportIt.as_view(), name="export"),
    path(_ONE + "evidence", api.ProveIt.as_view(), name="evidence"),
    path("planilla-templates/", api_templates.Templates.as_view(), name="templates"),
    path("planilla-templates/<uuid:template_id>/", api_templates.OneTemplate.as_view(), name="template"),
]

# Reports and their templates.
_REPORT = "reports/<uuid:report_id>/"
_SECTION = _REPORT + "sections/<uuid:section_id>/"

urlpatterns += [
    path("reports/", api_reports.Reports.as_view(), name="reports"),
    path(_REPORT, api_reports.OneReport.as_view(), name="report"),
    path(_REPORT + "approve", api_reports.Approval.as_view(), name="report_approve"),
    path(_REPORT + "export", api_reports.Export.as_view(), name="report_export"),
    path(_SECTION, api_reports.OneSection.as_view(), name="report_section"),
    path(_SECTION + "redraft", api_reports.Redraft.as_view(), name="report_redraft"),
    path("report-templates/", api_reports.Templates.as_view(), name="report_templates"),
    path("report-templates/<uuid:template_id>/", api_reports.OneTemplate.as_view(), name="report_template"),
]
