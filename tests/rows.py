"""One row of every tenant model, for the tests of the walls. A new tenant model has no row until it is added here."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils import timezone

from documents.models import Arrival, Block, Collection, Document, PageReading, Watch
from documents.places import Text
from engines import spanish
from engines.models import Budget, Charge, Decision, Plan, Rule
from pipeline.models import Mark, Run
from planillas.cells import Evidence, found
from planillas.models import (
    Edit,
    Planilla,
    Report,
    ReportSource,
    ReportTemplate,
    Row,
    Section,
    Source,
    Template,
    Version,
)
from rag.cut import chunk_id
from rag.models import Chunk, Conversation, Index, Message, Placement, Prompt, PromptVersion
from schools.ids import new_id
from schools.models import IdempotentReply, User
from schools.tenancy import SchoolModel
from transcription.models import (
    Acta,
    ActaTemplate,
    Action,
    Digest,
    Part,
    Recording,
    Segment,
    SegmentVersion,
    Speaker,
)

TEXT = "El estudiante que supere las veinticinco inasistencias perderá la regularidad."


class Rows:
    """Makes rows in the school in scope, each once; a row that needs another makes it first."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._made: dict[type[Model], Any] = {}

    def one(self, model: type[Model]) -> Any:
        """Return the row of a model."""
        if model not in self._made:
            self._made[model] = MAKERS[model](self)
        return self._made[model]

    def every(self) -> dict[type[Model], Any]:
        """Return one row of every tenant model."""
        return {model: self.one(model) for model in MAKERS}

    @property
    def user(self) -> User:
        """Return whose rows they are."""
        return self._user


def _document(rows: Rows) -> Document:
    return Document.objects.create(
        collection=rows.one(Collection),
        title="Régimen académico",
        filename="regimen.md",
        format="markdown",
        sha256=hashlib.sha256(TEXT.encode()).hexdigest(),
        size_bytes=len(TEXT),
        uploaded_by=rows.user,
        supersedes=(older := _older(rows)),
        parent=older,
    )


def _older(rows: Rows) -> Document:
    return Document.objects.create(
        collection=rows.one(Collection),
        title="Régimen académico de 2025",
        filename="regimen-2025.md",
        format="markdown",
        sha256=hashlib.sha256(b"2025").hexdigest(),
        size_bytes=4,
    )


def _block(rows: Rows) -> Block:
    return Block.objects.create(
        document=rows.one(Document),
        ordinal=0,
        kind="paragraph",
        text=TEXT,
        place={"kind": "text", "from": 0, "to": len(TEXT)},
    )


def _chunk(rows: Rows) -> Chunk:
    document = rows.one(Document)
    return Chunk.objects.create(
        id=chunk_id(document.pk, 0, TEXT),
        document=document,
        ordinal=0,
        text=TEXT,
        spans=[[0, 0, 0, len(TEXT)]],
        analysis=spanish.index(TEXT).analysis.to_bytes(),
    )


def _placement(rows: Rows) -> Placement:
    index, _made = Index.objects.get_or_create(name="of_the_tests", defaults={"state": "building"})
    return Placement.objects.create(document=rows.one(Document), index=index)


def _conversation(rows: Rows) -> Conversation:
    return Conversation.objects.create(user=rows.user, title="Inasistencias", title_folded="inasistencias")


def _reply(rows: Rows) -> IdempotentReply:
    return IdempotentReply.objects.create(user=rows.user, key="k", body_sha256="0" * 64)


def _charge(rows: Rows) -> Charge:
    return Charge.objects.create(
        decision=rows.one(Decision), user=rows.user, engine="lejos", runs="outside", task="chat", purpose="answer",
        month=date(2026, 3, 1), currency="USD", est_u=1_000, expires_at=timezone.now() + timedelta(minutes=5),
    )  # fmt: skip


def _recording(rows: Rows) -> Recording:
    document = Document.objects.create(
        collection=rows.one(Collection),
        title="Claustro",
        filename="claustro.wav",
        format="sound",
        sha256=hashlib.sha256(b"claustro").hexdigest(),
        size_bytes=8,
        status="ready",
        uploaded_by=rows.user,
    )
    return Recording.objects.create(
        id=document.pk, document=document, duration_s=12.0, has_sound=True, written_at=timezone.now()
    )


def _version(rows: Rows) -> SegmentVersion:
    segment = rows.one(Segment)
    Segment.objects.create(
        recording=segment.recording, speaker=segment.speaker, from_s=4.0, to_s=6.0, text="Nos vemos."
    )
    return SegmentVersion.objects.create(
        segment=segment, rev=1, change="text", text="Hasta lugo.", from_s=0.0, to_s=3.0
    )


COLUMNS = [{"key": "alumno", "name": "Alumno", "kind": "text", "is_key": True, "is_required": True}]


def _planilla(rows: Rows) -> Planilla:
    return Planilla.objects.create(
        template=rows.one(Template),
        title="Nómina",
        row_is="un alumno",
        columns=COLUMNS,
        state="review",
        version=1,
        filled_at=timezone.now(),
        created_by=rows.user,
    )


def _source(rows: Rows) -> Source:
    document = rows.one(Document)
    return Source.objects.create(
        planilla=rows.one(Planilla),
        document=document,
        document_id_then=document.pk,
        collection=document.collection,
        ordinal=0,
        title=document.title,
        sha256=document.sha256,
        read_at=timezone.now(),
    )


def _row(rows: Rows) -> Row:
    rows.one(Source)
    row = Row(planilla=rows.one(Planilla), position=1.0, keys=["text:ana perez"])
    said = Evidence(document_id=rows.one(Document).pk, block=0, place=Text(0, 10), quote="Ana Pérez")
    row.write({"alumno": found("Ana Pérez", [said], confidence=1.0)})
    row.save()
    return row


def _report(rows: Rows) -> Report:
    return Report.objects.create(
        template=rows.one(ReportTemplate), title="Memoria", state="review", created_by=rows.user
    )


def _report_source(rows: Rows) -> ReportSource:
    document = rows.one(Document)
    return ReportSource.objects.create(
        report=rows.one(Report),
        document=document,
        planilla=rows.one(Planilla),
        id_then=document.pk,
        collection=document.collection,
        ordinal=0,
        title=document.title,
        sha256=document.sha256,
    )


def _section(rows: Rows) -> Section:
    rows.one(ReportSource)
    return Section.objects.create(
        report=rows.one(Report),
        ordinal=0,
        title="Matrícula",
        prompt="¿Cuántos?",
        state="edited",
        text="Hubo 40.",
    )


MAKERS: dict[type[Model], Callable[[Rows], SchoolModel]] = {
    Collection: lambda rows: Collection.objects.create(name="Normativa"),
    Document: _document,
    Block: _block,
    PageReading: lambda rows: PageReading.objects.create(
        document=rows.one(Document), page=1, confidence=0.9, reader="tesseract 5"
    ),
    Watch: lambda rows: Watch.objects.create(user=rows.user),
    Arrival: lambda rows: Arrival.objects.create(
        path="Actas/acta.pdf", size_bytes=1, modified_ns=1, document=rows.one(Document)
    ),
    Chunk: _chunk,
    Placement: _placement,
    Conversation: _conversation,
    Message: lambda rows: Message.objects.create(
        conversation=rows.one(Conversation),
        question="¿Cuántas inasistencias?",
        prompt_version=rows.one(PromptVersion),
    ),
    Run: lambda rows: Run.objects.create(kind="document", subject_id=rows.one(Document).pk, stage="parse"),
    Mark: lambda rows: Mark.objects.create(run=rows.one(Run), stage="parse", version=1, lease=new_id()),
    IdempotentReply: _reply,
    Rule: lambda rows: Rule.objects.create(engine="lejos", max_label="internal", changed_by=rows.user),
    Plan: lambda rows: Plan.objects.create(cap_u=5_000_000, changed_by=rows.user),
    Budget: lambda rows: Budget.objects.create(
        month=date(2026, 3, 1), currency="USD", limit_u=5_000_000, reserved_u=1_000
    ),
    Decision: lambda rows: Decision.objects.create(
        user=rows.user, task="chat", purpose="answer", label="internal", policy_version="1"
    ),
    Charge: _charge,
    Prompt: lambda rows: Prompt.objects.create(name="Breve", created_by=rows.user),
    PromptVersion: lambda rows: PromptVersion.objects.create(
        prompt=rows.one(Prompt), number=1, text="Responder en tres líneas."
    ),
    Recording: _recording,
    Part: lambda rows: Part.objects.create(recording=rows.one(Recording), ordinal=0, from_s=0.0, to_s=12.0),
    Speaker: lambda rows: Speaker.objects.create(recording=rows.one(Recording), number=1, name="Marta"),
    Segment: lambda rows: Segment.objects.create(
        recording=rows.one(Recording),
        speaker=rows.one(Speaker),
        from_s=0.0,
        to_s=3.0,
        text="Hasta luego.",
        rev=2,
    ),
    SegmentVersion: _version,
    Digest: lambda rows: Digest.objects.create(recording=rows.one(Recording), revision=1),
    Action: lambda rows: Action.objects.create(recording=rows.one(Recording), task="Enviar el presupuesto"),
    ActaTemplate: lambda rows: ActaTemplate.objects.create(name="Reunión", edited_by=rows.user),
    Acta: lambda rows: Acta.objects.create(
        recording=rows.one(Recording), template=rows.one(ActaTemplate), title="Acta"
    ),
    Template: lambda rows: Template.objects.create(
        name="Nómina de alumnos", row_is="un alumno", columns=COLUMNS, created_by=rows.user
    ),
    Planilla: _planilla,
    Source: _source,
    Row: _row,
    Edit: lambda rows: Edit.objects.create(
        planilla=rows.one(Planilla),
        row=rows.one(Row),
        batch=new_id(),
        act="edit",
        column="alumno",
        by=rows.user,
    ),
    Version: lambda rows: Version.objects.create(
        planilla=rows.one(Planilla), number=1, rev=1, columns=COLUMNS, sha256="0" * 64, approved_by=rows.user
    ),
    ReportTemplate: lambda rows: ReportTemplate.objects.create(
        name="Memoria anual",
        sections=[{"key": "matricula", "title": "Matrícula", "prompt": "", "words": 100, "kind": "text"}],
    ),
    Report: _report,
    ReportSource: _report_source,
    Section: _section,
}


def copy_of(row: Any, **changes: Any) -> Any:
    """Return an unsaved row with the same values, a new id, and these changes."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**{**values, "id": new_id(), **changes})


def ids(rows: dict[type[Model], Any]) -> dict[str, UUID]:
    """Return the rows' ids by the models' names."""
    return {model.__name__: row.pk for model, row in rows.items()}
