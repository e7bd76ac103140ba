"""The laboratory shows what answering does, and nothing that the member may not see."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from documents import collections, uploads, versions
from documents.models import Block
from rag import answer, conversations, laboratory
from rag.answer import CONSIDERED, MOST_PER_DOCUMENT, PASSAGES, WhyNot
from rag.rerank import learnt_weights
from rag.retrieve import retrieve
from schools.models import Membership
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join, upload

QUESTION = "¿Cuántas inasistencias puede tener un alumno?"
SEARCH = "/api/v1/schools/norte/laboratory/search"
MANY = "# Inasistencias\n\n" + "\n\n".join(
    f"## Curso {n}\n\nEn el curso {n} el alumno puede tener {n} inasistencias por año." for n in range(40)
)


def post(person: Person, body: dict[str, Any]) -> Any:
    return person.program().post(SEARCH, body, format="json")


def chunks_path(document_id: UUID) -> str:
    return f"/api/v1/schools/norte/documents/{document_id}/chunks/"


def test_a_trial_gives_the_engine_what_an_answer_is_given(ana: Person, work_off: Callable[[], None]) -> None:
    for n in range(3):
        upload(ana, name=f"n{n}.md", text=MANY.replace("Curso", f"Curso {n}"))
    work_off()
    trial = laboratory.search(ana.member, QUESTION)
    conversation = conversations.start(ana.member, title="")
    told = list(answer.ask(ana.member, conversation.pk, text=QUESTION))
    [sources] = [event for event in told if isinstance(event, answer.Sources)]
    assert [source.text for source in trial.sources] == [each.text for each in sources.passages]
    given = [each for each in trial.candidates if each.n]
    assert [each.passage.chunk_id for each in given] == [each.chunk_id for each in sources.passages]
    assert [each.n for each in given] == [source.n for source in trial.sources]
    [decided] = [event for event in told if isinstance(event, answer.Decided)]
    assert (trial.engine, trial.reason) == (decided.engine, decided.reason)


def test_candidates_stand_in_the_order_and_with_the_points_of_the_search(
    ana: Person, document: uploads.Received
) -> None:
    trial = laboratory.search(ana.member, QUESTION)
    found = retrieve(ana.member, QUESTION, most=50)
    assert [each.passage.chunk_id for each in trial.candidates] == [each.chunk_id for each in found]
    for each in trial.candidates:
        assert sum(point.points for point in each.points) == pytest.approx(each.passage.score, abs=0.01)
        for point in each.points:
            assert point.weight == learnt_weights()[point.name]
            assert point.measured is not None
            assert point.measured * point.weight == pytest.approx(point.points)
    ranks = [found.rank for each in trial.candidates for found in each.found if found.by == "stems"]
    assert sorted(ranks) == list(range(1, len(ranks) + 1))
    assert trial.counts["stems"] == len(ranks)
    assert "dense" not in trial.counts


def test_each_that_is_not_given_says_why(ana: Person, work_off: Callable[[], None]) -> None:
    upload(ana, name="uno.md", text=MANY)
    work_off()
    told = laboratory.search(ana.member, QUESTION).candidates
    assert [each.why_not for each in told[:CONSIDERED]] == [None] * MOST_PER_DOCUMENT + [WhyNot.DOCUMENT] * (
        len(told[:CONSIDERED]) - MOST_PER_DOCUMENT
    )
    upload(ana, name="dos.md", text=MANY.replace("curso", "grado"))
    work_off()
    told = laboratory.search(ana.member, QUESTION).candidates
    assert sum(each.why_not is None for each in told) == PASSAGES
    assert WhyNot.ROOM in {each.why_not for each in told[:CONSIDERED]}
    assert {each.why_not for each in told[CONSIDERED:]} == {WhyNot.RANK}


def test_what_does_not_rule_is_told_apart(ana: Person, work_off: Callable[[], None]) -> None:
    today = versions.today(ana.member)
    text = "# Faltas\n\nEl alumno puede tener {} inasistencias en el año."
    old = upload(ana, name="viejo.md", text=text.format("veinte"), valid_until=today - timedelta(days=1))
    upload(ana, name="nuevo.md", text=text.format("veinticinco"))
    work_off()
    trial = laboratory.search(ana.member, QUESTION)
    [aside] = trial.aside
    assert aside.passage.document_id == old.document_id
    assert aside.why
    assert all(each.passage.document_id != old.document_id for each in trial.candidates)


def test_what_the_chosen_collections_leave_out_is_told(ana: Person, work_off: Callable[[], None]) -> None:
    shelf = collections.create(ana.member, name="Familias")
    other = upload(ana)
    upload(ana, name="otra.md", text="# Kiosco\n\nAbre a las 8.", collection_id=shelf.pk)
    work_off()
    trial = laboratory.search(ana.member, QUESTION, collections=[shelf.pk])
    assert {passage.document_id for passage, _place in trial.elsewhere} == {other.document_id}
    assert laboratory.search(ana.member, QUESTION).elsewhere == ()


def test_one_who_sees_some_collections_sees_only_those(ana: Person, work_off: Callable[[], None]) -> None:
    shelf = collections.create(ana.member, name="Familias")
    hidden = upload(ana)
    upload(
        ana, name="otra.md", text="# Kiosco\n\nEl alumno con inasistencias compra.", collection_id=shelf.pk
    )
    work_off()
    vice = join(ana.school, "vera@norte.example", Role.DIRECTOR)
    Membership.objects.filter(pk=vice.membership.pk).update(collections=[str(shelf.pk)])
    assert hidden.document_id in {
        each.passage.document_id for each in laboratory.search(ana.member, QUESTION).candidates
    }
    trial = laboratory.search(vice.member, QUESTION, collections=[shelf.pk])
    assert trial.candidates
    found = [*(each.passage for each in trial.candidates), *(passage for passage, _place in trial.elsewhere)]
    assert hidden.document_id not in {passage.document_id for passage in found}
    assert vice.program().get(chunks_path(hidden.document_id)).status_code == 404
    assert ana.program().get(chunks_path(hidden.document_id)).status_code == 200
    page = vice.browser().get(f"/e/norte/laboratorio/documentos/{hidden.document_id}/")
    assert page.status_code == 404


def test_chunks_tell_the_blocks_they_were_made_of(ana: Person, document: uploads.Received) -> None:
    found = ana.program().get(chunks_path(document.document_id)).json()["results"]
    assert [each["ordinal"] for each in found] == list(range(len(found)))
    with school_scope(ana.school_id):
        blocks = {block.ordinal: block for block in Block.objects.filter(document_id=document.document_id)}
    held = []
    for each in found:
        assert each["tokens"] > 0
        assert each["place"]["kind"] == "text"
        for part in each["parts"]:
            assert part["text"] in each["text"]
            assert part["text"] == blocks[part["block"]].text
            assert part["is_whole"]
            held.append(part["block"])
    assert held == sorted(blocks)


def test_doubtful_words_are_told_with_their_chunk(ana: Person, document: uploads.Received) -> None:
    [first, *_] = laboratory.chunks(ana.member, document.document_id)
    part = first.parts[0]
    with school_scope(ana.school_id):
        Block.objects.filter(document_id=document.document_id, ordinal=part.ordinal).update(doubts=[[0, 4]])
    [first, *_] = laboratory.chunks(ana.member, document.document_id)
    assert first.parts[0].doubts == (part.text[:4],)


def test_what_no_chunk_holds_is_told(ana: Person, work_off: Callable[[], None]) -> None:
    text = "# Índice\n\nFaltas ........ 3\n\n# Faltas\n\nSon veinticinco."
    received = upload(ana, text=text)
    work_off()
    left = laboratory.left_out(ana.member, received.document_id, first=0, last=None)
    assert [each.text for each in left] == ["Índice", "Faltas ........ 3"]
    page = ana.browser().get(f"/e/norte/laboratorio/documentos/{received.document_id}/").content.decode()
    assert page.count("Quedó afuera") == 1
    assert "2 piezas" in page
    assert page.index("........ 3") < page.index("Son veinticinco.")


def test_a_long_document_comes_in_pages(ana: Person, work_off: Callable[[], None]) -> None:
    received = upload(ana, text=MANY)
    work_off()
    path = f"/e/norte/laboratorio/documentos/{received.document_id}/"
    first, second = (ana.browser().get(path, {"pagina": n}).content.decode() for n in (1, 2))
    assert "Fragmento 25<" in first
    assert "Fragmento 26<" not in first
    assert "Fragmento 26<" in second
    after = ana.program().get(chunks_path(received.document_id) + "?limit=3&after=2").json()
    assert [each["ordinal"] for each in after["results"]] == [3, 4, 5]


def test_a_question_is_tried_by_the_api(ana: Person, document: uploads.Received) -> None:
    trial = post(ana, {"query": QUESTION}).json()
    best = trial["candidates"][0]
    assert (best["rank"], best["n"], best["why_not"]) == (1, 1, None)
    assert trial["sources"][0]["text"] == best["text"]
    assert trial["engine"] == "quoting"
    assert "inasistencias" in trial["words"]
    bad: list[dict[str, Any]] = [{}, {"query": " "}, {"query": QUESTION, "at_date": "ayer"}]
    assert [post(ana, body).status_code for body in bad] == [400] * 3
    assert post(ana, {"query": QUESTION, "collections": [str(uuid4())]}).status_code == 404


def test_the_page_says_it_in_words(ana: Person, document: uploads.Received) -> None:
    page = ana.browser().get("/e/norte/laboratorio/", {"pregunta": QUESTION})
    shown = page.content.decode()
    assert page.status_code == 200
    for words in ("Qué se buscó", "Cómo se orden", "Qué recibiría el motor", "Una oración las reúne"):
        assert words in shown
    nothing = ana.browser().get("/e/norte/laboratorio/", {"pregunta": "xyzzy plugh"}).content.decode()
    assert "No se encontró nada" in nothing
    for bad in ({"pregunta": " "}, {"pregunta": "x", "dia": "ayer"}, {"pregunta": "x", "colecciones": "y"}):
        assert ana.browser().get("/e/norte/laboratorio/", bad).status_code == 400


def test_it_is_the_directors(ana: Person, beto: Person, document: uploads.Received) -> None:
    path = f"/e/norte/laboratorio/documentos/{document.document_id}/"
    for each in ("/e/norte/laboratorio/", path):
        assert beto.browser().get(each).status_code == 403
        assert ana.browser().get(each).status_code == 200
    home = "/e/norte/"
    assert "Laboratorio" in ana.browser().get(home).content.decode()
    assert "Laboratorio" not in beto.browser().get(home).content.decode()
