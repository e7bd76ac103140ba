"""What a file says of itself: whose it is, from when, what its colours mean and what could not be filled."""

from collections import Counter

from django.utils.translation import gettext as _

from planillas.cells import Cells, Status
from planillas.exports.inert import one_line
from planillas.exports.sheet import Sheet
from planillas.exports.sources import moment


class Counts:
    """How many cells are how, counted while the rows go by."""

    def __init__(self, sheet: Sheet) -> None:
        self._width = len(sheet.columns)
        self._keys = frozenset(column.key for column in sheet.columns)
        self.rows = 0
        self.of: Counter[Status] = Counter()

    def add(self, cells: Cells) -> None:
        """Count a row."""
        self.rows += 1
        said = Counter([cell.status for key, cell in cells.items() if key in self._keys])
        self.of.update(said)
        self.of[Status.NO_EVIDENCE] += self._width - said.total()


def facts(sheet: Sheet, rows: int) -> list[tuple[str, str]]:
    """Return names and values."""
    told = [(_("Planilla"), one_line(sheet.title)), (_("Escuela"), one_line(sheet.school))]
    if sheet.version:
        by = {"number": sheet.version, "who": one_line(sheet.approved_by) or _("una persona")}
        said = _("%(number)d, aprobada por %(who)s") % by
        when = f" · {moment(sheet.approved_at)}" if sheet.approved_at else ""
        told.append((_("Versión"), said + when))
    else:
        told.append((_("Versión"), _("Borrador: no está aprobada")))
    told.append((_("Descargada"), moment(sheet.made_at)))
    told.append((_("Filas"), str(rows)))
    if sheet.planilla_url:
        told.append((_("En Preceptor"), sheet.planilla_url))
    return told


def legend() -> list[tuple[Status, str]]:
    """Return what each state of a cell means."""
    return [
        (Status.FOUND, _("Encontrada: el valor está en una fuente")),
        (Status.EDITED, _("Editada: la escribió o la eligió una persona")),
        (Status.NO_EVIDENCE, _("Sin evidencia: ninguna fuente lo dice, la celda queda vacía")),
        (Status.CONFLICT, _("En conflicto: las fuentes dicen cosas distintas, una persona tiene que elegir")),
        (Status.STALE, _("Desactualizada: la fuente cambió después de leerla")),
        (Status.INVALID, _("Inválida: la fuente dice algo que no sirve para esa columna")),
    ]
