"""How a test asks a provider that waits for a network: as the router does, on the one loop of the process."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import cast

import yaml

from engines import config, loop
from engines.base import ChatProvider, ChatRequest, Piece, Source, Text, Turn, Usage

QUESTION = ChatRequest(
    "¿Cuántas inasistencias se admiten?",
    sources=(Source(1, "Régimen", "Inasistencias", "El límite es de veinticinco inasistencias."),),
    instructions="Tutear.",
    history=(Turn("question", "Hola"), Turn("answer", "Buen día")),
    max_tokens=300,
)


def read(entry: Mapping[str, object], variables: Mapping[str, str] | None = None) -> config.Catalogue:
    """Return what an entry becomes; its mistakes are the test's."""
    text = yaml.safe_dump({"engines": [dict(entry)]}, allow_unicode=True)
    return config.parse(text, folder=Path(), models=Path(), variables=variables or {})


def chat(entry: Mapping[str, object], variables: Mapping[str, str] | None = None) -> ChatProvider:
    """Return the provider of an entry without mistakes."""
    catalogue = read(entry, variables)
    assert not catalogue.mistakes
    return catalogue.chat[str(entry["name"])]


def pieces(provider: ChatProvider, request: ChatRequest = QUESTION) -> list[Piece]:
    """Return all that an answer brings."""

    async def gather() -> list[Piece]:
        return [piece async for piece in cast(AsyncIterator[Piece], provider.stream(request))]

    return loop.run(gather())


def begun(provider: ChatProvider, request: ChatRequest = QUESTION) -> loop.Flow[Piece]:
    """Return an answer under way, to be read piece by piece and left at any point."""
    return loop.Flow(cast(AsyncIterator[Piece], provider.stream(request)))


def rest(flow: loop.Flow[Piece]) -> list[Piece]:
    """Return what an answer under way still brings."""
    found: list[Piece] = []
    while True:
        try:
            found.append(flow.next(30))  # a busy machine is no failure
        except StopIteration:
            return found


def words(found: list[Piece]) -> str:
    """Return the text of an answer."""
    return "".join(piece.text for piece in found if isinstance(piece, Text))


def usage(found: list[Piece]) -> Usage:
    """Return what an answer took: its last piece, and no other."""
    assert isinstance(found[-1], Usage)
    assert not any(isinstance(piece, Usage) for piece in found[:-1])
    return found[-1]
