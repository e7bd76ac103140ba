"""The virtual environment: made when missing, brought up to its lock file when that changed.

Runs under whatever Python started `./preceptor`, before anything is installed: standard library only.
"""

import fcntl
import hashlib
import os
import re
import selectors
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from embedded.display import Display

RUNTIME_LOCK = "requirements.txt"
DEVELOPMENT_LOCK = "requirements-dev.txt"
_DEVELOPMENT_COMMANDS = frozenset({"test", "check", "bench"})
_REDRAW_S = 0.25
_FETCHING_SHARE = 0.6
_NEEDS_NOTHING = frozenset({"", "help", "-h", "--help"})


class InstallationFailed(Exception):
    """The packages could not be installed; the message holds the installer's last lines."""


def hand_over(*, root: str, arguments: Sequence[str]) -> NoReturn:
    """Bring the environment up to date and become `.venv/bin/python -m embedded ARGUMENTS`."""
    home = Path(root)
    command = arguments[0] if arguments else ""
    python = home / ".venv" / "bin" / "python"
    if command in _NEEDS_NOTHING and not python.exists():
        python = Path(sys.executable)
    else:
        try:
            if command == "lock":  # it mends the lock files, so it must not need what they name
                _make_environment(home, Display())
            else:
                prepare(
                    home, lock_file=DEVELOPMENT_LOCK if command in _DEVELOPMENT_COMMANDS else RUNTIME_LOCK
                )
        except (InstallationFailed, OSError) as error:
            sys.exit(f"preceptor: {error}")
        except KeyboardInterrupt:
            sys.exit("\npreceptor: stopped; the next start continues.")
    if "PRECEPTOR_DATA" in os.environ:
        os.environ["PRECEPTOR_DATA"] = os.path.abspath(os.environ["PRECEPTOR_DATA"])
    os.environ["PRECEPTOR_CALLED_FROM"] = os.getcwd()  # against which a person's file names are read
    os.chdir(home)
    os.execv(python, [str(python), "-m", "embedded", *arguments])  # noqa: S606


def prepare(root: Path, *, lock_file: str) -> None:
    """Make `.venv` hold what the lock file names; instant when it already does."""
    lock_path = root / lock_file
    if _is_current(root, lock_file):
        return
    with lock_path.open("rb") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # two copies started at once install once
        if _is_current(root, lock_file):
            return
        display = Display(until=0.9)
        try:
            _make_environment(root, display)
            _install(root, lock_path, display)
            for satisfied in _satisfied_by(lock_file):
                _stamp(root, satisfied).write_text(_digest(root / satisfied))
            display.pass_on()
        finally:
            display.close()


def _satisfied_by(lock_file: str) -> tuple[str, ...]:
    # The development lock is made on top of the runtime lock, with the same pins.
    return (RUNTIME_LOCK, DEVELOPMENT_LOCK) if lock_file == DEVELOPMENT_LOCK else (RUNTIME_LOCK,)


def _is_current(root: Path, lock_file: str) -> bool:
    try:
        kept = _stamp(root, lock_file).read_text()
    except OSError:
        return False
    return kept == _digest(root / lock_file) and os.access(root / ".venv" / "bin" / "python", os.X_OK)


def _stamp(root: Path, lock_file: str) -> Path:
    return root / ".venv" / f".{lock_file}.sha256"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _make_environment(root: Path, display: Display) -> None:
    python = root / ".venv" / "bin" / "python"
    if python.exists():
        asked = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return
    display.step("Making the virtual environment", share=0.0)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", root / ".venv"], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        raise InstallationFailed(
            "the virtual environment could not be made (Debian and Ubuntu need the package python3-venv):\n"
            + (made.stdout + made.stderr).strip()
        )


def _install(root: Path, lock_path: Path, display: Display) -> None:
    total = max(
        len(re.findall(r"^[A-Za-z0-9][\w.\-]*(?:\[[^\]]*\])?==", lock_path.read_text(), re.MULTILINE)), 1
    )
    display.step(f"Installing {total} packages", share=0.0)
    command = [
        str(root / ".venv" / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--no-deps",
        "-r",
        str(lock_path),
        "--progress-bar",
        "off",
        "--no-input",
        "--disable-pip-version-check",
    ]
    progress = _Progress(root, total, display)
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as pip,
        selectors.DefaultSelector() as selector,
    ):
        assert pip.stdout is not None
        selector.register(pip.stdout, selectors.EVENT_READ)
        pending = b""
        while True:
            if not selector.select(_REDRAW_S):
                progress.redraw()
                continue
            piece = os.read(pip.stdout.fileno(), 65_536)
            if not piece:
                break
            *lines, pending = (pending + piece).split(b"\n")
            for line in lines:
                progress.hear(line.decode(errors="replace"))
    if pip.returncode != 0:
        raise InstallationFailed("pip could not install the packages:\n" + "\n".join(progress.lines[-15:]))
    display.step("Packages installed", share=1.0)


class _Progress:
    """Reads pip's words: it names each package it fetches; what it has unpacked is counted on the disk."""

    def __init__(self, root: Path, total: int, display: Display) -> None:
        self.lines: list[str] = []
        self._root = root
        self._total = total
        self._display = display
        self._fetched = 0
        self._fetching = ""
        self._is_unpacking = False

    def hear(self, line: str) -> None:
        self.lines.append(line)
        found = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.\-]+)", line)
        if found:
            self._fetched += 1
            self._fetching = found[1]
        elif line.startswith("Ignoring "):  # locked for another Python or another system
            self._total -= 1
        elif line.startswith("Installing collected packages"):
            self._is_unpacking = True
            self._display.step("Unpacking the packages", share=_FETCHING_SHARE)
        self.redraw()

    def redraw(self) -> None:
        if self._is_unpacking:
            done = sum(1 for _ in self._root.glob(".venv/lib/python*/site-packages/*.dist-info"))
            text, share = f"Unpacking the packages ({done} of {self._total})", _FETCHING_SHARE
            share += (1 - _FETCHING_SHARE) * min(done / self._total, 1.0)
        else:
            done = self._fetched
            text = (
                f"Fetching {self._fetching} ({done} of {self._total})" if done else "Asking for the packages"
            )
            share = _FETCHING_SHARE * min(done / self._total, 1.0)
        self._display.detail(text, share=share)
