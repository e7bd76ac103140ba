"""The polite end of a process in the midst of a stage: what it holds goes to another at once, and costs no try.

A process that is killed leaves its lease to run out; one that is told to end (a release, `./preceptor down`) can do
better. The signal is heard only while a stage is at work: all else is too short to be worth cutting.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Ending(BaseException):
    """This process was told to end. Not an Exception: no stage may take it for a failure of its own."""


class _Asked:
    """Whether this process was told to end, and whether it may be told now."""

    is_asked = False
    is_at_work = False


def listen(number: signal.Signals = signal.SIGTERM) -> None:
    """From now on, take this signal as the wish to end."""
    signal.signal(number, _hear)


@contextmanager
def heard() -> Iterator[None]:
    """Let the wish to end interrupt what is done in here, by Ending."""
    _Asked.is_at_work = True
    try:
        if _Asked.is_asked:
            raise Ending
        yield
    finally:
        _Asked.is_at_work = False


def is_asked() -> bool:
    """Say whether this process was told to end."""
    return _Asked.is_asked


def _hear(number: int, frame: FrameType | None) -> None:
    _Asked.is_asked = True
    if _Asked.is_at_work:
        _Asked.is_at_work = False  # once: what tidies up is not cut again
        raise Ending
