"""The makers' doubles as the suites of the contract find them: whatever stands in `tests/doubles/`."""

import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from engines import config
from engines.base import Provider
from tests import doubles
from tests.doubles.base import Double, Request
from tests.doubles.vectors import DIMENSION

KEY = "CLAVE_DEL_CONTRATO"
SECRET = "una-clave-que-nadie-debe-leer"
_PRICE = {"input_per_million": 1, "output_per_million": 2}  # or the list of public prices would be read
# What some ask besides: what the server has, and that it may let a job go.
_BESIDES = ("/api/show", "/cancel/")


@dataclass(frozen=True)
class Maker:
    """A double's module, and changes of its entry that make another wire of it."""

    module: Any
    changes: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the provider's name."""
        return str(self.module.__name__.rpartition(".")[2])

    def __str__(self) -> str:
        """Return how pytest names it."""
        return "-".join([self.name, *map(str, self.changes.values())])

    @contextmanager
    def serving(self) -> Iterator[Double]:
        """Run the double."""
        with self.module.serving() as double:
            yield double

    def entry(self, double: Double, task: str, **changes: object) -> dict[str, object]:
        """Return an entry of one task, with a key."""
        entry: dict[str, object] = self.module.entry(
            double, **{"tasks": [task], "api_key_env": KEY, "total_s": 30, **self.changes, **changes}
        )
        if task == "embed":
            entry = {"dimension": DIMENSION, **entry}
        return entry if entry["runs"] == "here" else {"price": _PRICE, **entry}

    def provider(self, double: Double, task: str, **changes: object) -> Provider:
        """Return what an entry without mistakes becomes."""
        entry = self.entry(double, task, **changes)
        text = yaml.safe_dump({"engines": [entry]}, allow_unicode=True)
        catalogue = config.parse(
            text, folder=Path(), models=Path(), variables={KEY: getattr(self.module, "SECRET", SECRET)}
        )
        assert not catalogue.mistakes
        return catalogue.provider(str(entry["name"]))


def makers(task: str) -> list[Maker]:
    """Return all doubles that can do a task, each in its variants."""
    found = [
        import_module(f"{doubles.__name__}.{each.name}") for each in pkgutil.iter_modules(doubles.__path__)
    ]
    makers: list[Maker] = []
    for module in found:
        if task in getattr(module, "TASKS", ()):
            variants: tuple[dict[str, object], ...] = (
                getattr(module, "VARIANTS", ({},)) if task == "chat" else ({},)
            )
            makers.extend(Maker(module, changes) for changes in variants)
    return makers


def calls(double: Double) -> list[Request]:
    """Return the calls that cost something."""
    return [
        request
        for request in double.journal
        if request.method == "POST" and not any(part in request.path for part in _BESIDES)
    ]
