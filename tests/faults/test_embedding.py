"""A work-horse killed between two batches of an embedder that costs money."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from documents.models import Document, Status
from rag.embed import BATCH
from rag.models import Chunk
from schools.scope import school_scope
from tests.conftest import Person, upload
from tests.doubles import ollama
from tests.faults import oracle, stores
from tests.faults.house import House
from tests.pipeline.test_faults import LONG

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.long]


def test_of_an_interrupted_embedding_at_most_one_batch_is_paid_again(
    house: House, fresh_queues: None, ana: Person, tmp_path: Path
) -> None:
    # Red when `_points` asks the engine without `store.made_before`: the first batch is paid again, too.
    engines = tmp_path / "engines.yaml"
    with ollama.serving() as double:
        entry = ollama.entry(double, name="vectores", tasks=["embed"], total_s=30)
        engines.write_text(yaml.safe_dump({"engines": [entry]}))
        given = {"ENGINES_FILE": str(engines)}
        house.close_gate("embed-report-2")  # two batches are in Qdrant
        house.start("work", given=given)
        house.start("schedule", given=given)
        upload(ana, text=LONG + LONG.replace("Artículo", "Anexo"))
        horse = house.at_gate("embed-report-2")
        paid_before = _texts(double)
        os.kill(horse, signal.SIGKILL)

        def is_ready() -> bool:
            with school_scope(ana.school_id):
                return Document.objects.get().status == Status.READY

        house.wait(is_ready, within_s=120, what="not taken up")
        paid = _texts(double)
    with school_scope(ana.school_id):
        chunks = Chunk.objects.count()
    assert chunks > 2 * BATCH
    assert paid_before >= 2 * BATCH
    assert chunks <= paid <= chunks + BATCH
    oracle.wait(stores.of_this_test())


def _texts(double: ollama.Ollama) -> int:
    return sum(len(_of(body)) for body in double.embedded)


def _of(body: Any) -> list[str]:
    given = json.loads(body) if isinstance(body, str | bytes) else body
    texts: str | list[str] = given["input"]
    return texts if isinstance(texts, list) else [texts]
