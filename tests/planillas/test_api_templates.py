"""Templates of planillas through the API: drawn, copied, changed by two people at once, refused in words."""

import io
from typing import Any

import openpyxl
import pytest

from planillas.models import Template
from schools.scope import school_scope
from tests.conftest import Person
from tests.programs import send

NORTE = "/api/v1/schools/norte/planilla-templates/"
COLUMNS = [
    {"name": "Apellido y nombre", "is_key": True, "is_required": True},
    {"name": "Fecha de nacimiento", "kind": "date"},
    {"name": "Turno", "kind": "choice", "choices": ["Mañana", "Tarde"]},
]


def make(person: Person, **fields: Any) -> Any:
    body = {"name": "Nómina", "row_is": "un alumno", "columns": COLUMNS, **fields}
    return person.program().post(NORTE, body, format="json")


def test_a_template_is_drawn_found_changed_and_taken_away(ana: Person) -> None:
    made = make(ana)
    assert made.status_code == 201, made.content
    told = made.json()
    keys = [each["key"] for each in told["columns"]]
    assert keys == ["apellido_y_nombre", "fecha_de_nacimiento", "turno"]
    program, path = ana.program(), f"{NORTE}{told['id']}/"
    assert program.get(path).json() == told
    assert program.get(NORTE).json()["results"] == [told]
    renamed = [{**told["columns"][0], "name": "Estudiante"}, *told["columns"][1:]]
    changed = send(program, "PATCH", path, {"rev": told["rev"], "columns": renamed}).json()
    # A column keeps its key whatever it is called, so that planillas made before still fit.
    first = changed["columns"][0]
    assert (first["key"], first["name"]) == ("apellido_y_nombre", "Estudiante")
    assert (changed["name"], changed["rev"]) == ("Nómina", told["rev"] + 1)
    late = send(program, "PATCH", path, {"rev": told["rev"], "name": "Otra"})
    assert (late.status_code, late.json()["code"]) == (409, "template_changed")
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"name": ""}, 400, "name"),
        ({"columns": []}, 400, "columns"),
        ({"columns": [{"name": "Turno", "kind": "choice"}]}, 400, "columns"),
        ({"columns": [{"name": "Turno", "kind": "sonido"}]}, 400, "columns"),
    ],
    ids=["no name", "no columns", "a choice of nothing", "no such kind"],
)
def test_what_cannot_be_a_template_is_refused_by_its_field(
    ana: Person, fields: dict[str, Any], status: int, field: str
) -> None:
    refused = make(ana, **fields)
    assert refused.status_code == status, refused.content
    assert any(name.startswith(field) for name in refused.json()["errors"])
    with school_scope(ana.school_id):
        assert not Template.objects.exists()


def test_the_same_key_makes_one_template(ana: Person) -> None:
    program = ana.program()
    body = {"name": "Nómina", "columns": COLUMNS}
    answers = [
        program.post(NORTE, body, format="json", headers={"Idempotency-Key": "una"}).json() for _ in range(2)
    ]
    assert answers[0] == answers[1]
    taken = program.post(NORTE, body, format="json")
    assert (taken.status_code, taken.json()["code"]) == (409, "template_name_taken")


def test_the_schools_own_file_becomes_a_template(ana: Person) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Nómina"
    sheet["A1"] = "Escuela N.º 4 – Nómina de alumnos"
    for at, header in enumerate(("Apellido y nombre", "DNI", "Fecha de nacimiento"), start=1):
        sheet.cell(3, at, header)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "nomina.xlsx"
    made = ana.program().post(NORTE, {"file": file, "name": "La del ministerio"}, format="multipart")
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["name"], told["format"], told["filename"]) == ("La del ministerio", "xlsx", "nomina.xlsx")
    assert [each["name"] for each in told["columns"]] == ["Apellido y nombre", "DNI", "Fecha de nacimiento"]
    assert [each["kind"] for each in told["columns"]] == ["text", "identity", "date"]
    broken = io.BytesIO(b"no es una planilla")
    broken.name = "nomina.xlsx"
    refused = ana.program().post(NORTE, {"file": broken}, format="multipart")
    assert refused.status_code in (415, 422) and refused.json()["code"] and refused.json()["detail"]


def test_a_teacher_reads_templates_and_makes_none(ana: Person, beto: Person) -> None:
    told = make(ana).json()
    assert beto.program().get(f"{NORTE}{told['id']}/").json() == told
    assert make(beto, name="Otra").status_code == 403
