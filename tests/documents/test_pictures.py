import io
import os
import struct
import zlib

import pytest
from PIL import Image

from documents.blocks import Picture
from documents.parsers import pictures
from tests.documents.office_files import drawing_of, saved

PHOTO = Image.frombytes("RGB", (300, 200), os.urandom(300 * 200 * 3))


def opened(made: tuple[str, bytes] | None) -> Image.Image:
    assert made is not None
    return Image.open(io.BytesIO(made[1]))


def header_of(width: int, height: int) -> bytes:
    """Return a PNG that promises a size and holds next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size)
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )


def test_a_photograph_is_turned_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x8825] = {1: "S", 2: (34.0, 36.0, 12.0)}
    made = pictures.remake(saved(PHOTO, "JPEG", exif=exif, comment=b"de Ana"))
    image = opened(made)
    assert (image.format, image.size) == ("JPEG", (200, 300))
    assert made is not None and b"de Ana" not in made[1] and b"Exif" not in made[1]
    assert not image.getexif()


def test_a_drawing_stays_sharp_and_what_is_transparent_is_white() -> None:
    image = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (0, 0, 50, 50))
    drawn = opened(pictures.remake(saved(image, "PNG")))
    assert (drawn.format, drawn.mode) == ("PNG", "RGB")
    assert drawn.getpixel((10, 10)) == (200, 0, 0)
    assert drawn.getpixel((150, 80)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        ("L", "JPEG"), ("1", "PNG"), ("P", "GIF"), ("CMYK", "JPEG"), ("RGB", "WEBP"), ("LA", "PNG"), ("RGB", "TIFF"),
        ("RGB", "BMP"),
    ],
)  # fmt: skip
def test_every_kind_of_picture_is_made_anew(mode: str, form: str) -> None:
    made = pictures.remake(saved(PHOTO.convert(mode), form))
    assert opened(made).size == (300, 200)
    assert made is not None and made[0] in {"png", "jpg"}


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    row = struct.pack("<50H", *[0x8000] * 50) + struct.pack("<50H", *[0xFFFF] * 50)
    image = Image.frombytes("I;16", (100, 100), row * 100)
    drawn = opened(pictures.remake(saved(image, "PNG")))
    assert [drawn.getpixel((at, 5)) for at in (10, 90)] == [128, 255]


def test_of_an_animation_the_first_image_is_kept() -> None:
    frames = [Image.new("P", (64, 64), 0), Image.new("P", (64, 64), 1)]
    for frame, colour in zip(frames, ((255, 0, 0), (0, 0, 255)), strict=True):
        frame.putpalette([*colour, *colour, 0, 0, 0])
        frame.paste(2, (0, 0, 5, 5))
    drawn = opened(pictures.remake(saved(frames[0], "GIF", save_all=True, append_images=frames[1:])))
    assert drawn.convert("RGB").getpixel((40, 40)) == (255, 0, 0)
    assert getattr(drawn, "n_frames", 1) == 1


def test_a_large_picture_is_made_smaller() -> None:
    assert opened(pictures.remake(saved(PHOTO.resize((4_000, 1_000)), "JPEG"))).size == (1_600, 400)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no es una imagen",
        b"\x01\x00\x00\x00" + bytes(36) + b" EMF",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        saved(PHOTO.resize((40, 40)), "PNG"),
        saved(PHOTO.resize((900, 3)), "PNG"),
        saved(Image.new("RGB", (300, 300), "white"), "PNG"),
        saved(PHOTO, "PNG")[:5_000],
        header_of(20_000, 10_000),
        header_of(9_000, 9_000),
    ],
    ids=["empty", "text", "emf", "svg", "tiny", "line", "blank", "cut", "200 megapixels", "81 megapixels"],
)
def test_what_is_no_picture_worth_showing_is_left_out(raw: bytes) -> None:
    assert pictures.remake(raw) is None
    shelf = pictures.Shelf()
    assert shelf.add(raw) == ""
    assert shelf.pictures == ()


def test_the_shelf_keeps_the_same_picture_once_and_not_too_many() -> None:
    shelf = pictures.Shelf()
    first, second = drawing_of(), saved(PHOTO, "JPEG")
    assert [shelf.add(raw) for raw in (first, second, first)] == ["1.png", "2.jpg", "1.png"]
    assert all(isinstance(each, Picture) and each.content for each in shelf.pictures)
    for size in range(100, 100 + pictures.MAX_PICTURES):
        shelf.add(drawing_of(size=(size, 60)))
    assert len(shelf.pictures) == pictures.MAX_PICTURES
    assert shelf.add(drawing_of(size=(777, 60))) == ""
