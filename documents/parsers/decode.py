"""Bytes of a text file as text, whatever encoding a school's old programs wrote."""

from pathlib import Path

from charset_normalizer import from_bytes

from documents.parsers.base import MAX_TEXT_FILE_BYTES, MIB, Broken, ParseTooBig

SAMPLE_BYTES = 64 * 1024
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read(path: Path) -> str:
    """Return the text of a file: by its byte-order mark, as UTF-8, else by what makes sense in Spanish."""
    size_bytes = path.stat().st_size
    if size_bytes > MAX_TEXT_FILE_BYTES:
        raise ParseTooBig(
            f"El archivo de texto pesa {size_bytes // MIB} MB y el máximo es {MAX_TEXT_FILE_BYTES // MIB} MB."
        )
    return text(path.read_bytes())


def text(data: bytes) -> str:
    """Return bytes as text, as `read` does."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise Broken("El archivo de texto está dañado o cortado.", code="broken_text") from error
    if is_utf16(data[:SAMPLE_BYTES]):
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(_guess(data), errors="replace")


def is_utf16(sample: bytes) -> bool:
    """Say whether bytes without a byte-order mark are UTF-16: every other one is zero, as in any western text."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    high, low = max(even, odd), min(even, odd)
    return len(sample) >= 4 and low == 0 and high >= 0.8 * (len(sample) // 2)


def _guess(data: bytes) -> str:
    """Return the encoding of text that is not UTF-8: Windows' own, unless its letters make no sense there."""
    text = data[:SAMPLE_BYTES].decode("cp1252", errors="replace")
    foreign = sum(1 for char in text if char > "\x7f")
    spanish = sum(1 for char in text if char in "áéíóúüñÁÉÍÓÚÜÑ¿¡ºª«»°“”‘’–—…€·çàèòïÇÀÈÒÏ")
    if foreign and spanish >= 0.8 * foreign:
        return "cp1252"
    best = from_bytes(
        data[:SAMPLE_BYTES], cp_isolation=["cp1252", "latin_1", "cp850", "cp437", "mac_roman", "utf_16"]
    ).best()
    return best.encoding if best else "cp1252"
