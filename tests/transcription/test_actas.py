"""The acta: made of what was said, corrected by a person, handed out; and its templates."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import docx
import pypdfium2
import pytest
from django.urls import reverse

from documents.models import Document
from schools.scope import school_scope
from tests.conftest import Person
from tests.transcription.made import transcript
from transcription import acta_templates, actas, placeholders
from transcription.acta_content import Agreement, Attendee, BadActa, Topic, missing
from transcription.acta_templates import Template
from transcription.introductions import introductions
from transcription.models import Acta, Action, Digest, Recording, Segment

CONTENT = {
    "bullets": [
        {"text": "Se decidió bajar el precio de la cuota.", "from_s": 18.2, "to_s": 20.4},
        {"text": "Los profesores piden formación.", "from_s": 15.1, "to_s": 17.7},
        {"text": "Se acordó avisar a las familias.", "from_s": 31.3, "to_s": 33.0},
    ],
    "risks": [],
    "ideas": [],
    "topics": [
        {"text": "La plataforma digital", "from_s": 11.9, "to_s": 18.0},
        {"text": "El precio", "from_s": 18.2, "to_s": 24.0},
    ],
}


@pytest.fixture
def claustro(ana: Person) -> Document:
    """Return a meeting of Norte with a summary, a task that was accepted, one that was not, and one to look at."""
    document = transcript(ana, title="Claustro de marzo", created_at=datetime(2026, 3, 6, 1, 30, tzinfo=UTC))
    with school_scope(ana.school_id):
        Digest.objects.create(recording_id=document.pk, revision=1, made_by="", content=CONTENT)
        for task, state, facts in (
            ("Avisar a las familias", "open", {"owner": "Lucía", "due": date(2026, 3, 7), "from_s": 31.2}),
            ("Pintar el aula", "rejected", {"from_s": 1.0}),
            ("Preparar el informe", "proposed", {"from_s": 33.5}),
        ):
            Action.objects.create(recording_id=document.pk, task=task, state=state, **facts)
    return document


def _path(name: str, person: Person, document: Any, query: str = "") -> str:
    return reverse(name, kwargs={"slug": person.school.slug, "recording_id": document.pk}) + query


# --- made of what was said -----------------------------------------------------------------------------------------


def test_an_acta_is_made_of_transcript_summary_and_accepted_tasks(ana: Person, claustro: Document) -> None:
    entry = actas.make(ana.member, claustro.pk)
    written = entry.written
    assert written.title == "Acta de reunión: Claustro de marzo"
    assert written.held_on == date(2026, 3, 5)  # there it was still the day before
    assert written.attendance == (
        Attendee("Marta", "Directora del colegio", True, 5.384),
        Attendee("Pablo", "Jefe de estudios", True, 8.99),
        Attendee("Lucía", "", True, 11.99),
    )
    assert written.topics == (
        Topic("La plataforma digital", "Los profesores piden formación.", 11.9, 18.0),
        Topic("El precio", "Se decidió bajar el precio de la cuota.", 18.2, 24.0),
    )
    # The decision that is a task already stands there once.
    assert written.agreements == (
        Agreement("Se decidió bajar el precio de la cuota.", "", "", 18.2, 20.4),
        Agreement("Avisar a las familias", "Lucía", "7 de marzo de 2026", 31.2, None),
    )
    assert "el día 5 de marzo de 2026" in written.opening and "Marta, Pablo y Lucía" in written.opening
    assert "Escuela Norte" in written.opening and "[a completar]" in written.opening
    assert entry.proposed == 1
    assert entry.missing[:2] == ["la hora", "el lugar"]
    assert "quién: «Se decidió bajar el precio de la cuota.»" in entry.missing


def test_without_a_summary_the_acta_says_what_is_to_be_completed(ana: Person) -> None:
    document = transcript(ana, spoken=[("", 0.0, 3.0, "Hola, soy Marta, la directora del colegio.")])
    entry = actas.make(ana.member, document.pk)
    assert entry.written.attendance == (Attendee("Marta", "Directora del colegio", True, 0.0),)
    assert entry.missing == ["la hora", "el lugar", "los temas", "los acuerdos"]
    text = ana.browser().get(_path("transcription:acta_download", ana, document, "?fmt=md")).content.decode()
    assert "A completar: la hora; el lugar; los temas; los acuerdos." in text


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Hola, soy Marta, la directora del colegio.", ("Marta", "Directora del colegio")),
        ("Buenas, me llamo Ana Laura Gómez y soy la secretaria.", ("Ana Laura Gómez", "Secretaria")),
        ("Mi nombre es Juan de la Cruz.", ("Juan de la Cruz", "")),
        ("Yo soy Pablo, el jefe de estudios y quiero decir algo.", ("Pablo", "Jefe de estudios")),
        ("Soy Inés.", ("Inés", "")),
        ("Soy de Rosario y soy la que organiza.", None),
        ("No soy yo.", None),
    ],
)
def test_who_introduces_themselves_is_heard(said: str, found: tuple[str, str] | None) -> None:
    told = introductions([(1, 2.0, said)])
    assert [(each.name, each.role) for each in told] == ([found] if found else [])


# --- corrected by a person -------------------------------------------------------------------------------------------


def test_what_a_person_writes_stays_and_what_they_leave_follows_the_facts(
    ana: Person, claustro: Document
) -> None:
    made = actas.make(ana.member, claustro.pk)
    lines = made.written.agreements
    written = replace(
        made.written,
        place="Sala de profesores",
        hour="18:30",
        closing="Se levanta la sesión.",
        attendance=(*made.written.attendance[:2], Attendee("Inés", "Preceptora", False), Attendee("", "")),
        agreements=(lines[1], replace(lines[0], who="Marta", due="en abril")),
    )
    changed = actas.change(ana.member, claustro.pk, written, began_from=made.row.rev)
    assert changed.row.rev == 2 and changed.row.edited_by == ana.user
    assert "En Sala de profesores" in changed.written.opening and "las 18:30" in changed.written.opening
    assert "Marta y Pablo." in changed.written.opening  # who was absent is not said to have met
    assert changed.written.closing == "Se levanta la sesión."
    assert changed.written.agreements[0].what == "Avisar a las familias"
    assert len(changed.written.attendance) == 3
    # An opening that a person wrote no longer follows.
    own = replace(changed.written, opening="Reunidos en el patio.")
    kept = actas.change(ana.member, claustro.pk, own, began_from=2)
    moved = actas.change(ana.member, claustro.pk, replace(kept.written, place="Biblioteca"), began_from=3)
    assert moved.written.opening == "Reunidos en el patio."
    assert not any("lugar" in each for each in moved.missing)


def test_who_saw_an_older_acta_is_told_so_and_loses_nothing(ana: Person, claustro: Document) -> None:
    browser = ana.browser()
    made = actas.make(ana.member, claustro.pk)
    actas.change(ana.member, claustro.pk, replace(made.written, place="Patio"), began_from=1)
    with pytest.raises(actas.Overtaken):
        actas.change(ana.member, claustro.pk, made.written, began_from=1)
    form = {"rev": "1", "title": "Mía", "place": "Biblioteca", "held_on": "2026-03-05"}
    url = _path("transcription:acta_change", ana, claustro)
    page = browser.post(url, form)
    assert page.status_code == 409
    shown = page.content.decode()
    assert (
        "otra persona cambió el acta" in shown
        and 'value="Biblioteca"' in shown
        and 'name="rev" value="2"' in shown
    )
    assert actas.get(ana.member, claustro.pk).written.place == "Patio"
    assert browser.post(url, {**form, "rev": "2"}).status_code == 302
    assert actas.get(ana.member, claustro.pk).written.title == "Mía"


def test_the_form_brings_back_every_line_with_its_second(ana: Person, claustro: Document) -> None:
    browser = ana.browser()
    browser.post(_path("transcription:acta_make", ana, claustro))
    page = browser.get(_path("transcription:acta", ana, claustro))
    shown = page.content.decode()
    recording = _path("transcription:recording", ana, claustro)
    assert f'href="{recording}?t=31.2" data-seek="31.2"' in shown
    form = page.context["typed"].written
    posted = {
        "rev": "1", "title": form.title, "held_on": "2026-03-05", "hour": "", "place": "", "opening": form.opening,
        "closing": form.closing,
        "attendee_name": ["Marta", ""], "attendee_role": ["Directora", ""], "attendee_present": ["0", "1"],
        "attendee_from_s": ["5.384", ""],
        "topic_title": ["El precio"], "topic_text": ["Uno.\r\nDos."], "topic_from_s": ["18.200"], "topic_to_s": ["nan"],
        "agreement_what": ["Avisar"], "agreement_who": ["Lucía"], "agreement_due": ["mañana"],
        "agreement_from_s": ["31.200"], "agreement_to_s": [""],
    }  # fmt: skip
    assert browser.post(_path("transcription:acta_change", ana, claustro), posted).status_code == 302
    written = actas.get(ana.member, claustro.pk).written
    assert written.attendance == (Attendee("Marta", "Directora", False, 5.384),)
    assert written.topics == (Topic("El precio", "Uno.\nDos.", 18.2, None),)
    assert written.agreements == (Agreement("Avisar", "Lucía", "mañana", 31.2, None),)
    for wrong in ({"held_on": "2026-02-31"}, {"title": " "}, {"topic_text": ["x" * 10_001]}):
        refused = browser.post(
            _path("transcription:acta_change", ana, claustro), {**posted, "rev": "2", **wrong}
        )
        assert refused.status_code == 400 and "Avisar" in refused.content.decode()
    assert actas.get(ana.member, claustro.pk).row.rev == 2


def test_making_it_again_asks_first_and_takes_what_is_new(ana: Person, claustro: Document) -> None:
    program, url = ana.program(), _path("transcription_api:acta", ana, claustro)
    assert (program.get(url).status_code, program.get(url).json()["code"]) == (404, "no_acta")
    assert program.post(url, {}, format="json").status_code == 201
    again = program.post(url, {}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "acta_exists")
    changed = program.patch(url, {"rev": 1, "place": "Patio", "topics": [{"title": "Uno"}]}, format="json")
    assert changed.json()["place"] == "Patio" and changed.json()["topics"][0]["from_s"] is None
    stale = program.patch(url, {"rev": 1, "place": "Otro"}, format="json")
    assert (stale.status_code, stale.json()["code"]) == (409, "acta_changed")
    with school_scope(ana.school_id):
        Action.objects.filter(task="Preparar el informe").update(state="open")
        Recording.objects.filter(pk=claustro.pk).update(revision=2)
    assert program.get(url).json()["is_outdated"] is True
    assert program.post(url, {"anew": True, "rev": 1}, format="json").json()["code"] == "acta_changed"
    anew = program.post(url, {"anew": True, "rev": 2}, format="json").json()
    assert anew["rev"] == 3 and anew["place"] == "" and anew["is_outdated"] is False
    assert "Preparar el informe" in [each["what"] for each in anew["agreements"]]


# --- handed out ------------------------------------------------------------------------------------------------------


def test_an_acta_is_handed_out_with_its_minutes(ana: Person, claustro: Document) -> None:
    made = actas.make(ana.member, claustro.pk)
    hostile = '#read("/etc/passwd") | <b>\x07 \u202e*no*'
    written = replace(made.written, agreements=(*made.written.agreements, Agreement(hostile)))
    actas.change(ana.member, claustro.pk, written, began_from=1)
    browser, clean = ana.browser(), '#read("/etc/passwd") | <b> *no*'
    word = docx.Document(io.BytesIO(browser.get(_path("transcription:acta_download", ana, claustro)).content))
    rows = [[cell.text for cell in row.cells] for row in word.tables[1].rows]
    assert rows[2] == ["Avisar a las familias", "Lucía", "7 de marzo de 2026", "0:31"]
    assert rows[3] == [clean, "A completar", "A completar", ""]
    assert word.core_properties.author == ""
    paper = browser.get(_path("transcription:acta_download", ana, claustro, "?fmt=pdf"))
    text = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(paper.content))
    assert "Avisar a las familias" in text and "0:31" in text and "root:" not in text
    assert paper["Content-Disposition"].startswith("attachment; filename*=utf-8''Acta%20de%20reuni")
    plain = browser.get(_path("transcription:acta_download", ana, claustro, "?fmt=md")).content.decode()
    assert "| Avisar a las familias | Lucía | 7 de marzo de 2026 | 0:31 |" in plain
    assert browser.get(_path("transcription:acta_download", ana, claustro, "?fmt=exe")).status_code == 302


def test_strangers_get_nothing_and_colleagues_may_read(
    ana: Person, beto: Person, zoe: Person, claustro: Document
) -> None:
    beto_url, zoe_url = (_path("transcription_api:acta", each, claustro) for each in (beto, zoe))
    actas.make(ana.member, claustro.pk)
    assert zoe.program().get(beto_url).status_code == zoe.program().get(zoe_url).status_code == 404
    assert zoe.program().post(zoe_url, {"anew": True}, format="json").status_code == 404
    assert beto.program().get(beto_url).status_code == 200
    assert beto.program().patch(beto_url, {"rev": 1, "place": "x"}, format="json").status_code == 403
    page = beto.browser().get(_path("transcription:acta", beto, claustro)).content.decode()
    assert "Avisar a las familias" in page and "data-acta" not in page
    beto.browser().post(_path("transcription:acta_change", beto, claustro), {"rev": "1", "title": "x"})
    assert actas.get(ana.member, claustro.pk).row.rev == 1
    template = acta_templates.save(ana.member, Template("Breve"))
    assert template.id is not None
    with pytest.raises(acta_templates.NoSuchTemplate):
        acta_templates.get(zoe.member, template.id)
    assert [each.name for each in acta_templates.every(zoe.member)] == ["Acta de reunión"]


def test_without_words_there_is_no_acta_and_the_page_says_why(ana: Person, claustro: Document) -> None:
    with school_scope(ana.school_id):
        Segment.objects.update(deleted_at="2026-03-05T00:00Z")
    page = ana.browser().get(_path("transcription:acta", ana, claustro)).content.decode()
    assert "cuando la grabación termine de transcribirse" in page and "Armar el acta" not in page
    told = ana.program().post(_path("transcription_api:acta", ana, claustro), {}, format="json")
    assert (told.status_code, told.json()["code"]) == (409, "empty_transcript")
    with school_scope(ana.school_id):
        assert not Acta.objects.exists()


# --- templates -----------------------------------------------------------------------------------------------------


def test_a_template_says_how_an_acta_begins_and_what_it_has(ana: Person, claustro: Document) -> None:
    browser, slug = ana.browser(), {"slug": ana.school.slug}
    new = reverse("transcription:acta_template_new", kwargs=slug)
    typed = {
        "name": "Consejo", "heading": "Acta de consejo", "opening": "Consejo de {escuela} del { fecha }.",
        "closing": "", "sections": ["agreements"],
    }  # fmt: skip
    refused = browser.post(new, {**typed, "opening": "En {sala}."})
    assert refused.status_code == 400 and "No hay un valor para «{sala}»" in refused.content.decode()
    assert browser.post(new, {**typed, "sections": []}).status_code == 400
    assert browser.post(new, typed).status_code == 302
    assert browser.post(new, typed).status_code == 409  # the name is taken
    (template,) = acta_templates.every(ana.member)
    assert template.is_default  # the first one
    entry = actas.make(ana.member, claustro.pk)
    assert entry.written.title == "Acta de consejo: Claustro de marzo"
    assert entry.written.opening == "Consejo de Escuela Norte del 5 de marzo de 2026."
    assert entry.sections == ("agreements",)
    browser.post(reverse("transcription:acta_template_delete", kwargs={**slug, "template_id": template.id}))
    assert [each.id for each in acta_templates.every(ana.member)] == [None]
    assert actas.get(ana.member, claustro.pk).written == entry.written


def test_a_value_is_never_read_for_placeholders_again() -> None:
    values = {"escuela": "{lugar}", "lugar": "Patio"}
    assert placeholders.render("{escuela} {lugar} {otra} {", values) == "{lugar} Patio {otra} {"
    assert placeholders.render("{0.__class__} {}", values) == "{0.__class__} {}"


def test_a_complete_acta_misses_nothing_and_too_much_is_refused(ana: Person, claustro: Document) -> None:
    made = actas.make(ana.member, claustro.pk)
    full = replace(
        made.written,
        hour="18",
        place="Patio",
        topics=(Topic("Uno", "Dos"),),
        agreements=(Agreement("Tres", "Marta", "hoy"),),
    )
    assert missing(full) == []
    with pytest.raises(BadActa):
        actas.change(ana.member, claustro.pk, replace(full, topics=(Topic("x", "y"),) * 201), began_from=1)
