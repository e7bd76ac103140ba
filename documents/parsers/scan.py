"""A page of a PDF as a clean grey image for OCR, and the way back from the image to the page as it is shown.

Runs in a confined child: `photograph` opens the file and ends as bytes, which `Scan.of` reads in the parent.
"""

import io
import math
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pypdfium2

from documents.parsers import scan_clean
from documents.parsers.base import Broken
from documents.places import Box

DPI = 240.0  # measured (bench ocr): as good as 300 on small print, less noise, a third less time
MIN_DPI = 72.0
MAX_PIXELS = 20_000_000  # a sheet of A3 at 240 dpi has 11
BLANK_SHARE = 0.000_05  # of the pixels: less ink is dust

Affine: TypeAlias = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f: a pixel's x, y stands at a·x + b·y + c, d·x + e·y + f on the page as shown, in points."""

_HEADER = struct.Struct("<3I9d?")


class NotAScan(ValueError):
    """Bytes that `photograph` never wrote."""

    code = "bad_answer"


@dataclass(frozen=True, slots=True)
class Scan:
    """A page as OCR is given it. `turn`: how far the page as shown must be turned to be upright, degrees clockwise."""

    width: int  # pixels
    height: int
    dpi: float
    way: Affine
    page_width: float  # points, as shown
    page_height: float
    rotation: int  # that the page has in its file
    is_blank: bool
    pixels: bytes  # grey, a byte each, row by row
    turn: int = 0

    @classmethod
    def of(cls, told: bytes) -> "Scan":
        """Return what `photograph` wrote; raise NotAScan for anything else."""
        try:
            width, height, rotation, dpi, *way, page_width, page_height, is_blank = _HEADER.unpack_from(told)
        except struct.error as error:
            raise NotAScan("not a scan") from error
        pixels = told[_HEADER.size :]
        numbers = (dpi, *way, page_width, page_height)
        if width * height != len(pixels) or not all(map(math.isfinite, numbers)) or rotation % 90:
            raise NotAScan("not a scan")
        a, b, c, d, e, f = way
        return cls(
            width, height, dpi, (a, b, c, d, e, f), page_width, page_height, rotation, is_blank, pixels
        )

    def encode(self) -> bytes:
        """Return the scan as bytes."""
        head = _HEADER.pack(
            self.width,
            self.height,
            self.rotation,
            self.dpi,
            *self.way,
            self.page_width,
            self.page_height,
            self.is_blank,
        )
        return head + self.pixels

    def turned(self, degrees: int) -> "Scan":
        """Return the scan turned clockwise by a multiple of 90 degrees."""
        steps = degrees // 90 % 4
        grey = np.frombuffer(self.pixels, np.uint8).reshape(self.height, self.width)
        height, width = (self.width, self.height) if steps % 2 else (self.height, self.width)
        back: dict[int, Affine] = {  # from a pixel of the turned image to one of this
            0: (1, 0, 0, 0, 1, 0),
            1: (0, 1, 0, -1, 0, self.height),
            2: (-1, 0, self.width, 0, -1, self.height),
            3: (0, -1, self.width, 1, 0, 0),
        }
        return replace(
            self,
            width=width,
            height=height,
            pixels=np.rot90(grey, -steps).tobytes(),
            way=combine(self.way, back[steps]),
            turn=(self.turn + 90 * steps) % 360,
        )

    def place(self, box: Box) -> Box:
        """Return where a box of pixels stands on the page as shown, in points."""
        x0, y0, x1, y1 = box
        a, b, c, d, e, f = self.way
        corners = [(a * x + b * y + c, d * x + e * y + f) for x in (x0, x1) for y in (y0, y1)]
        xs, ys = zip(*corners, strict=True)
        return (
            max(0.0, min(xs)),
            max(0.0, min(ys)),
            min(self.page_width, max(xs)),
            min(self.page_height, max(ys)),
        )

    def upright(self) -> "Scan":
        """Return the scan as of the page once it has been turned in its file: its boxes are those of that page."""
        width, height = self.page_width, self.page_height
        forth: dict[int, Affine] = {
            0: (1, 0, 0, 0, 1, 0),
            90: (0, -1, height, 1, 0, 0),
            180: (-1, 0, width, 0, -1, height),
            270: (0, 1, 0, -1, 0, width),
        }
        turned_sizes = (height, width) if self.turn % 180 else (width, height)
        return replace(
            self,
            way=combine(forth[self.turn], self.way),
            page_width=turned_sizes[0],
            page_height=turned_sizes[1],
            rotation=(self.rotation + self.turn) % 360,
            turn=0,
        )


def combine(outer: Affine, inner: Affine) -> Affine:
    """Return the way that goes `inner` first and `outer` then."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return a * g + b * j, a * h + b * k, a * i + b * m + c, d * g + e * j, d * h + e * k, d * i + e * m + f


def photograph(path: Path, page: int, *, clean: bool = True) -> bytes:
    """Return page `page` (from 1) of a PDF as an encoded Scan. Only in a confined child."""
    try:
        pdf = pypdfium2.PdfDocument(path)
        shown = pdf[page - 1]
        width, height = shown.get_size()
        dpi = _dpi(shown, width, height)
        grey = shown.render(scale=dpi / 72, grayscale=True, may_draw_forms=False).to_pil()
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise Broken("La página está dañada y no se puede mostrar.", code="broken_page") from error
    straight = scan_clean.clean(grey) if clean else scan_clean.Straight(grey, (1, 0, 0, 0, 1, 0))
    pixels = np.asarray(straight.image)
    return Scan(
        width=straight.image.width,
        height=straight.image.height,
        dpi=dpi,
        way=combine((width / grey.width, 0, 0, 0, height / grey.height, 0), straight.back),
        page_width=width,
        page_height=height,
        rotation=shown.get_rotation(),
        is_blank=_is_blank(pixels),
        pixels=pixels.tobytes(),
    ).encode()


def turn_pages(path: Path, rotations: dict[int, int]) -> bytes:
    """Return a PDF whose pages (from 1) have these rotations. Only in a confined child."""
    pdf = pypdfium2.PdfDocument(path)
    for page, rotation in rotations.items():
        pdf[page - 1].set_rotation(rotation)
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _dpi(page: pypdfium2.PdfPage, width: float, height: float) -> float:
    """Return how finely to render: what the letters need, no more pixels than allowed."""
    most = 72 * math.sqrt(MAX_PIXELS / max(1.0, width * height))
    return max(min(DPI, most), min(MIN_DPI, most))


def _is_blank(pixels: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> bool:
    paper = int(np.percentile(pixels[::4, ::4], 75))
    return float((pixels < paper - 60).mean()) < BLANK_SHARE
