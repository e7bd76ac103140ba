"""Compare our parsers with `unstructured` on letters, pages, books: ./preceptor bench parsers_compared --python FILE.

FILE is a Python in whose environment `unstructured` is installed; without it there is nothing to compare, which is
said. Each file is read in a process of its own. `unstructured` fetches a language model of spaCy when it first meets a
text; where there is none, an empty pipeline stands in, which changes its categories and not its text.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import html

from bench import report
from bench.parsers_set import Rows, Said, Sample, samples
from documents.parsers.html_tables import rows as rows_of

NEEDS_SERVICES = False

_TIMES = 5
_TIMEOUT_S = 120
_MEASURED = """
import json, resource, sys, time
path, times = sys.argv[1], int(sys.argv[2])
def measured(prepare, read):
    began = time.perf_counter()
    prepare()
    ready = time.perf_counter()
    taken = []
    for _ in range(times):
        at = time.perf_counter()
        found = read(path)
        taken.append(time.perf_counter() - at)
    print(json.dumps({"import_s": ready - began, "taken_s": taken, "said": found,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""
_OURS = (
    _MEASURED
    + """
from pathlib import Path
def prepare():
    global parsers
    from documents import parsers
    parsers.preload(kind())
def kind():
    from documents import parsers
    with open(path, "rb") as file:
        return parsers.kind_of(path, file)
def read(path):
    blocks = parsers.parse(Path(path), kind()).blocks
    return [[b.kind.value, b.text, [list(row) for row in b.cells], ""] for b in blocks]
measured(prepare, read)
"""
)
_THEIRS = (
    _MEASURED
    + """
def prepare():
    global partition
    import spacy
    from unstructured.nlp import tokenize
    from unstructured.partition.auto import partition
    if not spacy.util.is_package("en_core_web_sm"):
        empty = spacy.blank("en")
        empty.add_pipe("sentencizer")
        tokenize._load_spacy_model = lambda: empty
def read(path):
    more = {"process_attachments": False} if path.endswith((".eml", ".msg")) else {}
    return [[e.category, e.text, [], e.metadata.text_as_html or ""] for e in partition(path, **more)]
measured(prepare, read)
"""
)
# What its categories are called here; one for quotes it has not.
_CATEGORIES = {"Title": "heading", "ListItem": "list_item", "Table": "table", "Image": "picture"}
_MARKER = re.compile(r"^(?:[•\-*]|\d+[.)])\s+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a file, and at what cost."""

    said: list[Said]
    import_s: float
    first_ms: float
    again_ms: float
    peak_mb: float


def measure(other: str) -> dict[str, Any]:
    """Return both readers' figures for each file, and their means for each kind."""
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for sample in samples():
            path = sample.write(Path(folder) / sample.name)
            found[sample.name] = {
                "ours": _judged(sample, _read(sys.executable, _OURS, path)),
                "unstructured": _judged(sample, _read(other, _THEIRS, path)),
            }
    kinds = sorted({name.rpartition(".")[2] for name in found})
    return {"by kind": {kind: _means(kind, found) for kind in kinds}, "files": found}


def _read(python: str, program: str, path: Path) -> Reading | str:
    """Return what a reader made of a file; why it failed when it did."""
    ran = subprocess.run(
        (python, "-c", program, str(path), str(_TIMES)),
        capture_output=True,
        cwd=report.ROOT,
        timeout=_TIMEOUT_S,
        text=True,
    )
    if ran.returncode:
        return ran.stderr.strip().rpartition("\n")[2][:200]
    told = json.loads(ran.stdout.strip().rpartition("\n")[2])
    said = [
        Said(_CATEGORIES.get(kind, "paragraph" if kind[:1].isupper() else kind), text, _rows(cells, page))
        for kind, text, cells, page in told["said"]
    ]
    taken_ms = [1_000 * each for each in told["taken_s"]]
    return Reading(
        _body(said), told["import_s"], taken_ms[0], statistics.median(taken_ms[1:]), told["peak_mb"]
    )


def _rows(cells: list[list[str]], page: str) -> Rows:
    if page:
        cells = rows_of(html.fromstring(page), is_dropped=lambda _: False)[0]
    return tuple(map(tuple, cells))


def _body(said: list[Said]) -> list[Said]:
    """Return a letter's body alone: its subject, head and files we show, and others keep as data."""
    heads = [
        index for index, each in enumerate(said[:2]) if each.kind == "table" and each.text.startswith("De | ")
    ]
    if not heads:
        return said
    files = [index for index, each in enumerate(said) if each.text == "Archivos adjuntos"]
    return said[heads[0] + 1 : files[-1] if files else None]


def _judged(sample: Sample, reading: Reading | str) -> dict[str, Any]:
    if isinstance(reading, str):
        return {"failed": reading, "character error": 1.0, "structure kept": 0.0}
    return {
        "character error": round(_error(_joined(sample.said), _joined(reading.said)), 4),
        "structure kept": round(_kept(sample.said, reading.said), 4),
        "import_s": round(reading.import_s, 2),
        "first_ms": round(reading.first_ms, 1),
        "again_ms": round(reading.again_ms, 1),
        "peak_mb": round(reading.peak_mb),
    }


def _joined(said: Sequence[Said]) -> str:
    return "\n".join(map(_plain, said))


def _plain(said: Said) -> str:
    if said.rows:
        return "\n".join(" ".join(filter(None, row)) for row in said.rows)
    return " ".join(_MARKER.sub("", said.text).split())


def _kept(wanted: Sequence[Said], found: Sequence[Said]) -> float:
    """Return the share of the pieces that were found whole and as what they are."""
    there = [(each.kind, _plain(each)) for each in found]
    return sum((each.kind, _plain(each)) in there for each in wanted) / len(wanted)


def _error(wanted: str, found: str) -> float:
    """Return the edits from one text to the other, over the length of the first."""
    before = list(range(len(found) + 1))
    for index, char in enumerate(wanted, start=1):
        now = [index]
        for at, other in enumerate(found, start=1):
            now.append(min(before[at] + 1, now[-1] + 1, before[at - 1] + (char != other)))
        before = now
    return before[-1] / len(wanted)


def _means(kind: str, found: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    means: dict[str, dict[str, float]] = {}
    for reader in ("ours", "unstructured"):
        figures = [both[reader] for name, both in found.items() if name.endswith(f".{kind}")]
        names = {name for each in figures for name in each if name != "failed"}
        means[reader] = {
            name: round(statistics.mean(each[name] for each in figures if name in each), 4)
            for name in sorted(names)
        }
    return means


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--python", default=sys.executable, help="a Python that has `unstructured`")
    python = options.parse_args().python
    if subprocess.run((python, "-c", "import unstructured"), capture_output=True).returncode:
        options.exit(3, "Falta unstructured: indicar con --python un Python que lo tenga instalado.\n")
    report.write("parsers_compared", measure(python))
