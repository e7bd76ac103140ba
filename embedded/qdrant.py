"""Qdrant: the real engine in a process of its own, behind the part of its REST that the application uses."""

import os
import sys
from dataclasses import dataclass

from embedded import probe
from embedded.process import Launch
from embedded.state import ROOT, State


@dataclass(frozen=True, slots=True)
class Qdrant:
    """Keeps the vectors."""

    state: State
    port: int
    key: str
    name: str = "qdrant"
    ready_timeout_s: float = 120.0

    @property
    def url(self) -> str:
        """Return the address."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> Launch:
        """Return how to start."""
        home = self.state.path / "qdrant"
        home.mkdir(mode=0o700, exist_ok=True)
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "QDRANT_DIRECTORY": str(home),
            "QDRANT_API_KEY": self.key,
            "QDRANT_PORT": str(self.port),
            # glibc's arenas per thread cost tens of megabytes at rest and bring nothing here.
            "MALLOC_ARENA_MAX": "2",
        }
        return Launch(
            command=(sys.executable, "-m", "embedded.qdrant_server"), environment=environment, directory=ROOT
        )

    def is_ready(self, pid: int) -> bool:
        """Tell whether every collection is loaded."""
        return probe.http_status("127.0.0.1", self.port, "/readyz") == 200

    def after_ready(self) -> None:
        """Nothing: the application makes its collections."""
