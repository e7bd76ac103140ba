"""The form of an acta: what was typed, kept as typed, and what it means."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from math import isfinite

from django.http import QueryDict
from django.utils.translation import gettext as _

from transcription.acta_content import (
    ROWS_MOST,
    TEXT_MOST_CHARS,
    Agreement,
    Attendee,
    BadActa,
    Topic,
    Written,
)
from transcription.acta_templates import Template

# Beyond what may be kept, so that too long a text is refused in words and nothing of it is lost before.
_TYPED_MOST_CHARS = 2 * TEXT_MOST_CHARS
PRESENT, ABSENT = "1", "0"


@dataclass(frozen=True, slots=True)
class Typed:
    """An acta as it stands in the form."""

    written: Written
    began_from: int
    held_on: str = ""

    @property
    def checked(self) -> Written:
        """Return what was typed; raise BadActa for a day that is none."""
        if not self.held_on:
            return replace(self.written, held_on=None)
        try:
            return replace(self.written, held_on=date.fromisoformat(self.held_on))
        except ValueError:
            raise BadActa(_("La fecha no es válida."), field="held_on") from None


def of_written(written: Written, rev: int) -> Typed:
    """Return the form of an acta as it is kept."""
    return Typed(written, rev, written.held_on.isoformat() if written.held_on else "")


def of_post(posted: QueryDict) -> Typed:
    """Return what was typed."""
    written = Written(
        title=_one(posted, "title"),
        hour=_one(posted, "hour"),
        place=_one(posted, "place"),
        opening=_one(posted, "opening"),
        closing=_one(posted, "closing"),
        attendance=tuple(
            Attendee(name, role, present != ABSENT, _second(from_s))
            for name, role, present, from_s in _rows(
                posted, "attendee_name", "attendee_role", "attendee_present", "attendee_from_s"
            )
        ),
        topics=tuple(
            Topic(title, text, _second(from_s), _second(to_s))
            for title, text, from_s, to_s in _rows(
                posted, "topic_title", "topic_text", "topic_from_s", "topic_to_s"
            )
        ),
        agreements=tuple(
            Agreement(what, who, due, _second(from_s), _second(to_s))
            for what, who, due, from_s, to_s in _rows(
                posted,
                "agreement_what",
                "agreement_who",
                "agreement_due",
                "agreement_from_s",
                "agreement_to_s",
            )
        ),
    )
    return Typed(written, rev_of(posted) or 0, _one(posted, "held_on"))


def rev_of(posted: QueryDict) -> int | None:
    """Return the revision that the writer saw, if the form says."""
    rev = posted.get("rev", "")
    return int(rev) if rev.isascii() and rev.isdigit() and len(rev) < 10 else None


def template_of(posted: QueryDict, known: Template) -> Template:
    """Return a template as it was typed."""
    return replace(
        known,
        name=_one(posted, "name"),
        heading=_one(posted, "heading"),
        opening=_one(posted, "opening"),
        closing=_one(posted, "closing"),
        sections=tuple(posted.getlist("sections")),
        is_default=posted.get("is_default") == "on",
    )


def _one(posted: QueryDict, name: str) -> str:
    return posted.get(name, "")[:_TYPED_MOST_CHARS].replace("\r\n", "\n")


def _rows(posted: QueryDict, *names: str) -> list[Sequence[str]]:
    """Return what was typed row by row; the first field says how many there are."""
    columns = [[each[:_TYPED_MOST_CHARS] for each in posted.getlist(name)] for name in names]
    columns = [column[: ROWS_MOST + 1] for column in columns]
    count = len(columns[0])
    return list(zip_longest(*(column[:count] for column in columns), fillvalue=""))


def _second(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if isfinite(seconds) and 0 <= seconds < 1e6 else None
