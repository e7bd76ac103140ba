"""Planillas through the API: filled from a table, read cell by cell with their sources, corrected, approved."""

from collections.abc import Callable
from typing import Any

import pytest

from planillas.models import Planilla, Row
from schools.ids import new_id
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made
from tests.programs import send

NORTE = "/api/v1/schools/norte/"
COLUMNS = [
    {"name": "Apellido y nombre", "is_key": True},
    {"name": "DNI", "kind": "identity"},
    {"name": "Teléfono", "kind": "phone"},
]
STATES = {"found", "edited", "no_evidence", "stale", "invalid"}
CONTRACT = {"row", "column", "value", "status", "sources", "confidence"}


def fetch(person: Person, planilla_id: Any, query: str = "") -> Any:
    got = person.program().get(f"{NORTE}planillas/{planilla_id}/{query}")
    assert got.status_code == 200, got.content
    return got.json()


def _first(person: Person, planilla: Planilla) -> Any:
    with school_scope(person.school_id):
        return Row.objects.filter(planilla=planilla).values_list("pk", flat=True)[0]


def test_a_program_fills_a_planilla_from_a_table(
    ana: Person, zoe: Person, work_off: Callable[[], None]
) -> None:
    source = made.document(ana, "Nómina", made.of_rows())
    program = ana.program()
    template = program.post(
        NORTE + "planilla-templates/",
        {"name": "Alumnos", "columns": COLUMNS},
        format="json",
    ).json()
    body = {"template_id": template["id"], "documents": [str(source.pk)]}
    begun = program.post(NORTE + "planillas/", body, format="json", headers={"Idempotency-Key": "k"})
    assert begun.status_code == 201, begun.content
    assert (
        program.post(NORTE + "planillas/", body, format="json", headers={"Idempotency-Key": "k"}).json()
        == begun.json()
    )
    assert (begun.json()["state"], begun.json()["title"]) == ("filling", "Alumnos")
    run = f"{NORTE}runs/{begun.json()['run_id']}/"
    assert (program.get(run).json()["state"], zoe.program().get(run).status_code) == ("queued", 404)
    work_off()
    assert program.get(run).json()["state"] == "done"
    told = fetch(ana, begun.json()["id"])
    assert (told["state"], told["progress"], len(told["rows"])) == ("review", 1.0, len(made.ROWS))
    cells = {(each["row"], each["column"]): each for each in told["cells"]}
    assert len(cells) == 3 * len(told["rows"])
    assert all(set(each) >= CONTRACT and each["status"] in STATES for each in told["cells"])
    first = cells[told["rows"][0], "dni"]
    assert (first["value"], first["status"]) == ("44123456", "found")
    assert first["sources"] == [
        {
            "document_id": str(source.pk),
            "place": {"kind": "sheet", "sheet": "Nómina", "rows": [2, 2]},
            "quote": "44123456",
        }
    ]
    none = cells[told["rows"][0], "telefono"]
    assert (none["value"], none["status"], none["sources"]) == (None, "no_evidence", [])


def test_a_filling_is_stopped_by_whoever_began_it(ana: Person, beto: Person) -> None:
    source = made.document(ana, "Nómina", made.of_rows())
    program = ana.program()
    template = program.post(
        NORTE + "planilla-templates/", {"name": "A", "columns": COLUMNS}, format="json"
    ).json()
    body = {"template_id": template["id"], "documents": [str(source.pk)]}
    begun = program.post(NORTE + "planillas/", body, format="json").json()
    path = f"{NORTE}runs/{begun['run_id']}/cancel"
    assert beto.program().post(path).status_code == 403
    assert program.post(path).json()["state"] == "cancelled"
    stopped = fetch(ana, begun["id"])
    assert (stopped["state"], stopped["error"]["code"]) == ("failed", "cancelled")


def test_cells_that_ask_for_a_person_are_invalid_until_they_are_settled(ana: Person) -> None:
    source = made.document(ana, "Nómina", made.of_rows())
    said = [(value, made.evidence(source, line, value)) for line, value in ((2, "44123456"), (3, "44123457"))]
    rows = [*made.ROWS, {"alumno": "Ruiz, Eva", "dni": made.conflict(*said)}]
    planilla = made.planilla(ana, rows=rows, sources=[source])
    told = fetch(ana, planilla.pk)
    disputed = next(each for each in told["cells"] if each["candidates"])
    assert (disputed["value"], disputed["status"], len(disputed["candidates"])) == (None, "invalid", 2)
    chosen = {"row": disputed["row"], "column": disputed["column"], "choose": 1}
    program, path = ana.program(), f"{NORTE}planillas/{planilla.pk}/"
    refused = send(program, "POST", path + "approve", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_ready")
    changed = send(program, "PATCH", path + "cells/", {"cells": [chosen], "rev": told["rev"]})
    assert changed.status_code == 200, changed.content
    (cell,) = changed.json()["cells"]
    assert (cell["value"], cell["status"]) == (disputed["candidates"][1]["value"], "edited")
    approved = send(program, "POST", path + "approve", {"note": "Revisada en secretaría", "knowingly": True})
    assert (approved.status_code, approved.json()["number"]) == (201, 1)
    assert [each["number"] for each in program.get(path + "versions/").json()] == [1]
    assert fetch(ana, planilla.pk)["state"] == "approved"


def test_all_cells_are_written_or_none(ana: Person) -> None:
    planilla = made.planilla(ana)
    told = fetch(ana, planilla.pk)
    row = told["rows"][0]
    program, path = ana.program(), f"{NORTE}planillas/{planilla.pk}/cells/"
    good = {"row": row, "column": "promedio", "value": "7,50"}
    refused = send(
        program, "PATCH", path, {"cells": [good, {"row": row, "column": "nacimiento", "value": "31/02/2014"}]}
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_value")
    assert refused.json()["cells"][0]["column"] == "nacimiento"
    assert fetch(ana, planilla.pk)["cells"] == told["cells"]
    written = send(program, "PATCH", path, {"cells": [good], "rev": told["rev"]}).json()
    assert (written["cells"][0]["value"], written["cells"][0]["status"]) == (7.5, "edited")
    # Somebody who read it before that writes something else: nothing of the other's is lost.
    late = send(program, "PATCH", path, {"cells": [{**good, "value": "9"}], "rev": told["rev"]})
    assert (late.status_code, late.json()["code"]) == (409, "planilla_changed")


@pytest.mark.parametrize("named", ["another planilla", "another school", "no such row", "no such column"])
def test_a_cell_that_is_not_there_is_not_written(ana: Person, zoe: Person, named: str) -> None:
    """Also when one that is hers stands before it: each is looked at, not the first."""
    one, other, far = made.planilla(ana), made.planilla(ana, title="Otra"), made.planilla(zoe)
    mine, its, theirs = _first(ana, one), _first(ana, other), _first(zoe, far)
    row = {"another planilla": its, "another school": theirs, "no such row": new_id()}.get(named, mine)
    column = "ninguna" if named == "no such column" else "alumno"
    written = [{"row": str(mine), "column": "alumno", "value": "Nadie"}]
    body = {"cells": [*written, {"row": str(row), "column": column, "value": "Nadie"}]}
    refused = send(ana.program(), "PATCH", f"{NORTE}planillas/{one.pk}/cells/", body)
    assert refused.status_code in (400, 404) and refused.json()["code"] in ("not_found", "no_such_column")
    for planilla in (one, other):
        assert "Nadie" not in {str(each["value"]) for each in fetch(ana, planilla.pk)["cells"]}
    with school_scope(zoe.school_id):
        assert Row.objects.filter(planilla=far, edited__gt=0).count() == 0


def test_rows_come_in_pages_are_added_and_taken_away(ana: Person) -> None:
    planilla = made.planilla(ana)
    whole = fetch(ana, planilla.pk)
    seen: list[str] = []
    query = "?limit=2"
    while True:
        page = fetch(ana, planilla.pk, query)
        seen += page["rows"]
        assert {each["row"] for each in page["cells"]} == set(page["rows"])
        if page["next"] is None:
            break
        query = "?" + page["next"].partition("?")[2]
    assert seen == whole["rows"]
    program, path = ana.program(), f"{NORTE}planillas/{planilla.pk}/rows/"
    (added,) = send(program, "POST", path, {"after": seen[0]}).json()["rows"]
    assert fetch(ana, planilla.pk)["rows"] == [seen[0], added, *seen[1:]]
    assert program.delete(f"{path}{added}/").status_code == 204
    assert fetch(ana, planilla.pk)["rows"] == seen


def test_planillas_are_found_by_title_and_state_and_deleted(ana: Person, beto: Person) -> None:
    one, other = made.planilla(ana, title="Nómina de 5.º B"), made.planilla(ana, title="Inventario")
    program = ana.program()
    found = program.get(NORTE + "planillas/", {"q": "nomina"}).json()["results"]
    assert [each["id"] for each in found] == [str(one.pk)]
    assert found[0]["counts"]["rows"] == len(made.ROWS)
    assert program.get(NORTE + "planillas/", {"state": "approved"}).json()["results"] == []
    # Another teacher reads it, and does not take it away.
    assert beto.program().delete(f"{NORTE}planillas/{other.pk}/").status_code == 403
    assert program.delete(f"{NORTE}planillas/{other.pk}/").status_code == 204
    assert program.get(f"{NORTE}planillas/{other.pk}/").status_code == 404
    with school_scope(ana.school_id):
        assert Planilla.objects.filter(deleted_at=None).count() == 1
