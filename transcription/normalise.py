"""The stage that decodes a recording, stores its sound and finds where somebody speaks."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from documents import fetching, places
from documents.models import Document
from documents.parsers.base import Unparsable
from documents.places import Time
from pipeline.stages import Cancelled, Impossible, Stage, Work
from schools.scope import school_scope
from transcription import decoding, listening
from transcription.exports.told import clock
from transcription.models import Recording, SpeakersBy

NO_VOICE, OTHER_TRACKS = "no_voice", "other_tracks"
# What this stage tells of a recording; of later stages' words it says nothing.
TOLD = frozenset({decoding.DAMAGED, decoding.GAP, decoding.TRUNCATED, NO_VOICE, OTHER_TRACKS})


def normalise(work: Work) -> None:
    """Decode a recording's original, once; keep its sound, how loud it is, where somebody speaks, and what is missing.

    Where two channels are two speakers, `turns` says who speaks on which; what a person asked for stays.
    """
    with school_scope(work.school_id):
        document = Document.objects.filter(pk=work.subject_id, deleted_at=None).first()
    if document is None:
        raise Cancelled
    with tempfile.TemporaryDirectory(prefix="sound-") as name:
        folder = Path(name)
        try:
            with _original(document, folder) as source:
                sound = listening.hear(
                    source,
                    size_bytes=document.size_bytes,
                    folder=folder,
                    report=lambda share: work.report(share, 1.0),
                )
        except fetching.StoreAway as error:
            raise fetching.later(error) from error
        except Unparsable as error:
            raise Impossible(str(error), code=error.code) from error
        # The file before the row that says it is there.
        _store(sound.path, document.sound_key)
    by_channel = sound.voice_by_channel if sound.channels == 2 else ()
    turns = sorted(
        (from_s, to_s, number)
        for number, voice in enumerate(by_channel, start=1)
        for from_s, to_s in voice
    )  # fmt: skip
    with school_scope(work.school_id):
        work.hold()
        recording, _made = Recording.objects.get_or_create(pk=document.pk, defaults={"document": document})
        Recording.objects.filter(pk=recording.pk).update(
            duration_s=sound.decoded.seconds,
            channels=sound.channels,
            has_sound=True,
            peaks=sound.peaks,
            voice=[[round(from_s, 3), round(to_s, 3)] for from_s, to_s in sound.voice],
            turns=[[round(from_s, 3), round(to_s, 3), number] for from_s, to_s, number in turns],
            speakers_by=SpeakersBy.CHANNELS if turns else SpeakersBy.NOBODY,
        )
        # As it is now: a person may have set something aside meanwhile.
        document = Document.objects.select_for_update().get(pk=document.pk)
        others = [each for each in document.unreadable if each["code"] not in TOLD]
        document.pages, document.unreadable = None, [*_told(sound, before=document.unreadable), *others]
        document.save(update_fields=["pages", "unreadable"])


def sound_again(document: Document) -> None:
    """Decode a recording's original once more for its sound alone; what is known of the recording stays."""
    with tempfile.TemporaryDirectory(prefix="sound-") as name:
        folder = Path(name)
        with _original(document, folder) as source:
            sound = listening.hear(
                source, size_bytes=document.size_bytes, folder=folder, report=lambda _share: None
            )
        _store(sound.path, document.sound_key)


def _told(sound: listening.Sound, *, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what cannot be heard as a document keeps it; what a person said of a part before still holds."""
    decoded = sound.decoded
    parts: list[tuple[Time | None, str, str]] = [
        (
            Time(round(part.from_s, 1), round(part.to_s, 1)),
            _why(part),
            part.code,
        )
        for part in decoded.missing
    ]
    if decoded.tracks > 1:
        reason = _("El archivo tiene %d pistas de sonido y se oyó solo la principal.") % decoded.tracks
        parts.append((None, reason, OTHER_TRACKS))
    if not sound.voice:
        parts.append((None, _("No se oye hablar a nadie."), NO_VOICE))
    ignored = [(each["place"], each["code"]) for each in before if each.get("ignored")]
    return [
        {
            "place": (where := places.to_json(place) if place else None),
            "reason": reason,
            "code": code,
            "ignored": (where, code) in ignored,
        }
        for place, reason, code in parts
    ]


def _why(part: decoding.Missing) -> str:
    within = {"a": clock(part.from_s), "b": clock(part.to_s)}
    if part.code == decoding.TRUNCATED:
        return _("El archivo está incompleto: falta de %(a)s al final, en %(b)s.") % within
    if part.code == decoding.GAP:
        return _("El archivo no tiene sonido de %(a)s a %(b)s.") % within
    return _("El archivo está dañado de %(a)s a %(b)s, y allí no se oye nada.") % within


@contextmanager
def _original(document: Document, folder: Path) -> Iterator[IO[bytes]]:
    """Open a document's original as a file of this machine, without a copy where it lies here already.

    Raises fetching.Missing, Altered or StoreAway: what is decoded is what came in.
    """
    try:
        default_storage.path(document.file_key)
    except NotImplementedError:  # how a storage says that it is far away
        path = folder / "original"
        fetching.fetch(document.file_key, path, sha256=document.sha256)
        with path.open("rb") as source:
            yield source
        return
    with fetching.opened(document.file_key) as stored, open(stored.name, "rb") as source:
        fetching.check(source, sha256=document.sha256)
        yield source


def _store(path: Path, key: str) -> None:
    with path.open("rb") as sound:
        default_storage.delete(key)
        default_storage.save(key, File(sound))


NORMALISE = Stage(name="normalise", version=1, queue="cpu", run=normalise, weight=1)
