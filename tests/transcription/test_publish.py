"""A transcript in the index: found, placed to the second, and found as a person corrected it."""

from collections.abc import Callable

from documents.models import Block
from documents.places import Time, from_json, locate
from pipeline import runs
from schools.scope import school_scope
from tests.conftest import Person
from tests.transcription import made
from transcription import revising
from transcription.models import Recording, Segment


def test_a_correction_reaches_the_index(ana: Person, work_off: Callable[[], None]) -> None:
    document = made.transcript(ana)
    with school_scope(ana.school_id):
        runs.start("republishing", document.pk)
    work_off()
    with school_scope(ana.school_id):
        block = Block.objects.filter(document_id=document.pk, text__contains="plataforma").get()
        at = block.text.index("plataforma")
        place = locate(
            from_json(block.place), words=bytes(block.words), text=block.text, start=at, end=at + 10
        )
        assert isinstance(place, Time)
        assert 11.99 <= place.from_s < place.to_s <= 14.509
        assert block.text.startswith("Lucía: ")
        segment = Segment.objects.get(recording_id=document.pk, text__contains="plataforma")
        segment.text = segment.text.replace("plataforma", "biblioteca")
        segment.save()
        revising.changed(Recording.objects.get(pk=document.pk))
    work_off()
    program = ana.program()
    path = "/api/v1/schools/norte/search/"
    found = program.post(path, {"query": "biblioteca digital"}, format="json").json()["results"]
    assert "biblioteca digital" in found[0]["text"]
    assert found[0]["place"]["kind"] == "time"
    assert all("plataforma" not in each["text"] for each in found)
