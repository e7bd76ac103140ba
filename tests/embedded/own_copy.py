"""A copy of one's own: `./preceptor` in a directory of the test, apart from the services of the test run."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded.state import ROOT

_NOT_INHERITED = {
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "QDRANT_URL",
    "QDRANT_API_KEY",
    "SECRET_KEY",
    "PRECEPTOR_URL",
    "PRECEPTOR_PORT",
    "PRECEPTOR_HOST",
    "PRECEPTOR_STARTED_AT",
    "PRECEPTOR_TEST",
    "PRECEPTOR_TEST_ENV",
    "QDRANT_PREFIX",
    "DJANGO_SETTINGS_MODULE",
}


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """Commands of `./preceptor` with a state directory of their own."""

    data: Path
    extra: dict[str, str]

    def call(
        self, *arguments: str, text_in: str = "", file_kb: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command; `file_kb`: how large a file it may write."""
        inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        limit = [] if file_kb is None else ["bash", "-c", f'ulimit -f {file_kb}; exec "$@"', "bash"]
        return subprocess.run(
            [*limit, sys.executable, "-m", "embedded", *arguments],
            cwd=ROOT,
            env={**inherited, "PRECEPTOR_DATA": str(self.data), **self.extra},
            input=text_in,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def start(self, *, only_services: bool = True) -> None:
        done = self.call("up", "--detach", *(["--only-services"] if only_services else []))
        assert done.returncode == 0, done.stderr

    def status(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.call("status", "--json").stdout)
        return told

    def pids(self) -> dict[str, int]:
        return {name: one["pid"] for name, one in self.status()["services"].items()}

    def environment(self) -> dict[str, str]:
        lines = self.call("env").stdout.splitlines()
        return dict(line.removeprefix("export ").split("=", 1) for line in lines)
