"""Every address of the house."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import health
from schools import accounts

_SCHOOL = "api/v1/schools/<slug:slug>/"

handler400 = "schools.problems.bad_request"
handler404 = "schools.problems.not_found"
handler500 = "schools.problems.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="schools:choose"), name="root"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("admin/", admin.site.urls),
    path("cuenta/email/", accounts.no_such_page, name="account_email_closed"),
    path("cuenta/", include("allauth.urls")),
    path("", include("schools.urls")),
    path("e/<slug:slug>/biblioteca/", include("documents.urls")),
    path("e/<slug:slug>/preguntar/", include("rag.urls")),
    path("e/<slug:slug>/grabaciones/", include("transcription.urls")),
    path("e/<slug:slug>/planillas/", include("planillas.urls")),
    path("e/<slug:slug>/informes/", include("planillas.report_urls")),
    path("e/<slug:slug>/laboratorio/", include("rag.laboratory_urls")),
    path("e/<slug:slug>/instrucciones/", include("rag.prompt_urls")),
    path("e/<slug:slug>/motores/", include("engines.urls")),
    path("e/<slug:slug>/", include("config.portal_urls")),
    path("api/v1/", include("schools.api_urls")),
    path(_SCHOOL, include("documents.api_urls")),
    path(_SCHOOL, include("rag.api_urls")),
    path(_SCHOOL, include("transcription.api_urls")),
    path(_SCHOOL, include("planillas.api_urls")),
    path(_SCHOOL, include("engines.api_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]
