"""A copy of programs that an unprivileged user can execute, when theirs lie under a closed directory."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

_SHELF = Path("/var/lib/preceptor")


def reachable_copy(package: Path, *, parts: Sequence[str], user: int) -> Path:
    """Return the package itself when `user` can reach it, else a copy of these parts and their libraries.

    The copy belongs to root and stands under a name that tells what it was made from: it is made once.
    """
    if _can_reach(package, user):
        return package
    record = next(package.parent.glob(f"{package.name}-*.dist-info/RECORD"))
    name = hashlib.sha256(record.read_bytes()).hexdigest()[:16]
    home = _SHELF / f"{package.name}-{name}"
    copied = home / package.name
    if not copied.exists():
        _SHELF.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=_SHELF))
        try:
            for part in parts:
                shutil.copytree(
                    package / part,
                    draft / package.name / part,
                    ignore=shutil.ignore_patterns("*.a", "include"),
                )
            libraries = package.parent / f"{package.name}.libs"
            if libraries.exists():
                shutil.copytree(libraries, draft / libraries.name)
            os.chmod(draft, 0o755)  # noqa: S103  # public programs, nothing else
            try:
                os.rename(draft, home)
            except OSError:
                if not copied.exists():  # else another copy of Preceptor was quicker
                    raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return copied


def _can_reach(path: Path, user: int) -> bool:
    for directory in (path, *path.parents):
        status = directory.stat()
        if not (status.st_mode & 0o001 or (status.st_uid == user and status.st_mode & 0o100)):
            return False
    return True
