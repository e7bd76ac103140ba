"""Whole schools written in bulk, as months of use would leave them: rows by COPY, points through the store's door.

As a program it fills the installation in whose environment it runs, as the role that migrates:
`./preceptor run python -m bench.filled --schools 100 --documents 50 --chunks 1000`. It prints what it made as JSON.
"""

import argparse
import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bench import product
from bench.questions import BESIDE

if TYPE_CHECKING:
    import psycopg
    from django.db.models import Model

    from bench.crowd import Prepared

_SCHOOLS_AT_ONCE = 10
_POINTS_AT_ONCE = 250
_WHEN = datetime(2026, 3, 2, 12, tzinfo=UTC)
_COLUMNS: list[dict[str, Any]] = [
    {"key": "alumno", "name": "Alumno", "kind": "text", "is_key": True},
    {"key": "curso", "name": "Curso", "kind": "text"},
    {"key": "faltas", "name": "Faltas", "kind": "integer"},
    {"key": "apto", "name": "Apto", "kind": "text"},
]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much each school is given."""

    documents: int = 50
    chunks: int = 1_000
    people: int = 3
    conversations: int = 20  # of the director
    planillas: int = 5
    rows: int = 40  # of a planilla
    calls: int = 20  # to engines, in the books


@dataclass(slots=True)
class Made:
    """One school as it was made: what a visitor needs to know of it."""

    school_id: UUID
    slug: str
    people: list[UUID] = field(default_factory=list)
    documents: list[UUID] = field(default_factory=list)
    conversations: list[UUID] = field(default_factory=list)
    planillas: list[UUID] = field(default_factory=list)
    points: list[tuple[UUID, UUID, list[tuple[UUID, int]]]] = field(default_factory=list)


class _Table:
    """The rows of one model on their way into COPY: what is alike in all of them is written once."""

    def __init__(self, made_of: "Model", varying: Sequence[str]) -> None:
        columns = [str(each.column) for each in made_of._meta.concrete_fields]
        parts = [
            "%s" if column in varying else _text(made_of, column).replace("%", "%%") for column in columns
        ]
        names = ", ".join(f'"{column}"' for column in columns)
        self.statement = f'COPY "{made_of._meta.db_table}" ({names}) FROM STDIN'
        self._line = "\t".join(parts) + "\n"
        self._order = [varying.index(column) for column in columns if column in varying]
        self._lines: list[str] = []

    def add(self, *values: object) -> None:
        """Add a row; the values in the order in which the varying columns were named."""
        self._lines.append(self._line % tuple(values[at] for at in self._order))

    def write(self, cursor: "psycopg.Cursor[Any]") -> None:
        """Write the rows and forget them."""
        with cursor.copy(self.statement) as copy:
            copy.write("".join(self._lines))
        self._lines = []


def _text(row: "Model", column: str) -> str:
    """Return a column of a row as COPY reads it."""
    from django.db.models import JSONField

    each = next(each for each in row._meta.concrete_fields if each.column == column)
    value = getattr(row, each.attname)
    if value is None:
        return "\\N"
    if isinstance(each, JSONField):
        return escaped(json.dumps(value))
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, bool):
        return "t" if value else "f"
    return escaped(str(value))


def escaped(text: str) -> str:
    """Return a text as COPY reads it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


class Filling:
    """Writes schools through a connection of the role that migrates."""

    def __init__(
        self, connection: "psycopg.Connection[Any]", texts: "Sequence[Prepared]", sizes: Sizes, *, index: str
    ) -> None:
        from django.contrib.auth.hashers import make_password

        self._connection = connection
        self._texts = [(escaped(each.text), "\\\\x" + each.analysis.hex(), len(each.text)) for each in texts]
        self._sizes = sizes
        self._index = index
        self._password = make_password(product.PASSWORD)
        self._tables = _tables(self._password, index)
        self._dice = random.Random(7)

    def schools(self, names: Sequence[str]) -> list[Made]:
        """Write so many schools in one transaction, all alike but for which text stands where."""
        made = [self._school(name) for name in names]
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for table in self._tables.values():
                table.write(cursor)
        return made

    def _school(self, slug: str) -> Made:
        from schools.ids import new_id

        put, sizes = self._tables, self._sizes
        made = Made(new_id(), slug)
        school = made.school_id
        put["school"].add(school, slug, f"Escuela {slug}")
        for number in range(sizes.people):
            person = new_id()
            made.people.append(person)
            put["user"].add(person, product.address(f"{slug}-{number}"), f"Persona {number}")
            put["membership"].add(new_id(), school, person, "director" if number == 0 else "teacher")
        shelves = [new_id() for _ in range(3)]
        for number, shelf in enumerate(shelves):
            put["collection"].add(shelf, school, f"Estante {number}", "f" if number else "t")
        for number in range(sizes.documents):
            self._document(made, number, shelves[number % 3], sizes.chunks // sizes.documents)
        self._asked(made)
        self._planillas(made, shelves[0])
        for _ in range(sizes.calls):
            decision = new_id()
            put["decision"].add(decision, school, made.people[0])
            put["charge"].add(new_id(), school, made.people[0], decision)
        return made

    def _document(self, made: Made, number: int, shelf: UUID, chunks: int) -> None:
        from rag.cut import chunk_id
        from schools.ids import new_id

        put, school, document = self._tables, made.school_id, new_id()
        made.documents.append(document)
        title = f"Documento {number} de {made.slug}"
        put["document"].add(
            document,
            school,
            shelf,
            title,
            title.lower(),
            hashlib.sha256(title.encode()).hexdigest(),
            made.people[0],
        )
        put["run"].add(new_id(), school, document)
        put["placement"].add(new_id(), school, document)
        points, at = [], 0
        for ordinal in range(chunks):
            chosen = self._dice.randrange(len(self._texts))
            text, analysis, length = self._texts[chosen]
            place = f'{{"kind": "text", "from": {at}, "to": {at + length}}}'
            put["block"].add(new_id(), school, document, ordinal, text, place)
            chunk = chunk_id(document, ordinal, text)
            put["chunk"].add(
                chunk, school, document, ordinal, text, analysis, f"[[{ordinal}, 0, 0, {length}]]"
            )
            points.append((chunk, chosen))
            at += length + 1
        made.points.append((document, shelf, points))

    def _asked(self, made: Made) -> None:
        from schools.ids import new_id

        for number in range(self._sizes.conversations):
            conversation = new_id()
            made.conversations.append(conversation)
            title = f"¿Qué dice el documento {number}?"
            self._tables["conversation"].add(
                conversation, made.school_id, made.people[0], title, title.lower()
            )
            for _ in range(2):
                self._tables["message"].add(new_id(), made.school_id, conversation, title, new_id())

    def _planillas(self, made: Made, shelf: UUID) -> None:
        from schools.ids import new_id

        school, template = made.school_id, new_id()
        self._tables["template"].add(template, school)
        for number in range(self._sizes.planillas):
            planilla = new_id()
            made.planillas.append(planilla)
            title = f"Planilla {number}"
            self._tables["planilla"].add(planilla, school, template, title, title.lower(), made.people[0])
            document = made.documents[number % len(made.documents)] if made.documents else None
            if document is not None:
                self._tables["source"].add(new_id(), school, planilla, document, document, shelf)
            for position in range(self._sizes.rows):
                cells = {each["key"]: {"v": f"{each['name']} {position}", "s": "found"} for each in _COLUMNS}
                self._tables["row"].add(new_id(), school, planilla, position, escaped(json.dumps(cells)))


def _tables(password: str, index: str) -> dict[str, _Table]:
    """Return every table that is filled, in the order in which its rows may be written."""
    from documents.models import Block, Collection, Document, Status
    from engines.models import Charge, ChargeState, Decision
    from pipeline.models import Run, RunState
    from planillas.models import Planilla, Row, Source, State, Template
    from rag.models import AnswerStatus, Chunk, Conversation, Message, Placement
    from schools.ids import new_id
    from schools.models import Membership, School, User

    some = {"school_id": new_id()}
    spent: dict[str, Any] = {"task": "answer", "purpose": "answer"}
    return {
        "school": _Table(School(), ("id", "slug", "name")),
        "user": _Table(User(password=password), ("id", "email", "name")),
        "membership": _Table(Membership(), ("id", "school_id", "user_id", "role")),
        "collection": _Table(Collection(**some), ("id", "school_id", "name", "is_default")),
        "document": _Table(
            Document(**some, filename="documento.txt", format="text", size_bytes=9_000, status=Status.READY),
            ("id", "school_id", "collection_id", "title", "name_folded", "sha256", "uploaded_by_id"),
        ),
        "run": _Table(
            Run(
                **some, kind="document", state=RunState.DONE, stage="recheck", created_at=_WHEN, started_at=_WHEN,
                finished_at=_WHEN,
            ),
            ("id", "school_id", "subject_id"),
        ),
        "placement": _Table(Placement(**some, index_id=index), ("id", "school_id", "document_id")),
        "block": _Table(
            Block(**some, kind="paragraph"), ("id", "school_id", "document_id", "ordinal", "text", "place")
        ),
        "chunk": _Table(
            Chunk(**some), ("id", "school_id", "document_id", "ordinal", "text", "analysis", "spans")
        ),
        "conversation": _Table(
            Conversation(**some), ("id", "school_id", "user_id", "title", "title_folded")
        ),
        "message": _Table(
            Message(**some, text="«Así dice.»", status=AnswerStatus.QUOTED, finished_at=_WHEN),
            ("id", "school_id", "conversation_id", "question", "decision_id"),
        ),
        "template": _Table(Template(**some, name="Plantilla", columns=_COLUMNS), ("id", "school_id")),
        "planilla": _Table(
            Planilla(**some, columns=_COLUMNS, state=State.REVIEW, filled_at=_WHEN),
            ("id", "school_id", "template_id", "title", "title_folded", "created_by_id"),
        ),
        "source": _Table(
            Source(**some, ordinal=0, title="Documento", sha256="0" * 64, read_at=_WHEN),
            ("id", "school_id", "planilla_id", "document_id", "document_id_then", "collection_id"),
        ),
        "row": _Table(
            Row(**some, found=len(_COLUMNS)), ("id", "school_id", "planilla_id", "position", "cells")
        ),
        "decision": _Table(
            Decision(**some, **spent, label="internal", chosen="quoting"), ("id", "school_id", "user_id")
        ),
        "charge": _Table(
            Charge(
                **some, **spent, engine="quoting", runs="here", model="quoting", month=date(2026, 3, 1),
                currency="ARS", state=ChargeState.SETTLED, est_u=0, actual_u=0, usd_u=0, expires_at=_WHEN,
            ),
            ("id", "school_id", "user_id", "decision_id"),
        ),
    }  # fmt: skip


def place(texts: "Sequence[Prepared]", made: Iterable[Made], *, index: str) -> int:
    """Put the schools' chunks into the store, through its door; return how many."""
    from rag import store
    from schools.ids import ChunkId, CollectionId, DocumentId, SchoolId

    count = 0
    for school in made:
        for document, shelf, points in school.points:
            rows = [store.Point(ChunkId(pk), texts[at].stems, texts[at].grams) for pk, at in points]
            for first in range(0, len(rows), _POINTS_AT_ONCE):
                store.upsert(
                    index,
                    school_id=SchoolId(school.school_id),
                    collection_id=CollectionId(shelf),
                    document_id=DocumentId(document),
                    points=rows[first : first + _POINTS_AT_ONCE],
                )
            count += len(rows)
        school.points = []
    return count


def sessions(made: Sequence[Made], *, people: int) -> list[dict[str, Any]]:
    """Log so many people in, spread over the schools; return each one's session with what they can visit."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from schools.models import User

    engine = import_module(settings.SESSION_ENGINE)
    found = []
    for number in range(people):
        school = made[number % len(made)]
        user = User.objects.get(pk=school.people[(number // len(made)) % len(school.people)])
        session = engine.SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        found.append(
            {
                "session": session.session_key,
                "slug": school.slug,
                "documents": [str(each) for each in school.documents[:20]],
                "planillas": [str(each) for each in school.planillas],
            }
        )
    return found


def short_texts(data: Path, *, count: int, chars: int) -> "list[Prepared]":
    """Return so many different texts of about so many characters: whole sentences of the question sets."""
    from bench.crowd import Prepared, prepare
    from engines import spanish

    found: dict[str, Prepared] = {}
    for each in prepare(data, count=count):
        text = each.text
        if len(text) > chars:
            text = text[:chars].rpartition(". ")[0] or text[:chars].rpartition(" ")[0]
        if text and text not in found:
            made = spanish.index(text)
            found[text] = Prepared(text, made.analysis.to_bytes(), made.stems, made.grams)
    return list(found.values())


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Fill the installation of this environment."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=BESIDE)
    options.add_argument("--schools", type=int, default=1)
    options.add_argument("--name", default="medida", help="of the schools, before their number")
    options.add_argument("--documents", type=int, default=50)
    options.add_argument("--chunks", type=int, default=1_000)
    options.add_argument("--chars", type=int, default=250, help="of a chunk, at most")
    options.add_argument("--people", type=int, default=3, help="of each school")
    options.add_argument("--logged-in", type=int, default=1)
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.db import connections
    from psycopg import connect

    from rag import indexes, store

    began = time.monotonic()
    texts = short_texts(given.data, count=2_000, chars=given.chars)
    with suppress(store.StoreDown):
        indexes.ensure()
    index = indexes.active().name
    owner = connections["owner"].settings_dict
    address = {
        "host": owner["HOST"],
        "port": owner["PORT"],
        "user": owner["USER"],
        "password": owner["PASSWORD"],
    }
    took: dict[str, float] = {"rows": 0.0, "points": 0.0}
    first: list[Made] = []
    points = 0
    with connect(**address, dbname=owner["NAME"], autocommit=True) as connection:
        filling = Filling(connection, texts, Sizes(given.documents, given.chunks, given.people), index=index)
        for start in range(0, given.schools, _SCHOOLS_AT_ONCE):
            names = [f"{given.name}-{n}" for n in range(start, min(given.schools, start + _SCHOOLS_AT_ONCE))]
            at = time.monotonic()
            made = filling.schools(names)
            took["rows"] += time.monotonic() - at
            first += made if len(first) < given.logged_in else []
            at = time.monotonic()
            points += place(texts, made, index=index)
            took["points"] += time.monotonic() - at
            if start // _SCHOOLS_AT_ONCE % 10 == 9:
                _say(f"{start + len(names)} schools, {points} points, {time.monotonic() - began:.0f} s")
        connection.execute("ANALYZE")
    told = {
        "schools": given.schools,
        "documents": given.schools * given.documents,
        "chunks": points,
        "seconds": {name: round(value, 1) for name, value in took.items()},
        "questions": [f"¿Qué se sabe de {' '.join(each.text.split()[3:8])}?" for each in texts[:200]],
        "people": sessions(first[: max(1, given.logged_in)], people=given.logged_in),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
