"""The files of this repository, as the rules read them: those that git holds or would."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PRODUCT = ("config", "schools", "pipeline", "engines", "documents", "rag", "transcription", "planillas")
# What others made, or a program writes.
NOT_OURS = ("static/vendor/", "static/icons.svg", "demo/files/", "requirements.txt", "requirements-dev.txt")


@cache
def files() -> tuple[str, ...]:
    """Return the paths of all files, from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(sorted(path for path in set(listed.split("\0")) if path and (ROOT / path).is_file()))


def ours(*endings: str, below: tuple[str, ...] = ()) -> list[str]:
    """Return the paths of what we wrote, by the ends of their names and the folders they lie in."""
    return [
        path
        for path in files()
        if path.endswith(endings)
        and not path.startswith(NOT_OURS)
        and (not below or path.split("/", 1)[0] in below)
    ]


def text(path: str) -> str:
    """Return a file's text."""
    return (ROOT / path).read_text(encoding="utf-8")
