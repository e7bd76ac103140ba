"""Imports fall and never rise, and each vendor has one door. The contracts stand in pyproject.toml."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from tests.house.tree import PRODUCT, ROOT, ours, text

# Where a vendor's library may be imported; the same as the contracts, for the files that those leave out.
DOORS = {
    "qdrant_client": ("rag/store.py",),
    "rq": ("pipeline/jobs.py",),
    "django_rq": ("pipeline/jobs.py",),
    "ollama": ("engines/providers/",),
    "fastembed": ("engines/providers/",),
    "pypdfium2": ("documents/parsers/",),
    "openpyxl": ("documents/parsers/", "planillas/exports/", "planillas/own_files/"),
    "lxml": ("documents/parsers/", "planillas/exports/", "planillas/own_files/"),
    "PIL": ("documents/parsers/", "deploy/take_screenshots.py"),
    "pi_heif": ("documents/parsers/",),
    "python_calamine": ("documents/parsers/",),
    "olefile": ("documents/parsers/",),
    "charset_normalizer": ("documents/parsers/",),
    "markdown_it": ("documents/parsers/", "rag/prose.py"),
    "stdnum": ("documents/personal_data/", "planillas/written/"),
    "phonenumbers": ("documents/personal_data/", "planillas/written/"),
    "docx": ("transcription/exports/", "planillas/exports/", "planillas/own_files/"),
    "typst": ("transcription/exports/", "planillas/exports/"),
    "sklearn": ("transcription/grouping.py",),
}
# Installed for what makes test files and the demonstration: the product reads DOCX by itself.
NOWHERE = ("pptx", "odf", "xlwt", "onnx", "playwright")
# Sockets are opened by these alone: an address that a school's text names is never fetched.
CALLERS = {
    "httpx": ("rag/store.py", "engines/providers/", "engines/wire.py", "engines/discovery.py"),
    "httpx2": ("engines/providers/", "engines/wire.py", "engines/runpod_wire.py"),
    "requests": (),
    "urllib3": (),
    "aiohttp": (),
    "websockets": (),
    "ftplib": (),
    "smtplib": (),
    "imaplib": (),
    "xmlrpc": (),
    "socketserver": (),
    "urllib.request": (),
    "http.client": (),
    "socket": ("engines/keys.py", "documents/clamd.py"),
}


def test_imports_keep_the_contracts() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("library", DOORS)
def test_a_vendor_has_one_door(library: str) -> None:
    found = {path for path, name in _imports() if _is_of(name, library)}
    assert {path for path in found if not path.startswith(DOORS[library])} == set()
    assert found, f"nobody imports {library}: take it off the list"


@pytest.mark.parametrize("library", NOWHERE)
def test_a_tool_of_development_is_not_imported_by_the_product(library: str) -> None:
    assert [path for path, name in _imports() if _is_of(name, library)] == []


@pytest.mark.parametrize("library", CALLERS)
def test_only_the_doors_open_sockets(library: str) -> None:
    found = {path for path, name in _imports() if _is_of(name, library)}
    assert {path for path in found if not path.startswith(CALLERS[library] or ("-",))} == set()


def _is_of(name: str, library: str) -> bool:
    return name == library or name.startswith(f"{library}.")


@cache
def _imports() -> tuple[tuple[str, str], ...]:
    """Return every import of the product: file and name."""
    return tuple(_walk())


def _walk() -> Iterator[tuple[str, str]]:
    for path in ours(".py", below=PRODUCT):
        for node in ast.walk(ast.parse(text(path), filename=path)):
            if isinstance(node, ast.Import):
                yield from ((path, each.name) for each in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield path, node.module
                yield from ((path, f"{node.module}.{each.name}") for each in node.names)
