"""Pictures inside documents, made anew from their pixels: nothing of the bytes that were found is kept or served.

Decoders are where hostile files aim, so this runs inside the parser's confined child and nowhere else.
"""

import hashlib
import io
import warnings

from PIL import Image, ImageOps

from documents.blocks import Picture
from documents.parsers.base import MIB

MAX_SIDE_PX = 1_600
MIN_LONG_SIDE_PX = 48  # smaller: a bullet, an icon
MIN_SHORT_SIDE_PX = 16  # thinner: a ruled line
MAX_PIXELS = 80_000_000  # of one picture, told by its header before anything is unpacked
MAX_RAW_BYTES = 64 * MIB
MAX_PICTURES = 200
MAX_PICTURES_BYTES = 40 * MIB
MAX_DOCUMENT_PIXELS = 1_000_000_000  # some twenty seconds of decoding
FEW_COLOURS = 256
MAX_PNG_BYTES = 2 * MIB
JPEG_QUALITY = 85
_SAMPLE_PX = 320
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")


class Shelf:
    """Collects the pictures of one document: the same bytes once, within its limits."""

    def __init__(self) -> None:
        self._pictures: list[Picture] = []
        self._names: dict[bytes, str] = {}
        self._bytes = 0
        self._pixels = 0

    def add(self, raw: bytes) -> str:
        """Return the name under which a picture is kept, "" when it is not kept."""
        digest = hashlib.sha256(raw).digest()
        if digest not in self._names:
            self._names[digest] = self._keep(raw)
        return self._names[digest]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures kept so far."""
        return tuple(self._pictures)

    def _keep(self, raw: bytes) -> str:
        if len(self._pictures) >= MAX_PICTURES or self._pixels > MAX_DOCUMENT_PIXELS:
            return ""
        self._pixels += declared_pixels(raw)
        made = remake(raw)
        if made is None or self._bytes + len(made[1]) > MAX_PICTURES_BYTES:
            return ""
        extension, content = made
        name = f"{len(self._pictures) + 1}.{extension}"
        self._bytes += len(content)
        self._pictures.append(Picture(name, content))
        return name


def remake(raw: bytes) -> tuple[str, bytes] | None:
    """Return a picture's extension and new bytes, at most `MAX_SIDE_PX` wide and high, on white and upright.

    None for what is tiny, of one colour, too large, broken, or no raster image. Of an animation, its first image.
    """
    if len(raw) > MAX_RAW_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            # Of damaged metadata, which is dropped anyway, and of large sizes, which are refused below.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(raw), formats=_FORMATS) as found:
                if not _is_worth_keeping(found.size):
                    return None
                return _encode(_upright(found))
    except (Exception, MemoryError):
        # What Pillow raises on a damaged picture is whatever its code trips over, and a document is worth reading
        # without one of its pictures.
        return None


def declared_pixels(raw: bytes) -> int:
    """Return how many pixels a picture's header promises, 0 when it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(raw), formats=_FORMATS) as found:
                return found.width * found.height
    except Exception:  # as in `remake`
        return 0


def _is_worth_keeping(size: tuple[int, int]) -> bool:
    long, short = max(size), min(size)
    return (
        long >= MIN_LONG_SIDE_PX
        and short >= MIN_SHORT_SIDE_PX
        and long * short <= MAX_PIXELS
        and long <= 200 * short
    )


def _upright(found: Image.Image) -> Image.Image:
    """Return the image as a person sees it: turned, on white, small enough, in RGB or shades of grey."""
    found.draft(
        "RGB", (MAX_SIDE_PX, MAX_SIDE_PX)
    )  # a large JPEG is decoded at a half, a quarter or an eighth
    image: Image.Image = found
    if image.mode.startswith("I;16") or image.mode == "I":
        image = image.convert("I").point(lambda shade: shade * (1 / 256)).convert("L")
    elif image.mode in {"1", "L"} and "transparency" not in image.info:
        image = image.convert("L")
    elif image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        white.info = {key: value for key, value in found.info.items() if key == "exif"}
        image = white
    else:
        image = image.convert("RGB")
    turned = ImageOps.exif_transpose(_shrunk(image))
    # Encoders write some of what an image remembers of its source: comments, colour profiles.
    turned.info = {}
    return turned


def _shrunk(image: Image.Image) -> Image.Image:
    if max(image.size) > MAX_SIDE_PX:
        image.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return image


def _encode(image: Image.Image) -> tuple[str, bytes] | None:
    lows_and_highs = image.getextrema()
    bands = lows_and_highs if isinstance(lows_and_highs[0], tuple) else (lows_and_highs,)
    if all(isinstance(band, tuple) and band[0] == band[1] for band in bands):
        return None
    if _is_drawing(image):
        content = _saved(image, "PNG", optimize=True)
        if len(content) <= MAX_PNG_BYTES:
            return "png", content
    return "jpg", _saved(image, "JPEG", quality=JPEG_QUALITY, optimize=True)


def _is_drawing(image: Image.Image) -> bool:
    """Say whether the image has few colours; a sample does, as smoothing makes new ones along every edge."""
    sample = image.resize(
        (min(image.width, _SAMPLE_PX), min(image.height, _SAMPLE_PX)), Image.Resampling.NEAREST
    )
    return sample.getcolors(FEW_COLOURS) is not None


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()
