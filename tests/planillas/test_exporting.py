"""Downloading: who may, which version, under which name, and what a person reads where it cannot be."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from planillas import approving, editing, exporting, own_files, register
from planillas.editing import Change
from planillas.exporting import Options, UnknownFormat
from planillas.models import Planilla, Row
from schools.scope import school_scope
from tests import streams
from tests.conftest import Person
from tests.planillas import made


def _rows(person: Person, planilla: Planilla, **options: Any) -> list[list[Any]]:
    with exporting.export(person.member, planilla.pk, "xlsx", **options).content as file:
        grid = openpyxl.load_workbook(file).worksheets[0]
        return [[cell.value for cell in row[:8]] for row in grid.iter_rows(min_row=2)]


def _get(client: Client, planilla: Planilla, query: str) -> Any:
    return client.get(reverse("planillas:export", args=["norte", planilla.pk]) + f"?{query}", follow=True)


def test_each_format_is_a_download_of_its_own(client: Client, ana: Person) -> None:
    planilla = made.planilla(ana, title='Nómina: "2026" / A')
    client.force_login(ana.user)
    begins = {"xlsx": b"PK\x03\x04", "ods": b"PK\x03\x04", "csv": b"\xef\xbb\xbf", "pdf": b"%PDF-"}
    assert tuple(begins) == exporting.formats(planilla)
    for fmt, begin in begins.items():
        response = _get(client, planilla, f"fmt={fmt}")
        assert isinstance(response, StreamingHttpResponse)
        content = streams.gather(response)
        assert content.startswith(begin) and len(content) == int(response["Content-Length"])
        assert f"N%C3%B3mina%202026%20A.{fmt}" in response["Content-Disposition"]
        assert response["X-Content-Type-Options"] == "nosniff" and "no-store" in response["Cache-Control"]
    said = streams.gather(_get(client, planilla, "fmt=csv&sep=coma")).decode("utf-8-sig")
    assert said.splitlines()[1].startswith('"Álvarez, Ana",44123456,03/05/2014,1.º A,8.5,Sí,12500.50')


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("fmt=docx", "Solo una planilla de una plantilla DOCX"),
        ("fmt=exe", "Formato desconocido"),
        ("fmt=csv&sep=%3B", "Separador desconocido"),
        ("version=7", "no tiene esa versión"),
        ("version=-1", "número de una versión"),
    ],
)
def test_what_cannot_be_is_told_on_its_page(client: Client, ana: Person, query: str, said: str) -> None:
    planilla = made.planilla(ana)
    client.force_login(ana.user)
    response = _get(client, planilla, query)
    assert response.redirect_chain[-1][0] == reverse("planillas:planilla", args=["norte", planilla.pk])
    assert said in response.content.decode()


def test_an_approved_version_stays_what_it_was(ana: Person, zoe: Person) -> None:
    planilla = made.planilla(ana)
    version = approving.approve(ana.member, planilla.pk).number
    with school_scope(ana.school_id):
        row = Row.objects.filter(planilla=planilla).order_by("position")[0]
    before = _rows(ana, planilla)
    told = exporting.gather(ana.member, planilla.pk)
    assert (told.version, told.approved_by) == (1, ana.user.get_full_name())
    editing.change_cells(ana.member, planilla.pk, [Change(row.pk, "alumno", "Zárate, Zoe")])
    assert (
        _rows(ana, planilla)[0][0] == "Zárate, Zoe" and exporting.gather(ana.member, planilla.pk).version == 0
    )
    assert _rows(ana, planilla, version=version) == before and before[0][0] == "Álvarez, Ana"
    kept = exporting.export(ana.member, planilla.pk, "csv", version=1)
    with kept.content as file:
        assert kept.name == "Nómina 2026 v1.csv" and "Álvarez, Ana".encode() in file.read()
    with pytest.raises(register.NoSuchPlanilla):
        exporting.export(zoe.member, planilla.pk, "xlsx")


def test_many_rows_come_in_their_order(ana: Person) -> None:
    count, columns = exporting.PIECE + 3, made.COLUMNS[:1]
    planilla = made.planilla(ana, columns, [{"alumno": f"Alumno {at}"} for at in range(count)])
    with exporting.export(ana.member, planilla.pk, "csv").content as file:
        lines = file.read().decode("utf-8-sig").splitlines()
    assert lines == [columns[0].name, *(f"Alumno {at}" for at in range(count))]


def test_a_source_that_is_gone_opens_nothing(ana: Person) -> None:
    source = made.document(ana, "Lista", made.of_rows())
    planilla = made.planilla(ana, sources=[source])
    with exporting.export(ana.member, planilla.pk, "xlsx").content as file:
        beside = openpyxl.load_workbook(file)["Fuentes"]
    assert (beside["C2"].value, str(beside["J2"].value).count(str(source.pk))) == ("Lista", 1)
    with school_scope(ana.school_id):
        source.delete()
    with exporting.export(ana.member, planilla.pk, "xlsx").content as file:
        beside = openpyxl.load_workbook(file)["Fuentes"]
    assert (beside["C2"].value, beside["J2"].value) == ("Lista (eliminado)", None)


def test_a_template_of_the_schools_own_is_filled_as_it_stands(ana: Person) -> None:
    book, held = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(["Escuela Norte"])
    sheet.append([each.name for each in made.COLUMNS[:2]])
    book.save(held)
    known = own_files.recognise(held.getvalue(), "modelo.xlsx")
    planilla = made.planilla(
        ana, known.columns, [{known.columns[0].key: "Álvarez, Ana", known.columns[1].key: "44123456"}],
        format="xlsx", layout=known.layout,
    )  # fmt: skip
    default_storage.save(planilla.template_key, ContentFile(known.content))
    own = _rows(ana, planilla)
    assert own[0][0] == made.COLUMNS[0].name and own[1][:2] == ["Álvarez, Ana", "44123456"]
    ours = _rows(ana, planilla, options=Options(is_own=False))
    assert ours[0][:2] == ["Álvarez, Ana", "44123456"]
    with pytest.raises(UnknownFormat):
        exporting.export(ana.member, planilla.pk, "docx")
