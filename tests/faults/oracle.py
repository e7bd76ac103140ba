"""What must be true of an installation when a fault is over, whatever the fault was.

Nothing acknowledged is lost, nothing is there twice, nothing crossed into another school, the books are right, and
everything has come to an end. Asked of the stores themselves, not of our code, which might be wrong on both sides.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

import httpx
import psycopg

from tests.faults.stores import Point, Row, Stores

WITHIN_S = 120.0
_ENDS = ("ready", "partial", "failed")


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An upload that was answered with a document: the promise that the oracle holds the house to."""

    document_id: UUID
    school_id: UUID
    sha256: str


def wait(stores: Stores, acknowledged: Iterable[Acknowledged] = (), *, within_s: float = WITHIN_S) -> float:
    """Return the seconds until everything is true; fail with what is not when the time is over."""
    began_at = time.monotonic()
    promises = list(acknowledged)
    while found := _asked(stores, promises):
        if time.monotonic() - began_at > within_s:
            raise AssertionError(
                f"{len(found)} things are not true after {within_s:.0f} s:\n" + "\n".join(found[:40])
            )
        time.sleep(0.5)
    return time.monotonic() - began_at


def _asked(stores: Stores, promises: list[Acknowledged]) -> list[str]:
    try:
        return problems(stores, promises)
    except (psycopg.OperationalError, httpx.HTTPError) as error:
        return [f"a store does not answer: {error!r}"]


def problems(stores: Stores, promises: Iterable[Acknowledged] = ()) -> list[str]:
    """Return a sentence for each thing that is not as it must be."""
    documents = {row["id"]: row for row in stores.rows(_DOCUMENTS)}
    return [
        *_lost(stores, documents, promises),
        *_doubled(stores, documents),
        *_vectors(stores, documents),
        *_strayed(stores),
        *_books(stores),
        *_unfinished(stores, documents),
    ]


_DOCUMENTS = (
    "SELECT id, school_id, collection_id, sha256, status, error_code, deleted_at FROM documents_document"
)


def _lost(stores: Stores, documents: Mapping[UUID, Row], promises: Iterable[Acknowledged]) -> Iterable[str]:
    for promise in promises:
        row = documents.get(promise.document_id)
        if row is None or row["deleted_at"] is not None:
            yield f"document {promise.document_id} was acknowledged and is lost"
        elif (row["school_id"], row["sha256"]) != (promise.school_id, promise.sha256):
            yield f"document {promise.document_id} is of another school or has other bytes"
    for row in documents.values():
        if row["deleted_at"] is None:
            key = f"s/{row['school_id']}/{row['id']}/{row['sha256']}"
            if (found := stores.sha256_of(key)) != row["sha256"]:
                yield f"the original of {row['id']} {'has other bytes' if found else 'is not there'}"


def _doubled(stores: Stores, documents: Mapping[UUID, Row]) -> Iterable[str]:
    alike = Counter((row["school_id"], row["sha256"]) for row in documents.values() if not row["deleted_at"])
    yield from (f"{count} documents of {key}" for key, count in alike.items() if count > 1)
    for table in ("documents_block", "rag_chunk"):
        rows = stores.rows(
            f"SELECT document_id, ordinal FROM {table} ORDER BY document_id, ordinal"
        )  # two names of ours
        for document_id, group in groupby(rows, key=lambda row: row["document_id"]):
            ordinals = [row["ordinal"] for row in group]
            if ordinals != list(range(len(ordinals))):
                yield f"{table} of {document_id} is not numbered from 0 on, each once"


def _vectors(stores: Stores, documents: Mapping[UUID, Row]) -> Iterable[str]:
    chunks = {row["id"]: row for row in stores.rows("SELECT id, school_id, document_id FROM rag_chunk")}
    placed = {
        (row["document_id"], row["index_id"])
        for row in stores.rows("SELECT document_id, index_id FROM rag_placement")
    }
    schools = {str(row["id"]) for row in stores.rows("SELECT id FROM schools_school")}
    readable = {key: row for key, row in documents.items() if row["status"] in ("ready", "partial")}
    for index in stores.rows("SELECT name, state FROM rag_index WHERE state <> 'retired' ORDER BY name"):
        there = Counter[UUID]()
        for point in stores.points(index["name"]):
            if stores.is_shared and point.school_id not in schools:
                continue
            there[point.chunk_id] += 1
            yield from _point(point, chunks, documents)
        yield from (f"point {chunk_id} came {count} times" for chunk_id, count in there.items() if count > 1)
        if index["state"] != "active":
            continue
        for chunk_id, row in chunks.items():
            if row["document_id"] in readable and chunk_id not in there:
                yield f"chunk {chunk_id} of {row['document_id']} has no point in {index['name']}"
        for key, row in readable.items():
            if row["deleted_at"] is None and (key, index["name"]) not in placed:
                yield f"{key} is {row['status']} and was not placed in {index['name']}"


def _point(point: Point, chunks: Mapping[UUID, Row], documents: Mapping[UUID, Row]) -> Iterable[str]:
    chunk = chunks.get(point.chunk_id)
    if chunk is None:
        yield f"point {point.chunk_id} of {point.document_id} stands for no chunk"
        return
    document = documents[chunk["document_id"]]
    says = (point.school_id, point.document_id, point.collection_id)
    if says != (str(chunk["school_id"]), str(document["id"]), str(document["collection_id"])):
        yield f"point {point.chunk_id} says {says}, and is of {chunk['school_id']}"


def _strayed(stores: Stores) -> Iterable[str]:
    """Rows that name a document or a run of another school."""
    for parent, column in (("documents_document", "document_id"), ("pipeline_run", "run_id")):
        tables = stores.rows(
            "SELECT a.table_name AS name FROM information_schema.columns a JOIN information_schema.columns b "
            "USING (table_schema, table_name) JOIN information_schema.tables t USING (table_schema, table_name) "
            "WHERE a.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND a.column_name = 'school_id' "
            "AND b.column_name = %s ORDER BY 1",
            column,
        )
        assert tables, f"no table names a {parent}"
        for table in tables:
            # Names out of Postgres' own catalogue.
            [found] = stores.rows(
                f"SELECT count(*) AS count FROM {table['name']} c JOIN {parent} p ON p.id = c.{column} "
                "WHERE p.school_id <> c.school_id"
            )
            if found["count"]:
                yield f"{found['count']} rows of {table['name']} name a {parent} of another school"


def _books(stores: Stores) -> Iterable[str]:
    wrong = stores.rows(
        "SELECT b.school_id, b.month FROM engines_budget b LEFT JOIN LATERAL ("
        "  SELECT coalesce(sum(actual_u) FILTER (WHERE state = 'settled'), 0) AS spent,"
        "    coalesce(sum(est_u) FILTER (WHERE state = 'held'), 0) AS held"
        "  FROM engines_charge c WHERE c.school_id = b.school_id AND c.month = b.month) sums ON true "
        "WHERE b.spent_u <> sums.spent OR b.reserved_u <> sums.held"
    )
    yield from (f"the books of {row['school_id']} for {row['month']} do not add up" for row in wrong)
    late = stores.rows("SELECT id FROM engines_charge WHERE state = 'held' AND expires_at < now()")
    yield from (f"charge {row['id']} is held beyond its expiry" for row in late)


def _unfinished(stores: Stores, documents: Mapping[UUID, Row]) -> Iterable[str]:
    for row in documents.values():
        if row["deleted_at"] is None and row["status"] not in _ENDS:
            yield f"document {row['id']} is still {row['status']}"
    for row in stores.rows(
        "SELECT r.id, r.kind, r.state, r.stage, m.attempts, m.error FROM pipeline_run r LEFT JOIN pipeline_mark m "
        "ON m.run_id = r.id AND m.stage = r.stage WHERE r.state IN ('queued', 'running') ORDER BY r.id"
    ):
        yield "run {id} ({kind}) is {state} at {stage}, attempt {attempts}: {error}".format(**row)
    for row in stores.rows(
        # The worker at a run that a person took back finds out by itself.
        "SELECT m.id, r.state FROM pipeline_mark m JOIN pipeline_run r ON r.id = m.run_id WHERE m.lease IS NOT NULL "
        "AND r.state IN ('done', 'failed')"
    ):
        yield f"mark {row['id']} is held by nobody who lives; its run is {row['state']}"
    for row in stores.rows(
        "SELECT d.run_id, r.state FROM pipeline_due d LEFT JOIN pipeline_run r ON r.id = d.run_id "
        "WHERE r.id IS NULL OR r.state NOT IN ('queued', 'running') OR r.school_id <> d.school_id"
    ):
        yield f"the sweep still looks at run {row['run_id']}, which is {row['state'] or 'nowhere'}"


def count_of(stores: Stores, status: str) -> int:
    """Return how many documents stand so."""
    [row] = stores.rows("SELECT count(*) AS count FROM documents_document WHERE status = %s", status)
    return int(row["count"])
