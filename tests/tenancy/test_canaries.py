"""T23, T26, OWASP LLM02/08: a word that stands in everything of one school appears nowhere outside that school."""

import io
import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
import yaml
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path
from pytest_django import Settings

from config.logs import Discreet
from documents import collections, uploads
from documents.models import Sensitivity
from engines import health
from pipeline import runs
from planillas import exporting as planilla_files
from planillas import report_exporting
from planillas.columns import Column
from rag import conversations, packs, prompts
from rag.models import Message
from rag.prompt_facts import Facts, Words
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import RULES, Person, join
from tests.doubles import openai_compat
from tests.doubles.base import Double
from tests.planillas import made as planillas
from tests.planillas import written
from tests.streams import read
from tests.transcription import made as recordings
from transcription import exporting as recording_files

QUESTION = "¿Cuántas inasistencias hacen perder la condición de regular según el acuerdo {}?"
KEY = "clave-del-motor-que-nadie-ve"
PAGES = (
    "", "biblioteca/", "biblioteca/?q={}", "preguntar/", "grabaciones/", "planillas/", "informes/", "instrucciones/",
    "motores/", "motores/gasto/", "personas/", "ajustes/", "laboratorio/?q=inasistencias",
)  # fmt: skip


def crash(request: HttpRequest) -> HttpResponse:
    """Fail with the words of a person in the exception, in what it came from and in a local variable."""
    said = request.GET["dicho"]
    try:
        raise ValueError(f"invalid input: {said}")
    except ValueError as error:
        raise RuntimeError(said) from error


urlpatterns = [path("se-rompe/", crash), path("", include("config.urls"))]
handler400, handler404, handler500 = (
    "schools.problems.bad_request",
    "schools.problems.not_found",
    "schools.problems.server_error",
)


@dataclass
class Day:
    """What a school's people saw in a day, in one heap."""

    person: Person
    canary: str
    seen: list[bytes] = field(default_factory=list)

    def note(self, content: Any) -> None:
        """Keep what was seen: bytes, a file, or anything as it prints itself."""
        if hasattr(content, "read"):
            with content:
                content = content.read()
        self.seen.append(content if isinstance(content, bytes) else str(content).encode())

    def get(self, where: str) -> Any:
        """Open a page, and note it with its headers."""
        browser = self.person.browser()
        browser.raise_request_exception = False
        answer = browser.get(where)
        self.note(answer.getvalue() if answer.streaming else answer.content)
        self.note(answer.headers)
        return answer


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Keep what the product's log would hold, of every logger."""
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    yield kept
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def engine(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """Run one server of engines for the whole installation, as a school's own machine."""
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    monkeypatch.setenv("CLAVE_DE_LA_CASA", KEY)
    with openai_compat.serving() as near:
        near.answer = ("La condición de alumno regular se pierde ", "con 25 inasistencias [1].")
        entry = openai_compat.entry(near, name="cerca", tasks=["chat"], api_key_env="CLAVE_DE_LA_CASA")
        health.forget("cerca")
        settings.ENGINES_FILE.write_text(yaml.safe_dump({"engines": [entry]}))
        yield near


def _work(day: Day, engine: Double, work_off: Callable[[], None], *, is_whole: bool) -> None:
    """Do a day's work: everything that is said or named carries the canary."""
    person, canary = day.person, day.canary
    member, slug = person.member, person.school.slug
    shelf = collections.create(member, name=f"Estante {canary}")
    join(person.school, f"docente.{canary}@x.example", Role.TEACHER)
    for name, content in (
        (
            f"regimen {canary}.md",
            RULES.replace("El estudiante", f"Según el acuerdo {canary}, el estudiante").encode(),
        ),
        (f"roto {canary}.docx", b"PK\x03\x04" + canary.encode() * 20),
        (f"vacio {canary}.pdf", b"%PDF-1.4 " + canary.encode()),
    ):
        try:
            file = SimpleUploadedFile(name, content)
            day.note(
                uploads.receive(
                    member,
                    file,
                    facts=uploads.Facts(collection_id=shelf.pk, sensitivity=Sensitivity.CONFIDENTIAL),
                )
            )
        except Exception as error:  # whatever it is refused for, the person is told
            day.note(error)
    work_off()
    prompt = prompts.create(member, Facts(name=f"Guía {canary}"), Words(text=f"Responder con tono {canary}."))
    day.note(prompt)
    api = f"/api/v1/schools/{slug}"
    conversation = conversations.start(member).pk
    asked = (QUESTION.format(canary), f"¿Y con certificado {canary}?", "\x00" + canary)
    for number, text in enumerate(asked):
        engine.fault = "broken" if number == 1 else ""
        health.forget("cerca")
        answer = person.program().post(
            f"{api}/conversations/{conversation}/messages/", {"text": text}, format="json",
            headers={"Accept": "text/event-stream"},
        )  # fmt: skip
        day.note(read(answer) if answer.streaming else answer.content)
    engine.fault = ""
    found = person.program().post(f"{api}/search/", {"query": QUESTION.format(canary)}, format="json")
    day.note(found.content)
    day.get(f"/e/{slug}/preguntar/{conversation}/")
    if is_whole:
        _hand_out(day, work_off)
    broken = day.get(f"/se-rompe/?dicho={canary}")
    assert broken.status_code == 500 and canary.encode() not in broken.content
    with school_scope(person.school_id):
        message = Message.objects.order_by("created_at").first()
    assert message is not None
    day.note(packs.pack(member, message.pk))
    for where in ("/health/live", "/health/ready"):
        day.get(where)
    told = io.StringIO()
    try:
        call_command("check_engines", stdout=told)
    except CommandError as error:
        told.write(str(error))
    day.note(told.getvalue())


def _hand_out(day: Day, work_off: Callable[[], None]) -> None:
    """Do the rest of a day: recordings, planillas, reports, everything as files, and every page."""
    person, canary = day.person, day.canary
    member, slug = person.member, person.school.slug
    spoken = [
        ("Ana " + canary, 0.0, 8.0, f"Acordamos el lema {canary} para abril."),
        ("Luz", 9.0, 12.0, "Sí, lo envío mañana."),
    ]
    recording = recordings.transcript(person, f"Claustro {canary}", spoken)
    for kind in ("republishing", "digesting"):
        with school_scope(person.school_id):
            runs.start(kind, recording.pk)
        work_off()
    planilla = planillas.planilla(
        person,
        (*planillas.COLUMNS, Column("otro", f"Nombre {canary}")),
        ({**planillas.ROWS[0], "alumno": f"Ana {canary}", "otro": canary},),
        title=f"Nómina {canary}",
    )
    report = written.report(person, written.act(person), planilla)
    for fmt in ("xlsx", "ods", "csv"):
        day.note(planilla_files.export(member, planilla.pk, fmt).content)
    for fmt in ("md", "docx"):
        day.note(report_exporting.export(member, report.pk, fmt).content)
    for fmt in ("md", "txt", "vtt"):
        day.note(recording_files.export(member, recording.pk, fmt).content)
    for where in PAGES:
        day.get(f"/e/{slug}/{where.format(canary)}")
    day.get(f"/e/{slug}/grabaciones/{recording.pk}/")


def _in_redis(url: str) -> bytes:
    """Return every key and every value there is, whatever its kind: caches, queues, messages, places of engines."""
    heap = []
    with redis.Redis.from_url(url) as opened:
        for key in sorted(opened.scan_iter()):
            heap += [key, opened.dump(key) or b"", repr(_value(opened, key)).encode()]
    return b"\n".join(heap)


def _value(opened: Any, key: bytes) -> object:
    match opened.type(key):
        case b"string":
            return opened.get(key)
        case b"hash":
            return opened.hgetall(key)
        case b"list":
            return opened.lrange(key, 0, -1)
        case b"set":
            return opened.smembers(key)
        case b"zset":
            return opened.zrange(key, 0, -1, withscores=True)
        case kind:
            return kind


def _in_qdrant(settings: Any) -> dict[str, list[str]]:
    """Return what stands beside each vector, by school."""
    headers = {"api-key": settings.QDRANT_API_KEY} if settings.QDRANT_API_KEY else {}
    kept: dict[str, list[str]] = {}
    with httpx.Client(base_url=settings.QDRANT_URL, headers=headers, timeout=30) as client:
        named = client.get("/collections").json()["result"]["collections"]
        ours = [each["name"] for each in named if each["name"].startswith(settings.QDRANT_PREFIX)]
        for name in ours:
            offset = None
            while True:
                asked = {"limit": 1_000, "with_payload": True, "offset": offset}
                page = client.post(f"/collections/{name}/points/scroll", json=asked).json()["result"]
                for point in page["points"]:
                    kept.setdefault(str(point["payload"].get("school_id")), []).append(repr(point["payload"]))
                if (offset := page["next_page_offset"]) is None:
                    break
    return kept


@pytest.mark.parametrize(
    "is_whole", [False, pytest.param(True, marks=pytest.mark.long)], ids=["short", "whole"]
)
@override_settings(ROOT_URLCONF="tests.tenancy.test_canaries")
def test_nothing_of_a_school_appears_outside_it(
    committed: None,
    ana: Person,
    zoe: Person,
    engine: Double,
    logged: io.StringIO,
    work_off: Callable[[], None],
    settings: Any,
    is_whole: bool,
) -> None:
    """Red when the log has logging's own formatter, or rag/store.py asks without its filter by school."""
    first = Day(ana, f"canario{secrets.token_hex(8)}")
    second = Day(zoe, f"canario{secrets.token_hex(8)}")
    _work(first, engine, work_off, is_whole=is_whole)
    between = len(engine.journal)
    mails = len(mail.outbox)
    _work(second, engine, work_off, is_whole=is_whole)
    word, other = first.canary.encode(), second.canary.encode()

    # Each saw its own, so that it was there to be seen; nobody saw the other's.
    for day in (first, second):
        assert sum(day.canary.encode() in each for each in day.seen) >= (15 if is_whole else 5)
    assert [each[:400] for each in second.seen if word in each] == []
    assert [each[:400] for each in first.seen if other in each] == []
    assert any(other in each.raw for each in engine.journal[between:]), "the engine was asked"
    assert not any(word in each.raw for each in engine.journal[between:])
    assert not any(first.canary in f"{each.subject}{each.body}{each.to}" for each in mail.outbox[mails:])
    # What is of all schools holds no word of any.
    lines = logged.getvalue()
    assert "RuntimeError" in lines and "/se-rompe/" in lines, "the log tells of the crash"
    for canary in (first.canary, second.canary, KEY, "pk_", "Ana Álvarez", "veinticinco"):
        assert canary not in lines, [line for line in lines.splitlines() if canary in line]
    kept = _in_redis(settings.REDIS_URL)
    assert b"advance" in kept, "messages were sent"
    assert word not in kept and other not in kept
    kept_by = _in_qdrant(settings)
    assert {str(ana.school_id), str(zoe.school_id)} <= set(kept_by)
    assert not any(first.canary in each for each in kept_by[str(zoe.school_id)])
    for file in sorted(Path(settings.DATA_DIR).rglob("*")):
        if file.is_file() and (word in file.read_bytes() or word in str(file).encode()):
            assert str(ana.school_id) in str(file) or ana.school_id.hex in str(file), file
            assert word not in str(file).encode(), "no name of a person's in a path"
