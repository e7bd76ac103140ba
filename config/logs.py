"""What a log is told: what happened and where in the code, never what people wrote."""

import logging
import re
import traceback
from types import TracebackType

from django.views.debug import SafeExceptionReporterFilter

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
# Of a traceback that somebody else wrote into a message: where, and of which kind, without its words.
_TRACE = "Traceback (most recent call last)"
_FRAME = re.compile(r"\s+File \"")
_KIND = re.compile(r"(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?=:|\Z)")


class Discreet(logging.Formatter):
    """Tells of an exception its kind and its frames; its message may repeat a document, a question or a key."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line, with its exception below."""
        record.exc_text = None  # another formatter may have kept all of it
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's own names
        """Return the line, with a traceback inside it cut to its frames."""
        said = super().formatMessage(record)
        if _TRACE not in said:
            return said
        before, _trace, after = said.partition(_TRACE)
        return "\n".join([before + _TRACE + ":", *_places(after)])

    def formatException(self, ei: _Raised) -> str:  # noqa: N802
        """Return the frames of an exception and of what caused it, first cause first."""
        told: list[str] = []
        error, seen = ei[1], set[int]()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            frames = "".join(traceback.format_tb(error.__traceback__))
            told.append(f"{_TRACE}:\n{frames}{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n\n".join(reversed(told))


def _places(trace: str) -> list[str]:
    """Return the frames, and after each run of them the kind of what was raised there."""
    found, is_frame = list[str](), False
    for line in trace.splitlines()[1:]:
        if _FRAME.match(line):
            found.append(line)
        elif is_frame and line[:1].strip() and (kind := _KIND.match(line)):
            found.append(kind[0])
        is_frame = line.startswith(" ")
    return found


class Hidden(SafeExceptionReporterFilter):
    """Keeps also our addresses of services, which hold passwords, from Django's page for developers."""

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|URL$|URI|LOCATION|OIDC|SOCIALACCOUNT|DATABASES|CACHES|QUEUES",
        re.IGNORECASE,
    )
