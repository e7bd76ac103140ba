"""`manage.py schedule`: the one process that sweeps and keeps house."""

import logging
import signal
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection, connections
from django.utils.module_loading import import_string

from pipeline.sweep import sweep
from schools.guard import refuse_pooler, refuse_unsafe_database
from schools.refusals import Refused

log = logging.getLogger(__name__)

# Any number will do, as long as every scheduler asks for the same.
_LOCK = 0x5CEED


class Command(BaseCommand):
    """Sweep until told to stop; of several such processes only one is at work."""

    help = "Send again, every few seconds, whatever background work has no live lease."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the loop."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # The lock is a connection's: one given back to a pool would keep it, and the next one would never have it.
        for alias in connections:
            connections[alias].settings_dict["OPTIONS"].pop("pool", None)
        connections["default"].settings_dict.update(
            {name: settings.DATABASE_DIRECT[name] for name in ("HOST", "PORT", "USER", "PASSWORD")}
        )
        refuse_unsafe_database()
        refuse_pooler()
        next_at: dict[str, float] = {}
        while not stop.is_set():
            try:
                if _is_the_one():
                    sweep()
                    _keep_house(next_at)
            except DatabaseError:
                log.exception("sweep failed; again in %s s", settings.PIPELINE_SWEEP_S)
                connection.close()
            stop.wait(settings.PIPELINE_SWEEP_S)


def _keep_house(next_at: dict[str, float]) -> None:
    """Do what is due of settings.HOUSEKEEPING; a failure of one is logged and keeps no other from its turn."""
    for path, every_s in settings.HOUSEKEEPING:
        if time.monotonic() < next_at.get(path, 0.0):
            continue
        next_at[path] = time.monotonic() + every_s
        try:
            import_string(path)()
        except (DatabaseError, OSError, Refused):
            # OSError: no room on the disk, or a folder that was taken away.
            log.exception("%s failed; again in %s s", path, every_s)
            connection.close()


def _is_the_one() -> bool:
    """Say whether this process holds the scheduler's lock; it goes free when its connection does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        row = cursor.fetchone()
    return row is not None and bool(row[0])
