"""Measure how documents are cut: ./preceptor bench chunking [--data DIR].

The demonstration's golden questions, asked of its documents and of the real ones together: whether the chunk that holds
the answer comes back, and whether it is quoted. In memory, with the scores that the store gives.
"""

import json
import re
import statistics
import time
import tracemalloc
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import report
from bench.sparse_index import SparseIndex
from documents import parsers
from documents.blocks import Kind, ParsedBlock, table_text
from documents.parsers.base import Unparsable
from documents.places import Sheet
from engines import quoting, spanish
from rag.chunk import ChunkDraft, chunk
from rag.features import Candidate
from rag.rerank import rerank
from rag.tokens import estimate
from schools.ids import ChunkId

NEEDS_SERVICES = False

_DEMO = report.ROOT / "demo"
_DEPTH = 60
# As rag.answer: so many passages, not more than so many of one document.
_PASSAGES, _MOST_PER_DOCUMENT = 10, 6
_QUOTED_SHARE = 0.6  # of the golden quote's words, in the engine's quotes
_WORDS = re.compile(r"\w+")
_SHEET_ROWS = (25_000, 50_000, 100_000)
_ROWS_PER_BLOCK = 40


@dataclass(frozen=True, slots=True)
class Stored:
    """A chunk of a document of the measurement."""

    document: str
    title: str
    draft: ChunkDraft


def measure(data: Path) -> dict[str, Any]:
    """Return the figures of the golden questions, and the sizes of what was cut."""
    catalog = json.loads((_DEMO / "catalog.json").read_text("utf-8"))
    titles = {entry["filename"]: entry["title"] for entry in catalog}
    demo = _cut([_DEMO / "files" / name for name in titles], titles)
    real = _cut(sorted(path for path in (data / "documents").iterdir() if path.is_file()), {})
    questions = json.loads((_DEMO / "questions.json").read_text("utf-8"))
    return {
        "the demonstration's documents": _figures(demo, questions),
        "with the real documents": _figures([*demo, *real], questions),
        "a sheet of so many rows": {rows: _sheet(rows) for rows in _SHEET_ROWS},
    }


def _cut(paths: Sequence[Path], titles: dict[str, str]) -> list[Stored]:
    found = []
    for path in paths:
        try:
            with path.open("rb") as file:
                parsed = parsers.parse(path, parsers.kind_of(path.name, file))
        except Unparsable:
            continue
        title = titles.get(path.name) or parsed.title or path.stem
        found += [Stored(path.name, title, draft) for draft in chunk(parsed.blocks)]
    return found


def _sheet(rows: int) -> dict[str, Any]:
    """Return what cutting a sheet costs; the time and the memory per row must not grow with the rows."""
    header = ("Legajo", "Apellido y nombre", "Fecha", "Curso", "Observaciones")
    blocks = [ParsedBlock(Kind.HEADING, "Asistencia", Sheet("Asistencia", (1, 1)), level=1)]
    for first in range(0, rows, _ROWS_PER_BLOCK):
        cells = tuple(
            (
                f"2026-{n:06}",
                f"Apellido{n % 997}, Nombre{n % 89}",
                "21/11/2026",
                f"{n % 6 + 1}.º B",
                "presente",
            )
            for n in range(first, first + _ROWS_PER_BLOCK)
        )
        shown, level = ((header, *cells), 1) if first == 0 else (cells, 0)
        place = Sheet("Asistencia", (first + 2, first + 1 + len(shown)))
        blocks.append(ParsedBlock(Kind.TABLE, table_text(shown), place, level=level, cells=shown))
    began = time.process_time()
    count = len(chunk(blocks))
    spent_s = time.process_time() - began
    tracemalloc.start()
    chunk(blocks)
    most_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "chunks": count,
        "CPU-µs a row": round(spent_s * 1e6 / rows, 1),
        "bytes a row at most": round(most_bytes / rows),
    }


def _figures(chunks: Sequence[Stored], questions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    sizes = sorted(estimate(each.draft.text) for each in chunks)
    corpus = _Corpus(chunks)
    ranks: list[int] = []
    given = quoted = answered = refused = 0
    answerable = [each for each in questions if each["answerable"]]
    began = time.perf_counter()
    for asked in questions:
        ranked = corpus.ranked(asked["question"])
        passages = _varied(chunks, [at for at, _ in ranked])
        scored = dict(ranked)
        quotes = quoting.quote(
            asked["question"],
            [
                quoting.Passage(
                    chunks[at].draft.text,
                    prior=scored[at].prior,
                    heading=" › ".join([chunks[at].title, *chunks[at].draft.heading_path]),
                    support=scored[at].support,
                )
                for at in passages
            ],
        )
        if not asked["answerable"]:
            refused += not quotes.is_enough
            continue
        right = [at for at, _ in ranked if _holds(chunks[at], asked)]
        order = [at for at, _ in ranked]
        ranks.append(order.index(right[0]) + 1 if right else 0)
        given += any(at in passages for at in right)
        answered += quotes.is_enough
        said = " ".join(chunks[passages[q.passage_index]].draft.text[q.start : q.end] for q in quotes.quotes)
        quoted += quotes.is_enough and _share(asked["quote"], said) >= _QUOTED_SHARE
    count = len(answerable)
    return {
        "chunks": len(chunks),
        "tokens of a chunk, median / 95 % / most": [
            round(statistics.median(sizes)), round(sizes[int(len(sizes) * 0.95)]), round(sizes[-1])
        ],
        "chunks under 30 tokens": sum(size < 30 for size in sizes),
        "questions, answerable / not": [count, len(questions) - count],
        "recall@1": round(sum(rank == 1 for rank in ranks) / count, 3),
        "recall@3": round(sum(0 < rank <= 3 for rank in ranks) / count, 3),
        "mean reciprocal rank": round(sum(1 / rank for rank in ranks if rank) / count, 3),
        "among the passages that the engine is given": round(given / count, 3),
        "answered": round(answered / count, 3),
        "answered with the golden quote": round(quoted / count, 3),
        "unanswerable refused": round(refused / max(1, len(questions) - count), 3),
        "ms a question": round((time.perf_counter() - began) * 1000 / len(questions)),
    }  # fmt: skip


class _Corpus:
    """Chunks, indexed as rag.embed indexes them."""

    def __init__(self, chunks: Sequence[Stored]) -> None:
        self._chunks = chunks
        self._indexed = [
            spanish.index(each.draft.text, heading=" ".join([each.title, *each.draft.heading_path]))
            for each in chunks
        ]
        self._stems = SparseIndex([one.stems for one in self._indexed])
        self._grams = SparseIndex([one.grams for one in self._indexed])

    def ranked(self, question: str) -> list[tuple[int, Any]]:
        """Return chunks by number with what the reranker says of them, best first."""
        vectors = spanish.query(question)
        stems, grams = self._stems.scores(vectors.stems), self._grams.scores(vectors.grams)
        best = {
            int(at)
            for scores in (stems, grams)
            for at in (-scores).argsort(kind="stable")[:_DEPTH]
            if scores[at] > 0
        }
        of_stems = set((-stems).argsort(kind="stable")[:_DEPTH].tolist())
        of_grams = set((-grams).argsort(kind="stable")[:_DEPTH].tolist())
        candidates = [
            Candidate(
                ChunkId(uuid.UUID(int=at)),
                self._indexed[at].analysis,
                (float(stems[at]) or None) if at in of_stems else None,
                (float(grams[at]) or None) if at in of_grams else None,
                title=self._chunks[at].title,
                heading_path=self._chunks[at].draft.heading_path,
            )
            for at in sorted(best)
        ]
        return [
            (each.chunk_id.int, each)
            for each in rerank(question, candidates, chunks_in_school=len(self._chunks))
        ]


def _varied(chunks: Sequence[Stored], order: Sequence[int]) -> list[int]:
    kept: list[int] = []
    for at in order[: _PASSAGES * 4]:
        if sum(chunks[other].document == chunks[at].document for other in kept) < _MOST_PER_DOCUMENT:
            kept.append(at)
    return kept[:_PASSAGES]


def _holds(stored: Stored, asked: dict[str, Any]) -> bool:
    return stored.document == asked["document"] and _share(asked["quote"], stored.draft.text) >= 0.9


def _share(quote: str, text: str) -> float:
    wanted, there = _words(quote), set(_words(text))
    return sum(word in there for word in wanted) / max(1, len(wanted))


def _words(text: str) -> list[str]:
    return _WORDS.findall(spanish.fold(re.sub(r"-\s*\n\s*", "", text)))


if __name__ == "__main__":
    report.write("chunking", measure(report.data_folder(__doc__)))
