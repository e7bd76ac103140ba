"""The stage that has a file looked at by the virus scanner before anything of ours reads it. It fails closed.

Without a scanner (CLAMAV_ADDRESS is empty) it does nothing; what one found before stays where it is.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from documents import clamd, fetching
from documents.models import Document, Scan, Status
from documents.parsers import FileKind
from documents.parsers.base import Broken
from pipeline.stages import Cancelled, Impossible, Later, Stage, Work
from schools.ids import SchoolId
from schools.refusals import Refused
from schools.scope import school_scope

log = logging.getLogger(__name__)

WAIT_S = 30.0
QUARANTINED, NOT_SCANNED = "quarantined", "not_scanned"
# Of a file that somebody waits for in front of the screen.
IMPATIENT = clamd.Patience(connect_s=3.0, send_s=10.0, answer_s=60.0)


class Quarantined(Refused):
    """The scanner found something in the file."""

    code = QUARANTINED
    status = 403


class NotScanned(Refused):
    """The scanner has not looked at the file, or could not look at all of it."""

    code = NOT_SCANNED
    status = 409


class ScannerAway(Refused):
    """There is a scanner and it does not answer, so that nothing comes in."""

    code = "scanner_away"
    status = 503


def scan(work: Work) -> None:
    """Have the scanner look at a document's file; what it finds goes into quarantine, and nothing reads it."""
    with school_scope(work.school_id):
        document = Document.objects.filter(pk=work.subject_id, deleted_at=None).first()
    if document is None:
        raise Cancelled
    if not settings.CLAMAV_ADDRESS:
        if document.scan == Scan.FOUND:
            raise Impossible(_still_quarantined(), code=QUARANTINED)
        return
    found = _look(work, document.file_key, document)
    if not found and document.has_copy and document.format == FileKind.PDF:
        # Without its password now: the scanner could not look into the original.
        found = _look(work, document.copy_key, document)
    with school_scope(work.school_id):
        work.hold()
        Document.objects.filter(pk=document.pk).update(scan=Scan.FOUND if found else Scan.CLEAN)
    if found:
        tell(work.school_id, found, sha256=document.sha256, subject=f"document {document.pk}")
        raise Impossible(_quarantined(found), code=QUARANTINED)


def refuse(school_id: SchoolId, content: bytes) -> None:
    """Have the scanner look at a file that is not stored yet; raise Quarantined, NotScanned or ScannerAway."""
    if not settings.CLAMAV_ADDRESS:
        return
    try:
        found = clamd.scan(settings.CLAMAV_ADDRESS, [content], patience=IMPATIENT)
    except clamd.TooMuch as error:
        raise NotScanned(_too_much(), field="file") from error
    except clamd.Away as error:
        log.warning("the virus scanner is away: %s", error)
        raise ScannerAway(
            _(
                "El antivirus del servidor no responde, y sin él no se recibe ningún archivo. Probar de nuevo en un "
                "rato."
            )
        ) from error
    if found:
        tell(school_id, found, sha256=fetching.digest_of([content]), subject="template")
        refusal = Quarantined(
            _(
                "El antivirus encontró «%s» en el archivo y no se guardó nada. Revisar con antivirus el equipo del que "
                "vino."
            )
            % found,
            field="file",
        )
        refusal.status = 422
        raise refusal


def check_sendable(document: Document) -> None:
    """Raise Quarantined or NotScanned for a file that nobody is to be given."""
    if document.scan == Scan.FOUND:
        raise Quarantined(_("El archivo está en cuarentena: nadie puede descargarlo."))
    # What was read before there was a scanner is handed out; whatever waits for it, or never came past it, is not.
    if (
        settings.CLAMAV_ADDRESS
        and not document.scan
        and document.status not in (Status.READY, Status.PARTIAL)
    ):
        raise NotScanned(_("El antivirus todavía no revisó el archivo: se puede descargar después."))


def is_sendable(document: Document) -> bool:
    """Say whether `check_sendable` lets a file go."""
    try:
        check_sendable(document)
    except Refused:
        return False
    return True


def tell(school_id: SchoolId, found: str, *, sha256: str, subject: str) -> None:
    """Write the line that says what was found where: the technician's trail."""
    log.warning("quarantined: school=%s subject=%s found=%r sha256=%s", school_id, subject, found, sha256)


def _look(work: Work, key: str, document: Document) -> str:
    """Return what was found in a stored file; "" where it is clean."""
    digest = hashlib.sha256()
    try:
        with fetching.opened(key) as file:
            found = clamd.scan(
                settings.CLAMAV_ADDRESS, _pieces(file, work, document.size_bytes, digest.update)
            )
        # Only of these very bytes is it known that they are clean.
        if not found and key == document.file_key and digest.hexdigest() != document.sha256:
            raise fetching.altered()
    except Broken as error:
        raise Impossible(str(error), code=error.code) from error
    except fetching.StoreAway as error:
        raise fetching.later(error) from error
    except clamd.TooMuch as error:
        raise Impossible(_too_much(), code=NOT_SCANNED) from error
    except clamd.Away as error:
        told = _("El archivo espera y no se pierde: el antivirus del servidor no responde.")
        raise Later(WAIT_S, str(error), told=told) from error
    return found


def _pieces(file: IO[bytes], work: Work, size_bytes: int, see: Callable[[bytes], object]) -> Iterator[bytes]:
    done = 0
    while piece := fetching.read(file, clamd.PIECE_BYTES):
        see(piece)
        yield piece
        done += len(piece)
        work.report(done, max(size_bytes, done))


def _quarantined(found: str) -> str:
    return (
        _(
            "En cuarentena: el antivirus encontró «%s» en el archivo. No se leyó y nadie puede descargarlo. Borrarlo, "
            "y revisar con antivirus el equipo del que vino. Si parece un error, avisar a quien administra el servidor."
        )
        % found
    )


def _still_quarantined() -> str:
    return _(
        "En cuarentena: el antivirus encontró algo en el archivo. No se leyó y nadie puede descargarlo. Borrarlo, o "
        "pedir a quien administra el servidor que el antivirus lo revise otra vez."
    )


def _too_much() -> str:
    return _(
        "El antivirus no pudo revisar el archivo entero: pesa demasiado o tiene demasiado adentro. Subirlo dividido, o "
        "pedir a quien administra el servidor que aumente los límites del antivirus."
    )


SCAN = Stage(name="scan", version=1, queue="cpu", run=scan, weight=0.3)
