"""`test` and `bench`: services of their own, in a directory that goes when they end."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from embedded.manage import services_in
from embedded.state import ROOT, State
from embedded.supervisor import Supervisor

_SHORTCUTS = {
    "--fast": ("-m", "not browser and not slow and not faults and not long"),
    "--faults": ("-m", "faults"),
    "--long": ("-m", ""),
}
_SYSTEM_PACKAGES = {
    "tesseract": ("tests of scanned pages are left out", "tesseract-ocr tesseract-ocr-spa"),
    "soffice": ("tests of old Word and RTF files are left out", "libreoffice-writer-nogui"),
    "pgbouncer": ("tests of the wall behind PgBouncer are left out", "pgbouncer"),
    "clamd": ("tests with a real virus scanner are left out", "clamav-daemon"),
}
_BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


def test(arguments: Sequence[str]) -> int:
    """Run pytest against fresh services and return its exit code."""
    chosen = [piece for argument in arguments for piece in _SHORTCUTS.get(argument, (argument,))]
    if not any(
        re.match(r"-n|--numprocesses|-p(no:)?xdist|--pdb|--collect-only|--co$", one) for one in chosen
    ):
        # More than the cores: the journeys in the browser mostly wait.
        chosen = ["-n", str((os.cpu_count() or 1) + 1), "--dist", "loadgroup", *chosen]
    if "-m" not in chosen and not any(Path(one.partition("::")[0]).exists() for one in chosen):
        # What takes long and says little more runs by itself, each night: .ci/nightly.
        chosen = ["-m", "not long", *chosen]
    for line in _missing():
        print(f"preceptor: {line}", file=sys.stderr, flush=True)
    told = {"PRECEPTOR_TEST": "1"} | ({"PRECEPTOR_TEST_LONG": "1"} if "--long" in arguments else {})
    with temporary_services(told) as (supervisor, environment):
        return supervisor.run_attached((sys.executable, "-m", "pytest", *chosen), environment=environment)


def bench(arguments: Sequence[str]) -> int:
    """Run one measurement, with fresh services unless its module says that it needs none."""
    known = sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))
    if not arguments or arguments[0] not in known:
        print(
            f"usage: ./preceptor bench NAME [ARGUMENT …]\nNAME is one of: {', '.join(known) or '(none yet)'}",
            file=sys.stderr,
        )
        return 2
    command = (sys.executable, "-m", f"bench.{arguments[0]}", *arguments[1:])
    source = (ROOT / "bench" / f"{arguments[0]}.py").read_text()
    if re.search(r"^NEEDS_SERVICES(?:\s*:\s*\w+)?\s*=\s*False", source, re.MULTILINE):
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    with temporary_services({}) as (supervisor, environment):
        return supervisor.run_attached(command, environment=environment)


@contextmanager
def temporary_services(extra: dict[str, str]) -> Iterator[tuple[Supervisor, dict[str, str]]]:
    """Run fresh services and forget them. The portal's own port is not taken: a copy may run beside."""
    with tempfile.TemporaryDirectory(prefix="preceptor-") as directory:
        state = State(Path(directory))
        state.make()
        with state.hold(), services_in(state, is_temporary=True) as (supervisor, environment):
            yield supervisor, {**environment, **extra}


def _missing() -> list[str]:
    lines = [
        f"{program} is not installed: {effect} (Debian, Ubuntu: apt install {packages})."
        for program, (effect, packages) in _SYSTEM_PACKAGES.items()
        if shutil.which(program) is None and not Path("/usr/sbin", program).exists()
    ]
    if importlib.util.find_spec("playwright") and not (
        any(map(shutil.which, _BROWSERS)) or _has_playwright_browser()
    ):
        lines.append(
            "no Chromium was found: tests in the browser are left out "
            "(apt install chromium, or .venv/bin/playwright install chromium)."
        )
    return lines


def _has_playwright_browser() -> bool:
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return any(home.glob("chromium*"))
