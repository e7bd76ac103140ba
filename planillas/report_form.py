"""The forms of reports and their templates: what was typed, kept as typed, and what it means."""

from dataclasses import dataclass
from itertools import zip_longest
from uuid import UUID

from django.http import QueryDict

from planillas.drawn import Spec
from planillas.report_sections import Changes
from planillas.report_sources import Chosen
from planillas.report_templates import PARTS_MOST, WORDS_USUAL, Draft, Kind, Part, Template

_TYPED_MOST_CHARS = 100_000


@dataclass(frozen=True, slots=True)
class Typed:
    """The page of a new report as it stands. `template`: an id, or the name of a ready-made one."""

    template: str = ""
    title: str = ""
    instructions: str = ""
    collections: tuple[UUID, ...] = ()
    documents: tuple[UUID, ...] = ()
    planillas: tuple[UUID, ...] = ()

    @property
    def chosen(self) -> Chosen:
        """Return the sources."""
        return Chosen(self.documents, self.collections, self.planillas)


def new_of(given: QueryDict) -> Typed:
    """Return the page of a new report as it was sent, or as an address fills it in."""
    return Typed(
        template=(given.get("template") or given.get("plantilla") or "")[:100],
        title=_one(given, "title"),
        instructions=_one(given, "instructions"),
        collections=_ids(given, "collections"),
        documents=_ids(given, "documents"),
        planillas=_ids(given, "planillas"),
    )


def changes_of(given: QueryDict) -> Changes:
    """Return what was written over in a section; what the form did not carry stays."""
    words = whole(given.get("words", ""))
    return Changes(
        title=_one(given, "title") if "title" in given else None,
        prompt=_one(given, "prompt") if "prompt" in given else None,
        words=(words or 0) if "words" in given else None,
        text=_one(given, "text") if "text" in given else None,
    )


def spec_of(given: QueryDict) -> Spec | None:
    """Return what a table or a chart is to show; None where no planilla was chosen."""
    planilla = uuid(given.get("planilla", ""))
    if planilla is None:
        return None
    # The columns of each planilla stand in the form under its own name: without a script all of them are sent.
    return Spec(
        planilla=planilla,
        columns=tuple(given.getlist(f"columns.{planilla}")),
        by=given.get(f"by.{planilla}", ""),
        of=given.get(f"of.{planilla}", ""),
        shape=given.get("shape", ""),
    )


def part_of(given: QueryDict) -> Part:
    """Return a section to be added."""
    return Part(
        title=_one(given, "title"),
        prompt=_one(given, "prompt"),
        words=whole(given.get("words", "")) or WORDS_USUAL,
        kind=given.get("kind") or Kind.TEXT,
    )


def template_of(given: QueryDict, known: Template) -> Draft:
    """Return a template as it was typed; a section without title and prompt is none."""
    names = ("part_title", "part_prompt", "part_words", "part_kind")
    fields = [[each[:_TYPED_MOST_CHARS] for each in given.getlist(name)][: PARTS_MOST + 10] for name in names]
    rows = zip_longest(*fields, fillvalue="")
    parts = [
        Part(
            title=title,
            prompt=prompt.replace("\r\n", "\n"),
            words=whole(words) or WORDS_USUAL,
            kind=kind or Kind.TEXT,
        )
        for title, prompt, words, kind in rows
        if title.strip() or prompt.strip()
    ]
    return Draft(_one(given, "name"), _one(given, "purpose"), tuple(parts), known.ready_made)


def whole(text: str) -> int | None:
    """Return a whole number that was typed; None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def uuid(text: str) -> UUID | None:
    """Return an id that was sent; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _one(given: QueryDict, name: str) -> str:
    return given.get(name, "")[:_TYPED_MOST_CHARS].replace("\r\n", "\n").replace("\0", "")


def _ids(given: QueryDict, name: str) -> tuple[UUID, ...]:
    found = [uuid(each) for each in given.getlist(name)]
    return tuple(dict.fromkeys(each for each in found if each is not None))
