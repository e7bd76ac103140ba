"""The API's addresses of engines, usage and budget, below a school's."""

from django.urls import path

from engines import api

app_name = "engines_api"

urlpatterns = [
    path("engines/", api.Engines.as_view(), name="engines"),
    path("engines/explain", api.Explain.as_view(), name="explain"),
    path("engines/decisions/<uuid:decision_id>", api.OneDecision.as_view(), name="decision"),
    path("engines/<str:engine>/", api.OneEngine.as_view(), name="engine"),
    path("engines/<str:engine>/check", api.CheckEngine.as_view(), name="check"),
    path("usage/", api.Usage.as_view(), name="usage"),
    path("budget/", api.Budget.as_view(), name="budget"),
]
