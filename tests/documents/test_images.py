"""Photographs and scans of paper: each is a page that browsers show upright, and OCR reads it."""

import base64
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from documents import library, uploads
from documents.blocks import ParsedDocument
from documents.models import Document, Status
from documents.parsers import FileKind, base, sandbox
from documents.places import Page, locate
from schools.scope import school_scope
from tests.conftest import Person
from tests.documents import scan_files
from tests.documents.scan_files import (
    DPI,
    HEIC,
    HEIC_TEXT,
    HEIGHT,
    TEXT,
    WIDTH,
    character_error,
    scan,
    small_page,
    true_box,
    whole_text,
)  # fmt: skip


def parse(path: Path) -> ParsedDocument:
    return sandbox.parse(path, FileKind.IMAGE)


def sizes(document: ParsedDocument) -> list[tuple[int, int]]:
    """Return how large the pages of the copy are, in points."""
    with pypdfium2.PdfDocument(document.copy) as pdf:
        return [(round(page.get_width()), round(page.get_height())) for page in pdf]


def is_dark(document: ParsedDocument, x: float, y: float) -> bool:
    """Say whether the first page of the copy is dark at a place, as shares of its width and height."""
    with pypdfium2.PdfDocument(document.copy) as pdf:
        pixels = np.asarray(pdf[0].render(grayscale=True).to_pil())
    return bool(pixels[int(y * pixels.shape[0]), int(x * pixels.shape[1])] < 100)


@pytest.fixture
def corner() -> Image.Image:
    """Return a landscape whose upper left corner is black."""
    image = Image.new("RGB", (600, 400), "white")
    image.paste("black", (0, 0, 100, 100))
    return image


def test_a_photograph_is_a_page_to_be_read(tmp_path: Path, corner: Image.Image) -> None:
    corner.save(tmp_path / "a.jpg")
    document = parse(tmp_path / "a.jpg")
    assert document.blocks == ()
    assert document.pages == 1
    assert [(part.place, part.code) for part in document.unreadable] == [(Page(1), "no_text")]
    # Without a size of its own that paper could have, it is as large as a sheet of A4 holds it.
    assert sizes(document) == [(842, 561)]
    assert is_dark(document, 0.05, 0.05)


@pytest.mark.parametrize("kind", ["png", "tiff", "webp", "bmp", "gif"])
def test_every_kind_of_image_has_its_real_size(tmp_path: Path, corner: Image.Image, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    corner.save(path, dpi=(200, 200))
    document = parse(path)
    knows_size = kind in ("png", "tiff", "bmp")
    assert sizes(document) == [(216, 144) if knows_size else (842, 561)]
    assert is_dark(document, 0.05, 0.05)
    assert not is_dark(document, 0.5, 0.5)


def test_the_camera_says_how_it_was_held(tmp_path: Path, corner: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90° clockwise
    corner.rotate(90, expand=True).save(tmp_path / "a.jpg", exif=exif, quality=95)
    document = parse(tmp_path / "a.jpg")
    assert sizes(document) == [(842, 561)]
    assert is_dark(document, 0.05, 0.05)


def test_what_is_transparent_is_paper(tmp_path: Path) -> None:
    image = Image.new("RGBA", (600, 400), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 100, 100))
    image.save(tmp_path / "a.png")
    document = parse(tmp_path / "a.png")
    assert is_dark(document, 0.05, 0.05)
    assert not is_dark(document, 0.5, 0.5)


def test_images_of_many_greys_and_of_two_keep_what_they_show(tmp_path: Path) -> None:
    deep = np.full((400, 600), 60_000, np.uint16)
    deep[:100, :100] = 1_000
    Image.fromarray(deep).save(tmp_path / "deep.png")
    assert is_dark(parse(tmp_path / "deep.png"), 0.05, 0.05)
    assert not is_dark(parse(tmp_path / "deep.png"), 0.5, 0.5)
    Image.fromarray(deep > 30_000).save(tmp_path / "two.tif", compression="group4", dpi=(200, 200))
    assert is_dark(parse(tmp_path / "two.tif"), 0.05, 0.05)


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [("a.png", (16_000, 12_500), "too_many_pixels"), ("a.jpg", (16_000, 12_500), None)],
)
def test_an_image_of_200_megapixels_ends_in_seconds(
    tmp_path: Path, name: str, size: tuple[int, int], code: str | None
) -> None:
    path = tmp_path / name
    Image.new("1" if path.suffix == ".png" else "L", size, 1).save(path)
    began_at = time.monotonic()
    if code is None:
        assert len(parse(path).copy) < 10 * base.MIB
    else:
        with pytest.raises(base.ParseTooBig) as caught:
            parse(path)
        assert caught.value.code == code
    assert time.monotonic() - began_at < 60


def test_a_damaged_image_says_so(tmp_path: Path, corner: Image.Image) -> None:
    corner.save(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    for share in range(1, 10):
        (tmp_path / "b.png").write_bytes(whole[: len(whole) * share // 10])
        with pytest.raises(base.Broken):
            parse(tmp_path / "b.png")
    (tmp_path / "c.jpg").write_bytes(b"\xff\xd8\xff" + b"nada" * 200)
    with pytest.raises(base.Broken):
        parse(tmp_path / "c.jpg")


def receive(person: Person, path: Path) -> Document:
    """Upload an image as a person; return its document."""
    file = SimpleUploadedFile(path.name, path.read_bytes())
    received = uploads.receive(person.member, file, facts=uploads.Facts())
    return library.get(person.member, received.document_id).document


def test_the_sheets_of_a_tiff_are_read_in_order(
    ana: Person, work_off: Callable[[], None], tmp_path: Path
) -> None:
    scan_files.require_tesseract()
    texts = [
        ["El primer folio habla de la inscripción", "de los niños en el mes de noviembre."],
        ["El segundo folio trata de la mañana y", "de la tarde, con sus dos recreos largos."],
        ["El tercer folio enseña cómo se firma", "la libreta de calificaciones del año."],
    ]
    first, *others = scan(tmp_path, [small_page(lines) for lines in texts])
    first.save(tmp_path / "acta.tif", save_all=True, append_images=others, dpi=(DPI, DPI))
    document = receive(ana, tmp_path / "acta.tif")
    work_off()
    document = library.get(ana.member, document.pk).document
    assert (document.status, document.pages, document.unreadable) == (Status.READY, 3, [])
    blocks = [block.parsed() for block in library.blocks(ana.member, document.pk)]
    for page, lines in enumerate(texts, start=1):
        found = [block for block in blocks if isinstance(block.place, Page) and block.place.page == page]
        assert character_error(whole_text(found), " ".join(lines)) <= 0.03


def test_a_photograph_upside_down_is_shown_and_marked_upright(
    ana: Person, work_off: Callable[[], None], tmp_path: Path
) -> None:
    scan_files.require_tesseract()
    [image] = scan(tmp_path, [small_page()])
    image.rotate(180).save(tmp_path / "foto.png", dpi=(DPI, DPI))
    document = receive(ana, tmp_path / "foto.png")
    work_off()
    document = library.get(ana.member, document.pk).document
    assert document.status == Status.READY
    assert document.has_copy
    with default_storage.open(document.copy_key, "rb") as copy, pypdfium2.PdfDocument(copy.read()) as pdf:
        assert pdf[0].get_rotation() == 180
        assert (round(pdf[0].get_width()), round(pdf[0].get_height())) == (WIDTH, HEIGHT)
    rows = library.blocks(ana.member, document.pk)
    assert character_error(whole_text([row.parsed() for row in rows]), TEXT) <= 0.03
    # The words stand where they do on the page that was photographed.
    quote = "según el régimen académico"
    [row] = [row for row in rows if quote in row.text]
    start = row.text.index(quote)
    with school_scope(ana.school_id):
        row.refresh_from_db(fields=["words"])
    block = row.parsed()
    place = locate(block.place, words=block.words, text=block.text, start=start, end=start + len(quote))
    assert isinstance(place, Page)
    [box] = place.boxes
    true = true_box(tmp_path / "source.pdf", quote)
    assert all(abs(one - other) <= 4.0 for one, other in zip(box, true, strict=True))
    # Processed once more, it is turned once more, and not twice.
    library.retry(ana.member, document.pk)
    work_off()
    with default_storage.open(document.copy_key, "rb") as copy, pypdfium2.PdfDocument(copy.read()) as pdf:
        assert pdf[0].get_rotation() == 180


def test_a_photograph_of_a_phone_of_that_maker_is_read(
    ana: Person, work_off: Callable[[], None], tmp_path: Path
) -> None:
    scan_files.require_tesseract()
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(base64.b64decode(HEIC))
    document = receive(ana, path)
    work_off()
    document = library.get(ana.member, document.pk).document
    assert document.status == Status.READY
    rows = library.blocks(ana.member, document.pk)
    assert character_error(whole_text([row.parsed() for row in rows]), HEIC_TEXT) <= 0.03
