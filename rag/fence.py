"""The moment since which somebody holds a document, by one clock: what tells a late writer's points from newer ones.

A lease is Postgres's and holds in its transactions; a write to Qdrant is in none. So each point carries the moment at
which its writer took the document up, and who comes late changes and deletes nothing of a later holder's.
"""

from schools import scope
from schools.ids import SchoolId


def now(school_id: SchoolId) -> int:
    """Return Postgres's time in microseconds. Inside a scope, after `work.hold()` where a stage asks."""
    rows = scope.run(school_id, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", {})
    moment: int = rows[0][0]
    return moment
