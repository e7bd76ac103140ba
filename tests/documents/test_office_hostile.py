"""Office files made to hurt: each ends with a reason that a person can read, and nothing but its child suffers."""

import io
import os
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from documents.blocks import Kind, ParsedDocument
from documents.parsers import FileKind, base, sandbox
from documents.places import Slide
from tests.documents.files import rewrite_zip
from tests.documents.office_files import drawing_of, para, write_docx_of, write_odf, write_pptx
from tests.documents.test_pictures import header_of

LIMITS = sandbox.Limits(wall_s=60, cpu_s=40)
MAIN = {
    FileKind.DOCX: "word/document.xml",
    FileKind.PPTX: "ppt/presentation.xml",
    FileKind.ODT: "content.xml",
    FileKind.ODP: "content.xml",
}
KINDS = pytest.mark.parametrize("kind", MAIN)
_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "jajajajaja"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><x>&d;&d;&d;</x>'
)
_THIEF = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'


def plain(path: Path, kind: FileKind) -> Path:
    """Write a harmless file of a kind, with a picture in it."""
    path.write_bytes(_plain_bytes(kind))
    return path


@cache
def _plain_bytes(kind: FileKind) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return _write_plain(Path(folder) / "plain", kind).read_bytes()


def _write_plain(path: Path, kind: FileKind) -> Path:
    if kind is FileKind.DOCX:
        return write_docx_of(
            path,
            "".join(para(f"Artículo {n}.º Del alumno.") for n in range(1, 60)),
            {"word/media/a.png": drawing_of()},
        )
    if kind is FileKind.PPTX:

        def fill(deck: Any) -> None:
            for number in range(3):
                slide = deck.slides.add_slide(deck.slide_layouts[5])
                slide.shapes.title.text = f"Tema {number}"
                slide.shapes.add_picture(io.BytesIO(drawing_of()), 0, 0)

        return write_pptx(path, fill)
    body = "".join(f"<text:p>Artículo {n}.º Del alumno.</text:p>" for n in range(1, 60))
    if kind is FileKind.ODP:
        shape = f"<draw:frame><draw:text-box>{body}</draw:text-box></draw:frame>"
        return write_odf(
            path, "presentation", f"<draw:page>{shape}</draw:page>", files={"Pictures/a.png": drawing_of()}
        )
    return write_odf(path, "text", body, files={"Pictures/a.png": drawing_of()})


def refusal(path: Path, kind: FileKind) -> base.Unparsable:
    """Return why a file was refused, which must be told in Spanish and not be a crash."""
    with pytest.raises(base.Unparsable) as caught:
        sandbox.parse(path, kind, limits=LIMITS)
    assert not isinstance(caught.value, base.ParseCrashed), caught.value.__notes__
    assert any(word in str(caught.value) for word in ("archivo", "documento", "presentación"))
    return caught.value


def outcome(path: Path, kind: FileKind) -> ParsedDocument | base.Unparsable:
    """Return what came of a file, which may be anything but a crash."""
    try:
        return sandbox.parse(path, kind, limits=LIMITS)
    except base.ParseCrashed as error:
        pytest.fail(f"{path.name}: {error.__notes__}")
    except base.Unparsable as error:
        return error


@KINDS
def test_a_harmless_one_is_read(tmp_path: Path, kind: FileKind) -> None:
    assert sandbox.parse(plain(tmp_path / "a", kind), kind, limits=LIMITS).blocks


@KINDS
def test_cut_at_every_tenth(tmp_path: Path, kind: FileKind) -> None:
    whole = plain(tmp_path / "a", kind).read_bytes()
    for tenth in range(10):
        path = tmp_path / f"cut{tenth}"
        path.write_bytes(whole[: len(whole) * tenth // 10])
        assert isinstance(refusal(path, kind), base.Broken)


@KINDS
def test_bits_turned_over(tmp_path: Path, kind: FileKind) -> None:
    whole = plain(tmp_path / "a", kind).read_bytes()
    for at in range(30):
        data = bytearray(whole)
        for place in range(at * 7 + 40, len(data), 997):
            data[place] ^= 1 << (at % 8)
        path = tmp_path / f"turned{at}"
        path.write_bytes(data)
        assert isinstance(outcome(path, kind), ParsedDocument | base.Unparsable)


@KINDS
@pytest.mark.parametrize("evil", [_BOMB, _THIEF], ids=["bomb", "thief"])
def test_entities(tmp_path: Path, kind: FileKind, evil: bytes) -> None:
    assert isinstance(
        refusal(rewrite_zip(plain(tmp_path / "a", kind), {MAIN[kind]: evil}), kind), base.Broken
    )


# All of them by night: each is read in a child of its own.
_SENSELESS = (
    (None, b"", b"<x/>", b"\x00\xff" * 99) if os.environ.get("PRECEPTOR_TEST_LONG") else (None, b"<x/>")
)


@KINDS
def test_each_part_missing_or_senseless(tmp_path: Path, kind: FileKind) -> None:
    whole = plain(tmp_path / "whole", kind).read_bytes()
    with zipfile.ZipFile(tmp_path / "whole") as archive:
        names = [name for name in archive.namelist() if "slideLayout" not in name and "theme" not in name]
    for name in names:
        for content in _SENSELESS:
            path = tmp_path / "changed"
            path.write_bytes(whole)
            came = outcome(rewrite_zip(path, {name: content}), kind)
            assert isinstance(came, ParsedDocument) or str(came), (name, content)
    path.write_bytes(whole)
    assert isinstance(refusal(rewrite_zip(path, {MAIN[kind]: None}), kind), base.Broken)


@KINDS
def test_a_part_that_unpacks_without_end(tmp_path: Path, kind: FileKind) -> None:
    path = rewrite_zip(plain(tmp_path / "a", kind), {MAIN[kind]: b"<x>" + b" " * (80 * base.MIB) + b"</x>"})
    assert refusal(path, kind).code == "zip_bomb"


@KINDS
def test_an_archive_in_the_place_of_a_part(tmp_path: Path, kind: FileKind) -> None:
    inner = plain(tmp_path / "inner", kind).read_bytes()
    assert isinstance(
        refusal(rewrite_zip(plain(tmp_path / "a", kind), {MAIN[kind]: inner}), kind), base.Broken
    )


def nested(opening: str, closing: str, times: int) -> str:
    return opening * times + closing * times


NESTS = {
    "docx tables": ("<w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc>", "</w:tc></w:tr></w:tbl>"),
    "docx boxes": ("<w:p><w:r><w:pict><w:txbxContent>", "</w:txbxContent></w:pict></w:r></w:p>"),
    "odt tables": (
        "<table:table><table:table-row><table:table-cell/><table:table-cell>",
        "</table:table-cell></table:table-row></table:table>",
    ),
    "odt lists": ("<text:list><text:list-item>", "</text:list-item></text:list>"),
    "odt spans": ("<text:p><text:span>", "</text:span></text:p>"),
    "odp groups": ("<draw:g>", "</draw:g>"),
}


def write_docx_raw(path: Path, body: str) -> Path:
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{name}"><w:body>{body}</w:body></w:document>'
        )
    return path


@pytest.mark.parametrize("times", [40, 80, 5_000])
@pytest.mark.parametrize("name", NESTS)
def test_parts_in_parts_in_parts(tmp_path: Path, name: str, times: int) -> None:
    opening, closing = NESTS[name]
    kind, body = FileKind(name[: name.index(" ")]), nested(opening, closing, times)
    if kind is FileKind.DOCX:
        path = write_docx_raw(tmp_path / "a", body)
    elif kind is FileKind.ODP:
        path = write_odf(tmp_path / "a", "presentation", f"<draw:page>{body}</draw:page>")
    else:
        path = write_odf(tmp_path / "a", "text", body)
    came = outcome(path, kind)
    if isinstance(came, ParsedDocument):
        assert not came.blocks
    else:
        assert came.code in {"nested_too_deep", "broken_xml"}


def test_ten_thousand_slides(tmp_path: Path) -> None:
    def fill(deck: Any) -> None:
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Una"
        listed = deck.slides._sldIdLst
        for _ in range(10_000):
            listed.append(listed[0].__copy__())

    path = write_pptx(tmp_path / "a.pptx", fill)
    assert refusal(path, FileKind.PPTX).code == "too_many_slides"
    path = write_odf(tmp_path / "a.odp", "presentation", "<draw:page/>" * 10_000)
    assert refusal(path, FileKind.ODP).code == "too_many_slides"


def test_a_picture_of_two_hundred_megapixels_is_left_out(tmp_path: Path) -> None:
    frame = '<text:p>Plano<draw:frame><draw:image xlink:href="Pictures/a.png"/></draw:frame></text:p>'
    path = write_odf(tmp_path / "a.odt", "text", frame, files={"Pictures/a.png": header_of(20_000, 10_000)})
    document = sandbox.parse(path, FileKind.ODT, limits=LIMITS)
    assert [(block.kind, block.text) for block in document.blocks] == [(Kind.PARAGRAPH, "Plano")]
    assert document.pictures == ()


def test_a_document_that_is_only_pictures_says_so(tmp_path: Path) -> None:
    def fill(deck: Any) -> None:
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Con título"
        deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_picture(io.BytesIO(drawing_of()), 0, 0)

    document = sandbox.parse(write_pptx(tmp_path / "a.pptx", fill), FileKind.PPTX, limits=LIMITS)
    (told,) = document.unreadable
    assert (told.place, told.code) == (Slide(2), "only_pictures")
    assert "PDF" in told.reason
    frame = '<draw:frame svg:x="1cm" svg:y="1cm"><draw:image xlink:href="Pictures/a.png"/></draw:frame>'
    files = {"Pictures/a.png": drawing_of()}
    path = write_odf(tmp_path / "a.odp", "presentation", f"<draw:page>{frame}</draw:page>", files=files)
    assert [part.place for part in sandbox.parse(path, FileKind.ODP, limits=LIMITS).unreadable] == [Slide(1)]
    path = write_odf(tmp_path / "a.odt", "text", f"<text:p>{frame}</text:p>", files=files)
    document = sandbox.parse(path, FileKind.ODT, limits=LIMITS)
    assert [(part.place, part.code) for part in document.unreadable] == [(None, "only_pictures")]
    assert [block.kind for block in document.blocks] == [Kind.PICTURE]


def test_a_picture_that_is_a_bomb_costs_only_itself(tmp_path: Path) -> None:
    frame = '<text:p>Plano<draw:frame><draw:image xlink:href="Pictures/a.bmp"/></draw:frame></text:p>'
    path = write_odf(
        tmp_path / "a.odt", "text", frame, files={"Pictures/a.bmp": b"BM" + bytes(100 * base.MIB)}
    )
    document = sandbox.parse(path, FileKind.ODT, limits=LIMITS)
    assert [block.text for block in document.blocks] == ["Plano"]


def test_addresses_outside_the_file_are_not_followed(tmp_path: Path) -> None:
    hrefs = (
        "../../../../etc/passwd",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://127.0.0.1/a.png",
        "Pictures/../..",
    )
    frames = "".join(f'<draw:frame><draw:image xlink:href="{href}"/></draw:frame>' for href in hrefs)
    document = sandbox.parse(
        write_odf(tmp_path / "a.odt", "text", f"<text:p>Plano{frames}</text:p>"), FileKind.ODT, limits=LIMITS
    )
    assert ([block.text for block in document.blocks], document.pictures) == (["Plano"], ())
