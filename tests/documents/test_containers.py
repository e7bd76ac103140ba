from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction

from documents import collections, containers, library, uploads
from documents.blocks import Attachment
from documents.models import Block, Document, Sensitivity, Status
from documents.parsers import base
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join, upload
from tests.documents.files import PdfPage, column, write_pdf
from tests.documents.mail_files import letter, zipped

NOTE = b"La salida es el viernes 20 de marzo a las 8:30."


def receive(person: Person, name: str, content: bytes, **facts: Any) -> UUID:
    received = uploads.receive(person.member, SimpleUploadedFile(name, content), facts=uploads.Facts(**facts))
    return received.document_id


def shelf(person: Person) -> dict[str, Document]:
    with school_scope(person.school_id):
        return {row.filename: row for row in Document.objects.filter(deleted_at=None)}


def reasons(person: Person, document_id: UUID) -> list[str]:
    return [each["reason"] for each in library.get(person.member, document_id).document.unreadable]


@pytest.fixture
def mail(tmp_path: Path) -> bytes:
    """Return a letter with a PDF and with another letter, which has a note."""
    pdf = write_pdf(tmp_path / "a.pdf", [PdfPage(column(["Autorización de salida educativa al museo."]))])
    inner = letter(subject="Datos de la salida", plain="Van los datos.", files=[("nota.txt", NOTE)])
    written = letter(
        plain="Va la autorización.", files=[("Autorización.pdf", pdf.read_bytes())], letters=[inner]
    )
    return written.as_bytes()


def test_what_a_letter_brings_becomes_documents_like_it(
    ana: Person, mail: bytes, work_off: Callable[[], None]
) -> None:
    place = collections.create(ana.member, name="Salidas")
    facts = {
        "sensitivity": Sensitivity.MINORS,
        "valid_from": date(2026, 3, 1),
        "valid_until": date(2026, 12, 1),
    }
    mail_id = receive(ana, "salida.eml", mail, collection_id=place.pk, **facts)
    work_off()
    found = shelf(ana)
    assert set(found) == {"salida.eml", "Autorización.pdf", "Datos de la salida.eml", "nota.txt"}
    for name, parent in {
        "Autorización.pdf": "salida.eml", "Datos de la salida.eml": "salida.eml", "nota.txt": "Datos de la salida.eml",
    }.items():  # fmt: skip
        row = found[name]
        assert row.parent_id == found[parent].pk
        assert (row.status, row.unreadable) == (Status.READY, [])
        assert (row.collection_id, row.uploaded_by_id) == (place.pk, ana.user.pk)
        assert (row.sensitivity, row.valid_from, row.valid_until) == tuple(facts.values())
    assert found["salida.eml"].pk == mail_id
    assert found["salida.eml"].status == Status.READY
    with school_scope(ana.school_id):
        assert Block.objects.get(document_id=found["nota.txt"].pk).text == NOTE.decode()


def test_reading_a_letter_again_makes_nothing_twice(
    ana: Person, mail: bytes, work_off: Callable[[], None]
) -> None:
    mail_id = receive(ana, "salida.eml", mail)
    work_off()
    before = {name: (row.pk, row.parent_id) for name, row in shelf(ana).items()}
    library.retry(ana.member, mail_id)
    work_off()
    assert {name: (row.pk, row.parent_id) for name, row in shelf(ana).items()} == before
    assert library.get(ana.member, mail_id).document.status == Status.READY


def test_a_family_is_shown_to_those_who_may_see_it(
    ana: Person, zoe: Person, mail: bytes, work_off: Callable[[], None]
) -> None:
    receive(ana, "salida.eml", mail)
    work_off()
    found = shelf(ana)
    parent, parts = containers.family(ana.member, found["salida.eml"])
    assert parent is None
    assert [entry.document.filename for entry in parts] == ["Autorización.pdf", "Datos de la salida.eml"]
    parent, parts = containers.family(ana.member, found["Datos de la salida.eml"])
    assert parent is not None
    assert parent.document.filename == "salida.eml"
    assert [entry.document.filename for entry in parts] == ["nota.txt"]

    # One who sees another shelf alone learns nothing by it, even of a part that was moved there.
    other = collections.create(ana.member, name="Otra")
    library.change(ana.member, found["nota.txt"].pk, changes=library.Changes(collection_id=other.pk))
    reader = join(ana.school, "rita@norte.example", Role.READER, collections=[str(other.pk)])
    parent, parts = containers.family(reader.member, shelf(ana)["nota.txt"])
    assert (parent, parts) == (None, [])
    assert containers.family(zoe.member, found["salida.eml"]) == (None, [])
    for row in found.values():
        path = f"/e/norte/biblioteca/{row.pk}/"
        assert ana.browser().get(path).status_code == 200
        assert zoe.browser().get(path).status_code == 404


def test_an_archive_with_hostile_members_keeps_the_good_ones(
    ana: Person, work_off: Callable[[], None]
) -> None:
    bomb = zipped({"ceros.txt": b"\0" * (32 * base.MIB)})
    packed = zipped(
        {
            "../../../../etc/cron.d/nota.txt": NOTE,
            "virus.exe": b"MZ\x90\x00" + b"\0" * 200,
            "mentira.pdf": b"\x7fELF" + b"\1" * 200,
            "vacio.txt": b"",
            "bomba.zip": bomb,
        }
    )
    packed_id = receive(ana, "todo.zip", packed)
    work_off()
    found = shelf(ana)
    assert set(found) == {"todo.zip", "nota.txt", "bomba.zip"}
    assert found["nota.txt"].status == Status.READY
    assert (found["bomba.zip"].status, found["bomba.zip"].error_code) == (Status.FAILED, "zip_bomb")
    assert found["todo.zip"].status == Status.PARTIAL
    told = reasons(ana, packed_id)
    assert [reason.split("»")[0] for reason in told] == ["«virus.exe", "«mentira.pdf", "«vacio.txt"]
    assert told[0].startswith("«virus.exe» no se leyó: este tipo de archivo")
    assert told[2] == "«vacio.txt» está vacío."
    codes = {each["code"] for each in library.get(ana.member, packed_id).document.unreadable}
    assert codes == {"attachment"}


def test_archives_in_archives_end_after_two_levels(ana: Person, work_off: Callable[[], None]) -> None:
    packed = NOTE
    for level in range(4, 0, -1):
        packed = zipped({f"nivel-{level}.{'txt' if level == 4 else 'zip'}": packed})
    receive(ana, "nivel-0.zip", packed)
    work_off()
    found = shelf(ana)
    assert set(found) == {"nivel-0.zip", "nivel-1.zip", "nivel-2.zip"}
    assert found["nivel-1.zip"].status == Status.READY
    assert found["nivel-2.zip"].status == Status.PARTIAL
    assert "demasiados unos dentro de otros" in reasons(ana, found["nivel-2.zip"].pk)[0]


def test_bytes_that_the_school_has_make_no_second_document(ana: Person, work_off: Callable[[], None]) -> None:
    here = receive(ana, "nota-previa.txt", NOTE)
    elsewhere_shelf = collections.create(ana.member, name="Legajos")
    elsewhere = receive(ana, "legajo.txt", b"Legajo reservado.", collection_id=elsewhere_shelf.pk)
    first = receive(ana, "uno.zip", zipped({"nota.txt": NOTE, "legajo.txt": b"Legajo reservado."}))
    work_off()
    assert set(shelf(ana)) == {"nota-previa.txt", "legajo.txt", "uno.zip"}
    with school_scope(ana.school_id):
        assert Document.objects.get(pk=here).parent_id == first
        assert Document.objects.get(pk=elsewhere).parent_id is None
    assert library.get(ana.member, first).document.status == Status.READY
    second = receive(ana, "dos.zip", zipped({"otro nombre.txt": NOTE}))
    work_off()
    with school_scope(ana.school_id):
        assert Document.objects.get(pk=here).parent_id == first
    # The first container goes; the next one that brings the bytes takes its place.
    library.delete(ana.member, [first])
    library.retry(ana.member, second)
    work_off()
    with school_scope(ana.school_id):
        assert Document.objects.get(pk=here).parent_id == second


def test_containers_that_hold_each_other_come_to_an_end(ana: Person, work_off: Callable[[], None]) -> None:
    one, two = zipped({"nota.txt": NOTE}), zipped({"aviso.txt": b"Aviso."})
    first, second = receive(ana, "uno.zip", one), receive(ana, "dos.zip", two)
    work_off()
    with school_scope(ana.school_id):
        rows = {row.pk: row for row in Document.objects.all()}
    assert containers.open_up(rows[first], [Attachment("uno.zip", one), Attachment("dos.zip", two)]) == []
    with school_scope(ana.school_id):
        inner = Document.objects.get(pk=second)
        assert inner.parent_id == first
    assert containers.open_up(inner, [Attachment("uno.zip", one), Attachment("dos.zip", two)]) == []
    with school_scope(ana.school_id):
        assert Document.objects.get(pk=first).parent_id is None
        assert Document.objects.get(pk=second).parent_id == first
        assert Document.objects.count() == 4


def test_a_document_is_not_put_deeper_than_there_are_levels(
    ana: Person, work_off: Callable[[], None]
) -> None:
    inner = zipped({"nota.txt": NOTE})
    known = receive(ana, "con-nota.zip", inner)
    work_off()
    receive(ana, "afuera.zip", zipped({"medio.zip": zipped({"con-nota.zip": inner})}))
    work_off()
    with school_scope(ana.school_id):
        assert Document.objects.get(pk=known).parent_id is None
        assert Document.objects.get(filename="medio.zip").parent_id is not None


def test_the_same_bytes_at_the_same_moment_are_kept_once(ana: Person, work_off: Callable[[], None]) -> None:
    packed = zipped({"nota.txt": NOTE})
    packed_id = receive(ana, "uno.zip", packed)
    checked = uploads.check(ContentFile(NOTE, name="nota.txt"))
    with school_scope(ana.school_id):
        container = Document.objects.get(pk=packed_id)
        first, second = (
            Document(
                collection_id=container.collection_id, title="nota", filename="nota.txt", format="text",
                sha256=checked.sha256, size_bytes=checked.size_bytes, parent_id=packed_id,
            )
            for _ in range(2)
        )  # fmt: skip
    assert uploads.keep(first, ContentFile(NOTE), school_id=ana.school_id) is not None
    assert uploads.keep(second, ContentFile(NOTE), school_id=ana.school_id) is None
    assert default_storage.exists(first.file_key)
    assert not default_storage.exists(second.file_key)
    work_off()
    assert {name: row.pk for name, row in shelf(ana).items()} == {"uno.zip": packed_id, "nota.txt": first.pk}


def test_what_has_no_room_is_told(ana: Person, work_off: Callable[[], None], settings: Any) -> None:
    packed = zipped({"nota.txt": NOTE, "otra.txt": b"Otra."})
    settings.SCHOOL_QUOTA_BYTES = len(packed) + len(NOTE)
    packed_id = receive(ana, "dos.zip", packed)
    work_off()
    assert set(shelf(ana)) == {"dos.zip", "nota.txt"}
    (told,) = reasons(ana, packed_id)
    assert told.startswith("«otra.txt» no se leyó: la escuela ya no tiene lugar")


def test_parts_stay_when_their_container_is_deleted(
    ana: Person, mail: bytes, work_off: Callable[[], None]
) -> None:
    mail_id = receive(ana, "salida.eml", mail)
    work_off()
    library.delete(ana.member, [mail_id])
    found = shelf(ana)
    assert set(found) == {"Autorización.pdf", "Datos de la salida.eml", "nota.txt"}
    assert containers.family(ana.member, found["Autorización.pdf"]) == (None, [])
    work_off()
    assert shelf(ana)["Autorización.pdf"].parent_id is None
    assert shelf(ana)["nota.txt"].parent_id == found["Datos de la salida.eml"].pk


def test_a_container_that_is_gone_brings_nothing_more(ana: Person, work_off: Callable[[], None]) -> None:
    packed_id = receive(ana, "uno.zip", zipped({"aviso.txt": b"Aviso."}))
    document = library.get(ana.member, packed_id).document
    library.delete(ana.member, [packed_id])
    assert containers.open_up(document, [Attachment("nota.txt", NOTE)]) == []
    assert shelf(ana) == {}


def test_a_part_cannot_stand_in_another_schools_container(
    ana: Person, zoe: Person, mail: bytes, work_off: Callable[[], None]
) -> None:
    mail_id = receive(ana, "salida.eml", mail)
    work_off()
    ours = upload(zoe, name="nota.md").document_id
    with transaction.atomic(), school_scope(zoe.school_id):
        Document.objects.filter(pk=ours).update(parent_id=mail_id)
        with pytest.raises(IntegrityError, match="documents_document_parent"):
            connection.check_constraints()
        transaction.set_rollback(True)
    # The same bytes in another school are that school's own.
    receive(zoe, "salida.eml", mail)
    work_off()
    assert "nota.txt" in shelf(zoe)
    assert shelf(zoe)["nota.txt"].pk != shelf(ana)["nota.txt"].pk
