"""An attack on our own addresses: a stranger is refused and leaves no trace, and who it belongs to is served."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from schools.models import School
from schools.roles import Role
from tests import streams
from tests.conftest import Person, join
from tests.tenancy.call import Call
from tests.tenancy.matrix import CountingStorage, Things, client_of, furnish, nobody, path_of, send, written
from tests.tenancy.urls import CALLS, addresses

PARAMETERS = {each.name: each.parameters for each in addresses()}


def calls(*names: str, methods: Iterable[str] = ()) -> list[Call]:
    """Return the calls of these addresses, each of which must exist."""
    found = [call for call in CALLS if call.url in names and (not methods or call.method in methods)]
    assert {call.url for call in found} == set(names), "an address of this family is no longer there"
    return found


@dataclass(frozen=True, slots=True)
class Stage:
    """Two schools with a row for every address: Norte is attacked, Sur's director is the stranger."""

    norte: Things
    sur: Things

    @property
    def ana(self) -> Person:
        """Return the director of Norte, to whom all of it belongs."""
        return self.norte.director

    @property
    def zoe(self) -> Person:
        """Return the stranger."""
        return self.sur.director

    clients: dict[tuple[Any, bool], Any] = field(default_factory=dict)

    def client(self, person: Person, call: Call) -> Any:
        """Return the person's browser or program, the same for all of their calls: to log in writes a row."""
        key = (person.user.pk, call.is_api)
        if key not in self.clients:
            self.clients[key] = client_of(person, call)
        return self.clients[key]

    def path(self, call: Call, *, slug: str = "norte", ids: Any = None) -> str:
        """Return an address, of Norte's rows where nothing else is said."""
        return path_of(call, slug=slug, ids=ids or self.norte.ids, parameters=PARAMETERS[call.url])

    def ask(self, person: Person | None, call: Call, *, path: str = "", body: Any = None) -> Any:
        """Make a call as somebody, or as nobody."""
        client = self.client(person, call) if person else nobody(call)
        return send(
            client, call, path or self.path(call), call.body(self.norte.ids) if body is None else body
        )

    def refuse(self, call: Call, person: Person | None = None, *, status: tuple[int, ...] = (404,)) -> None:
        """Make sure that somebody else gets nothing at Norte's address, nor by Norte's id at one of their own."""
        person = person or self.zoe
        self.client(person, call)
        own = "sur" if person is self.zoe else "norte"
        with untouched(str(call)):
            names_a_row = set(PARAMETERS[call.url]) - {"slug", "name", "page", "number", "engine"}
            for slug in {"norte", own} if names_a_row else ("norte",):
                answer = self.ask(person, call, path=self.path(call, slug=slug), body=call.body(self.sur.ids))
                assert answer.status_code in status, (str(call), slug)
                assert self.norte.canary.encode() not in content(answer), str(call)

    def serve(self, call: Call, person: Person | None = None) -> bytes:
        """Make the call as who it belongs to; return what came, and take back what was written."""
        person = person or self.ana
        self.client(person, call)  # before: what is taken back is not the login
        with taken_back():
            answer = self.ask(person, call)
            assert answer.status_code in call.served, (str(call), answer.status_code)
            return content(answer)


@contextmanager
def untouched(what: str = "") -> Iterator[None]:
    """Make sure that no row was written and no file opened inside."""
    before = written()
    CountingStorage.touched.clear()
    yield
    assert written() == before, f"{what} wrote"
    assert CountingStorage.touched == [], f"{what} opened a file"


@contextmanager
def taken_back() -> Iterator[None]:
    """Undo what is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def content(answer: Any) -> bytes:
    """Return what was answered, of a stream the first event."""
    if not getattr(answer, "streaming", False):
        return bytes(answer.content)
    if "event-stream" in answer.get("Content-Type", ""):
        return repr(streams.read(answer, most=1)).encode()
    return streams.gather(answer)


@pytest.fixture
def stage_of_two(db: None, settings: Any) -> Iterator[Stage]:
    """Furnish both schools and count what is opened in the store of files."""
    kept: dict[str, Any] = dict(django_settings.STORAGES)
    kept["default"] = {**kept["default"], "BACKEND": "tests.tenancy.matrix.CountingStorage"}
    settings.STORAGES = kept
    made = []
    for slug, name in (("norte", "ana"), ("sur", "zoe")):
        school = School.objects.create(slug=slug, name=f"Escuela {slug.capitalize()}")
        made.append(furnish(join(school, f"{name}@{slug}.example", Role.DIRECTOR)))
    made_of_two = Stage(made[0], made[1])
    for call in (CALLS[0], next(call for call in CALLS if call.is_api)):
        made_of_two.client(made_of_two.zoe, call)
    yield made_of_two
    CountingStorage.touched.clear()
