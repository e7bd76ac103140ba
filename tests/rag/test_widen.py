"""What an engine that writes is given to read around a passage."""

from collections.abc import Callable

from documents.models import Document
from rag.retrieve import Passage, retrieve
from rag.widen import AROUND_MOST_CHARS, widen
from schools.scope import school_scope
from tests.conftest import Person, upload

_FILLER = "La comunidad educativa acuerda estas pautas y las revisa cada año con las familias. " * 12


def _passages(person: Person, question: str, most: int = 1) -> list[Passage]:
    return retrieve(person.member, question, most=most)


def test_a_short_document_goes_whole(ana: Person, work_off: Callable[[], None]) -> None:
    upload(ana, text="# Kiosco\n\n## Horario\n\nAbre a las 8.\n\n## Precios\n\nEl jugo cuesta mil pesos.\n")
    work_off()
    [given] = widen(ana.member, _passages(ana, "¿Cuánto cuesta el jugo?")).values()
    assert "Abre a las 8." in given
    assert "mil pesos" in given


def test_a_long_document_gives_the_neighbours_of_the_same_section_within_limits(
    ana: Person, work_off: Callable[[], None]
) -> None:
    parts = [f"## Sección {n}\n\n{_FILLER}\n\nLa clave {n} es número{n}.\n" for n in range(12)]
    upload(ana, text="# Pautas\n\n" + "\n".join(parts))
    work_off()
    [passage] = _passages(ana, "¿Cuál es la clave número7?")
    [given] = widen(ana.member, [passage]).values()
    assert passage.text in given
    assert len(given) <= AROUND_MOST_CHARS + len(passage.text)
    assert "número1." not in given


def test_the_rest_of_a_passages_section_comes_before_the_sections_beside_it(
    ana: Person, work_off: Callable[[], None]
) -> None:
    parts = [
        f"## Sección {n}\n\nLa clave {n} es número{n}.\n\n{_FILLER}\n\n{_FILLER[:500]}\n" for n in range(12)
    ]
    upload(ana, text="# Pautas\n\n" + "\n".join(parts))
    work_off()
    [passage] = _passages(ana, "¿Cuál es la clave número7?")
    [given] = widen(ana.member, [passage]).values()
    assert len(given) > len(passage.text)
    assert "Sección 7" in given
    assert "Sección 6" not in given
    assert "Sección 8" not in given


def test_what_an_earlier_passage_brought_is_not_brought_again(
    ana: Person, work_off: Callable[[], None]
) -> None:
    upload(
        ana, text="# Kiosco\n\n## Horario\n\nAbre a las ocho.\n\n## Precios\n\nEl jugo cuesta mil pesos.\n"
    )
    work_off()
    [passage] = _passages(ana, "¿Cuánto cuesta el jugo?")
    given = widen(ana.member, [passage, passage])
    assert len(given) == 2
    assert given[2] == passage.text


def test_another_schools_passage_brings_nothing(
    ana: Person, zoe: Person, work_off: Callable[[], None]
) -> None:
    upload(ana)
    work_off()
    passages = _passages(ana, "¿Cuántas inasistencias puede tener un estudiante?")
    with school_scope(zoe.school_id):
        assert not Document.objects.exists()
    assert widen(zoe.member, passages) == {1: passages[0].text}
