"""What of a planilla's sources engines may be shown: text that rules read no table from, of documents they may see."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from documents.blocks import Kind
from engines import labels
from engines.labels import Label
from planillas import asking, passages, readings
from planillas.asking import Stopped
from planillas.filled import MOST_WAITS
from planillas.filling import Filling
from planillas.passages import Index, Passage
from planillas.records import Numbered

MOST_PASSAGES = 20_000


@dataclass(slots=True)
class Shown:
    """The passages by their words, and those of them that rules made nothing of. `documents`: that may be shown."""

    documents: frozenset[UUID]
    index: Index = field(default_factory=Index)
    unread: list[Passage] = field(default_factory=list)


def gather(filling: Filling) -> Shown:
    """Return what engines may be shown; raise Stopped where no engine that writes may see any of it."""
    allowed = _allowed(filling)
    shown = Shown(frozenset(allowed))
    for document_id in allowed:
        read = filling.filled.of(document_id).has_read()
        reading = readings.of_document(filling.school_id, document_id)
        for each in passages.cut(document_id, _but_tables_read(reading.blocks, read)):
            if len(shown.index.passages) >= MOST_PASSAGES:
                return shown
            shown.index.add(each)
            if each.block not in read:
                shown.unread.append(each)
    return shown


def _but_tables_read(blocks: object, read: set[int]) -> Iterator[Numbered]:
    """Yield the blocks but the tables that rules read: what those say of a row they have said already."""
    assert hasattr(blocks, "__iter__")
    for each in blocks:
        if not (each.block.kind == Kind.TABLE and each.ordinal in read):
            yield each


def _allowed(filling: Filling) -> list[UUID]:
    """Return the documents that some engine that writes may see, in order."""
    told: Stopped | None = None
    may_see: dict[Label, bool] = {}
    allowed: list[UUID] = []
    hidden = 0
    for each in filling.sources:
        if each.document is None or not filling.filled.of(each.id).is_done:
            continue
        label = labels.of(each.document.sensitivity)
        if label not in may_see:
            choice = filling.desk.may_see(label)
            may_see[label] = bool(asking.writers(choice))
            if not may_see[label]:
                told = told or Stopped(asking.why_not(choice), is_passing=choice.may_pass)
        if may_see[label]:
            allowed.append(each.id)
        else:
            hidden += 1
    can_wait = told is not None and told.is_passing and filling.filled.engine.waits < MOST_WAITS
    if told is not None and (not allowed or can_wait):
        raise told
    filling.filled.engine.hidden = hidden
    return allowed
