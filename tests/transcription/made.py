"""A recording with its transcript, made without any model: what was said by whom, and when, is given."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from documents import collections
from documents.models import Document, Status
from schools.ids import new_id
from schools.scope import school_scope
from transcription.models import Recording, Segment, Speaker, SpeakersBy

if TYPE_CHECKING:  # a program of its own, as the browser's journeys run, has other settings
    from tests.conftest import Person

SOUNDS = Path(__file__).resolve().parent / "sounds"
CONFIDENCE = 0.9

Said: TypeAlias = tuple[str, float, float, str]
"""Who ("" where nobody was told apart), from and to which second, and what."""


def truth(name: str = "reunion-tres-voces") -> list[Said]:
    """Return what is said in one of the sounds beside this file."""
    told = json.loads((SOUNDS / f"{name}.json").read_text("utf-8"))
    return [(each["speaker"], each["t0"], each["t1"], each["text"]) for each in told["segments"]]


TRUTH = truth()


def transcript(
    person: "Person",
    title: str = "Claustro",
    spoken: Sequence[Said] = TRUTH,
    *,
    sound: bytes = b"",
    **facts: Any,
) -> Document:
    """Return a recording of the person's that was transcribed and is ready; speakers are numbered as they are heard.

    `sound`: a FLAC, kept as the stored sound where it is given. `facts`: fields of the Document.
    """
    with school_scope(person.school_id):
        document = Document.objects.create(
            **{
                "collection": collections.ensure_default(),
                "title": title,
                "filename": f"{title}.flac",
                "format": "sound",
                "sha256": hashlib.sha256(new_id().bytes).hexdigest(),
                "size_bytes": len(sound) or 1_000,
                "status": Status.READY,
                "uploaded_by": person.user,
                **facts,
            }
        )
        write(document, spoken, has_sound=bool(sound))
    if sound:
        default_storage.save(document.sound_key, ContentFile(sound))
    return document


def write(document: Document, spoken: Sequence[Said], *, has_sound: bool = False) -> Recording:
    """Give a document its recording, speakers and segments. Inside a scope."""
    duration_s = max((to_s for _who, _from_s, to_s, _text in spoken), default=0.0) + 1.0
    recording = Recording.objects.create(
        id=document.pk,
        document=document,
        duration_s=duration_s,
        has_sound=has_sound,
        peaks=_peaks(spoken, duration_s),
        voice=[[from_s, to_s] for _who, from_s, to_s, _text in spoken],
        speakers_by=SpeakersBy.APPROXIMATE,
        revision=1,
        published=1,
        written_at=timezone.now(),
    )
    names = dict.fromkeys(who for who, *_rest in spoken if who)
    speakers = {
        name: Speaker(recording=recording, number=number, name=name) for number, name in enumerate(names, 1)
    }
    Speaker.objects.bulk_create(speakers.values())
    Segment.objects.bulk_create(
        Segment(
            recording=recording,
            speaker=speakers.get(who),
            from_s=from_s,
            to_s=to_s,
            text=text,
            words=words(text, from_s, to_s),
            confidence=CONFIDENCE,
        )
        for who, from_s, to_s, text in spoken
    )
    return recording


def words(text: str, from_s: float, to_s: float, confidence: float = CONFIDENCE) -> list[list[Any]]:
    """Return the words of a sentence as a segment keeps them, each as long as it has letters."""
    told = text.split()
    letters = sum(map(len, told))
    made: list[list[Any]] = []
    at_s = from_s
    for word in told:
        end_s = at_s + (to_s - from_s) * len(word) / letters
        made.append([word, round(at_s, 3), round(end_s, 3), confidence])
        at_s = end_s
    return made


def _peaks(spoken: Sequence[Said], duration_s: float) -> bytes:
    """Return a made-up loudness, ten bytes a second: loud where somebody speaks."""
    peaks = bytearray(int(duration_s * 10))
    for _who, from_s, to_s, _text in spoken:
        for index in range(int(from_s * 10), min(int(to_s * 10), len(peaks))):
            peaks[index] = 90 + (index * 37) % 120
    return bytes(peaks)
