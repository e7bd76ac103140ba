"""A label is suggested by what a document holds, with its places; a person sets and confirms it."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from documents import label, library, uploads
from documents.label import LooserThanSuggested
from documents.library import Changes, NotYours
from documents.models import Document, Sensitivity
from documents.suggest import BATCH
from pipeline import runs
from pipeline.models import Run
from schools.models import School
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join, upload
from tests.documents.test_api_documents import PATH

PAGE = "/e/norte/biblioteca/"
NUMBERS = ("48.201.337", "48.201.338", "48.201.339")
LIST = """# Nómina de alumnos

| Alumno | DNI | Fecha de nacimiento |
|---|---|---|
| Ledesma, Sofía | 48.201.337 | 12/08/2012 |
| Herrera, Tomás | 48.201.338 | 03/02/2012 |
| Coronel, Abril | 48.201.339 | 30/11/2012 |
"""


@pytest.fixture
def listed(ana: Person, work_off: Callable[[], None]) -> Document:
    """Return a class list that Ana said to be public."""
    received = upload(ana, name="nomina.md", text=LIST, sensitivity=Sensitivity.PUBLIC)
    work_off()
    return now(ana, received.document_id)


def now(person: Person, document_id: Any) -> Document:
    return library.get(person.member, document_id).document


def ended(person: Person, kind: str) -> int:
    with school_scope(person.school_id):
        return Run.objects.filter(kind=kind).count()


def test_a_list_of_pupils_is_suggested_with_its_places_and_nothing_of_it_is_told(
    ana: Person, listed: Document, caplog: pytest.LogCaptureFixture
) -> None:
    assert (listed.sensitivity, listed.suggested_sensitivity) == (Sensitivity.PUBLIC, Sensitivity.MINORS)
    assert label.is_to_confirm(listed)
    stored = json.dumps(listed.personal_data, ensure_ascii=False)
    assert not any(secret in stored for secret in (*NUMBERS, "Ledesma", "Sofía", "Herrera"))
    found = {each["kind"]: each for each in listed.personal_data}
    assert found["pupil_row"]["count"] == found["dni"]["count"] == 3
    assert found["dni"]["samples"][0]["text"] == "48.•••.•37"
    page = ana.browser().get(f"{PAGE}{listed.pk}/").content.decode()
    assert "Conviene «Datos de menores»" in page
    assert "Usar «Datos de menores»" in page and "Dejar «Público»" in page
    assert "3 renglones de una lista de alumnos" in page
    assert f"{PAGE}{listed.pk}/leer?lugar=" in page
    assert not any(secret in page for secret in NUMBERS)
    assert not any(secret in record.getMessage() for record in caplog.records for secret in NUMBERS)
    assert caplog.handler.level <= logging.WARNING


def test_a_stricter_or_equal_label_leaves_nothing_to_confirm(
    ana: Person, work_off: Callable[[], None]
) -> None:
    received = upload(ana, name="nomina.md", text=LIST, sensitivity=Sensitivity.MINORS)
    work_off()
    document = now(ana, received.document_id)
    assert document.suggested_sensitivity == Sensitivity.MINORS
    assert not label.is_to_confirm(document)
    assert document.labelled_by_id == ana.user.pk
    assert "Conviene" not in ana.browser().get(f"{PAGE}{document.pk}/").content.decode()


def test_a_plain_document_is_suggested_nothing(ana: Person, document: uploads.Received) -> None:
    found = now(ana, document.document_id)
    assert (found.suggested_sensitivity, found.personal_data) == ("", [])
    assert not label.is_to_confirm(found)


def test_the_suggested_label_is_taken_with_one_button(ana: Person, listed: Document) -> None:
    ana.browser().post(f"{PAGE}{listed.pk}/etiqueta", {"sensitivity": "minors"})
    found = now(ana, listed.pk)
    assert (found.sensitivity, found.labelled_by_id) == (Sensitivity.MINORS, ana.user.pk)
    assert found.labelled_at is not None
    assert not label.is_to_confirm(found)


def test_a_looser_label_is_asked_for_twice_and_the_insisting_is_kept(
    ana: Person, listed: Document, work_off: Callable[[], None]
) -> None:
    browser = ana.browser()
    asked = browser.post(f"{PAGE}{listed.pk}/etiqueta", {"sensitivity": "public"}, follow=True)
    assert "Sí, usar «Público»" in asked.content.decode()
    assert label.is_to_confirm(now(ana, listed.pk))
    browser.post(f"{PAGE}{listed.pk}/etiqueta", {"sensitivity": "public", "confirmado": "1"})
    found = now(ana, listed.pk)
    assert (found.sensitivity, found.labelled_by_id) == (Sensitivity.PUBLIC, ana.user.pk)
    assert not label.is_to_confirm(found)
    # Read again, it says the same: whoever insisted is not asked again.
    library.retry(ana.member, listed.pk)
    work_off()
    assert now(ana, listed.pk).labelled_at == found.labelled_at
    # What it says is worse than what somebody insisted against: it is asked again.
    with school_scope(ana.school_id):
        Document.objects.filter(pk=listed.pk).update(suggested_sensitivity="internal")
    library.retry(ana.member, listed.pk)
    work_off()
    assert label.is_to_confirm(now(ana, listed.pk))


def test_the_label_itself_is_never_changed_by_the_stage(ana: Person, listed: Document) -> None:
    assert listed.sensitivity == Sensitivity.PUBLIC
    with pytest.raises(LooserThanSuggested):
        library.change(ana.member, listed.pk, changes=Changes(sensitivity=Sensitivity.CONFIDENTIAL))


def test_a_label_can_be_taken_away_and_counts_as_confidential(ana: Person, listed: Document) -> None:
    library.change(ana.member, listed.pk, changes=Changes(sensitivity=Sensitivity.UNKNOWN))
    found = now(ana, listed.pk)
    assert (found.sensitivity, found.labelled_by_id, found.labelled_at) == ("", None, None)
    page = ana.browser().get(f"{PAGE}{listed.pk}/").content.decode()
    assert "Cuenta como confidencial" in page
    assert "Dejar «" not in page


def test_a_long_document_is_read_in_parts_to_its_end(ana: Person, work_off: Callable[[], None]) -> None:
    text = "\n\n".join(f"Párrafo {n} del reglamento." for n in range(BATCH * 2 + 10))
    received = upload(ana, name="largo.md", text=f"{text}\n\nLa alumna Sofía Ledesma, DNI 48.201.337.")
    work_off()
    found = now(ana, received.document_id)
    assert found.suggested_sensitivity == Sensitivity.MINORS
    assert found.personal_data[0]["samples"][0]["block"] == BATCH * 2 + 10


# --- the library ------------------------------------------------------------------------------------------------------


def test_the_library_shows_labels_and_is_narrowed_by_them(
    ana: Person, listed: Document, document: uploads.Received
) -> None:
    browser = ana.browser()
    whole = browser.get(PAGE).content.decode()
    assert "por confirmar" in whole and "Sin clasificar" in whole
    for asked, titles in {
        "to_confirm": {listed.pk},
        "public": {listed.pk},
        "none": {document.document_id},
        "minors": set(),
        "secret": {listed.pk, document.document_id},
    }.items():
        shown = browser.get(PAGE, {"etiqueta": asked}).content.decode()
        assert {each for each in (listed.pk, document.document_id) if f"document-{each}" in shown} == titles
    answer = ana.program().get(PATH, {"sensitivity": "to_confirm"}).json()
    assert [each["id"] for each in answer["results"]] == [str(listed.pk)]
    assert ana.program().get(PATH, {"sensitivity": "secret"}).status_code == 400


def test_several_are_labelled_at_once_or_none(
    ana: Person, beto: Person, listed: Document, document: uploads.Received
) -> None:
    both = {"action": "label", "documents": [str(listed.pk), str(document.document_id)]}
    refused = ana.browser().post(f"{PAGE}ordenar", {**both, "sensitivity": "internal"}, follow=True)
    assert "hay que confirmarlo" in refused.content.decode()
    assert now(ana, document.document_id).sensitivity == ""
    assert ana.browser().post(f"{PAGE}ordenar", {**both, "sensitivity": "secret"}).status_code == 404
    beto.browser().post(f"{PAGE}ordenar", {**both, "sensitivity": "minors"})
    assert now(ana, document.document_id).sensitivity == ""
    ana.browser().post(f"{PAGE}ordenar", {**both, "sensitivity": "minors"})
    assert {now(ana, each).sensitivity for each in (listed.pk, document.document_id)} == {"minors"}


def test_a_file_is_labelled_as_it_is_sent(ana: Person) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    for given, kept in (("internal", "internal"), ("", ""), ("secret", "")):
        file = SimpleUploadedFile(f"acta-{given}.md", f"# Acta {given}".encode())
        answer = ana.browser().post(
            f"{PAGE}subir", {"file": file, "sensitivity": given}, headers={"accept": "application/json"}
        )
        found = now(ana, answer.json()["id"])
        assert (found.sensitivity, found.labelled_at is not None) == (kept, bool(kept))


# --- who may ----------------------------------------------------------------------------------------------------------


def test_only_who_may_change_a_document_labels_it(
    ana: Person, beto: Person, zoe: Person, norte: School, listed: Document
) -> None:
    asked = {"sensitivity": "minors"}
    address = f"{PAGE}{listed.pk}/etiqueta"
    reader = join(norte, "rita@norte.example", Role.READER)
    page = beto.browser().get(f"{PAGE}{listed.pk}/").content.decode()
    assert "Conviene «Datos de menores»" in page and "/etiqueta" not in page
    beto.browser().post(address, asked)
    assert reader.browser().post(address, asked).status_code == 403
    assert zoe.browser().post(address, asked).status_code == 404
    assert zoe.browser().post(address.replace("norte", "sur"), asked).status_code == 404
    assert beto.program().patch(f"{PATH}{listed.pk}/", asked, format="json").status_code == 403
    assert now(ana, listed.pk).sensitivity == Sensitivity.PUBLIC
    with pytest.raises(NotYours):
        library.classify(beto.member, [listed.pk], Sensitivity.MINORS)
    assert ana.browser().post(address, asked).status_code == 302
    assert now(ana, listed.pk).sensitivity == Sensitivity.MINORS


def test_programs_see_the_suggestion_and_label(ana: Person, listed: Document) -> None:
    program = ana.program()
    body = program.get(f"{PATH}{listed.pk}/").json()
    assert (body["suggested_sensitivity"], body["label_to_confirm"]) == ("minors", True)
    [dni] = [each for each in body["personal_data"] if each["kind"] == "dni"]
    assert (dni["count"], dni["samples"][0]["text"]) == (3, "48.•••.•37")
    assert dni["samples"][0]["place"]["kind"] == "text"
    refused = program.patch(f"{PATH}{listed.pk}/", {"sensitivity": "internal"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "looser_than_suggested")
    insisted = {"sensitivity": "internal", "confirm_sensitivity": True}
    done = program.patch(f"{PATH}{listed.pk}/", insisted, format="json").json()
    assert (done["sensitivity"], done["label_to_confirm"]) == ("internal", False)
    assert done["labelled_at"]
    assert now(ana, listed.pk).labelled_by_id == ana.user.pk


# --- vectors ----------------------------------------------------------------------------------------------------------

ENGINES = """
engines:
  - {name: quotes, provider: quoting, tasks: [chat], runs: here}
  - {name: vectors, provider: ollama, tasks: [embed], runs: RUNS, model: m, dimension: 8, address: "ADDRESS"}
"""


def _engines(where: str) -> str:
    address = "https://vectors.example" if where == "outside" else "http://127.0.0.1:9"
    return ENGINES.replace("RUNS", where).replace("ADDRESS", address)


@pytest.mark.parametrize(("where", "runs_made"), [("outside", 1), ("here", 0), ("", 0)])
def test_vectors_are_made_anew_where_an_engine_elsewhere_makes_them(
    ana: Person, document: uploads.Received, settings: Any, tmp_path: Path, where: str, runs_made: int
) -> None:
    if where:
        settings.ENGINES_FILE = tmp_path / "engines.yaml"
        settings.ENGINES_FILE.write_text(_engines(where), "utf-8")
    before = ended(ana, "reindexing")
    changes = Changes(sensitivity=Sensitivity.CONFIDENTIAL)
    library.change(ana.member, document.document_id, changes=changes)
    assert ended(ana, "reindexing") - before == runs_made
    with school_scope(ana.school_id):
        runs.cancel_all(document.document_id)
    # The same label again changes nothing.
    library.change(ana.member, document.document_id, changes=changes)
    assert ended(ana, "reindexing") - before == runs_made
