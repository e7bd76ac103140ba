"""A photograph or scan of a page made easy to read: straight, on white, with even light."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

MAX_SKEW_DEGREES = 10.0
MIN_SKEW_DEGREES = 0.15
SMALL_PIXELS = 900  # of the longer side, to find the skew on
BACKGROUND_STEP = 16  # the paper's light is looked at through so coarse a grid

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Straight:
    """A cleaned image and the way back from its pixels to those it was made from (see scan.Affine)."""

    image: Image.Image
    back: tuple[float, float, float, float, float, float]


def clean(grey: Image.Image) -> Straight:
    """Return a grey page upright to a tenth of a degree, its paper white and its ink black."""
    even = flatten(grey.filter(ImageFilter.MedianFilter(3)))
    return straighten(even, skew(even))


def flatten(grey: Image.Image) -> Image.Image:
    """Return the page as if its paper were white and lit evenly."""
    paper = _paper(grey)
    pixels = np.asarray(grey, np.float32)
    light = np.asarray(paper.resize(grey.size, Image.Resampling.BILINEAR), np.float32)
    ratio = pixels / np.maximum(light, 1.0)
    ink = float(np.percentile(ratio[::8, ::8], 0.5))
    dark = min(ink, 0.6)
    white = (ratio - dark) / max(0.2, 0.97 - dark)
    return Image.fromarray((np.clip(white, 0.0, 1.0) * 255).astype(np.uint8))


def skew(grey: Image.Image) -> float:
    """Return by how many degrees, anticlockwise, the lines of text must be turned to lie level or upright."""
    small = grey.copy()
    small.thumbnail((SMALL_PIXELS, SMALL_PIXELS), Image.Resampling.BOX)
    ink = Image.fromarray(255 - np.asarray(small))
    best = 0.0
    for step, reach in ((1.0, MAX_SKEW_DEGREES), (0.25, 0.75), (0.05, 0.2)):
        count = round(reach / step)
        best = max(
            (best + index * step for index in range(-count, count + 1)),
            key=lambda degrees: _sharpness(ink, degrees),
        )
    return best if abs(best) <= MAX_SKEW_DEGREES else 0.0


def straighten(grey: Image.Image, degrees: float) -> Straight:
    """Return the page turned anticlockwise by a few degrees, on a sheet large enough for its corners."""
    if abs(degrees) < MIN_SKEW_DEGREES:
        return Straight(grey, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0))
    angle = np.radians(degrees)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    width = round(grey.width * cos + grey.height * abs(sin))
    height = round(grey.height * cos + grey.width * abs(sin))
    # From a pixel of the new sheet to one of the old: turned clockwise about the middle.
    back = (
        cos, -sin, grey.width / 2 - cos * width / 2 + sin * height / 2,
        sin, cos, grey.height / 2 - sin * width / 2 - cos * height / 2,
    )  # fmt: skip
    turned = grey.transform(
        (width, height), Image.Transform.AFFINE, back, resample=Image.Resampling.BICUBIC, fillcolor=255
    )
    return Straight(turned, back)


def _paper(grey: Image.Image) -> Image.Image:
    """Return how bright the paper is, coarsely: the ink in it painted over."""
    coarse = grey.reduce(BACKGROUND_STEP // 4).filter(ImageFilter.MaxFilter(5)).reduce(4)
    coarse = coarse.filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.MedianFilter(5))
    return coarse.filter(ImageFilter.GaussianBlur(2))


def _sharpness(ink: Image.Image, degrees: float) -> float:
    """Return how sharply rows (or columns, of a page on its side) of ink and of paper part at an angle."""
    turned = np.asarray(ink.rotate(degrees, Image.Resampling.BILINEAR), np.float32)
    rows, columns = turned.sum(axis=1), turned.sum(axis=0)
    return float(max(np.square(np.diff(rows)).sum(), np.square(np.diff(columns)).sum()))
