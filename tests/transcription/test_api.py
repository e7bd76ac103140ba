"""Recordings and transcripts through the API: brought in, listed, corrected; and where two people correct at once."""

from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from schools.ids import new_id
from schools.scope import school_scope
from tests.conftest import Person
from tests.programs import send
from tests.tenancy.sound_urls import silence
from tests.transcription.made import transcript
from transcription.models import Recording

SCHOOL = "/api/v1/schools/norte/"


def _upload(person: Person, name: str, content: bytes, **fields: Any) -> Any:
    body = {"file": SimpleUploadedFile(name, content), **fields}
    return person.program().post(f"{SCHOOL}recordings/", body, format="multipart")


def test_a_recording_is_taken_with_what_was_said_of_it(ana: Person) -> None:
    answer = _upload(ana, "claustro.wav", silence(), title="Claustro", language="ca", speakers=3)
    assert answer.status_code == 201, answer.json()
    assert set(answer.json()) == {"id", "status", "run_id", "duplicate"}
    program, path = ana.program(), f"{SCHOOL}recordings/{answer.json()['id']}/"
    found = program.get(path).json()
    assert (found["title"], found["format"], found["status"]) == ("Claustro", "sound", "queued")
    assert (found["language"], found["speakers_asked"]) == ("ca", 3)
    assert (found["duration_s"], found["has_transcript"], found["transcribed_at"]) == (None, False, None)
    again = _upload(ana, "copia.wav", silence(), language="es")
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert program.get(path).json()["language"] == "ca"
    assert [each["id"] for each in program.get(f"{SCHOOL}recordings/?q=claustro").json()["results"]] == [
        found["id"]
    ]
    assert program.get(f"{SCHOOL}runs/{answer.json()['run_id']}/").json()["kind"] == "recording"
    assert send(program, "PATCH", path, {"title": "Otra"}).json()["title"] == "Otra"
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("reglamento.md", "# Reglamento\n\nArtículo 1.".encode(), 415, "not_a_recording"),
        ("vacia.mp3", b"", 400, "empty_file"),
        ("lista.mp3", b"#EXTM3U\nhttp://127.0.0.1/otra.mp3\n", 415, "playlist"),
    ],
)
def test_what_is_no_recording_is_refused_with_a_reason(
    ana: Person, name: str, content: bytes, status: int, code: str
) -> None:
    answer = _upload(ana, name, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]
    with school_scope(ana.school_id):
        assert not Recording.objects.exists()


def test_a_document_is_no_recording(ana: Person) -> None:
    document = transcript(ana, format="markdown")
    for path in (
        f"recordings/{document.pk}/",
        f"transcripts/{document.pk}/",
        f"transcripts/{document.pk}/segments/",
    ):
        assert ana.program().get(SCHOOL + path).status_code == 404


def test_a_transcript_is_read_in_order_page_by_page(ana: Person) -> None:
    document = transcript(ana)
    program, path = ana.program(), f"{SCHOOL}transcripts/{document.pk}/"
    whole = program.get(path).json()
    assert (whole["id"], whole["recording_id"]) == (str(document.pk), str(document.pk))
    assert [each["name"] for each in whole["speakers"]] == ["Marta", "Pablo", "Lucía"]
    read: list[dict[str, Any]] = []
    page = program.get(f"{path}segments/?limit=5").json()
    while True:
        assert len(page["results"]) <= 5
        read += page["results"]
        if page["next"] is None:
            break
        page = program.get(page["next"]).json()
    assert len(read) == whole["segments_count"]
    assert [each["t0"] for each in read] == sorted(each["t0"] for each in read)
    first = read[0]
    assert first["text"] == "Buenos días a todos, empezamos la reunión del claustro."
    assert [word[0] for word in first["words"]] == first["text"].split()
    hits = program.get(f"{path}search?q=REUNION del").json()["results"]
    assert [each["segment"] for each in hits] == [first["id"]]


def test_corrections_keep_their_history_and_refuse_to_overwrite_anothers(ana: Person) -> None:
    document = transcript(ana)
    program = ana.program()
    segment = program.get(f"{SCHOOL}transcripts/{document.pk}/segments/").json()["results"][0]
    path = f"{SCHOOL}segments/{segment['id']}/"
    changed = send(program, "PATCH", path, {"rev": segment["rev"], "text": "Buenas tardes a todos."})
    now = changed.json()["segments"][0]
    assert (now["text"], now["edited"], now["rev"]) == ("Buenas tardes a todos.", True, segment["rev"] + 1)
    late = send(program, "PATCH", path, {"rev": segment["rev"], "text": "Buenas noches."})
    assert (late.status_code, late.json()["code"]) == (409, "stale")
    assert late.json()["segment"]["text"] == "Buenas tardes a todos."
    parted = send(program, "POST", f"{path}split", {"rev": now["rev"], "word": 2}).json()
    assert [each["text"] for each in parted["segments"]] == ["Buenas tardes", "a todos."]
    rev = parted["segments"][0]["rev"]
    joined = send(program, "POST", f"{path}merge", {"rev": rev}).json()
    assert (joined["segments"][0]["text"], len(joined["removed"])) == ("Buenas tardes a todos.", 1)
    versions = program.get(f"{path}versions/").json()
    assert versions[-1]["text"] == segment["text"]
    back = send(
        program, "POST", f"{path}versions/", {"rev": joined["segments"][0]["rev"], "version": 1}
    ).json()
    assert back["segments"][0]["text"] == segment["text"]
    assert send(program, "PATCH", path, {"rev": 1}).status_code == 400
    assert send(program, "PATCH", f"{SCHOOL}segments/{new_id()}/", {"rev": 1, "text": "x"}).status_code == 404


def test_a_speaker_is_named_once_for_the_whole_recording(ana: Person) -> None:
    document = transcript(ana)
    program, path = ana.program(), f"{SCHOOL}transcripts/{document.pk}/"
    pablo = UUID(program.get(path).json()["speakers"][1]["id"])
    send(program, "PATCH", f"{SCHOOL}speakers/{pablo}/", {"name": "Pablo Ruiz"})
    names = {each["speaker_name"] for each in program.get(f"{path}segments/").json()["results"]}
    assert names == {"Marta", "Pablo Ruiz", "Lucía"}
    marta = program.get(path).json()["speakers"][0]["id"]
    send(program, "POST", f"{SCHOOL}speakers/{pablo}/merge", {"into": marta})
    assert [each["name"] for each in program.get(path).json()["speakers"]] == ["Marta", "Lucía"]
    made = send(program, "POST", f"{path}speakers/", {"name": "Carmen"})
    assert (made.status_code, made.json()["name"]) == (201, "Carmen")


def test_a_plan_is_told_before_it_starts(ana: Person) -> None:
    told = ana.program().get(f"{SCHOOL}recordings/estimate?seconds=600&sensitivity=public").json()
    assert set(told) == {"engine", "runs", "seconds", "cost", "text"}
    assert told["text"]
    assert ana.program().get(f"{SCHOOL}recordings/estimate?seconds=-1").status_code == 400
