"""Ports on the loopback interface: chosen once, kept, chosen again when somebody else took them."""

import random
import socket
from collections.abc import Iterable

from embedded.state import State

_FILE = "ports.json"
_RANGE = range(
    20_000, 32_000
)  # below the kernel's ephemeral ports, so that no outgoing connection sits on one


class NoFreePort(Exception):
    """Every port that was tried is taken."""


def is_free(port: int, *, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def keep(state: State, names: Iterable[str]) -> dict[str, int]:
    """Return a free port for each name, the same as last time where it is still free."""
    kept = state.read(_FILE)
    chosen: dict[str, int] = {}
    for name in names:
        port = kept.get(name)
        usable = isinstance(port, int) and port not in chosen.values() and is_free(port)
        chosen[name] = port if usable and isinstance(port, int) else _draw(set(chosen.values()))
    if chosen.items() - kept.items():
        state.write(_FILE, {**kept, **chosen})
    return chosen


def _draw(taken: set[int]) -> int:
    for _ in range(200):
        port = random.SystemRandom().choice(_RANGE)
        if port not in taken and is_free(port):
            return port
    raise NoFreePort(f"no free port between {_RANGE.start} and {_RANGE.stop}.")
