"""The cast and the stage: Ana directs Norte, Beto teaches there, Zoe directs Sur. Two schools always exist."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from rest_framework.test import APIClient
from xdist.scheduler import LoadScopeScheduling

from documents import uploads
from pipeline.advance import advance
from pipeline.models import Due
from schools.admission import Member, as_member
from schools.ids import RunId, SchoolId
from schools.models import Membership, School, User
from schools.roles import Role
from schools.tokens import Tokens
from tests import databases
from tests.settings import TEST_DATABASE

PASSWORD = "una-clave-larga-1"

# No time limits on a machine that others use too, and the same examples for everyone; many more of them by night.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    print_blob=True,
    max_examples=300 if os.environ.get("PRECEPTOR_TEST_LONG") else 50,
)
hypothesis.settings.load_profile("house")


# Their tests share what is dear to start: a whole copy of the product.
_TOGETHER = ("tests/embedded/test_up.py",)


class _OneStage(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types for it
    """Spreads the tests over the processes, but keeps the browser's in one: they share a running portal."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/browser/"):
            return "browser"
        file = nodeid.partition("::")[0]
        return file if file in _TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Give xdist our scheduling."""
    return _OneStage(config, log)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Make an empty database as the owner, and serve from it as the role that the product serves as."""
    with django_db_blocker.unblock():
        databases.make(TEST_DATABASE)
    yield
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


@pytest.fixture
def owner_database() -> Iterator[psycopg.Connection[Any]]:
    """Give a connection of the role that migrates, to look past the wall."""
    with psycopg.connect(**databases.parameters(TEST_DATABASE), autocommit=True) as connection:
        yield connection


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let a test commit for real (threads, other processes, servers); empty every table after it.

    The serving role may not truncate, so Django's own way of cleaning up would fail, and should.
    """
    with django_db_blocker.unblock():
        yield
        connections["default"].close()
        with psycopg.connect(**databases.parameters(TEST_DATABASE), autocommit=True) as owner:
            tables = [
                row[0]
                for row in owner.execute(
                    "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' "
                    "AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission')"
                )
            ]
            owner.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


@pytest.fixture(autouse=True)
def _fresh_cache(request: pytest.FixtureRequest) -> None:
    """Forget failed logins and used codes of earlier tests."""
    if {"db", "committed", "stage"} & set(request.fixturenames):
        cache.clear()


@dataclass(frozen=True, slots=True)
class Person:
    """One of the cast, in their school."""

    user: User
    school: School
    membership: Membership

    @property
    def member(self) -> Member:
        """Return the member as a view would be given it now."""
        return as_member(Membership.objects.select_related("school").get(pk=self.membership.pk))

    @property
    def school_id(self) -> SchoolId:
        """Return the school."""
        return SchoolId(self.school.pk)

    def browser(self) -> Client:
        """Return a browser that is logged in."""
        client = Client()
        client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def program(self) -> APIClient:
        """Return a program with an access token."""
        from rest_framework_simplejwt.tokens import RefreshToken

        tokens = Tokens(str(RefreshToken.for_user(self.user).access_token), "", 0)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access_token}")
        return client


def join(school: School, email: str, role: Role, **fields: Any) -> Person:
    """Return a person with a place in a school."""
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, PASSWORD, name=email.partition("@")[0].capitalize())
    return Person(user, school, Membership.objects.create(school=school, user=user, role=role, **fields))


@pytest.fixture
def norte(stage: None) -> School:
    """Return the school of Ana and Beto."""
    return School.objects.create(slug="norte", name="Escuela Norte")


@pytest.fixture
def sur(stage: None) -> School:
    """Return the school of Zoe."""
    return School.objects.create(slug="sur", name="Escuela Sur")


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> None:
    """Open the database: for real commits when the test asks for them, in one transaction otherwise."""
    request.getfixturevalue("committed" if "committed" in request.fixturenames else "db")


@pytest.fixture
def ana(norte: School) -> Person:
    """Return the director of Norte."""
    return join(norte, "ana@norte.example", Role.DIRECTOR)


@pytest.fixture
def beto(norte: School) -> Person:
    """Return a teacher of Norte."""
    return join(norte, "beto@norte.example", Role.TEACHER)


@pytest.fixture
def zoe(sur: School) -> Person:
    """Return the director of Sur: the stranger."""
    return join(sur, "zoe@sur.example", Role.DIRECTOR)


@pytest.fixture
def work_off() -> Callable[[], None]:
    """Give a function that does all the background work there is, here and now."""

    def work() -> None:
        for _round in range(200):
            due = Due.objects.order_by("next_at").first()
            if due is None:
                return
            advance(SchoolId(due.school_id), RunId(due.run_id))
            again = Due.objects.filter(pk=due.pk).first()
            assert again is None or again.queue != due.queue or again.next_at != due.next_at, (
                "a run does not move on"
            )
        raise AssertionError("background work does not come to an end")

    return work


RULES = """# Régimen académico

## Artículo 12. Inasistencias

El estudiante que supere las veinticinco (25) inasistencias injustificadas perderá la condición de alumno regular.

## Artículo 13. Reincorporación

La familia podrá pedir la reincorporación por escrito dentro de los cinco días hábiles.
"""


def upload(person: Person, *, name: str = "regimen.md", text: str = RULES, **facts: Any) -> uploads.Received:
    """Upload a text as a person."""
    file = SimpleUploadedFile(name, text.encode())
    return uploads.receive(person.member, file, facts=uploads.Facts(**facts))


@pytest.fixture
def document(ana: Person, work_off: Callable[[], None]) -> uploads.Received:
    """Return Norte's academic rules, read and indexed."""
    received = upload(ana)
    work_off()
    return received
