"""One line that says what is going on: share done, time elapsed; plain lines where there is no terminal."""

import os
import shutil
import sys
import time
from typing import TextIO

STARTED_AT = "PRECEPTOR_STARTED_AT"
"""Carries the first moment across the hand-over to the environment's Python, so that one clock runs."""

SHARE_DONE = "PRECEPTOR_SHARE_DONE"
"""Carries how far the line has come, so that what follows goes on from there."""

_BAR_WIDTH = 20


class Display:
    """Shows the present step and the share done, from where the line stands to `until`."""

    def __init__(self, stream: TextIO | None = None, *, until: float = 1.0) -> None:
        self._from = float(os.environ.get(SHARE_DONE, "0"))
        self._until = until
        self._stream = stream if stream is not None else sys.stderr
        self._is_terminal = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._started_at = float(os.environ.setdefault(STARTED_AT, repr(time.time())))
        self._last_plain = ""
        self._is_open = False

    def step(self, text: str, *, share: float) -> None:
        """Show what is being done now."""
        if self._is_terminal:
            self._draw(text, share)
        elif text != self._last_plain:
            self._last_plain = text
            print(f"[{self.elapsed_s:5.1f} s] {text}", file=self._stream, flush=True)

    def detail(self, text: str, *, share: float) -> None:
        """Show movement inside a step; only where a terminal can overwrite the line."""
        if self._is_terminal:
            self._draw(text, share)

    def close(self) -> None:
        """Clear the line, so that what follows starts at the margin."""
        if self._is_open:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._is_open = False

    @property
    def elapsed_s(self) -> float:
        """Return the time since the command was typed."""
        return time.time() - self._started_at

    def pass_on(self) -> None:
        """Let the next process go on from where this display ends."""
        os.environ[SHARE_DONE] = repr(self._until)

    def _draw(self, text: str, share: float) -> None:
        overall = self._from + (self._until - self._from) * min(max(share, 0.0), 1.0)
        columns = shutil.get_terminal_size().columns
        line = f"{_bar(overall)} {overall:4.0%} {text}  {self.elapsed_s:.0f} s"
        self._stream.write("\r\x1b[K" + line[: columns - 1])
        self._stream.flush()
        self._is_open = True


def _bar(share: float) -> str:
    full = round(share * _BAR_WIDTH)
    return "█" * full + "░" * (_BAR_WIDTH - full)
