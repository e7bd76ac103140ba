"""The tables of walls and faults in the documentation: every row is there, and names tests that exist."""

import ast
import re
from functools import cache

import pytest

from tests.house.tree import ROOT, text

WALLS, FAULTS = "docs/walls.md", "docs/faults.md"
# T30 (erasure) is a later issue's.
THREATS = {f"T{number}" for number in range(1, 36)} - {"T30"}
ADVISORIES = {
    "CVE-2026-41949", "CVE-2026-41950", "CVE-2026-41947", "CVE-2026-45398", "CVE-2026-45402", "GHSA-57q6-fvp4-pqmm",
    "CVE-2026-31950", "CVE-2026-31943", "CVE-2026-31949", "CVE-2026-32717", "CVE-2025-69286", "GHSA-7grx-3xcx-2xv5",
    "GHSA-c2c9-mfw7-p8hw", "CVE-2026-42208", "CVE-2026-41863",
}  # fmt: skip
NUMBERED_FAULTS = {str(number) for number in range(1, 29)}
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def _rows(page: str) -> dict[str, list[str]]:
    """Return the cells of each row by its first."""
    rows = {}
    for line in text(page).splitlines():
        if line.startswith("| ") and not line.startswith(("| # ", "|---")):
            first, *rest = (cell.strip() for cell in line.strip("|").split(" | "))
            rows[first] = rest
    return rows


def test_every_threat_and_every_published_failure_has_its_row() -> None:
    told = " ".join(_rows(WALLS))
    missing = {name for name in THREATS | ADVISORIES if not re.search(rf"\b{name}\b", told, re.IGNORECASE)}
    assert missing == set()


def test_every_fault_has_its_row() -> None:
    assert NUMBERED_FAULTS - set(_rows(FAULTS)) == set()


@pytest.mark.parametrize("page", [WALLS, FAULTS])
def test_a_row_names_tests_that_exist_and_how_they_were_seen_red(page: str) -> None:
    wrong = []
    for first, cells in _rows(page).items():
        if len(cells) != 3:
            wrong.append(f"{first}: has {len(cells) + 1} cells, not 4")
            continue
        named = _TEST.findall(cells[1])
        if not named and not cells[1].startswith("none yet: "):
            wrong.append(f"{first}: names no test")
        wrong += [f"{first}: {file}::{name}" for file, name in named if not _exists(file, name)]
        if named and len(cells[2]) < 20:
            wrong.append(f"{first}: does not say how it was seen red")
    assert wrong == []


def _exists(file: str, name: str) -> bool:
    return (ROOT / file).is_file() and (not name or name in _functions(file))


@cache
def _functions(file: str) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(text(file))) if isinstance(node, ast.FunctionDef)}
