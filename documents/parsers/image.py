"""Photographs and scans of paper (JPEG, PNG, TIFF, HEIC…): each becomes a page of a PDF, for the viewer and for OCR."""

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path

import pi_heif
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from documents.blocks import ParsedDocument, Unreadable
from documents.parsers.base import MIB, Broken, ParseTooBig, Progress, ignore_progress
from documents.parsers.image_pdf import ImagePage, write
from documents.places import Page

MAX_PIXELS = 120_000_000  # of one image that must be decoded whole; a sheet of A3 at 600 dpi has 70
MAX_JPEG_PIXELS = 250_000_000  # a JPEG is decoded at a part of its size
KEPT_PIXELS = 18_000_000  # a sheet of A3 at 300 dpi
MAX_PAGES = 500
MAX_COPY_BYTES = 256 * MIB
# What a phone or a scanner says of its own size is believed when the sheet would be of a size that paper has.
SHEET_INCHES = (1.5, 34.0)
MIN_DPI = 90.0
A4_POINTS = (595.3, 841.9)

_FORMATS = ("JPEG", "PNG", "TIFF", "HEIF", "WEBP", "BMP", "GIF")
_SCANNED = "TIFF"  # the one of them whose images are pages; those of the others are a thumbnail, a movement

Image.init()  # before the child is made, in which a reader that is missing would be looked for
pi_heif.register_heif_opener(thumbnails=False, decode_threads=1)  # the reader may start no thread


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return the pages of an image, none of them read yet, with a PDF that shows them."""
    pages: list[ImagePage] = []
    with _open(path) as image:
        total = getattr(image, "n_frames", 1) if image.format == _SCANNED else 1
        if total > MAX_PAGES:
            raise ParseTooBig(
                f"La imagen tiene {total} páginas y el máximo es {MAX_PAGES}. Conviene dividirla.",
                code="too_many_pages",
            )
        for number, frame in enumerate(_frames(image, total), start=1):
            pages.append(_page(frame))
            if sum(len(page.content) for page in pages) > MAX_COPY_BYTES:
                raise ParseTooBig("Las páginas de la imagen son demasiado grandes. Conviene dividirla.")
            progress(number, total)
    unread = tuple(
        Unreadable(
            Page(number), f"La página {number} es una imagen: su texto solo se puede leer con OCR.", "no_text"
        )
        for number in range(1, len(pages) + 1)
    )
    return ParsedDocument((), None, len(pages), unread, copy=write(pages))


@contextlib.contextmanager
def _open(path: Path) -> Iterator[Image.Image]:
    """Give the image, its size checked before a pixel of it is decoded."""
    Image.MAX_IMAGE_PIXELS = None  # ours are below, and say what to do
    try:
        with warnings.catch_warnings(), Image.open(path, formats=_FORMATS) as image:
            warnings.simplefilter("ignore")  # of odd metadata, which nobody reads
            _check_size(image)
            yield image
    except UnidentifiedImageError as error:
        raise Broken("La imagen está dañada y no se puede abrir.", code="broken_image") from error
    # Damaged files find every one of these in the decoders.
    except (
        OSError,
        SyntaxError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        EOFError,
        RuntimeError,
    ) as error:
        raise Broken("La imagen está dañada o incompleta.", code="broken_image") from error


def _check_size(image: Image.Image) -> None:
    pixels = image.width * image.height
    most = MAX_JPEG_PIXELS if image.format in ("JPEG", "MPO") else MAX_PIXELS
    if pixels > most:
        raise ParseTooBig(
            f"La imagen tiene {pixels // 1_000_000} millones de píxeles y el máximo es {most // 1_000_000}. "
            "Conviene guardarla con menos resolución.",
            code="too_many_pixels",
        )


def _frames(image: Image.Image, total: int) -> Iterator[Image.Image]:
    if total == 1:
        yield image
        return
    for frame in ImageSequence.Iterator(image):
        _check_size(frame)
        yield frame


def _page(frame: Image.Image) -> ImagePage:
    """Return one image upright, of a bounded size, in grey or colours, on its sheet."""
    full = frame.size
    dpi = _dpi(frame)
    if frame.width * frame.height > KEPT_PIXELS:
        scale = (KEPT_PIXELS / (frame.width * frame.height)) ** 0.5
        frame.draft(None, (int(frame.width * scale), int(frame.height * scale)))
    upright = ImageOps.exif_transpose(frame)
    if (upright.width > upright.height) != (full[0] > full[1]):
        full = full[1], full[0]
        dpi = (dpi[1], dpi[0]) if dpi else None
    flat = _flat(upright)
    if flat.width * flat.height > KEPT_PIXELS:
        scale = (KEPT_PIXELS / (flat.width * flat.height)) ** 0.5
        flat = flat.resize((int(flat.width * scale), int(flat.height * scale)), Image.Resampling.BOX)
    width, height = _sheet(full, dpi)
    return ImagePage.of(flat, width=width, height=height)


def _flat(image: Image.Image) -> Image.Image:
    """Return the image in black and white, grey, or colours: what is transparent is white paper."""
    if image.mode in ("1", "L"):
        return image
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        over = image.convert("RGBA")
        paper = Image.new("RGB", image.size, "white")
        paper.paste(over, mask=over.getchannel("A"))
        return paper
    if image.mode in ("I", "F", "I;16", "I;16B", "I;16L"):
        return _stretch(image)
    return image.convert("RGB")


def _stretch(image: Image.Image) -> Image.Image:
    """Return an image of more than 256 greys in 256."""
    low, high = image.getextrema()
    assert isinstance(low, int | float) and isinstance(high, int | float)
    scale = 255.0 / (high - low) if high > low else 0.0
    return image.convert("F").point(lambda value: value * scale - low * scale).convert("L")


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    """Return the dots per inch that an image claims, when they make a sheet of a size that paper has."""
    try:
        across, down = (float(each) for each in image.info.get("dpi", ()))
        inches = image.width / across, image.height / down
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    low, high = SHEET_INCHES
    is_likely = min(across, down) >= MIN_DPI and all(low <= side <= high for side in inches)
    return (across, down) if is_likely else None


def _sheet(size: tuple[int, int], dpi: tuple[float, float] | None) -> tuple[float, float]:
    """Return the page's width and height in points: its real size when known, else as large as A4 holds it."""
    width, height = size
    if dpi is not None:
        return width / dpi[0] * 72, height / dpi[1] * 72
    short, long = A4_POINTS
    room = (short, long) if height >= width else (long, short)
    scale = min(room[0] / width, room[1] / height)
    return max(1.0, width * scale), max(1.0, height * scale)
