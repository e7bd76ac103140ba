"""The engines of the installation as programs are told of them."""

from dataclasses import dataclass

from engines import config
from engines.base import EngineError
from engines.routing import place_text


@dataclass(frozen=True, slots=True)
class Listed:
    """An engine, whether it may be given the school's texts, and whether it would answer now."""

    name: str
    provider: str
    model: str
    tasks: tuple[str, ...]
    runs: str
    usable: bool
    reason: str
    healthy: bool
    detail: str


def engines() -> list[Listed]:
    """Return every engine in the order of preference, asked how it is; raise Misconfigured for a broken file."""
    known = config.load()
    found: list[Listed] = []
    for engine in known.engines:
        usable = engine.runs != "outside"
        detail = _fault(known, engine.name) if usable else ""
        found.append(
            Listed(
                name=engine.name,
                provider=engine.provider,
                model=engine.model,
                tasks=engine.tasks,
                runs=engine.runs,
                usable=usable,
                reason=place_text(engine),
                healthy=usable and not detail,
                detail=detail,
            )
        )
    return found


def _fault(known: config.Catalogue, name: str) -> str:
    """Return what a call would meet now, in words for staff; nothing when all is well."""
    caller = known.chat.get(name) or known.embed.get(name)
    assert caller is not None
    try:
        caller.check()
    except EngineError as error:
        return error.detail
    return ""
