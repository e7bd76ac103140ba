import ctypes
import json
import os
import socket
import struct
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from documents.blocks import Kind, ParsedBlock, ParsedDocument, Unreadable
from documents.parsers import FileKind, base, sandbox, wire
from documents.parsers.base import MIB, Progress
from documents.places import Page, Text
from tests.documents.files import PdfPage, column, write_docx, write_pdf, write_xlsx

DOCUMENT = ParsedDocument(
    (
        ParsedBlock(
            Kind.HEADING,
            "Título «ñ» \U0001f600",
            Page(1, ((1.0, 2.0, 3.0, 4.0),)),
            level=1,
            words=b"\x00\xff" * 5,
        ),
        ParsedBlock(Kind.TABLE, "a | b", Text(3, 8), cells=(("a", "b"),)),
    ),
    "Título",
    3,
    (Unreadable(None, "Una hoja oculta", "hidden_sheet"), Unreadable(Page(2), "Un escaneo", "no_text")),
)
LIMITS = sandbox.Limits(wall_s=20, cpu_s=2, memory_bytes=256 * MIB)


def children() -> set[str]:
    """Return the processes that this one has, those of other tests included."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {pid for task in tasks for pid in task.read_text().split()}


def test_a_document_crosses_the_pipe_whole() -> None:
    assert wire.decode(wire.encode(DOCUMENT)) == DOCUMENT
    assert sandbox.run(lambda report: DOCUMENT) == DOCUMENT


def hang(report: Progress) -> ParsedDocument:
    time.sleep(60)
    return DOCUMENT


def spin(report: Progress) -> ParsedDocument:
    while True:
        pass


def eat(report: Progress) -> ParsedDocument:
    held = []
    while True:
        held.append(bytearray(8 * MIB))


def eat_at_once(report: Progress) -> ParsedDocument:
    bytearray(8 * 1024 * MIB)
    return DOCUMENT


def segfault(report: Progress) -> ParsedDocument:
    ctypes.string_at(0)
    return DOCUMENT


def abort(report: Progress) -> ParsedDocument:
    os.abort()


def leave(report: Progress) -> ParsedDocument:
    os._exit(0)


def spin_on_a_step(report: Progress) -> ParsedDocument:
    report(3, 9)
    return spin(report)


def hang_on_a_step(report: Progress) -> ParsedDocument:
    report(3, 9)
    return hang(report)


def stumble(report: Progress) -> ParsedDocument:
    raise LookupError("secreto interno")


@pytest.mark.parametrize(
    ("work", "failure", "code"),
    [
        (hang, base.ParseTimeout, "parse_timeout"),
        (spin, base.ParseTimeout, "parse_cpu_timeout"),
        (eat, base.ParseTooBig, "too_much_memory"),
        (eat_at_once, base.ParseTooBig, "too_much_memory"),
        (segfault, base.ParseCrashed, "parse_crashed"),
        (abort, base.ParseCrashed, "parse_crashed"),
        (leave, base.ParseCrashed, "parse_crashed"),
        (stumble, base.ParseCrashed, "parse_crashed"),
        (spin_on_a_step, base.ParseTimeout, "step_timeout"),
        (hang_on_a_step, base.ParseTimeout, "step_timeout"),
    ],
)
def test_the_worker_outlives_any_child(work: sandbox.Work, failure: type[base.Unparsable], code: str) -> None:
    before = children()
    limits = sandbox.Limits(
        wall_s=1.0 if work is hang else 20,
        cpu_s=1,
        memory_bytes=256 * MIB,
        step_wall_s=1.0 if work is hang_on_a_step else 0.0,
        step_cpu_s=0.3 if work is spin_on_a_step else 0.0,
    )
    with pytest.raises(failure) as caught:
        sandbox.run(work, limits=limits)
    assert caught.value.code == code
    assert "secreto" not in str(caught.value)
    assert sandbox.run(lambda report: DOCUMENT) == DOCUMENT  # the next file proceeds
    assert children() == before  # nobody is left behind


def open_socket() -> None:
    socket.socket().close()


def write_file() -> None:
    Path("sandbox-was-open").write_text("x")


def start_process() -> None:
    os.execv("/bin/true", ["true"])


def signal_parent() -> None:
    os.kill(os.getppid(), 0)


@pytest.mark.skipif(os.uname().machine not in {"x86_64", "aarch64"}, reason="the filter knows two machines")
@pytest.mark.parametrize("deed", [open_socket, write_file, start_process, os.fork, signal_parent])
def test_a_child_reaches_nothing_outside(
    deed: Callable[[], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def attempt(report: Progress) -> ParsedDocument:
        try:
            deed()
        except PermissionError:
            return DOCUMENT
        return ParsedDocument((), "se pudo", None)

    assert sandbox.run(attempt, limits=LIMITS) == DOCUMENT
    assert list(tmp_path.iterdir()) == []


def test_a_child_has_none_of_the_workers_open_files() -> None:
    with socket.socket() as connection:
        number = connection.fileno()

        def look(report: Progress) -> ParsedDocument:
            try:
                os.fstat(number)
            except OSError:
                return DOCUMENT
            return ParsedDocument((), "se ve", None)

        assert sandbox.run(look, limits=LIMITS) == DOCUMENT


def test_a_child_leads_a_group_of_its_own_that_ends_with_it() -> None:
    def tell(report: Progress) -> ParsedDocument:
        return ParsedDocument((), f"{os.getpid()} {os.getpgid(0)}", None)

    told = sandbox.run(tell, limits=LIMITS).title
    assert told is not None
    pid, group = map(int, told.split())
    assert pid == group
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


def test_a_child_opens_few_files_and_says_little() -> None:
    def open_many(report: Progress) -> ParsedDocument:
        try:
            held = [os.open("/dev/null", os.O_RDONLY) for _ in range(200)]
        except OSError:
            return DOCUMENT
        return ParsedDocument((), f"{len(held)} abiertos", None)

    def say_much(report: Progress) -> ParsedDocument:
        return ParsedDocument((), "a" * 3 * MIB, None)

    assert sandbox.run(open_many, limits=LIMITS) == DOCUMENT
    with pytest.raises(base.ParseTooBig) as caught:
        sandbox.run(say_much, limits=replace(LIMITS, result_bytes=2 * MIB))
    assert caught.value.code == "result_too_big"


def test_a_child_that_lies_on_the_pipe_is_a_crash() -> None:
    def lie(message: bytes) -> sandbox.Work:
        def work(report: Progress) -> ParsedDocument:
            writing = next(
                int(name) for name in os.listdir("/proc/self/fd") if int(name) > 2 and is_pipe(int(name))
            )
            os.write(writing, message)
            os._exit(0)

        return work

    def is_pipe(fd: int) -> bool:
        try:
            return os.readlink(f"/proc/self/fd/{fd}").startswith("pipe:")
        except OSError:
            return False

    for message in (
        struct.pack("<cI", b"R", 4) + b"null",
        struct.pack("<cI", b"R", 2) + b"\xff\xff",
        struct.pack("<cI", b"Z", 2) + b"[]",
        struct.pack("<cI", b"F", 21) + json.dumps(["Exit", "a", "b", "c"]).encode()[:21],
    ):
        with pytest.raises(base.ParseCrashed):
            sandbox.run(lie(message), limits=LIMITS)
    with pytest.raises(base.ParseTooBig):
        sandbox.run(lie(struct.pack("<cI", b"R", 0xFFFFFFFF)), limits=LIMITS)


def test_progress_arrives_and_whoever_stops_it_leaves_no_child() -> None:
    def work(report: Progress) -> ParsedDocument:
        report(1, 2)
        time.sleep(0.3)
        report(2, 2)
        return DOCUMENT

    seen: list[tuple[int, int]] = []
    sandbox.run(work, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]

    def stop(done: int, total: int) -> None:
        raise KeyError("cancelado")

    before = children()
    with pytest.raises(KeyError):
        sandbox.run(work, progress=stop)
    assert children() == before


def test_forking_beside_busy_threads_is_safe() -> None:
    done = threading.Event()

    def beat() -> None:
        while not done.is_set():
            json.dumps({"a": [1] * 50})

    threads = [threading.Thread(target=beat) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        assert all(sandbox.run(lambda report: DOCUMENT, limits=LIMITS) == DOCUMENT for _ in range(20))
    finally:
        done.set()
        for thread in threads:
            thread.join()


def test_real_files_are_read_in_the_child(tmp_path: Path) -> None:
    made = {
        FileKind.PDF: write_pdf(tmp_path / "a.pdf", [PdfPage(column(["Un párrafo de prueba, en PDF."]))]),
        FileKind.DOCX: write_docx(
            tmp_path / "a.docx", lambda document: document.add_paragraph("Un párrafo de prueba.")
        ),
        FileKind.XLSX: write_xlsx(tmp_path / "a.xlsx", {"Hoja": [["Nombre", "Nota"], ["Ana", 9]]}),
    }
    for kind, text in (
        (FileKind.CSV, "nombre;nota\nAna;9\n"),
        (FileKind.HTML, "<p>Un párrafo</p>"),
        (FileKind.TEXT, "Un párrafo"),
        (FileKind.MARKDOWN, "# Un título"),
    ):
        made[kind] = tmp_path / f"a.{kind}"
        made[kind].write_text(text)
    for kind, path in made.items():
        assert sandbox.parse(path, kind).blocks, kind


def test_bombs_are_stopped_by_counting(tmp_path: Path) -> None:
    bomb = tmp_path / "bomba.docx"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w") as part,
    ):
        for _ in range(64):
            part.write(b" " * MIB)
    assert bomb.stat().st_size < MIB
    with pytest.raises(base.ParseTooBig) as caught:
        sandbox.parse(bomb, FileKind.DOCX)
    assert caught.value.code == "zip_bomb"
