"""T11, T20, T21: what a file is called changes nothing but what is shown: no path, no header, no other document."""

import io
import unicodedata
import zipfile
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents import collections, library, packing, succession, uploads
from documents.models import Document
from schools.roles import Role
from schools.scope import school_scope
from tests import streams
from tests.conftest import RULES, Person, join, upload

RLO, ZWSP, LRI = "\u202e", "\u200b", "\u2066"
NAMES = (
    f"acta{RLO}fdp.md",  # shown from right to left: acta‮dm.pdf
    f"{LRI}acta\u2069{ZWSP}.md",
    "../../../etc/cron.d/acta.md",
    "..\\..\\windows\\acta.md",
    "/etc/passwd.md",
    "acta\0.exe.md",
    'acta".md\r\nSet-Cookie: x=1\r\n\r\n<script>.md',
    "acta\u2028\u2029\x85.md",
    "<img src=x onerror=alert(1)>.md",
    "{{ 7*7 }}{% debug %}.md",
    "=HYPERLINK(1).md",
    "CON.md",
    "~/.ssh/authorized_keys.md",
    "а\u0441t\u0430.md",  # Cyrillic letters that look like Latin ones: a name like any
    "اجتماع.md",  # written from right to left, and no trick
    "a" * 400 + ".md",
    "📚" * 250 + ".md",
    "\U00010348" * 250 + "." + "\U00010348" * 9,  # letters of four bytes each
    "a." + "b" * 400,
    "\ud800.md",
    "....md",
)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_safe_to_show_and_stands_in_no_path(name: str) -> None:
    """Red when `clean_name` leaves the categories alone, or `packing._safe` counts letters."""
    told = uploads.clean_name(name)
    assert told and len(told) <= uploads.NAME_MOST_CHARS
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for char in told)
    assert "/" not in told and "\\" not in told
    packed = f"fuentes/001 {packing._safe(told)}"
    assert len(packed.rpartition("/")[2].encode()) < 255
    assert packed.count("/") == 1 and ".." not in packed and not set(packed) & set('<>:"|?*\\\r\n\0')


@pytest.mark.parametrize("at", [0, *(pytest.param(at, marks=pytest.mark.long) for at in (6, 7, 8, 14, 16))])
def test_a_file_is_handed_out_under_its_name_and_stored_under_none(ana: Person, at: int) -> None:
    """Red when `originals` writes the header by hand, or `file_key` takes the name."""
    file = SimpleUploadedFile("x.md", RULES.encode())
    file._name = NAMES[at]  # type: ignore[attr-defined]  # Django's own tidying is not what is tried
    received = uploads.receive(ana.member, file, facts=uploads.Facts())
    document = library.get(ana.member, received.document_id).document
    assert set(document.file_key) <= set("s/-0123456789abcdef")
    sent = ana.browser().get(reverse("documents:file", args=["norte", document.pk]))
    assert streams.gather(sent) == RULES.encode()
    said = sent["Content-Disposition"]
    assert said.startswith("attachment; filename") and said.isascii() and said.isprintable()
    _kind, _, named = said.partition("filename*=utf-8''")
    if named:
        assert unquote(named) == document.filename
    page = ana.browser().get(reverse("documents:document", args=["norte", document.pk])).content.decode()
    assert "<img src=x" not in page and RLO not in page and "<script>.md" not in page


@pytest.mark.long
def test_the_members_of_an_archive_have_safe_names_too(ana: Person, work_off: Callable[[], None]) -> None:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        for number, name in enumerate((f"acta{RLO}fdp.md", "../../fuera.md", "<img src=x>.md")):
            archive.writestr(name, f"# {number}\n\nEl consejo.")
        link = zipfile.ZipInfo("enlace.md")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    uploads.receive(ana.member, SimpleUploadedFile("c.zip", box.getvalue()), facts=uploads.Facts())
    work_off()
    with school_scope(ana.school_id):
        found = set(Document.objects.exclude(parent=None).values_list("filename", flat=True))
    assert found == {"actafdp.md", "fuera.md", "<img src=x>.md"}


def test_a_file_of_the_same_name_takes_the_place_of_none(ana: Person, beto: Person) -> None:
    """T11. Red when `receive` looks for a document by its name, or `file_key` is made of it."""
    first = upload(ana, name="reglamento.md", text="# Uno\n\nPrimero.")
    with school_scope(ana.school_id):
        shelf = collections.create(ana.member, name="Otro estante")
        before = Document.objects.values().get(pk=first.document_id)
    key = library.get(ana.member, first.document_id).document.file_key
    others = [
        upload(ana, name="reglamento.md", text="# Dos\n\nSegundo."),
        upload(ana, name="REGLAMENTO.md", text="# Tres\n\nTercero.", collection_id=shelf.pk),
        upload(beto, name="reglamento.md", text="# Cuatro\n\nCuarto."),
    ]
    answer = beto.program().post(
        reverse("documents_api:documents", args=["norte"]),
        {"file": SimpleUploadedFile("reglamento.md", b"# Cinco\n\nQuinto.")},
        format="multipart",
    )
    assert answer.status_code in (201, 202), answer.content
    assert len({first.document_id, *(each.document_id for each in others), answer.json()["id"]}) == 5
    with school_scope(ana.school_id):
        assert Document.objects.values().get(pk=first.document_id) == before
    with default_storage.open(key) as file:
        assert file.read() == b"# Uno\n\nPrimero."


def test_only_who_may_change_a_document_puts_another_in_its_place(ana: Person, beto: Person) -> None:
    """T11. Red when `receive` sets `supersedes` without `succession.replaceable`."""
    mine = upload(ana, text="# Uno\n\nDe la dirección.")
    carla = join(ana.school, "carla@norte.example", Role.TEACHER, collections=[])
    for person, refusal in (
        (beto, succession.NotYoursToReplace),
        (carla, collections.NoSuchDocument),
    ):
        with pytest.raises((refusal, collections.NoSuchCollection)):
            upload(person, text="# Dos\n\nDe otro.", supersedes_id=mine.document_id)
        program = person.program()
        answer = program.post(
            reverse("documents_api:documents", args=["norte"]),
            {"file": SimpleUploadedFile("b.md", b"# Dos\n\nDe otro."), "supersedes": str(mine.document_id)},
            format="multipart",
        )
        assert answer.status_code in (403, 404)
    with school_scope(ana.school_id):
        assert Document.objects.count() == 1
    own = upload(beto, text="# Tres\n\nDe Beto.")
    newer = upload(beto, text="# Cuatro\n\nDe Beto otra vez.", supersedes_id=own.document_id)
    assert library.get(beto.member, newer.document_id).supersedes_id == own.document_id
