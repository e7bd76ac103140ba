"""What a person does in the portal, over HTTP as a browser does it: pages, parts, searches, answers, uploads, streams.

Every visit says how it is called and reads its answer to the end; anything but what is expected raises Unexpected.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

PATIENCE_S = 60.0
_TOKEN = (
    "abcdefghijklmnopqrstuvwxyz012345"  # of CSRF, in cookie and header alike: as the page's script sends it
)


class Unexpected(Exception):
    """The answer was not what a person of this school must get."""


def client(port: int, *, most: int = 400) -> httpx.AsyncClient:
    """Return what all people's requests go through; each person's cookies travel with each request."""
    limits = httpx.Limits(max_connections=most, max_keepalive_connections=most, keepalive_expiry=30)
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S, limits=limits, trust_env=False
    )


@dataclass(slots=True)
class Person:
    """Somebody who is logged in, and what there is for them."""

    http: httpx.AsyncClient
    known: Mapping[str, Any]  # as bench.filled tells it
    questions: list[str]
    dice: random.Random
    uploaded: int = 0
    _headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._headers = {
            "Cookie": f"sessionid={self.known['session']}; csrftoken={_TOKEN}",
            "X-CSRFToken": _TOKEN,
        }

    @property
    def portal(self) -> str:
        """Return where the portal of the school begins."""
        return f"/e/{self.known['slug']}"

    @property
    def api(self) -> str:
        """Return where the API of the school begins."""
        return f"/api/v1/schools/{self.known['slug']}"

    def one(self, name: str) -> str:
        """Return the id of one of the things there are."""
        return str(self.dice.choice(self.known[name]))

    def question(self) -> str:
        """Return something to ask."""
        return self.dice.choice(self.questions)

    async def get(self, path: str, *, holds: str, part: bool = False) -> None:
        """Read a page, or the part of one that htmx asks for."""
        headers = self._headers | ({"HX-Request": "true"} if part else {})
        _check(await self.http.get(path, headers=headers), 200, holds)

    async def post(self, path: str, body: Mapping[str, Any], *, holds: str, status: int = 200) -> None:
        """Send JSON."""
        _check(await self.http.post(path, json=body, headers=self._headers), status, holds)

    async def ask(self) -> None:
        """Ask, and read the answer as it comes, to its end."""
        headers = self._headers | {"Accept": "text/event-stream"}
        names: list[str] = []
        async with self.http.stream(
            "POST", f"{self.portal}/preguntar/nueva", json={"text": self.question()}, headers=headers
        ) as response:
            if response.status_code != 200:
                raise Unexpected(f"ask: {response.status_code} {(await response.aread())[:200]!r}")
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                names += [value] if name == "event" else []
        if not names or names[-1] != "done":
            raise Unexpected(f"ask: the answer ended with {names[-3:]}")

    async def upload(self) -> None:
        """Upload a small text that nobody else has."""
        self.uploaded += 1
        name = f"nota {self.known['session'][:6]} {self.uploaded}"
        text = f"# {name}\n\n" + "\n\n".join(self.question() for _ in range(10))
        files = {"file": (f"{name}.md", text.encode(), "text/markdown")}
        headers = self._headers | {"Accept": "application/json"}
        response = await self.http.post(f"{self.portal}/biblioteca/subir", files=files, headers=headers)
        _check(response, 201, '"id"')

    async def how_many(self, status: str) -> int:
        """Return how many of the first hundred documents of a status there are."""
        response = await self.http.get(
            f"{self.api}/documents/?status={status}&limit=100", headers=self._headers
        )
        _check(response, 200, '"results"')
        return len(response.json()["results"])

    async def watch(self, *, seconds: float, told: Callable[[], None]) -> None:
        """Keep a stream of progress open, as a page does while somebody reads it; `told` hears of each event."""
        try:
            async with asyncio.timeout(seconds):
                async with self.http.stream(
                    "GET",
                    f"{self.portal}/biblioteca/avance",
                    headers=self._headers,
                    timeout=httpx.Timeout(PATIENCE_S, read=PATIENCE_S),
                ) as response:
                    if response.status_code != 200:
                        raise Unexpected(f"stream: {response.status_code}")
                    async for line in response.aiter_lines():
                        if line.startswith("data: "):
                            told()
                            json.loads(line.removeprefix("data: "))
        except TimeoutError:
            return  # the person went on to another page
        raise Unexpected("stream: the server ended it")


Visit = Callable[[Person], Awaitable[None]]

VISITS: dict[str, Visit] = {
    "home": lambda who: who.get(f"{who.portal}/", holds="<main"),
    "library": lambda who: who.get(f"{who.portal}/biblioteca/", holds="<main"),
    "library, filtered part": lambda who: who.get(
        f"{who.portal}/biblioteca/?q=documento+{who.dice.randrange(9)}", holds="Documento", part=True
    ),
    "library, one row": lambda who: who.get(
        f"{who.portal}/biblioteca/{who.one('documents')}/fila", holds="Documento", part=True
    ),
    "document": lambda who: who.get(f"{who.portal}/biblioteca/{who.one('documents')}/", holds="<main"),
    "reading": lambda who: who.get(f"{who.portal}/biblioteca/{who.one('documents')}/leer", holds="<main"),
    "search": lambda who: who.post(f"{who.api}/search/", {"query": who.question()}, holds='"results":[{'),
    "ask": lambda who: who.ask(),
    "conversations": lambda who: who.get(f"{who.portal}/preguntar/", holds="<main"),
    "planillas": lambda who: who.get(f"{who.portal}/planillas/", holds="<main"),
    "planilla": lambda who: who.get(f"{who.portal}/planillas/{who.one('planillas')}/", holds="<main"),
    "planilla, rows": lambda who: who.get(
        f"{who.portal}/planillas/{who.one('planillas')}/filas?desde=0&cuantas=60&contar=1", holds='"rows"'
    ),
    "upload": lambda who: who.upload(),
    "API, documents": lambda who: who.get(f"{who.api}/documents/", holds='"results"'),
    "API, conversations": lambda who: who.get(f"{who.api}/conversations/", holds='"results"'),
}


def _check(response: httpx.Response, status: int, holds: str) -> None:
    if response.status_code != status:
        raise Unexpected(
            f"{response.request.method} {response.request.url.path}: "
            f"{response.status_code} {response.text[:200]!r}"
        )
    if holds not in response.text:
        raise Unexpected(f"{response.request.method} {response.request.url.path}: no {holds!r}")
