"""Which services this copy runs itself, and the environment under which the application finds them all."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from embedded import credentials, ports
from embedded.postgres import Postgres
from embedded.process import Launch
from embedded.qdrant import Qdrant
from embedded.redis import Redis
from embedded.state import State


class Misconfigured(Exception):
    """The environment asks for something that cannot be."""


class Service(Protocol):
    """One embedded service."""

    @property
    def name(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def ready_timeout_s(self) -> float: ...
    def prepare(self) -> Launch:
        """Do what must be done before each start; return how to start."""
        ...

    def is_ready(self, pid: int) -> bool: ...
    def after_ready(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Services:
    """The embedded services in the order of their start and end, and the environment of the application."""

    embedded: tuple[Service, ...]
    environment: Mapping[str, str]

    @property
    def postgres(self) -> Postgres | None:
        """Return the embedded Postgres; None with a database of the person's own."""
        return next((service for service in self.embedded if isinstance(service, Postgres)), None)


def plan(
    state: State, *, is_temporary: bool = False, running_ports: Mapping[str, int] | None = None
) -> Services:
    """Decide what runs here. An address that the person set wins, and that service is not started.

    `running_ports`: where services listen that run already, so that no other port is chosen for them.
    """
    given = os.environ
    if given.get("DATABASE_URL") and not given.get("DATABASE_OWNER_URL"):
        raise Misconfigured(
            "DATABASE_URL is set, DATABASE_OWNER_URL is not: migrations need the role `owner` of "
            "deploy/postgres/roles.sql, while DATABASE_URL names the role `app`."
        )
    state.make()
    kept = credentials.load_or_draw(state)
    names = {"qdrant": "QDRANT_URL", "redis": "REDIS_URL", "postgres": "DATABASE_URL"}
    wanted = [name for name, variable in names.items() if not given.get(variable)]
    running = running_ports or {}
    chosen = (
        {name: running[name] for name in wanted if name in running} if running else ports.keep(state, wanted)
    )
    embedded: list[Service] = []
    environment = dict(given)
    environment.setdefault("SECRET_KEY", kept.secret_key)
    environment["PRECEPTOR_DATA"] = str(state.path)
    if "qdrant" in chosen:
        qdrant = Qdrant(state=state, port=chosen["qdrant"], key=kept.qdrant)
        embedded.append(qdrant)
        environment |= {"QDRANT_URL": qdrant.url, "QDRANT_API_KEY": qdrant.key}
    if "redis" in chosen:
        redis = Redis(state=state, port=chosen["redis"], password=kept.redis)
        embedded.append(redis)
        environment["REDIS_URL"] = redis.url
    if "postgres" in chosen:
        postgres = Postgres(
            state=state,
            port=chosen["postgres"],
            superuser_password=kept.postgres,
            owner_password=kept.owner,
            app_password=kept.app,
            is_temporary=is_temporary,
        )
        embedded.append(postgres)
        environment |= {"DATABASE_URL": postgres.url, "DATABASE_OWNER_URL": postgres.owner_url}
    return Services(embedded=tuple(embedded), environment=environment)
