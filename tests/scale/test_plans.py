"""Every statement of the pages people use is carried out within their school, however many schools there are.

Thirty schools are written in bulk; the pages of one are opened, what they ask of Postgres is caught and explained as
the role that serves, under the policies. Red when the indexes that begin with the school are gone (seen by hand: the
key (school, id) of documents_document and what hangs on it dropped), or when a page reads past its school.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench import filled
from bench.crowd import Prepared
from bench.filled import Made, Sizes
from documents import library, views
from engines import spanish
from pipeline.sweep import sweep
from rag import indexes
from schools.admission import Member, as_member
from schools.models import Membership, User
from schools.scope import school_scope
from schools.tenancy import SchoolModel
from tests import streams
from tests.scale import plans

SCHOOLS = 25
SIZES = Sizes(documents=40, chunks=120, people=2, conversations=40, planillas=40, rows=8, calls=40)


@dataclass(frozen=True, slots=True)
class Crowd:
    """One school among the others, as its director sees it."""

    made: Made
    member: Member
    browser: Client
    tables: dict[str, int]


@pytest.fixture
def crowd(committed: None, owner_database: psycopg.Connection[Any]) -> Crowd:
    """Return the school in the middle of thirty."""
    said = [f"El artículo {n} trata de las inasistencias del curso {n % 7}." for n in range(40)]
    read = [spanish.index(text) for text in said]
    texts = [
        Prepared(text, one.analysis.to_bytes(), one.stems, one.grams)
        for text, one in zip(said, read, strict=True)
    ]
    index = indexes.active().name
    made = filled.Filling(owner_database, texts, SIZES, index=index).schools(
        [f"escuela-{number}" for number in range(SCHOOLS)]
    )
    ours = made[SCHOOLS // 2]
    filled.place(texts, [ours], index=index)
    owner_database.execute("ANALYZE")
    member = as_member(Membership.objects.select_related("school").get(user_id=ours.people[0]))
    browser = Client()
    browser.force_login(
        User.objects.get(pk=ours.people[0]), backend="django.contrib.auth.backends.ModelBackend"
    )
    return Crowd(ours, member, browser, plans.sizes())


def _counted(member: Member) -> dict[str, int]:
    with school_scope(member.school_id):
        return {
            model._meta.db_table: model.objects.count()
            for model in apps.get_models()
            if issubclass(model, SchoolModel)
        }


def _addresses(crowd: Crowd) -> Iterator[str]:
    made, slug = crowd.made, crowd.made.slug
    document, planilla = made.documents[0], made.planillas[0]
    for name in ("portal:home", "documents:library", "rag:ask", "planillas:planillas"):
        yield reverse(name, args=[slug])
    for query in (
        "?q=documento",
        "?estado=failed",
        "?vigencia=in_force",
        "?etiqueta=unlabelled",
        "?pagina=2",
    ):
        yield reverse("documents:library", args=[slug]) + query
    for name in ("documents:document", "documents:row", "documents:view"):
        yield reverse(name, args=[slug, document])
    yield reverse("rag:conversation", args=[slug, made.conversations[0]])
    for name in ("planillas:planilla", "planillas:history", "planillas:versions"):
        yield reverse(name, args=[slug, planilla])
    yield reverse("planillas:rows", args=[slug, planilla]) + "?desde=0&cuantas=60&contar=1"
    for name in ("documents_api:documents", "rag_api:conversations", "planillas_api:planillas"):
        yield reverse(name, args=[slug])
    yield reverse("documents_api:documents", args=[slug]) + f"?after={document}"
    yield reverse("documents_api:blocks", args=[slug, document])


def _open_pages(crowd: Crowd) -> None:
    for address in _addresses(crowd):
        assert crowd.browser.get(address).status_code == 200, address
    slug = crowd.made.slug
    found = crowd.browser.post(
        reverse("rag_api:search", args=[slug]),
        json.dumps({"query": "inasistencias del curso 3"}),
        content_type="application/json",
    )
    assert found.json()["results"]
    told = crowd.browser.post(
        reverse("rag:start", args=[slug]),
        json.dumps({"text": "¿De qué trata el artículo 12?"}),
        content_type="application/json",
        headers={"accept": "text/event-stream"},
    )
    assert streams.read(told)[-1][0] == "done"


def _watch(crowd: Crowd) -> None:
    library.active(crowd.member)
    library.processed_since(crowd.member, timezone.now() - views.BEFORE_THE_PAGE)
    library.some(crowd.member, set(crowd.made.documents[:3]))


def _upload(crowd: Crowd) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    given = {"file": SimpleUploadedFile("nota.md", f"# Nota {uuid4()}".encode())}
    address = reverse("documents:upload", args=[crowd.made.slug])
    assert crowd.browser.post(address, given, headers={"accept": "application/json"}).status_code == 201


def _keep_house(crowd: Crowd) -> None:
    from django.conf import settings
    from django.utils.module_loading import import_string

    sweep()
    for path, _every_s in settings.HOUSEKEEPING:
        import_string(path)()


@pytest.mark.parametrize(
    "doings",
    [
        [_open_pages, _watch],
        pytest.param([_upload, _keep_house], marks=pytest.mark.long),
    ],
    ids=["pages", "work"],
)
def test_no_statement_looks_past_its_school(crowd: Crowd, doings: list[Callable[[Crowd], None]]) -> None:
    with plans.caught() as caught:
        for do in doings:
            do(crowd)
    assert len(caught.statements) > 10
    of_school = _counted(crowd.member)
    found = {
        statement.sql: complaints
        for statement in caught.statements.values()
        if (complaints := plans.complaints(statement, of_school=of_school, tables=crowd.tables))
    }
    connection.close()
    assert not found, "\n".join(f"{problems}\n    {sql[:600]}" for sql, problems in found.items())
