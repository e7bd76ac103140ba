"""The part of a filling that no model does: the sources read by rules, one after the other, into rows."""

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from documents.models import Document, Status
from engines import router
from pipeline.stages import Impossible, Later
from planillas import gathering, readings, rules
from planillas.filled import Filled, OfSource
from planillas.filling import Filling, Read
from planillas.models import Row, Source
from planillas.records import Numbered, Reading, Record

MOST_ASIDES = 20_000  # records that make no row of their own, of all sources
_WAIT_S = 10.0


def read_all(filling: Filling) -> None:
    """Read every source that was not read yet; go on in the middle of one where another worker left it.

    Raises Later while a source is still being read itself, Impossible where none can be.
    """
    there = _readable(filling)
    size = sum(readings.sizes(filling.school_id, [each.id for each in there]).values()) or 1
    filling.lines = size * (2.0 if router.has_writer() else 1.0)  # then engines are asked
    _begin_anew_where_changed(filling, there)
    filling.known.load()
    asides: list[Record] = []
    for each in there:
        asides += _read(filling, each)
    if not filling.filled.has_asides:
        for start in range(0, len(asides), gathering.BATCH):
            with filling.writing() as rev:
                held, missed = gathering.put(filling.known, asides[start : start + gathering.BATCH], rev=rev)
                if missed:
                    text = _("Hay datos de las fuentes que no son de ninguna fila de la planilla.")
                    filling.filled.of(there[0].id).tell("no_such_row", text)
            gathering.learn(filling.known, held)
        filling.filled.has_asides = True
        filling.save()


def watched(blocks: Iterable[Numbered], seen: Callable[[Numbered], None]) -> Iterator[Numbered]:
    """Yield blocks, each shown to `seen` first."""
    for block in blocks:
        seen(block)
        yield block


def _readable(filling: Filling) -> list[Read]:
    """Return the sources that can be read; what cannot is told of."""
    found, reasons = [], []
    for each in filling.sources:
        document, name = each.document, each.source.title
        of = filling.filled.of(each.id)
        if document is None:
            reasons.append(_("«%s» se borró de la biblioteca.") % name)
        elif document.status == Status.FAILED:
            why = document.error_detail or _("el archivo no se pudo procesar.")
            reasons.append(_("«%(name)s» no se pudo leer: %(why)s") % {"name": name, "why": why})
        elif document.status in readings.READY:
            found.append(each)
            of.told = [told for told in of.told if told[0] != "source_failed"]
            continue
        else:
            raise Later(_WAIT_S, f"{each.id} is not read", told=_("Espera a que se lea «%s».") % name)
        of.tell("source_failed", reasons[-1])
    if not found:
        reason = " ".join(reasons[:5]) or _("La planilla no tiene fuentes.")
        raise Impossible(reason, code="no_readable_source")
    return found


def _begin_anew_where_changed(filling: Filling, there: list[Read]) -> None:
    """Take back all that was filled where a source changed in the middle of its reading."""
    filled = filling.filled
    for each in there:
        of = filled.of(each.id)
        if of.is_done or not of.mark or each.document is None:
            continue
        if of.mark != readings.mark(filling.school_id, each.document):
            told = filled.refill
            filling.filled = Filled(refill=told)
            with filling.writing():
                # What a person added, or took away, stays so.
                rows = Row.objects.filter(planilla_id=filling.planilla.pk, edited=0, deleted_at=None)
                rows.exclude(made_by="person").delete()
            return


def _read(filling: Filling, each: Read) -> list[Record]:
    """Read one source; return its records that only tell of rows that are there."""
    of = filling.filled.of(each.id)
    document = each.document
    assert document is not None
    size = filling.done
    if of.is_done and (filling.filled.has_asides or not of.asides):
        filling.done = size + _lines(filling, document.pk)
        return []
    mark = readings.mark(filling.school_id, document)
    if not of.is_done:
        of.mark = mark
    asides: list[Record] = []
    batch: list[Record] = []
    before, skipped = of.records, 0
    for record in _records(filling, document.pk, of):
        filling.report()
        if not record.is_row:
            if len(asides) < MOST_ASIDES:
                asides.append(record)
            else:
                of.tell("too_many_asides", _("Tiene demasiados datos sueltos: los últimos no se usaron."))
            continue
        if of.is_done or skipped < before:
            skipped += 1
            continue
        batch.append(record)
        if len(batch) >= gathering.BATCH:
            _put(filling, of, batch)
            batch = []
    if of.is_done:
        return asides
    if mark != readings.mark(filling.school_id, document):
        raise Later(_WAIT_S, f"{document.pk} changed", told=_("Espera a que se lea «%s».") % document.title)
    of.is_done, of.asides = True, len(asides)
    _put(filling, of, batch, last_of=document)
    return asides


def _records(filling: Filling, document_id: UUID, of: OfSource) -> Iterator[Record]:
    reading = readings.of_document(filling.school_id, document_id)

    def seen(block: Numbered) -> None:
        filling.done += max(1, len(block.block.cells))

    watching = Reading(reading.document_id, reading.title, reading.format, watched(reading.blocks, seen))
    made = rules.records(watching, filling.columns, row_is=filling.planilla.row_is, tell=of.tell)
    for record in made:
        of.note_read(each.evidence.block for each in record.said.values())
        yield record


def _put(filling: Filling, of: OfSource, batch: list[Record], *, last_of: Document | None = None) -> None:
    """Write a batch of records, and with it that they are written; `last_of`: the document that ends with it."""
    of.records += len(batch)
    with filling.writing() as rev:
        held, _missed = gathering.put(filling.known, batch, rev=rev)
        if last_of is not None:
            _note(filling, last_of, of)
    gathering.learn(filling.known, held)


def _lines(filling: Filling, document_id: UUID) -> int:
    return readings.sizes(filling.school_id, [document_id]).get(document_id, 0)


def _note(filling: Filling, document: Document, of: OfSource) -> None:
    """Note in the source's row what of the document was read. Inside a scope."""
    Source.objects.filter(planilla_id=filling.planilla.pk, document_id_then=document.pk).update(
        mark=of.mark,
        read_at=timezone.now(),
        title=document.title,
        sha256=document.sha256,
        collection_id=document.collection_id,
        is_stale=False,
        why_stale="",
    )
