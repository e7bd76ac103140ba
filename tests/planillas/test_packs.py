"""Evidence packs of planillas and reports: every cell and note with its source, verified by the program inside."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import IO, Any

from documents.blocks import Kind, ParsedBlock
from documents.places import Text, to_json
from planillas import packs
from planillas.models import Report, ReportSource, Section, SectionState, State
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made


def _open(packed: IO[bytes], at: Path) -> zipfile.ZipFile:
    """Return a pack as it was downloaded, found whole by its own program."""
    with packed:
        at.write_bytes(packed.read())
    pack = zipfile.ZipFile(at)
    program = at.with_suffix(".py")
    program.write_bytes(pack.read("verificar.py"))
    done = subprocess.run([sys.executable, "-I", program, at], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return pack


def _lines(pack: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in pack.read(name).splitlines()]


def test_every_cell_of_a_planilla_goes_with_its_evidence(ana: Person, tmp_path: Path) -> None:
    rows = [{"alumno": "Álvarez, Ana", "dni": "44123456"}, {"alumno": "=2+2"}]
    source = made.document(
        ana, "Nómina", [made.table([["Alumno", "DNI"], ["Álvarez, Ana | 44123456", ""], ["=2+2", ""]])]
    )
    planilla = made.planilla(ana, rows=rows, sources=[source])
    with _open(packs.of_planilla(ana.member, planilla.pk), tmp_path / "planilla.zip") as pack:
        manifest = json.loads(pack.read("manifest.json"))
        evidence, cells = _lines(pack, "evidencia.jsonl"), _lines(pack, "celdas.jsonl")
        assert {"planilla.xlsx", "llamadas.json", "pasajes.jsonl"} <= set(pack.namelist())
    assert (manifest["kind"], manifest["title"], manifest["id"]) == (
        "planilla",
        "Nómina 2026",
        str(planilla.pk),
    )
    # Its file was never stored: it is named with its SHA-256, and why it is not here.
    assert [(each["sha256"], each["path"], bool(each["why"])) for each in manifest["sources"]] == [
        (source.sha256, None, True)
    ]
    assert [each["cells"]["alumno"]["value"] for each in cells] == ["Álvarez, Ana", "=2+2"]
    assert [(each["of"], each["value"]) for each in evidence] == [
        ("fila 1, Apellido y nombre", "Álvarez, Ana"),
        ("fila 1, DNI", "44123456"),
        ("fila 2, Apellido y nombre", "=2+2"),
    ]


def test_every_note_of_a_report_goes_with_its_evidence(ana: Person, tmp_path: Path) -> None:
    said = "Hubo cuarenta inscriptos."
    source = made.document(ana, "Memoria", [ParsedBlock(Kind.PARAGRAPH, said, Text(0, len(said)))])
    with school_scope(ana.school_id):
        report = Report.objects.create(title="Memoria 2026", state=State.REVIEW, created_by=ana.user)
        ReportSource.objects.create(
            report=report, document=source, id_then=source.pk, collection_id=source.collection_id, ordinal=0,
            title=source.title, sha256=source.sha256,
        )  # fmt: skip
        note = {"n": 1, "document_id": str(source.pk), "title": "Memoria", "place": to_json(Text(0, len(said))),
                "quote": said, "verified": True}  # fmt: skip
        Section.objects.create(
            report=report,
            ordinal=0,
            title="Matrícula",
            text=f"{said} [1]",
            state=SectionState.DRAFTED,
            citations=[note],
        )
    with _open(packs.of_report(ana.member, report.pk), tmp_path / "informe.zip") as pack:
        (evidence,) = _lines(pack, "evidencia.jsonl")
        assert said in pack.read("informe.md").decode() and pack.read("informe.pdf").startswith(b"%PDF")
    assert (evidence["of"], evidence["quote"], evidence["verified"]) == ("Matrícula [1]", said, True)
