"""Reports as the tests need them, made without any run."""

from typing import Any

from documents.blocks import Kind, ParsedBlock
from documents.models import Document
from documents.places import Text
from planillas import drawn
from planillas.models import Planilla, Report, ReportSource, Section, State
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made

TEXT = "En marzo hubo doce conflictos en los recreos [1].\n\n- Se abrió la **biblioteca** [2].\n- Nadie lo pidió."


def act(person: Person, **fields: Any) -> Document:
    """Return a document that the report cites."""
    words = "En marzo hubo doce conflictos en los recreos. Se abrió la biblioteca."
    return made.document(
        person, "Acta de convivencia", [ParsedBlock(Kind.PARAGRAPH, words, Text(0, len(words)))], **fields
    )


def note(n: int, document: Document, quote: str, *, start: int = 0) -> dict[str, Any]:
    """Return a note of a section."""
    return {
        "n": n,
        "document_id": str(document.pk),
        "title": document.title,
        "place": {"kind": "text", "from": start, "to": start + len(quote)},
        "block": 0,
        "quote": quote,
        "verified": True,
        "sha256": document.sha256,
    }


def report(
    person: Person, document: Document, planilla: Planilla | None = None, *, state: str = State.REVIEW
) -> Report:
    """Return a report of a drafted section with two notes, and of a table and two charts where it has a planilla."""
    with school_scope(person.school_id):
        written = Report.objects.create(title="Convivencia 2026", state=state, created_by=person.user)
        ReportSource.objects.create(
            report=written,
            document=document,
            id_then=document.pk,
            collection_id=document.collection_id,
            ordinal=0,
            title=document.title,
            sha256=document.sha256,
        )
        Section.objects.create(
            report=written,
            ordinal=0,
            title="Conflictos",
            prompt="Describir los conflictos.",
            state="drafted",
            text=TEXT,
            citations=[
                note(1, document, "hubo doce conflictos en los recreos", start=9),
                note(2, document, "Se abrió la biblioteca", start=46),
            ],
            told={"engine": "pluma", "unsupported": ["- Nadie lo pidió."]},
        )
        if planilla is not None:
            ReportSource.objects.create(
                report=written, planilla=planilla, id_then=planilla.pk, ordinal=1, title=planilla.title
            )
            specs = (
                ("table", drawn.Spec(planilla.pk, ("alumno", "curso", "beca"))),
                ("chart", drawn.Spec(planilla.pk, by="curso")),
                ("chart", drawn.Spec(planilla.pk, by="beca", of="promedio", shape="pie")),
            )
            for ordinal, (kind, spec) in enumerate(specs, start=1):
                Section.objects.create(
                    report=written,
                    ordinal=ordinal,
                    title=f"Datos {ordinal}",
                    kind=kind,
                    state="drafted",
                    drawn=drawn.make(planilla, kind, spec),
                )
        return written
