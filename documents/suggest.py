"""The stage that reads a document's text for personal data and suggests a label; the label itself is a person's."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from documents import label, places
from documents.models import Block, Document
from documents.personal_data import VERSION, Kind, Suggestion
from documents.personal_data.reader import Reader, Sample
from pipeline.stages import Cancelled, Stage, Work
from schools.scope import school_scope

BATCH = 200  # blocks in memory at once


def suggest(work: Work) -> None:
    """Read a document's blocks, a few at a time, and keep the label that they ask for and the places that say so."""
    with school_scope(work.school_id):
        if not Document.objects.filter(pk=work.subject_id, deleted_at=None).exists():
            raise Cancelled
        total = Block.objects.filter(document_id=work.subject_id).count()
    reader, after, done = Reader(on=timezone.localdate()), -1, 0
    while rows := _blocks(work, after):
        for row in rows:
            reader.read(*row)
        after, done = rows[-1][0], done + len(rows)
        work.report(done, total)
    _keep(work, reader)


def _blocks(work: Work, after: int) -> list[tuple[int, str, int, str]]:
    with school_scope(work.school_id):
        rows = Block.objects.filter(document_id=work.subject_id, ordinal__gt=after).order_by("ordinal")
        return list(rows.values_list("ordinal", "kind", "level", "text")[:BATCH])


def _keep(work: Work, reader: Reader) -> None:
    suggestion = reader.tally.suggestion()
    with school_scope(work.school_id):
        work.hold()
        document = Document.objects.select_for_update().filter(pk=work.subject_id, deleted_at=None).first()
        if document is None:
            raise Cancelled
        suggested = suggestion.label.value if suggestion.label else ""
        known = document.suggested_sensitivity
        is_news = not known or label.is_looser(known, suggested)
        # Who confirmed a looser label did not know of this.
        if is_news and label.is_looser(document.sensitivity, suggested):
            document.labelled_by_id, document.labelled_at = None, None
        document.suggested_sensitivity = suggested
        document.personal_data = _told(document, reader, suggestion)
        document.save(update_fields=["suggested_sensitivity", "personal_data", "labelled_by", "labelled_at"])


def _told(document: Document, reader: Reader, suggestion: Suggestion) -> list[dict[str, Any]]:
    """Return the counts and the masked samples, those that ask for the label first. Inside a scope."""
    ordinals = {each.ordinal for kept in reader.samples.values() for each in kept}
    rows = Block.objects.filter(document_id=document.pk, ordinal__in=ordinals).defer("cells", "doubts")
    blocks = {block.ordinal: block for block in rows}
    kinds = sorted(reader.samples, key=lambda kind: (kind not in suggestion.because, list(Kind).index(kind)))
    return [
        {
            "kind": kind.value,
            "count": reader.tally.counts[kind],
            "decides": kind in suggestion.because,
            "samples": list(_samples(reader.samples[kind], blocks)),
        }
        for kind in kinds
    ]


def _samples(kept: Iterable[Sample], blocks: dict[int, Block]) -> Iterable[dict[str, Any]]:
    for each in kept:
        block = blocks.get(each.ordinal)
        if block is None:
            continue
        place = places.locate(
            places.from_json(block.place),
            words=bytes(block.words),
            text=block.text,
            start=each.finding.start,
            end=each.finding.end,
        )
        yield {"text": each.finding.masked, "block": each.ordinal, "place": places.to_json(place)}


SUGGEST = Stage(name="suggest", version=VERSION, queue="cpu", run=suggest, weight=0.2)
