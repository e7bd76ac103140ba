"""The OCR program: found, asked what it knows, and run on one image in a process group of its own, with limits."""

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from documents.parsers.base import MIB, ParseCrashed, ParseTimeout
from documents.parsers.scan import Scan

LANGUAGE = "spa"
TURNS = "osd"  # the data that tell how a page is turned
PAGE_WALL_S = 240.0
PAGE_CPU_S = 120
MEMORY_BYTES = 2_048 * MIB
OUTPUT_BYTES = 32 * MIB
ASK_WALL_S = 20.0
MIN_TURN_CERTAINTY = 2.0
# All that the program knows of the worker's environment; pages run beside each other, each on one core.
ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_STARTING = threading.Lock()  # filters of warnings are everybody's


class NotInstalled(Exception):
    """The program, or its Spanish, is not on this machine. `str(error)` says what to install, in Spanish."""

    code = "ocr_missing"


@dataclass(slots=True)
class Tesseract:
    """The program as it is on this machine, and the runs of it that are under way."""

    path: str
    version: str
    knows_turns: bool
    _running: set[int] = field(default_factory=set)
    _is_stopped: bool = False

    def read(self, scan: Scan, *, layout: int = 3) -> str:
        """Return the words of an image as tesseract's table; raise ParseTimeout or ParseCrashed."""
        return self._run(scan, "-l", LANGUAGE, "--psm", str(layout), "--dpi", str(round(scan.dpi)), "tsv")

    def turn_of(self, scan: Scan) -> int | None:
        """Return by how many degrees, clockwise, an image must be turned; None when it cannot be told."""
        if not self.knows_turns:
            return None
        try:
            told = self._run(scan, "-l", TURNS, "--psm", "0", "--dpi", str(round(scan.dpi)))
        except ParseCrashed:  # "Too few characters"
            return None
        facts = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
        try:
            turn, certainty = int(facts["Rotate"]), float(facts["Orientation confidence"])
        except (KeyError, ValueError):
            return None
        return turn % 360 if certainty >= MIN_TURN_CERTAINTY and turn % 90 == 0 else None

    def stop(self) -> None:
        """End every run that is under way, and begin no other."""
        self._is_stopped = True
        for pid in tuple(self._running):
            _kill_group(pid)

    def _run(self, scan: Scan, *arguments: str) -> str:
        with _in_memory(_portable_grey_map(scan)) as image, _in_memory(b"") as out:
            if self._is_stopped:
                raise ParseCrashed("La lectura se detuvo.", code="stopped")
            with _STARTING, warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # see the head of sandbox.py
                started = subprocess.Popen(  # noqa: S603  # a program of this machine, arguments of ours
                    (self.path, "stdin", "stdout", *arguments),
                    stdin=image,
                    stdout=out,
                    stderr=subprocess.DEVNULL,
                    env=ENVIRONMENT,
                    preexec_fn=_limit,
                    process_group=0,
                    cwd="/",
                )
            self._running.add(started.pid)
            try:
                status = started.wait(PAGE_WALL_S)
            except subprocess.TimeoutExpired as error:
                raise ParseTimeout("El reconocimiento de la página tardó demasiado.") from error
            finally:
                self._running.discard(started.pid)
                if started.poll() is None:
                    _kill_group(started.pid)
                    started.wait()
            if status == -signal.SIGXCPU:
                raise ParseTimeout("El reconocimiento de la página tardó demasiado.")
            if status != 0:
                raise ParseCrashed("El reconocimiento de la página falló.", code="ocr_crashed")
            os.lseek(out, 0, os.SEEK_SET)
            with os.fdopen(os.dup(out), encoding="utf-8", errors="replace") as told:
                return told.read()


def find() -> Tesseract:
    """Return the program, able to read Spanish; raise NotInstalled."""
    path = shutil.which("tesseract")
    if path is None:
        raise NotInstalled(
            "Falta el programa que lee imágenes. Quien administra el equipo debe instalar los paquetes "
            "tesseract-ocr y tesseract-ocr-spa."
        )
    languages = _ask(path, "--list-langs").split()
    if LANGUAGE not in languages:
        raise NotInstalled(
            "Al programa que lee imágenes le falta el español. Quien administra el equipo debe instalar el "
            "paquete tesseract-ocr-spa."
        )
    first_line = _ask(path, "--version").partition("\n")[0]
    return Tesseract(path, first_line.removeprefix("tesseract").strip()[:20], TURNS in languages)


def _ask(path: str, question: str) -> str:
    try:
        told = subprocess.run(  # noqa: S603  # a program of this machine
            (path, question),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=ENVIRONMENT,
            timeout=ASK_WALL_S,
            check=True,
            text=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotInstalled(
            "El programa que lee imágenes está, pero no funciona. Quien administra el equipo debe reinstalar "
            "los paquetes tesseract-ocr y tesseract-ocr-spa."
        ) from error
    return told.stdout + told.stderr


def _limit() -> None:
    """Limit the process that will be tesseract; it dies with the thread that waits for it."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for limit, soft, hard in (
        (resource.RLIMIT_AS, MEMORY_BYTES, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES, OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_CPU, PAGE_CPU_S, PAGE_CPU_S + 5),
    ):
        allowed = resource.getrlimit(limit)[1]
        if allowed != resource.RLIM_INFINITY:
            soft, hard = min(soft, allowed), min(hard, allowed)
        resource.setrlimit(limit, (soft, hard))


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _portable_grey_map(scan: Scan) -> bytes:
    return b"P5 %d %d 255\n" % (scan.width, scan.height) + scan.pixels


@contextmanager
def _in_memory(content: bytes) -> Iterator[int]:
    """Give a nameless file in memory that holds `content`: no page of a document is written to a disk."""
    with os.fdopen(os.memfd_create("page"), "r+b", buffering=0) as file:
        left = memoryview(content)
        while left:
            left = left[file.write(left) :]
        file.seek(0)
        yield file.fileno()
