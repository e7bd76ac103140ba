from datetime import datetime, timezone
from pathlib import Path

import pytest

from documents.blocks import Kind
from documents.parsers import FileKind, eml, msg
from documents.parsers.compressed_rtf import BadRtf, decompress
from tests.documents import mail_files
from tests.documents.mail_files import (
    TIMETABLE,
    TIMETABLE_ROWS,
    OutlookFile,
    OutlookLetter,
    Person,
    kinds,
    write_eml,
    write_msg,
)


def test_an_outlook_letter_is_read_like_any_other(tmp_path: Path) -> None:
    outlook = OutlookLetter(
        "Reunión de personal",
        Person("Ana Pérez", "ana@norte.example"),
        [Person("Beto Núñez", "beto@norte.example"), Person("Zoe", "zoe@norte.example", kind=2)],
        datetime(2026, 3, 12, 13, 15, tzinfo=timezone.utc),  # noqa: UP017
        plain="Hola a todos:\r\n\r\nNos reunimos el lunes 16 a las 18 en la biblioteca.\r\n\r\nAna\r\n",
        files=[
            OutlookFile("Orden del día.docx", b"PK" + b"x" * 9_000),
            OutlookFile("lista.csv", "Nombre;Curso\nIñaki;5.º".encode()),
        ],
    )
    document = msg.parse(write_msg(tmp_path / "a.msg", outlook))
    assert document.title == "Reunión de personal"
    assert kinds(document) == [
        (Kind.HEADING, 1, "Reunión de personal"),
        (
            Kind.TABLE,
            0,
            "De | Ana Pérez <ana@norte.example>\nPara | Beto Núñez <beto@norte.example>\n"
            "Con copia | Zoe <zoe@norte.example>\nFecha | 12 de marzo de 2026, 13:15 (UTC)\n"
            "Asunto | Reunión de personal",
        ),
        (Kind.PARAGRAPH, 0, "Hola a todos:"),
        (Kind.PARAGRAPH, 0, "Nos reunimos el lunes 16 a las 18 en la biblioteca."),
        (Kind.PARAGRAPH, 0, "Ana"),
        (Kind.HEADING, 2, "Archivos adjuntos"),
        (Kind.LIST_ITEM, 0, "• Orden del día.docx (9 kB)"),
        (Kind.LIST_ITEM, 0, "• lista.csv (24 bytes)"),
    ]
    assert document.attachments[0].content == b"PK" + b"x" * 9_000
    assert document.attachments[1].content == "Nombre;Curso\nIñaki;5.º".encode()


def test_an_old_outlook_letter_with_a_page_and_headers(tmp_path: Path) -> None:
    outlook = OutlookLetter(
        "Horario nuevo",
        Person("Dirección", "/O=ESCUELA/CN=DIR"),
        headers="From: =?utf-8?Q?Direcci=C3=B3n?= <dir@norte.example>\r\nTo: docentes@norte.example\r\n"
        "Date: Fri, 13 Mar 2026 08:00:00 -0300\r\n\r\n",
        plain="Nuevo horario: año 2026",
        page=TIMETABLE.encode("cp1252"),
        page_code=1252,
        is_narrow=True,
    )
    document = msg.parse(write_msg(tmp_path / "a.msg", outlook))
    assert kinds(document)[1][2] == (
        "De | Dirección <dir@norte.example>\nPara | docentes@norte.example\n"
        "Fecha | 13 de marzo de 2026, 08:00 (UTC−3)\nAsunto | Horario nuevo"
    )
    assert kinds(document)[3] == (
        Kind.TABLE,
        2,
        TIMETABLE_ROWS,
    )


def test_an_outlook_letter_inside_another_becomes_a_letter_of_its_own(tmp_path: Path) -> None:
    inner = OutlookLetter(
        "Acta N.º 4",
        Person("Beto Núñez", "beto@norte.example"),
        [Person("Ana Pérez", "ana@norte.example")],
        datetime(2026, 2, 1, 12, tzinfo=timezone.utc),  # noqa: UP017
        plain="Va el acta.",
        page=b"<p>Va el <b>acta</b>.</p><img src='cid:sello'>",
        files=[
            OutlookFile("Acta año 2026.pdf", b"%PDF-1.4 acta"),
            OutlookFile("sello.png", mail_files.picture(), cid="sello", media_type="image/png"),
        ],
    )
    outer = OutlookLetter(
        "Reenvío", Person("Ana", "ana@norte.example"), plain="Reenvío el acta.", letters=[inner]
    )
    path = write_msg(tmp_path / "a.msg", outer)
    document = msg.parse(path)
    assert [each.name for each in document.attachments] == ["Acta N.º 4.eml"]
    assert msg.parse(path).attachments == document.attachments
    inside = eml.parse(write_eml(tmp_path / "b.eml", document.attachments[0].content))
    assert kinds(inside)[0] == (Kind.HEADING, 1, "Acta N.º 4")
    assert kinds(inside)[1][2].startswith("De | Beto Núñez <beto@norte.example>\nPara | Ana Pérez")
    assert kinds(inside)[2] == (Kind.PARAGRAPH, 0, "Va el acta.")
    assert [each.name for each in inside.attachments] == ["Acta año 2026.pdf"]
    assert [each.name for each in inside.pictures] == ["1.png"]


def test_a_body_that_is_only_rtf_comes_as_a_file(tmp_path: Path) -> None:
    # The example of MS-OXRTFCP 4.1.1.
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    rtf = b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompress(packed) == rtf
    with pytest.raises(BadRtf):
        decompress(b"LZFu")
    outlook = OutlookLetter("Nota", Person("Ana", "ana@norte.example"), rtf=packed)
    document = msg.parse(write_msg(tmp_path / "a.msg", outlook))
    assert [(each.name, each.content) for each in document.attachments] == [("cuerpo-del-correo.rtf", rtf)]


def test_damaged_letters_end_with_a_reason_or_with_what_is_left(tmp_path: Path) -> None:
    files = [OutlookFile("c.pdf", b"c" * 5_000)]
    inner = OutlookLetter("b", Person("B", "b@b.example"), plain="dos", files=files)
    path = write_msg(
        tmp_path / "a.msg", OutlookLetter("a", Person("A", "a@a.example"), plain="uno", letters=[inner])
    )
    mail_files.check_damaged(path, FileKind.MSG)
