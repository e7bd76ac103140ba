"""Measure how many cells of tables in PDFs come out right: ./preceptor bench tables [--seed N] [--each N].

A cell is right when it stands in its row and column with its text. The share is of the cells that there are or, where
more were found, of those found. Pages without a table tell what is taken for one by mistake.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from bench import report
from bench.table_set import Cells, Sample, plain, samples
from documents.blocks import Kind
from documents.parsers import pdf

RULED_GOAL, UNRULED_GOAL = 0.95, 0.80


def measure(*, seed: int, each: int) -> dict[str, Any]:
    """Return the share of right cells, ruled and unruled, by way of making, and the worst documents."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    worst: list[tuple[float, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for sample in samples(seed=seed, each=each):
            found = _read(sample, Path(folder))
            right, of = score(sample.tables, found)
            kind = "ruled" if sample.is_ruled else "unruled"
            for key in (kind, f"{kind}, {sample.name.rpartition('-')[0]}"):
                for at, amount in enumerate((right, of, len(sample.tables))):
                    counts[key][at] += amount
            worst.append((right / of, sample.name))
        mistaken = {}
        for name, content in plain().items():
            (Path(folder) / "a.pdf").write_bytes(content)
            parsed = pdf.parse(Path(folder) / "a.pdf")
            mistaken[name] = sum(block.kind is Kind.TABLE for block in parsed.blocks)
    worst.sort()
    return {
        "seed": seed,
        "goals": {"ruled": RULED_GOAL, "unruled": UNRULED_GOAL},
        "share of right cells": {
            key: {"share": round(right / of, 4), "cells": of, "tables": tables}
            for key, (right, of, tables) in sorted(counts.items())
        },
        "tables found where there is none": mistaken,
        "worst": [f"{name}: {share:.2f}" for share, name in worst[:12]],
    }


def _read(sample: Sample, folder: Path) -> list[Cells]:
    parsed = pdf.parse(sample.write(folder / "a.pdf"))
    return [block.cells for block in parsed.blocks if block.kind is Kind.TABLE]


def score(expected: Sequence[Cells], found: Sequence[Cells]) -> tuple[int, int]:
    """Return how many cells are right, and of how many; tables are taken in order, as are their rows."""
    wanted = [row for table in expected for row in table]
    given = [row for table in found for row in table]
    keys = [["".join(cell.split()) for cell in row] for row in wanted]
    others = [["".join(cell.split()) for cell in row] for row in given]
    right = 0
    matcher = SequenceMatcher(
        a=["|".join(row) for row in keys], b=["|".join(row) for row in others], autojunk=False
    )
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            right += sum(len(row) for row in keys[i1:i2])
        elif tag == "replace":
            right += sum(
                sum(a == b for a, b in zip(one, other, strict=False))
                for one, other in zip(keys[i1:i2], others[j1:j2], strict=False)
            )
    return right, max(sum(map(len, wanted)), sum(map(len, given)))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=3)
    options.add_argument("--each", type=int, default=8, help="documents of every way to show a table")
    given = options.parse_args()
    report.write("tables", measure(seed=given.seed, each=given.each))
