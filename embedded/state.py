"""The state directory: everything one copy keeps, readable by its owner only."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class AlreadyRunning(Exception):
    """Another process holds this state directory."""


@dataclass(frozen=True, slots=True)
class State:
    """One state directory and the names of what lies in it."""

    path: Path

    @property
    def log(self) -> Path:
        """Return the directory of the logs."""
        return self.path / "log"

    @property
    def running(self) -> Path:
        """Return the file that tells what runs."""
        return self.path / "running.json"

    @property
    def demo(self) -> Path:
        """Return the file with the demonstration login."""
        return self.path / "demo.json"

    def make(self) -> None:
        """Make the directory with mode 0700."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chmod(self.path, 0o700)
        self.log.mkdir(mode=0o700, exist_ok=True)

    def read(self, name: str) -> dict[str, Any]:
        """Return the JSON object kept under this name; empty when there is none."""
        try:
            kept = json.loads((self.path / name).read_text())
        except FileNotFoundError:
            return {}
        return kept if isinstance(kept, dict) else {}

    def write(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep a JSON object with mode 0600; a reader sees the old one or the new one, never half."""
        target = self.path / name
        draft = target.with_name(f".{name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(value, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Be the only process that runs services here; the kernel lets go however this process ends."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning(
                    f"{self.path} is already in use by process {self.holder() or '?'}."
                ) from None
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
            yield
        finally:
            os.close(descriptor)

    def holder(self) -> int | None:
        """Return the process that holds the directory now."""
        try:
            descriptor = os.open(self.path / "lock", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(os.read(descriptor, 20) or b"0") or None
        finally:
            os.close(descriptor)
        return None


def from_environment() -> State:
    """Return the state directory that PRECEPTOR_DATA names, `var/` by default."""
    return State(Path(os.environ.get("PRECEPTOR_DATA") or ROOT / "var").absolute())
