"""Many rows of a planilla written at once: as one JSON text, which Postgres takes apart for a third of the work."""

import json
from collections.abc import Sequence

from planillas.models import Row
from schools import scope

BATCH = 500

_SHAPE = """
    id uuid, planilla uuid, position float8, keys jsonb, cells jsonb, places jsonb, made_by text, rev int,
    found int, edited int, conflict int, stale int, invalid int
"""
_INSERT = f"""
INSERT INTO planillas_row (id, school_id, planilla_id, position, keys, cells, places, made_by, rev,
    found, edited, conflict, stale, invalid)
SELECT id, %(school)s, planilla, position, keys, cells, places, made_by, rev,
    found, edited, conflict, stale, invalid
FROM jsonb_to_recordset(%(rows)s::jsonb) AS new({_SHAPE})
"""  # noqa: S608  # a shape of ours
_UPDATE = f"""
UPDATE planillas_row AS row SET cells = new.cells, places = new.places, keys = new.keys, rev = new.rev,
    found = new.found, edited = new.edited, conflict = new.conflict, stale = new.stale, invalid = new.invalid
FROM jsonb_to_recordset(%(rows)s::jsonb) AS new({_SHAPE})
WHERE row.id = new.id AND row.school_id = %(school)s
"""  # noqa: S608  # as above
_NAMES = (
    "position", "keys", "cells", "places", "made_by", "rev", "found", "edited", "conflict", "stale", "invalid",
)  # fmt: skip


def insert(rows: Sequence[Row]) -> None:
    """Write new rows, inside the scope of their school; raise TwoSchools when they are another's."""
    _run(_INSERT, rows)


def update(rows: Sequence[Row]) -> None:
    """Write the cells of rows that are there, inside the scope of their school."""
    _run(_UPDATE, rows)


def _run(statement: str, rows: Sequence[Row]) -> None:
    for row in rows:
        if row.school_id != scope.current():
            raise scope.TwoSchools(f"a row of {row.school_id} in the scope of {scope.current()}")
    for start in range(0, len(rows), BATCH):
        told = [
            {
                "id": str(row.pk),
                "planilla": str(row.planilla_id),
                **{name: getattr(row, name) for name in _NAMES},
            }
            for row in rows[start : start + BATCH]
        ]
        school_id = scope.current()
        scope.run(school_id, statement, {"school": school_id, "rows": json.dumps(told, ensure_ascii=False)})
