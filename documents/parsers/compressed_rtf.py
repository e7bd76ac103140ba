"""RTF as Outlook packs it (MS-OXRTFCP): copies from a window of 4096 bytes that begins with usual words."""

import struct

from documents.parsers.base import MIB

MAX_UNPACKED_BYTES = 64 * MIB
_WINDOW_BYTES = 4_096
_USUAL = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_PACKED, _PLAIN = b"LZFu", b"MELA"


class BadRtf(ValueError):
    """Bytes that are no packed RTF, or unpack to too many."""

    code = "bad_rtf"


def decompress(packed: bytes) -> bytes:
    """Return the RTF; raise BadRtf."""
    if len(packed) < 16:
        raise BadRtf("too short")
    _packed_bytes, size_bytes, mark, _check = struct.unpack_from("<II4sI", packed)
    if mark == _PLAIN:
        return packed[16 : 16 + size_bytes]
    if mark != _PACKED or size_bytes > MAX_UNPACKED_BYTES:
        raise BadRtf("not packed RTF")
    window = bytearray(_USUAL.ljust(_WINDOW_BYTES, b"\0"))
    write_at, at = len(_USUAL), 16
    found = bytearray()
    while at < len(packed) and len(found) < size_bytes:
        control, at = packed[at], at + 1
        for bit in range(8):
            if at >= len(packed):
                break
            if not control >> bit & 1:
                piece, at = packed[at : at + 1], at + 1
                read_at = -1
            else:
                token, at = int.from_bytes(packed[at : at + 2], "big"), at + 2
                read_at, length = token >> 4, (token & 0xF) + 2
                if read_at == write_at:
                    return bytes(found[:size_bytes])
                piece = b""
            for step in range(len(piece) if read_at < 0 else length):
                byte = piece[step] if read_at < 0 else window[(read_at + step) % _WINDOW_BYTES]
                found.append(byte)
                window[write_at] = byte
                write_at = (write_at + 1) % _WINDOW_BYTES
    return bytes(found[:size_bytes])
