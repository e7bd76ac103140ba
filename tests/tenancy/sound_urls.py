"""The addresses of recordings, transcripts, summaries and actas, classified as those in urls.py are."""

import io
import wave
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from schools.roles import Can
from tests.tenancy.call import DOCUMENT, FORM, SHELF, STREAM, Call


def silence() -> bytes:
    """Return a tenth of a second of a WAV."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(b"\0\0" * 1_600)
    return written.getvalue()


def _sound(_things: Mapping[str, Any]) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("claustro.wav", silence()), "title": "Claustro"}


_FORM_JSON: dict[str, Any] = {"kind": "form", "served": (200,)}
_REV = {"rev": 2}
_ACTA = {"rev": 1, "title": "Acta corregida"}
_TEMPLATE = {"name": "Breve", "opening": "En {lugar}.", "sections": ["topics"]}

PORTAL = (
    Call("transcription:recordings", "GET", Can.READ),
    Call("transcription:new", "GET", Can.UPLOAD),
    Call(
        "transcription:upload",
        "POST",
        Can.UPLOAD,
        _sound,
        kind="form",
        served=(201,),
        accept="application/json",
        nested=(("collection", "collection"),),
    ),
    Call("transcription:estimate", "GET", Can.UPLOAD),
    Call("transcription:recording", "GET", Can.READ, **SHELF),
    Call("transcription:events", "GET", Can.READ, accept=STREAM, **SHELF),
    Call("transcription:retry", "POST", Can.UPLOAD, **FORM, **DOCUMENT),
    Call("transcription:sound", "GET", Can.READ, **SHELF),
    Call("transcription:peaks", "GET", Can.READ, **SHELF),
    Call("transcription:words", "GET", Can.READ, **SHELF),
    Call("transcription:voices", "POST", Can.UPLOAD, lambda _: {"speakers": "2"}, **FORM, **DOCUMENT),
    Call("transcription:speaker", "POST", Can.UPLOAD, lambda _: {"name": "Ana"}, **_FORM_JSON, **DOCUMENT),
    Call(
        "transcription:speaker_merge",
        "POST",
        Can.UPLOAD,
        lambda things: {"into": str(things["other_speaker"])},
        nested=(("into", "speaker"),),
        **_FORM_JSON,
        **DOCUMENT,
    ),
    Call(
        "transcription:segment_text",
        "POST",
        Can.UPLOAD,
        lambda _: {**_REV, "text": "Hasta mañana."},
        **_FORM_JSON,
        **DOCUMENT,
    ),
    Call(
        "transcription:segment_speaker",
        "POST",
        Can.UPLOAD,
        lambda _: {**_REV, "speaker": ""},
        nested=(("speaker", "speaker"),),
        **_FORM_JSON,
        **DOCUMENT,
    ),
    Call(
        "transcription:segment_split",
        "POST",
        Can.UPLOAD,
        lambda _: {**_REV, "word": "1"},
        **_FORM_JSON,
        **DOCUMENT,
    ),
    Call("transcription:segment_merge", "POST", Can.UPLOAD, lambda _: _REV, **_FORM_JSON, **DOCUMENT),
    Call("transcription:segment_delete", "POST", Can.UPLOAD, lambda _: _REV, **_FORM_JSON, **DOCUMENT),
    Call("transcription:segment_history", "GET", Can.READ, **SHELF),
    Call(
        "transcription:segment_restore",
        "POST",
        Can.UPLOAD,
        lambda _: {"rev": 2, "version": "1"},
        **_FORM_JSON,
        **DOCUMENT,
    ),
    Call("transcription:export", "GET", Can.READ, **SHELF),
    Call("transcription:acta", "GET", Can.READ, **SHELF),
    Call(
        "transcription:acta_make",
        "POST",
        Can.UPLOAD,
        lambda _: {"anew": "1"},
        nested=(("template", "acta_template"),),
        **FORM,
        **DOCUMENT,
    ),
    Call("transcription:acta_change", "POST", Can.UPLOAD, lambda _: _ACTA, **FORM, **DOCUMENT),
    Call("transcription:acta_download", "GET", Can.READ, query="fmt=md", **SHELF),
    Call("transcription:acta_templates", "GET", Can.UPLOAD),
    Call("transcription:acta_template_new", "GET", Can.MANAGE_DOCUMENTS),
    Call("transcription:acta_template_new", "POST", Can.MANAGE_DOCUMENTS, lambda _: _TEMPLATE, **FORM),
    Call("transcription:acta_template", "GET", Can.MANAGE_DOCUMENTS),
    Call("transcription:acta_template", "POST", Can.MANAGE_DOCUMENTS, lambda _: _TEMPLATE, **FORM),
    Call("transcription:acta_template_delete", "POST", Can.MANAGE_DOCUMENTS, **FORM),
    Call("transcription:digest_change", "POST", Can.UPLOAD, lambda _: {"seen": ""}, **FORM, **DOCUMENT),
    Call("transcription:digest_regenerate", "POST", Can.UPLOAD, **FORM, **DOCUMENT),
    Call("transcription:action_add", "POST", Can.UPLOAD, lambda _: {"task": "Llamar"}, **FORM, **DOCUMENT),
    Call("transcription:action_change", "POST", Can.UPLOAD, lambda _: {"state": "open"}, **FORM, **DOCUMENT),
)

API = (
    Call("transcription_api:recordings", "GET", Can.READ),
    Call(
        "transcription_api:recordings",
        "POST",
        Can.UPLOAD,
        _sound,
        kind="form",
        served=(201,),
        nested=(("collection", "collection"), ("supersedes", "document")),
    ),
    Call("transcription_api:estimate", "GET", Can.UPLOAD, query="seconds=60"),
    Call("transcription_api:recording", "GET", Can.READ, **SHELF),
    Call(
        "transcription_api:recording",
        "PATCH",
        Can.UPLOAD,
        lambda _: {"title": "Otro"},
        nested=(("collection", "collection"), ("supersedes", "waiting")),
        **DOCUMENT,
    ),
    Call("transcription_api:recording", "DELETE", Can.UPLOAD, served=(204,), **DOCUMENT),
    Call(
        "transcription_api:transcripts",
        "POST",
        Can.UPLOAD,
        lambda things: {"recording": str(things["recording"])},
        served=(202,),
        nested=(("recording", "recording"),),
        also=Can.MANAGE_DOCUMENTS,
    ),
    Call("transcription_api:transcript", "GET", Can.READ, **SHELF),
    Call("transcription_api:segments", "GET", Can.READ, **SHELF),
    Call("transcription_api:search", "GET", Can.READ, **SHELF),
    Call(
        "transcription_api:speakers",
        "POST",
        Can.UPLOAD,
        lambda _: {"name": "Lucía"},
        served=(201,),
        **DOCUMENT,
    ),
    Call("transcription_api:speaker", "PATCH", Can.UPLOAD, lambda _: {"name": "Ana"}, **DOCUMENT),
    Call(
        "transcription_api:speaker_merge",
        "POST",
        Can.UPLOAD,
        lambda things: {"into": str(things["other_speaker"])},
        nested=(("into", "speaker"),),
        **DOCUMENT,
    ),
    Call(
        "transcription_api:segment",
        "PATCH",
        Can.UPLOAD,
        lambda _: {**_REV, "text": "Hasta mañana."},
        nested=(("speaker", "speaker"),),
        **DOCUMENT,
    ),
    Call("transcription_api:segment", "DELETE", Can.UPLOAD, lambda _: _REV, **DOCUMENT),
    Call("transcription_api:segment_split", "POST", Can.UPLOAD, lambda _: {**_REV, "word": 1}, **DOCUMENT),
    Call("transcription_api:segment_merge", "POST", Can.UPLOAD, lambda _: _REV, **DOCUMENT),
    Call("transcription_api:segment_versions", "GET", Can.READ, **SHELF),
    Call(
        "transcription_api:segment_versions",
        "POST",
        Can.UPLOAD,
        lambda _: {"rev": 2, "version": 1},
        **DOCUMENT,
    ),
    Call("transcription_api:export", "GET", Can.READ, **SHELF),
    Call("transcription_api:acta", "GET", Can.READ, **SHELF),
    Call(
        "transcription_api:acta",
        "POST",
        Can.UPLOAD,
        lambda _: {"anew": True},
        served=(201,),
        nested=(("template", "acta_template"),),
        **DOCUMENT,
    ),
    Call("transcription_api:acta", "PATCH", Can.UPLOAD, lambda _: _ACTA, **DOCUMENT),
    Call("transcription_api:summary", "GET", Can.READ, **SHELF),
    Call("transcription_api:summary", "POST", Can.UPLOAD, served=(202,), **DOCUMENT),
    Call("transcription_api:actions", "GET", Can.READ, **SHELF),
    Call(
        "transcription_api:actions",
        "POST",
        Can.UPLOAD,
        lambda _: {"task": "Llamar"},
        served=(201,),
        **DOCUMENT,
    ),
    Call("transcription_api:action", "PATCH", Can.UPLOAD, lambda _: {"status": "open"}, **DOCUMENT),
)
