"""What a line of ours may not hold, and how large a file may grow."""

import ast
import re
from functools import cache

import pytest

from tests.house.tree import NOT_OURS, PRODUCT, ROOT, files, ours, text

MOST_LINES = 450
MOST_LINES_OF_A_STYLE_SHEET = 700
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "services", "core", "misc", "base_utils"}
# embedded/services.py is about services: Postgres, Redis and Qdrant.
MEANT = {"embedded/services.py"}


def test_no_file_has_grown_beyond_its_seam() -> None:
    long = {
        path: count
        for path in ours(".py", ".js", ".html", ".css")
        if "/migrations/" not in path
        and (count := text(path).count("\n"))
        > (MOST_LINES_OF_A_STYLE_SHEET if path.endswith(".css") else MOST_LINES)
    }
    assert long == {}


def test_a_module_is_named_after_what_it_does() -> None:
    parts = {
        path
        for path in ours(".py", ".js", ".html")
        if path not in MEANT and {piece.partition(".")[0] for piece in path.split("/")} & EMPTY_NAMES
    }
    assert parts == set()


# Words that turn a check off, with the only places that may say them and why those are safe.
FORBIDDEN = {
    # Every word of a document is escaped by documents.pages, of an answer by rag.prose; the tags are ours.
    r"\bmark_safe\(|\bSafeString\((?!\"\"\))": {
        "documents/reading.py",
        "planillas/report_shown.py",
        "rag/shown.py",
    },
    r"\bcsrf_exempt\b": set(),
    # Arrays as one parameter each, in literal SQL; the school's filter of the manager stays beside it.
    r"\.extra\(|\bRawSQL\b|\.raw\(": {
        "documents/succession.py",
        "rag/evidence.py",
        "rag/retrieve.py",
    },
    r"\b(?:eval|exec)\(|\bpickle\b|\bmarshal\b|\bshell=True": set(),
    # The file of engines is the installation's own; its loader is a safe one with line numbers.
    r"yaml\.load\(|yaml\.unsafe": {"engines/config.py"},
    r"\bcursor\(": {
        "schools/scope.py",  # names the school to Postgres
        "schools/guard.py",  # asks Postgres about its own walls
        "pipeline/management/commands/schedule.py",  # the scheduler's lock
        "config/health.py",
        "schools/bulk.py",  # many rows in one statement, behind a check of their school; see test_scope.py
    },
    # A plain manager looks past the first wall.
    r"models\.Manager\(|_base_manager\b|_default_manager\b|\bManager\.from_queryset": set(),
    # The owner passes row-level security.
    r"\busing\(|connections\[['\"]owner|using=['\"]": set(),
    r"['\"]owner['\"]": {
        "config/settings/__init__.py",
        # Whose a task is: the field's name in the API and to engines.
        "transcription/actions.py",
        "transcription/api_digest.py",
        "transcription/digest_pages.py",
        "transcription/draft_prompt.py",
        "transcription/drafting.py",
        "transcription/exports/json.py",
        "transcription/migrations/0001_initial.py",
    },
    r"\bFIXME\b|\bHACK\b|raise NotImplementedError": set(),
    r"\bprint\(": set(),
}


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_a_check_is_turned_off_only_where_it_is_listed(pattern: str) -> None:
    found = {path for path in ours(".py", below=PRODUCT) if re.search(pattern, _code(path))}
    assert found - FORBIDDEN[pattern] == set()
    assert FORBIDDEN[pattern] - found == set(), "no longer needed: take it off the list"


@cache
def _code(path: str) -> str:
    """Return a module without its comments and docstrings."""
    tree = ast.parse(text(path))
    for node in ast.walk(tree):
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def test_views_ask_no_manager_of_a_school() -> None:
    """A view calls downwards; what it asks of the tables outside the wall is this list."""
    views = [*ours("views.py", "api.py", below=PRODUCT), "config/portal.py"]
    found = {(path, name) for path in views for name in re.findall(r"(\w+)\.objects\b", text(path))}
    assert found <= {
        ("schools/views.py", "Membership"),
        ("schools/views.py", "School"),
        ("schools/views.py", "User"),
        ("config/portal.py", "School"),
    }


TRACES = re.compile(
    r"/work/|/tmp/bash_jobs|/tmp/lab|\.library/|/home/[a-z]+/|/root/"
    r"|https?://[\w.-]*(?:pypi|artifactory|nexus|npmjs)[\w.-]*|--(?:extra-)?index-url",
    re.IGNORECASE,
)
# These look for such things themselves.
LOOKERS = {"tests/house/test_sources.py", "embedded/checks.py", "tests/embedded/test_environment.py"}


def test_no_file_names_a_machine_of_ours_or_a_registry() -> None:
    found = {}
    for path in files():
        content = (ROOT / path).read_bytes()
        if b"\0" in content[:8000] or path in LOOKERS or path.startswith("static/vendor/"):
            continue
        if match := TRACES.search(content.decode("utf-8", "replace")):
            found[path] = match[0]
    assert found == {}


def test_nothing_committed_is_huge_or_secret() -> None:
    assert [path for path in files() if (ROOT / path).stat().st_size > 1_500_000] == []
    names = re.compile(r"(^|/)(\.env|demo\.json|id_rsa.*|.*\.pem|.*\.key|.*\.sqlite3|.*\.dump)$")
    assert [path for path in files() if names.search(path)] == []


def test_a_test_never_depends_on_what_lies_beside_the_repository() -> None:
    found = [
        path
        for path in ours(".py", below=("tests", *PRODUCT))
        if re.search(r"\.\./shared|/shared/", text(path))
    ]
    assert [path for path in found if path not in LOOKERS] == []
    assert NOT_OURS
