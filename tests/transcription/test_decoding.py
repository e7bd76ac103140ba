"""Sound comes out of any container at its second, of damaged ones as far as it goes, and nothing else is reached."""

import contextlib
import io
import os
import socket
import struct
import tempfile
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from documents.parsers import base, sandbox
from documents.parsers.base import Unparsable
from documents.parsers.sandbox import Give, Limits
from tests.transcription import sound_files
from tests.transcription.sound_files import KINDS, Made, Samples, hz_of, pack, tone
from transcription import decoding, flac
from transcription.decoding import DAMAGED, GAP, TRUNCATED, Decoded
from transcription.timeline import Fit, Timeline

BY_NAME = {made.name: made for made in KINDS}
LEAST_HZ, RATE = 20.0, flac.RATE


def decode(content: bytes) -> tuple[Decoded, Samples]:
    """Return what comes out of a file: one row a sample."""
    pieces: list[Samples] = []
    with tempfile.TemporaryFile() as file:
        file.write(content)
        told = decoding.decode(file, size_bytes=len(content), take=lambda piece: pieces.append(piece.copy()))
    return told, np.concatenate(pieces)


def refusal(content: bytes) -> Unparsable:
    with pytest.raises(Unparsable) as caught:
        decode(content)
    return caught.value


def changing(*seconds: float, rate: int) -> Samples:
    """Return tones of 300, 600, 900 Hz …, each so long."""
    return np.concatenate(
        [tone(length, hz=300 * number, rate=rate) for number, length in enumerate(seconds, start=1)]
    )


@pytest.mark.parametrize("made", KINDS, ids=lambda made: made.name)
def test_every_container_gives_its_sound_at_its_second(made: Made) -> None:
    told, heard = decode(pack(made, changing(0.6, 0.8, rate=made.rate)))
    assert told.channels == heard.shape[1] == 1
    assert (
        told.seconds == len(heard) / RATE == pytest.approx(1.4, abs=0.08)
    )  # some encoders fill their last frame
    assert not told.missing
    for at_s, hz in ((0.1, 300), (0.8, 600)):
        assert hz_of(heard[round(at_s * RATE) : round((at_s + 0.4) * RATE), 0]) == pytest.approx(hz, abs=5)


def test_two_channels_stay_two_and_more_become_one() -> None:
    rate, seconds = 44_100, 0.5
    both = np.hstack([tone(seconds, hz=300, rate=rate), tone(seconds, hz=900, rate=rate)])
    told, heard = decode(pack(BY_NAME["voz.wav"], both))
    assert told.channels == 2
    assert [hz_of(heard[:, side]) for side in (0, 1)] == pytest.approx([300, 900], abs=5)
    six = io.BytesIO()
    with wave.open(six, "wb") as file:
        file.setparams((6, 2, rate, 0, "NONE", ""))
        file.writeframes(np.repeat(tone(seconds, rate=rate), 6, axis=1).tobytes())
    assert decode(six.getvalue())[1].shape[1] == 1


@pytest.mark.parametrize("name", ["voz.m4a", "clase.mkv", "grabadora.webm"])
def test_what_a_file_leaves_out_is_silence_of_the_same_length(name: str) -> None:
    made = BY_NAME[name]
    told, heard = decode(pack(made, changing(1.0, 1.0, rate=made.rate), gaps=[(1.0, 3.0)]))
    assert told.seconds == pytest.approx(5.0, abs=0.1)
    assert np.abs(heard[round(1.2 * RATE) : round(3.8 * RATE)]).max() == 0
    assert hz_of(heard[round(4.2 * RATE) : round(4.8 * RATE), 0]) == pytest.approx(600, abs=5)
    (part,) = told.missing
    assert part.code == GAP
    assert [part.from_s, part.to_s] == pytest.approx([1.0, 4.0], abs=0.1)


def test_six_hours_are_only_longer() -> None:
    made, far_s = BY_NAME["grabadora.webm"], 6 * 3600.0
    content = pack(made, changing(1.0, 1.0, rate=made.rate), gaps=[(1.0, far_s)])
    loud: list[Samples] = []
    longest = 0

    def take(piece: Samples) -> None:
        nonlocal longest
        longest = max(longest, len(piece))
        if piece.any():
            loud.append(piece.copy())

    with tempfile.TemporaryFile() as file:
        file.write(content)
        told = decoding.decode(file, size_bytes=len(content), take=take)
    assert told.seconds == pytest.approx(far_s + 2.0, abs=0.1)
    assert longest < 10 * RATE
    assert hz_of(loud[-1][-RATE // 2 :, 0]) == pytest.approx(600, abs=5)


def damaged(content: bytes, *, at: float, share: float) -> bytes:
    """Return a file of which so much is noise from there on."""
    noise = np.random.default_rng(5).bytes(round(len(content) * share))
    begins = round(len(content) * at)
    return content[:begins] + noise + content[begins + len(noise) :]


@pytest.mark.parametrize(
    "name", ["voz.mp3", "sin-etiqueta.mp3", "voz.m4a", "voz.flac", "voz.opus", "clase.mkv"]
)
def test_damage_in_the_middle_costs_its_seconds_and_no_others(name: str) -> None:
    made = BY_NAME[name]
    content = pack(made, changing(2.0, 4.0, 4.0, rate=made.rate))
    told, heard = decode(damaged(content, at=0.3, share=0.2))
    assert told.seconds == pytest.approx(10.0, abs=0.2)
    assert hz_of(heard[RATE : RATE + RATE // 2, 0]) == pytest.approx(300, abs=5)
    assert hz_of(heard[8 * RATE : 9 * RATE, 0]) == pytest.approx(900, abs=5)
    (part,) = told.missing
    assert part.code == DAMAGED or (name == "voz.opus" and part.code == GAP)
    assert 1.5 < part.from_s < part.to_s < 7.5


@pytest.mark.parametrize(
    "made",
    [
        BY_NAME["voz.mp3"],
        BY_NAME["voz.wav"],
        BY_NAME["voz.flac"],
        BY_NAME["clase.mkv"],
        replace(BY_NAME["clase.mp4"], options=(("movflags", "faststart"),)),
    ],
    ids=lambda made: made.name,
)
def test_a_file_that_breaks_off_is_heard_as_far_as_it_goes_and_the_rest_is_told(made: Made) -> None:
    content = pack(made, tone(8.0, rate=made.rate))
    told, heard = decode(content[: round(len(content) * 0.6)])
    assert len(heard) / RATE == pytest.approx(4.8, abs=0.8)
    (part,) = told.missing
    assert part.code == TRUNCATED
    assert part.to_s == pytest.approx(8.0, abs=0.1)
    assert abs(part.from_s - told.seconds) < 0.5


def test_of_several_tracks_the_first_is_heard_and_the_others_are_counted() -> None:
    told, heard = decode(
        pack(BY_NAME["clase.mkv"], tone(0.5, hz=300, rate=44_100), tone(0.5, hz=900, rate=44_100))
    )
    assert told.tracks == 2
    assert hz_of(heard[:, 0]) == pytest.approx(300, abs=5)


def test_a_stream_that_changes_in_its_midst_goes_on() -> None:
    first, second = BY_NAME["voz.aac"], replace(BY_NAME["voz.aac"], rate=22_050)
    both = np.hstack([tone(1.0, hz=600, rate=22_050)] * 2)
    told, heard = decode(pack(first, tone(1.0, hz=300, rate=44_100)) + pack(second, both))
    assert told.channels == 1
    assert told.seconds == pytest.approx(2.0, abs=0.3)
    assert hz_of(heard[round(1.3 * RATE) : round(1.8 * RATE), 0]) == pytest.approx(600, abs=5)


def no_codec() -> bytes:
    """Return a WAV packed in a way that nobody knows."""
    content = bytearray(pack(BY_NAME["voz.wav"], tone(0.5)))
    content[content.find(b"fmt ") + 8 : content.find(b"fmt ") + 10] = struct.pack("<H", 0x7A21)
    return bytes(content)


def empty_wav() -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
    return target.getvalue()


NOISE = np.random.default_rng(7).bytes(4_000)


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (sound_files.film_without_sound, "no_sound", "no tiene sonido"),
        (empty_wav, "empty_sound", "está vacía"),
        (no_codec, "unknown_codec", "de un modo que no se puede leer"),
        (lambda: pack(BY_NAME["voz.m4a"], tone(2.0, rate=44_100))[:9_000], "broken_sound", "incompleta"),
        (lambda: b"RIFF\xff\xff\xff\xffWAVEfmt " + NOISE, "broken_sound", "dañada"),
        (lambda: b"OggS\x00" + NOISE, "broken_sound", "dañada"),
        (lambda: b"fLaC" + NOISE, "broken_sound", "dañada"),
        (lambda: b"\x00\x00\x00\x18ftypisom" + NOISE, "broken_sound", "dañada"),
        (lambda: b"\x1aE\xdf\xa3\x9f\x42\x82\x84webm" + NOISE, "broken_sound", "dañada"),
        (lambda: b"\xff\xfb\x90\x64" + bytes(3_000), "broken_sound", "dañada"),
    ],
    ids=["film", "empty", "codec", "cut mp4", "wav", "ogg", "flac", "mp4", "webm", "mp3"],
)
def test_what_gives_no_sound_is_told_with_a_reason(
    content: Callable[[], bytes], code: str, said: str
) -> None:
    told = refusal(content())
    assert told.code == code
    assert said in str(told)


POINTING = (
    "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n",
    "ffconcat version 1.0\nfile '{url}'\n",
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nm=audio 5004 RTP/AVP 0\r\n",
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>{url}</BaseURL></Period></MPD>',
)


@pytest.mark.parametrize("list_", POINTING, ids=lambda list_: list_[:8])
@pytest.mark.parametrize("head", ["", "RIFF\x10\x00\x00\x00WAVE", "OggS\x00", "\x00\x00\x00\x18ftypisom"])
def test_no_address_in_a_file_is_ever_asked(list_: str, head: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        for url in (f"http://127.0.0.1:{server.getsockname()[1]}/a.wav", "/etc/passwd", "file:///etc/passwd"):
            assert refusal((head + list_.format(url=url)).encode("latin-1")).code == "broken_sound"
        with pytest.raises(BlockingIOError):
            server.accept()


LIMITS = Limits(wall_s=20, cpu_s=10, memory_bytes=256 * base.MIB, result_bytes=base.MIB)


@pytest.mark.skipif(os.uname().machine not in {"x86_64", "aarch64"}, reason="the filter knows two machines")
def test_the_child_has_the_one_file_and_can_open_no_other(tmp_path: Path) -> None:
    secret, original = tmp_path / "secret", tmp_path / "original"
    secret.write_text("secreto")
    original.write_text("sonido")
    pieces: list[bytes] = []
    with secret.open("rb") as beside, original.open("rb") as source:

        def work(_report: base.Progress, give: Give) -> bytes:
            give(source.read())
            for deed in (
                lambda: secret.read_bytes(),
                lambda: os.pread(beside.fileno(), 10, 0),
                lambda: os.listdir("/"),
                lambda: socket.socket().close(),
                lambda: (tmp_path / "new").write_text("x"),
            ):
                with contextlib.suppress(OSError):
                    return repr(deed()).encode()
            return b"nada"

        assert sandbox.stream(source, work, take=pieces.append, limits=LIMITS) == b"nada"
    assert pieces == [b"sonido"]


def test_pieces_are_taken_as_they_come_and_a_lying_child_is_ended(tmp_path: Path) -> None:
    original = tmp_path / "original"
    original.write_bytes(b"x")

    def flood(_report: base.Progress, give: Give) -> bytes:
        for _piece in range(400):  # far more than either side may hold
            give(bytes(base.MIB))
        return b"fin"

    def shout(_report: base.Progress, give: Give) -> bytes:
        give(bytes(9 * base.MIB))
        return b"fin"

    def stop(length: int) -> None:
        raise ZeroDivisionError(length)

    taken = 0

    def take(piece: bytes) -> None:
        nonlocal taken
        taken += len(piece)

    with original.open("rb") as source:
        assert sandbox.stream(source, flood, take=take, limits=LIMITS) == b"fin"
        assert taken == 400 * base.MIB
        with pytest.raises(base.ParseTooBig):
            sandbox.stream(source, shout, take=take, limits=LIMITS)
        with pytest.raises(ZeroDivisionError):  # whoever takes may stop
            sandbox.stream(source, flood, take=lambda piece: stop(len(piece)), limits=LIMITS)


@pytest.mark.parametrize(
    ("stamps", "fits", "ends_s"),
    [
        ([0.0, 1.0, 2.0], [Fit.NEXT] * 3, 3.0),
        ([None, None], [Fit.NEXT] * 2, 2.0),
        ([0.0, 3.0], [Fit.NEXT, Fit.LATER], 4.0),
        ([2.0], [Fit.LATER], 3.0),
        ([0.0, 1.05, 2.05], [Fit.NEXT] * 3, 3.0),  # stamps that are not quite exact
        ([0.0, 0.2, 1.0], [Fit.NEXT, Fit.AGAIN, Fit.NEXT], 2.0),
        ([0.0, 1.0, 2.0, 0.0, 1.0], [Fit.NEXT] * 3 + [Fit.NEXT] * 2, 5.0),  # begun again
        ([0.0, 1e9, 1e9 + 1], [Fit.NEXT] * 3, 3.0),  # a stamp that means nothing
    ],
)
def test_a_frame_finds_its_second(stamps: list[float | None], fits: list[Fit], ends_s: float) -> None:
    line = Timeline()
    assert [line.place(stamp, 1.0) for stamp in stamps] == fits
    assert line.at_s == pytest.approx(ends_s, abs=0.11)
