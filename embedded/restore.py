"""`restore FILE`: a backup into an empty state directory. All of it is checked before anything is made."""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from embedded import archive
from embedded.backup import given_path, vectors_of
from embedded.display import Display
from embedded.dumping import Database
from embedded.manage import services_in
from embedded.state import ROOT, AlreadyRunning, State, from_environment
from embedded.supervisor import StartFailed, Supervisor

_MARK = ".restoring-"
# Of the draft alone: who held it and what ran in it.
_NOT_MOVED = frozenset({"lock", "children.json", "running.json", "archive"})


class RestoreFailed(Exception):
    """Nothing was restored; the message says why."""


def restore(arguments: Sequence[str]) -> int:
    """Make the copy that a backup holds, in the state directory that PRECEPTOR_DATA names."""
    parser = argparse.ArgumentParser(
        prog="./preceptor restore",
        description="Make the copy that a backup holds, in an empty state directory (PRECEPTOR_DATA).",
    )
    parser.add_argument("file", metavar="FILE")
    parser.add_argument(
        "--force",
        action="store_true",
        help="put what stands in the state directory aside, beside it; never deleted",
    )
    options = parser.parse_args(arguments)
    source, state = given_path(options.file), from_environment()
    display = Display()
    try:
        return _restore(source, state, display, is_forced=options.force)
    finally:
        display.close()


def _restore(source: Path, state: State, display: Display, *, is_forced: bool) -> int:
    started_at = time.monotonic()
    if (holder := state.holder()) is not None:
        raise AlreadyRunning(f"{state.path} is in use by process {holder}: ./preceptor down ends it.")
    is_taken = state.path.exists() and any(_standing(state.path))
    if is_taken and not is_forced:
        raise RestoreFailed(
            f"{state.path} is not empty: give PRECEPTOR_DATA another name, or put what stands there aside with --force."
        )
    display.step("Checking the backup", share=0.05)
    _check_version(source, archive.read_head(source))
    end = archive.read(source)
    if is_taken:
        aside = state.path.with_name(f"{state.path.name}.before-restore-{int(time.time())}")
        os.rename(state.path, aside)
        print(f"What stood in {state.path} is in {aside} now.", file=sys.stderr)
    state.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = State(state.path / f"{_MARK}{os.getpid()}")
    try:
        draft.make()
        code = _fill(source, draft, display, has_vectors=bool(end.get("has_vectors")))
        for path in sorted(draft.path.iterdir(), key=lambda each: each.name == "postgres"):
            if path.name not in _NOT_MOVED:
                target = state.path / path.name
                if target.is_dir():  # an empty log directory
                    shutil.rmtree(target)
                os.rename(path, target)
    except OSError as error:
        raise RestoreFailed(f"nothing was restored: {error.strerror or error} ({error.filename}).") from error
    finally:
        shutil.rmtree(draft.path, ignore_errors=True)
    display.close()
    listed = ", ".join(f"{count} {name}" for name, count in dict(end.get("counts", {})).items())
    print(f"{state.path} holds the backup ({listed}), in {time.monotonic() - started_at:.1f} s.")
    print("./preceptor up starts it. engines.yaml, keys and passwords of services were not in it.")
    return code


def _standing(path: Path) -> list[str]:
    """Return what stands in a directory, without what a restore that was killed left there, or empty logs."""
    for left in path.glob(f"{_MARK}*"):
        if not Path("/proc", left.name.removeprefix(_MARK)).exists():
            shutil.rmtree(left, ignore_errors=True)
    return [each.name for each in path.iterdir() if each.name != "log" or any(each.iterdir())]


def _check_version(source: Path, head: Mapping[str, Any]) -> None:
    """Refuse a backup whose database this code does not know; one from before is brought up to date."""
    unknown = []
    for each in head.get("migrations", ()):
        app, _dot, name = str(each).partition(".")
        migrations = ROOT / app / "migrations"
        # Of the libraries' own, Django says at the end.
        if app.isidentifier() and migrations.is_dir() and not (migrations / f"{name}.py").exists():
            unknown.append(each)
    if unknown:
        raise archive.ArchiveRefused(
            f"{source} was made by a newer Preceptor ({head.get('version', 'unknown')}): it knows {unknown[0]}, which "
            "this one does not. Bring this copy's code up to date first. Nothing was restored."
        )


def _fill(source: Path, draft: State, display: Display, *, has_vectors: bool) -> int:
    with draft.hold(), services_in(draft) as (supervisor, environment):
        database, qdrant = Database(environment["DATABASE_OWNER_URL"]), vectors_of(environment)
        _require_empty(database, bool(qdrant.names()))

        def look_up() -> None:
            supervisor.pause(0)

        display.step("Unpacking", share=0.2)
        unpacked = draft.path / "archive"
        archive.read(source, into=unpacked, each=look_up)
        (unpacked / "files").mkdir(mode=0o700, exist_ok=True)
        os.rename(unpacked / "files", draft.path / "files")
        display.step("Restoring the database", share=0.4)
        database.restore(unpacked / "database.dump")
        _manage(supervisor, environment, "migrate", "--database", "owner", "--no-input")
        if has_vectors:
            display.step("Restoring the vectors", share=0.6)
            _load_vectors(environment, unpacked / "vectors", look_up)
        # Also makes the vectors that are missing; nobody uploads, so no file is too young to be left over.
        display.step("Comparing database, files and vectors", share=0.75)
        display.close()
        code = supervisor.run_attached(
            (sys.executable, "manage.py", "reconcile", "--grace-min", "0"), environment=environment
        )
        if code not in (0, 1):
            raise StartFailed("manage.py reconcile failed.")
        return code


def _require_empty(database: Database, has_collections: bool) -> None:
    if not database.is_empty():
        raise RestoreFailed("the database that DATABASE_URL names is not empty: give an empty one, or none.")
    if has_collections:
        raise RestoreFailed(
            "the Qdrant that QDRANT_URL names holds collections of Preceptor: give an empty one."
        )


def _load_vectors(environment: Mapping[str, str], folder: Path, look_up: Callable[[], None]) -> None:
    qdrant = vectors_of(environment)
    for shape in sorted(folder.glob("*.json")):
        qdrant.read_in(shape.name.removesuffix(".json"), folder, each=look_up)


def _manage(supervisor: Supervisor, environment: Mapping[str, str], name: str, *arguments: str) -> None:
    supervisor.run_once(name, (sys.executable, "manage.py", name, *arguments), environment=environment)
