"""A soak: documents come in over HTTP while the processes of the copy are killed; then everything must be true."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedded import ports
from embedded.state import State
from tests.embedded.own_copy import OwnCopy
from tests.faults import killer, material, oracle, stores
from tests.faults.client import PASSWORD, Client
from tests.faults.killer import Killer
from tests.faults.stores import Stores

SCHOOLS = ("norte", "sur", "este")


@dataclass(slots=True)
class Outcome:
    """What a soak came to."""

    seed: int
    documents: int
    kills: Counter[str]
    ready: int
    partial: int
    failed: int
    uploading_s: float
    quiet_s: float  # from the last kill until everything was true
    longest_upload_s: float
    ups_s: list[float]
    seen: Counter[str] = field(default_factory=Counter)

    def figures(self) -> dict[str, Any]:
        """Return the outcome as it is written down."""
        return {
            "seed": self.seed,
            "documents": self.documents,
            "kills": dict(sorted(self.kills.items())),
            "kills in all": sum(self.kills.values()),
            "ready": self.ready,
            "partial": self.partial,
            "failed": self.failed,
            "seconds of uploading and killing": round(self.uploading_s, 1),
            "seconds from the last kill to quiet": round(self.quiet_s, 1),
            "longest upload, with its repetitions, s": round(self.longest_upload_s, 1),
            "seconds of `up` after the supervisor's death": self.ups_s,
            "what the uploading programs were answered": dict(sorted(self.seen.items())),
        }


def run(
    home: Path,
    *,
    seed: int,
    documents: int,
    kills: int,
    within_s: float,
    politely: Sequence[str] = (),
    tell: Callable[[str], None] = lambda line: None,
) -> Outcome:
    """Start a copy below `home`, soak it and return what came of it; fail when something is lost, doubled or stuck.

    `kills`: how many processes of every kind in turn; `politely`: what is told to end after those, by name.
    """
    chance = random.Random(seed)  # nobody is to be surprised by it
    copy = _copy(home)
    copy.start(only_services=False)
    try:
        found = stores.of_environment(copy.environment())
        clients = [_open(copy, found, slug) for slug in SCHOOLS]
        brought = material.bring(SCHOOLS, count=documents, chance=chance)
        killing = Killer(copy, chance, tell)
        began_at = time.monotonic()
        with _Uploading(clients, brought, pause_s=6.0 * (kills + len(politely)) / documents) as uploading:
            for kind in killer.plan(kills, chance):
                killing.pause(1.0, 6.0)
                killing.kill(kind)
            for kind in politely:
                killing.pause(1.0, 6.0)
                killing.restart(kind)
        last_kill_at = time.monotonic()
        uploading.check()
        promises = [promise for client in clients for promise in client.acknowledged]
        assert len(promises) == documents
        tell(f"uploaded: {len(promises)}; {dict(sum((each.seen for each in clients), Counter()))}")
        found = stores.of_environment(copy.environment())  # a port that was taken meanwhile is another now
        oracle.wait(found, promises, within_s=within_s)
        return Outcome(
            seed=seed,
            documents=documents,
            kills=killing.kills,
            **{status: _count(found, promises, status) for status in ("ready", "partial", "failed")},
            uploading_s=last_kill_at - began_at,
            quiet_s=time.monotonic() - last_kill_at,
            longest_upload_s=max(client.longest_s for client in clients),
            ups_s=killing.ups,
            seen=sum((client.seen for client in clients), Counter()),
        )
    finally:
        copy.call("down")


class _Uploading:
    """A thread for each school that uploads its files. A context: leaving it waits until all are answered."""

    def __init__(
        self, clients: Sequence[Client], brought: Sequence[material.Brought], *, pause_s: float
    ) -> None:
        self._errors: list[BaseException] = []
        self._pause_s = pause_s
        self._threads = [
            threading.Thread(target=self._upload, args=(client, brought), name=client.school)
            for client in clients
        ]

    def _upload(self, client: Client, brought: Sequence[material.Brought]) -> None:
        try:
            for each in brought:
                if each.school == client.school:
                    client.upload(each)
                    time.sleep(self._pause_s)
        except Exception as error:
            self._errors.append(error)

    def __enter__(self) -> "_Uploading":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join()

    def check(self) -> None:
        """Raise what went wrong in a thread."""
        for error in self._errors:
            raise error


def _copy(home: Path) -> OwnCopy:
    state = State(home / "ports")
    state.make()
    port = ports.keep(state, ["web"])["web"]
    return OwnCopy(data=home / "data", extra={"PRECEPTOR_PORT": str(port), "ALLOWED_HOSTS": "127.0.0.1"})


def _open(copy: OwnCopy, found: Stores, slug: str) -> Client:
    email = f"{slug}@example.org"
    done = copy.call(
        *("manage", "create_school", "--slug", slug, "--name", slug.capitalize()),
        *("--director-email", email, "--password-stdin"),
        text_in=PASSWORD + "\n",
    )
    assert done.returncode == 0, done.stderr
    [school] = found.rows("SELECT id FROM schools_school WHERE slug = %s", slug)
    return Client(copy.status()["url"], slug, email, school["id"])


def _count(found: Stores, promises: Sequence[oracle.Acknowledged], status: str) -> int:
    [row] = found.rows(
        "SELECT count(*) AS count FROM documents_document WHERE status = %s AND id = ANY(%s)",
        status,
        [promise.document_id for promise in promises],
    )
    return int(row["count"])
