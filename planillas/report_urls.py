"""The addresses of reports, below a school's."""

from django.urls import URLPattern, path

from planillas import pack_pages, report_new_pages, report_pages, report_section_pages, report_template_pages

app_name = "reports"
_ONE = "<uuid:report_id>/"
_SECTION = _ONE + "secciones/<uuid:section_id>/"

urlpatterns: list[URLPattern] = [
    path("", report_pages.show_list, name="reports"),
    path("nuevo", report_new_pages.show, name="new"),
    path("nuevo/previsto", report_new_pages.foretell, name="new_foretold"),
    path(_ONE, report_pages.show, name="report"),
    path(_ONE + "avance", report_pages.watch, name="events"),
    path(_ONE + "reintentar", report_pages.retry, name="retry"),
    path(_ONE + "detener", report_pages.cancel, name="cancel"),
    path(_ONE + "redactar", report_pages.redraft, name="redraft"),
    path(_ONE + "cambiar", report_pages.change, name="change"),
    path(_ONE + "aprobar", report_pages.approve, name="approve"),
    path(_ONE + "borrar", report_pages.delete, name="delete"),
    path(_ONE + "descargar", report_pages.export, name="export"),
    path(_ONE + "evidencia", pack_pages.of_report, name="pack"),
    # Its sections.
    path(_ONE + "secciones/agregar", report_section_pages.add, name="section_add"),
    path(_SECTION + "guardar", report_section_pages.change, name="section"),
    path(_SECTION + "datos", report_section_pages.draw, name="section_draw"),
    path(_SECTION + "redactar", report_section_pages.redraft, name="section_redraft"),
    path(_SECTION + "mover", report_section_pages.move, name="section_move"),
    path(_SECTION + "quitar", report_section_pages.remove, name="section_remove"),
    path(_SECTION + "grafico.svg", report_pages.draw, name="chart"),
    # Templates.
    path("plantillas/", report_template_pages.show_list, name="templates"),
    path("plantillas/nueva", report_template_pages.new, name="template_new"),
    path("plantillas/copiar", report_template_pages.copy, name="template_copy"),
    path("plantillas/<uuid:template_id>/", report_template_pages.edit, name="template"),
    path("plantillas/<uuid:template_id>/borrar", report_template_pages.delete, name="template_delete"),
]
