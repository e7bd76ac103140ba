"""The addresses of planillas and their templates, below a school's."""

from django.urls import URLPattern, path

from planillas import export_pages, grid_answers, grid_pages, new_pages, pack_pages, pages, template_pages

app_name = "planillas"
_ONE = "<uuid:planilla_id>/"
_TEMPLATE = "plantillas/<uuid:template_id>/"

# One list per owner, so that each stands together.
urlpatterns: list[URLPattern] = [
    path("", pages.show_list, name="planillas"),
    path("nueva", new_pages.show, name="new"),
    path("nueva/documentos", new_pages.show_documents, name="new_documents"),
    path("nueva/previsto", new_pages.foretell, name="new_foretold"),
    path(_ONE, pages.show, name="planilla"),
    path(_ONE + "avance", pages.watch, name="events"),
    path(_ONE + "reintentar", pages.retry, name="retry"),
    path(_ONE + "detener", pages.cancel, name="cancel"),
    path(_ONE + "actualizar", pages.refill, name="refill"),
    path(_ONE + "nombre", pages.rename, name="rename"),
    path(_ONE + "borrar", pages.delete, name="delete"),
    # The grid.
    path(_ONE + "filas", grid_answers.show_rows, name="rows"),
    path(_ONE + "celdas", grid_answers.change_cells, name="cells"),
    path(_ONE + "filas/agregar", grid_answers.add_rows, name="rows_add"),
    path(_ONE + "filas/quitar", grid_answers.remove_rows, name="rows_remove"),
    path(_ONE + "deshacer", grid_answers.undo, name="undo"),
    path(_ONE + "rehacer", grid_answers.redo, name="redo"),
    path(_ONE + "historial", grid_pages.show_history, name="history"),
    path(_ONE + "filas/<uuid:row_id>", grid_pages.show_source, name="source"),
    path(_ONE + "aprobar", grid_pages.approve, name="approve"),
    path(_ONE + "versiones", grid_pages.show_versions, name="versions"),
    path(_ONE + "comparar", grid_pages.compare, name="compare"),
    # Handing out.
    path(_ONE + "descargar", export_pages.send, name="export"),
    path(_ONE + "evidencia", pack_pages.of_planilla, name="pack"),
    # Templates.
    path("plantillas/", template_pages.show_list, name="templates"),
    path("plantillas/nueva", template_pages.new, name="template_new"),
    path("plantillas/subir", template_pages.upload, name="template_upload"),
    path("plantillas/copiar", template_pages.copy, name="template_copy"),
    path(_TEMPLATE, template_pages.show, name="template"),
    path(_TEMPLATE + "guardar", template_pages.change, name="template_change"),
    path(_TEMPLATE + "borrar", template_pages.delete, name="template_delete"),
    path(_TEMPLATE + "archivo", template_pages.send_file, name="template_file"),
]
