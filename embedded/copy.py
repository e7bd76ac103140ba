"""One running copy: start everything, keep it, tell others how it stands, end it."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from embedded import application as app
from embedded.application import Address, Application
from embedded.services import Services, plan
from embedded.state import State
from embedded.supervisor import Interrupted, Supervisor

Phase = Literal["starting", "ready", "stopping"]


@dataclass(slots=True)
class Copy:
    """What `up` runs. `report(text, share)` hears each step."""

    state: State
    address: Address
    report: Callable[[str, float], None]
    only_services: bool = False
    _phase: Phase = "starting"
    _services: Services | None = None
    _supervisor: Supervisor | None = None
    _started_at: float = field(default_factory=time.time)

    def run(self, *, on_ready: Callable[[], None]) -> None:
        """Start everything, call `on_ready`, and keep it running until somebody asks to end."""
        self.state.make()
        with self.state.hold():
            try:
                if not self.only_services:
                    self.address.require_free()
                self._run_held(on_ready)
            finally:
                with suppress(FileNotFoundError):
                    self.state.running.unlink()

    def _run_held(self, on_ready: Callable[[], None]) -> None:
        self._services = services = plan(self.state)
        with Supervisor(self.state, on_change=self._publish) as supervisor:
            self._supervisor = supervisor
            try:
                self.report("Starting the services", 0.1)
                supervisor.start_services(services)
                if not self.only_services:
                    self._start_application(services, supervisor)
                self._phase = "ready"
                self._publish()
                on_ready()
                supervisor.watch()
            except Interrupted:
                return
            finally:
                self._phase = "stopping"
                self.report("Stopping", 1.0)

    def _start_application(self, services: Services, supervisor: Supervisor) -> None:
        application = Application(
            state=self.state, services=services, address=self.address, supervisor=supervisor
        )
        self.report("Bringing the database up to date", 0.3)
        has_migrated = application.migrate()
        self.report("Starting the portal", 0.6)
        application.start()
        if has_migrated or not self.state.demo.exists():
            self.report("Preparing the demonstration school", 0.7)
            application.seed()
        application.correct_demo()
        self.report("Waiting for the portal", 0.9)
        application.wait_until_ready()

    def _publish(self) -> None:
        supervisor, services = self._supervisor, self._services
        if supervisor is None or services is None:
            return
        service_ports = {service.name: service.port for service in services.embedded} | {
            "web": self.address.port
        }
        self.state.write(
            self.state.running.name,
            {
                "pid": os.getpid(),
                "phase": self._phase,
                "url": None if self.only_services else self.address.url,
                "host": self.address.host,
                "port": self.address.port,
                "started_at": self._started_at,
                "services": {
                    name: {
                        "pid": child.pid,
                        "port": service_ports.get(name),
                        "running": child.exit_code() is None,
                        "restarts": supervisor.restarts(name),
                    }
                    for name, child in supervisor.children.items()
                },
            },
        )


def status(state: State) -> dict[str, Any]:
    """Return how the copy in this state directory stands: what `./preceptor status --json` prints."""
    holder = state.holder()
    kept = state.read(state.running.name) if holder else {}
    address = Address(host=str(kept.get("host", "127.0.0.1")), port=int(kept.get("port", 0)))
    return {
        "running": holder is not None,
        "ready": kept.get("phase") == "ready" and (kept.get("url") is None or app.is_ready(address)),
        "phase": kept.get("phase") or ("starting" if holder else "stopped"),
        "url": kept.get("url"),
        "port": kept.get("port"),
        "pid": holder,
        "data": str(state.path),
        "services": kept.get("services", {}),
    }
