import base64
from pathlib import Path

import pytest

from documents.blocks import Kind
from documents.parsers import FileKind, html, mhtml
from tests.documents import mail_files
from tests.documents.mail_files import TIMETABLE, TIMETABLE_ROWS, kinds, write_eml, write_mhtml


def test_a_saved_page_has_its_words_and_its_pictures(tmp_path: Path) -> None:
    page = (
        "<html><head><title>Calendario escolar 2026</title></head><body><nav>Inicio</nav><h1>Calendario</h1>"
        "<p>Las clases empiezan el 2 de <b>marzo</b>.<img src='../img/escudo.png' alt='Escudo'></p>"
        "<ol><li>Receso de invierno</li><li>Mesas de examen</li></ol><img src='https://otro.example/x.png'></body></html>"
    )
    path = write_mhtml(
        tmp_path / "a.mhtml",
        page,
        parts={"https://norte.example/img/escudo.png": mail_files.picture()},
        address="https://norte.example/padres/calendario.html",
    )
    document = mhtml.parse(path)
    assert document.title == "Calendario escolar 2026"
    assert kinds(document) == [
        (Kind.HEADING, 1, "Calendario"),
        (Kind.PARAGRAPH, 0, "Las clases empiezan el 2 de marzo."),
        (Kind.PICTURE, 0, "Escudo"),
        (Kind.LIST_ITEM, 0, "1. Receso de invierno"),
        (Kind.LIST_ITEM, 0, "2. Mesas de examen"),
    ]
    assert document.attachments == ()


def test_a_saved_page_with_a_table_over_rows_and_columns(tmp_path: Path) -> None:
    document = mhtml.parse(write_mhtml(tmp_path / "a.mht", TIMETABLE, address="https://norte.example/h"))
    assert kinds(document)[1] == (
        Kind.TABLE,
        2,
        TIMETABLE_ROWS,
    )


def test_a_page_saved_by_an_old_browser_names_its_parts_by_content_id(tmp_path: Path) -> None:
    picture = base64.encodebytes(mail_files.picture())
    raw = (
        b"From: <Saved by Windows Internet Explorer 8>\nSubject: Circular\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="b"; start="<dos>"\n\n--b\n'
        b"Content-Type: text/html\nContent-ID: <uno>\n\n<p>Marco</p>\n--b\n"
        b"Content-Type: text/html; charset=windows-1252\nContent-ID: <dos>\n"
        b"Content-Transfer-Encoding: quoted-printable\n\n"
        b'<h1>Circular N=BA 7</h1><p>Ma=F1ana no hay clases.</p><img src=3D"cid:foto" alt=3DPatio>\n--b\n'
        b"Content-Type: image/png\nContent-ID: <foto>\nContent-Transfer-Encoding: base64\n\n"
        + picture
        + b"--b--\n"
    )
    document = mhtml.parse(write_eml(tmp_path / "a.mht", raw))
    assert kinds(document) == [
        (Kind.HEADING, 1, "Circular Nº 7"),
        (Kind.PARAGRAPH, 0, "Mañana no hay clases."),
        (Kind.PICTURE, 0, "Patio"),
    ]


def test_a_page_keeps_only_the_pictures_that_are_written_into_it(tmp_path: Path) -> None:
    data = base64.b64encode(mail_files.picture()).decode()
    (tmp_path / "a.html").write_text(
        f"<html><body><p>Plano:</p><img alt='Plano de evacuación' src='data:image/png;base64,{data}'>"
        "<img src='data:image/svg+xml,<svg/>'><img src='file:///etc/passwd'><img src='data:image/png;base64,###'>"
    )
    document = html.parse(tmp_path / "a.html")
    assert kinds(document) == [(Kind.PARAGRAPH, 0, "Plano:"), (Kind.PICTURE, 0, "Plano de evacuación")]
    assert len(document.pictures) == 1


@pytest.mark.parametrize(
    ("table", "read"),
    [
        ("<tr><td rowspan=9>A<td>1<tr><td>2<tr><td>3", "A | 1\nA | 2\nA | 3"),
        ("<tr><td>1<td rowspan=2>A<td>x<tr><td>2<td>y", "1 | A | x\n2 | A | y"),
        ("<tr><td>1<td>2<td rowspan=3 colspan=2>A<tr><td>3<tr><td>4<td>5", "1 | 2 | A\n3 |  | A\n4 | 5 | A"),
        ("<tr><td rowspan=0 colspan=-4>A<td colspan='x'>B<tr><td>C<td>D", "A | B\nC | D"),
        ("<tr><td rowspan=3>A<td>1<tr><td> <tr><td>2", "A | 1\nA | 2"),
    ],
)
def test_cells_over_rows_and_columns(tmp_path: Path, table: str, read: str) -> None:
    (tmp_path / "a.html").write_text(f"<html><body><table>{table}</table></body></html>")
    assert [text for _, _, text in kinds(html.parse(tmp_path / "a.html"))] == [read]


def test_a_table_that_only_arranges_a_page_is_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<table role='presentation'><tr><td>Hola<td>a todos</table><table><tr><td>Uno<tr><td>Dos</table>"
    )
    assert kinds(html.parse(tmp_path / "a.html")) == [
        (Kind.PARAGRAPH, 0, "Hola"),
        (Kind.PARAGRAPH, 0, "a todos"),
        (Kind.PARAGRAPH, 0, "Uno"),
        (Kind.PARAGRAPH, 0, "Dos"),
    ]


def test_damaged_pages_end_with_a_reason_or_with_what_is_left(tmp_path: Path) -> None:
    parts = {"https://norte.example/b.png": mail_files.picture()}
    path = write_mhtml(tmp_path / "a.mhtml", TIMETABLE, parts=parts, address="https://norte.example/")
    mail_files.check_damaged(path, FileKind.MHTML)
