"""The sections of reports that cite a document, held against what it says now."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from documents.models import Document
from pipeline.stages import Work
from planillas import notes, proof, readings
from planillas.models import ReportSource, Section, SectionState
from schools.scope import school_scope

_QUOTE = re.compile(r"«[^«»]*» \[\d{1,3}\]\s*")  # as draft_quotes writes them
_WRITTEN = (SectionState.DRAFTED, SectionState.QUOTED)


def check(work: Work, document_id: UUID, document: Document | None) -> None:
    """Mark the sections whose quotes the document no longer has; None: it is gone, and they are not kept either."""
    with school_scope(work.school_id):
        rows = ReportSource.objects.filter(id_then=document_id)
        # Words of a document that is gone stay in no report, in one that was taken away neither.
        sources = list(rows if document is None else rows.filter(report__deleted_at=None))
        sections = list(
            Section.objects.filter(
                report_id__in=[each.report_id for each in sources],
                citations__contains=[{"document_id": str(document_id)}],
            )
        )
    wanted = {each["quote"] for section in sections for each in _of(section, document_id)}
    left = _left(work, document_id, wanted) if document is not None else set()
    outdated = {
        section.pk
        for section in sections
        if any(each["quote"] not in left for each in _of(section, document_id))
    }
    with school_scope(work.school_id):
        work.hold()
        for section in Section.objects.select_for_update().filter(pk__in=outdated).order_by("pk"):
            title = sources[0].title
            why = (
                _("«%s» cambió y ya no dice lo que se cita.")
                if document
                else _("Se borró el documento «%s».")
            )
            section.told = {**section.told, "why": why % title}
            if section.state in _WRITTEN:
                section.state = SectionState.STALE
            if document is None:
                if section.state != SectionState.EDITED:
                    section.text = _without_quotes(section, document_id)
                section.citations = [
                    {**each, "quote": ""} if each.get("document_id") == str(document_id) else each
                    for each in section.citations
                ]
            section.rev += 1
            section.save(update_fields=["told", "state", "text", "citations", "rev"])
        touched = {section.report_id for section in sections if section.pk in outdated}
        for source in sources:
            if source.report_id in touched or document is None:
                why = _("El documento cambió.") if document else _("El documento se borró.")
                ReportSource.objects.filter(pk=source.pk).update(is_stale=True, why_stale=why)


def _without_quotes(section: Section, document_id: UUID) -> str:
    """Return a section's text without the paragraphs that are nothing but words of a document."""
    gone = {each["n"] for each in section.citations if each.get("document_id") == str(document_id)}
    told = section.text.split("\n\n")
    kept = [each for each in told if not (_QUOTE.fullmatch(each) and gone & set(notes.numbers_in(each)))]
    return section.text if len(kept) == len(told) else "\n\n".join(kept)


def _of(section: Section, document_id: UUID) -> list[Mapping[str, Any]]:
    return [
        each
        for each in section.citations
        if each.get("document_id") == str(document_id) and each.get("quote")
    ]


def _left(work: Work, document_id: UUID, quotes: set[str]) -> set[str]:
    """Return those of the quotes that still stand somewhere in the document; one may run over two blocks."""
    found: set[str] = set()
    before = ""
    for each in readings.of_document(work.school_id, document_id).blocks:
        flat = proof.flat(f"{before}\n{each.block.text}")
        found |= {quote for quote in quotes - found if proof.find_in(quote, flat) is not None}
        if found >= quotes:
            break
        before = each.block.text
    return found
