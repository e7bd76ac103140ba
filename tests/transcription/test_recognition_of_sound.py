"""Recordings are known by what they hold; lists that point at some, and what is none, are refused with a reason."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from documents import parsers, uploads
from documents.parsers import FileKind
from documents.parsers.base import Unparsable
from tests.transcription import sound_files
from tests.transcription.sound_files import KINDS, Made

TAG = b"ID3\x04\x00\x00\x00\x00\x00\x0a"
FILMS = {"clase.webm", "grabadora.webm", "clase.mp4", "clase.mkv", "clase.mov"}
TONE = sound_files.tone(0.3, rate=48_000)
MP3 = sound_files.pack(Made("", "mp3", "libmp3lame", 48_000), TONE)
FRAMES = MP3[MP3.find(b"\xff\xfb") :]


@pytest.mark.parametrize("made", KINDS, ids=lambda made: made.name)
def test_a_recording_is_known_under_any_name(made: Made) -> None:
    file = io.BytesIO(sound_files.pack(made, sound_files.tone(0.3, rate=made.rate)))
    assert parsers.kind_of(made.name, file) is (FileKind.VIDEO if made.name in FILMS else FileKind.SOUND)
    for lie in ("acta.pdf", "voz.wav", "lista.m3u", "sin nombre"):
        assert parsers.kind_of(lie, file) in parsers.RECORDED


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("voz.m4a", b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00", FileKind.SOUND),
        ("telefono.mp4", b"\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x00", FileKind.VIDEO),
        ("vieja.mov", b"\x00\x00\x00\x08wide\x00\x00\x10\x00mdat", FileKind.VIDEO),
        ("larga.wav", b"RF64\xff\xff\xff\xffWAVEds64", FileKind.SOUND),
        ("con portada.mp3", TAG + b"portadapor" + FRAMES, FileKind.SOUND),
        ("foto.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", FileKind.IMAGE),
        ("voz.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", FileKind.IMAGE),
    ],
)  # fmt: skip
def test_a_head_is_enough(name: str, content: bytes, kind: FileKind) -> None:
    assert parsers.kind_of(name, io.BytesIO(content)) is kind


LISTS = (
    b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
    b"\xef\xbb\xbf#EXTM3U\n#EXT-X-TARGETDURATION:10\nhttp://127.0.0.1/a.ts\n",
    b"[playlist]\nFile1=http://127.0.0.1:6379/\nNumberOfEntries=1\n",
    b"[Reference]\r\nRef1=http://127.0.0.1/a.asf\r\n",
    b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nm=audio 5004 RTP/AVP 0\r\n",
    b'<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/"><trackList/></playlist>',
    b'<asx version="3.0"><entry><ref href="http://127.0.0.1/"/></entry></asx>',
    b'<?xml version="1.0"?>\n<!-- x --><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
)


@pytest.mark.parametrize("content", LISTS, ids=lambda content: content[:9].decode("latin-1"))
def test_a_list_that_points_elsewhere_is_refused_under_any_name(content: bytes) -> None:
    for name in ("lista.m3u8", "voz.mp3", "clase.mp4", "notas.txt", "notas.md", "página.html"):
        with pytest.raises(Unparsable) as caught:
            parsers.kind_of(name, io.BytesIO(content))
        assert caught.value.code == "playlist"
        assert "apunta a otros archivos" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("lista.m3u", b"/etc/passwd\n", "playlist"),
        ("voz.mp3", "Acta de la reunión".encode(), "lying_type"),
        ("voz.wav", b"RIFF\x00\x00\x00\x00AVI LIST", "lying_type"),
        ("voz.mp3", TAG + bytes(4_000), "lying_type"),
        ("voz.mp3", b"\xff\xfb\x90\x64" + bytes(range(256)) * 40, "lying_type"),
        ("voz.flac", bytes(5_000), "lying_type"),
        ("vieja.wma", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "unsupported_type"),
        ("foto.avif", b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", "unsupported_type"),
    ],
)
def test_what_is_no_recording_is_refused_with_a_reason(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Unparsable) as caught:
        parsers.kind_of(name, io.BytesIO(content))
    assert caught.value.code == code
    assert str(caught.value).endswith(".")


def test_a_text_that_speaks_of_lists_stays_a_text() -> None:
    for text in (
        b"[playlist] de la fiesta",
        b"v=0 al comienzo",
        b"Un archivo empieza por #EXTM3U",
        b"[Reference] 1",
    ):
        assert parsers.kind_of("notas.txt", io.BytesIO(text)) is FileKind.TEXT


def test_recordings_may_be_larger_than_documents(settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES, settings.MAX_RECORDING_BYTES = 1_000, len(MP3)
    assert uploads.check(SimpleUploadedFile("a.mp3", MP3)).kind is FileKind.SOUND
    for name, content in (("a.txt", b"x" * 1_001), ("a.mp3", MP3 + b"x")):
        with pytest.raises(uploads.TooLarge):
            uploads.check(SimpleUploadedFile(name, content))
