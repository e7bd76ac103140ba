"""Postgres undoes a transaction for another's sake, runs out of room, or starts again in the midst of the work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from documents import library
from documents.models import Document, Status
from pipeline.models import Due, Mark
from schools.scope import school_scope
from tests.conftest import Person, upload
from tests.faults import oracle, stores

pytestmark = [pytest.mark.faults]
DEADLOCK, SERIALISATION, DISK_FULL = "40P01", "40001", "53100"


@contextmanager
def raising(owner: psycopg.Connection[Any], table: str, state: str, *, times: int) -> Iterator[None]:
    """Let Postgres answer the next so many writes to a table with an error of this state."""
    owner.execute("CREATE SEQUENCE fault_count")
    owner.execute(
        f"CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
        # A sequence counts what is undone too.
        f"IF nextval('fault_count') <= {times} THEN RAISE EXCEPTION 'injected' USING ERRCODE = '{state}'; END IF; "
        f"RETURN NULL; END $$"
    )
    owner.execute(
        f"CREATE TRIGGER fault AFTER INSERT OR UPDATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION fault()"
    )
    try:
        yield
    finally:
        owner.execute(f"DROP TRIGGER fault ON {table}")
        owner.execute("DROP FUNCTION fault()")
        owner.execute("DROP SEQUENCE fault_count")


@pytest.mark.parametrize("state", [DEADLOCK, SERIALISATION])
def test_what_postgres_undid_for_anothers_sake_is_done_again_and_nobody_sees_it(
    committed: None,
    ana: Person,
    owner_database: psycopg.Connection[Any],
    work_off: Callable[[], None],
    state: str,
) -> None:
    # Red when `insist` tries once: the upload answers 503, and so does the change of the title.
    program = ana.program()
    with raising(owner_database, "pipeline_run", state, times=2):
        file = SimpleUploadedFile("acta.md", b"# Acta\n\nUno.")
        answer = program.post("/api/v1/schools/norte/documents/", {"file": file}, format="multipart")
    assert answer.status_code == 201, answer.content
    path = f"/api/v1/schools/norte/documents/{answer.json()['id']}/"
    with raising(owner_database, "documents_document", state, times=2):
        changed = program.patch(path, {"title": "Acta del consejo"}, format="json")
    assert (changed.status_code, changed.json()["title"]) == (200, "Acta del consejo")
    # The machine's own steps, and a stage's.
    with raising(owner_database, "pipeline_mark", state, times=2):
        work_off()
    assert program.get(path).json()["status"] == "ready"
    oracle.wait(stores.of_this_test(), within_s=5)


@pytest.mark.parametrize(
    ("state", "status", "code"), [(DEADLOCK, 503, "unavailable"), (DISK_FULL, 507, "no_room")]
)
def test_what_does_not_pass_is_said_and_nothing_is_kept_of_it(
    committed: None,
    ana: Person,
    owner_database: psycopg.Connection[Any],
    state: str,
    status: int,
    code: str,
) -> None:
    # Red when `problems.answer` does not ask `passing.refusal_of`: 500.
    with raising(owner_database, "documents_document", state, times=100):
        file = SimpleUploadedFile("acta.md", b"# Acta\n\nDos.")
        answer = ana.program().post("/api/v1/schools/norte/documents/", {"file": file}, format="multipart")
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        browser = ana.browser()
        browser.raise_request_exception = False
        page = browser.post(
            "/e/norte/biblioteca/subir", {"file": SimpleUploadedFile("acta.md", b"# Acta\n\nDos.")}
        )
        assert page.status_code in (status, 200, 302)
        assert b"Error 500" not in page.content
    with school_scope(ana.school_id):
        assert not Document.objects.exists()
    assert not Due.objects.exists()
    assert stored_files(ana) == []


def stored_files(person: Person) -> list[Path]:
    """Return every file that is kept for a school."""
    folder = Path(default_storage.path(f"s/{person.school_id}"))
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def test_a_stage_waits_for_a_full_database_at_no_cost_in_tries(
    committed: None, ana: Person, owner_database: psycopg.Connection[Any], work_off: Callable[[], None]
) -> None:
    # Red when `_stumble` counts it: the third time the document fails for good.
    from pipeline.advance import advance

    received = upload(ana)
    assert received.run_id is not None
    with raising(owner_database, "documents_block", DISK_FULL, times=100):
        for _turn in range(5):
            advance(ana.school_id, received.run_id)
            with school_scope(ana.school_id):
                mark = Mark.objects.get(stage="parse")
            assert (mark.attempts, mark.lease) == (0, None)
            assert "espacio" in mark.waits
    work_off()
    assert library.get(ana.member, received.document_id).document.status == Status.READY
    oracle.wait(stores.of_this_test(), within_s=5)
