"""Damaged files of every kind that is taken end in blocks or in a refusal that is told, never in an exception.

By day a few of each kind, and what once crashed; `./preceptor bench mutation` reads them by the thousand.
"""

import os
import random
from pathlib import Path

import pytest

from bench import mutation, mutation_set
from bench.mutation_set import Good
from documents.parsers.kinds import BY_EXTENSION

CRASHES = sorted(path for path in (Path(__file__).parent / "crashes").iterdir() if path.suffix != ".md")
TIMES = 20 if os.environ.get("PRECEPTOR_TEST_LONG") else 1


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> list[Good]:
    every = mutation_set.every(tmp_path_factory.mktemp("good"), is_old_word_wanted=TIMES > 1)
    assert len(every) > 35
    return every


def test_what_is_damaged_by_chance_ends_told(good: list[Good], tmp_path: Path) -> None:
    """Red when a parser lets an exception of its own out: `docx.py` without its own list of what lxml raises."""
    rng = random.Random(17)
    faults = []
    for each in good:
        for way in rng.choices(each.ways, k=TIMES):
            said, detail = mutation.outcome(each.kind, each.name, way(each.content, rng), tmp_path)
            if detail:
                faults.append(f"{each.name}, {way.__name__}: {said}\n{detail}")
    assert not faults, "\n\n".join(faults)


def test_what_once_crashed_ends_told(tmp_path: Path) -> None:
    for path in CRASHES:
        kind = None if "propia" in path.name else BY_EXTENSION[path.suffix[1:]].kind
        said, detail = mutation.outcome(kind, path.name, path.read_bytes(), tmp_path)
        assert not detail, f"{path.name}: {said}"
