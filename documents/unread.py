"""What could not be read of a document: told in groups, and set aside by a person who says that it does not matter."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from documents import library, ocr, places, reading, work
from documents.models import Document, PageReading, Status
from documents.parsers import FileKind
from documents.places import Page, Place, Time
from schools.admission import Member
from schools.ids import RunId
from schools.refusals import Refused
from schools.scope import school_scope

# Codes of a file that wants a password.
LOCKED = frozenset({"encrypted", "password"})
MOST_RUNS = 8
_PAGES = re.compile(r"(\d{1,7})(?:\s*(?:-|–|a)\s*(\d{1,7}))?")
AT_WORK = (Status.QUEUED, Status.PROCESSING)


class NoSuchPart(Refused):
    """The document has no such part among those that were not read: it was processed again, or never had it."""

    code = "no_such_part"
    status = 409


class AtWork(Refused):
    """The document is being processed: what could not be read is not known yet."""

    code = "at_work"
    status = 409


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that were not read for one reason: the pages it holds for, or a single part of another kind."""

    parts: tuple[int, ...]  # their numbers in Document.unreadable, from 0
    seal: str  # of what stands there, to know it again
    place_label: str
    reason: str
    code: str
    is_ignored: bool
    pages: tuple[int, ...]  # in order; empty for what is no page
    heard: Time | None = None  # when it was said, in a recording

    @property
    def count(self) -> int:
        """Return how many parts it holds."""
        return len(self.parts)


def count(document: Document) -> int:
    """Return how many parts were not read and not set aside."""
    return sum(1 for each in document.unreadable if not each.get("ignored"))


def context(document: Document) -> dict[str, Any]:
    """Return what the document's page shows of it."""
    told = groups(document)
    return {
        "unread": [group for group in told if not group.is_ignored],
        "set_aside": [group for group in told if group.is_ignored],
        "is_locked": document.error_code in LOCKED
        and document.format == FileKind.PDF
        and not document.has_copy,
        "is_busy": document.status in AT_WORK,
    }


def groups(document: Document) -> list[Group]:
    """Return what was not read, in the order in which it was found; what was set aside comes last."""
    together: dict[tuple[Any, ...], list[int]] = {}
    for number, part in enumerate(document.unreadable):
        together.setdefault(_together(number, part), []).append(number)
    found = [_group(document, parts) for parts in together.values()]
    return sorted(found, key=lambda group: group.is_ignored)


def ignore(
    member: Member,
    document_id: UUID,
    parts_of: Callable[[Document], Collection[int]],
    *,
    ignored: bool,
) -> Document:
    """Set parts aside, or take them up again; a document of which nothing is missing then is ready.

    `parts_of`: gives their numbers in Document.unreadable, from 0, of the document as it is now.
    Raises NoSuchDocument, NotYours, AtWork or NoSuchPart.
    """
    library.check_changeable(member, [document_id])
    with school_scope(member.school_id):
        document = Document.objects.select_for_update().get(pk=document_id)
        if document.status in AT_WORK:
            raise AtWork(_("El documento se está procesando. Esperar a que termine."))
        told, parts = document.unreadable, parts_of(document)
        if not parts or any(not 0 <= part < len(told) for part in parts):
            raise NoSuchPart(_("El documento cambió mientras tanto. Revisar la lista otra vez."))
        for part in parts:
            told[part] = {**told[part], "ignored": ignored}
        if document.status in (Status.READY, Status.PARTIAL):
            document.status = Status.PARTIAL if count(document) else Status.READY
        document.save(update_fields=["unreadable", "status"])
    return document


def read_again(member: Member, document_id: UUID, pages: Sequence[int]) -> RunId:
    """Have pages read by OCR, all in one run, whatever was read on them before.

    Raises NoSuchDocument, NotYours, NoSuchPart, and what ocr.read_again raises.
    """
    library.check_changeable(member, [document_id])
    if not pages:
        raise NoSuchPart(_("El documento cambió mientras tanto. Revisar la lista otra vez."))
    # One transaction: a page that is refused takes the others back.
    with school_scope(member.school_id):
        document = Document.objects.select_for_update().get(pk=document_id)
        if not 1 <= min(pages) <= max(pages) <= (document.pages or 0):
            raise NoSuchPart(_("El documento no tiene esa página."))
        document.ocr_pages = sorted({*document.ocr_pages, *pages})
        document.save(update_fields=["ocr_pages"])
        PageReading.objects.filter(document_id=document_id, page__in=pages).delete()
        return ocr.read_again(member, document_id, max(pages))


def chosen(document: Document, *, seal: str, only: str = "") -> list[int]:
    """Return the parts of a group that a person was shown; raise NoSuchPart when the document has it no longer.

    `only`: pages of it, as people write them: "3-10, 14"; "" for the whole group.
    """
    group = next((each for each in groups(document) if each.seal == seal), None)
    if group is None:
        raise NoSuchPart(_("El documento cambió mientras tanto. Revisar la lista otra vez."))
    if not only.strip():
        return list(group.parts)
    ranges = [_range(piece) for piece in only.split(",") if piece.strip()]
    wanted = [
        part
        for part in group.parts
        if any(first <= document.unreadable[part]["place"]["page"] <= last for first, last in ranges)
    ]
    if not wanted:
        raise NoSuchPart(_("Ninguna de esas páginas está en la lista. Escribirlas así: 3-10, 14."))
    return wanted


def parts_at(document: Document, place: Place | None) -> list[int]:
    """Return which parts were not read at a place; None: those that concern the document as a whole."""
    wanted = places.to_json(place) if place else None
    return [number for number, each in enumerate(document.unreadable) if each["place"] == wanted]


def pages_of(document: Document, parts: Iterable[int]) -> list[int]:
    """Return the pages among parts that were not read."""
    found = (document.unreadable[part]["place"] for part in parts if 0 <= part < len(document.unreadable))
    return [place["page"] for place in found if place and place["kind"] == "page"]


def _group(document: Document, parts: list[int]) -> Group:
    told = [document.unreadable[part] for part in parts]
    place = places.from_json(told[0]["place"]) if told[0]["place"] else None
    pages = tuple(sorted(each["place"]["page"] for each in told)) if isinstance(place, Page) else ()
    return Group(
        parts=tuple(parts),
        seal=seal_of(told),
        place_label=_say_pages(pages)
        if pages
        else _say(place, told[0]["code"], is_heard=work.is_recording(document)),
        reason=told[0]["reason"],
        code=told[0]["code"],
        is_ignored=bool(told[0].get("ignored")),
        pages=pages,
        heard=place if isinstance(place, Time) else None,
    )


def _together(number: int, part: dict[str, Any]) -> tuple[Any, ...]:
    """Return what parts share when one line tells of them all: pages their reason, others nothing."""
    place = part["place"]
    if not place or place["kind"] != "page":
        return ("alone", number)
    return (part["code"], part["reason"], bool(part.get("ignored")))


def _say(place: Place | None, code: str, *, is_heard: bool) -> str:
    if place is not None:
        return reading.say(place)
    if code == "attachment":
        return _("un archivo de los que trae")
    return _("toda la grabación") if is_heard else _("todo el documento")


def _say_pages(pages: Sequence[int]) -> str:
    """Return pages in words: "páginas 3 a 120, 125"; the last ones of very many are only counted."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page <= runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    if len(pages) == 1:
        return reading.say(Page(pages[0]))
    said = [
        str(first) if first == last else _("%(a)d a %(b)d") % {"a": first, "b": last} for first, last in runs
    ]
    left = sum(last - first + 1 for first, last in runs[MOST_RUNS:])
    more = " " + _("y %d más") % left if left else ""
    return _("páginas %s") % ", ".join(said[:MOST_RUNS]) + more


def _range(text: str) -> tuple[int, int]:
    match = _PAGES.fullmatch(text.strip())
    if match is None:
        raise NoSuchPart(_("Escribir las páginas así: 3-10, 14."))
    return int(match[1]), int(match[2] or match[1])


def seal_of(parts: Iterable[dict[str, Any]]) -> str:
    """Return what tells parts that were not read from any others."""
    told = json.dumps([[each["place"], each["code"], each["reason"]] for each in parts], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]
