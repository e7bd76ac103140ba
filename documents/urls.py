"""The library's addresses, below a school's."""

from django.urls import path

from documents import views

app_name = "documents"
_ONE = "<uuid:document_id>/"

urlpatterns = [
    path("", views.show_library, name="library"),
    path("subir", views.upload, name="upload"),
    path("avance", views.watch, name="events"),
    path("ordenar", views.arrange, name="arrange"),
    path(_ONE, views.show_document, name="document"),
    path(_ONE + "fila", views.show_row, name="row"),
    path(_ONE + "cambiar", views.change, name="change"),
    path(_ONE + "reintentar", views.retry, name="retry"),
    path(_ONE + "cancelar", views.cancel, name="cancel"),
    path(_ONE + "borrar", views.delete, name="delete"),
    path(_ONE + "leer", views.view, name="view"),
    path(_ONE + "original", views.send_file, name="file"),
]
