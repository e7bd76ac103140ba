"""A page as a scanner gives it: an image of the print, slightly turned and grey, without any text."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pypdfium2
from PIL import Image

DPI = 150
TURN_DEGREES = 0.6
PAPER, INK = 236, 40  # grey levels of a copier's paper and toner
JPEG_QUALITY = 42


def scan(printed: Path, *, to: Path, day: date) -> None:
    """Write the pages of a PDF as a PDF of images alone."""
    document = pypdfium2.PdfDocument(printed)
    try:
        pages = [
            _scanned(document[number].render(scale=DPI / 72).to_pil()) for number in range(len(document))
        ]
    finally:
        document.close()
    first, *rest = pages
    first.save(
        to,
        "PDF",
        resolution=DPI,
        quality=JPEG_QUALITY,
        save_all=True,
        append_images=rest,
        creationDate=day.timetuple(),
        modDate=day.timetuple(),
    )


def _scanned(page: Image.Image) -> Image.Image:
    grey = page.convert("L").point(lambda level: INK + level * (PAPER - INK) // 255)
    turned = grey.rotate(TURN_DEGREES, resample=Image.Resampling.BICUBIC, fillcolor=PAPER)
    jpeg = io.BytesIO()
    turned.save(jpeg, "JPEG", quality=JPEG_QUALITY)
    return Image.open(jpeg)
