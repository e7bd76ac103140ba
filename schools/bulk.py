"""Many new rows of a school at once, for a third of the work that `bulk_create` makes of tables with bytes."""

from collections.abc import Sequence

from django.db import connection

from schools import scope
from schools.tenancy import SchoolModel

BATCH = 500


def insert(rows: Sequence[SchoolModel]) -> None:
    """Write new rows of one model, inside the scope of their school; raise TwoSchools when it is another's.

    Each column goes as one array, so that a statement has few parameters: Django does the same, but not for a table
    with a BinaryField.
    """
    for row in rows:
        if row.school_id != scope.current():
            raise scope.TwoSchools(f"a row of {row.school_id} in the scope of {scope.current()}")
    for start in range(0, len(rows), BATCH):
        _insert(rows[start : start + BATCH])


def _insert(rows: Sequence[SchoolModel]) -> None:
    meta, quote = rows[0]._meta, connection.ops.quote_name
    fields = meta.concrete_fields
    columns = ", ".join(quote(str(field.column)) for field in fields)
    # Without their lengths, so that what is too long is refused and not cut.
    types = [(field.db_type(connection) or "").partition("(")[0] for field in fields]
    arrays = ", ".join(f"%s::{name}[]" for name in types)
    values = [
        [field.get_db_prep_save(field.pre_save(row, add=True), connection) for row in rows]
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(meta.db_table)} ({columns}) SELECT * FROM unnest({arrays})",  # noqa: S608  # names of ours
            values,
        )
