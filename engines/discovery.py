"""What an Ollama server has, and the entry of `engines.yaml` that each of its models would want."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from engines.base import Task

ADDRESS = "http://127.0.0.1:11434"
_LIST_S = 5.0  # for what a server that answers may take to tell of its models
_MOST_CONTEXT = 8_192  # tokens; what models allow beyond it takes more memory than a school's machine has
_TASKS: Mapping[str, Task] = {"completion": "chat", "embedding": "embed"}
_FAILURES = (httpx.HTTPError, ValueError, TypeError, KeyError, AttributeError)


@dataclass(frozen=True, slots=True)
class Model:
    """A model of a server. 0 and no task stand for what the server does not tell."""

    name: str
    tasks: tuple[Task, ...]
    context_tokens: int
    dimension: int
    is_cloud: bool  # somebody else's machine does the work: the server sends the texts on


@dataclass(frozen=True, slots=True)
class Found:
    """A server that answers."""

    address: str
    version: str
    models: tuple[Model, ...]

    @property
    def usable(self) -> tuple[Model, ...]:
        """Return the models that an entry may name."""
        return tuple(model for model in self.models if model.tasks and not model.is_cloud)


def find_ollama(address: str = ADDRESS, *, timeout_s: float = 0.3, secret: str = "") -> Found | None:
    """Return the server at an address, None when no Ollama answers there in time."""
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    with httpx.Client(
        base_url=address, headers=headers, timeout=timeout_s, trust_env=False, follow_redirects=False
    ) as client:
        try:
            version = str(_body(client.get("/api/version"))["version"])
            tags = _body(client.get("/api/tags", timeout=_LIST_S))["models"]
            models = tuple(model_of(tag, _card(client, tag)) for tag in tags)
        except _FAILURES:
            return None
    return Found(address=address, version=version, models=models)


def model_of(tag: Mapping[str, Any], card: Mapping[str, Any]) -> Model:
    """Return a model as `/api/tags` and `/api/show` tell of it."""
    numbers = card.get("model_info") or {}
    return Model(
        name=str(tag["name"]),
        tasks=tuple(task for word, task in _TASKS.items() if word in (card.get("capabilities") or ())),
        context_tokens=_number(numbers, ".context_length"),
        dimension=_number(numbers, ".embedding_length"),
        is_cloud=bool(tag.get("remote_host") or tag.get("remote_model")),
    )


def entry_for(found: Found, model: Model) -> str:
    """Return the entry, ready to be pasted below `engines:`; of a model that is usable."""
    context = min(model.context_tokens or _MOST_CONTEXT, _MOST_CONTEXT)
    lines = [
        f"  - name: {_name(model.name)}",
        "    provider: ollama",
        "    runs: here",
        f"    tasks: [{', '.join(model.tasks)}]",
        f'    model: "{model.name}"',
    ]
    if "embed" in model.tasks:
        lines.append(f"    dimension: {model.dimension}")
    if "chat" in model.tasks:
        lines.append(f"    context_tokens: {context}")
    lines.append(f"    num_ctx: {context}")
    if found.address != ADDRESS:
        lines.append(f"    address: {found.address}")
    return "\n".join(lines) + "\n"


def _card(client: httpx.Client, tag: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a server tells of a model; nothing when it does not, as older ones."""
    answer = client.post("/api/show", json={"model": tag["name"]}, timeout=_LIST_S)
    return _body(answer) if answer.status_code == 200 else {}


def _body(answer: httpx.Response) -> dict[str, Any]:
    answer.raise_for_status()
    body = answer.json()
    if not isinstance(body, dict):
        raise TypeError(type(body).__name__)
    return body


def _number(numbers: Mapping[str, Any], ending: str) -> int:
    """Return the number whose key ends so: it begins with the name of the model's family."""
    found = [value for key, value in numbers.items() if key.endswith(ending) and isinstance(value, int)]
    return found[0] if found else 0


def _name(model: str) -> str:
    """Return a name that an entry may have: `hf.co/Org/Model:Q4` becomes `hf.co-org-model-q4`."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", model.lower().removesuffix(":latest")).strip("-._")
    return plain[:40] or "ollama"
