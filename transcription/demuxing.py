"""What the confined child does: takes the packets of a file apart, and gives its sound on the original's time line."""

import json
import os
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import IO

import av

# PyAV imports these when it first meets such a stream, and the child can open no file to import from.
import av.audio.codeccontext
import av.audio.stream
import av.error
import av.subtitles.codeccontext
import av.subtitles.stream
import av.video.codeccontext
import av.video.stream
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from documents.parsers.base import ParseTooBig, Progress
from documents.parsers.recorded_signatures import Container
from documents.parsers.sandbox import Give
from transcription import decoding
from transcription.flac import RATE
from transcription.resampling import Out
from transcription.timeline import Fit, Timeline

TELL_EVERY_S = 0.2
# Of what a file says of its length, so much may be wrong without anything being missing.
_SHORT_S, _SHORT_SHARE = 1.5, 0.01
# Shorter holes are not worth a word. Where nothing says that a hole is damage, speech that is sent only while somebody
# speaks leaves smaller ones.
_SHORTEST_DAMAGE_S, _SHORTEST_GAP_S = 0.3, 2.0
_SOUND_AGAIN_S = 2.0  # after damage: then it is over
_MOST_STUMBLES = 200  # of the reader over damage, one after the other or not
# Their packets carry no stamps of their own: FFmpeg counts them, as if all were of one length and none were missing.
_UNSTAMPED = frozenset((Container.MP3, Container.AAC))
# So large that whoever wrote them did not know how long it would be.
_NO_SIZE = frozenset((0, 0x7FFFFFFF, 0xFFFFFFFF))
_MICROSECONDS = 1_000_000

# Decoders of what cameras, telephones and programs of meetings write; and no other code of FFmpeg's.
CODECS = frozenset((
    "aac", "aac_fixed", "aac_latm", "ac3", "ac3_fixed", "eac3", "adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms",
    "adpcm_yamaha", "alac", "amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb", "flac", "gsm", "gsm_ms",
    "mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float", "opus", "libopus", "speex", "libspeex", "vorbis",
    "pcm_alaw", "pcm_mulaw", "pcm_bluray", "pcm_f32be", "pcm_f32le", "pcm_f64be", "pcm_f64le", "pcm_s16be",
    "pcm_s16be_planar", "pcm_s16le", "pcm_s16le_planar", "pcm_s24be", "pcm_s24le", "pcm_s24le_planar", "pcm_s32be",
    "pcm_s32le", "pcm_s32le_planar", "pcm_s64be", "pcm_s64le", "pcm_s8", "pcm_s8_planar", "pcm_u8", "wmav1", "wmav2",
))  # fmt: skip


def demux(source: IO[bytes], kind: Container, size_bytes: int, report: Progress, give: Give) -> bytes:
    """Give a file's sound in pieces (a byte that says how many channels, then samples); return what it was, as JSON."""
    try:
        container = av.open(
            source,
            "r",
            format=kind.value,
            # Should a reader want another file after all, it finds no way to one.
            container_options={"protocol_whitelist": "none", "codec_whitelist": ",".join(sorted(CODECS))},
            metadata_errors="replace",
            buffer_size=256 * 1024,
        )
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise decoding.broken() from error
    with container:
        stream = _choose(container)
        listener = _Listener(
            container, stream, kind, give, ends_s=_declared_s(container, stream, source, kind)
        )
        told_at = 0.0
        for packet in _packets(container):
            if packet is None:
                listener.stumble()
            else:
                listener.hear(packet)
            if (now := time.monotonic()) - told_at >= TELL_EVERY_S:
                told_at = now
                report(min(source.tell(), size_bytes), size_bytes)
        return json.dumps({"missing": listener.end(), "tracks": len(container.streams.audio)}).encode()


def _choose(container: InputContainer) -> AudioStream:
    """Return the stream of sound that players would take."""
    if not container.streams.audio:
        raise decoding.no_sound()
    readable = [
        stream for stream in container.streams.audio
        if stream.codec_context is not None and stream.codec_context.codec.name in CODECS
    ]  # fmt: skip
    if not readable:
        context = container.streams.audio[0].codec_context
        raise decoding.unknown_codec(context.codec.name if context is not None else "")
    return next((each for each in readable if each.disposition & each.disposition.default), readable[0])


def _packets(container: InputContainer) -> "Iterator[Packet[Stream] | None]":
    """Yield what can be read, None where the reader stumbles over damage; a file that breaks off ends there."""
    for _stumble in range(_MOST_STUMBLES):
        try:
            yield from container.demux()
        except (av.error.FFmpegError, OSError):
            yield None
        else:
            return


def _declared_s(
    container: InputContainer, stream: AudioStream, source: IO[bytes], kind: Container
) -> float | None:
    """Return how long a file says that it is; None where that is a guess from its size."""
    if kind is Container.AAC or (kind is Container.MP3 and not _is_counted(source)):
        return None
    if kind is Container.WAV and (whole_s := _whole_wav_s(container, source)):
        return whole_s
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / _MICROSECONDS if container.duration else None


def _whole_wav_s(container: InputContainer, source: IO[bytes]) -> float | None:
    """Return how long a WAV would be that breaks off; FFmpeg tells what is left of it."""
    at = source.tell()
    source.seek(0)
    head = source.read(8)
    size_bytes = source.seek(0, os.SEEK_END)
    source.seek(at)
    said_bytes = int.from_bytes(head[4:8], "little")
    if not head.startswith(b"RIFF") or said_bytes in _NO_SIZE or not container.duration:
        return None
    return container.duration / _MICROSECONDS * max(1.0, (said_bytes + 8) / size_bytes)


def _is_counted(source: IO[bytes]) -> bool:
    """Say whether an MP3 begins with a frame that counts the others."""
    at = source.tell()
    source.seek(0)
    head = source.read(512 * 1024)
    source.seek(at)
    return any(mark in head for mark in (b"Xing", b"Info", b"VBRI"))


class _Listener:
    """Decodes the packets of one stream, and gives what is heard at its time."""

    def __init__(
        self,
        container: InputContainer,
        stream: AudioStream,
        kind: Container,
        give: Give,
        *,
        ends_s: float | None,
    ) -> None:
        self._stream = stream
        self._kind = kind
        self._ends_s = ends_s
        self._line = Timeline(ends_s)
        self._out = Out(give)
        start = container.start_time
        self._begins_s = start / _MICROSECONDS if start is not None else None
        self._seen_s = 0.0  # up to where any stream of the file reaches
        self._bad_from_s: float | None = None
        # Where no packet is stamped, time is what was heard, and what the bytes that gave no sound would have been.
        self._is_stamped = kind not in _UNSTAMPED
        self._good_bytes, self._good_s, self._lost_s = 0, 0.0, 0.0
        self._missing: list[tuple[float, float, str]] = []

    def hear(self, packet: "Packet[Stream]") -> None:
        """Take a packet of whichever stream."""
        if self._is_stamped and packet.pts is not None and packet.time_base:
            ends_s = self._since_start((packet.pts + (packet.duration or 0)) * packet.time_base)
            self._seen_s = max(self._seen_s, ends_s)
        if packet.stream.index != self._stream.index:
            return
        try:
            frames = self._stream.codec_context.decode(packet if packet.size else None)
        except (av.error.FFmpegError, ValueError):
            self.stumble()
            if not self._is_stamped and self._good_bytes:
                self._lost_s += packet.size * self._good_s / self._good_bytes
            return
        self._good_bytes += packet.size
        self._good_s += sum(frame.samples / frame.sample_rate for frame in frames)
        for frame in frames:
            self._place(frame)

    def stumble(self) -> None:
        """Note that what comes next cannot be read."""
        if self._bad_from_s is None:
            self._bad_from_s = self._line.at_s

    def end(self) -> list[tuple[float, float, str]]:
        """Give what is left; return what is missing: from and to which second, and why."""
        if not self._out.given and not self._out.channels:
            raise decoding.broken() if self._bad_from_s is not None else decoding.empty_sound()
        self._out.flush()
        seconds = self._out.given / RATE
        reached_s = max(seconds + self._lost_s, self._seen_s)
        if self._bad_from_s is not None and reached_s - seconds >= _SHORTEST_DAMAGE_S:
            self._missing.append((seconds, reached_s, decoding.DAMAGED))
        if self._ends_s is not None and self._ends_s - reached_s > max(_SHORT_S, _SHORT_SHARE * self._ends_s):
            self._missing.append((reached_s, self._ends_s, decoding.TRUNCATED))
        return self._missing

    def _place(self, frame: AudioFrame) -> None:
        length_s = frame.samples / frame.sample_rate
        fit = self._line.place(self._stamp_s(frame), length_s)
        if fit is Fit.AGAIN:
            return
        if self._line.at_s > decoding.MOST_S:
            raise ParseTooBig(
                f"La grabación dura más de {decoding.MOST_S // 3600:.0f} horas. Conviene dividirla.",
                code="too_long",
            )
        if fit is Fit.LATER:
            self._lost_s = 0.0
            self._skip(self._line.at_s - length_s, like=frame)
        elif self._bad_from_s is not None and self._line.at_s - self._bad_from_s > _SOUND_AGAIN_S:
            self._bad_from_s = None
        self._out.add(frame)

    def _stamp_s(self, frame: AudioFrame) -> float | None:
        """Return the second at which a frame begins; None: where the last one ends."""
        if not self._is_stamped:
            return self._line.at_s + self._lost_s
        if frame.pts is None or not frame.time_base:
            return None
        return self._since_start(frame.pts * frame.time_base)

    def _since_start(self, seconds: Fraction) -> float:
        if self._begins_s is None:
            self._begins_s = float(seconds)
        return float(seconds) - self._begins_s

    def _skip(self, to_s: float, *, like: AudioFrame) -> None:
        """Fill with silence what the file leaves out, and tell of it."""
        from_s = self._out.given / RATE
        # FLAC numbers its frames without gaps.
        is_bad = self._bad_from_s is not None or self._kind is Container.FLAC
        self._bad_from_s = None
        if is_bad and to_s - from_s >= _SHORTEST_DAMAGE_S:
            self._missing.append((from_s, to_s, decoding.DAMAGED))
        elif from_s and to_s - from_s >= _SHORTEST_GAP_S:
            self._missing.append((from_s, to_s, decoding.GAP))
        self._out.silence(until_s=to_s, like=like)
