"""Qdrant down, or silent after it did what it was asked: the document waits and comes out whole."""

from collections.abc import Callable
from typing import Any

from documents import library
from documents.models import Status
from pipeline.advance import advance
from pipeline.models import Due, Mark
from rag import conversations, indexes, store
from rag.models import Chunk
from schools.scope import school_scope
from tests.conftest import Person, upload
from tests.tenancy.qdrant_proxy import QdrantProxy


def test_with_qdrant_down_a_document_waits_at_no_cost_in_tries(
    ana: Person, settings: Any, work_off: Callable[[], None]
) -> None:
    indexes.ensure()
    received = upload(ana)
    assert received.run_id is not None
    alive = settings.QDRANT_URL
    settings.QDRANT_URL = "http://127.0.0.1:9"
    for _try in range(5):
        advance(ana.school_id, received.run_id)
        assert library.get(ana.member, received.document_id).document.status == Status.PROCESSING
        with school_scope(ana.school_id):
            assert Mark.objects.get(stage="embed").attempts == 0
    # The library and the conversations do not need it.
    assert library.count(ana.member) == 1
    conversations.start(ana.member)
    settings.QDRANT_URL = alive
    work_off()
    assert library.get(ana.member, received.document_id).document.status == Status.READY
    assert not Due.objects.exists()


def test_an_upsert_whose_answer_was_lost_is_done_again_and_doubles_nothing(
    ana: Person, settings: Any, work_off: Callable[[], None]
) -> None:
    index = indexes.active().name
    received = upload(ana)
    assert received.run_id is not None
    with QdrantProxy(settings.QDRANT_URL) as proxy:
        alive, settings.QDRANT_URL = settings.QDRANT_URL, proxy.url
        proxy.silent_on = "/points"
        advance(ana.school_id, received.run_id)
        settings.QDRANT_URL = alive
        assert any("/points" in request for request in proxy.requests)
    assert library.get(ana.member, received.document_id).document.status == Status.PROCESSING
    with school_scope(ana.school_id):
        chunks = Chunk.objects.count()
    assert store.count(index, school_id=ana.school_id) == chunks > 0  # it had been carried out
    work_off()
    assert library.get(ana.member, received.document_id).document.status == Status.READY
    assert store.count(index, school_id=ana.school_id) == chunks
