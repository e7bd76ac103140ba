"""Passwords and keys of one copy: drawn once, kept with mode 0600."""

import secrets
from dataclasses import asdict, dataclass, fields

from embedded.state import State

_FILE = "secrets.json"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the services ask for and what the application signs with."""

    secret_key: str
    postgres: str
    """Password of the superuser: used for the roles only, never handed to the application."""
    owner: str
    app: str
    redis: str
    qdrant: str


def load_or_draw(state: State) -> Credentials:
    """Return what is kept, drawing whatever is missing."""
    kept = state.read(_FILE)
    drawn = {
        field.name: str(kept.get(field.name) or secrets.token_urlsafe(48)) for field in fields(Credentials)
    }
    credentials = Credentials(**drawn)
    if asdict(credentials) != kept:
        state.write(_FILE, asdict(credentials))
    return credentials
