"""Whose turn it is to work the processor: few answers at once, so that those being told do not stand still."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from schools import scope

# More at once would not end sooner, as one interpreter does it all, and would take it from the streams.
AT_ONCE = 2
# A courtesy and no lock: who waits for an engine of vectors that is slow must not hold up everybody.
MOST_WAIT_S = 2.0
_turns = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn(*, most_wait_s: float = MOST_WAIT_S) -> Iterator[bool]:
    """Wait for a turn and keep it for the length of the block; give False where it goes on without. Never nested."""
    is_mine = _turns.acquire(blocking=False)
    if not is_mine:
        scope.let_go()
        is_mine = _turns.acquire(timeout=most_wait_s)
    try:
        yield is_mine
    finally:
        if is_mine:
            _turns.release()
