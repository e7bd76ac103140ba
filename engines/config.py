"""`engines.yaml`, the one central file of engines: read, validated, and kept until the file changes."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from engines import labels, prefixes, prices, providers
from engines.base import (
    ChatProvider,
    EmbedProvider,
    Engine,
    Limits,
    Misconfigured,
    Provider,
    RerankProvider,
    Runs,
    Task,
    TranscribeProvider,
)
from engines.keys import Keys
from engines.labels import Label

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_ACCEPTS = ("temperature", "json_schema")
# What an engine may be given when its entry does not say.
_USUAL_LABEL: Mapping[Runs, Label] = {
    "here": Label.MINORS,
    "ours": Label.INTERNAL,
    "outside": Label.INTERNAL,
}
_USUAL_AT_ONCE: Mapping[Runs, int] = {"here": 2, "ours": 8, "outside": 8}
DOLLAR = "USD"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the file says: its good entries in order, what calls each, and what is wrong with the rest."""

    engines: tuple[Engine, ...]
    chat: Mapping[str, ChatProvider]  # by engine's name
    embed: Mapping[str, EmbedProvider]
    rerank: Mapping[str, RerankProvider] = field(default_factory=dict)
    transcribe: Mapping[str, TranscribeProvider] = field(default_factory=dict)
    currencies: Mapping[str, Decimal] = field(
        default_factory=lambda: {DOLLAR: Decimal(1)}
    )  # of each in a dollar
    mistakes: tuple[Misconfigured, ...] = ()

    def engine(self, name: str) -> Engine | None:
        """Return an entry by its name."""
        return next((engine for engine in self.engines if engine.name == name), None)

    def provider(self, name: str) -> Provider:
        """Return what calls an engine of the file."""
        for callers in (self.chat, self.embed, self.rerank, self.transcribe):
            if name in callers:
                return callers[name]
        raise KeyError(name)

    def lacks(self, name: str) -> str:
        """Return what keeps an engine of this very machine from working, in words for staff; "" when nothing does."""
        tells = getattr(self.provider(name), "lacks", None)
        return str(tells()) if callable(tells) else ""


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
    whole = _whole(text)
    for number, given in enumerate(_entries(whole), start=1):
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
        chat={name: each for name, each in _of(engines, callers, "chat") if isinstance(each, ChatProvider)},
        embed={
            name: each for name, each in _of(engines, callers, "embed") if isinstance(each, EmbedProvider)
        },
        rerank={
            name: each for name, each in _of(engines, callers, "rerank") if isinstance(each, RerankProvider)
        },
        transcribe={
            name: each
            for name, each in _of(engines, callers, "transcribe")
            if isinstance(each, TranscribeProvider)
        },
        currencies=_currencies(whole.get("currencies")),
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
    provider = keys.text("provider")
    # An entry that neither embeds nor chats by a maker's model has none.
    model = keys.text("model", default="")
    region = keys.text("region", default="")
    engine = Engine(
        name=name,
        provider=provider,
        tasks=tasks,
        runs=runs,
        model=model,
        region=region,
        max_label=_max_label(keys, runs),
        price=prices.read(keys, provider=provider, model=model, runs=runs, hears="transcribe" in tasks),
        limits=_limits(keys, runs),
        context_tokens=keys.whole("context_tokens", least=512, most=10_000_000, default=8_192),
        max_out_tokens=keys.whole("max_out_tokens", least=16, most=200_000, default=1_024),
        accepts=_accepts(keys),
        languages=frozenset(keys.texts("languages")),
    )
    if "embed" in tasks:
        engine = _embedder(engine, keys)
    caller = maker.make(engine, keys)
    keys.refuse_rest()
    return engine, caller


def _max_label(keys: Keys, runs: Runs) -> Label:
    label = Label(keys.choice("max_label", tuple(Label), default=_USUAL_LABEL[runs]))
    if runs == "outside" and not labels.allows(labels.MOST_OUTSIDE, label):
        raise keys.wrong(
            "max_label",
            _("lo confidencial y los datos de menores nunca salen: puede ser «public» o «internal»."),
        )
    return label


def _limits(keys: Keys, runs: Runs) -> Limits:
    at_once = keys.whole("at_once", least=1, most=1_000, default=_USUAL_AT_ONCE[runs])
    return Limits(
        at_once=at_once,
        per_school=keys.whole("per_school", least=1, most=1_000, default=at_once),
        connect_s=keys.number("connect_s", least=0.1, most=60, default=5),
        first_token_s=keys.number("first_token_s", least=0.1, most=3_600, default=60),
        total_s=keys.number("total_s", least=0.1, most=3_600, default=300),
    )


def _accepts(keys: Keys) -> frozenset[str]:
    given = keys.texts("accepts") if keys.has("accepts") else _ACCEPTS
    for item in given:
        if item not in _ACCEPTS:
            raise keys.wrong("accepts", _("puede tener: %s.") % ", ".join(_ACCEPTS))
    return frozenset(given)


def _embedder(engine: Engine, keys: Keys) -> Engine:
    model = keys.text("model")
    usual = prefixes.of(model)
    return replace(
        engine,
        dimension=keys.whole("dimension", least=1, most=8192),
        weight=keys.number("weight", least=0, most=1, default=0.5),
        query_prefix=keys.text("query_prefix", default=usual.query),
        index_prefix=keys.text("index_prefix", default=usual.index),
    )


def _of(
    engines: Sequence[Engine], callers: Mapping[str, Provider], task: Task
) -> Iterator[tuple[str, Provider]]:
    """Yield what calls each engine that has the task: a provider may do more than its entry lists."""
    return ((engine.name, callers[engine.name]) for engine in engines if task in engine.tasks)


def _currencies(given: object) -> dict[str, Decimal]:
    """Return how many of each currency make a dollar."""
    found = {DOLLAR: Decimal(1)}
    if given is None:
        return found
    if not isinstance(given, dict):
        raise Misconfigured(_("debe ser un grupo como «ARS: 1450»."), key="currencies")
    for code, rate in given.items():
        good = isinstance(rate, int | float) and not isinstance(rate, bool) and 0 < rate < 10**9
        if not isinstance(code, str) or not _CURRENCY.fullmatch(code) or not good:
            raise Misconfigured(
                _("«%s» debe ser una moneda de tres letras con cuántas hacen un dólar.") % code,
                key="currencies",
            )
        found[code] = Decimal(str(rate))
    return found


class _Loader(yaml.SafeLoader):
    """YAML that refuses a key given twice, where the usual loader would quietly keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _value in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"«{key}»", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def _whole(text: str) -> dict[str, object]:
    try:
        whole = yaml.load(text, Loader=_Loader)  # noqa: S506 – a SafeLoader
    except yaml.constructor.ConstructorError as error:
        raise Misconfigured(
            _("la clave %(key)s está repetida o no se puede leer (línea %(line)d).")
            % {"key": error.problem, "line": _line(error)}
        ) from error
    except yaml.YAMLError as error:
        raise Misconfigured(_("no es YAML válido (línea %d).") % _line(error)) from error
    if not isinstance(whole, dict) or not {"engines"} <= set(whole) <= {"engines", "currencies"}:
        raise Misconfigured(
            _("debe tener la clave «engines», con una lista de motores, y nada más que «currencies».")
        )
    return whole


def _entries(whole: Mapping[str, object]) -> list[dict[str, object]]:
    entries = whole["engines"]
    if not isinstance(entries, list):
        raise Misconfigured(_("«engines» debe ser una lista de motores."))
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise Misconfigured(_("debe ser un grupo de claves y valores."), entry=f"n.º {number}")
    return entries


def _line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1
