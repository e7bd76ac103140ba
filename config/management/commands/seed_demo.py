"""`manage.py seed_demo`: the demonstration school, with documents of its own and a login."""

import json
import os
import secrets
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.management.base import BaseCommand

from documents import collections, uploads
from documents.models import Sensitivity
from documents.uploads import Facts
from planillas import starting, templates
from schools import people
from schools.admission import Member, as_member
from schools.models import Membership, School, User
from schools.roles import Role
from transcription import brought, recordings
from transcription.recordings import Wishes

SLUG = "demo"
NAME = "Escuela de Educación Secundaria N.º 12 «Alfonsina Storni»"
EMAIL = "director@demo.example"
DIRECTOR = "Graciela Montenegro"
FILES = Path(__file__).resolve().parents[3] / "demo"


class Command(BaseCommand):
    """Make the demonstration school once; later runs only see to the note with its login."""

    help = "Crea la escuela de demostración con sus documentos y anota el acceso en demo.json."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the school and upload its documents; what is there already stays as it is."""
        note = Path(settings.DATA_DIR) / "demo.json"
        school = School.objects.filter(slug=SLUG).first()
        if school is None:
            password = "-".join(secrets.token_hex(2) for _part in range(4))
            User.objects.filter(email=EMAIL, memberships=None).delete()
            school, _user = people.open_school(
                slug=SLUG, name=NAME, director_email=EMAIL, director_name=DIRECTOR, password=password
            )
            _write_note(note, password)
        membership = (
            Membership.objects.select_related("school").filter(school=school, role=Role.DIRECTOR).first()
        )
        if membership is not None:
            _upload(as_member(membership))


def _write_note(note: Path, password: str) -> None:
    content = {
        "url": settings.PUBLIC_URL,
        "school": SLUG,
        "email": EMAIL,
        "password": password,
    }
    note.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)


def _upload(member: Member) -> None:
    if _is_seeded(member):
        return
    uploaded: dict[str, UUID] = {}
    shelves = {shelf.name: shelf.pk for shelf in collections.visible(member)}
    for entry in json.loads((FILES / "catalog.json").read_text("utf-8")):
        name = entry["collection"]
        if name not in shelves:
            shelves[name] = collections.create(member, name=name).pk
        facts = Facts(
            collection_id=shelves[name],
            title=entry["title"],
            sensitivity=Sensitivity(entry["sensitivity"]),
            valid_from=date.fromisoformat(entry["valid_from"]) if entry["valid_from"] else None,
            supersedes_id=uploaded.get(entry.get("supersedes", "")),
        )
        with (FILES / "files" / entry["filename"]).open("rb") as file:
            received = uploads.receive(member, File(file, name=entry["filename"]), facts=facts)
        uploaded[entry["filename"]] = received.document_id
    recorded = _record(member, shelves["Gestión"])
    _fill(member, "nomina-de-alumnos", "Nómina de 5.º B", uploaded["nomina-alumnos-5b-2026.xlsx"])
    _fill(member, "acuerdos-de-reuniones", "Acuerdos de la reunión de claustro", recorded)


def _fill(member: Member, template: str, title: str, source: UUID) -> None:
    """Begin a planilla, which waits until its source is read."""
    copied = templates.use_ready_made(member, template)
    starting.start(member, template_id=copied.pk, title=title, documents=[source])


def _record(member: Member, shelf: UUID) -> UUID:
    """Upload a meeting with what is said in it: the demonstration has no engine that could write it down."""
    with (FILES / "recording" / "claustro.ogg").open("rb") as file:
        received = recordings.receive(
            member,
            File(file, name="claustro.ogg"),
            facts=Facts(
                collection_id=shelf,
                title="Reunión de claustro (voces de ejemplo)",
                sensitivity=Sensitivity.INTERNAL,
            ),
            wishes=Wishes(speakers=2),
        )
    spoken = json.loads((FILES / "recording" / "claustro.json").read_text("utf-8"))
    brought.bring(member.school_id, received.document_id, spoken, language="es")
    return received.document_id


def _is_seeded(member: Member) -> bool:
    """Say whether the documents were uploaded once: what the school deleted since does not come back."""
    return len(collections.visible(member)) > 1
