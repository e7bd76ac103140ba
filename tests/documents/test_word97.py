import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents import parsers, uploads
from documents.blocks import Kind, ParsedDocument
from documents.models import Block, Document, Status
from documents.parsers import FileKind, base, sandbox, word97
from schools.scope import school_scope
from tests.conftest import Person
from tests.documents.files import write_docx

Filling = Callable[[Any], None]
FILTERS = {FileKind.DOC: "doc:MS Word 97", FileKind.RTF: "rtf:Rich Text Format"}


@pytest.fixture(scope="session")
def converter() -> str:
    """Return the system's LibreOffice; without one skip, but never in CI."""
    if found := next(filter(None, map(shutil.which, word97.CONVERTERS)), None):
        return found
    reason = "no LibreOffice on PATH: sh deploy/ci/install-packages.sh (or apt-get install libreoffice-writer-nogui)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _acta(document: Any) -> None:
    document.add_heading("Acta de la reunión de personal", 1)
    document.add_paragraph("A los 18 días de febrero de 2026 se reúne el personal docente de la escuela.")
    document.add_heading("Temas tratados", 2)
    for item in ("Organización del año: horarios y aulas.", "Régimen de licencias.", "Plan de evacuación."):
        document.add_paragraph(item, style="List Number")
    document.add_paragraph("Sin más, se cierra la reunión a las 12:30. Ñandú, pingüino, «así».")


def _nomina(document: Any) -> None:
    document.add_heading("Nómina de docentes y cargos", 1)
    rows = [
        ("Apellido y nombre", "DNI", "Cargo", "Horas"),
        ("Gómez, Ana María", "30.123.456", "Directora", "40"),
        ("Núñez, José", "28.001.002", "Preceptor", "25"),
        ("Ibáñez, Lucía", "33.440.550", "Bibliotecaria", "20"),
    ]
    table = document.add_table(len(rows), 4, style="Table Grid")
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("Actualizada al 1 de marzo de 2026.")


def _circular(document: Any) -> None:
    document.add_heading("Circular n.º 7: salida educativa", 1)
    document.add_paragraph("Estimadas familias: el viernes 5 de junio visitamos el museo.")
    for item in ("Guardapolvo limpio", "Vianda y agua"):
        document.add_paragraph(item, style="List Bullet")
    table = document.add_table(3, 2, style="Table Grid")
    for row, cells in enumerate((("Horario", "Lugar"), ("8:15", "Salida"), ("13:00", "Regreso"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    document.add_paragraph("La autorización se devuelve firmada antes del 29 de mayo.")


GOLDENS: dict[str, tuple[Filling, list[tuple[Kind, int, str]]]] = {
    "acta": (
        _acta,
        [
            (Kind.HEADING, 1, "Acta de la reunión de personal"),
            (
                Kind.PARAGRAPH,
                0,
                "A los 18 días de febrero de 2026 se reúne el personal docente de la escuela.",
            ),
            (Kind.HEADING, 2, "Temas tratados"),
            (Kind.LIST_ITEM, 0, "1. Organización del año: horarios y aulas."),
            (Kind.LIST_ITEM, 0, "2. Régimen de licencias."),
            (Kind.LIST_ITEM, 0, "3. Plan de evacuación."),
            (Kind.PARAGRAPH, 0, "Sin más, se cierra la reunión a las 12:30. Ñandú, pingüino, «así»."),
        ],
    ),
    "nómina": (
        _nomina,
        [
            (Kind.HEADING, 1, "Nómina de docentes y cargos"),
            (
                Kind.TABLE,
                1,
                "Apellido y nombre | DNI | Cargo | Horas\nGómez, Ana María | 30.123.456 | Directora | 40\n"
                "Núñez, José | 28.001.002 | Preceptor | 25\nIbáñez, Lucía | 33.440.550 | Bibliotecaria | 20",
            ),
            (Kind.PARAGRAPH, 0, "Actualizada al 1 de marzo de 2026."),
        ],
    ),
    "circular": (
        _circular,
        [
            (Kind.HEADING, 1, "Circular n.º 7: salida educativa"),
            (Kind.PARAGRAPH, 0, "Estimadas familias: el viernes 5 de junio visitamos el museo."),
            (Kind.LIST_ITEM, 0, "• Guardapolvo limpio"),
            (Kind.LIST_ITEM, 0, "• Vianda y agua"),
            (Kind.TABLE, 1, "Horario | Lugar\n8:15 | Salida\n13:00 | Regreso"),
            (Kind.PARAGRAPH, 0, "La autorización se devuelve firmada antes del 29 de mayo."),
        ],
    ),
}


@pytest.fixture(scope="session", params=FILTERS)
def made(
    request: pytest.FixtureRequest, converter: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[FileKind, dict[str, Path]]:
    """Return the golden documents as an old word processor wrote them, all made in one run."""
    folder, kind = tmp_path_factory.mktemp(request.param), FileKind(request.param)
    sources = [write_docx(folder / f"{name}.docx", fill) for name, (fill, _) in GOLDENS.items()]
    subprocess.run(
        [converter, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
         "--convert-to", FILTERS[kind], "--outdir", str(folder), *map(str, sources)],
        check=True, capture_output=True,
    )  # fmt: skip
    return kind, {name: folder / f"{name}.{kind}" for name in GOLDENS}


@pytest.mark.parametrize("name", GOLDENS)
def test_an_old_document_says_what_it_said(
    made: tuple[FileKind, dict[str, Path]], name: str, tmp_path: Path
) -> None:
    kind, paths = made
    with paths[name].open("rb") as file:
        assert parsers.kind_of("original", file) is kind
    document = _read(paths[name], kind, tmp_path)
    assert [(block.kind, block.level, block.text) for block in document.blocks] == GOLDENS[name][1]
    assert all(block.cells for block in document.blocks if block.kind is Kind.TABLE)


def test_an_old_document_goes_the_whole_way(
    made: tuple[FileKind, dict[str, Path]], ana: Person, work_off: Callable[[], None]
) -> None:
    kind, paths = made
    file = SimpleUploadedFile(
        "circular.docx", paths["circular"].read_bytes()
    )  # by a name that is not its own
    document_id = uploads.receive(ana.member, file, facts=uploads.Facts()).document_id
    work_off()
    with school_scope(ana.school_id):
        document = Document.objects.get(pk=document_id)
        texts = list(
            Block.objects.filter(document_id=document_id).order_by("ordinal").values_list("text", flat=True)
        )
    assert (document.status, document.format, document.unreadable) == (Status.READY, kind, [])
    assert texts == [text for _, _, text in GOLDENS["circular"][1]]


def test_rtf_of_an_old_program_is_read(converter: str, tmp_path: Path) -> None:
    (tmp_path / "original").write_bytes(
        rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}\f0\fs24 Se\'f1ores padres:\par "
        rb"La reuni\'f3n es el 5\'ba d\'eda.\par {\field{\*\fldinst INCLUDEPICTURE http://127.0.0.1:9/a.png}}}"
    )
    document = word97.parse(tmp_path / "original")
    assert [block.text for block in document.blocks] == ["Señores padres:", "La reunión es el 5º día."]


def test_damage_ends_with_what_to_do(made: tuple[FileKind, dict[str, Path]], tmp_path: Path) -> None:
    kind, paths = made
    whole = paths["acta"].read_bytes()
    for tenth in (2, 7):
        (tmp_path / "original").write_bytes(whole[: len(whole) * tenth // 10])
        folder = tmp_path / str(tenth)
        folder.mkdir()
        try:
            document = _read(tmp_path / "original", kind, folder)
        except base.Unparsable as error:
            assert str(error).endswith(".")  # noqa: PT017  # either is right
        else:
            assert kind is FileKind.RTF or document.blocks


def test_without_libreoffice_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "original").write_bytes(rb"{\rtf1 hola}")
    with pytest.raises(base.Refused, match=r"LibreOffice.*\.docx") as caught:
        word97.convert(tmp_path / "original", tmp_path, search_path=str(tmp_path))
    assert caught.value.code == "converter_missing"


def test_a_conversion_that_makes_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(base.Broken, match="contraseña") as caught:
        _convert_by("exit 0", tmp_path)
    assert caught.value.code == "broken_rtf"


def test_a_conversion_that_never_ends_is_killed_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(base.ParseTimeout) as caught:
        _convert_by(f"sleep 600 & echo $! > {tmp_path}/child; wait", tmp_path, wall_s=1.0)
    assert caught.value.code == "conversion_timeout"
    child = (tmp_path / "child").read_text().strip()
    deadline = time.monotonic() + 10
    while _is_alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_converter_sees_neither_the_settings_nor_much_memory(tmp_path: Path) -> None:
    os.environ["PRECEPTOR_TEST_SECRET"] = "clave"
    try:
        with pytest.raises(base.Broken):
            _convert_by(f"env > {tmp_path}/seen; ulimit -v >> {tmp_path}/seen", tmp_path)
    finally:
        del os.environ["PRECEPTOR_TEST_SECRET"]
    seen = (tmp_path / "seen").read_text()
    assert "clave" not in seen
    assert f"http_proxy={word97.NOWHERE}" in seen
    assert str(word97.MEMORY_BYTES // 1024) in seen.splitlines()


def test_only_old_documents_are_prepared(tmp_path: Path) -> None:
    assert parsers.prepare(tmp_path / "a", FileKind.DOCX, tmp_path) == (tmp_path / "a", FileKind.DOCX)


def _read(path: Path, kind: FileKind, folder: Path) -> ParsedDocument:
    """Read as the pipeline does: converted in the worker, then parsed in its child."""
    prepared, became = parsers.prepare(path, kind, folder)
    assert became is FileKind.DOCX
    return sandbox.parse(prepared, became)


def _convert_by(script: str, folder: Path, *, wall_s: float = 30.0) -> Path:
    """Convert by a program that does only what the script says."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "soffice").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "soffice").chmod(0o755)
    (folder / "original").write_bytes(rb"{\rtf1 hola}")
    search_path = f"{programs}:{os.environ['PATH']}"
    return word97.convert(folder / "original", folder, search_path=search_path, wall_s=wall_s)


def _is_alive(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
