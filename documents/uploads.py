"""Files coming in: checked, stored under their SHA-256, and given to the pipeline, or refused with a reason."""

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from documents import collections, fetching, parsers, succession, work
from documents.models import Document, Sensitivity, Status
from documents.parsers.base import Unparsable
from pipeline import runs
from schools import passing
from schools.admission import Member
from schools.ids import DocumentId, RunId, SchoolId
from schools.refusals import Refused
from schools.scope import school_scope

TITLE_MOST_CHARS = 300
ISSUER_MOST_CHARS = 200
NAME_MOST_CHARS = 200


class EmptyFile(Refused):
    """The file holds no byte."""

    code = "empty_file"


class TooLarge(Refused):
    """The file is over the installation's limit."""

    code = "file_too_large"
    status = 413


class OverQuota(Refused):
    """The school's room for files is used up."""

    code = "over_quota"
    status = 413


class NotAccepted(Refused):
    """The file's kind is not read here, or it is not the kind its name claims."""

    code = "unsupported_file"
    status = 415


class BadDates(Refused):
    """A document cannot cease before it begins."""

    code = "invalid"


class Upload(Protocol):
    """What Django's request gives for a file."""

    @property
    def name(self) -> str | None: ...

    @property
    def size(self) -> int | None: ...

    def chunks(self) -> Iterator[bytes]: ...

    def seek(self, position: int, whence: int = 0, /) -> object: ...

    def tell(self) -> int: ...

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What the person said of the file."""

    collection_id: UUID | None = None
    title: str = ""
    sensitivity: Sensitivity = Sensitivity.UNKNOWN
    valid_from: date | None = None
    valid_until: date | None = None
    supersedes_id: UUID | None = None
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an upload."""

    document_id: DocumentId
    run_id: RunId | None
    status: Status
    is_duplicate: bool


def receive(member: Member, file: Upload, *, facts: Facts) -> Received:
    """Store a file and start its processing; the same bytes again answer the document that has them.

    Raises EmptyFile, TooLarge, OverQuota, NotAccepted, BadDates, collections.NoSuchCollection or NoSuchDocument, or
    succession.NotYoursToReplace. Nothing is kept of
    a file that was refused.
    """
    if facts.valid_from and facts.valid_until and facts.valid_until < facts.valid_from:
        raise BadDates(_("La vigencia no puede terminar antes de empezar."), field="valid_until")
    checked = check(file)

    with school_scope(member.school_id):
        collection = collections.for_upload(member, facts.collection_id)
        if (known := same_file(checked.sha256)) is not None:
            told = _answer_known(member, known)
            if not _is_lost(known):
                return told
    if known is not None:
        return _put_back(member, known, file)
    with school_scope(member.school_id):
        check_quota(checked.size_bytes)
        older = succession.replaceable(member, facts.supersedes_id) if facts.supersedes_id else None
        document = Document(
            collection=collection,
            title=(facts.title.strip() or title_from(checked.name))[:TITLE_MOST_CHARS],
            filename=checked.name,
            format=checked.kind.value,
            sha256=checked.sha256,
            size_bytes=checked.size_bytes,
            sensitivity=facts.sensitivity,
            valid_from=facts.valid_from,
            valid_until=facts.valid_until,
            supersedes=older,
            issuer=facts.issuer,
            uploaded_by_id=member.user_id,
            labelled_by_id=member.user_id if facts.sensitivity else None,
            labelled_at=timezone.now() if facts.sensitivity else None,
        )
    run_id = keep(document, file, school_id=member.school_id)
    if run_id is None:
        with school_scope(member.school_id):
            known = same_file(checked.sha256)
            if known is None:
                raise collections.NoSuchCollection(_("La colección dejó de existir."), field="collection")
            return _answer_known(member, known)
    return Received(
        document_id=DocumentId(document.pk), run_id=run_id, status=Status(document.status), is_duplicate=False
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may come in: its safe name, what it is, and its fingerprint."""

    name: str
    kind: parsers.FileKind
    size_bytes: int
    sha256: str


def check(file: Upload) -> Checked:
    """Return what a file is; raise EmptyFile, TooLarge or NotAccepted."""
    name = clean_name(file.name or "")
    size_bytes = file.size or 0
    if size_bytes == 0:
        raise EmptyFile(_("«%s» está vacío.") % name, field="file")
    check_size(size_bytes, name=name)
    try:
        kind = parsers.kind_of(name, file)
    except Unparsable as error:
        refusal = NotAccepted(str(error), field="file")
        refusal.code = error.code
        raise refusal from error
    finally:
        file.seek(0)
    check_size(size_bytes, name=name, kind=kind)
    return Checked(name, kind, size_bytes, _digest(file))


def most_bytes(kind: parsers.FileKind | None = None) -> int:
    """Return how large a file of a kind may be; of any kind when it is not known yet."""
    if kind is None:
        return max(settings.MAX_UPLOAD_BYTES, settings.MAX_RECORDING_BYTES)
    return settings.MAX_RECORDING_BYTES if kind in parsers.RECORDED else settings.MAX_UPLOAD_BYTES


def check_size(size_bytes: int, *, name: str, kind: parsers.FileKind | None = None) -> None:
    """Raise TooLarge for a file over the installation's limit."""
    most = most_bytes(kind)
    if size_bytes > most:
        raise TooLarge(
            _("«%(name)s» pesa más de %(most)d MB.") % {"name": name, "most": most // 1000**2}, field="file"
        )


def keep(document: Document, file: Upload, *, school_id: SchoolId) -> RunId | None:
    """Store the file of a new document, then its row, and start its processing; return the run.

    None, and nothing kept: the same bytes arrived twice at once and the others were first, or the shelf was taken
    away meanwhile.
    """

    def write() -> RunId:
        with school_scope(school_id):
            document.save(force_insert=True)
            return runs.start(work.kind_of(document), document.pk)

    try:
        # The file first: a row never points at nothing.
        default_storage.save(document.file_key, File(file))  # type: ignore[arg-type]  # reads by chunks(), as Upload has it
        return passing.insist(write)
    except IntegrityError:
        default_storage.delete(document.file_key)
        return None
    except BaseException as error:
        # Where the database went away, it may have kept the row and only its word of it was lost: the file stays then,
        # and what no row names is swept up by `reconcile`.
        if not passing.may_be_done(error):
            default_storage.delete(document.file_key)
        raise


def clean_name(name: str) -> str:
    """Return a file name that is safe to show: no path, no control or direction characters, NFC."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(
        char for char in name if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    ).strip()
    stem, dot, extension = name.rpartition(".")
    if len(name) > NAME_MOST_CHARS and dot:
        return f"{stem[: NAME_MOST_CHARS - len(extension) - 1]}.{extension}"[-NAME_MOST_CHARS:]
    return name[:NAME_MOST_CHARS] or "sin-nombre"


def title_from(name: str) -> str:
    """Return the title of a file that nobody named: its name without the ending, until the parser finds a better."""
    stem = name.rpartition(".")[0] or name
    return " ".join(stem.replace("_", " ").split()) or name


def _digest(file: Upload) -> str:
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def same_file(sha256: str) -> Document | None:
    """Return the document of the school that has these bytes. Inside a scope."""
    return Document.objects.filter(sha256=sha256, deleted_at=None).first()


def _answer_known(member: Member, known: Document) -> Received:
    if not member.sees(known.collection_id):
        raise collections.ElsewhereInSchool(
            _("La escuela ya tiene este archivo en una colección fuera de tu alcance.")
        )
    progress = runs.progress_of(work.KINDS, [known.pk]).get(known.pk)
    return Received(
        document_id=DocumentId(known.pk),
        run_id=progress.run_id if progress else None,
        status=Status(known.status),
        is_duplicate=True,
    )


def _is_lost(known: Document) -> bool:
    """Say whether the store lost or spoilt a document's file."""
    return known.status == Status.FAILED and known.error_code in (fetching.ALTERED, fetching.MISSING)


def _put_back(member: Member, known: Document, file: Upload) -> Received:
    """Store the bytes of a document again, and process it. Outside a scope."""
    default_storage.delete(known.file_key)
    default_storage.save(known.file_key, File(file))  # type: ignore[arg-type]  # reads by chunks(), as Upload has it
    with school_scope(member.school_id):
        run_id = runs.start(work.kind_of(known), known.pk)
        Document.objects.filter(pk=known.pk).update(status=Status.QUEUED, error_code="", error_detail="")
    return Received(document_id=DocumentId(known.pk), run_id=run_id, status=Status.QUEUED, is_duplicate=True)


def check_quota(size_bytes: int) -> None:
    """Raise OverQuota when the school has no room for so many bytes. Inside a scope."""
    used = Document.objects.filter(deleted_at=None).aggregate(total=Sum("size_bytes"))["total"] or 0
    if used + size_bytes > settings.SCHOOL_QUOTA_BYTES:
        raise OverQuota(
            _("La escuela ya no tiene lugar para más archivos. Borrar alguno o pedir más espacio.")
        )
