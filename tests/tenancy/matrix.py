"""Two schools with a row for every address, and calls made as anyone."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from documents import collections
from documents.models import Block, Collection, Document, Status
from engines.models import Decision
from pipeline import runs
from pipeline.models import Run, RunState
from planillas import models as planillas
from planillas.cells import Cell
from planillas.cells import Status as CellStatus
from rag.models import AnswerStatus, Chunk, Conversation, Message, Prompt
from schools.guard import tenant_models
from schools.ids import new_id
from schools.models import Invitation, School
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join
from tests.rows import Rows
from tests.tenancy.call import KEYS, PLAIN, UNREAD, Call
from transcription.models import Acta, ActaTemplate, Action, Recording, Segment, Speaker

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16


class CountingStorage(FileSystemStorage):
    """The product's storage, which notes what is opened and written."""

    # Of the class: Django makes a new storage whenever settings change.
    touched: list[str] = []

    def open(self, name: str, mode: str = "rb") -> Any:
        self.touched.append(name)
        return super().open(name, mode)

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        self.touched.append(str(name))
        return super().save(name, content, max_length)

    def delete(self, name: str) -> None:
        self.touched.append(name)
        super().delete(name)


@dataclass(frozen=True, slots=True)
class Things:
    """A school's director, and the ids of its rows by the names that urls.py gives them."""

    director: Person
    ids: dict[str, UUID]
    # A word that stands in every text of the school and nowhere else.
    canary: str

    @property
    def slug(self) -> str:
        return self.director.school.slug


def furnish(director: Person) -> Things:
    """Give a school a row for every address."""
    canary = f"canario{director.school.slug}"
    school = director.school
    School.objects.filter(pk=school.pk).update(logo=PNG)
    teacher = join(school, f"docente@{school.slug}.example", Role.TEACHER)
    invitation = Invitation.objects.create(
        school=school,
        email=f"invitada@{canary}.example",
        role=Role.TEACHER,
        token_sha256=hashlib.sha256(canary.encode()).hexdigest(),
    )
    with school_scope(director.school_id):
        collections.ensure_default()  # the first look at a library makes it
        rows = Rows(director.user)
        made = rows.every()
        document: Document = made[Document]
        Document.objects.filter(pk=document.pk).update(
            status=Status.READY, has_copy=True, pages=1, unreadable=[UNREAD]
        )
        Block.objects.filter(document_id=document.pk).update(picture=PLAIN["name"])
        document.title = f"Régimen {canary}"
        original = f"# {canary}\n".encode()
        document.sha256, document.size_bytes = hashlib.sha256(original).hexdigest(), len(original)
        document.save(update_fields=["title", "name_folded", "sha256", "size_bytes"])
        collection: Collection = made[Collection]
        collection.name = f"Normativa {canary}"
        collection.save(update_fields=["name"])
        Block.objects.update(text=f"Norma {canary}")
        Chunk.objects.update(text=f"Norma {canary}")
        Run.objects.update(state=RunState.DONE, finished_at=timezone.now(), stage="")
        Conversation.objects.update(title=f"Pregunta {canary}", title_folded=f"pregunta {canary}")
        Message.objects.update(status=AnswerStatus.REFUSED, text=canary, finished_at=timezone.now())
        waiting = Document.objects.create(
            collection=collection,
            title=f"En espera {canary}",
            filename="espera.md",
            format="markdown",
            sha256="0" * 64,
            size_bytes=1,
            uploaded_by=director.user,
        )
        runs.start("document", waiting.pk)
        spare = Collection.objects.create(name=f"Vacía {canary}")
        elsewhere = Collection.objects.create(name="Otro estante")
        heard: Document = made[Recording].document
        heard.title = f"Claustro {canary}"
        heard.save(update_fields=["title", "name_folded"])
        Segment.objects.update(text=f"Hasta luego {canary}")
        Action.objects.update(task=f"Enviar {canary}")
        Acta.objects.update(title=f"Acta {canary}")
        planillas.Planilla.objects.update(title=f"Nómina {canary}", title_folded=f"nomina {canary}")
        # What the whole school may see does not carry the canary. The template is a file of the school's own.
        template: planillas.Template = made[planillas.Template]
        template.name, template.format, template.filename = "Nómina propia", "xlsx", "nomina.xlsx"
        template.sha256 = hashlib.sha256(canary.encode()).hexdigest()
        template.save()
        planillas.Report.objects.update(title=f"Memoria {canary}", title_folded=f"memoria {canary}")
        planillas.Section.objects.update(text=canary)
        row: planillas.Row = made[planillas.Row]
        row.write({**row.read(), "alumno": Cell(f"Ana {canary}", CellStatus.EDITED)})
        row.save()
        other = Speaker.objects.create(recording=made[Recording], number=2, name=f"Pablo {canary}")
        key, picture_key = document.file_key, document.picture_key(PLAIN["name"])
    default_storage.save(key, ContentFile(original))
    default_storage.save(picture_key, ContentFile(PNG))
    default_storage.save(template.file_key, ContentFile(canary.encode()))
    default_storage.save(heard.sound_key, ContentFile(canary.encode()))
    ids = {
        "document": document.pk,
        "collection": collection.pk,
        "run": made[Run].pk,
        "conversation": made[Conversation].pk,
        "message": made[Message].pk,
        "prompt": made[Prompt].pk,
        "decision": made[Decision].pk,
        "membership": teacher.membership.pk,
        "invitation": invitation.pk,
        "spare": spare.pk,
        "waiting": waiting.pk,
        "elsewhere": elsewhere.pk,
        "recording": made[Recording].pk,
        "segment": made[Segment].pk,
        "speaker": made[Speaker].pk,
        "other_speaker": other.pk,
        "action": made[Action].pk,
        "acta_template": made[ActaTemplate].pk,
        "planilla": made[planillas.Planilla].pk,
        "planilla_template": made[planillas.Template].pk,
        "row": row.pk,
        "report": made[planillas.Report].pk,
        "report_template": made[planillas.ReportTemplate].pk,
        "section": made[planillas.Section].pk,
    }
    assert set(ids) >= set(KEYS.values())
    return Things(director, ids, canary)


def path_of(call: Call, *, slug: str, ids: dict[str, UUID], parameters: tuple[str, ...]) -> str:
    """Return the address of a call."""
    kwargs = {
        name: PLAIN[name] if name in PLAIN else ids[call.keys[name]] for name in parameters if name != "slug"
    }
    path = reverse(call.url, kwargs={"slug": slug, **kwargs})
    return f"{path}?{call.query}" if call.query else path


def send(client: Client | APIClient, call: Call, path: str, body: dict[str, Any]) -> Any:
    """Make a call."""
    headers = {"Accept": call.accept} if call.accept else {}
    if call.method == "GET":
        return client.get(path, headers=headers)
    if call.kind == "json":
        method = getattr(client, call.method.lower())
        if isinstance(client, APIClient):
            return method(path, body, format="json", headers=headers)
        return method(path, body, content_type="application/json", headers=headers)
    if isinstance(client, APIClient):
        return client.post(path, body, format="multipart", headers=headers)
    return client.post(path, body, headers=headers)


def client_of(person: Person, call: Call) -> Client | APIClient:
    """Return the person's browser or program, as the address wants it."""
    return person.program() if call.is_api else person.browser()


def nobody(call: Call) -> Client | APIClient:
    """Return a browser or program of nobody."""
    return APIClient() if call.is_api else Client()


def random_ids() -> dict[str, UUID]:
    """Return ids that nothing has."""
    others = ("spare", "waiting", "elsewhere", "other_speaker", "planilla_template", "report_template")
    return {name: new_id() for name in (*KEYS.values(), *others)}


# What changes when somebody logs in, and says nothing of a school.
_OUTSIDE = ("schools_school", "schools_membership", "schools_invitation", "pipeline_due", "schools_user")


def written() -> int:
    """Return how many rows were written in this transaction so far, also what was taken back since.

    Of every school's tables and of what stands outside: as the server counts them, which is much quicker than looking.
    """
    tables = [*(model._meta.db_table for model in tenant_models()), *_OUTSIDE]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)",
            [tables],
        )
        (count,) = cursor.fetchone()
    return int(count)
