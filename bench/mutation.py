"""Parse PDFs that were damaged by chance: ./preceptor bench mutation [--seed N] [--times N].

Each of a few good PDFs (prose, columns, tables, forms, images, typeset ones) is damaged in many ways and read
through the sandbox. Whatever happens to the child, this process goes on; what it may raise is an `Unparsable` and
nothing else.
"""

import argparse
import os
import random
import re
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import report, table_set
from documents.parsers import FileKind, base, sandbox
from tests.documents.files import Field, PdfPage, column, write_pdf

Mutation = Callable[[bytes, random.Random], bytes]
SLOW_S = 10.0
LIMITS = sandbox.Limits(wall_s=120)
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_NUMBER = re.compile(rb"\d+")
_NAME = re.compile(rb"/[A-Za-z]+")
_OBJECT = re.compile(rb"\d+ 0 obj\n.*?endobj\n", re.DOTALL)
_ABSURD = (b"0", b"-1", b"99999999999", b"2147483648", b"4294967295", b"1e308")


def flip(content: bytes, rng: random.Random) -> bytes:
    """Turn some bits round."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 60)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def cut(content: bytes, rng: random.Random) -> bytes:
    """Leave out the end, or a part in the middle."""
    first, last = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:first] if rng.random() < 0.5 else content[:first] + content[last:]


def renumber(content: bytes, rng: random.Random) -> bytes:
    """Put other numbers in the place of some, references and lengths among them."""
    return _some(_NUMBER, content, rng, lambda found: rng.choice((*_ABSURD, str(rng.randrange(40)).encode())))


def rename(content: bytes, rng: random.Random) -> bytes:
    """Put names in each other's place."""
    names = list(set(_NAME.findall(content)))
    return _some(_NAME, content, rng, lambda found: rng.choice(names))


def repack(content: bytes, rng: random.Random) -> bytes:
    """Damage what is inside packed streams, and pack it again."""

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
    """Put objects in each other's place, or in twice."""
    objects = _OBJECT.findall(content)
    return _some(_OBJECT, content, rng, lambda found: rng.choice((rng.choice(objects), found + found, b"")))


def _some(
    what: re.Pattern[bytes], content: bytes, rng: random.Random, change: Callable[[bytes], bytes]
) -> bytes:
    places = list(what.finditer(content))
    chosen = {match.start() for match in rng.sample(places, min(len(places), rng.randint(1, 12)))}
    return what.sub(
        lambda match: change(match.group()) if match.start() in chosen else match.group(), content
    )


MUTATIONS: tuple[Mutation, ...] = (flip, cut, renumber, rename, repack, shuffle)


def measure(*, seed: int, times: int) -> dict[str, Any]:
    """Return what became of the damaged files, by outcome, and which took longest."""
    rng = random.Random(seed)
    outcomes: Counter[str] = Counter()
    took: list[tuple[float, str]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "damaged.pdf"
        for sort, good in _good(folder).items():
            for mutation in MUTATIONS:
                for turn in range(times):
                    path.write_bytes(mutation(good, rng))
                    began_at = time.monotonic()
                    outcomes[_outcome(path)] += 1
                    took.append((time.monotonic() - began_at, f"{sort}, {mutation.__name__}, {turn}"))
        if _outcome(write_pdf(path, [_prose()])) != "read":
            raise SystemExit("Un PDF sano no se pudo leer después de los dañados.")
    left = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    if left:
        raise SystemExit(f"Quedaron procesos: {left}")
    took.sort(reverse=True)
    return {
        "seed": seed,
        "files": len(took),
        "outcomes": dict(outcomes.most_common()),
        "seconds, median": round(took[len(took) // 2][0], 3),
        "slowest": [f"{seconds:.2f} s: {what}" for seconds, what in took[:5]],
        f"over {SLOW_S:.0f} s": sum(seconds > SLOW_S for seconds, _ in took),
    }


def _outcome(path: Path) -> str:
    try:
        document = sandbox.parse(path, FileKind.PDF, limits=LIMITS)
    except base.Unparsable as failure:
        # An exception of our own code is no crash of the library, and to be mended.
        ours = any("Traceback" in note for note in getattr(failure, "__notes__", ()))
        return f"{failure.code}, by an exception" if ours else failure.code
    codes = sorted({part.code for part in document.unreadable})
    return " and ".join((["read"] if document.blocks else []) + codes) or "read, without text"


def _prose() -> PdfPage:
    return PdfPage(column([table_set.PROSE[at : at + 80] for at in range(0, len(table_set.PROSE), 80)]))


def _good(folder: Path) -> dict[str, bytes]:
    """Return the good files."""
    form = PdfPage(
        column(["Apellido:", "Curso:"], step=30),
        fields=[Field("a", (150, 765, 300, 785), "Núñez"), Field("b", (150, 735, 162, 747), "Si", "Btn")],
    )
    ruled = PdfPage(
        column(["Curso", "Primero A"], x=80, top=660, step=30),
        [(72, 680 - 30 * n, 432, 680 - 30 * n) for n in range(4)],
    )
    mixed = [
        _prose(),
        form,
        ruled,
        PdfPage(images=[(0, 0, 595, 842)]),
        PdfPage(column(["Dentro"]), is_form=True, rotate=90),
    ]
    made = {"own": write_pdf(folder / "own.pdf", mixed).read_bytes()}
    for sample in table_set.samples(seed=1, each=1)[:2]:
        made[sample.name] = sample.write(folder / "table.pdf").read_bytes()
    plain = table_set.plain()
    return made | {name: plain[name] for name in ("two columns", "index with dots")}


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=4)
    options.add_argument("--times", type=int, default=12, help="times of every way to damage each file")
    given = options.parse_args()
    report.write("mutation", measure(seed=given.seed, times=given.times))
