"""What ends with a person (T13): who is suspended, removed or given less loses what was begun in their name.

docs/decisions/0022 says which work that is. Each test was seen red with its wall taken down: see "Red when".
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings as django_settings
from django.core.files.storage import FileSystemStorage
from django.db import connections
from django.http import Http404
from django.urls import reverse
from pytest_django import Settings

from documents import views as library_pages
from documents.models import Collection, Document, Status
from engines import health
from pipeline.advance import advance
from pipeline.models import Due, Run, RunState
from planillas import fill, register, report_pages, reports, starting
from planillas import pages as planilla_pages
from planillas.models import Edit, Row, State
from planillas.report_sources import Chosen
from planillas.report_templates import Part
from planillas.standing import NoLonger
from rag import answer, conversations, prompt_trial
from schools import admission
from schools.ids import RunId, UserId, new_id
from schools.models import Membership, School, User
from schools.roles import Role
from schools.scope import school_scope
from tests import streams
from tests.conftest import Person, upload
from tests.doubles import openai, openai_compat
from tests.doubles.base import Double, Request, serve
from tests.engines import installed
from tests.planillas import made
from tests.planillas.test_fill import CutOff, kept, nomina, only_quoting, template
from tests.planillas.test_staleness import recheck, rewrite
from transcription import pages as recording_pages

__all__ = ["only_quoting"]  # a fixture: no engine that writes, but where a test brings one

OTHER_SHELF = "Otro estante"


def _narrow(person: Person) -> None:
    with school_scope(person.school_id):
        shelf, _made = Collection.objects.get_or_create(name=OTHER_SHELF)
    Membership.objects.filter(pk=person.membership.pk).update(collections=[shelf.pk])


# How somebody comes to have less, and what the work that ends by it is called.
WAYS: dict[str, tuple[Callable[[Person], object], str]] = {
    "suspended": (
        lambda who: Membership.objects.filter(pk=who.membership.pk).update(is_active=False),
        "asker_gone",
    ),
    "removed": (lambda who: Membership.objects.filter(pk=who.membership.pk).delete(), "asker_gone"),
    "inactive": (lambda who: User.objects.filter(pk=who.user.pk).update(is_active=False), "asker_gone"),
    "a closed school": (
        lambda who: School.objects.filter(pk=who.school.pk).update(is_active=False),
        "asker_gone",
    ),
    "another role": (
        lambda who: Membership.objects.filter(pk=who.membership.pk).update(role=Role.READER),
        "asker_lost_right",
    ),
    "other shelves": (_narrow, "asker_sees_less"),
}
LESS = pytest.mark.parametrize("way", WAYS)
# Kinds of runs that read in a person's name, and those that are the school's own and go on.
IN_A_NAME = {"planilla", "refilling", "report"}
THE_SCHOOLS = {
    "document",
    "recording",
    "republishing",
    "voices",
    "digesting",
    "shelving",
    "reindexing",
    "removal",
    "arrivals",
    "rechecking",
    "planilla_removal",
    "report_removal",
}
PARTS = (Part("Conflictos", "Describir los conflictos en los recreos.", 60),)


def test_every_kind_of_work_is_a_persons_or_the_schools() -> None:
    """A kind that is added must be thought about: docs/decisions/0022."""
    assert set(django_settings.PIPELINES) == IN_A_NAME | THE_SCHOOLS


# --- planillas and reports --------------------------------------------------------------------------------------------


def _planilla(person: Person, document: Document, ana: Person) -> UUID:
    return starting.start(person.member, template_id=template(ana).pk, documents=[document.pk]).pk


def _report(person: Person, document: Document) -> UUID:
    chosen = Chosen(documents=[document.pk])
    return reports.start(person.member, chosen, parts=PARTS, title="Convivencia").id


def _run_of(person: Person, subject_id: UUID) -> Run:
    with school_scope(person.school_id):
        return Run.objects.get(subject_id=subject_id)


@LESS
def test_a_planilla_whose_asker_has_less_is_not_filled_until_somebody_else_asks(
    ana: Person, beto: Person, work_off: Callable[[], None], way: str
) -> None:
    """Red when Standing.look does not ask for the place, the right or the shelves: each way by its own line."""
    take, code = WAYS[way]
    planilla_id = _planilla(beto, nomina(ana), ana)
    run = _run_of(beto, planilla_id)
    assert run.asked_by == beto.user.pk
    take(beto)
    advance(beto.school_id, RunId(run.pk))
    School.objects.update(is_active=True)
    entry = register.get(ana.member, planilla_id)
    assert (entry.planilla.state, entry.planilla.error_code) == (State.FAILED, code)
    assert entry.planilla.error_detail.startswith("Quien lo pidió ya no ")
    assert "otra persona puede seguir" in entry.planilla.error_detail
    assert (entry.counts.rows, _run_of(ana, planilla_id).state) == (0, RunState.FAILED)
    assert not Due.objects.filter(pk=run.pk).exists()
    # The school's director goes on with it, in her own name.
    starting.retry(ana.member, planilla_id)
    work_off()
    assert len(kept(entry.planilla)[1]) == 3


@LESS
def test_a_report_whose_asker_has_less_is_not_written_until_somebody_else_asks(
    ana: Person, beto: Person, document: Any, work_off: Callable[[], None], way: str
) -> None:
    """Red as above: Standing is the one wall of both."""
    take, code = WAYS[way]
    with school_scope(ana.school_id):
        source = Document.objects.get(pk=document.document_id)
    report_id = _report(beto, source)
    run = _run_of(beto, report_id)
    take(beto)
    advance(beto.school_id, RunId(run.pk))
    School.objects.update(is_active=True)
    entry = reports.get(ana.member, report_id)
    assert (entry.report.state, entry.report.error_code, entry.waiting) == (State.FAILED, code, 1)
    assert "otra persona puede seguir" in entry.report.error_detail
    reports.retry(ana.member, report_id)
    work_off()
    assert reports.get(ana.member, report_id).waiting == 0


class SentAway(CutOff):
    """Work during which somebody comes to have less, at its nth write."""

    def __init__(self, person: Person, subject_id: Any, take: Callable[[Person], object], *, at: int) -> None:
        super().__init__(person, subject_id, writes=1_000)
        self.person, self.take, self.at = person, take, at

    def hold(self) -> None:
        super().hold()
        self.at -= 1
        if self.at == 0:
            self.take(self.person)


@pytest.mark.parametrize("way", ["suspended", "another role", "other shelves"])
def test_a_filling_ends_at_its_next_batch_and_keeps_what_it_found(
    ana: Person, beto: Person, way: str
) -> None:
    """Red when `standing.look()` is taken out of Filling.writing: all rows were written."""
    named = [f"Apellido{chr(97 + n // 26)}{chr(97 + n % 26)}, Ana" for n in range(620)]
    source = nomina(ana, [[name, str(40_000_000 + n), "", "", ""] for n, name in enumerate(named)])
    planilla_id = _planilla(beto, source, ana)
    take, code = WAYS[way]
    with pytest.raises(NoLonger) as ended:
        fill.fill(SentAway(beto, planilla_id, take, at=2))
    assert ended.value.code == code
    planilla = register.get(ana.member, planilla_id).planilla
    assert len(kept(planilla)[1]) == 500
    fill.fill(CutOff(ana, planilla_id, writes=1_000, asked_by=UserId(ana.user.pk)))
    rows = kept(planilla)[1]
    assert len(rows) == len({row["dni"] for row in rows}) == 620


def test_a_filling_again_that_ends_with_its_asker_can_still_be_seen_and_taken_back(
    ana: Person, beto: Person, work_off: Callable[[], None]
) -> None:
    """Red when `except NoLonger` is taken out of fill.refill: the edits did not know what the cells became."""
    first, second = nomina(ana), nomina(ana, [["Paz, Eva", "47111222", "", "", "9"]], "Otra")
    kind = template(ana).pk
    planilla_id = starting.start(beto.member, template_id=kind, documents=[first.pk, second.pk]).pk
    work_off()
    rewrite(ana, first, [["Álvarez, Ana", "44123456", "03/05/2014", "1.º A", "4"]])
    recheck(ana, first.pk)
    starting.refill(beto.member, planilla_id)
    # The first source is read and noted; the third write is the second one's.
    with pytest.raises(NoLonger):
        fill.refill(SentAway(beto, planilla_id, WAYS["suspended"][0], at=3))
    with school_scope(ana.school_id):
        edits = list(Edit.objects.filter(planilla_id=planilla_id).order_by("pk"))
        assert edits and all(each.after["cells"] for each in edits)
        assert Row.objects.filter(planilla_id=planilla_id, deleted_at=None).count() == 4


def test_the_schools_own_work_goes_on(ana: Person, beto: Person, work_off: Callable[[], None]) -> None:
    """A document that somebody uploaded is the school's: it is read though they were sent away."""
    received = upload(beto)
    WAYS["suspended"][0](beto)
    work_off()
    with school_scope(ana.school_id):
        assert Document.objects.get(pk=received.document_id).status == Status.READY
        assert Run.objects.get(subject_id=received.document_id).asked_by is None


# --- engines at work --------------------------------------------------------------------------------------------------


class Sending(openai.OpenAI):
    """A server of an engine that sends somebody away when it is asked, says two words and then nothing."""

    refuses = packs = False

    def respond(self, request: Request) -> None:
        """Answer one request."""
        if request.raw and (take := self.double.extra.pop("take", None)):
            try:
                take()
            finally:
                connections.close_all()
        super().respond(request)


@dataclass
class House:
    """The engine that writes, and its file."""

    double: Double
    file: Path


@pytest.fixture
def house(settings: Settings, tmp_path: Path) -> Iterator[House]:
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    with serve(Sending) as double:
        double.fault = "hang_after"
        pen = openai_compat.entry(double, name="pluma", tasks=["chat"])
        settings.ENGINES_FILE.write_text(yaml.safe_dump({"engines": [installed.QUOTING, dict(pen)]}))
        health.forget("pluma")
        yield House(double, settings.ENGINES_FILE)
        double.released.set()
        health.forget("pluma")


def _error_of(person: Person, subject_id: UUID) -> str:
    return _run_of(person, subject_id).error_code


def _during_a_filling(person: Person, source: Document) -> str:
    planilla_id = _planilla(person, source, person)
    advance(person.school_id, RunId(_run_of(person, planilla_id).pk))
    return _error_of(person, planilla_id)


def _during_a_report(person: Person, source: Document) -> str:
    report_id = _report(person, source)
    advance(person.school_id, RunId(_run_of(person, report_id).pk))
    return _error_of(person, report_id)


def _during_an_answer(person: Person, _source: Document) -> str:
    talk = conversations.start(person.member).pk
    return str(answer.ask_whole(person.member, talk, text="¿Qué pasó en los recreos?").status)


def _during_a_trial(person: Person, _source: Document) -> str:
    try:
        prompt_trial.run(person.member, "¿Qué pasó en los recreos?", [None, None])
    except Http404:
        return "ended"
    return "whole"


@pytest.mark.parametrize(
    ("begin", "ends"),
    [
        (_during_a_filling, "asker_gone"),
        (_during_a_report, "asker_gone"),
        (_during_an_answer, "stopped"),
        (_during_a_trial, "ended"),
    ],
    ids=["filling", "report", "answer", "trial"],
)
def test_an_engine_that_writes_for_somebody_who_is_sent_away_is_hung_up_on(
    committed: None,
    ana: Person,
    house: House,
    work_off: Callable[[], None],
    begin: Callable[[Person, Document], str],
    ends: str,
) -> None:
    """Red when `is_wanted` is not given to the router (asking), or nobody asks for the place (prompt_trial, answer)."""
    received = upload(
        ana, text="# Acta\n\nEn los recreos pasó que doce alumnos, entre ellos Ana Álvarez, se pelearon.\n"
    )
    work_off()
    with school_scope(ana.school_id):
        source = Document.objects.get(pk=received.document_id)
    house.double.extra["take"] = lambda: WAYS["suspended"][0](ana)
    assert begin(ana, source) == ends
    assert house.double.hung_up.wait(30)
    assert len([each for each in house.double.journal if each.raw]) == 1, "nobody is asked again"


@pytest.mark.parametrize("way", ["suspended", "another role", "other shelves"])
def test_an_answer_stops_when_the_asker_has_less(ana: Person, beto: Person, document: Any, way: str) -> None:
    """Red when the role, or the shelves, are taken out of rag.answer._STOPS: that way failed."""
    told = answer.ask(beto.member, conversations.start(beto.member).pk, text="¿Cuántas inasistencias?")
    take = WAYS[way][0] if way != "another role" else _audit
    pieces = 0
    for event in told:
        if isinstance(event, answer.Token):
            pieces += 1
            take(beto)
        last = event
    assert isinstance(last, answer.Done)
    assert (last.message.status, pieces) == ("stopped", 1)


def _audit(person: Person) -> None:
    Membership.objects.filter(pk=person.membership.pk).update(role=Role.AUDITOR)


# --- streams and long answers -----------------------------------------------------------------------------------------


def _of_a_planilla(person: Person, ana: Person, _work_off: Callable[[], None]) -> Any:
    return planilla_pages._changes(person.member, _planilla(person, nomina(ana), ana))


def _of_a_report(person: Person, ana: Person, _work_off: Callable[[], None]) -> Any:
    return report_pages._changes(person.member, _report(person, nomina(ana)))


def _of_a_recording(person: Person, ana: Person, _work_off: Callable[[], None]) -> Any:
    with school_scope(ana.school_id):
        shelf = made.document(ana, "Nada", []).collection
        sound = Document.objects.create(
            collection=shelf,
            title="Claustro",
            filename="claustro.wav",
            format="sound",
            sha256=new_id().hex * 2,
            size_bytes=8,
            status=Status.PROCESSING,
        )
    return recording_pages._changes(person.member, sound.pk)


def _of_the_library(person: Person, ana: Person, _work_off: Callable[[], None]) -> Any:
    upload(ana)
    return library_pages._changes(person.member)


@pytest.mark.parametrize("way", ["suspended", "other shelves"])
@pytest.mark.parametrize("opened", [_of_a_planilla, _of_a_report, _of_a_recording, _of_the_library])
def test_a_stream_tells_nothing_more_to_who_has_less(
    ana: Person, beto: Person, work_off: Callable[[], None], opened: Callable[..., Any], way: str
) -> None:
    """Red when documents.views._watched goes by the member as they were admitted: the library went on telling."""
    events = opened(beto, ana, work_off)
    seen: list[str] = []  # documents of the shelf that is left

    def change() -> None:
        WAYS[way][0](beto)
        with school_scope(ana.school_id):
            Document.objects.update(title="Lo que ya no ve")

    def add() -> None:
        with school_scope(ana.school_id):
            shelf = Collection.objects.filter(name=OTHER_SHELF).first()
        facts = {"collection_id": shelf.pk} if shelf else {}
        seen.append(str(upload(ana, name=f"{len(seen)}.md", text=f"# {len(seen)}\n", **facts).document_id))

    async def listen() -> list[Any]:
        await anext(events)
        await sync_to_async(change)()
        told: list[Any] = []
        async with asyncio.timeout(60):
            await sync_to_async(add)()
            async for event in events:
                told.append(event.data["id"])
                # Of the library the other shelf is told, and with the second one all that came with the first.
                if len(seen) == 1 and seen[0] in told:
                    await sync_to_async(add)()
                elif len(seen) == 2 and seen[1] in told:
                    break
        await events.aclose()
        return told

    told = async_to_sync(listen)()
    is_left = opened is _of_the_library and way == "other shelves"
    assert set(told) == (set(seen) if is_left else set())


class SendingAwayStorage(FileSystemStorage):
    """The product's storage; while a file is opened somebody comes to have less."""

    take: Callable[[], object] = staticmethod(lambda: None)

    def open(self, name: str, mode: str = "rb") -> Any:
        type(self).take()
        return super().open(name, mode)


@pytest.mark.parametrize("way", [*(way for way in WAYS if way != "another role"), "nothing"])
def test_what_took_long_to_make_is_not_handed_out_to_who_has_less(
    ana: Person, document: Any, settings: Any, monkeypatch: Any, way: str
) -> None:
    """Red when `in_school` does not look again: the file was handed out in all five ways."""
    monkeypatch.setattr(admission, "LONG_S", 0.0)
    kept_as: dict[str, Any] = dict(django_settings.STORAGES)
    kept_as["default"] = {**kept_as["default"], "BACKEND": f"{__name__}.SendingAwayStorage"}
    settings.STORAGES = kept_as
    take = WAYS[way][0] if way in WAYS else lambda _who: None
    monkeypatch.setattr(SendingAwayStorage, "take", staticmethod(lambda: take(ana)))
    path = reverse("documents:file", args=["norte", document.document_id])
    answered = ana.browser().get(path)
    assert answered.status_code == (404 if way in WAYS else 200)
    streams.leave(answered)
