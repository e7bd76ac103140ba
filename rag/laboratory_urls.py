"""The laboratory's addresses, below a school's."""

from django.urls import path

from rag import laboratory_pages

app_name = "laboratory"

urlpatterns = [
    path("", laboratory_pages.try_question, name="question"),
    path("documentos/<uuid:document_id>/", laboratory_pages.show_document, name="document"),
]
