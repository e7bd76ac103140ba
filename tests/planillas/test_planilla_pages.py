"""The pages of planillas: begun, watched while they are filled, listed, taken away; and by whom."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.urls import reverse
from django.utils import timezone

from documents.models import Collection, Document, Status
from pipeline import runs
from pipeline.models import Run, RunState
from planillas import ready_made, register, templates
from planillas.models import Planilla, Row, Source, State
from planillas.pages import _changes
from schools.models import Membership
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join
from tests.planillas import made
from tests.planillas.made import conflict, evidence


def _address(name: str, *more: Any) -> str:
    return reverse(f"planillas:{name}", args=["norte", *more])


def _page(person: Person, address: str) -> str:
    response = person.browser().get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def _filling(person: Person, **fields: Any) -> Planilla:
    """Return a planilla that is at work."""
    planilla = made.planilla(person, state=State.FILLING, **fields)
    with school_scope(person.school_id):
        Run.objects.create(
            kind="planilla",
            subject_id=planilla.pk,
            stage="fill",
            state=RunState.RUNNING,
            started_at=timezone.now(),
        )
    return planilla


def test_a_planilla_is_begun_from_what_was_picked_with_a_ready_made_template(ana: Person) -> None:
    wanted = made.document(ana, "Nómina de marzo", made.of_rows())
    waiting = made.document(ana, "Todavía no", made.of_rows())
    with school_scope(ana.school_id):
        Document.objects.filter(pk=waiting.pk).update(status=Status.PROCESSING)
    ready = ready_made.planillas()[0]

    page = _page(ana, _address("new") + f"?plantilla=lista-{ready.name}")
    assert ready.columns[0].name in page
    offered = _page(ana, _address("new_documents") + "?q=nomina")
    assert str(wanted.pk) in offered
    assert str(waiting.pk) not in _page(ana, _address("new_documents"))
    assert "disabled" in _page(ana, _address("new_documents") + "?todos=on&q=todavia")

    sent = {"template": f"lista-{ready.name}", "documents": [str(wanted.pk)], "title": "Nómina 2026"}
    foretold = ana.browser().post(_address("new_foretold"), sent).content.decode()
    assert "1 fuente" in foretold
    assert "sin modelo" in foretold

    searched = ana.browser().post(_address("new"), sent | {"do": "search", "q": "nada"}).content.decode()
    assert "Nómina de marzo" in searched  # what is picked stays while one goes on searching
    turned = ana.browser().post(_address("new"), sent | {"pagina": "2"})
    assert "Nómina de marzo" in turned.content.decode()
    assert not _planillas(ana)
    begun = ana.browser().post(_address("new"), sent | {"do": "start"})
    (planilla,) = _planillas(ana)
    assert begun["Location"] == _address("planilla", planilla.pk)
    assert (planilla.title, planilla.state) == ("Nómina 2026", State.FILLING)
    with school_scope(ana.school_id):
        assert [each.document_id for each in Source.objects.all()] == [wanted.pk]


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"do": "start"}, 400, "Falta elegir una plantilla"),
        ({"template": "lista-ninguna"}, 404, "No existe esa plantilla"),
        ({"template": "no-es-un-id"}, 400, "Falta elegir una plantilla"),
        ({"template": "own"}, 400, "Falta elegir de dónde"),
        ({"template": "own", "documents": ["00000000-0000-7000-8000-000000000000"]}, 404, "no existe"),
        ({"template": "own", "collections": ["00000000-0000-7000-8000-000000000000"]}, 404, "no existe"),
    ],
)
def test_what_cannot_be_begun_says_why_and_keeps_what_was_written(
    ana: Person, sent: dict[str, Any], status: int, words: str
) -> None:
    own = templates.create(ana.member, templates.Draft("Nómina", columns=made.COLUMNS))
    sent = sent | ({"template": str(own.pk)} if sent.get("template") == "own" else {})
    response = ana.browser().post(_address("new"), sent | {"instructions": "Solo 2.º B"})
    assert response.status_code == status
    page = response.content.decode()
    assert words in page
    assert "Solo 2.º B" in page
    assert not _planillas(ana)


def test_the_page_counts_rows_while_a_planilla_is_filled_and_then_is_its_grid(ana: Person) -> None:
    planilla = _filling(ana, title="Nómina <b>")
    page = _page(ana, _address("planilla", planilla.pk))
    assert "<b>" not in page
    assert _address("events", planilla.pk) in page
    assert "data-rows>3<" in page

    async def watched() -> list[dict[str, Any]]:
        told = []
        async for event in _changes(await sync_to_async(lambda: ana.member)(), planilla.pk):
            told.append(event.data)
            await sync_to_async(_finish)(ana, planilla)
        return told

    told = async_to_sync(watched)()
    assert [each["is_busy"] for each in told] == [True, False]
    assert told[0]["rows"] == 3
    assert _address("events", planilla.pk) not in _page(ana, _address("planilla", planilla.pk))


def _finish(ana: Person, planilla: Planilla) -> None:
    with school_scope(ana.school_id):
        Planilla.objects.filter(pk=planilla.pk).update(state=State.REVIEW)


def test_a_stopped_planilla_keeps_its_rows_and_goes_on(ana: Person) -> None:
    planilla = _filling(ana)
    assert ana.browser().post(_address("cancel", planilla.pk)).status_code == 302
    page = _page(ana, _address("planilla", planilla.pk))
    assert "La planilla está detenida" in page
    assert "Quedaron 3 filas" in page
    assert "Detenida" in _page(ana, _address("planillas"))
    assert ana.browser().get(_address("planilla", planilla.pk) + "?filas").status_code == 200
    ana.browser().post(_address("retry", planilla.pk))
    with school_scope(ana.school_id):
        assert Planilla.objects.get(pk=planilla.pk).state == State.FILLING
        assert not runs.progress_of(register.RUNS, [planilla.pk])[planilla.pk].finished_at


def test_a_failed_one_says_why(ana: Person) -> None:
    planilla = made.planilla(
        ana, rows=(), state=State.FAILED, error_code="x", error_detail="Se cortó <i>la lectura</i>."
    )
    page = _page(ana, _address("planilla", planilla.pk))
    assert "Se cortó &lt;i&gt;la lectura" in page
    assert _address("retry", planilla.pk) in page


def test_the_list_tells_states_and_what_asks_for_a_person_and_asks_the_database_little(
    ana: Person, django_assert_max_num_queries: Any
) -> None:
    source = made.document(ana, "Nómina", made.of_rows())
    doubt = conflict((7, evidence(source, 2, "7")), (8, evidence(source, 3, "8")))
    made.planilla(ana, rows=({"promedio": doubt},), sources=[source], title="Con dudas")
    for number in range(54):
        made.planilla(ana, rows=(), sources=[source], title=f"Otra {number}")
    _filling(ana, sources=[source], title="En marcha")
    with django_assert_max_num_queries(30):
        first = _page(ana, _address("planillas"))
    assert first.count("planillas-one") == 50
    assert "hx-trigger" in first  # one of them is at work
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = _page(ana, _address("planillas") + older)
    assert second.count("planillas-one") == 6
    assert "1 en conflicto" in second
    newer = second.partition('rel="prev" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert _page(ana, _address("planillas") + newer).count("planillas-one") == 50
    assert _page(ana, _address("planillas") + "?q=dudas").count("planillas-one") == 1
    assert _page(ana, _address("planillas") + "?estado=filling").count("planillas-one") == 1


def test_an_empty_school_is_told_the_three_ways_to_begin(ana: Person, beto: Person) -> None:
    page = _page(ana, _address("planillas"))
    ways = (_address("new"), _address("template_new"), _address("template_upload"))
    assert all(way in page for way in ways)
    assert [way in _page(beto, _address("planillas")) for way in ways] == [True, False, False]


def test_a_title_is_changed_and_a_planilla_deleted_by_its_maker_or_who_approves(
    ana: Person, beto: Person
) -> None:
    planilla = made.planilla(ana)
    beto.browser().post(_address("rename", planilla.pk), {"title": "De Beto"})
    beto.browser().post(_address("delete", planilla.pk))
    ana.browser().post(_address("rename", planilla.pk), {"title": "  Nómina   de abril "})
    ana.browser().post(_address("rename", planilla.pk), {"title": " "})
    assert [each.title for each in _planillas(ana)] == ["Nómina de abril"]
    own = made.planilla(beto, title="De Beto")
    ana.browser().post(_address("delete", own.pk))
    ana.browser().post(_address("delete", planilla.pk))
    assert not _planillas(ana)


def test_who_may_not_see_a_source_knows_of_no_planilla_made_from_it(ana: Person) -> None:
    planilla = _filling(ana)
    with school_scope(ana.school_id):
        other = Collection.objects.create(name="Otro estante")
        Row.objects.filter(planilla_id=planilla.pk).update(found=1)
    elsewhere = join(ana.school, "lucia@norte.example", Role.SECRETARY, collections=[other.pk])
    assert planilla.title not in _page(elsewhere, _address("planillas"))
    for name, method in (("planilla", "get"), ("events", "get"), ("retry", "post"), ("cancel", "post"),
                         ("refill", "post"), ("rename", "post"), ("delete", "post")):  # fmt: skip
        assert getattr(elsewhere.browser(), method)(_address(name, planilla.pk)).status_code == 404, name
    Membership.objects.filter(pk=elsewhere.membership.pk).update(collections=None)
    assert planilla.title in _page(elsewhere, _address("planillas"))


def _planillas(person: Person) -> list[Planilla]:
    with school_scope(person.school_id):
        return list(Planilla.objects.filter(deleted_at=None))
