"""A PDF with a password, given by a person once: a copy without it is kept, the password is not."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from documents import fetching, library, parse
from documents.collections import NoSuchDocument
from documents.models import Document, Status
from documents.parsers import FileKind, pdf_unlock, sandbox
from documents.parsers.base import Encrypted, Unparsable
from schools.admission import Member
from schools.ids import RunId
from schools.refusals import Refused
from schools.scope import school_scope

TRIES = 10
TRIES_PER_S = 3_600
PASSWORD_MOST_CHARS = 500
LIMITS = sandbox.Limits(wall_s=60.0, cpu_s=40)


class WrongPassword(Refused):
    """The document does not open with this password."""

    code = "wrong_password"


class TooManyTries(Refused):
    """So many wrong passwords are no mistake."""

    code = "rate_limited"
    status = 429


class NothingToOpen(Refused):
    """The document is no PDF that waits for a password."""

    code = "no_password_needed"
    status = 409


class CannotOpen(Refused):
    """The password may be right, but the file cannot be rewritten without it."""

    code = "broken_pdf"


@sensitive_variables("password")
def open_with(member: Member, document_id: UUID, password: str) -> RunId:
    """Read a PDF that asks for a password, from a copy without it; the password itself is kept nowhere.

    Raises NoSuchDocument, NotYours, NothingToOpen, WrongPassword, TooManyTries, or CannotOpen.
    """
    library.check_changeable(member, [document_id])
    document = library.get(member, document_id).document
    is_waiting = document.status == Status.FAILED and document.error_code in ("encrypted", "password")
    if document.format != FileKind.PDF or document.has_copy or not is_waiting:
        raise NothingToOpen(_("El documento no está esperando una contraseña."))
    _count_try(document)
    parse.replace_file(document.copy_key, _opened(document, password))
    with school_scope(member.school_id):
        is_there = Document.objects.filter(pk=document.pk, deleted_at=None).update(has_copy=True)
        if is_there:
            return library.retry(member, document_id)
    # Deleted meanwhile, perhaps after its files were taken away.
    default_storage.delete(document.copy_key)
    raise NoSuchDocument(_("El documento no existe."))


@sensitive_variables("password")
def _opened(document: Document, password: str) -> bytes:
    if not password or len(password) > PASSWORD_MOST_CHARS or "\0" in password:
        raise WrongPassword(_("La contraseña no abre el documento."), field="password")
    with TemporaryDirectory(prefix="unlock-") as folder:
        path = Path(folder) / "original"
        try:
            fetching.fetch(document.file_key, path, sha256=document.sha256)
            return sandbox.run_raw(lambda _report: pdf_unlock.without_password(path, password), limits=LIMITS)
        except Encrypted as error:
            raise WrongPassword(_("La contraseña no abre el documento."), field="password") from error
        except (Unparsable, fetching.StoreAway) as error:
            raise CannotOpen(_("El PDF no se pudo abrir. %s") % error) from error


def _count_try(document: Document) -> None:
    key = f"unlock:{document.school_id}:{document.pk}"
    cache.add(key, 0, TRIES_PER_S)
    try:
        tries = cache.incr(key)
    except ValueError:  # forgotten between the two lines
        cache.set(key, 1, TRIES_PER_S)
        tries = 1
    if tries > TRIES:
        raise TooManyTries(_("Demasiadas contraseñas equivocadas. Probar de nuevo dentro de una hora."))
