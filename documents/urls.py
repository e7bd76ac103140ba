"""The library's addresses, below a school's."""

from django.urls import path

from documents import arrivals_page, label_page, mending, versions_page, viewing, views

app_name = "documents"
_ONE = "<uuid:document_id>/"

urlpatterns = [
    path("", views.show_library, name="library"),
    path("subir", views.upload, name="upload"),
    path("avance", views.watch, name="events"),
    path("carpeta", arrivals_page.show, name="folder"),
    path("carpeta/vigilar", arrivals_page.watch, name="watch_folder"),
    path("ordenar", views.arrange, name="arrange"),
    path(_ONE, views.show_document, name="document"),
    path(_ONE + "fila", views.show_row, name="row"),
    path(_ONE + "cambiar", views.change, name="change"),
    path(_ONE + "etiqueta", label_page.choose, name="label"),
    path(_ONE + "reintentar", views.retry, name="retry"),
    path(_ONE + "cancelar", views.cancel, name="cancel"),
    path(_ONE + "borrar", views.delete, name="delete"),
    path(_ONE + "version", versions_page.replace, name="replace"),
    path(_ONE + "leer", viewing.view, name="view"),
    path(_ONE + "original", viewing.send_file, name="file"),
    path(_ONE + "imagenes/<str:name>", viewing.send_picture, name="picture"),
    path(_ONE + "sin-leer", mending.ignore, name="ignore"),
    path(_ONE + "contrasena", mending.open_locked, name="unlock"),
    path(_ONE + "ocr", mending.read_again, name="read_again"),
]
