"""A portal of a test's own, on a port of its own."""

import socket

import httpx
from rest_framework_simplejwt.tokens import RefreshToken

from tests.conftest import Person


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def answers(port: int) -> bool:
    """Say whether a portal answers there."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/live", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def headers_of(person: Person) -> dict[str, str]:
    """Return what a program of this person sends with each request."""
    return {"Authorization": f"Bearer {RefreshToken.for_user(person.user).access_token}"}
