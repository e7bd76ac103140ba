"""Failures of the database that pass by themselves, and doing again what one of them undid.

Two transactions that waited for each other, a server that starts again, a disk that is full: none of them says anything
about what was asked, so none of them may end a document or reach a person as a crash.
"""

import errno
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils.translation import gettext as _

from schools.refusals import Refused

log = logging.getLogger(__name__)

# One of several transactions was undone so that the others could go on (SQLSTATE class 40).
_UNDONE = "40"
# The connection broke (08), room or connections are short (53), an operator or a crash ended the server (57).
_AWAY = ("08", "53", "57P")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DISK_FULL = "53100"
_FIRST_WAIT_S = 0.05

T = TypeVar("T")


class Away(Refused):
    """The database does not answer now."""

    code = "unavailable"
    status = 503


class NoRoom(Refused):
    """The installation's disk is full."""

    code = "no_room"
    status = 507


def was_undone(error: BaseException) -> bool:
    """Say whether a transaction lost against another (deadlock, serialisation): again, it comes through."""
    return _sqlstate(error).startswith(_UNDONE)


def is_away(error: BaseException) -> bool:
    """Say whether the database was out of reach or out of room, which says nothing of what was asked."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = _sqlstate(error)
    return not state or state.startswith(_AWAY)


def may_be_done(error: BaseException) -> bool:
    """Say whether a transaction may have been kept although it failed: the word of it is what was lost."""
    return is_away(error) and not _sqlstate(error).startswith("53")


def is_no_room(error: BaseException) -> bool:
    """Say whether a file or a row found no room."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return _sqlstate(error) == _DISK_FULL


def insist(do: Callable[[], T], *, tries: int = 3, patience_s: float = 0.0) -> T:
    """Do it again when the database undid it, at most so many times; with patience also while it is away for so long.

    `do` is one whole transaction, or may safely be done twice. Inside an open transaction it is done once: what was
    undone there is all of it.
    """
    deadline = time.monotonic() + patience_s
    attempt = 0
    while True:
        try:
            return do()
        except DatabaseError as error:
            attempt += 1
            is_late = time.monotonic() >= deadline
            again = (was_undone(error) and attempt < tries) or (is_away(error) and not is_late)
            if connection.in_atomic_block or not again:
                raise
            if is_away(error):
                connection.close()
            log.warning("again, as the database said: %s", error)
            time.sleep(min(_FIRST_WAIT_S * 2**attempt, 1.0))


def refusal_of(error: BaseException | None) -> Refused | None:
    """Return what staff are told of a failure that passes; None for every other."""
    if error is None:
        return None
    if is_no_room(error):
        return NoRoom(_("La plataforma se quedó sin espacio en disco. Avisar a quien la administra."))
    if is_away(error) or was_undone(error):
        return Away(_("La plataforma no pudo guardar ni leer en este momento. Probar de nuevo en un minuto."))
    return None


def _sqlstate(error: BaseException) -> str:
    """Return Postgres' own five letters for a failure; empty when it said none."""
    return getattr(error.__cause__, "sqlstate", None) or getattr(error, "sqlstate", None) or ""
