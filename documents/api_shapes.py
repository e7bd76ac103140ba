"""The shapes of documents, collections and runs in the API."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from documents import finding, label, places
from documents.blocks import Kind
from documents.library import Changes, Entry
from documents.models import Block, Collection, Sensitivity, Status
from documents.uploads import ISSUER_MOST_CHARS, TITLE_MOST_CHARS, Facts, Received
from documents.versions import Force, State
from pipeline.models import RunState
from pipeline.runs import Progress
from schools.shapes import Shape, Time

BLOCK_KINDS = [(each.value, each.value) for each in Kind]

_PLACE = {
    "type": "object",
    "description": "kind: page (page, boxes in points, origin top left), sheet (sheet, rows), slide (slide), "
    "time (from_s, to_s) or text (from, to: characters)",
    "properties": {"kind": {"type": "string", "enum": ["page", "sheet", "slide", "time", "text"]}},
    "required": ["kind"],
    "additionalProperties": True,
    "nullable": True,
}


@extend_schema_field(_PLACE)
class PlaceField(serializers.JSONField):
    """A place in a source, as `documents.places.to_json` writes it."""


class CollectionShape(Shape):
    """A shelf of the library."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    is_default = serializers.BooleanField()
    documents_count = serializers.IntegerField(default=0)
    created_at = Time()


class NewCollection(Shape):
    """A collection to make."""

    name = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class CollectionChange(Shape):
    """What may be changed of a collection."""

    name = serializers.CharField(max_length=100, required=False)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)


class Upload(Shape):
    """A file and what is said of it. `collection`: the general one when left out."""

    file = serializers.FileField(allow_empty_file=True)
    collection = serializers.UUIDField(required=False, allow_null=True)
    title = serializers.CharField(max_length=TITLE_MOST_CHARS, required=False, allow_blank=True, default="")
    sensitivity = serializers.ChoiceField(Sensitivity.choices, required=False, allow_blank=True, default="")
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)
    supersedes = serializers.UUIDField(required=False, allow_null=True)
    issuer = serializers.CharField(max_length=ISSUER_MOST_CHARS, required=False, allow_blank=True, default="")


class Uploaded(Shape):
    """What became of an upload; `duplicate`: the school had these bytes already, and this is their document."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(Status.choices)
    run_id = serializers.UUIDField(allow_null=True)
    duplicate = serializers.BooleanField()


class Fault(Shape):
    """Why a document could not be processed."""

    code = serializers.CharField()
    detail = serializers.CharField()


class Gap(Shape):
    """A part that was not read; `place` null: the whole document."""

    place = PlaceField(allow_null=True)
    reason = serializers.CharField()
    code = serializers.CharField(default="")
    ignored = serializers.BooleanField(default=False, help_text="somebody said that it does not matter")


class Successor(Shape):
    """What rules instead of a document; both null: a document that I may not see."""

    document_id = serializers.UUIDField(allow_null=True)
    title = serializers.CharField(allow_null=True)


class Validity(Shape):
    """Whether a document rules today. `note`: what a reader must be told, in words for staff."""

    state = serializers.ChoiceField(State.choices)
    note = serializers.CharField(allow_blank=True)
    replaced_by = Successor(allow_null=True)


class Uploader(Shape):
    """Who uploaded a document."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class PersonalSample(Shape):
    """A place that holds personal data; `text`: hidden but for a few letters."""

    text = serializers.CharField()
    place = PlaceField()


class PersonalData(Shape):
    """Personal data of one kind that the text holds; `decides`: they ask for the suggested label."""

    kind = serializers.CharField()
    count = serializers.IntegerField()
    decides = serializers.BooleanField()
    samples = PersonalSample(many=True)


class DocumentShape(Shape):
    """A document and how far its processing is."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    filename = serializers.CharField()
    format = serializers.CharField()
    collection = serializers.UUIDField()
    sha256 = serializers.CharField()
    size_bytes = serializers.IntegerField()
    pages = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(Status.choices)
    progress = serializers.FloatField(help_text="0 to 1")
    stage = serializers.CharField(allow_null=True)
    eta_s = serializers.IntegerField(allow_null=True)
    waits = serializers.CharField(help_text="for what it waits, in words for staff; empty: it does not")
    run_id = serializers.UUIDField(allow_null=True, help_text="the run that is at work, or failed")
    unreadable = Gap(many=True)
    error = Fault(allow_null=True)
    sensitivity = serializers.ChoiceField(
        Sensitivity.choices, allow_blank=True, help_text="none counts as confidential"
    )
    suggested_sensitivity = serializers.ChoiceField(
        Sensitivity.choices, allow_blank=True, help_text="what the text asks for"
    )
    personal_data = PersonalData(many=True)
    label_to_confirm = serializers.BooleanField(help_text="the suggestion waits for a person")
    labelled_at = Time(allow_null=True, help_text="when a person set or confirmed the label")
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    supersedes = serializers.UUIDField(allow_null=True)
    issuer = serializers.CharField()
    validity = Validity()
    uploaded_by = Uploader(allow_null=True)
    may_change = serializers.BooleanField()
    created_at = Time()


class DocumentChange(Shape):
    """What may be changed of a document's record; a date or `supersedes` of null is taken away."""

    title = serializers.CharField(max_length=TITLE_MOST_CHARS, required=False)
    collection = serializers.UUIDField(required=False)
    sensitivity = serializers.ChoiceField(Sensitivity.choices, required=False, allow_blank=True)
    confirm_sensitivity = serializers.BooleanField(
        default=False, help_text="use it though the text asks for a stricter one"
    )
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)
    supersedes = serializers.UUIDField(required=False, allow_null=True)
    issuer = serializers.CharField(max_length=ISSUER_MOST_CHARS, required=False, allow_blank=True)


class DocumentQuery(Shape):
    """Which documents to list."""

    q = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="words of title or file name"
    )
    collection = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(Status.choices, required=False)
    validity = serializers.ChoiceField(State.choices, required=False, help_text="whether it rules today")
    sensitivity = serializers.ChoiceField(
        label.FILTERS, required=False, help_text="a label, none, or to_confirm"
    )


class Started(Shape):
    """Work that was begun."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(Status.choices)
    run_id = serializers.UUIDField()


class BlockShape(Shape):
    """A piece of a document in reading order. `cells`: of a table, its rows."""

    ordinal = serializers.IntegerField()
    kind = serializers.ChoiceField(BLOCK_KINDS)
    level = serializers.IntegerField()
    text = serializers.CharField()
    place = PlaceField()
    cells = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class WordsQuery(Shape):
    """Which words to look for inside a document."""

    q = serializers.CharField(max_length=finding.MOST_CHARS, required=False, allow_blank=True, default="")


class HitInsideShape(Shape):
    """One place of the words; `before`, `words`, `after`: the line around it. `block`: the ordinal of its block."""

    block = serializers.IntegerField(source="block_ordinal")
    place = PlaceField()
    before = serializers.CharField()
    words = serializers.CharField()
    after = serializers.CharField()


class FoundInsideShape(Shape):
    """What was found, in reading order; `more`: there is more than the first hundred."""

    results = HitInsideShape(many=True)
    more = serializers.BooleanField()


class GapChange(Shape):
    """Which part of `unreadable` to set aside: by its place, or by its number in the list, from 0."""

    place = PlaceField(required=False, allow_null=True)
    index = serializers.IntegerField(required=False, min_value=0)
    ignored = serializers.BooleanField(default=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a body that names no part, or two."""
        if ("place" in attrs) == ("index" in attrs):
            raise serializers.ValidationError(_("Falta «place» o «index»; uno de los dos."))
        return attrs


class Password(Shape):
    """What opens an encrypted PDF. It is used once and kept nowhere."""

    password = serializers.CharField(max_length=500, trim_whitespace=False, write_only=True)


class RunShape(Shape):
    """A piece of background work."""

    id = serializers.UUIDField(source="run_id")
    kind = serializers.CharField()
    subject_id = serializers.UUIDField(help_text="the document, planilla or report that it is about")
    document_id = serializers.UUIDField(source="subject_id", help_text="the same, by its older name")
    state = serializers.ChoiceField(RunState.choices)
    stage = serializers.CharField()
    progress = serializers.FloatField(help_text="0 to 1")
    eta_s = serializers.IntegerField(allow_null=True)
    waits = serializers.CharField(help_text="for what it waits, in words for staff; empty: it does not")
    error = Fault(allow_null=True)
    created_at = Time()
    finished_at = Time(allow_null=True)


def facts_of(given: dict[str, Any]) -> Facts:
    """Return what an Upload says of its file."""
    return Facts(
        collection_id=given.get("collection"),
        title=given["title"],
        sensitivity=Sensitivity(given["sensitivity"]),
        valid_from=given.get("valid_from"),
        valid_until=given.get("valid_until"),
        supersedes_id=given.get("supersedes"),
        issuer=given["issuer"],
    )


def changes_of(given: dict[str, Any]) -> Changes:
    """Return what a DocumentChange asks for; a date or `supersedes` of null is taken away."""
    clearable = ("valid_from", "valid_until", "supersedes")
    return Changes(
        title=given.get("title"),
        collection_id=given.get("collection"),
        sensitivity=Sensitivity(given["sensitivity"]) if "sensitivity" in given else None,
        confirms_label=given["confirm_sensitivity"],
        valid_from=given.get("valid_from"),
        valid_until=given.get("valid_until"),
        issuer=given.get("issuer"),
        supersedes_id=given.get("supersedes"),
        clear=frozenset(name for name in clearable if name in given and given[name] is None),
    )


def of_collection(row: Collection) -> dict[str, Any]:
    """Return a collection; one without `documents_count` was just made."""
    return dict(CollectionShape(row).data)


def of_received(received: Received) -> dict[str, Any]:
    """Return what became of an upload."""
    return dict(
        Uploaded(
            {
                "id": received.document_id,
                "status": received.status,
                "run_id": received.run_id,
                "duplicate": received.is_duplicate,
            }
        ).data
    )


def of_entry(entry: Entry) -> dict[str, Any]:
    """Return a document as a member may see it."""
    document, run = entry.document, entry.progress
    busy = document.status in (Status.QUEUED, Status.PROCESSING)
    facts = (
        "id", "title", "filename", "format", "sha256", "size_bytes", "pages", "status", "unreadable", "sensitivity",
        "suggested_sensitivity", "personal_data", "labelled_at", "valid_from", "valid_until", "issuer", "created_at",
    )  # fmt: skip
    return dict(
        DocumentShape(
            {
                **{name: getattr(document, name) for name in facts},
                "collection": document.collection_id,
                "label_to_confirm": label.is_to_confirm(document),
                "progress": round(entry.share_done, 4),
                "stage": run.stage if run and busy else None,
                "eta_s": run.eta_s if run and busy else None,
                "waits": run.waits if run and busy else "",
                "run_id": run.run_id if run else None,
                "error": _fault(document.error_code, document.error_detail),
                "supersedes": entry.supersedes_id,
                "validity": _validity(entry.force),
                "uploaded_by": document.uploaded_by,
                "may_change": entry.may_change,
            }
        ).data
    )


def of_found(found: finding.Found) -> dict[str, Any]:
    """Return what a search inside a document found."""
    hits = [
        {
            "block_ordinal": hit.block_ordinal,
            "place": places.to_json(hit.place),
            "before": hit.before,
            "words": hit.words,
            "after": hit.after,
        }
        for hit in found.hits
    ]
    return dict(FoundInsideShape({"results": hits, "more": found.is_cut}).data)


def of_block(block: Block) -> dict[str, Any]:
    """Return a block."""
    return dict(BlockShape(block).data)


def of_run(run: Progress) -> dict[str, Any]:
    """Return a run."""
    shape = RunShape(
        {
            "run_id": run.run_id,
            "kind": run.kind,
            "subject_id": run.subject_id,
            "state": run.state,
            "stage": run.stage,
            "progress": run.progress,
            "eta_s": run.eta_s,
            "waits": run.waits,
            "error": _fault(
                "cancelled" if run.state == RunState.CANCELLED else run.error_code, run.error_detail
            ),
            "created_at": run.created_at,
            "finished_at": run.finished_at,
        }
    )
    return dict(shape.data)


def _validity(force: Force) -> dict[str, Any]:
    by = force.by
    known = (
        {"document_id": by.id, "title": by.title} if by and by.title else {"document_id": None, "title": None}
    )
    return {"state": force.state, "note": force.note, "replaced_by": known if by else None}


def _fault(code: str, detail: str) -> dict[str, str] | None:
    if not code:
        return None
    return {
        "code": code,
        "detail": detail or (_("Se canceló el procesamiento.") if code == "cancelled" else ""),
    }
