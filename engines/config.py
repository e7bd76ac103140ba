"""`engines.yaml`, the one central file of engines: read, validated, and kept until the file changes."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from engines import prefixes, providers
from engines.base import ChatProvider, EmbedProvider, Engine, Misconfigured, Provider, Runs, Task
from engines.keys import Keys

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the file says: its good entries in order, what calls each, and what is wrong with the rest."""

    engines: tuple[Engine, ...]
    chat: Mapping[str, ChatProvider]  # by engine's name
    embed: Mapping[str, EmbedProvider]
    mistakes: tuple[Misconfigured, ...] = ()


def load() -> Catalogue:
    """Return the installation's engines; raise the first mistake of the file."""
    catalogue = read(settings.ENGINES_FILE, models=settings.DATA_DIR / "models")
    if catalogue.mistakes:
        raise catalogue.mistakes[0]
    return catalogue


def read(path: Path, *, models: Path) -> Catalogue:
    """Return a file's engines and its mistakes; `models` is the folder where downloaded models are kept."""
    try:
        found = path.stat()
    except OSError as error:
        raise Misconfigured(_("no se encontró el archivo.")) from error
    return _read(path, models, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, models: Path, mtime_ns: int, size_bytes: int) -> Catalogue:
    try:
        return parse(path.read_text(encoding="utf-8"), folder=path.parent, models=models)
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(_("no se pudo leer; debe ser texto en UTF-8.")) from error


def parse(text: str, *, folder: Path, models: Path, variables: Mapping[str, str] = os.environ) -> Catalogue:
    """Return the engines of a file's text.

    `folder`: where relative paths start; `variables`: where secrets named by `…_env` are. Raises
    Misconfigured when the whole is no list of entries; a single entry's mistake is one of the catalogue's.
    """
    engines: list[Engine] = []
    callers: dict[str, Provider] = {}
    mistakes: list[Misconfigured] = []
    for number, given in enumerate(_entries(text), start=1):
        name = str(given.get("name") or f"n.º {number}")
        try:
            keys = Keys(given, entry=name, folder=folder, models=models, variables=variables)
            engine, caller = _entry(keys)
            if engine.name in callers:
                raise keys.wrong("name", _("está repetido."))
        except Misconfigured as mistake:
            mistakes.append(mistake)
        else:
            engines.append(engine)
            callers[engine.name] = caller
    return Catalogue(
        engines=tuple(engines),
        chat={name: caller for name, caller in callers.items() if isinstance(caller, ChatProvider)},
        embed={name: caller for name, caller in callers.items() if isinstance(caller, EmbedProvider)},
        mistakes=tuple(mistakes),
    )


def _entry(keys: Keys) -> tuple[Engine, Provider]:
    name = keys.text("name")
    if not _NAME.fullmatch(name):
        raise keys.wrong(
            "name", _("debe tener hasta 40 letras minúsculas sin acento, números, puntos o guiones.")
        )
    maker = providers.find(keys.choice("provider", providers.names()))
    wanted = keys.choices("tasks", maker.TASKS)
    tasks: tuple[Task, ...] = tuple(task for task in maker.TASKS if task in wanted)
    # An entry that does not say where it runs counts as outside.
    place = keys.choice("runs", get_args(Runs), default="outside")
    runs: Runs = next(known for known in get_args(Runs) if known == place)
    engine = Engine(name=name, provider=keys.text("provider"), tasks=tasks, runs=runs)
    if "embed" in tasks:
        engine = _embedder(engine, keys)
    caller = maker.make(engine, keys)
    keys.refuse_rest()
    return engine, caller


def _embedder(engine: Engine, keys: Keys) -> Engine:
    model = keys.text("model")
    usual = prefixes.of(model)
    return Engine(
        name=engine.name,
        provider=engine.provider,
        tasks=engine.tasks,
        runs=engine.runs,
        model=model,
        dimension=keys.whole("dimension", least=1, most=8192),
        weight=keys.number("weight", least=0, most=1, default=0.5),
        query_prefix=keys.text("query_prefix", default=usual.query),
        index_prefix=keys.text("index_prefix", default=usual.index),
    )


class _Loader(yaml.SafeLoader):
    """YAML that refuses a key given twice, where the usual loader would quietly keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _value in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"«{key}»", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def _entries(text: str) -> list[dict[str, object]]:
    try:
        whole = yaml.load(text, Loader=_Loader)  # noqa: S506 – a SafeLoader
    except yaml.constructor.ConstructorError as error:
        raise Misconfigured(
            _("la clave %(key)s está repetida o no se puede leer (línea %(line)d).")
            % {"key": error.problem, "line": _line(error)}
        ) from error
    except yaml.YAMLError as error:
        raise Misconfigured(_("no es YAML válido (línea %d).") % _line(error)) from error
    if not isinstance(whole, dict) or set(whole) != {"engines"} or not isinstance(whole["engines"], list):
        raise Misconfigured(_("debe tener una sola clave, «engines», con una lista de motores."))
    entries: list[dict[str, object]] = whole["engines"]
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise Misconfigured(_("debe ser un grupo de claves y valores."), entry=f"n.º {number}")
    return entries


def _line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1
