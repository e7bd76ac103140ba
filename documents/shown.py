"""Documents as screens show them: words for formats, stages and states."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from documents import label, reading, scan, unread, work
from documents.library import Entry
from documents.models import Collection, Document, Scan, Sensitivity, Status
from documents.versions import Force
from pipeline.models import RunState
from schools.models import User

FORMATS = {
    "pdf": lazy("PDF"),
    "docx": lazy("Documento de Word"),
    "doc": lazy("Documento de Word anterior a 2007"),
    "rtf": lazy("Documento RTF"),
    "odt": lazy("Documento de LibreOffice"),
    "xlsx": lazy("Planilla de Excel"),
    "xls": lazy("Planilla de Excel anterior a 2007"),
    "ods": lazy("Planilla de LibreOffice"),
    "csv": lazy("Tabla CSV"),
    "pptx": lazy("Presentación de PowerPoint"),
    "odp": lazy("Presentación de LibreOffice"),
    "html": lazy("Página web"),
    "mhtml": lazy("Página web guardada"),
    "markdown": lazy("Texto con formato"),
    "text": lazy("Texto"),
    "epub": lazy("Libro electrónico"),
    "eml": lazy("Correo"),
    "msg": lazy("Correo de Outlook"),
    "image": lazy("Imagen"),
    "zip": lazy("Archivo comprimido"),
    "sound": lazy("Grabación"),
    "video": lazy("Video"),
}
STAGES = {
    "scan": lazy("Revisando con el antivirus"),
    "parse": lazy("Leyendo"),
    "ocr": lazy("Leyendo imágenes"),
    "normalise": lazy("Preparando el sonido"),
    "transcribe": lazy("Transcribiendo"),
    "diarize": lazy("Distinguiendo las voces"),
    "align": lazy("Armando la transcripción"),
    "publish": lazy("Guardando la transcripción"),
    "digest": lazy("Resumiendo"),
    "suggest": lazy("Buscando datos personales"),
    "cut": lazy("Separando en partes"),
    "embed": lazy("Preparando la búsqueda"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A document in a list."""

    id: UUID
    title: str
    filename: str
    kind: str  # a name of documents.parsers
    kind_label: str
    size_bytes: int
    pages: int | None
    collection: Collection
    status: str
    status_label: str
    stage_label: str
    progress: float
    eta_s: int | None
    waits: str  # for what, in words
    error: str
    unreadable_count: int
    uploaded_at: datetime
    uploaded_by: User | None
    can_change: bool
    can_view: bool
    is_heard: bool  # a recording: its page is the transcription's, which is there from the beginning
    force: Force
    sensitivity: str
    sensitivity_label: str
    is_to_confirm: bool
    suggested_label: str  # "" where nothing waits


def row(entry: Entry) -> Row:
    """Return a document as lists show it."""
    document = entry.document
    busy = document.status in (Status.QUEUED, Status.PROCESSING)
    is_to_confirm, is_heard = label.is_to_confirm(document), work.is_recording(document)
    return Row(
        id=document.pk,
        title=document.title,
        filename=document.filename,
        kind=document.format,
        kind_label=str(FORMATS.get(document.format, document.format.upper())),
        size_bytes=document.size_bytes,
        pages=document.pages,
        collection=document.collection,
        status=document.status,
        status_label=_status(document),
        stage_label=_stage(entry) if busy else "",
        progress=entry.share_done,
        eta_s=entry.progress.eta_s if busy and entry.progress else None,
        waits=entry.progress.waits if busy and entry.progress else "",
        error="" if document.error_code == "cancelled" else document.error_detail,
        unreadable_count=unread.count(document),
        uploaded_at=document.created_at,
        uploaded_by=document.uploaded_by,
        can_change=entry.may_change,
        can_view=is_heard or document.status in (Status.READY, Status.PARTIAL) or reading.has_pages(document),
        is_heard=is_heard,
        force=entry.force,
        sensitivity=document.sensitivity,
        sensitivity_label=str(Sensitivity(document.sensitivity).label),
        is_to_confirm=is_to_confirm,
        suggested_label=str(Sensitivity(document.suggested_sensitivity).label) if is_to_confirm else "",
    )


def state(entry: Entry) -> dict[str, Any]:
    """Return what the page is told of a document while it is worked on."""
    shown = row(entry)
    return {
        "id": str(shown.id),
        "status": shown.status,
        "status_label": shown.status_label,
        "stage_label": shown.stage_label,
        "progress": round(shown.progress, 3),
        "eta_s": shown.eta_s,
        "waits": shown.waits,
        "error": shown.error,
    }


def _status(document: Document) -> str:
    if document.error_code == "cancelled":
        return _("Cancelado")
    if document.error_code == scan.QUARANTINED:
        return str(Scan.FOUND.label)
    return str(Status(document.status).label)


def _stage(entry: Entry) -> str:
    if entry.progress is None or entry.progress.state == RunState.QUEUED:
        return _("En espera")
    if entry.progress.stage == scan.SCAN.name and not settings.CLAMAV_ADDRESS:
        return _("En espera")  # there is no scanner: it is over before anybody reads of it
    return str(STAGES.get(entry.progress.stage, ""))
