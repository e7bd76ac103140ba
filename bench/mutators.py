"""Ways to damage a file by chance: any bytes, a PDF's own parts, and what lies inside a ZIP, packed again."""

import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable

Mutation = Callable[[bytes, random.Random], bytes]
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_NUMBER = re.compile(rb"\d+")
_NAME = re.compile(rb"/[A-Za-z]+")
_OBJECT = re.compile(rb"\d+ 0 obj\n.*?endobj\n", re.DOTALL)
_TAG = re.compile(rb"<[^<>]{1,2000}>")
_ABSURD = (b"0", b"-1", b"99999999999", b"2147483648", b"4294967295", b"1e308", b"65536", b"1048577", b"NaN")
_WORDS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
_ODD = ("\0", "\ufffe", "\ud83d", "&#0;", "&a;", "]]>", "<![CDATA[", "\u202e", "<!--", "&#x110000;")


def flip(content: bytes, rng: random.Random) -> bytes:
    """Turn some bits round."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 60) if data else 0):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def cut(content: bytes, rng: random.Random) -> bytes:
    """Leave out the end, or a part in the middle."""
    first, last = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return content[:first] if rng.random() < 0.5 else content[:first] + content[last:]


def splice(content: bytes, rng: random.Random) -> bytes:
    """Put a part of the file in another place of it, once or many times."""
    first, last, at = (rng.randrange(len(content) + 1) for _ in range(3))
    piece = content[min(first, last) : max(first, last)][:100_000]
    return content[:at] + piece * rng.choice((1, 1, 2, 50)) + content[at:]


def overwrite(content: bytes, rng: random.Random) -> bytes:
    """Put the numbers that break sums in the place of two or four bytes."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        size, order = rng.choice((1, 2, 4, 8)), rng.choice(("little", "big"))
        if len(data) > size:
            at = rng.randrange(len(data) - size)
            word = rng.choice(_WORDS) & (256**size - 1)
            data[at : at + size] = word.to_bytes(size, "little" if order == "little" else "big")
    return bytes(data)


def renumber(content: bytes, rng: random.Random) -> bytes:
    """Put other numbers in the place of some, references and lengths among them."""
    return _some(_NUMBER, content, rng, lambda found: rng.choice((*_ABSURD, str(rng.randrange(40)).encode())))


def rename(content: bytes, rng: random.Random) -> bytes:
    """Put a PDF's names in each other's place."""
    names = list(set(_NAME.findall(content)))
    return _some(_NAME, content, rng, lambda found: rng.choice(names))


def repack(content: bytes, rng: random.Random) -> bytes:
    """Damage what is inside a PDF's packed streams, and pack it again."""

    def damage(found: bytes) -> bytes:
        body = found[found.index(b"\n") + 1 : -len(b"endstream")]
        try:
            plain = zlib.decompress(body)
        except zlib.error:
            plain = body
        worse = (flip if rng.random() < 0.5 else renumber)(plain, rng) if plain else b"q " * 1_000
        return b"stream\n" + (zlib.compress(worse) if plain is not body else worse) + b"\nendstream"

    return _some(_STREAM, content, rng, damage)


def shuffle(content: bytes, rng: random.Random) -> bytes:
    """Put a PDF's objects in each other's place, or in twice."""
    objects = _OBJECT.findall(content)
    return _some(_OBJECT, content, rng, lambda found: rng.choice((rng.choice(objects), found + found, b"")))


def retag(content: bytes, rng: random.Random) -> bytes:
    """Put tags of XML or HTML in each other's place, in twice, or out."""
    tags = _TAG.findall(content)
    return _some(
        _TAG, content, rng, lambda found: rng.choice((rng.choice(tags), found * 3, b"", found * 200))
    )


def say_odd(content: bytes, rng: random.Random) -> bytes:
    """Put characters into a text that XML, UTF-8 or Postgres do not take."""
    data = content
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice(_ODD).encode("utf-8", "surrogatepass") + data[at:]
    return data


_INSIDE: tuple[Mutation, ...] = (flip, cut, splice, renumber, retag, say_odd)


def inside(content: bytes, rng: random.Random) -> bytes:
    """Damage one part inside a ZIP, or two, and pack it again as if it were whole."""
    parts = _parts(content)
    if not parts:
        return flip(content, rng)
    for name in rng.sample(sorted(parts), min(len(parts), rng.randint(1, 2))):
        parts[name] = rng.choice(_INSIDE)(parts[name], rng) if parts[name] else b"<a"
    return _packed(parts)


def parts_about(content: bytes, rng: random.Random) -> bytes:
    """Leave out parts of a ZIP, put them in each other's place, or under another's name."""
    parts = _parts(content)
    if not parts:
        return cut(content, rng)
    names = sorted(parts)
    for _ in range(rng.randint(1, 3)):
        one, other = rng.choice(names), rng.choice(names)
        match rng.randrange(4):
            case 0:
                parts.pop(one, None)
            case 1 if one in parts and other in parts:
                parts[one], parts[other] = parts[other], parts[one]
            case 2:
                parts[f"../{one}"] = parts.get(other, b"")
            case _:
                parts[one] = b""
    return _packed(parts)


def _parts(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, OSError):
        return {}


def _packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in parts.items():
            packing = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 12, 10, 15, 0)), data, packing)
    return buffer.getvalue()


def _some(
    what: re.Pattern[bytes], content: bytes, rng: random.Random, change: Callable[[bytes], bytes]
) -> bytes:
    places = list(what.finditer(content))
    chosen = {match.start() for match in rng.sample(places, min(len(places), rng.randint(1, 12)))}
    return what.sub(
        lambda match: change(match.group()) if match.start() in chosen else match.group(), content
    )


ANY: tuple[Mutation, ...] = (flip, cut, splice, overwrite)
OF_TEXT: tuple[Mutation, ...] = (*ANY, renumber, say_odd)
OF_TAGS: tuple[Mutation, ...] = (*OF_TEXT, retag)
OF_PDF: tuple[Mutation, ...] = (flip, cut, renumber, rename, repack, shuffle)
OF_ZIP: tuple[Mutation, ...] = (flip, cut, overwrite, inside, inside, inside, parts_about)
