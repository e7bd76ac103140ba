"""Postgres, files and Qdrant against each other: everything that differs is found, mended, and found no more."""

import io
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from config.management.commands import reconcile
from documents.models import Block, Document, Status
from engines import spanish
from pipeline import runs
from pipeline.models import Due, Run, RunState
from planillas.models import Template
from rag import fence, indexes, store
from rag.models import Chunk, Placement
from schools.ids import ChunkId, CollectionId, DocumentId, SchoolId, new_id
from schools.scope import school_scope
from tests.conftest import Person, upload
from tests.house.tree import ROOT

INDEXED = spanish.index("El estudiante que supere las veinticinco inasistencias perderá la regularidad.")


@pytest.fixture(autouse=True)
def _own_stores(settings: Any, tmp_path: Path, stage: None) -> Iterator[None]:
    """Compare an index and a folder of the test's own: those of the others hold what is left of schools that went."""
    settings.QDRANT_PREFIX = f"reconciled_{uuid4().hex[:8]}"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    kept = settings.STORAGES
    options = {**kept["default"]["OPTIONS"], "location": tmp_path / "files"}
    settings.STORAGES = {**kept, "default": {**kept["default"], "OPTIONS": options}}
    yield
    store.drop(indexes.wanted_name())


def compare(*options: str) -> tuple[dict[str, Any], int]:
    """Return what the command tells programs, and how it ends."""
    out, code = io.StringIO(), 0
    try:
        call_command("reconcile", "--json", *options, stdout=out)
    except SystemExit as end:
        code = int(str(end.code))
    return json.loads(out.getvalue()), code


def found(told: dict[str, Any]) -> dict[str, int]:
    """Return how many differences there were of each kind, over all schools."""
    counts: dict[str, int] = {}
    for school in told["schools"].values():
        for code, count in school["differences"].items():
            counts[code] = counts.get(code, 0) + count["total"]
    return counts


def long_text(count: int) -> str:
    """Return a text of so many chunks at least."""
    return "# Régimen\n\n" + "\n\n".join(
        f"## Artículo {n}\n\n"
        + f"El estudiante del curso {n} presenta el formulario {n} en la secretaría. " * 8
        for n in range(count)
    )


def chunks_of(person: Person) -> list[UUID]:
    with school_scope(person.school_id):
        return list(Chunk.objects.order_by("pk").values_list("pk", flat=True))


def put(person: Person, ids: list[UUID], *, document_id: UUID | None = None) -> None:
    """Write points in a school's name."""
    store.upsert(
        indexes.active().name,
        school_id=person.school_id,
        collection_id=CollectionId(new_id()),
        document_id=DocumentId(document_id or new_id()),
        points=[store.Point(ChunkId(each), INDEXED.stems, INDEXED.grams) for each in ids],
    )


def lose(person: Person, ids: list[UUID]) -> None:
    """Take points away behind everybody's back."""
    with school_scope(person.school_id):
        moment = fence.now(person.school_id)
    store.discard(indexes.active().name, school_id=person.school_id, ids=ids, fence=moment)


@pytest.mark.parametrize(
    ("each", "strange"), [(10, 2), pytest.param(100, 5, marks=pytest.mark.long)], ids=["by_day", "205"]
)
def test_orphans_missing_and_another_schools_points_are_all_found_and_mended_once(
    ana: Person,
    zoe: Person,
    work_off: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
    each: int,
    strange: int,
) -> None:
    """Fault 14. Red when `_settle_strangers`, `_settle_missing` or `check_strays` is not called."""
    upload(ana, text=long_text(each + 20))
    theirs = upload(zoe, text=long_text(each + 21))
    work_off()
    assert compare() == (
        {"schools": {}, "total": 0, "needs_a_person": False, "seconds": pytest.approx(0, abs=600)},
        0,
    )
    before = chunks_of(ana)
    put(ana, [new_id() for _ in range(each)])
    lose(ana, before[:each])
    # In Norte's name a document of Sur's, and in the name of a school there is not.
    put(ana, [new_id() for _ in range(strange - 1)], document_id=theirs.document_id)
    _put_for_nobody()

    dry, code = compare("--dry-run")
    assert code == 1
    expected = {"orphan_point": each, "missing_point": each, "foreign_point": strange}
    assert found(dry) == expected
    assert store.count(indexes.active().name, school_id=ana.school_id) == len(before) + strange - 1

    caplog.clear()
    told, code = compare()
    assert found(told) == expected
    assert told["total"] == 2 * each + strange
    assert code == 1  # a person must hear of the alarm
    alarms = [record for record in caplog.records if "[foreign_point]" in record.getMessage()]
    assert len(alarms) == strange
    assert {record.levelno for record in alarms} == {logging.ERROR}

    assert compare()[0]["total"] == 0
    index = indexes.active().name
    assert [point.id for point in store.scan(index, school_id=ana.school_id)] == chunks_of(ana) == before
    assert store.count(index, school_id=zoe.school_id) == len(chunks_of(zoe))


def _put_for_nobody() -> None:
    store.upsert(
        indexes.active().name,
        school_id=SchoolId(new_id()),
        collection_id=CollectionId(new_id()),
        document_id=DocumentId(new_id()),
        points=[store.Point(ChunkId(new_id()), INDEXED.stems, INDEXED.grams)],
    )


def test_a_chunks_own_point_in_another_schools_name_is_an_alarm_and_comes_back(
    ana: Person, zoe: Person, work_off: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    upload(ana)
    upload(zoe, text=long_text(3))
    work_off()
    for one, other in ((ana, zoe), (zoe, ana)):
        mine = chunks_of(one)
        put(other, mine[:1])
        told, code = compare()
        assert (found(told)["foreign_point"], code) == (1, 1)
        assert compare()[0]["total"] == 0
        assert [point.id for point in store.scan(indexes.active().name, school_id=one.school_id)] == mine


def test_a_shelf_an_old_reading_and_a_document_that_no_index_has_are_mended(
    ana: Person, work_off: Callable[[], None]
) -> None:
    first, second = upload(ana), upload(ana, name="otro.md", text=long_text(3))
    work_off()
    index, mine = indexes.active().name, chunks_of(ana)
    store.shelve(
        index, school_id=ana.school_id, document_id=first.document_id, collection_id=CollectionId(new_id())
    )
    put(ana, [new_id()], document_id=first.document_id)
    with school_scope(ana.school_id):
        shelved = Chunk.objects.filter(document_id=first.document_id).count()
        Placement.objects.filter(document_id=second.document_id).delete()
    told, code = compare()
    assert found(told) == {"wrong_shelf": shelved, "stale_point": 1, "not_indexed": 1}
    assert code == 0
    assert compare()[0]["total"] == 0
    assert [point.id for point in store.scan(index, school_id=ana.school_id)] == mine


def test_what_somebody_works_on_is_left_alone(ana: Person, work_off: Callable[[], None]) -> None:
    """Red when `at_work` returns nothing."""
    received = upload(ana)
    work_off()
    mine = chunks_of(ana)
    lose(ana, mine)
    put(ana, [new_id()], document_id=received.document_id)
    with school_scope(ana.school_id):
        runs.start("reindexing", received.document_id)
    told, code = compare()
    assert (told["total"], code) == (0, 0)
    assert told["schools"]["norte"]["busy"] > 0
    assert store.count(indexes.active().name, school_id=ana.school_id) == 1
    work_off()
    assert compare()[0]["total"] == 0
    assert store.count(indexes.active().name, school_id=ana.school_id) == len(mine)


def test_lost_work_goes_on(ana: Person, work_off: Callable[[], None]) -> None:
    first, second, third = (
        upload(ana),
        upload(ana, name="b.md", text="# B\n\nDos."),
        upload(ana, name="c.md", text="# C\n\nTres."),
    )
    assert first.run_id is not None
    Due.objects.filter(run_id=first.run_id).delete()
    work_off()
    with school_scope(ana.school_id):
        Run.objects.filter(subject_id=second.document_id).delete()
        Document.objects.filter(pk=second.document_id).update(status=Status.PROCESSING)
        Document.objects.filter(pk=third.document_id).update(deleted_at=timezone.now())
    told, code = compare()
    assert found(told) == {"run_without_due": 1, "work_not_begun": 1, "removal_not_begun": 1}
    assert code == 0
    work_off()
    assert compare()[0]["total"] == 0
    with school_scope(ana.school_id):
        assert set(Document.objects.values_list("status", flat=True)) == {Status.READY}
        assert Document.objects.count() == 2
        assert not Run.objects.exclude(state=RunState.DONE).exists()


def test_files_that_nobody_names_go_and_missing_ones_are_told(
    ana: Person, work_off: Callable[[], None], tmp_path: Path
) -> None:
    received, other, drawn = (
        upload(ana),
        upload(ana, name="otro.md", text=long_text(2)),
        upload(ana, name="c.md", text=long_text(3)),
    )
    work_off()
    home = f"s/{ana.school_id}"
    with school_scope(ana.school_id):
        made = Template.objects.create(name="Propia", format="xlsx", sha256="0" * 64)
        Block.objects.filter(document_id=drawn.document_id, ordinal=0).update(picture="p1.png")
    nobodys = [
        f"{home}/{new_id()}/abc",
        f"{home}/{received.document_id}/pictures/old.png",
        f"{home}/planillas/{new_id()}/template",
    ]
    for key in nobodys:
        _store(key, hours=2)
    fresh = f"{home}/{new_id()}/under-way"
    _store(fresh, hours=0)
    left = tmp_path / "tmp1.upload.md"
    left.write_bytes(b"half")
    os.utime(left, (1_000_000_000, 1_000_000_000))
    with school_scope(ana.school_id):
        gone, changed = (Document.objects.get(pk=each.document_id).file_key for each in (received, other))
    default_storage.delete(gone)
    with default_storage.open(changed) as file:
        content = file.read()
    default_storage.delete(changed)
    default_storage.save(changed, ContentFile(content + b"\n"))

    told, code = compare()
    assert (found(told), code) == (
        {
            "orphan_file": 3,
            "missing_original": 1,
            "missing_file": 1,
            "damaged_file": 1,
            "missing_picture": 1,
            "left_upload": 1,
        },
        1,
    )
    assert (
        told["schools"]["norte"]["differences"]["missing_picture"]["mended"] == 1
    )  # the file was read again
    assert told["schools"]["norte"]["differences"]["missing_file"]["examples"] == [made.file_key]
    assert not any(map(default_storage.exists, nobodys))
    assert default_storage.exists(fresh)
    default_storage.delete(changed)
    default_storage.save(changed, ContentFile(content[::-1]))
    assert found(compare()[0]) == {"missing_original": 1, "missing_file": 1}
    assert found(compare("--deep")[0]) == {"missing_original": 1, "missing_file": 1, "damaged_file": 1}


def _store(key: str, *, hours: int) -> None:
    default_storage.save(key, ContentFile(b"x"))
    at = time.time() - hours * 3600
    os.utime(default_storage.path(key), (at, at))


def test_every_difference_has_words_and_every_check_is_wired() -> None:
    codes = set()
    for app in ("pipeline", "documents", "transcription", "rag", "planillas", "engines"):
        assert f"{app}.differences" in {check.__module__ for check in reconcile.CHECKS}
    for path in [*ROOT.glob("*/differences.py"), ROOT / "documents" / "stored.py"]:
        text = path.read_text()
        codes |= {code for code in reconcile.WORDS if f'"{code}"' in text}
    assert codes == set(reconcile.WORDS)
