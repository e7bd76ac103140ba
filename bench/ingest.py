"""Measure the way of real documents into the library: ./preceptor bench ingest [--data DIR] [--times N].

The product's way (received, parsed in a confined child, cut, indexed) against its raw parts in the same run (parse,
analyse, upsert and nothing else). CPU seconds are those of this process, its children and the services.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2

from bench import processes, product, report
from bench.questions import BESIDE

if TYPE_CHECKING:
    from schools.admission import Member

NEEDS_SERVICES = True

RATIO_GOAL, FILES_PER_CPU_S_GOAL, PARSING_GOAL_MB = 1.3, 4.0, 400
LONG_PAGES = 300
_SERVICES = os.getppid()  # the supervisor of this measurement: above this process and the services alike


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the files: chunks made, and why a file gave none, by its name."""

    chunks: int
    refused: dict[str, str]


def measure(data: Path, *, times: int) -> dict[str, Any]:
    """Return files per CPU second of both sets, and what a worker needs for a long PDF."""
    real = sorted(path for path in (data / "documents").iterdir() if path.is_file())
    demo = sorted((report.ROOT / "demo" / "files").iterdir())
    return {
        "real documents": _compare(real, times=times),
        "the demonstration's documents": _compare(demo, times=times),
        f"a worker reading a PDF of {LONG_PAGES} pages": _read_long(max(real, key=_pages)),
    }


def _compare(files: Sequence[Path], *, times: int) -> dict[str, Any]:
    """Return the medians of both ways, taken by turns, the first turn of each left out.

    Scans and letters are left out: reading pages by OCR and opening files inside files have no raw part here.
    """
    given, files = files, [path for path in files if _is_plain(path)]
    ways: dict[str, Callable[[Sequence[Path], Member], Outcome]] = {
        "product": _through_product,
        "raw parts": _raw_parts,
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    outcomes: dict[str, Outcome] = {}
    for turn in range(times + 1):
        for name, take in ways.items():
            member = product.new_director()  # of a school to which the files are new
            before = processes.cpu_s(_SERVICES)
            outcomes[name] = take(files, member)
            if turn:
                spent[name].append(processes.cpu_s(_SERVICES) - before)
    if outcomes["product"] != outcomes["raw parts"]:
        raise SystemExit(f"Los dos caminos no dieron lo mismo: {outcomes}")
    whole, raw = (statistics.median(spent[name]) for name in ways)
    return {
        "files": len(files),
        "left out": sorted({path.name for path in given} - {path.name for path in files}),
        "megabytes": round(sum(path.stat().st_size for path in files) / 1e6, 1),
        "chunks": outcomes["product"].chunks,
        "without text, refused": outcomes["product"].refused,
        "cpu_s": {name: [round(one, 2) for one in each] for name, each in spent.items()},
        "files per CPU second": round(len(files) / whole, 2),
        "goal, files per CPU second": FILES_PER_CPU_S_GOAL,
        "ratio to the raw parts": round(statistics.median(map(_divide, *spent.values())), 3),
        "ratio of the medians": round(whole / raw, 3),
        "goal, ratio": RATIO_GOAL,
    }


def _divide(one: float, other: float) -> float:
    return one / other


def _preload() -> None:
    """Import what a worker imports before it takes work."""
    from pipeline import jobs

    jobs.preload()


def _through_product(files: Sequence[Path], member: "Member") -> Outcome:
    from django.core.files import File

    from documents import uploads
    from documents.models import Document, Status
    from pipeline.advance import advance
    from rag.models import Chunk
    from schools.scope import school_scope

    for path in files:
        with path.open("rb") as file:
            received = uploads.receive(member, File(file, name=path.name), facts=uploads.Facts())
        assert received.run_id is not None
        advance(member.school_id, received.run_id)
    with school_scope(member.school_id):
        refused = dict(Document.objects.filter(status=Status.FAILED).values_list("filename", "error_code"))
        return Outcome(Chunk.objects.count(), refused)


def _raw_parts(files: Sequence[Path], member: "Member") -> Outcome:
    from documents import parsers
    from engines import spanish
    from rag import store
    from rag.chunk import chunk

    index, owner = f"bench_{uuid.uuid4().hex[:8]}", member.school_id
    store.ensure(index, dimension=None)
    made, refused = 0, {}
    for path in files:
        with path.open("rb") as file:
            kind = parsers.kind_of(path.name, file)
        parsed = parsers.parse(path, kind)
        if not parsed.blocks:
            refused[path.name] = parsed.unreadable[0].code if parsed.unreadable else "no_text"
        points = []
        for draft in chunk(parsed.blocks):
            heading = " ".join([parsed.title or path.stem, *draft.heading_path])
            indexed = spanish.index(draft.text, heading=heading)
            points.append(store.Point(_chunk_id(), indexed.stems, indexed.grams))
        named: dict[str, Any] = {"school_id": owner, "collection_id": owner, "document_id": uuid.uuid4()}
        for start in range(0, len(points), 64):
            store.upsert(index, points=points[start : start + 64], **named)
        made += len(points)
    store.drop(index)
    return Outcome(made, refused)


def _chunk_id() -> Any:
    return uuid.UUID(int=random.getrandbits(128))


def _read_long(source: Path) -> dict[str, Any]:
    """Return what a real worker and the child in which it parses hold at most while they read a long PDF."""
    from django.core.files import File

    from documents import uploads
    from documents.models import Document, Status
    from schools.scope import school_scope

    member = product.new_director()
    command = (sys.executable, "manage.py", "work", "--queues", "fast,cpu,gpu")
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(command, cwd=report.ROOT) as worker:
        try:
            processes.wait_until_idle(worker.pid)
            at_rest = processes.memory(worker.pid)
            with processes.Peak(worker.pid) as peak, _lengthen(source, Path(folder)).open("rb") as file:
                began_at = time.monotonic()
                received = uploads.receive(member, File(file, name="largo.pdf"), facts=uploads.Facts())
                while True:
                    with school_scope(member.school_id):
                        document = Document.objects.get(pk=received.document_id)
                    if document.status not in (Status.QUEUED, Status.PROCESSING):
                        break
                    time.sleep(0.1)
        finally:
            worker.terminate()
    return {
        "status": document.status,
        "pages": document.pages,
        "seconds": round(time.monotonic() - began_at, 1),
        "worker at rest, pss_mb": at_rest.pss_mb,
        "largest process, rss_mb": peak.largest_process_rss_mb,
        "worker and its children together, pss_mb": peak.together.pss_mb,
        "goal_mb": PARSING_GOAL_MB,
    }


def _is_plain(path: Path) -> bool:
    if path.suffix != ".pdf":
        return path.suffix != ".eml"
    with pypdfium2.PdfDocument(path) as document:
        return any(page.get_textpage().count_chars() for page in document)


def _pages(path: Path) -> int:
    if path.suffix != ".pdf":
        return 0
    with pypdfium2.PdfDocument(path) as document:
        return len(document)


def _lengthen(source: Path, folder: Path) -> Path:
    """Return a PDF of so many pages: those of a real one over and over."""
    target = folder / "largo.pdf"
    with pypdfium2.PdfDocument(source) as pages, pypdfium2.PdfDocument.new() as long:
        while len(long) < LONG_PAGES:
            long.import_pages(pages, list(range(min(len(pages), LONG_PAGES - len(long)))))
        long.save(target)
    return target


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=BESIDE, help="folder with documents/")
    options.add_argument("--times", type=int, default=3)
    given = options.parse_args()
    if not (given.data / "documents").is_dir():
        options.exit(3, f"No hay documentos en {given.data}: indicar la carpeta con --data.\n")
    product.set_up()
    _preload()
    report.write("ingest", measure(given.data, times=given.times))
