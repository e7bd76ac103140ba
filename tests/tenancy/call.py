"""How one method of an address is written down for the tests of the walls: its right, its body, its answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schools.roles import Can

# What a path's id names; see World in matrix.py.
KEYS = {
    "document_id": "document",
    "collection_id": "collection",
    "run_id": "run",
    "conversation_id": "conversation",
    "message_id": "message",
    "membership_id": "membership",
    "invitation_id": "invitation",
    "prompt_id": "prompt",
    "decision_id": "decision",
    "recording_id": "recording",
    "segment_id": "segment",
    "speaker_id": "speaker",
    "action_id": "action",
    "template_id": "acta_template",
    "planilla_id": "planilla",
    "row_id": "row",
    "report_id": "report",
    "section_id": "section",
}

# What a path names that is no row of its own.
PLAIN = {"page": "1", "name": "1.png", "number": "1", "engine": "quoting"}
# A part of the document that could not be read.
UNREAD = {
    "place": {"kind": "page", "page": 1, "boxes": []},
    "reason": "La página es una imagen.",
    "code": "no_text",
    "ignored": False,
}

Body = Callable[[Mapping[str, Any]], dict[str, Any]]


def nothing(_things: Mapping[str, Any]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one address of a school."""

    url: str
    method: str
    can: Can
    body: Body = nothing
    kind: str = "json"  # of the body: json, form (multipart too)
    served: tuple[int, ...] = (200,)  # what the owner is answered
    # Rows named in the body: field → a name in World's things, in a list when the field's name ends in [].
    nested: tuple[tuple[str, str], ...] = ()
    accept: str = ""
    query: str = ""  # what it must be asked
    is_private: bool = False  # of the person alone: other members get 404
    opened_by: Can | None = None  # a right that lets other members see what is private
    is_uploaders: bool = False  # only for the uploader and whoever manages documents
    is_shelved: bool = False  # of a document or collection: 404 where it stands on another shelf
    also: Can | None = None  # a right asked for inside
    keys: Mapping[str, str] = field(default_factory=lambda: KEYS)

    @property
    def is_api(self) -> bool:
        """Say whether programs call it."""
        return self.url.partition(":")[0].endswith("_api")

    def __str__(self) -> str:
        return f"{self.method} {self.url}{' (stream)' if 'event-stream' in self.accept else ''}"


FORM: dict[str, Any] = {"kind": "form", "served": (302,)}
STREAM = "text/event-stream"
WAITING = {**KEYS, "document_id": "waiting"}
PLANILLA_TEMPLATE = {**KEYS, "template_id": "planilla_template"}
REPORT_TEMPLATE = {**KEYS, "template_id": "report_template"}
SPARE = {**KEYS, "collection_id": "spare"}
SHELF: dict[str, Any] = {"is_shelved": True}
DOCUMENT: dict[str, Any] = {"is_shelved": True, "is_uploaders": True}
PRIVATE: dict[str, Any] = {"is_private": True}
ASKERS: dict[str, Any] = {"is_private": True, "opened_by": Can.SEE_USAGE}
