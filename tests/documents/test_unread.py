"""What could not be read is told in groups, set aside by who may, read again by OCR, and stays so when parsed again."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from documents import library, shown, unread, uploads
from documents.models import Document, Status
from documents.unread import AtWork, NoSuchPart
from pipeline.models import Run
from schools.ids import new_id
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join, upload
from tests.documents.test_api_documents import PATH, post
from tests.documents.test_unlock import PASSWORD, locked_pdf

REASON = "La página es una imagen: no tiene texto."
PAGE = "/e/norte/biblioteca/"


def part(
    page: int | None, *, reason: str = REASON, code: str = "no_text", ignored: bool = False
) -> dict[str, Any]:
    place = {"kind": "page", "page": page, "boxes": []} if page else None
    return {"place": place, "reason": reason, "code": code, "ignored": ignored}


def missing(person: Person, received: uploads.Received, *parts: dict[str, Any], **facts: Any) -> Document:
    """Make a document one of which these parts were not read."""
    with school_scope(person.school_id):
        rows = Document.objects.filter(pk=received.document_id)
        rows.update(
            **{"unreadable": list(parts), "status": Status.PARTIAL, "pages": 400, "has_copy": True} | facts
        )
        return rows.get()


def told(person: Person, received: uploads.Received) -> Document:
    return library.get(person.member, received.document_id).document


def test_three_hundred_pages_are_one_line(ana: Person, document: uploads.Received) -> None:
    made = missing(
        ana,
        document,
        *(part(page) for page in range(3, 303)),
        part(350, reason="Se leyó con poca certeza.", code="ocr_doubtful"),
        part(352, reason="Se leyó con poca certeza.", code="ocr_doubtful"),
        part(None, reason="«a.exe» no se abrió.", code="attachment"),
        part(None, reason="«b.exe» no se abrió.", code="attachment"),
    )
    groups = unread.groups(made)
    assert [(group.place_label, group.count) for group in groups] == [
        ("páginas 3 a 302", 300),
        ("páginas 350, 352", 2),
        ("un archivo de los que trae", 1),
        ("un archivo de los que trae", 1),
    ]
    page = ana.browser().get(f"{PAGE}{made.pk}/").content.decode()
    assert page.count('name="sello"') == 4
    assert "Páginas 3 a 302" in page


def test_very_scattered_pages_are_counted(ana: Person, document: uploads.Received) -> None:
    made = missing(ana, document, *(part(page) for page in range(1, 61, 2)))
    [group] = unread.groups(made)
    assert group.place_label == "páginas 1, 3, 5, 7, 9, 11, 13, 15 y 22 más"


def test_what_does_not_matter_is_set_aside_and_taken_up_again(
    ana: Person, document: uploads.Received
) -> None:
    made = missing(ana, document, *(part(page) for page in (3, 4, 5)), part(9, code="broken_page"))
    browser = ana.browser()
    first, second = unread.groups(made)
    browser.post(f"{PAGE}{made.pk}/sin-leer", {"sello": first.seal, "ignorar": "1"})
    now = told(ana, document)
    assert (now.status, unread.count(now)) == (Status.PARTIAL, 1)
    assert [group.is_ignored for group in unread.groups(now)] == [False, True]
    answer = browser.post(f"{PAGE}{made.pk}/sin-leer", {"sello": second.seal, "ignorar": "1"}, follow=True)
    now = told(ana, document)
    assert (now.status, unread.count(now)) == (Status.READY, 0)
    assert "Nada que importe." in answer.content.decode()
    assert shown.row(library.get(ana.member, document.document_id)).unreadable_count == 0
    browser.post(f"{PAGE}{made.pk}/sin-leer", {"sello": first.seal, "ignorar": "0"})
    now = told(ana, document)
    assert (now.status, unread.count(now)) == (Status.PARTIAL, 3)


def test_some_pages_of_a_group_can_be_chosen(ana: Person, document: uploads.Received) -> None:
    made = missing(ana, document, *(part(page) for page in range(3, 21)))
    [group] = unread.groups(made)
    asked = {"sello": group.seal, "ignorar": "1", "paginas": "4-6, 10, 19 a 30"}
    ana.browser().post(f"{PAGE}{made.pk}/sin-leer", asked)
    aside = [each["place"]["page"] for each in told(ana, document).unreadable if each["ignored"]]
    assert aside == [4, 5, 6, 10, 19, 20]
    for wrong in ("cuatro", "90", "4-", "-4"):
        with pytest.raises(NoSuchPart):
            unread.chosen(made, seal=group.seal, only=wrong)


def test_a_list_that_changed_meanwhile_is_not_written(ana: Person, document: uploads.Received) -> None:
    made = missing(ana, document, part(3), part(4))
    [group] = unread.groups(made)
    missing(ana, document, part(3))
    answer = ana.browser().post(
        f"{PAGE}{made.pk}/sin-leer", {"sello": group.seal, "ignorar": "1"}, follow=True
    )
    assert "cambió mientras tanto" in answer.content.decode()
    assert unread.count(told(ana, document)) == 1


def test_nothing_is_set_aside_while_the_document_is_at_work(ana: Person, document: uploads.Received) -> None:
    made = missing(ana, document, part(3), status=Status.PROCESSING)
    with pytest.raises(AtWork):
        unread.ignore(ana.member, made.pk, lambda _document: [0], ignored=True)
    assert unread.count(told(ana, document)) == 1
    assert 'name="sello"' not in ana.browser().get(f"{PAGE}{made.pk}/").content.decode()


def test_who_may_not_change_the_document_sees_and_does_nothing(
    ana: Person, beto: Person, zoe: Person, document: uploads.Received
) -> None:
    made = missing(ana, document, part(3))
    [group] = unread.groups(made)
    asked = {"sello": group.seal, "ignorar": "1"}
    page = beto.browser().get(f"{PAGE}{made.pk}/").content.decode()
    assert REASON in page
    assert 'name="sello"' not in page
    beto.browser().post(f"{PAGE}{made.pk}/sin-leer", asked)
    beto.browser().post(f"{PAGE}{made.pk}/ocr", {"pagina": "3"})
    assert (
        beto.program().post(f"{PATH}{made.pk}/unreadable/ignore", {"index": 0}, format="json").status_code
        == 403
    )
    assert beto.program().post(f"{PATH}{made.pk}/pages/3/ocr").status_code == 403
    assert zoe.browser().post(f"{PAGE}{made.pk}/sin-leer", asked).status_code == 404
    now = told(ana, document)
    assert (unread.count(now), now.ocr_pages, now.status) == (1, [], Status.PARTIAL)
    ana.browser().post(f"{PAGE}{made.pk}/sin-leer", asked)
    assert unread.count(told(ana, document)) == 0


def test_a_group_is_read_again_in_one_run(ana: Person, document: uploads.Received) -> None:
    made = missing(ana, document, *(part(page) for page in (3, 4, 5)))
    [group] = unread.groups(made)
    with school_scope(ana.school_id):
        before = Run.objects.count()
    answer = ana.browser().post(f"{PAGE}{made.pk}/ocr", {"sello": group.seal}, follow=True)
    assert "Se vuelven a leer 3 páginas con OCR." in answer.content.decode()
    now = told(ana, document)
    assert (now.ocr_pages, now.status) == ([3, 4, 5], Status.QUEUED)
    with school_scope(ana.school_id):
        assert Run.objects.count() == before + 1
    again = ana.browser().post(f"{PAGE}{made.pk}/ocr", {"pagina": "9"}, follow=True)
    assert "se está procesando" in again.content.decode()
    assert told(ana, document).ocr_pages == [3, 4, 5]


def test_a_page_that_is_not_there_is_not_read(ana: Person, document: uploads.Received) -> None:
    made = missing(ana, document, part(3))
    for page in (0, 401):
        with pytest.raises(NoSuchPart):
            unread.read_again(ana.member, made.pk, [3, page])
    assert told(ana, document).ocr_pages == []
    assert ana.program().post(f"{PATH}{made.pk}/pages/401/ocr").json()["code"] == "no_such_part"


def test_a_program_sets_aside_and_reads_again(ana: Person, document: uploads.Received) -> None:
    made = missing(ana, document, part(3), part(None, code="attachment"))
    program, path = ana.program(), f"{PATH}{made.pk}/unreadable/ignore"
    by_place = program.post(path, {"place": {"kind": "page", "page": 3, "boxes": []}}, format="json")
    assert by_place.status_code == 200, by_place.content
    assert [each["ignored"] for each in by_place.json()["unreadable"]] == [True, False]
    assert by_place.json()["status"] == "partial"
    assert program.post(path, {"index": 1}, format="json").json()["status"] == "ready"
    undone = program.post(path, {"index": 0, "ignored": False}, format="json").json()
    assert (undone["status"], [each["ignored"] for each in undone["unreadable"]]) == (
        "partial",
        [False, True],
    )
    for body, code in (
        ({}, "invalid"),
        ({"index": 0, "place": None}, "invalid"),
        ({"index": 7}, "no_such_part"),
        ({"place": {"kind": "otro"}}, "no_such_part"),
        ({"place": "x"}, "no_such_part"),
        ({"place": {"kind": "page", "page": 4, "boxes": []}}, "no_such_part"),
    ):
        assert program.post(path, body, format="json").json()["code"] == code, body
    started = program.post(f"{PATH}{made.pk}/pages/3/ocr")
    assert started.status_code == 202
    assert set(started.json()) == {"id", "status", "run_id"}
    assert program.post(path, {"index": 0}, format="json").json()["code"] == "at_work"
    assert program.post(f"{PATH}{made.pk}/pages/4/ocr").status_code == 409
    assert program.post(f"{PATH}{new_id()}/unreadable/ignore", {"index": 0}, format="json").status_code == 404


def test_the_library_says_how_much_is_missing(ana: Person, document: uploads.Received) -> None:
    missing(ana, document, part(3), part(4), part(5, ignored=True))
    page = ana.browser().get(PAGE).content.decode()
    assert re.search(r"state-missing\">\s*2 partes sin leer", page)


def test_hostile_words_of_a_reason_stay_words(ana: Person, document: uploads.Received) -> None:
    made = missing(ana, document, part(None, reason="<img src=x onerror=alert(1)>"))
    page = ana.browser().get(f"{PAGE}{made.pk}/").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_who_uploaded_may_mend_and_another_teacher_may_not(
    ana: Person, beto: Person, work_off: Callable[[], None]
) -> None:
    received = upload(beto, name="de-beto.txt", text="Acta de la reunión del consejo.")
    work_off()
    made = missing(beto, received, part(3))
    other = join(ana.school, "caro@norte.example", Role.TEACHER)
    path = f"{PATH}{made.pk}/unreadable/ignore"
    assert other.program().post(path, {"index": 0}, format="json").status_code == 403
    assert beto.program().post(path, {"index": 0}, format="json").status_code == 200


def test_what_does_not_matter_stays_so_when_the_document_is_processed_again(
    ana: Person, work_off: Callable[[], None]
) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as inside:
        inside.writestr("acta.txt", "Acta de la reunión del consejo.")
        inside.writestr("uno.exe", b"MZ\x90\x00 uno")
        inside.writestr("dos.exe", b"MZ\x90\x00 dos")
    made = post(ana.program(), name="carpeta.zip", content=archive.getvalue()).json()
    work_off()
    before = library.get(ana.member, made["id"]).document
    assert (before.status, len(before.unreadable)) == (Status.PARTIAL, 2)
    unread.ignore(ana.member, before.pk, lambda _document: [0], ignored=True)
    library.retry(ana.member, before.pk)
    work_off()
    now = library.get(ana.member, made["id"]).document
    assert {each["reason"]: each["ignored"] for each in now.unreadable} == {
        before.unreadable[0]["reason"]: True,
        before.unreadable[1]["reason"]: False,
    }
    assert now.status == Status.PARTIAL


def test_a_locked_pdf_asks_for_its_password_and_opens_with_it(
    ana: Person, beto: Person, work_off: Callable[[], None], tmp_path: Path
) -> None:
    content = locked_pdf(tmp_path / "acta.pdf").read_bytes()
    made = post(ana.program(), name="acta.pdf", content=content).json()
    work_off()
    page, path = f"{PAGE}{made['id']}/", f"{PATH}{made['id']}/password"
    shown_page = ana.browser().get(page).content.decode()
    assert re.search(r'<input[^>]*type="password"[^>]*autocomplete="off"', shown_page)
    assert "no se guarda" in shown_page
    assert 'type="password"' not in beto.browser().get(page).content.decode()
    wrong = ana.browser().post(f"{page}contrasena", {"password": "otra"}, follow=True)
    assert "La contraseña no abre el documento." in wrong.content.decode()
    refused = ana.program().post(path, {"password": "otra"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (400, "wrong_password")
    assert ana.program().post(path, {}, format="json").json()["code"] == "invalid"
    assert beto.program().post(path, {"password": PASSWORD}, format="json").status_code == 403
    assert ana.program().post(path, {"password": PASSWORD}, format="json").status_code == 202
    work_off()
    assert library.get(ana.member, made["id"]).document.status == Status.READY
    assert 'type="password"' not in ana.browser().get(page).content.decode()
    again = ana.program().post(path, {"password": PASSWORD}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "no_password_needed")
