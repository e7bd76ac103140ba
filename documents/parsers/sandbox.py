"""A parser in a child process of its own, so that no file can hang, fill or crash the worker that reads it.

The child is forked, not started: the parsers are imported once, in the parent, and a child costs a few
milliseconds. Forking beside other threads is safe here as the child runs only parsers, which share no lock
with the worker's threads (Python and glibc renew their own at a fork), writes to nothing but its pipe, and
ends by `os._exit`; were it stuck all the same, the wall clock ends it.
"""

import json
import math
import os
import resource
import select
import signal
import struct
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NoReturn, TypeAlias

from documents import parsers
from documents.blocks import ParsedDocument
from documents.parsers import base, steps, wire
from documents.parsers.base import (
    MIB,
    Broken,
    ParseCrashed,
    ParseTimeout,
    ParseTooBig,
    Progress,
    Unparsable,
    ignore_progress,
)
from documents.parsers.confinement import confine, resident_bytes

Work: TypeAlias = Callable[[Progress], ParsedDocument]
RawWork: TypeAlias = Callable[[Progress], bytes]
Give: TypeAlias = Callable[[bytes], None]
Take: TypeAlias = Callable[[bytes], None]
StreamWork: TypeAlias = Callable[[Progress, Give], bytes]

_HEADER = struct.Struct("<cI")
_RESULT, _PROGRESS, _PIECE, _FAILURE = b"R", b"P", b"D", b"F"  # the failure: class, message, code, detail
_FAILURES: dict[str, type[Unparsable]] = {
    found.__name__: found for found in (base.Refused, Broken, base.Encrypted, ParseTooBig, ParseCrashed)
}
READ_BYTES = 256 * 1024
MAX_PIECE_BYTES = 4 * MIB
MAX_DETAIL_CHARS = 4_000
PROGRESS_EVERY_S = 0.2
_FORKING = (
    threading.Lock()
)  # pages are rendered from several threads at once; filters of warnings are everybody's

_TOO_BIG = "El archivo necesita demasiada memoria para leerse. Conviene dividirlo."
_TOO_LONG = "La lectura del archivo tardó demasiado y se detuvo."
_CRASHED = "El archivo hizo fallar al lector. Puede estar dañado."


@dataclass(frozen=True, slots=True)
class Limits:
    wall_s: float = 600.0
    cpu_s: int = 300
    memory_bytes: int = 1_536 * MIB  # on top of what the worker maps
    result_bytes: int = 512 * MIB
    # From one word of progress to the next, for work that tells of every step; 0: no such limit.
    step_wall_s: float = 0.0
    step_cpu_s: float = 0.0


DEFAULT = Limits()
PAGE_WALL_S, PAGE_CPU_S = 60.0, 15.0  # for one page, which takes milliseconds


def parse(
    path: Path, kind: parsers.FileKind, *, limits: Limits = DEFAULT, progress: Progress = ignore_progress
) -> ParsedDocument:
    """Return what a file says, read in a child process; any failure comes as an `Unparsable`.

    A page on which the child dies is left out and told.
    """
    parsers.preload(kind)
    if kind is parsers.FileKind.PDF:
        return _parse_pages(path, limits, progress)
    return run(lambda report: parsers.parse(path, kind, report), limits=limits, progress=progress)


def _parse_pages(path: Path, limits: Limits, progress: Progress) -> ParsedDocument:
    from documents.parsers import pdf  # a worker that reads none need not hold its library

    deadline = time.monotonic() + limits.wall_s

    def read_pages(without: frozenset[int], last: int, report: Progress) -> ParsedDocument:
        each = replace(
            limits,
            wall_s=max(0.0, deadline - time.monotonic()),
            step_wall_s=limits.step_wall_s or PAGE_WALL_S,
            step_cpu_s=limits.step_cpu_s or PAGE_CPU_S,
        )
        return run(
            lambda told: pdf.parse(path, told, without=without, last=last), limits=each, progress=report
        )

    return steps.read(read_pages, most_pages=base.MAX_PDF_PAGES, progress=progress)


def run(work: Work, *, limits: Limits = DEFAULT, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what `work` returns in a confined child. `progress` is called here, in the parent."""
    told = run_raw(lambda report: wire.encode(work(report)), limits=limits, progress=progress)
    try:
        return wire.decode(told)
    except wire.BadMessage as error:  # a child taken over by its file may say anything
        raise ParseCrashed(_CRASHED, code="bad_answer") from error


def run_raw(
    work: RawWork,
    *,
    limits: Limits = DEFAULT,
    progress: Progress = ignore_progress,
    keep: Collection[int] = (),
) -> bytes:
    """Return the bytes that `work` returns in a confined child: to be doubted, as the file they were made from.

    `keep`: which of this process's open files the child has too.
    """
    return _run(lambda report, _give: work(report), limits=limits, progress=progress, keep=keep)


def stream(
    source: IO[bytes], work: StreamWork, *, take: Take, limits: Limits, progress: Progress = ignore_progress
) -> bytes:
    """Return what `work` returns in a confined child, and hand to `take`, here, each piece that it gives on the way.

    Neither side holds more than a piece or two. The child reads `source` and can open nothing else.
    """
    return _run(work, limits=limits, progress=progress, take=take, keep=(source.fileno(),), may_open=False)


def _run(
    work: StreamWork,
    *,
    limits: Limits,
    progress: Progress,
    take: Take | None = None,
    keep: Collection[int] = (),
    may_open: bool = True,
) -> bytes:
    reading, writing = os.pipe()
    began_bytes = resident_bytes()
    with _FORKING, warnings.catch_warnings():
        # Python 3.12 warns of any fork beside threads; see the head of this file.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        _live(work, writing, limits, keep=(writing, *keep), may_open=may_open)
    with suppress(OSError):
        os.setpgid(pid, pid)  # the child does so too; whoever comes first
    os.close(writing)
    status: tuple[int, resource.struct_rusage] | None = None
    try:
        told = _listen(reading, limits, progress, take)
        if told is not None:
            return told
        status = _bury(pid)
    finally:
        os.close(reading)
        if status is None:
            _kill(pid)
    raise _cause(*status, limits, began_bytes=began_bytes)


def _live(
    work: StreamWork, writing: int, limits: Limits, *, keep: Collection[int], may_open: bool
) -> NoReturn:
    """Be the child: work, tell, and end without any of the parent's clean-up."""
    try:
        try:
            os.setpgid(0, 0)
            confine(
                memory_bytes=limits.memory_bytes,
                cpu_s=limits.cpu_s,
                keep=keep,
                may_open=may_open,
            )
            told = work(_Reporter(writing, limits), lambda piece: _send(writing, _PIECE, piece))
            _send(writing, _RESULT, told)
        except MemoryError:
            _fail(writing, "ParseTooBig", _TOO_BIG, "too_much_memory", "")
        except RecursionError:
            _fail(
                writing,
                "Broken",
                "El archivo está anidado de un modo que no se puede leer.",
                "nested_too_deep",
                "",
            )
        except Unparsable as error:
            _fail(writing, type(error).__name__, str(error), error.code, "")
        except Exception:
            _fail(
                writing, "ParseCrashed", _CRASHED, "parse_crashed", traceback.format_exc()[-MAX_DETAIL_CHARS:]
            )
    finally:
        os._exit(0)


class _Reporter:
    """Sends progress: every step where steps have limits, else no more often than anyone looks."""

    def __init__(self, writing: int, limits: Limits) -> None:
        self._writing = writing
        self._step_cpu_s = limits.step_cpu_s
        self._every_s = 0.0 if limits.step_cpu_s or limits.step_wall_s else PROGRESS_EVERY_S
        self._sent_at = 0.0

    def __call__(self, done: int, total: int) -> None:
        if self._step_cpu_s:  # SIGPROF ends the process, wherever in a library it turns round
            signal.setitimer(signal.ITIMER_PROF, self._step_cpu_s if done < total else 0.0)
        now = time.monotonic()
        if done == total or now - self._sent_at >= self._every_s:
            self._sent_at = now
            _send(self._writing, _PROGRESS, json.dumps([done, total]).encode())


def _fail(writing: int, name: str, message: str, code: str, detail: str) -> None:
    _send(writing, _FAILURE, json.dumps([name, message, code, detail]).encode())


def _send(writing: int, kind: bytes, payload: bytes) -> None:
    message = memoryview(_HEADER.pack(kind, len(payload)) + payload)
    while message:
        message = message[os.write(writing, message) :]


def _listen(reading: int, limits: Limits, progress: Progress, take: Take | None) -> bytes | None:
    """Return the child's result; None when it ended without a word."""
    for kind, payload in _messages(reading, limits):
        if kind == _PIECE and take is not None:
            take(payload)
            continue
        try:
            told = _understand(kind, payload)
        except (ValueError, KeyError, TypeError) as error:  # a child taken over by its file may say anything
            raise ParseCrashed(_CRASHED, code="bad_answer") from error
        match told:
            case bytes():
                return told
            case Unparsable():
                raise told
            case (done, total):
                progress(done, total)
    return None


def _understand(kind: bytes, payload: bytes) -> bytes | Unparsable | tuple[int, int]:
    if kind == _RESULT:
        return payload
    told = json.loads(payload)
    if kind == _PROGRESS:
        done, total = told
        return int(done), int(total)
    name, message, code, detail = map(str, told)
    failure = _FAILURES[name](message, code=code)
    if detail:
        failure.add_note(detail)
    return failure


def _messages(reading: int, limits: Limits) -> Iterator[tuple[bytes, bytes]]:
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    deadline = time.monotonic() + limits.wall_s
    step_deadline = math.inf  # from the first word on
    held = bytearray()
    while True:
        while len(held) >= _HEADER.size:
            kind, length = _HEADER.unpack_from(held)
            if length > (MAX_PIECE_BYTES if kind == _PIECE else limits.result_bytes):
                raise ParseTooBig(_TOO_BIG, code="result_too_big")
            if len(held) < _HEADER.size + length:
                break
            with memoryview(
                held
            ) as view:  # a slice of `held` itself would be one more copy of a large archive
                payload = bytes(view[_HEADER.size : _HEADER.size + length])
            del held[: _HEADER.size + length]
            yield kind, payload
            if limits.step_wall_s:
                step_deadline = time.monotonic() + limits.step_wall_s
        left_s = min(deadline, step_deadline) - time.monotonic()
        if left_s <= 0 or not poll.poll(left_s * 1000):
            raise ParseTimeout(
                _TOO_LONG, code="step_timeout" if step_deadline < deadline else "parse_timeout"
            )
        data = os.read(reading, READ_BYTES)
        if not data:
            return
        held += data


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):  # it may have no group of its own yet
        os.kill(pid, signal.SIGKILL)
    _bury(pid)


def _bury(pid: int) -> tuple[int, resource.struct_rusage]:
    """Wait for the end of a child, end whatever it started, and return how it ended and what it used."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # its number stays taken until the group is gone
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    return status, used


def _cause(status: int, used: resource.struct_rusage, limits: Limits, *, began_bytes: int) -> Unparsable:
    """Return why a child died without a word; it began with what its parent had in memory."""
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number == signal.SIGPROF:
        return ParseTimeout(_TOO_LONG, code="step_timeout")
    if number == signal.SIGXCPU or used.ru_utime + used.ru_stime >= limits.cpu_s:
        return ParseTimeout(_TOO_LONG, code="parse_cpu_timeout")
    if number == signal.SIGKILL or used.ru_maxrss * 1024 - began_bytes >= 0.7 * limits.memory_bytes:
        return ParseTooBig(_TOO_BIG, code="too_much_memory")
    name = signal.Signals(number).name if number else f"exit {os.WEXITSTATUS(status)}"
    failure = ParseCrashed(_CRASHED)
    failure.add_note(f"the parser's process ended by {name}")
    return failure
