"""Makes the scans that the OCR tests read: text whose every letter is known, turned into pictures of paper."""

import math
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageFilter

from documents.blocks import ParsedBlock
from tests.documents.files import PdfPage, column, write_pdf
from tests.documents.golden import edits

Spoil: TypeAlias = Callable[[Image.Image], Image.Image]

LINES = [
    "Artículo 12. El niño que reúna más de veinticinco inasistencias",
    "injustificadas perderá la condición de alumno regular. La señora",
    "directora, según el régimen académico, podrá autorizar su",
    "reincorporación cuando la familia lo pida por escrito, dentro de",
    "los cinco días hábiles. ¿Qué ocurre después? El año siguiente",
    "empezará sin faltas: ningún pingüino sueña con campañas ajenas.",
]
TEXT = " ".join(LINES)
DPI = 200
# A small page, as tesseract takes a second of CPU for a whole one.
WIDTH, HEIGHT = 420, 200

# Two lines in a grey image of 330 × 90, which pillow_heif 1.8.1 wrote: what the product has of it can only read.
HEIC_TEXT = "La señora pidió más años para los niños"
HEIC = (
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAVBtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
    "AAAAAERAAAEAAQAAAAABdAABAAAAAAAABSgAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA0Glw"
    "cnAAAACxaXBjbwAAAHRodmNDAQQIAAAAn/gAAAAAHvAA/Pz4+AAADwNgAAEAF0ABDAH//wQIAAADAJ/4AAADAAAeugJAYQABAChCAQEECAAA"
    "AwCf+AAAAwAAHsAqIGHPPlupJKa5sCAAAAMDIAAAAwAhYgABAAdEAcFysGJAAAAAE2NvbHJuY2x4AAEADQAGgAAAABRpc3BlAAAAAAAAAUoA"
    "AABaAAAADnBpeGkAAAAAAQgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAABTBtZGF0AAAFJCgBrggoV+dtf//5h1bao6als1WLLInW2pxumT7u"
    "vb9Gzd2uCiTYNYd93QNUs8gxEAF2v8t1H79BJeqrpP0EMrvpCPdWD9hvNhtyYD/J30d0Ux3xjrzrsHaoxjqY/K2IJRqVIrLyNz0nVhJzGX6G"
    "jzwYtKT2fa/fXyNeJ2KBuBIhVEzva1knjiU7B2QeaFtESkBY//2yGTVu4sVcQhitgbXXQxNXOWxoXNMbBXa5L5nUnYxWcRvwAcfgmyXe03PD"
    "68XKDkFMqlpUUGpln1R/FovRFOgBZO9wWC2X5gxae6xDakNB6wti+dmcWJon5jIbJ3x/jhRI/WRmoCFvdqzn18AL2gxM+8DYPobZQ59JclTX"
    "PuUB9nmef4bRBQjxay8SlaSm/HG3mrQBte5yCic5nL4or1VxT5dT3wT0WelzuC9Hl8hdACfyZ31iRwEMNE+e1zf7j8DRsltpWw2rPLccaDyJ"
    "zzia9UGiQAlKRoY26wROlO+xA30EeYRXhqPJA3LgkUe38kYOb0CadPcNTISpGyj/7iooWXHJmn3phwu30trGiAUmNA53J2PEpcPnFDqU9A9/"
    "8dKDGJrOh1ckSU/BAnaX5sPXk1Hh6idDGuqOAG0zrMK2M21D2RTG2SIqb7wu3FfL9xnblybjBhI45HO4PmLvM2cEjbOKK5Pdqh7VjareMrlC"
    "sdyY/DjDpV7e5qj4SI+K0RmsEHLSdvpAAPNJ0r82PvYIFCFe9QoPDB6n30Yetdg5oRhiVoJdeSuS1Ry6B6Rxlw/WL4QvzEg6sbg6NEUK3XPD"
    "EFuArJ0ymAq+dbuIA0SY8Tdp8axZPocQ/9J1chDtatytTEFmwTxMuiUH8idkeCP610ovogJlrz0EbKvVhwiauGbfQS0L6jwFZxAEJY3RgSV+"
    "lcmwVkXKH4R/s8JFSTnlkkhBOkQR4mkuvXJfxgRmmfqwnbBuRxwUhOrftKr+mYkTcU8F9EvxN03ftzivTQElsxa7H97lQerqHUD5eN5vD203"
    "w3S7iYnd3eOw5/LBgEG1c/6GSdmJFuINdeNkt8HRDwSBbGpaoHBNeHzED1ipEbmV++55SrA38ienAc2FxslGw+Nkl+kCv/1RbJOLYt/XT/9d"
    "5FSlnl9pSfwkdDnipuP5KI/kVInVyjrT2lfYLrEScu3/g9jM5HBvbauEnZbd/VGePknGzMXQTed3PGOOFEE2fKuo1ZzgWi7gBni+g2AcBIt8"
    "hlXDWXex0utbG5DLOtyPhoTRgktvLcyYEznuUgBShEtZNoqMkWV2RrCLbiiSbshO8vXZ5uwuFOz5wRJwZeZihkNZ+6neC5e9Jsy8O2LAWDEd"
    "OqdVqK6eSewG0/+cnaEj6byA6FfWol0LWRWYTTNhuBYTSgp0wbal6IEsOPgK+X79peq9Yu/Iy+RPqEH0CLGrvFiDjMSF9itUXvGyf0TBhI+n"
    "C5Nyp8dkixH2+hgmwL7CbwxzgQ/MTNGwc/uXleiG/VERWa5dQJu8/9Dv4IXaM2FtaTojdcAjn10JlY3xAukrfsELz3lb/1Srz9G0MvqI/854"
    "iWcT8tAyix2cgbXyCggukUV8ofOPvzXGFSmnKzSeVfv3k6gB/t0WbaozOvvX+uj4Vvok0Gw3X3h36kvqVnjv8Blb9sf9ihKu2nETgZYCScMO"
    "vsz8TdUDu7LUXeFiJxeexMZkteySEg6TgMpjpjabqS3JhO4Hp9WCm9zm0/1tyyAwKFBbKdYDF/v+dCQFF99jTAXQ9HEk4EJA"
)


def require_tesseract() -> None:
    """Skip without tesseract and its Spanish, but never in CI."""
    if shutil.which("tesseract") is not None:
        return
    reason = "no tesseract on PATH: sh deploy/ci/install-packages.sh (or apt-get install tesseract-ocr-spa)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def small_page(lines: Sequence[str] = LINES, *, size: float = 11) -> PdfPage:
    """Return a page with a paragraph on it."""
    return PdfPage(
        column(lines, x=36, top=HEIGHT - 40, step=1.4 * size, size=size, font="F3"),
        width=WIDTH,
        height=HEIGHT,
    )


def picture(path: Path, page: int = 1, *, dpi: int = DPI) -> Image.Image:
    """Return a page of a PDF as a scanner sees it."""
    with pypdfium2.PdfDocument(path) as pdf:
        image: Image.Image = pdf[page - 1].render(scale=dpi / 72, grayscale=True).to_pil()
        return image.copy()


def scan(folder: Path, pages: Sequence[PdfPage], *, dpi: int = DPI) -> list[Image.Image]:
    """Return pictures of pages; their source stays as source.pdf."""
    source = write_pdf(folder / "source.pdf", pages)
    return [picture(source, number, dpi=dpi) for number in range(1, len(pages) + 1)]


def image_pdf(path: Path, images: Sequence[Image.Image], *, dpi: int = DPI) -> Path:
    """Write a PDF that has these pictures and no text."""
    first, *others = images
    first.save(path, "PDF", resolution=dpi, save_all=True, append_images=others)
    return path


def skewed(image: Image.Image, degrees: float) -> Image.Image:
    """Return a sheet that lay askew on the glass."""
    return image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)


def skew_of(degrees: float) -> Callable[[float, float], tuple[float, float]]:
    """Return where `skewed` puts a point of a small page."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def move(x: float, y: float) -> tuple[float, float]:
        across, down = x - WIDTH / 2, y - HEIGHT / 2
        return WIDTH / 2 + cos * across + sin * down, HEIGHT / 2 - sin * across + cos * down

    return move


def photocopied(image: Image.Image, *, seed: int = 1) -> Image.Image:
    """Return a copy of a copy: grey paper, soft letters, dirt."""
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), np.float32)
    dirt = np.random.default_rng(seed)
    grey = 60 + pixels * (205 - 60) / 255 + dirt.normal(0, 9, pixels.shape)
    grey[dirt.random(pixels.shape) < 0.0008] = 30
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def photographed(image: Image.Image, *, seed: int = 1) -> Image.Image:
    """Return a picture by a phone: a shadow across the sheet, a slight turn, a soft lens, noise."""
    turned = image.rotate(1.4, Image.Resampling.BICUBIC, fillcolor=250, expand=True).filter(
        ImageFilter.GaussianBlur(1.0)
    )
    pixels = np.asarray(turned, np.float32)
    down, across = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    light = 0.32 + 0.6 * (across / pixels.shape[1]) * (1 - 0.5 * down / pixels.shape[0])
    noise = np.random.default_rng(seed).normal(0, 5, pixels.shape)
    return Image.fromarray(np.clip(40 + (pixels - 20) * light * 0.9 + noise, 0, 255).astype(np.uint8))


def character_error(found: str, truth: str) -> float:
    """Return how many of the truth's characters must be changed, added or taken away, as a share of them."""
    found, truth = " ".join(found.split()), " ".join(truth.split())
    return edits(truth, found) / max(1, len(truth))


def whole_text(blocks: Sequence[ParsedBlock]) -> str:
    """Return the text of blocks, in order."""
    return " ".join(block.text for block in blocks)


def mixed_pdf(folder: Path, lines: Sequence[str]) -> Path:
    """Return a PDF of three pages: a scan, one with text of its own, a scan."""
    scanned = image_pdf(folder / "scans.pdf", scan(folder, [small_page()]))
    written = write_pdf(folder / "written.pdf", [small_page(lines)])
    path = folder / "mixto.pdf"
    with pypdfium2.PdfDocument.new() as mixed:
        for source in (scanned, written, scanned):
            with pypdfium2.PdfDocument(source) as part:
                mixed.import_pages(part, [0])
        mixed.save(path)
    return path


def true_box(source: Path, quote: str) -> tuple[float, float, float, float]:
    """Return where pdfium says that words of one line stand on the page that was scanned."""
    with pypdfium2.PdfDocument(source) as pdf:
        page = pdf[0]
        textpage = page.get_textpage()
        found = textpage.search(quote, match_case=True).get_next()
        assert found is not None
        rects = [textpage.get_charbox(index, loose=True) for index in range(found[0], found[0] + found[1])]
        height = page.get_height()
    lefts, bottoms, rights, tops = zip(*rects, strict=True)
    return min(lefts), height - max(tops), max(rights), height - min(bottoms)
