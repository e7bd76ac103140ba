"""One file for each maker: what is ours into its request, its answer and its failures into ours.

A provider module has `TASKS`, what it can do, and `make(engine, keys)`, which reads the keys that only it
knows and calls nobody. No state, no retries, no ledger: the router has those.
"""

import pkgutil
from importlib import import_module
from typing import Protocol, cast

from engines.base import Engine, Provider, Task
from engines.keys import Keys


class Maker(Protocol):
    """A module of this folder."""

    TASKS: tuple[Task, ...]

    def make(self, engine: Engine, keys: Keys) -> Provider:
        """Return the provider of an entry; raise Misconfigured for a key that will not do."""


def names() -> list[str]:
    """Return the providers there are."""
    # What several share stands here too, as only this folder may import makers' libraries; it begins with "_".
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if not name.startswith("_"))


def find(name: str) -> Maker:
    """Return a provider's module; the name is one of `names()`."""
    return cast(Maker, import_module(f"{__name__}.{name}"))
