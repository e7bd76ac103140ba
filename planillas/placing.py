"""Where a new row stands among the others: between two there is always room."""

from uuid import UUID

from django.db.models import Max

from planillas.models import Planilla, Row

_NEAREST = 1e-6  # nearer than this, floats would soon run out


def behind(planilla: Planilla, after: UUID | None, *, count: int) -> list[float]:
    """Return positions for new rows behind a row of the planilla, or at the end. Inside a scope, planilla locked."""
    rows = Row.objects.filter(planilla=planilla)
    last = rows.aggregate(last=Max("position"))["last"] or 0.0
    if after is None:
        return [last + number for number in range(1, count + 1)]
    first, following = _gap(planilla, after)
    if following is not None and (following - first) / (count + 1) < _NEAREST:
        _spread(planilla)
        first, following = _gap(planilla, after)
    step = 1.0 if following is None else (following - first) / (count + 1)
    return [first + step * number for number in range(1, count + 1)]


def _gap(planilla: Planilla, after: UUID) -> tuple[float, float | None]:
    rows = Row.objects.filter(planilla=planilla)
    first = rows.values_list("position", flat=True).get(pk=after)
    following = (
        rows.filter(position__gt=first).order_by("position").values_list("position", flat=True).first()
    )
    return first, following


def _spread(planilla: Planilla) -> None:
    """Number the rows anew: so rare that all of them may pass through here."""
    rows = list(Row.objects.filter(planilla=planilla).order_by("position", "pk").only("pk", "position"))
    for number, row in enumerate(rows, start=1):
        row.position = float(number)
    Row.objects.bulk_update(rows, ["position"], batch_size=1_000)
