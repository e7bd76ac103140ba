"""The addresses of the API of planillas, below a school's."""

from django.urls import URLPattern

app_name = "planillas_api"

urlpatterns: list[URLPattern] = []
