"""`manage`, `run`, `env`: other programs in the environment of the copy, running or not."""

import argparse
import os
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from embedded import application as app
from embedded.services import plan
from embedded.state import State, from_environment
from embedded.supervisor import StartFailed, Supervisor

_PATIENCE_S = 60.0
_EXPORTED = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "QDRANT_URL",
    "QDRANT_API_KEY",
    "SECRET_KEY",
    "PRECEPTOR_DATA",
    "PRECEPTOR_PORT",
    "PRECEPTOR_URL",
)


def manage(arguments: Sequence[str]) -> int:
    """Run manage.py."""
    return _run((sys.executable, "manage.py", *arguments))


def run(arguments: Sequence[str]) -> int:
    """Run any program; `python` and the tools of the environment come first on PATH."""
    command = list(arguments[1:] if arguments[:1] == ["--"] else arguments)
    if not command:
        print("usage: ./preceptor run COMMAND [ARGUMENT …]", file=sys.stderr)
        return 2
    tools = os.path.dirname(sys.executable)
    os.environ["PATH"] = f"{tools}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return _run(command)


def env(arguments: Sequence[str]) -> int:
    """Print the addresses and keys of the running copy as lines for a shell."""
    argparse.ArgumentParser(prog="./preceptor env", description="Print what `source` takes.").parse_args(
        arguments
    )
    state = from_environment()
    if state.holder() is None:
        print("Nothing runs here: ./preceptor up --detach [--only-services]", file=sys.stderr)
        return 1
    made = _environment(state)
    for name in _EXPORTED:
        if name in made:
            print(f"export {name}={shlex.quote(made[name])}")
    return 0


def _run(command: Sequence[str]) -> int:
    state = from_environment()
    state.make()
    if state.holder() is not None:
        os.execvpe(command[0], list(command), environment_of_running(state))  # noqa: S606
    with state.hold(), services_in(state) as (supervisor, environment):
        return supervisor.run_attached(command, environment=environment)


@contextmanager
def services_in(state: State, *, is_temporary: bool = False) -> Iterator[tuple[Supervisor, dict[str, str]]]:
    """Run the embedded services for as long as the context lasts."""
    services = plan(state, is_temporary=is_temporary)
    with Supervisor(state) as supervisor:
        supervisor.start_services(services)
        yield supervisor, app.environment(services, app.address_from_environment())


def environment_of_running(state: State) -> dict[str, str]:
    """Return the environment of the copy that runs here, once it is ready."""
    _wait_for_services(state)
    return _environment(state)


def _environment(state: State) -> dict[str, str]:
    # The ports that a running copy keeps look taken to plan(), so they come from its own record.
    kept = state.read(state.running.name)
    services = plan(
        state, running_ports={name: one["port"] for name, one in kept.get("services", {}).items()}
    )
    address = app.Address(host=str(kept.get("host", "127.0.0.1")), port=int(kept.get("port", 8000)))
    return app.environment(services, address)


def _wait_for_services(state: State) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while state.read(state.running.name).get("phase") != "ready":
        if state.holder() is None or time.monotonic() > deadline:
            raise StartFailed("the copy that was starting here did not become ready; see ./preceptor logs")
        time.sleep(0.1)
