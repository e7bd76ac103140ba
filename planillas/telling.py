"""What staff are told of a filling beside its cells: what could not be read, what was not accepted, what is left."""

from collections.abc import Iterable

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planillas.filled import Filled, OfEngine
from planillas.filling import Filling
from planillas.models import Row
from schools.scope import school_scope

MOST = 60
_COUNTED = ("found", "edited", "conflict", "stale", "invalid")


def compose(filling: Filling, *, has_writer: bool) -> list[dict[str, str]]:
    """Return what Planilla.told keeps."""
    with school_scope(filling.school_id):
        rows = Row.objects.filter(planilla_id=filling.planilla.pk, deleted_at=None)
        counts = rows.aggregate(rows=Count("pk"), **{f"of_{name}": Sum(name) for name in _COUNTED})
    count = counts["rows"]
    empty = count * len(filling.columns) - sum(counts[f"of_{name}"] or 0 for name in _COUNTED)
    told = [
        *_of_rows(count, filling.planilla.rows_expected),
        *_of_engine(filling.filled.engine, empty, count, has_writer=has_writer),
        *_of_sources(filling.filled),
    ]
    return [{"code": code, "text": text} for code, text in dict.fromkeys(told)][:MOST]


def _of_rows(count: int, expected: int | None) -> Iterable[tuple[str, str]]:
    if not count:
        yield "no_rows", _("No se encontró ninguna fila en las fuentes.")
    if expected and count != expected:
        text = ngettext(
            "Se esperaba %(expected)d fila y hay %(count)d.",
            "Se esperaban %(expected)d filas y hay %(count)d.",
            expected,
        )
        yield "rows_expected", text % {"expected": expected, "count": count}


def _of_engine(engine: OfEngine, empty: int, rows: int, *, has_writer: bool) -> Iterable[tuple[str, str]]:
    left = ngettext("%d celda quedó sin evidencia.", "%d celdas quedaron sin evidencia.", empty) % empty
    if engine.stopped or not has_writer:
        help_ = _("Un motor que redacte podría buscar en el texto corrido lo que las reglas no encontraron.")
        if empty or not rows:
            parts = [left if empty else "", help_, engine.stopped]
            yield "no_engine", " ".join(part for part in parts if part)
    elif empty:
        yield "no_evidence", left
    if engine.hidden:
        yield (
            "hidden",
            ngettext(
                "%d fuente no se mostró a ningún motor: ninguno de los habilitados puede ver lo que contiene.",
                "%d fuentes no se mostraron a ningún motor: ninguno de los habilitados puede ver lo que contienen.",
                engine.hidden,
            )
            % engine.hidden,
        )
    if engine.unproved:
        yield (
            "unproved",
            ngettext(
                "%d dato que propuso el motor no se aceptó: las fuentes no lo dicen con esas palabras.",
                "%d datos que propuso el motor no se aceptaron: las fuentes no los dicen con esas palabras.",
                engine.unproved,
            )
            % engine.unproved,
        )
    if engine.unusable:
        yield (
            "unusable",
            ngettext(
                "%d respuesta del motor no sirvió, y lo que se le preguntaba quedó como estaba.",
                "%d respuestas del motor no sirvieron, y lo que se le preguntaba quedó como estaba.",
                engine.unusable,
            )
            % engine.unusable,
        )


def _of_sources(filled: Filled) -> Iterable[tuple[str, str]]:
    for each in filled.sources.values():
        yield from ((code, text) for code, text in each.told)
