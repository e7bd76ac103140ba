"""The three stores of an installation as an onlooker reads them: past the walls, and past our own code."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

_PAGE = 500
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """A point of an index, by what its payload says."""

    chunk_id: UUID
    school_id: str
    document_id: str
    collection_id: str


@dataclass(frozen=True, slots=True)
class Stores:
    """Where an installation keeps what it holds. `database`: as the role that passes the walls."""

    database: str
    qdrant_url: str
    qdrant_key: str
    files: Path
    # Tests share an index: what other tests left there is not looked at.
    is_shared: bool = False

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Return the rows of a question to Postgres."""
        with psycopg.connect(self.database, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(sql, values or None).fetchall()

    def points(self, index: str) -> Iterator[Point]:
        """Yield every point of an index, of all schools."""
        with httpx.Client(
            base_url=self.qdrant_url, headers={"api-key": self.qdrant_key}, trust_env=False, timeout=30
        ) as client:
            asked: dict[str, Any] = {"limit": _PAGE, "with_payload": True, "with_vector": False}
            while True:
                answer = client.post(f"/collections/{index}/points/scroll", json=asked)
                if answer.status_code == 404:
                    return
                found = answer.raise_for_status().json()["result"]
                for point in found["points"]:
                    told = point["payload"]
                    yield Point(
                        UUID(str(point["id"])),
                        *(str(told.get(key)) for key in ("school_id", "document_id", "collection_id")),
                    )
                if found["next_page_offset"] is None:
                    return
                asked["offset"] = found["next_page_offset"]

    def sha256_of(self, key: str) -> str:
        """Return the SHA-256 of a stored file; empty when it is not there."""
        try:
            with (self.files / key).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return ""


def of_environment(environment: Mapping[str, str]) -> Stores:
    """Return the stores that an environment of `./preceptor env` names."""
    return Stores(
        database=environment["DATABASE_OWNER_URL"].replace("postgres://", "postgresql://", 1),
        qdrant_url=environment["QDRANT_URL"],
        qdrant_key=environment["QDRANT_API_KEY"],
        files=Path(environment["PRECEPTOR_DATA"]) / "files",
    )


def of_this_test() -> Stores:
    """Return the stores of the running test."""
    from django.conf import settings

    from tests import databases
    from tests.settings import TEST_DATABASE

    return Stores(
        database=make_conninfo(**databases.parameters(TEST_DATABASE)),
        qdrant_url=os.environ["QDRANT_URL"],
        qdrant_key=settings.QDRANT_API_KEY,
        files=Path(str(settings.DATA_DIR)) / "files",
        is_shared=True,
    )
