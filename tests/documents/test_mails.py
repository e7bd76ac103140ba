import base64
import random
from email.message import EmailMessage
from pathlib import Path

import pytest

from documents.blocks import Kind, ParsedDocument
from documents.parsers import FileKind, base, eml, enclosed, sandbox
from tests.documents import mail_files
from tests.documents.mail_files import TIMETABLE, TIMETABLE_ROWS, kinds, letter, write_eml

HEAD = (
    Kind.TABLE,
    0,
    "De | Secretaría Norte <secretaria@norte.example>\n"
    "Para | Familias de 5.º B <familias5b@norte.example>, Beto Núñez <beto@norte.example>\n"
    "Fecha | 12 de marzo de 2026, 10:15 (UTC−3)\n"
    "Asunto | Salida educativa al museo",
)
TITLE = (Kind.HEADING, 1, "Salida educativa al museo")


def names(document: ParsedDocument) -> list[str]:
    return [each.name for each in document.attachments]


def test_a_letter_has_its_subject_its_head_its_body_and_its_files(tmp_path: Path) -> None:
    written = letter(
        plain="Estimadas familias:\n\nEl viernes 20 visitamos el museo. Salimos a las 8:30 y volvemos a las\n"
        "12:00, con la vianda de cada estudiante.\n\n- Autorización firmada\n- Botella de agua\n\n"
        "-- \nMarta Ibáñez\nSecretaria\n",
        files=[("Autorización de salida.pdf", b"%PDF-1.4 autorizaci\xf3n")],
    )
    document = eml.parse(write_eml(tmp_path / "a.eml", written))
    assert document.title == "Salida educativa al museo"
    assert document.pages is None
    assert kinds(document) == [
        TITLE,
        HEAD,
        (Kind.PARAGRAPH, 0, "Estimadas familias:"),
        (
            Kind.PARAGRAPH,
            0,
            "El viernes 20 visitamos el museo. Salimos a las 8:30 y volvemos a las 12:00, con la vianda de cada "
            "estudiante.",
        ),
        (Kind.LIST_ITEM, 0, "- Autorización firmada"),
        (Kind.LIST_ITEM, 0, "- Botella de agua"),
        (Kind.PARAGRAPH, 0, "Marta Ibáñez"),
        (Kind.PARAGRAPH, 0, "Secretaria"),
        (Kind.HEADING, 2, "Archivos adjuntos"),
        (Kind.LIST_ITEM, 0, "• Autorización de salida.pdf (21 bytes)"),
    ]
    assert [(each.name, each.content) for each in document.attachments] == [
        ("Autorización de salida.pdf", b"%PDF-1.4 autorizaci\xf3n")
    ]


@pytest.mark.parametrize(
    "tail",
    [
        "El mié, 11 mar 2026 a las 9:00, Beto Núñez (<beto@norte.example>)\nescribió:\n\n> ¿A qué hora salimos?\n"
        ">> Falta eso.",
        "-----Mensaje original-----\nDe: Beto\nAsunto: Salida\n\n¿A qué hora salimos?\n\nFalta eso.",
        "De: Beto Núñez\nEnviado el: miércoles 11\nPara: Secretaría\nAsunto: Salida\n\n¿A qué hora salimos?\n\n"
        "Falta eso.",
    ],
)
def test_what_a_plain_letter_quotes_is_told_apart(tmp_path: Path, tail: str) -> None:
    document = eml.parse(write_eml(tmp_path / "a.eml", letter(plain=f"Salimos a las 8:30.\n\n{tail}\n")))
    after = kinds(document)[2:]
    assert after[0] == (Kind.PARAGRAPH, 0, "Salimos a las 8:30.")
    assert {kind for kind, _, _ in after[1:]} == {Kind.QUOTE}
    assert [text for _, _, text in after[-2:]] == ["¿A qué hora salimos?", "Falta eso."]


@pytest.mark.parametrize(
    "tail",
    [
        '<div class="gmail_quote"><div>El lun, Beto escribió:</div><blockquote>¿Y la vianda?</blockquote></div>',
        '<hr><div id="divRplyFwdMsg"><b>De:</b> Beto</div><div>¿Y la vianda?</div>',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>De:</b> Beto<br><b>Asunto:</b> Salida</p></div>'
        "<p>¿Y la vianda?</p>",
    ],
)
def test_what_a_page_quotes_is_told_apart(tmp_path: Path, tail: str) -> None:
    page = f"<html><body><p>La lleva cada uno.</p>{tail}</body></html>"
    document = eml.parse(write_eml(tmp_path / "a.eml", letter(page=page)))
    after = kinds(document)[2:]
    assert after[0] == (Kind.PARAGRAPH, 0, "La lleva cada uno.")
    assert {kind for kind, _, _ in after[1:]} == {Kind.QUOTE}
    assert after[-1][2] == "¿Y la vianda?"


def test_the_page_is_read_where_the_plain_text_is_a_stub_or_cannot_show_a_table(tmp_path: Path) -> None:
    stub = letter(
        plain="Ver este mensaje en HTML.", page="<p>" + "Se posterga la reunión de personal. " * 5 + "</p>"
    )
    assert "posterga" in kinds(eml.parse(write_eml(tmp_path / "a.eml", stub)))[2][2]
    table = letter(
        plain="Nuevo horario:\n\nDía Mañana Tarde Lunes Música Plástica Ajedrez Huerta\n", page=TIMETABLE
    )
    document = eml.parse(write_eml(tmp_path / "b.eml", table))
    assert kinds(document)[2:] == [
        (Kind.PARAGRAPH, 0, "Nuevo horario:"),
        (
            Kind.TABLE,
            2,
            TIMETABLE_ROWS,
        ),
        (Kind.PARAGRAPH, 0, "Gracias."),
    ]
    full = letter(plain="Se posterga la reunión.", page="<p>Se <b>posterga</b> la reunión.</p>")
    assert kinds(eml.parse(write_eml(tmp_path / "c.eml", full)))[2:] == [
        (Kind.PARAGRAPH, 0, "Se posterga la reunión.")
    ]


@pytest.mark.parametrize(
    ("charset", "encoding", "said"),
    [
        ("utf-8", "quoted-printable", "utf-8"),
        ("cp1252", "base64", "iso-8859-1"),
        ("utf-8", "8bit", "iso-8859-1"),
        ("cp1252", "8bit", "us-ascii"),
        ("utf-8", "base64", "x-unknown"),
        ("utf-16", "base64", "utf-16"),
    ],
)
def test_letters_are_read_whatever_they_claim(tmp_path: Path, charset: str, encoding: str, said: str) -> None:
    words = "Mañana habrá reunión: «quórum» y €."
    raw = words.encode(charset)
    coded = {
        "base64": base64.encodebytes(raw),
        "8bit": raw,
        "quoted-printable": b"".join(b"=%02X" % byte if byte > 126 else bytes([byte]) for byte in raw),
    }[encoding]
    head = (
        "From: =?iso-8859-1?Q?Mar=EDa_P=E9rez?= <m@norte.example>\r\nSubject: =?utf-8?B?UmV1bmnDs24=?=\r\n"
        " =?utf-8?Q?_ma=C3=B1ana?=\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset={said}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    document = eml.parse(write_eml(tmp_path / "a.eml", head.encode() + coded))
    assert document.title == "Reunión mañana"
    assert kinds(document)[1][2].startswith("De | María Pérez <m@norte.example>")
    assert kinds(document)[2] == (Kind.PARAGRAPH, 0, words)


def test_headers_that_were_not_encoded_are_read_as_spanish(tmp_path: Path) -> None:
    raw = "From: Señora Núñez <n@norte.example>\nSubject: Año lectivo\nDate: ayer\n\nHola.\n".encode("cp1252")
    document = eml.parse(write_eml(tmp_path / "a.eml", raw))
    assert kinds(document)[:2] == [
        (Kind.HEADING, 1, "Año lectivo"),
        (Kind.TABLE, 0, "De | Señora Núñez <n@norte.example>\nAsunto | Año lectivo"),
    ]


def test_soft_line_breaks_are_taken_out(tmp_path: Path) -> None:
    raw = (
        b"From: a@norte.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8; format=flowed\n\n"
        b"La reuni\xc3\xb3n \nes el lunes.\n> \xc2\xbfA qu\xc3\xa9 \n> hora?\n"
    )
    assert kinds(eml.parse(write_eml(tmp_path / "a.eml", raw)))[2:] == [
        (Kind.PARAGRAPH, 0, "La reunión es el lunes."),
        (Kind.QUOTE, 0, "¿A qué hora?"),
    ]


def test_a_letter_inside_a_letter_is_a_file_and_the_same_each_time(tmp_path: Path) -> None:
    inner = letter(
        subject="Re: Autorización / 5.º B", plain="Va firmada.", files=[("firma.pdf", b"%PDF-1.4")]
    )
    path = write_eml(tmp_path / "a.eml", letter(plain="Reenvío.", letters=[inner]))
    document = eml.parse(path)
    assert names(document) == ["Re: Autorización - 5.º B.eml"]
    assert eml.parse(path).attachments == document.attachments
    inside = eml.parse(write_eml(tmp_path / "b.eml", document.attachments[0].content))
    assert kinds(inside)[2] == (Kind.PARAGRAPH, 0, "Va firmada.")
    assert names(inside) == ["firma.pdf"]


def test_pictures_in_the_text_are_shown_and_only_large_ones_are_files_too(tmp_path: Path) -> None:
    noise = random.Random(5).randbytes(eml.PAGE_OF_PAPER_BYTES)
    written = letter(
        plain="Ver la nota.",
        page="<p>Ver la nota.</p><img src='cid:nota' alt='Nota de la inspección'><img src='cid:papel'>"
        "<img src='https://otro.example/espia.png' alt='espía'>",
        inline={"nota": mail_files.picture(), "papel": noise},
    )
    document = eml.parse(write_eml(tmp_path / "a.eml", written))
    shown = [block for block in document.blocks if block.kind is Kind.PICTURE]
    assert [(block.text, block.picture) for block in shown] == [("Nota de la inspección", "1.png")]
    assert [each.name for each in document.pictures] == ["1.png"]
    assert names(document) == ["papel.png"]


def test_signatures_of_programs_are_no_files_and_a_locked_body_is_told(tmp_path: Path) -> None:
    signed = letter(plain="Firmado.")
    signed.add_attachment(b"0\x80", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    assert names(eml.parse(write_eml(tmp_path / "a.eml", signed))) == []
    locked = EmailMessage()
    locked["From"], locked["Subject"] = "a@norte.example", "Legajo"
    locked.set_content(b"0\x80", "application", "pkcs7-mime", params={"smime-type": "enveloped-data"})
    document = eml.parse(write_eml(tmp_path / "b.eml", locked))
    assert [(part.place, part.code) for part in document.unreadable] == [(None, "password")]
    assert document.title == "Legajo"


def test_more_files_than_a_letter_may_have_are_told(tmp_path: Path) -> None:
    many = [(f"nota {number}.txt", b"hola %d" % number) for number in range(enclosed.MAX_FILES_OF_A_MAIL + 4)]
    document = eml.parse(write_eml(tmp_path / "a.eml", letter(plain="Van.", files=many)))
    assert len(document.attachments) == enclosed.MAX_FILES_OF_A_MAIL
    (told,) = document.unreadable
    assert "«nota 100.txt», «nota 101.txt», «nota 102.txt» y 1 más" in told.reason


def test_letters_one_in_the_other_without_end_are_stopped(tmp_path: Path) -> None:
    deep = b"From: a@b\nContent-Type: multipart/mixed; boundary=x\n\n" + b"".join(
        b"--x\nContent-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (level, level)
        for level in range(2_000)
    )
    nested = b"From: a@b\nContent-Type: message/rfc822\n\n" * 2_000 + b"hola"
    for name, raw in (("a.eml", deep), ("b.eml", nested)):
        with pytest.raises(base.Broken) as caught:
            sandbox.parse(write_eml(tmp_path / name, raw), FileKind.EML)
        assert caught.value.code == "nested_too_deep"


def test_headers_without_end_are_not_taken_apart(tmp_path: Path) -> None:
    raw = b"From: a@b.example\nSubject: x\nContent-Type: text/plain; " + b'a=";' * 300_000 + b"\n\nhola"
    with pytest.raises(base.Broken) as caught:
        eml.parse(write_eml(tmp_path / "a.eml", raw))
    assert caught.value.code == "broken_mail"
    many = b"From: a@b.example\nTo: " + b"(<a@b>," * 300_000 + b"\nSubject: x\n\nhola"
    document = eml.parse(write_eml(tmp_path / "b.eml", many))
    assert kinds(document)[2] == (Kind.PARAGRAPH, 0, "hola")
    assert len(kinds(document)[1][2]) < 5_000


def test_damaged_letters_end_with_a_reason_or_with_what_is_left(tmp_path: Path) -> None:
    written = letter(
        plain="Uno", page=TIMETABLE, files=[("a.pdf", b"%PDF-1.4" * 400)], letters=[letter(plain="Dos")]
    )
    mail_files.check_damaged(write_eml(tmp_path / "a.eml", written), FileKind.EML)
