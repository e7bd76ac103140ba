"""The addresses of recordings, below a school's."""

from django.urls import path

from transcription import (
    acta_pages,
    acta_template_pages,
    arriving_pages,
    digest_pages,
    editing_pages,
    pages,
    playing,
    speaker_pages,
)

app_name = "transcription"
_ONE = "<uuid:recording_id>/"
_SEGMENT = _ONE + "fragmentos/<uuid:segment_id>/"
_SPEAKER = _ONE + "hablantes/<uuid:speaker_id>/"

urlpatterns = [
    path("", pages.show_list, name="recordings"),
    path(_ONE, pages.show, name="recording"),
    path(_ONE + "avance", pages.watch, name="events"),
    path(_ONE + "reintentar", pages.retry, name="retry"),
    path(_ONE + "sonido", playing.send_sound, name="sound"),
    path(_ONE + "onda", playing.send_peaks, name="peaks"),
    path(_ONE + "palabras", playing.send_words, name="words"),
    path(_ONE + "voces", speaker_pages.tell_apart, name="voices"),
    path(_SPEAKER + "nombre", speaker_pages.rename, name="speaker"),
    path(_SPEAKER + "unir", speaker_pages.merge, name="speaker_merge"),
    path(_SEGMENT + "texto", editing_pages.edit_text, name="segment_text"),
    path(_SEGMENT + "hablante", editing_pages.set_speaker, name="segment_speaker"),
    path(_SEGMENT + "dividir", editing_pages.split, name="segment_split"),
    path(_SEGMENT + "unir", editing_pages.merge, name="segment_merge"),
    path(_SEGMENT + "quitar", editing_pages.delete, name="segment_delete"),
    path(_SEGMENT + "historia", editing_pages.show_history, name="segment_history"),
    path(_SEGMENT + "restituir", editing_pages.restore, name="segment_restore"),
    # Bringing in.
    path("nueva", arriving_pages.show_new, name="new"),
    path("nueva/subir", arriving_pages.upload, name="upload"),
    path("nueva/estimacion", arriving_pages.tell_estimate, name="estimate"),
    # Handing out, and actas.
    path(_ONE + "descargar", acta_pages.export, name="export"),
    path(_ONE + "acta", acta_pages.show, name="acta"),
    path(_ONE + "acta/armar", acta_pages.make, name="acta_make"),
    path(_ONE + "acta/guardar", acta_pages.change, name="acta_change"),
    path(_ONE + "acta/descargar", acta_pages.download, name="acta_download"),
    path("plantillas/", acta_template_pages.show_list, name="acta_templates"),
    path("plantillas/nueva", acta_template_pages.new, name="acta_template_new"),
    path("plantillas/<uuid:template_id>/", acta_template_pages.edit, name="acta_template"),
    path("plantillas/<uuid:template_id>/borrar", acta_template_pages.delete, name="acta_template_delete"),
    # Summary and tasks.
    path(_ONE + "resumen/corregir", digest_pages.change_digest, name="digest_change"),
    path(_ONE + "resumen/regenerar", digest_pages.regenerate, name="digest_regenerate"),
    path(_ONE + "tareas/nueva", digest_pages.add_action, name="action_add"),
    path(_ONE + "tareas/<uuid:action_id>/cambiar", digest_pages.change_action, name="action_change"),
]
