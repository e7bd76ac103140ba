"""The addresses of planillas and their templates, below a school's."""

from django.urls import URLPattern

app_name = "planillas"
_ONE = "<uuid:planilla_id>/"

urlpatterns: list[URLPattern] = []
