import os
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from documents.blocks import Kind, ParsedBlock, ParsedDocument, Unreadable
from documents.parsers import base, sandbox, steps
from documents.parsers.base import MIB, Progress
from documents.places import Page

LIMITS = sandbox.Limits(
    wall_s=30, cpu_s=20, memory_bytes=256 * MIB, step_wall_s=3.0, step_cpu_s=0.4
)  # of one page, some milliseconds


def die(page: int) -> None:
    os.abort()


def spin(page: int) -> None:
    while True:
        pass


def hang(page: int) -> None:
    time.sleep(60)


def eat(page: int) -> None:
    bytearray(8 * 1024 * MIB)


def read(pages: int, deadly: dict[int, Callable[[int], None]], progress: Progress) -> ParsedDocument:
    """Read a document of so many pages, some of which are deadly, as a parser of pages does."""

    def read_pages(without: frozenset[int], last: int, report: Progress) -> ParsedDocument:
        def work(told: Progress) -> ParsedDocument:
            blocks = []
            for page in range(1, min(pages, last) + 1):
                told(page - 1, pages)
                if page not in without:
                    if page in deadly:
                        deadly[page](page)
                    blocks.append(ParsedBlock(Kind.PARAGRAPH, f"Página {page}.", Page(page)))
            told(pages, pages)
            parts = (Unreadable(Page(2), "Un escaneo", "no_text"),)
            return ParsedDocument(tuple(blocks), None, pages, parts)

        return sandbox.run(work, limits=LIMITS, progress=report)

    return steps.read(read_pages, most_pages=base.MAX_PDF_PAGES, progress=progress)


@pytest.mark.parametrize("end", [die, spin, hang, eat])
def test_a_page_that_kills_the_reader_costs_only_itself(end: Callable[[int], None]) -> None:
    seen: list[tuple[int, int]] = []
    document = read(9, {1: end, 7: die}, lambda done, total: seen.append((done, total)))
    assert [block.text for block in document.blocks] == [f"Página {n}." for n in (2, 3, 4, 5, 6, 8, 9)]
    assert [(part.place, part.code) for part in document.unreadable] == [
        (Page(1), "crashed_page"),
        (Page(2), "no_text"),
        (Page(7), "crashed_page"),
    ]
    assert seen[-1] == (9, 9)


def test_after_too_many_deadly_pages_the_rest_is_given_up() -> None:
    deadly = [2, 3, 5, 7, 9, 11, 13]
    document = read(20, dict.fromkeys(deadly, die), base.ignore_progress)
    assert [block.text for block in document.blocks] == [f"Página {n}." for n in (1, 4, 6, 8, 10)]
    told = [part.place for part in document.unreadable if part.code == "crashed_page"]
    assert told == [Page(2), Page(3), Page(5), Page(7), Page(9), Page(11)]
    assert document.unreadable[-1].reason.startswith("Desde la página 11 no se leyó nada")


def test_what_is_not_a_page_s_fault_is_the_documents() -> None:
    def refuse(page: int) -> None:
        raise base.ParseTooBig("El PDF tiene demasiado texto.")

    with pytest.raises(base.ParseTooBig, match="demasiado texto"):
        read(3, {2: refuse}, base.ignore_progress)

    def die_outside(without: frozenset[int], last: int, report: Progress) -> ParsedDocument:
        def work(told: Progress) -> ParsedDocument:
            told(3, 3)
            os.abort()

        return sandbox.run(work, limits=replace(LIMITS, step_cpu_s=0.0), progress=report)

    with pytest.raises(base.ParseCrashed):
        steps.read(die_outside, most_pages=9, progress=base.ignore_progress)
