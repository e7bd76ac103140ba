"""A PDF with one image on each page, written by hand: nothing of the original file's own bytes gets into it."""

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

JPEG_QUALITY = 88


@dataclass(frozen=True, slots=True)
class ImagePage:
    """A page and the image that fills it."""

    width: float  # points
    height: float
    facts: str  # of the image, as PDF says them
    content: bytes

    @classmethod
    def of(cls, image: Image.Image, *, width: float, height: float) -> "ImagePage":
        """Return a page with an image of mode 1, L or RGB."""
        size = f"/Width {image.width} /Height {image.height}"
        if image.mode == "1":
            content = zlib.compress(image.tobytes(), 6)
            return cls(
                width,
                height,
                f"{size} /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /FlateDecode",
                content,
            )
        out = io.BytesIO()
        image.save(out, "JPEG", quality=JPEG_QUALITY)
        space = "/DeviceGray" if image.mode == "L" else "/DeviceRGB"
        return cls(
            width,
            height,
            f"{size} /ColorSpace {space} /BitsPerComponent 8 /Filter /DCTDecode",
            out.getvalue(),
        )


def write(pages: Sequence[ImagePage]) -> bytes:
    """Return the PDF."""
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets: list[int] = []

    def put(body: bytes) -> None:
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (len(offsets), body))

    put(b"<< /Type /Catalog /Pages 2 0 R >>")
    kids = " ".join(f"{3 + 3 * index} 0 R" for index in range(len(pages)))
    put(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    for index, page in enumerate(pages):
        first = 3 + 3 * index
        put(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.width:.2f} {page.height:.2f}] "
            f"/Resources << /XObject << /I {first + 2} 0 R >> >> /Contents {first + 1} 0 R >>".encode()
        )
        put(_stream("", f"{page.width:.2f} 0 0 {page.height:.2f} 0 0 cm /I Do".encode()))
        put(_stream(f"/Type /XObject /Subtype /Image {page.facts}", page.content))
    at = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, at))
    return out.getvalue()


def _stream(facts: str, content: bytes) -> bytes:
    return f"<< {facts} /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"
