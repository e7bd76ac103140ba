"""The rows of rented machines: read as facts, and changed only by whoever has read what still stands."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime

from django.utils import timezone

from engines.models import Pod, PodState
from engines.pods import PodFacts
from schools.ids import SchoolId

_FIELDS = tuple(each.name for each in fields(PodFacts))
# Written by callers at any time, never by the keeper.
_OF_CALLERS = ("engine", "wanted_at", "wanted_by")
# Two keepers that have read the same row: the one whose change comes second has read another `changed_at` or
# `booked_until` than stands there, and does nothing.
_READ = ("state", "maker_id", "changed_at", "booked_until", "error")


def want(engine: str, school_id: SchoolId, *, now: datetime | None = None) -> None:
    """Note that a school's work is for a machine, on or off; one that is off is started within a tick."""
    wanted = {"wanted_at": now or timezone.now(), "wanted_by": school_id}
    if not Pod.objects.filter(engine=engine).update(**wanted):
        Pod.objects.bulk_create([Pod(engine=engine, **wanted)], ignore_conflicts=True)


def ensure(engines: Iterable[str], *, now: datetime) -> None:
    """Give every engine its row."""
    Pod.objects.bulk_create([Pod(engine=name, changed_at=now) for name in engines], ignore_conflicts=True)


def read() -> dict[str, PodFacts]:
    """Return what is remembered of every machine, by its engine."""
    return {row["engine"]: _facts(row) for row in Pod.objects.order_by("engine").values(*_FIELDS)}


def one(engine: str) -> PodFacts | None:
    """Return what is remembered of one machine."""
    row = Pod.objects.filter(engine=engine).values(*_FIELDS).first()
    return None if row is None else _facts(row)


def change(before: PodFacts, after: PodFacts, **more: str) -> bool:
    """Write the new facts if the old ones still stand; say whether they did."""
    unchanged = {name: getattr(before, name) for name in _READ}
    values = {name: getattr(after, name) for name in _FIELDS if name not in _OF_CALLERS}
    return bool(Pod.objects.filter(engine=before.engine, **unchanged).update(**values, **more))


def unwanted(engine: str) -> None:
    """Forget that work asked for a machine."""
    Pod.objects.filter(engine=engine).update(wanted_at=None)


def address(engine: str) -> str:
    """Return where an engine's machine answers; empty when it is not ready."""
    found = Pod.objects.filter(engine=engine, state=PodState.READY).values_list("address", flat=True).first()
    return found or ""


def _facts(row: dict[str, object]) -> PodFacts:
    state = PodState(str(row.pop("state")))
    return PodFacts(state=state, **row)  # type: ignore[arg-type]  # the names are those of the model's columns
