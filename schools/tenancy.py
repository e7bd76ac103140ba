"""What every row of a school inherits."""

from typing import Any, TypeVar

from django.db import models

from schools import scope
from schools.ids import new_id

M = TypeVar("M", bound=models.Model)


class SchoolManager(models.Manager[M]):
    """A manager that knows the school, and raises where none is in scope.

    It raises when the queryset is made. (A queryset that raises when it is read still answers `.exists()` and its
    kin from other tenants' rows.)
    """

    def get_queryset(self) -> models.QuerySet[M]:
        """Return the rows of the school in scope."""
        return super().get_queryset().filter(school_id=scope.current())


class SchoolModel(models.Model):
    """A row that belongs to one school. Its Meta carries `constraints = walled(…)`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No index of its own: the unique key (school, id) starts with it.
    school = models.ForeignKey(
        "schools.School",
        models.CASCADE,
        default=scope.current,
        editable=False,
        related_name="+",
        db_index=False,
    )

    objects = SchoolManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row; raise TwoSchools when it is another school's."""
        self._check_school()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row; raise TwoSchools when it is another school's.

        Django deletes a row that nothing points to without asking any manager.
        """
        self._check_school()
        return super().delete(*args, **kwargs)

    def _check_school(self) -> None:
        if self.school_id != scope.current():
            raise scope.TwoSchools(f"a row of {self.school_id} in the scope of {scope.current()}")


def school_key(to: str, on_delete: Any = models.CASCADE, **options: Any) -> Any:
    """Return a foreign key to another tenant row.

    Without Django's own constraint: the same-school key of `walled(…)` takes its place.
    """
    return models.ForeignKey(to, on_delete, db_constraint=False, **options)
