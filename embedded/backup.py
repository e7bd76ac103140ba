"""`backup FILE`: the database, the files and the vectors in one file, while the portal is at work."""

import argparse
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from embedded import manage
from embedded.archive import Writer
from embedded.display import Display
from embedded.dumping import Database
from embedded.state import ROOT, State, from_environment
from embedded.vectors import Vectors

_MARK = ".backup-"


class BackupFailed(Exception):
    """There is no backup; the message says why."""


def backup(arguments: Sequence[str]) -> int:
    """Write a backup of this copy, running or not."""
    parser = argparse.ArgumentParser(
        prog="./preceptor backup",
        description="Write database, files and vectors to one file. The portal may go on working meanwhile.",
    )
    parser.add_argument("file", metavar="FILE", help="must not exist yet")
    parser.add_argument(
        "--no-vectors",
        action="store_true",
        help="leave the vectors out: restore makes them again from the texts",
    )
    options = parser.parse_args(arguments)
    target = given_path(options.file)
    state = from_environment()
    if target.exists():
        raise BackupFailed(f"{target} exists already: choose another name, nothing is ever written over.")
    if not target.parent.is_dir():
        raise BackupFailed(f"{target.parent} is no directory: make it first.")
    if not state.path.exists():
        raise BackupFailed(f"{state.path} does not exist: PRECEPTOR_DATA names the copy to be backed up.")
    display = Display()
    try:
        with _at_work(state) as (environment, look_up):
            told = _write(target, state, environment, display, look_up, has_vectors=not options.no_vectors)
    finally:
        display.close()
    print(told)
    return 0


def given_path(text: str) -> Path:
    """Return the file that a person named, from where the command was typed."""
    return Path(os.environ.get("PRECEPTOR_CALLED_FROM") or os.getcwd(), text).absolute()


def version() -> str:
    """Return which Preceptor this is: its commit, where it was cloned."""
    asked = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"


@contextmanager
def _at_work(state: State) -> Iterator[tuple[Mapping[str, str], Callable[[], None]]]:
    """Give the environment of the copy that runs, or of one whose services run meanwhile."""
    if state.holder() is not None:
        yield manage.environment_of_running(state), lambda: None
        return
    with state.hold(), manage.services_in(state) as (supervisor, environment):
        yield environment, lambda: supervisor.pause(0)


def _write(
    target: Path,
    state: State,
    environment: Mapping[str, str],
    display: Display,
    look_up: Callable[[], None],
    *,
    has_vectors: bool,
) -> str:
    started_at = time.monotonic()
    _clear_leftovers(state)
    draft = target.with_name(f".{target.name}.part-{os.getpid()}")
    aside = state.path / f"{_MARK}{os.getpid()}"
    try:
        aside.mkdir(mode=0o700)
        database = Database(environment["DATABASE_OWNER_URL"])
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        # A file that the dump names was there before it or came before its row did. What is deleted meanwhile still
        # has its second name here.
        display.step("Taking hold of the files", share=0.05)
        files = state.path / "files"
        is_held = _hold(files, aside / "files")
        display.step("Copying the database", share=0.1)
        database.dump(aside / "database.dump")
        if is_held:
            _hold(files, aside / "files")
        look_up()
        head = {"version": version(), "made_at": made_at, "migrations": database.migrations()}
        counts = database.counts()
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with Writer(file, head) as writer:
                writer.add("database.dump", aside / "database.dump")
                counts["points"] = 0
                if has_vectors:
                    display.step("Copying the vectors", share=0.3)
                    counts["points"] = _copy_vectors(environment, aside, writer, look_up)
                display.step("Copying the files", share=0.5)
                counts["files"] = _copy_files(aside / "files" if is_held else files, writer, look_up)
                display.step("Finishing", share=0.95)
                writer.finish({"counts": counts, "has_vectors": has_vectors})
            file.flush()
            os.fsync(file.fileno())
        _put(draft, target)
    except OSError as error:
        raise BackupFailed(f"no backup was written to {target}: {error.strerror or error}.") from error
    finally:
        draft.unlink(missing_ok=True)
        shutil.rmtree(aside, ignore_errors=True)
    size = target.stat().st_size / 1_000_000
    listed = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"{target}: {size:.1f} MB in {time.monotonic() - started_at:.1f} s ({listed})."


def _put(draft: Path, target: Path) -> None:
    """Give the finished file its name, which another may have taken meanwhile."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError:  # a disk that knows no second names: a stick, a share
        os.rename(draft, target)
    directory = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a share may not know this either
            os.fsync(directory)
    finally:
        os.close(directory)


def _hold(files: Path, aside: Path) -> bool:
    """Give every file a second name, so that its deletion meanwhile takes nothing; False where links are not possible.

    Files are only ever written anew, never changed, so what the second name leads to stays as it is.
    """
    for path in _files_in(files):
        second = aside / path.relative_to(files)
        second.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.link(path, second)
        except (FileExistsError, FileNotFoundError):
            continue
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
            return False
    aside.mkdir(mode=0o700, exist_ok=True)
    return True


def _copy_files(files: Path, writer: Writer, look_up: Callable[[], None]) -> int:
    count = 0
    for path in _files_in(files):
        try:
            writer.add(f"files/{path.relative_to(files)}", path)
        except FileNotFoundError:  # deleted meanwhile, where links are not possible
            continue
        count += 1
        if count % 100 == 0:
            look_up()
    return count


def _copy_vectors(
    environment: Mapping[str, str], aside: Path, writer: Writer, look_up: Callable[[], None]
) -> int:
    qdrant = vectors_of(environment)
    count = 0
    for name in qdrant.names():
        count += qdrant.write_out(name, aside, each=look_up)
        for ending in (".json", ".jsonl.gz"):
            writer.add(f"vectors/{name}{ending}", aside / f"{name}{ending}")
            (aside / f"{name}{ending}").unlink()
    return count


def vectors_of(environment: Mapping[str, str]) -> Vectors:
    """Return the collections of the copy whose environment this is."""
    return Vectors(
        url=environment["QDRANT_URL"],
        key=environment.get("QDRANT_API_KEY", ""),
        prefix=environment.get("QDRANT_PREFIX") or "chunks",
    )


def _files_in(folder: Path) -> Iterator[Path]:
    for home, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(home, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _clear_leftovers(state: State) -> None:
    """Take away what a backup that was killed left."""
    for left in state.path.glob(f"{_MARK}*"):
        if not Path("/proc", left.name.removeprefix(_MARK)).exists():
            shutil.rmtree(left, ignore_errors=True)
