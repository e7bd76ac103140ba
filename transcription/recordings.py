"""Recordings as people bring them in and find them again: documents that are heard."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page
from django.utils.translation import gettext as _

from documents import library, parsers, uploads, work
from documents.collections import NoSuchDocument
from documents.library import Entry
from documents.parsers.base import Unparsable
from documents.uploads import Facts, Received, Upload
from pipeline import runs
from schools.admission import Member
from schools.ids import RunId
from schools.refusals import Refused
from schools.scope import school_scope
from transcription.models import Recording, Segment, Speaker

FORMATS = tuple(kind.value for kind in parsers.RECORDED)
EXTENSIONS = tuple(
    extension for each in parsers.FORMATS if each.kind in parsers.RECORDED for extension in each.extensions
)
# What a person may say is spoken; "" leaves it to the engine.
LANGUAGES = ("es", "ca", "gl", "eu", "pt", "en", "fr", "it", "de", "qu", "gn", "")
SPEAKERS_MOST = 20


class NotARecording(Refused):
    """The file holds no sound."""

    code = "not_a_recording"
    status = 415


class NoSuchRecording(Refused):
    """No such recording, or one that the member may not see."""

    code = "not_found"
    status = 404


class StillAtWork(Refused):
    """The recording is being processed."""

    code = "still_at_work"
    status = 409


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person said of the sound: the language spoken ("": to be found out), how many people speak."""

    language: str = "es"
    speakers: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A recording in a list; `recording` None until its sound was prepared."""

    entry: Entry
    recording: Recording | None
    speakers: int = 0
    has_words: bool = False

    @property
    def id(self) -> UUID:
        """Return the id that recording, transcript and document share."""
        return self.entry.id


def receive(member: Member, file: Upload, *, facts: Facts, wishes: Wishes) -> Received:
    """Store a recording and start its transcription; raise NotARecording, or what uploads.receive raises."""
    name = uploads.clean_name(file.name or "")
    if file.size:
        try:
            kind = parsers.kind_of(name, file)
        except Unparsable as error:
            refusal = uploads.NotAccepted(str(error), field="file")
            refusal.code = error.code
            raise refusal from error
        finally:
            file.seek(0)
        if kind not in parsers.RECORDED:
            raise NotARecording(
                _("«%s» no es una grabación. Los documentos se suben en la Biblioteca.") % name, field="file"
            )
    received = uploads.receive(member, file, facts=facts)
    if not received.is_duplicate:
        with school_scope(member.school_id):
            # The worker may have been first, and knows of no wishes.
            Recording.objects.update_or_create(
                pk=received.document_id,
                document_id=received.document_id,
                defaults={"language": wishes.language, "speakers_asked": wishes.speakers},
            )
    return received


def get(member: Member, recording_id: UUID) -> Listed:
    """Return a recording; raise NoSuchRecording."""
    try:
        entry = library.get(member, recording_id)
    except NoSuchDocument:
        raise NoSuchRecording(_("La grabación no existe.")) from None
    if not work.is_recording(entry.document):
        raise NoSuchRecording(_("La grabación no existe."))
    return _with_facts(member, [entry])[0]


def search(
    member: Member, *, query: str = "", before: UUID | None = None, after: UUID | None = None, limit: int = 50
) -> list[Listed]:
    """Return recordings, newest first: those older than `before`, or those just newer than `after`."""
    found = library.search(member, query=query, formats=FORMATS, before=before, after=after, limit=limit)
    return _with_facts(member, found)


def page(member: Member, *, query: str, number: str, per_page: int) -> Page[Any]:
    """Return one numbered page of recordings, newest first."""
    found = library.page(
        member,
        query=query,
        collection_id=None,
        status="",
        formats=FORMATS,
        number=number,
        per_page=per_page,
    )
    found.object_list = _with_facts(member, list(found.object_list))
    return found


def transcribe(member: Member, recording_id: UUID, *, wishes: Wishes) -> RunId:
    """Write a recording down again; raise NoSuchRecording, library.NotYours or StillAtWork.

    What a person corrected stays; what an engine wrote before is written anew where the language is another.
    """
    found = get(member, recording_id)
    if not found.entry.may_change:
        raise library.NotYours(
            _("Solo quien subió el documento, o quien administra la biblioteca, puede hacer esto.")
        )
    with school_scope(member.school_id):
        live = runs.progress_of(work.KINDS, [recording_id]).get(recording_id)
        if live is not None and live.finished_at is None:
            raise StillAtWork(_("La grabación todavía se está procesando."))
        recording = Recording.objects.filter(pk=recording_id).first()
        if recording is not None:
            if recording.language != wishes.language:
                recording.parts.all().delete()
            recording.language, recording.speakers_asked = wishes.language, wishes.speakers
            recording.save(update_fields=["language", "speakers_asked"])
    return library.retry(member, recording_id)


def _with_facts(member: Member, entries: list[Entry]) -> list[Listed]:
    ids = [entry.id for entry in entries]
    with school_scope(member.school_id):
        known = {
            each.pk: each for each in Recording.objects.filter(pk__in=ids).defer("peaks", "voice", "turns")
        }
        voices: dict[UUID, int] = {}
        for recording_id in Speaker.objects.filter(recording_id__in=ids).values_list(
            "recording_id", flat=True
        ):
            voices[recording_id] = voices.get(recording_id, 0) + 1
        spoken = set(
            Segment.objects.filter(recording_id__in=ids, deleted_at=None)
            .order_by()
            .values_list("recording_id", flat=True)
            .distinct()
        )
    return [
        Listed(
            entry=entry,
            recording=known.get(entry.id),
            speakers=voices.get(entry.id, 0),
            has_words=entry.id in spoken,
        )
        for entry in entries
    ]
