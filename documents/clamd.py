"""A virus scanner asked about bytes: a client of clamd's INSTREAM. Whatever is no plain answer counts as no answer.

Protocol: `man clamd`, "COMMANDS". Commands begin with z and end with NUL, and so do the answers to them.
"""

import re
import select
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

PIECE_BYTES = 256 * 1024
MOST_ANSWER_BYTES = 4_096
MOST_NAME_CHARS = 120
# What clamd finds where its own limits ended the look (AlertExceedsMax): no virus, and no "clean" either.
_LIMITS = "Heuristics.Limits"
_FOUND = re.compile(r"\Astream: (?P<name>\S.*) FOUND\Z")
_CLEAN = "stream: OK"
_TOO_LONG = "INSTREAM size limit exceeded"
_LENGTH = struct.Struct("!I")


class Away(Exception):
    """There is no scanner at the address, it went away, or what it said is no answer: nothing is known of the bytes."""


class TooMuch(Exception):
    """The scanner did not look at all of it: it is over one of the scanner's own limits."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long each step may take. `answer_s`: from the last byte; clamd gives a file two minutes unless told."""

    connect_s: float = 5.0
    send_s: float = 60.0
    answer_s: float = 240.0


USUAL = Patience()


def scan(address: str, pieces: Iterable[bytes], *, patience: Patience = USUAL) -> str:
    """Return the name of what was found in the bytes, "" where they are clean; raise Away or TooMuch.

    `address`: `unix:/path` or `tcp:host:port`, as CLAMAV_ADDRESS has it. What `pieces` raises goes through.
    """
    with _connected(address, patience) as line:
        _say(line, b"zINSTREAM\0", patience)
        for piece in pieces:
            for at in range(0, len(piece), PIECE_BYTES):
                part = piece[at : at + PIECE_BYTES]
                # It answers in the midst where it has had enough.
                if _has_answered(line) or not _say(line, _LENGTH.pack(len(part)) + part, patience):
                    return _understand(_answer(line, patience), is_whole=False)
        is_whole = _say(line, _LENGTH.pack(0), patience)
        return _understand(_answer(line, patience), is_whole=is_whole)


def version(address: str, *, patience: Patience = USUAL) -> str:
    """Return what the scanner calls itself: `ClamAV 1.4.6/27000/Mon Nov 16 …`, program, signatures and their day."""
    with _connected(address, patience) as line:
        _say(line, b"zVERSION\0", patience)
        told = _answer(line, patience)
    if not told.startswith("ClamAV "):
        raise Away(f"not a version: {told[:100]!r}")
    return told


def _connected(address: str, patience: Patience) -> socket.socket:
    kind, _, where = address.partition(":")
    line: socket.socket | None = None
    try:
        if kind == "unix":
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            line.settimeout(patience.connect_s)
            line.connect(where)
            return line
        host, _, port = where.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=patience.connect_s)
    except (OSError, ValueError) as error:
        if line is not None:
            line.close()
        raise Away(f"no scanner at {address}: {error}") from error


def _say(line: socket.socket, words: bytes, patience: Patience) -> bool:
    """Send; say whether the scanner took it. One that hangs up has mostly said why."""
    line.settimeout(patience.send_s)
    try:
        line.sendall(words)
    except TimeoutError as error:
        raise Away("the scanner takes no bytes") from error
    except OSError:
        return False
    return True


def _has_answered(line: socket.socket) -> bool:
    poll = select.poll()  # a worker may hold more files than select() can name
    poll.register(line, select.POLLIN)
    return bool(poll.poll(0))


def _answer(line: socket.socket, patience: Patience) -> str:
    line.settimeout(patience.answer_s)
    said = b""
    with suppress(ConnectionError):  # what it said before it hung up stands
        while b"\0" not in said and len(said) < MOST_ANSWER_BYTES:
            try:
                data = line.recv(MOST_ANSWER_BYTES)
            except TimeoutError as error:
                raise Away("the scanner does not answer") from error
            if not data:
                break
            said += data
    words, end, _ = said.partition(b"\0")
    if not end:
        raise Away(f"the scanner hung up: {said[:100]!r}")
    return words.decode("utf-8", "replace").strip()


def _understand(told: str, *, is_whole: bool) -> str:
    """Return what an answer says; of a file that was not sent to its end nobody can say that it is clean."""
    if told.startswith(_TOO_LONG):
        raise TooMuch(told)
    if (found := _FOUND.match(told)) is not None:
        name = "".join(each for each in found["name"] if each.isprintable())[:MOST_NAME_CHARS]
        if name.startswith(_LIMITS):
            raise TooMuch(told)
        return name
    if told == _CLEAN and is_whole:
        return ""
    raise Away(f"no answer of a scanner: {told[:100]!r}")
