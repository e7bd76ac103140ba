"""PDFs made to harm: each ends in seconds, with its text or a reason, and the worker lives."""

import random
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from documents.blocks import ParsedDocument
from documents.parsers import FileKind, base, sandbox
from documents.places import Page
from tests.documents.files import PdfPage, column, write_objects, write_pdf

TEXT = [
    "El alumno que reúna más de veinticinco inasistencias perderá",
    "la condición de regular y deberá solicitar su reincorporación.",
]
GOOD = PdfPage(column(TEXT))
LIMITS = sandbox.Limits(wall_s=120, cpu_s=40, memory_bytes=512 * base.MIB, step_cpu_s=4.0, step_wall_s=20.0)
CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def parse(path: Path, limits: sandbox.Limits = LIMITS) -> ParsedDocument:
    return sandbox.parse(path, FileKind.PDF, limits=limits)


def reasons(path: Path) -> list[tuple[str, str]]:
    """Return why a file, or parts of it, were not read: none when all was."""
    try:
        return [(part.code, part.reason) for part in parse(path).unreadable]
    except base.Unparsable as failure:
        return [(failure.code, str(failure))]


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content)


def of_pages(contents: list[bytes], *, resources: bytes = b"", more: tuple[bytes, ...] = ()) -> list[bytes]:
    """Return the objects of a PDF of such pages, font 3, `more` from 4, then contents and pages."""
    objects = [CATALOGUE, b"", FONT, *more]
    kids = []
    for content in contents:
        objects.append(content)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> %s >> >>" % (len(objects), resources)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return objects


READABLE = stream(b"BT /F1 11 Tf 72 700 Td (El estudiante justifica sus inasistencias en tres dias.) Tj ET")


def deflated(size_mb: int) -> bytes:
    """Return a content stream that inflates to so many megabytes of operators."""
    return stream(repeated(b"0 0 m 9 9 l S " * 75_000, size_mb), b"/Filter /FlateDecode")


def repeated(piece: bytes, times: int) -> bytes:
    """Return what inflates to the piece so many times; deflated once, as blocks that know nothing of each other."""
    pack = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = pack.compress(piece) + pack.flush(zlib.Z_FULL_FLUSH)
    check = 1
    for _ in range(times):
        check = zlib.adler32(piece, check)
    return b"\x78\xda" + block * times + pack.flush() + check.to_bytes(4)


def inflates_without_end(path: Path) -> Path:
    """A small stream that needs more memory than a child has."""
    content = repeated(b" " * (1 << 20), 700)
    return write_objects(path, of_pages([stream(content, b"/Filter /FlateDecode"), READABLE]))


def million_paths(path: Path) -> Path:
    return write_objects(path, of_pages([deflated(14), READABLE]))


def forms_within_themselves(path: Path) -> Path:
    form = stream(
        b"/X Do /X Do",
        b"/Type /XObject /Subtype /Form /BBox [0 0 99 99] /Resources << /XObject << /X 4 0 R >> >>",
    )
    return write_objects(
        path, of_pages([stream(b"/X Do"), READABLE], resources=b"/XObject << /X 4 0 R >>", more=(form,))
    )


def forms_that_double(path: Path) -> Path:
    """Thirty forms, each drawing the next one twice."""
    forms = [
        stream(
            b"/X Do /X Do",
            b"/Type /XObject /Subtype /Form /BBox [0 0 99 99] /Resources << /XObject << /X %d 0 R >> >>"
            % (5 + n),
        )
        for n in range(30)
    ]
    last = stream(b"0 0 m 9 9 l S", b"/Type /XObject /Subtype /Form /BBox [0 0 99 99]")
    resources = b"/XObject << /X 4 0 R >>"
    return write_objects(
        path, of_pages([stream(b"/X Do"), READABLE], resources=resources, more=(*forms, last))
    )


def endless_font(path: Path) -> Path:
    """A Type 3 font whose letters draw themselves."""
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0]"
        b" /FirstChar 97 /LastChar 97 /Widths [9]"
        b" /Encoding << /Differences [97 /a] >> /CharProcs << /a 5 0 R >> /Resources << /Font << /F3 4 0 R >> >> >>"
    )
    letter = stream(b"9 0 d0 BT /F3 9 Tf (aaaaaaaa) Tj ET")
    page = stream(b"BT /F3 9 Tf 50 50 Td (aaaa) Tj ET")
    return write_objects(
        path, of_pages([page, READABLE], resources=b"/Font << /F3 4 0 R >>", more=(font, letter))
    )


def page_tree_in_a_circle(path: Path) -> Path:
    return write_objects(
        path,
        [
            CATALOGUE,
            b"<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 4000 >>",
            b"<< /Type /Pages /Kids [2 0 R] /Count 4000 /Parent 2 0 R >>",
        ],
    )


def page_tree_of_depth(path: Path) -> Path:
    deep = [
        b"<< /Type /Pages /Kids [%d 0 R] /Count 1 /Parent %d 0 R >>" % (n + 3, n + 1) for n in range(9_000)
    ]
    return write_objects(path, [CATALOGUE, *deep, b"<< /Type /Page /MediaBox [0 0 9 9] /Parent 9001 0 R >>"])


def absurd_page(path: Path) -> Path:
    return write_pdf(path, [replace(GOOD, width=1e30, height=-5e9), replace(GOOD, width=0, height=0), GOOD])


def text_in_excess(path: Path) -> Path:
    pack = zlib.compressobj(9)
    piece = b"(aaaa bbbb cccc dddd) Tj 0 -1 Td " * 20_000
    content = b"".join(
        [pack.compress(b"BT /F1 1 Tf "), *(pack.compress(piece) for _ in range(30)), pack.flush()]
    )
    return write_objects(path, of_pages([stream(content, b"/Filter /FlateDecode"), READABLE]))


@pytest.mark.parametrize(
    "make",
    [
        inflates_without_end, million_paths, forms_within_themselves, forms_that_double, endless_font, absurd_page,
        text_in_excess,
    ],
)  # fmt: skip
def test_a_hostile_page_costs_itself_at_most(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path / "a.pdf")
    assert path.stat().st_size < 8 * base.MIB
    document = parse(path)
    assert {part.place for part in document.unreadable} <= {Page(1), Page(2)}
    assert any("inasistencias" in block.text for block in document.blocks)


@pytest.mark.parametrize("make", [page_tree_in_a_circle, page_tree_of_depth])
def test_a_broken_tree_of_pages_is_told(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    told = reasons(make(tmp_path / "a.pdf"))
    assert told
    assert {code for code, _ in told} <= {"broken_page", "broken_pdf"}


def test_a_file_cut_at_every_tenth_is_read_or_refused(tmp_path: Path) -> None:
    whole = write_pdf(tmp_path / "a.pdf", [GOOD] * 5).read_bytes()
    cut = tmp_path / "b.pdf"
    for tenth in range(10):
        cut.write_bytes(whole[: len(whole) * tenth // 10])
        told = reasons(cut)
        if told:
            assert told == [("broken_pdf", told[0][1])]
            assert told[0][1].startswith("El PDF está dañado o incompleto")


def test_flipped_bits_are_read_or_refused(tmp_path: Path) -> None:
    rng = random.Random(1)
    whole = write_pdf(tmp_path / "a.pdf", [GOOD] * 3).read_bytes()
    flipped = tmp_path / "b.pdf"
    for _ in range(20):
        content = bytearray(whole)
        for _ in range(rng.randint(1, 40)):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        flipped.write_bytes(content)
        assert all(reason.endswith(".") for _, reason in reasons(flipped))


def test_five_thousand_pages_are_read_within_the_memory_of_a_child(tmp_path: Path) -> None:
    path = write_pdf(
        tmp_path / "a.pdf", [PdfPage(column([*TEXT, f"Legajo {n}."], top=500)) for n in range(5_000)]
    )
    seen: list[tuple[int, int]] = []
    document = sandbox.parse(
        path,
        FileKind.PDF,
        limits=replace(LIMITS, memory_bytes=300 * base.MIB),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert document.pages == 5_000
    assert not document.unreadable
    assert document.blocks[-1].text.endswith("Legajo 4999.")
    assert seen == sorted(seen)
    assert seen[-1] == (5_000, 5_000)
