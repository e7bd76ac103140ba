"""Open WebUI CVE-2026-45398: retrieval took the raw name of a collection, and `overwrite=true` deleted it.

Red when rag/store.py takes the index's name from a request, or an upload replaces what has its name.
"""

from typing import Any

from django.conf import settings as django_settings

from documents.models import Document
from schools.scope import school_scope
from tests.conftest import Person, upload
from tests.tenancy.qdrant_proxy import QdrantProxy

NAMES = ("collection", "collection_name", "index", "knowledge_base", "kb_id", "tenant", "school_id")


def test_a_question_never_names_the_index(ana: Person, zoe: Person, settings: Any, work_off: Any) -> None:
    upload(ana)
    work_off()
    with QdrantProxy(settings.QDRANT_URL) as proxy:
        settings.QDRANT_URL = proxy.url
        plain = zoe.program().post("/api/v1/schools/sur/search/", {"query": "inasistencias"}, format="json")
        asked = set(proxy.requests)
        for name in NAMES:
            for value in (
                f"{django_settings.QDRANT_PREFIX}_x",
                str(ana.school_id),
                "*",
                "../collections",
                "",
            ):
                body = {"query": "inasistencias", name: value, "overwrite": True}
                answer = zoe.program().post("/api/v1/schools/sur/search/", body, format="json")
                assert answer.status_code == 400 or answer.json() == plain.json() == {"results": []}, body
        assert set(proxy.requests) == asked
        assert all(str(ana.school_id).encode() not in each for each in proxy.bodies)
        found = ana.program().post("/api/v1/schools/norte/search/", {"query": "inasistencias"}, format="json")
        assert found.json()["results"]
    settings.QDRANT_URL = django_settings.QDRANT_URL


def test_a_file_of_the_same_name_replaces_nothing(ana: Person, zoe: Person) -> None:
    """CVE-2026-44554 did the same within one tenant: the default was to destroy."""
    first = upload(ana, text="# Uno")
    for person, text in ((ana, "# Dos"), (zoe, "# Uno")):
        assert upload(person, text=text).document_id != first.document_id
    with school_scope(ana.school_id):
        rows = Document.objects.order_by("pk").values_list("filename", "deleted_at", "supersedes")
        assert list(rows) == [("regimen.md", None, None)] * 2
