"""Who is there before a journey starts and what their schools hold, made through the product's own doors."""

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from playwright.sync_api import StorageState

from tests.browser.live import ROOT, Live

PASSWORD = "una-clave-larga-1"
DEMO = ROOT / "demo" / "files"
SCHOOLS = (
    {"slug": "norte", "name": "Escuela Norte", "email": "ana@norte.example", "director": "Ana Aguirre"},
    {"slug": "sur", "name": "Escuela Sur", "email": "zoe@sur.example", "director": "Zoe Zárate"},
    {"slug": "oeste", "name": "Escuela Oeste", "email": "olga@oeste.example", "director": "Olga Ortiz"},
    {"slug": "este", "name": "Escuela Este", "email": "elsa@este.example", "director": "Elsa Erro"},
    {
        "slug": "llena",
        "name": "Instituto Superior de Formación Docente y Técnica N.º 214 «Maestra Rosario Vera Peñaloza»",
        "email": "lia@llena.example",
        "director": "Lía Lamadrid",
        "rows": 200,
    },
    {"slug": "vacia", "name": "Escuela Vacía", "email": "vera@vacia.example", "director": "Vera Vidal"},
)
ADMINISTRATOR = "plataforma@preceptor.example"
SHELVES = {
    "Normativa": (
        "regimen-academico.pdf",
        "reglamento-de-convivencia.pdf",
        "protocolo-salidas-educativas.docx",
    ),
    "Familias": ("preguntas-frecuentes-de-secretaria.md",),
    "Alumnado": ("nomina-alumnos-5b-2026.xlsx",),
}


@dataclass(frozen=True, slots=True)
class Cast:
    """The addresses and ids that journeys need."""

    live: Live
    documents: dict[str, str]  # by file name, of Norte
    shelves: dict[str, str]  # by name, of Norte
    sessions: dict[str, StorageState] = field(default_factory=dict)

    def session(self, address: str) -> StorageState:
        """Return the cookies of somebody who has logged in by the form."""
        if address not in self.sessions:
            with Portal(self.live) as portal:
                portal.log_in(address)
                self.sessions[address] = portal.kept()
        return self.sessions[address]

    def newcomer(self, name: str, *, role: str = "teacher") -> str:
        """Return the address of somebody new in Norte, whom no other journey knows."""
        address = f"{name.lower()}-{uuid4().hex[:8]}@norte.example"
        with Program(self.live, "norte", "ana@norte.example") as ana:
            offer = ana.make("invitations/", {"email": address, "role": role, "collections": None})
        join(self.live, offer["link"], name=name, address=address)
        return address


def assemble(live: Live) -> Cast:
    """Open the schools, fill Norte's library and let its people in; return when every document is ready."""
    asked = {"schools": SCHOOLS, "administrator": ADMINISTRATOR, "password": PASSWORD}
    live.run("-m", "tests.browser.open_schools", given=json.dumps(asked))
    with Program(live, "norte", "ana@norte.example") as ana, Program(live, "sur", "zoe@sur.example") as zoe:
        return _fill(live, ana, zoe)


def _fill(live: Live, ana: "Program", zoe: "Program") -> Cast:
    shelves = {name: ana.make("collections/", {"name": name})["id"] for name in SHELVES}
    documents = {
        name: ana.upload(DEMO / name, collection=shelves[shelf])
        for shelf, names in SHELVES.items()
        for name in names
    }
    places: Sequence[tuple[Program, str, str, str, list[str] | None]] = (
        (ana, "beto@norte.example", "Beto Benítez", "teacher", None),
        (ana, "dora@dos.example", "Dora Díaz", "teacher", None),
        (zoe, "dora@dos.example", "Dora Díaz", "reader", None),
    )
    for director, address, name, role, collections in places:
        offer = {"email": address, "role": role, "collections": collections}
        join(live, director.make("invitations/", offer)["link"], name=name, address=address)
    ana.wait_until_ready()
    return Cast(live, documents, shelves)


class Program(httpx.Client):
    """A director, by the API."""

    def __init__(self, live: Live, slug: str, address: str) -> None:
        given = httpx.post(f"{live.url}/api/v1/auth/login", json={"email": address, "password": PASSWORD})
        token = given.raise_for_status().json()["access_token"]
        super().__init__(
            base_url=f"{live.url}/api/v1/schools/{slug}/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )

    def make(self, path: str, body: dict[str, Any]) -> Any:
        answer = self.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def upload(self, path: Path, **facts: str) -> str:
        answer = self.post("documents/", files={"file": (path.name, path.read_bytes())}, data=facts)
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    def wait_until_ready(self) -> None:
        give_up_at = time.monotonic() + 60
        while (states := {each["status"] for each in self.get("documents/?limit=200").json()["results"]}) != {
            "ready"
        }:
            assert time.monotonic() < give_up_at, states
            time.sleep(0.2)


class Portal(httpx.Client):
    """A browser without eyes: forms by their CSRF token, cookies kept."""

    def __init__(self, live: Live) -> None:
        super().__init__(base_url=live.url, timeout=60, follow_redirects=True)

    def submit(self, path: str, **fields: str) -> httpx.Response:
        page = self.get(path)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found, page.text[:500]
        answer = self.post(
            path, data={**fields, "csrfmiddlewaretoken": found[1]}, headers={"Referer": str(page.url)}
        )
        return answer.raise_for_status()

    def log_in(self, address: str) -> None:
        answer = self.submit("/cuenta/login/", login=address, password=PASSWORD)
        assert "/cuenta/login" not in str(answer.url), answer.text

    def kept(self) -> StorageState:
        """Return the cookies as Playwright takes them."""
        host = urlsplit(str(self.base_url)).hostname or ""
        return {
            "cookies": [
                {"name": each.name, "value": each.value or "", "domain": host, "path": "/"}
                for each in self.cookies.jar
            ],
            "origins": [],
        }


def join(live: Live, link: str, *, name: str, address: str) -> None:
    """Take an invitation: as somebody new, or as the person of that address."""
    path = urlsplit(link).path
    with Portal(live) as portal:
        offered = portal.get(path)
        if 'name="password_again"' in offered.text:
            portal.submit(path, name=name, password=PASSWORD, password_again=PASSWORD)
        else:
            portal.log_in(address)
            portal.submit(path)
