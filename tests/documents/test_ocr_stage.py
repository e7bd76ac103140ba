"""Scanned pages on their way through the pipeline: read once, put in their place, and honest about the rest."""

import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from documents import library, ocr, parse, uploads
from documents.blocks import Kind, ParsedBlock
from documents.models import Block, Document, PageReading, Status
from documents.places import Page, Text
from schools.ids import SchoolId
from schools.scope import school_scope
from tests.conftest import Person
from tests.documents import scan_files
from tests.documents.scan_files import TEXT, character_error, image_pdf, scan, small_page

WORD = "5\t1\t1\t1\t1\t{n}\t{left}\t100\t90\t30\t{sure}\t{text}"
HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"


def receive(person: Person, path: Path) -> UUID:
    """Upload a file as a person."""
    file = SimpleUploadedFile(path.name, path.read_bytes())
    return uploads.receive(person.member, file, facts=uploads.Facts()).document_id


def document_of(person: Person, document_id: UUID) -> Document:
    return library.get(person.member, document_id).document


def blocks_of(person: Person, document_id: UUID) -> list[Block]:
    with school_scope(person.school_id):
        return list(Block.objects.filter(document_id=document_id).order_by("ordinal"))


def readings_of(person: Person, document_id: UUID) -> list[PageReading]:
    with school_scope(person.school_id):
        return list(PageReading.objects.filter(document_id=document_id).order_by("page"))


@dataclass
class FakeTesseract:
    """A program of that name which sees the same words on every page, and counts how often it is asked."""

    folder: Path
    words: str = "El reglamento vale para toda la escuela."
    sure: float = 96.0
    languages: str = "eng osd spa"

    def install(self, monkeypatch: pytest.MonkeyPatch) -> "FakeTesseract":
        """Put it where programs are looked for, and nothing else that could be taken for it."""
        table = [HEAD, "1\t1\t0\t0\t0\t0\t0\t0\t1400\t667\t-1\t"]
        for n, word in enumerate(self.words.split(), start=1):
            table.append(WORD.format(n=n, left=100 * n, sure=self.sure, text=word))
        (self.folder / "table").write_text("\n".join(table) + "\n", "utf-8")
        program = self.folder / "tesseract"
        program.write_text(
            f"""#!/bin/sh
case "$*" in
  --version) echo "tesseract 5.9.9" ;;
  --list-langs) printf 'List of available languages in "/" (3):\\n%s\\n' "$(echo {self.languages} | tr ' ' '\\n')" ;;
  *"--psm 0"*) echo "Too few characters" >&2; exit 1 ;;
  *) echo page >> {self.folder}/asked; cat {self.folder}/table ;;
esac
""",
            "utf-8",
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{self.folder}:/usr/bin:/bin")
        return self

    @property
    def asked(self) -> int:
        """Return how many pages it was given."""
        path = self.folder / "asked"
        return len(path.read_text().splitlines()) if path.exists() else 0


@pytest.fixture
def fake(tmp_path: Path) -> FakeTesseract:
    """Return a program that is not installed yet."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return FakeTesseract(folder)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Return a PDF of three scanned pages."""
    return image_pdf(tmp_path / "escaneado.pdf", scan(tmp_path, [small_page()] * 3))


def test_a_page_of_text_and_a_scanned_one_become_one_document(
    ana: Person, work_off: Callable[[], None], tmp_path: Path
) -> None:
    scan_files.require_tesseract()
    path = scan_files.mixed_pdf(tmp_path, ["Esta página tiene texto propio, que no hace falta reconocer."])
    document_id = receive(ana, path)
    work_off()
    document = document_of(ana, document_id)
    assert (document.status, document.unreadable) == (Status.READY, [])
    blocks = blocks_of(ana, document_id)
    assert [block.ordinal for block in blocks] == list(range(len(blocks)))
    assert [block.place["page"] for block in blocks] == sorted(block.place["page"] for block in blocks)
    by_page = {n: " ".join(b.text for b in blocks if b.place["page"] == n) for n in (1, 2, 3)}
    assert character_error(by_page[1], TEXT) <= 0.03
    assert by_page[2].startswith("Esta página tiene texto propio")
    assert character_error(by_page[3], TEXT) <= 0.03
    [entry] = [each for each in readings_of(ana, document_id) if each.page == 1]
    assert entry.confidence > 0.8


class Killed(BaseException):
    """The worker dies."""


@dataclass
class Bench:
    """A stage's Work, which may die when it reports."""

    school_id: SchoolId
    subject_id: UUID
    dies_at: int | None = None
    reported: list[tuple[float, float]] = field(default_factory=list)
    asked_by: None = None

    def report(self, done: float, total: float) -> None:
        self.reported.append((done, total))
        if self.dies_at is not None and done >= self.dies_at:
            raise Killed

    def hold(self) -> None:
        """Be the holder."""


def test_pages_read_before_a_crash_are_not_read_again(
    ana: Person,
    scans: Path,
    fake: FakeTesseract,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    settings.OCR_PARALLEL = 1
    fake.install(monkeypatch)
    document_id = receive(ana, scans)
    parse.parse(Bench(ana.school_id, document_id))
    with pytest.raises(Killed):
        ocr.read(Bench(ana.school_id, document_id, dies_at=2))
    before = {row.page: (row.pk, row.created_at) for row in readings_of(ana, document_id)}
    assert set(before) == {1, 2}
    assert blocks_of(ana, document_id) == []
    asked = fake.asked
    bench = Bench(ana.school_id, document_id)
    ocr.read(bench)
    assert fake.asked == asked + 1
    after = {row.page: (row.pk, row.created_at) for row in readings_of(ana, document_id)}
    assert before.items() <= after.items()
    assert bench.reported[-1] == (1, 1)
    # Once more, as after a crash between the last line and the mark: nothing changes.
    texts = [block.text for block in blocks_of(ana, document_id)]
    ocr.read(Bench(ana.school_id, document_id))
    assert [block.text for block in blocks_of(ana, document_id)] == texts == [fake.words] * 3
    assert fake.asked == asked + 1


def test_without_the_program_the_pages_are_told_and_what_has_text_is_read(
    ana: Person,
    work_off: Callable[[], None],
    tmp_path: Path,
    fake: FakeTesseract,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(fake.folder))
    path = scan_files.mixed_pdf(tmp_path, ["Esta página tiene texto propio, que no hace falta reconocer."])
    document_id = receive(ana, path)
    work_off()
    document = document_of(ana, document_id)
    assert document.status == Status.PARTIAL
    assert [(each["place"]["page"], each["code"]) for each in document.unreadable] == [
        (1, "ocr_missing"),
        (3, "ocr_missing"),
    ]
    assert "tesseract-ocr-spa" in document.unreadable[0]["reason"]
    # Once it is installed, trying again reads them.
    fake.install(monkeypatch)
    library.retry(ana.member, document_id)
    work_off()
    assert document_of(ana, document_id).status == Status.READY
    assert fake.asked == 2


def test_a_scan_that_cannot_be_read_for_want_of_the_program_fails_and_says_so(
    ana: Person,
    work_off: Callable[[], None],
    scans: Path,
    fake: FakeTesseract,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake.languages = "eng osd"
    fake.install(monkeypatch)
    document_id = receive(ana, scans)
    work_off()
    document = document_of(ana, document_id)
    assert (document.status, document.error_code) == (Status.FAILED, "ocr_missing")
    assert "tesseract-ocr-spa" in document.error_detail
    assert fake.asked == 0


def test_a_page_read_with_little_certainty_is_kept_and_told(
    ana: Person,
    work_off: Callable[[], None],
    scans: Path,
    fake: FakeTesseract,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake.sure = 42.0
    fake.install(monkeypatch)
    document_id = receive(ana, scans)
    work_off()
    document = document_of(ana, document_id)
    assert document.status == Status.PARTIAL
    assert {each["code"] for each in document.unreadable} == {"ocr_doubtful"}
    blocks = blocks_of(ana, document_id)
    assert [block.text for block in blocks] == [fake.words] * 3
    assert blocks[0].doubts == [[0, len(fake.words)]]


def test_a_program_that_fails_costs_its_pages_and_says_so(
    ana: Person,
    work_off: Callable[[], None],
    tmp_path: Path,
    fake: FakeTesseract,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake.install(monkeypatch)
    (fake.folder / "table").write_text("this is no table\n5\t1\n", "utf-8")
    path = scan_files.mixed_pdf(tmp_path, ["Esta página tiene texto propio, que no hace falta reconocer."])
    document_id = receive(ana, path)
    work_off()
    document = document_of(ana, document_id)
    assert document.status == Status.PARTIAL
    assert {each["code"] for each in document.unreadable} == {"ocr_failed"}
    assert readings_of(ana, document_id) == []


def test_a_picture_without_words_is_told_but_is_no_failure(
    ana: Person,
    work_off: Callable[[], None],
    tmp_path: Path,
    fake: FakeTesseract,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake.words = ""
    fake.install(monkeypatch)
    path = scan_files.mixed_pdf(tmp_path, ["Esta página tiene texto propio, que no hace falta reconocer."])
    document_id = receive(ana, path)
    work_off()
    document = document_of(ana, document_id)
    assert document.status == Status.READY
    assert [(each["code"], each["ignored"], each["reason"]) for each in document.unreadable] == [
        ("no_words", True, "No se encontró texto en la página 1."),
        ("no_words", True, "No se encontró texto en la página 3."),
    ]


def test_a_page_with_text_of_its_own_is_read_again_when_asked(
    ana: Person, beto: Person, work_off: Callable[[], None], tmp_path: Path, fake: FakeTesseract,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    fake.install(monkeypatch)
    path = scan_files.mixed_pdf(tmp_path, ["Esta página tiene texto propio, que no hace falta reconocer."])
    document_id = receive(ana, path)
    work_off()
    assert [block.text for block in blocks_of(ana, document_id)][1].startswith("Esta página")
    with pytest.raises(library.NotYours):
        ocr.read_again(beto.member, document_id, 2)
    with pytest.raises(ocr.NoSuchPage):
        ocr.read_again(ana.member, document_id, 4)
    assert fake.asked == 2
    ocr.read_again(ana.member, document_id, 2)
    with pytest.raises(ocr.Busy):
        ocr.read_again(ana.member, document_id, 2)
    work_off()
    assert [block.text for block in blocks_of(ana, document_id)] == [fake.words] * 3
    assert fake.asked == 3
    assert document_of(ana, document_id).status == Status.READY


def test_what_was_read_takes_the_place_of_its_page_and_of_nothing_else() -> None:
    def at(page: int, text: str, kind: Kind = Kind.PARAGRAPH) -> ParsedBlock:
        return ParsedBlock(kind, text, Page(page))

    kept = [at(1, "uno"), at(2, "sello"), at(2, "foto", Kind.PICTURE), at(3, "tres")]
    kept.append(ParsedBlock(Kind.NOTE, "suelta", Text(0, 6)))
    found = ocr.merged(kept, {2: [at(2, "dos"), at(2, "y medio")], 4: [at(4, "cuatro")]})
    assert [block.text for block in found] == ["uno", "dos", "y medio", "foto", "tres", "suelta", "cuatro"]
