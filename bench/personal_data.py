"""Measure what is found of personal data: ./preceptor bench personal_data [--data DIR].

Four sets: short texts of our own making with the label that they ask for (the patterns were written beside them), the
demonstration's documents with the labels of its catalogue, and, where nothing asks for a label, real public documents,
paragraphs of an encyclopedia and questions about them. And what looking costs beside reading and cutting documents.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bench import report
from bench.questions import QuestionSet, load_dist, load_squad
from documents import parsers
from documents.blocks import ParsedBlock
from documents.parsers.base import Unparsable
from documents.personal_data import Suggestion, find, label_of_question, suggest
from documents.personal_data.reader import Reader
from engines import labels, spanish
from engines.labels import Label
from rag.chunk import chunk

NEEDS_SERVICES = False

_DEMO = report.ROOT / "demo"
_TEXTS = report.ROOT / "tests" / "documents" / "personal_texts.json"
_ON = date(2026, 11, 21)
# The same words again and again, each of them worth a look.
_HOSTILE = {
    "digits": "1",
    "dotted": "12.345.678 ",
    "at signs": "a@",
    "health": "asma Ana Paz ",
    "pupils": "alumno Ana Paz, ",
    "capitals": "Ana ",
    "accounts": "ES76 2077 0024 ",
    "births": "fecha de nac",
    "spaces": " ",
    "brackets": "(0(0",
    "lines": "Ana Paz 1\n",
}
_HOSTILE_CHARS = 200_000


def measure(data: Path) -> dict[str, Any]:
    """Return the figures."""
    catalog = json.loads((_DEMO / "catalog.json").read_text("utf-8"))
    wanted = {entry["filename"]: Label(entry["sensitivity"]) for entry in catalog}
    demo = _documents(_DEMO / "files" / name for name in wanted)
    real = _documents(sorted(path for path in (data / "documents").iterdir() if path.is_file()))
    return {
        "our own texts": _of_texts(json.loads(_TEXTS.read_text("utf-8"))),
        "the demonstration's documents": _of_demo(demo, wanted),
        "real public documents": {
            "documents": len(real),
            "suggested": {name: str(found.label) for name, found in real.items() if found.label},
        },
        "an encyclopedia": {
            each.name: _of_encyclopedia(each) for each in (load_squad(data), load_dist(data))
        },
        "cost": _cost([*(_DEMO / "files" / name for name in wanted), *(data / "documents").iterdir()]),
        "hostile texts, seconds for twice the length by seconds": {
            name: _growth(piece) for name, piece in _HOSTILE.items()
        },
    }


def _of_texts(texts: Sequence[dict[str, str]]) -> dict[str, Any]:
    right: Counter[str] = Counter()
    said: Counter[str] = Counter()
    asked = Counter(each["label"] for each in texts)
    kinds = kinds_found = 0
    for each in texts:
        findings = find(each["text"], on=_ON)
        label = str(suggest(findings).label or "")
        said[label] += 1
        right[label] += label == each["label"]
        kinds += bool(each["kind"])
        kinds_found += bool(each["kind"]) and each["kind"] in {one.kind for one in findings}
    return {
        "texts": len(texts),
        "kinds found": f"{kinds_found} of {kinds}",
        "by label": {
            label or "none": {
                "precision": round(right[label] / said[label], 3) if said[label] else None,
                "recall": round(right[label] / asked[label], 3),
                "texts": asked[label],
            }
            for label in sorted(asked)
        },
    }


def _documents(paths: Iterable[Path]) -> dict[str, Suggestion]:
    found = {}
    for path in paths:
        blocks = _blocks(path)
        if blocks:
            found[path.name] = _read(blocks).tally.suggestion()
    return found


def _of_demo(found: dict[str, Suggestion], wanted: dict[str, Label]) -> dict[str, Any]:
    """Return how often a person would be asked: where the suggestion is stricter than the label."""
    sensitive = [name for name in found if wanted[name] in (Label.CONFIDENTIAL, Label.MINORS)]
    asked = {
        name: str(each.label)
        for name, each in found.items()
        if each.label and not labels.allows(wanted[name], each.label)
    }
    return {
        "documents": len(found),
        "confidential or of minors": len(sensitive),
        "of them suggested as they are": sum(found[name].label == wanted[name] for name in sensitive),
        "suggested stricter than the catalogue says": asked,
    }


def _of_encyclopedia(found: QuestionSet) -> dict[str, Any]:
    """Return how many paragraphs and questions are suggested a label: all of them false alarms, or nearly."""
    asked = Counter(str(suggest(find(text, on=_ON)).label or "none") for text in found.paragraphs)
    raised = sum(label_of_question(each.text, Label.INTERNAL) != Label.INTERNAL for each in found.questions)
    return {"paragraphs": dict(asked), "questions": len(found.questions), "questions raised": raised}


def _cost(paths: Iterable[Path]) -> dict[str, Any]:
    parse_s = look_s = index_s = 0.0
    chars = 0
    for path in paths:
        began = time.process_time()
        blocks = _blocks(path)
        parse_s += time.process_time() - began
        began = time.process_time()
        _read(blocks)
        look_s += time.process_time() - began
        began = time.process_time()
        for draft in chunk(blocks):
            spanish.analyse(draft.text).to_bytes()
            spanish.vectors(draft.text, heading=" ".join(draft.heading_path))
        index_s += time.process_time() - began
        chars += sum(len(block.text) for block in blocks)
    return {
        "CPU-ns a character": round(look_s / chars * 1e9),
        "share of reading, looking, cutting and analysing": round(look_s / (parse_s + look_s + index_s), 4),
    }


def _growth(piece: str) -> float:
    text = piece * (_HOSTILE_CHARS // len(piece))
    spent = []
    for each in (text, text * 2):
        began = time.process_time()
        find(each, on=_ON)
        spent.append(time.process_time() - began)
    return round(spent[1] / max(spent[0], 1e-4), 2)


def _read(blocks: Sequence[ParsedBlock]) -> Reader:
    reader = Reader(on=_ON)
    for ordinal, block in enumerate(blocks):
        reader.read(ordinal, block.kind, block.level, block.text)
    return reader


def _blocks(path: Path) -> tuple[ParsedBlock, ...]:
    try:
        with path.open("rb") as file:
            return parsers.parse(path, parsers.kind_of(path.name, file)).blocks
    except Unparsable:
        return ()


if __name__ == "__main__":
    report.write("personal_data", measure(report.data_folder(__doc__)))
