"""Templates that carry what runs, fetches or hides: cleaned with a word about it, or refused with one."""

import io
import re
from collections.abc import Callable
from typing import Any

import docx
import pytest

from planillas import own_files
from planillas.own_files import marks
from tests.planillas import hostile_own
from tests.planillas.hostile_own import BOOK_TYPE, ENTITY, EVIL
from tests.planillas.own import parts, read_back, repacked, sheet
from tests.planillas.test_own_docx import agreements
from tests.planillas.test_own_ods import goods, inventory
from tests.planillas.test_own_xlsx import plain_book

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BINARY_TYPE = b"application/vnd.ms-excel.sheet.binary.macroEnabled.main"
HIDDEN = b'<!-- <!DOCTYPE x SYSTEM "x"> -->' + ENTITY
LOCKED = b"<manifest:encryption-data/></manifest:manifest>"


@pytest.mark.parametrize(
    ("make", "rows", "words"),
    [
        (hostile_own.book, [{"nombre": "Ana", "nota": 7}] * 5,
         ["macros", "OLE", "ActiveX", "otros libros", "conexiones", "enlaces a archivos", "fórmulas que leen"]),
        (hostile_own.document, agreements(5),
         ["macros", "OLE", "documentos incrustados", "otra plantilla", "campos", "correspondencia"]),
        (hostile_own.ods, goods(5), ["macros", "vínculos", "fórmulas que leen", "imágenes", "enlaces"]),
    ],
)  # fmt: skip
def test_what_runs_or_reaches_elsewhere_is_taken_out_and_told(
    make: Callable[[], bytes], rows: list[dict[str, Any]], words: list[str]
) -> None:
    content = make()
    assert any(EVIL.encode() in data for data in parts(content).values())
    seen = own_files.recognise(content, "plantilla.xlsm")
    told = " ".join(seen.told)
    assert [word for word in words if word not in told] == []
    filled = own_files.fill(seen.content, seen.layout, sheet(seen.columns, rows))
    for made in (seen.content, filled):
        assert [name for name, data in parts(made).items() if EVIL.encode() in data or EVIL in name] == []
        assert not any("vba" in name.lower() or "activex" in name.lower() for name in parts(made))
        assert b"macroEnabled" not in parts(made).get("[Content_Types].xml", b"")
    if seen.format == "xlsx":
        book = read_back(filled)
        row = next(row for row in book.active.iter_rows() if str(row[-1].value).startswith("=SUM"))
        assert [each.value for each in row][:7] == [
            0,
            1,
            2,
            3,
            4,
            5,
            6,
        ]  # the last values of what was taken out
        assert "dentro" in book.defined_names and "fuera" not in book.defined_names
        assert b"https://ministerio.example/" in parts(filled)["xl/worksheets/_rels/sheet1.xml.rels"]
    if seen.format == "docx":
        texts = [each.text for each in docx.Document(io.BytesIO(filled)).paragraphs]
        assert texts.count("resultado") == 4 and "simple" in texts and "enlace" in texts
        assert b"PAGE" in parts(filled)["word/document.xml"]


def wide(data: bytes) -> bytes:
    """Return a part in another encoding, in whose bytes no name stands as it is written."""
    bare = data.decode().partition("?>")[2] if data.startswith(b"<?xml") else data.decode()
    return f'<?xml version="1.0" encoding="UTF-16"?>{bare}'.encode("utf-16")


def test_another_encoding_hides_nothing() -> None:
    content = hostile_own.book()
    names = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml")
    seen = own_files.recognise(
        repacked(content, {name: wide(parts(content)[name]) for name in names}), "x.xlsx"
    )
    assert [name for name, data in parts(seen.content).items() if EVIL.encode() in data] == []
    assert not any("evil.example".encode("utf-16-le") in data for data in parts(seen.content).values())
    assert "fórmulas que leen" in " ".join(seen.told)


def test_a_mark_that_is_mostly_spaces_takes_no_time() -> None:
    assert marks.names("{{" + " " * 1_000_000 + "x") == []
    assert marks.names("{{ nombre y apellido }} {{\nDNI }}") == ["nombre y apellido", "DNI"]


def changed(name: str, change: Callable[[bytes], bytes], content: bytes | None = None) -> Callable[[], bytes]:
    """Return what makes a file one of whose parts is changed."""

    def make() -> bytes:
        was = content or plain_book([["Nombre", "Nota"]])
        return repacked(was, {name: change(parts(was).get(name, b""))})

    return make


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (hostile_own.bomb, "template_too_big"),
        (lambda: b"PK" + b"x" * own_files.MAX_BYTES, "template_too_big"),
        (hostile_own.twice, "broken_file"),
        (changed("../../etc/x", lambda _: b"x"), "broken_file"),
        (changed("xl/workbook.xml", lambda data: ENTITY + data), "broken_file"),
        (changed("xl/workbook.xml", lambda data: HIDDEN + data), "broken_file"),
        (changed("xl/workbook.xml", lambda data: data[:-20]), "broken_file"),
        (changed("xl/drawings/v.vml", lambda _: ENTITY), "broken_file"),
        (lambda: plain_book([["a", "b"]])[:-200], "broken_file"),
        (changed("_rels/.rels", lambda data: data.replace(b'/officeDocument"', b'/otra"')), "broken_file"),
        (changed("[Content_Types].xml", lambda data: data.replace(BOOK_TYPE.encode(), BINARY_TYPE)), "unknown_format"),
        (changed("[Content_Types].xml", lambda data: data.replace(b"worksheet+x", b"macrosheet+x")), "macro_sheets"),
        (lambda: OLD + b"\0" * 600, "old_format"),
        (lambda: OLD + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (changed("META-INF/manifest.xml", lambda data: data.replace(b"</manifest:manifest>", LOCKED), inventory()),
         "encrypted"),
        (changed("mimetype", lambda _: b"application/vnd.oasis.opendocument.text", inventory()), "unknown_format"),
        (lambda: b"Nombre,Nota\n", "unknown_format"),
        (lambda: b"%PDF-1.7", "unknown_format"),
        (lambda: plain_book([]), "nothing_to_fill"),
    ],
)  # fmt: skip
def test_what_cannot_be_cleaned_is_refused_in_spanish(make: Callable[[], bytes], code: str) -> None:
    with pytest.raises(own_files.NotFillable) as told:
        own_files.recognise(make(), "plantilla.xlsx")
    assert told.value.code == code
    assert re.fullmatch(r"[A-ZÁÉÍÓÚ«].{20,}\.", told.value.detail)


def test_the_name_does_not_say_what_a_file_is() -> None:
    seen = own_files.recognise(inventory(), "../../planilla.xlsx")
    assert (seen.format, seen.filename) == ("ods", "planilla.ods")


@pytest.mark.parametrize(
    "layout", [{}, {"format": "xlsx"}, {"format": "exe"}, {"table": {"part": "xl/styles.xml"}}]
)
def test_a_layout_of_another_file_is_refused(layout: dict[str, Any]) -> None:
    seen = own_files.recognise(plain_book([["Nombre", "Nota"]]), "x.xlsx")
    if "table" in layout:
        layout = seen.layout | {"table": seen.layout["table"] | layout["table"]}
    with pytest.raises(own_files.NotFillable):
        own_files.fill(seen.content, layout, sheet(seen.columns, []))
