"""A template that hangs, fills or crashes its reader costs one child process, and is refused in Spanish (fault 18)."""

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from documents.parsers import sandbox
from documents.parsers.base import MIB
from planillas import own_files
from planillas.own_files import confined
from planillas.own_files.recognised import Recognised
from tests.planillas.own import parts, sheet
from tests.planillas.test_own_xlsx import plain_book

LIMITS = sandbox.Limits(wall_s=30.0, cpu_s=1, memory_bytes=200 * MIB, result_bytes=MIB)
OUT = Path(__file__).parent / "fuera.txt"


def _hang(_content: bytes, _name: str) -> Recognised:
    while True:
        pass


def _sleep(_content: bytes, _name: str) -> Recognised:
    time.sleep(600)
    raise AssertionError


def _eat(_content: bytes, _name: str) -> Recognised:
    held = []
    while True:
        held.append(bytearray(20 * MIB))


def _crash(_content: bytes, _name: str) -> Recognised:
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def _call_home(_content: bytes, _name: str) -> Recognised:
    socket.create_connection(("127.0.0.1", 9))
    raise AssertionError


def _write(_content: bytes, _name: str) -> Recognised:
    OUT.write_text("x")
    raise AssertionError


def _answer(**changes: Any) -> Callable[[bytes, str], Recognised]:
    """Return what tells of a file as a child that was taken over may."""

    def tell(_content: bytes, _name: str) -> Recognised:
        told = {
            "format": "xlsx",
            "filename": "a.xlsx",
            "content": b"PK",
            "columns": (),
            "row_is": "",
            "layout": {},
        }
        return Recognised(**{**told, "told": (), **changes})

    return tell


@pytest.mark.parametrize(
    ("read", "code", "limits"),
    [
        pytest.param(_hang, "template_timeout", LIMITS, marks=pytest.mark.long),
        (_sleep, "template_timeout", sandbox.Limits(wall_s=0.5, cpu_s=5)),
        pytest.param(_eat, "template_too_big", LIMITS, marks=pytest.mark.long),
        (_crash, "template_crashed", LIMITS),
        (_call_home, "template_crashed", LIMITS),
        (_write, "template_crashed", LIMITS),
        (_answer(content=b"x" * 2 * MIB), "template_too_big", LIMITS),
        (_answer(format="exe"), "template_crashed", LIMITS),
        (_answer(layout=["no"]), "template_crashed", LIMITS),
    ],
    ids=["turns", "sleeps", "eats", "segfaults", "calls", "writes", "says too much", "lies", "lies again"],
)
def test_whatever_becomes_of_the_reader_the_portal_goes_on(
    read: Callable[[bytes, str], Recognised], code: str, limits: sandbox.Limits
) -> None:
    """Red when `own_files.recognise` reads in this process: the first case never ends, the fourth ends the test."""
    book = plain_book([["Nombre", "Nota"]])
    with pytest.raises(own_files.NotFillable) as refused:
        confined.recognise(book, "notas.xlsx", limits=limits, using=read)
    assert refused.value.code == code
    assert refused.value.detail.endswith(".") and len(refused.value.detail) > 30
    assert not OUT.exists()
    assert own_files.recognise(book, "notas.xlsx").format == "xlsx"


def test_filling_opens_the_file_in_a_child_too() -> None:
    """Red when `fill` runs here: this process would be told to be small. The rows come to it over a file, in order."""
    seen = own_files.recognise(plain_book([["Nombre", "Nota"]]), "notas.xlsx")
    rows = [{"nombre": f"Ana {n} «ñ»", "nota": n} for n in range(300)]
    mine = os.getpid()
    pids = []

    def watched() -> Any:
        pids.append(os.getpid())
        return sheet(seen.columns, rows).rows()

    told = sheet(seen.columns, rows)
    given = type(told)(**{name: getattr(told, name) for name in told.__slots__} | {"rows": watched})
    filled = own_files.fill(seen.content, seen.layout, given)
    assert pids == [mine]  # the database is asked here, once
    assert "Ana 299 «ñ»".encode() in b"".join(parts(filled).values())
    with pytest.raises(own_files.NotFillable) as refused:
        confined.fill(seen.content, seen.layout, told, limits=sandbox.Limits(wall_s=0.0))
    assert refused.value.code == "template_timeout"
