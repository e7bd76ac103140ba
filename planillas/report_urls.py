"""The addresses of reports, below a school's."""

from django.urls import URLPattern

app_name = "reports"
_ONE = "<uuid:report_id>/"

urlpatterns: list[URLPattern] = []
