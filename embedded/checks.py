"""`check` and `lock`: what must hold of the code itself, the lock files, and what is known of the packages in them."""

import argparse
import datetime
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from embedded import advisories, secret_scan
from embedded.development import temporary_services
from embedded.environment import DEVELOPMENT_LOCK, RUNTIME_LOCK
from embedded.state import ROOT

_PYTHON = "3.11"


_TOOLS: dict[str, tuple[str, ...]] = {
    "ruff check": ("-m", "ruff", "check", ".", "preceptor"),
    "ruff format": ("-m", "ruff", "format", "--check", ".", "preceptor"),
    "mypy": ("-m", "mypy"),
    "lint-imports": ("-c", "from importlinter.cli import lint_imports_command as run; run()"),
    "migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
}


def check(arguments: Sequence[str]) -> int:
    """Run every check to its end and return 1 when one failed.

    The type checker and the migrations load the settings, and those ask for the addresses of the services.
    """
    argparse.ArgumentParser(prog="./preceptor check", description="Check the code.").parse_args(arguments)
    failed = []
    with temporary_services({}) as (supervisor, environment), tempfile.TemporaryFile() as output:

        def run(command: Sequence[str]) -> str:
            output.truncate(0)
            code = supervisor.run_attached((sys.executable, *command), environment=environment, output=output)
            output.seek(0)
            return output.read().decode(errors="replace").rstrip() or f"ended with {code}" if code else ""

        of_tools = {name: partial(_with_no_word, run, command) for name, command in _TOOLS.items()}
        for name, look in (of_tools | _AUDITS).items():
            started_at = time.monotonic()
            problem, word = look()
            elapsed_s = time.monotonic() - started_at
            told = f"{'FAILED' if problem else 'ok    '}  {name:<14} {elapsed_s:6.1f} s  {word}"
            print(told.rstrip(), flush=True)
            if problem:
                failed.append(name)
                print(problem, flush=True)
    print(f"\n{len(failed)} failed: {', '.join(failed)}" if failed else "\nall good")
    return 1 if failed else 0


def _with_no_word(run: Callable[[Sequence[str]], str], command: Sequence[str]) -> tuple[str, str]:
    return run(command), ""


def problems_of_packages() -> tuple[str, str]:
    """Return which packages of both lock files are known to be vulnerable, and how much is known."""
    return advisories.problems_of_packages(_pins(ROOT / RUNTIME_LOCK) | _pins(ROOT / DEVELOPMENT_LOCK))


# What is missing for one of them it says, in place of passing in silence.
_AUDITS: dict[str, Callable[[], tuple[str, str]]] = {
    "lock files": lambda: (problems_of_locks(), ""),
    "advisories": problems_of_packages,
    "secrets": lambda: secret_scan.problems_of_secrets(ROOT),
}


def problems_of_locks() -> str:
    """Return what is wrong in the lock files and between them, empty when all is well."""
    problems = [
        problem for name in (RUNTIME_LOCK, DEVELOPMENT_LOCK) for problem in problems_of_lock(ROOT / name)
    ]
    runtime, development = _pins(ROOT / RUNTIME_LOCK), _pins(ROOT / DEVELOPMENT_LOCK)
    problems += [
        f"{name}: {pin} in {RUNTIME_LOCK}, {development.get(name)} in {DEVELOPMENT_LOCK}"
        for name, pin in runtime.items()
        if development.get(name) != pin
    ]
    return "\n".join(problems)


def problems_of_lock(lock: Path) -> list[str]:
    """Return what is wrong in a lock file: an entry without hash, an address of a registry."""
    problems = []
    for entry in re.split(r"\n(?=\S)", lock.read_text()):
        if re.match(r"[A-Za-z0-9]", entry) and "--hash=sha256:" not in entry:
            problems.append(f"{lock.name}: {entry.splitlines()[0]} has no hash")
        if re.search(r"https?://|--(extra-)?index-url|--find-links", entry):
            problems.append(f"{lock.name}: names an address: {entry.splitlines()[0]}")
    return problems


def _pins(lock: Path) -> dict[str, str]:
    return dict(
        re.findall(r"^([A-Za-z0-9][\w.\-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", lock.read_text(), re.MULTILINE)
    )


def lock(arguments: Sequence[str]) -> int:
    """Resolve requirements*.in again; pins stay where they still fit, unless --upgrade."""
    parser = argparse.ArgumentParser(prog="./preceptor lock", description="Write the lock files anew.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    parser.add_argument(
        "--advisories",
        type=Path,
        metavar="PATH",
        help="read the advisories on our packages anew, from a checkout of pypa/advisory-database or OSV's ZIP of PyPI",
    )
    parser.add_argument(
        "--as-of",
        type=datetime.date.fromisoformat,
        metavar="DAY",
        help="the day they are of; today unless told",
    )
    options = parser.parse_args(arguments)
    if options.advisories:
        pins = _pins(ROOT / RUNTIME_LOCK) | _pins(ROOT / DEVELOPMENT_LOCK)
        as_of = options.as_of or datetime.datetime.now(datetime.UTC).date()
        print(
            f"{advisories.FILE.name}: {advisories.read(options.advisories, set(pins), as_of=as_of)} advisories"
        )
        return 0
    uv = Path(sys.executable).parent / "uv"
    if not uv.exists():
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "uv"], check=True
        )
    for source, target, constraints in (
        ("requirements.in", RUNTIME_LOCK, ()),
        ("requirements-dev.in", DEVELOPMENT_LOCK, ("-c", RUNTIME_LOCK)),  # so that the one contains the other
    ):
        done = subprocess.run(
            [
                str(uv),
                "pip",
                "compile",
                "--quiet",
                "--generate-hashes",
                "--universal",
                "--python-version",
                _PYTHON,
                "--no-emit-index-url",
                "--no-emit-find-links",
                "--custom-compile-command",
                "./preceptor lock",
                *(["--upgrade"] if options.upgrade else []),
                *constraints,
                source,
                "-o",
                target,
            ],
            cwd=ROOT,
            check=False,
        )
        if done.returncode != 0:
            return done.returncode
        print(f"{target}: {len(_pins(ROOT / target))} packages")
    return 0
