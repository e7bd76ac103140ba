"""The addresses of "Motores", below a school's."""

from django.urls import path

from engines import money_pages, pages, why_pages

app_name = "engines"

urlpatterns = [
    path("", pages.show_engines, name="engines"),
    path("motor/", pages.allow_engine, name="allow"),
    path("probar/", pages.probe_engine, name="probe"),
    path("buscar/", pages.find_engines, name="find"),
    path("gasto/", money_pages.show_usage, name="usage"),
    path("gasto/descargar", money_pages.download_usage, name="download"),
    path("gasto/tope/", money_pages.change_plan, name="plan"),
    path("simular/", why_pages.plan_errand, name="explain"),
    path("por-que/<uuid:decision_id>/", why_pages.show_decision, name="decision"),
]
