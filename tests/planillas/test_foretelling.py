"""What is told before a planilla is begun: which engine would see what, at what cost at most; nobody is called."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pytest_django import Settings

from documents.blocks import Kind, ParsedBlock
from documents.models import Document, Sensitivity, Status
from documents.places import Text
from engines import health
from planillas import foretelling
from schools.scope import school_scope
from tests.conftest import Person
from tests.doubles import openai_compat
from tests.doubles.base import Double
from tests.engines import installed
from tests.planillas import made


@pytest.fixture
def outside(settings: Settings, tmp_path: Path) -> Iterator[Double]:
    """Install what quotes and an engine outside that costs."""
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    with openai_compat.serving() as double:
        given = {"name": "lejos", "tasks": ["chat"], "runs": "outside", "price": installed.PRICE}
        entries = [dict(installed.QUOTING), dict(openai_compat.entry(double, **given))]
        settings.ENGINES_FILE.write_text(yaml.safe_dump({"engines": entries}))
        health.forget("lejos")
        yield double


def _letter(person: Person, title: str, **fields: str) -> Document:
    text = "La familia de Ana Álvarez, cuya mamá se llama Marta Gil, colaboró con la escuela. " * 200
    document = made.document(person, title, [ParsedBlock(Kind.PARAGRAPH, text, Text(0, len(text)))])
    with school_scope(person.school_id):
        Document.objects.filter(pk=document.pk).update(**fields)
    return document


def test_each_label_has_its_engine_its_cost_or_the_reason_why_it_has_none(
    ana: Person, outside: Double
) -> None:
    installed.allow(ana.member, "lejos")
    open_one = _letter(ana, "Circular")
    closed = _letter(ana, "Legajo", sensitivity=Sensitivity.MINORS)
    waiting = _letter(ana, "Espera", status=Status.PROCESSING)
    told = foretelling.foretell(ana.member, documents=[open_one.pk, closed.pk, waiting.pk])
    assert (told.sources, told.waiting, told.has_engine) == (2, 1, True)
    _rules, left_out, engine, hidden = told.sentences
    assert left_out.startswith("1 documento todavía")
    assert "«lejos»" in engine
    assert "hasta US$ 0," in engine
    assert hidden.startswith("De 1 documento, solo tablas y datos rotulados")
    assert "«lejos»" in hidden
    assert not outside.journal


def test_a_collection_is_told_of_and_what_another_shelf_holds_is_not(ana: Person, zoe: Person) -> None:
    document = _letter(ana, "Circular")
    told = foretelling.foretell(ana.member, collections=[document.collection_id])
    assert (told.sources, told.has_engine) == (1, False)
    theirs = foretelling.foretell(zoe.member, documents=[document.pk], collections=[document.collection_id])
    assert theirs.sources == 0
