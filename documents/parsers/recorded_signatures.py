"""Which container a recording comes in, by its first bytes; and the lists that are no recording but point at one."""

import re
from enum import StrEnum
from typing import Protocol

_TAGS_MOST = 4  # of ID3 before each other; honest files have one
_BIGGEST_TAG_BYTES = 64 * 1024 * 1024
_LOOK_BYTES = 8 * 1024
_FRAMES_ENOUGH = 4  # of the same make, one after the other: chance makes no such chain

_OLD_QUICKTIME = frozenset((b"moov", b"mdat", b"wide", b"pnot"))
# Begin as an MP4 does, and are pictures.
_PICTURES = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis",
                       b"crx ", b"jxl ", b"miaf"))  # fmt: skip
_HEARD = frozenset((b"M4A ", b"M4B ", b"M4P "))

_LISTS = re.compile(
    rb"\s*(?:#EXTM3U|#EXT-X-|\[playlist\]\s+\w+=|\[reference\]\s+ref\d+=|ffconcat\s+version\b"
    rb"|v=0\r?\no=\S+ \S+ \S+ IN IP[46]"
    rb"|(?:<\?xml[^>]*\?>|<!--.*?-->|\s)*<(?:asx|playlist|mpd|smil|smoothstreamingmedia|wpl)\b)",
    re.IGNORECASE | re.DOTALL,
)
LIST_EXTENSIONS = frozenset(("m3u", "m3u8", "pls", "xspf", "asx", "wax", "wvx", "ffconcat", "sdp", "mpd", "smil", "wpl",
                             "ram"))  # fmt: skip

_MP3_KBIT = {
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MP3_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


class Container(StrEnum):
    """What holds the sound; the value is the name by which FFmpeg knows its reader."""

    WAV = "wav"
    MP3 = "mp3"
    MP4 = "mov"
    OGG = "ogg"
    FLAC = "flac"
    AAC = "aac"
    MATROSKA = "matroska"


class Stream(Protocol):
    """A file open for reading bytes at any position."""

    def read(self, size: int = -1, /) -> bytes: ...

    def seek(self, position: int, whence: int = 0, /) -> object: ...


def container_of(file: Stream) -> Container | None:
    """Return what a recording comes in, None for what is none. Leaves the file anywhere."""
    at = 0
    for _tag in range(_TAGS_MOST + 1):
        file.seek(at)
        head = file.read(_LOOK_BYTES)
        tag_bytes = _tag_bytes(head)
        if tag_bytes is None:
            return _by_head(head, is_tagged=at > 0)
        at += tag_bytes
    return None


def may_be_seen(container: Container, head: bytes, extension: str) -> bool:
    """Say of a recording whether it may have pictures, as far as its head and its name tell."""
    match container:
        case Container.MP4 | Container.MATROSKA:
            return head[8:12] not in _HEARD and extension not in ("m4a", "m4b", "weba", "mka")
        case Container.OGG:
            return b"theora" in head[:256]
        case _:
            return False


def is_list(text: bytes, extension: str) -> bool:
    """Say whether a text is a list that points at recordings elsewhere."""
    return extension in LIST_EXTENSIONS or _LISTS.match(text) is not None


def _by_head(head: bytes, *, is_tagged: bool) -> Container | None:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return Container.WAV
    if head.startswith(b"OggS\x00"):
        return Container.OGG
    if head.startswith(b"fLaC"):
        return Container.FLAC
    if head.startswith(b"\x1aE\xdf\xa3") and re.search(rb"\x42\x82[\x84-\x88](?:webm|matroska)", head[:256]):
        return Container.MATROSKA
    if head[4:8] == b"ftyp":
        return None if head[8:12] in _PICTURES else Container.MP4
    if head[4:8] in _OLD_QUICKTIME:
        return Container.MP4
    # Encoders put zeros between the tag and the first frame.
    frames = head.lstrip(b"\x00") if is_tagged else head
    if _is_chain(frames, _mp3_frame_bytes, is_tagged=is_tagged):
        return Container.MP3
    return Container.AAC if _is_chain(frames, _aac_frame_bytes, is_tagged=is_tagged) else None


def _tag_bytes(head: bytes) -> int | None:
    """Return how long the ID3 tag is that a file begins with, None when it begins with none."""
    if not head.startswith(b"ID3") or len(head) < 10 or head[3] > 4 or max(head[6:10]) > 0x7F:
        return None
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    whole = size + (20 if head[5] & 0x10 else 10)
    return whole if whole <= _BIGGEST_TAG_BYTES else None


def _is_chain(data: bytes, frame_bytes: "FrameBytes", *, is_tagged: bool) -> bool:
    """Say whether frames follow each other: several, or one after a tag, or two up to the end of a short file."""
    at, make, frames = 0, b"", 0
    while frames < _FRAMES_ENOUGH:
        header = data[at : at + 7]
        length = frame_bytes(header)
        # Version, layer and rate stay as they are from frame to frame.
        if not length or (make and (header[1] & 0xFE, header[2] & 0x0C) != (make[1] & 0xFE, make[2] & 0x0C)):
            break
        at, make, frames = at + length, header, frames + 1
    is_at_end = at >= len(data)
    return frames >= _FRAMES_ENOUGH or (is_at_end and frames >= (1 if is_tagged else 2))


class FrameBytes(Protocol):
    """Tells how long the frame is that begins with these bytes; 0: none does."""

    def __call__(self, header: bytes, /) -> int: ...


def _mp3_frame_bytes(header: bytes) -> int:
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bitrate, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer not in (2, 3) or not 0 < bitrate < 15 or rate == 3:
        return 0
    generation = 1 if version == 3 else 2
    bits = _MP3_KBIT[generation, layer][bitrate - 1] * 1000
    per_frame = 72 if layer == 3 and generation == 2 else 144
    return per_frame * bits // _MP3_HZ[version][rate] + (header[2] >> 1 & 1)


def _aac_frame_bytes(header: bytes) -> int:
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or header[2] >> 2 & 0xF > 12:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length > 7 else 0
