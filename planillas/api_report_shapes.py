"""What the API of reports sends and is sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from documents.api_shapes import PlaceField
from planillas import drawn
from planillas.charts import Shape as ChartShape
from planillas.drawn import Spec
from planillas.models import Section, SectionState, State
from planillas.report_sections import TEXT_MOST_CHARS, Changes
from planillas.report_sources import SOURCES_MOST
from planillas.report_templates import (
    NAME_MOST_CHARS,
    PROMPT_MOST_CHARS,
    PURPOSE_MOST_CHARS,
    TITLE_MOST_CHARS,
    WORDS_LEAST,
    WORDS_MOST,
    WORDS_USUAL,
    Draft,
    Kind,
    Part,
    Template,
)
from planillas.reports import INSTRUCTIONS_MOST_CHARS, Entry
from schools.shapes import Shape, Time, ids


def _one_of(values: Sequence[str]) -> str:
    return f"one of: {', '.join(values)}"


def _words(**options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=WORDS_LEAST, max_value=WORDS_MOST, required=False, **options)


class ReportPart(Shape):
    """A section to be written: what of (`prompt`), about how many words, and of what kind."""

    title = serializers.CharField(max_length=TITLE_MOST_CHARS)
    prompt = serializers.CharField(
        max_length=PROMPT_MOST_CHARS, required=False, allow_blank=True, default="", trim_whitespace=False
    )
    words = _words(default=WORDS_USUAL)
    kind = serializers.CharField(
        max_length=8, required=False, default=str(Kind.TEXT), help_text=_one_of(Kind.values)
    )


class NewReportTemplate(Shape):
    """A template to make, of these sections, or as a copy of the ready-made one that `ready_made` names."""

    name = serializers.CharField(max_length=NAME_MOST_CHARS, required=False, default="", allow_blank=True)
    purpose = serializers.CharField(
        max_length=PURPOSE_MOST_CHARS, required=False, default="", allow_blank=True
    )
    sections = ReportPart(many=True, required=False, default=list)
    ready_made = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)


class ReportTemplateChange(Shape):
    """What to change; what is left out stays. `rev`: the one that was read; 409 (`template_changed`) for another."""

    rev = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    name = serializers.CharField(max_length=NAME_MOST_CHARS, required=False)
    purpose = serializers.CharField(max_length=PURPOSE_MOST_CHARS, required=False, allow_blank=True)
    sections = ReportPart(many=True, required=False)


class ReportTemplateShape(Shape):
    """A template of reports."""

    id = serializers.UUIDField()
    rev = serializers.IntegerField()
    name = serializers.CharField()
    purpose = serializers.CharField(allow_blank=True)
    ready_made = serializers.CharField(allow_blank=True)
    sections = ReportPart(many=True)


class NewReport(Shape):
    """A report to write: by a template (its id, or the name of a ready-made one), or of `sections` of its own."""

    template_id = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    sections = ReportPart(many=True, required=False, default=list)
    title = serializers.CharField(max_length=TITLE_MOST_CHARS, required=False, default="", allow_blank=True)
    instructions = serializers.CharField(
        max_length=INSTRUCTIONS_MOST_CHARS, required=False, default="", allow_blank=True
    )
    documents = ids(max_length=SOURCES_MOST, default=list)
    collections = ids(default=list)
    planillas = ids(default=list)


class ReportChange(Shape):
    """What to change; what is left out stays."""

    title = serializers.CharField(max_length=TITLE_MOST_CHARS, required=False)
    instructions = serializers.CharField(max_length=INSTRUCTIONS_MOST_CHARS, required=False, allow_blank=True)


class ReportDrawing(Shape):
    """Which cells of a planilla: the `columns` of a table; of a chart what it counts `by`, what it sums (`of`)."""

    planilla = serializers.UUIDField()
    columns = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        default=list,
        max_length=drawn.COLUMNS_MOST,
    )
    by = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    of = serializers.CharField(
        max_length=60, required=False, default="", allow_blank=True, help_text="empty: rows are counted"
    )
    shape = serializers.CharField(
        max_length=8, required=False, default=str(ChartShape.BAR), help_text=_one_of(ChartShape.values)
    )


class ReportSectionChange(Shape):
    """What to change; what is left out stays. `rev`: the one that was read; 409 (`section_changed`) for another.

    `text`: the small Markdown in which it was read; [n] names the section's notes, and those that it names no more go.
    """

    rev = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    title = serializers.CharField(max_length=TITLE_MOST_CHARS, required=False)
    prompt = serializers.CharField(max_length=PROMPT_MOST_CHARS, required=False, allow_blank=True)
    words = _words()
    text = serializers.CharField(
        max_length=TEXT_MOST_CHARS, required=False, allow_blank=True, trim_whitespace=False
    )
    drawn = ReportDrawing(required=False)


class ReportRedraft(Shape):
    """`replace`: also where a person wrote the section; 409 (`section_edited`) without it."""

    replace = serializers.BooleanField(required=False, default=False)


class ReportQuery(Shape):
    """Which reports to list."""

    q = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="words of the title"
    )
    state = serializers.ChoiceField([(str(each), str(each)) for each in State.values], required=False)


class ReportExportQuery(Shape):
    """The format."""

    fmt = serializers.ChoiceField(
        [(each, each) for each in ("docx", "pdf", "md")], required=False, default="docx"
    )


class ReportNote(Shape):
    """What a mark [n] of the text cites. `verified`: the quote was found in its source."""

    n = serializers.IntegerField()
    document_id = serializers.UUIDField()
    title = serializers.CharField()
    place = PlaceField(allow_null=True)
    quote = serializers.CharField(allow_blank=True)
    verified = serializers.BooleanField()
    sha256 = serializers.CharField(allow_blank=True)


class ReportSectionShape(Shape):
    """A section. `unsupported`: sentences that no source holds; `data`: of a table or a chart, heads and rows."""

    id = serializers.UUIDField()
    rev = serializers.IntegerField()
    title = serializers.CharField()
    prompt = serializers.CharField(allow_blank=True)
    words = serializers.IntegerField()
    kind = serializers.CharField()
    state = serializers.CharField(help_text=_one_of(SectionState.values))
    text = serializers.CharField(allow_blank=True)
    notes = ReportNote(many=True)
    unsupported = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField(allow_blank=True, help_text="why it is empty or failed, for staff")
    engine = serializers.CharField(allow_blank=True)
    drawn = ReportDrawing(allow_null=True)
    data = serializers.DictField(allow_null=True)
    edited_at = Time(allow_null=True)
    drafted_at = Time(allow_null=True)


class ReportSourceShape(Shape):
    """What a report was written from; `document_id` or `planilla_id` null: it is gone."""

    title = serializers.CharField()
    document_id = serializers.UUIDField(allow_null=True)
    planilla_id = serializers.UUIDField(allow_null=True)
    sha256 = serializers.CharField(allow_blank=True)
    is_stale = serializers.BooleanField()


class ReportShape(Shape):
    """A report. `progress`: 0 to 1 while it is written, null before and after; `waits`: for what, for staff."""

    id = serializers.UUIDField()
    rev = serializers.IntegerField()
    title = serializers.CharField()
    instructions = serializers.CharField(allow_blank=True)
    state = serializers.CharField(help_text=_one_of(State.values))
    progress = serializers.FloatField(allow_null=True)
    waits = serializers.CharField(allow_blank=True)
    error_code = serializers.CharField(allow_blank=True)
    error_detail = serializers.CharField(allow_blank=True)
    template_id = serializers.UUIDField(allow_null=True)
    created_at = Time()
    drafted_at = Time(allow_null=True)
    approved_at = Time(allow_null=True)


class WholeReport(ReportShape):
    """A report with its sections and its sources, in order."""

    sections = ReportSectionShape(many=True)
    sources = ReportSourceShape(many=True)


def draft_of(given: Mapping[str, Any], known: Template) -> Draft:
    """Return a template as it was sent; what was left out is as it was."""
    sections = given.get("sections")
    return Draft(
        name=given.get("name", known.name),
        purpose=given.get("purpose", known.purpose),
        parts=known.parts if sections is None else tuple(map(part_of, sections)),
        ready_made=known.ready_made,
    )


def part_of(given: Mapping[str, Any]) -> Part:
    """Return a section as it was sent."""
    return Part(given["title"], given["prompt"], given["words"], given["kind"])


def changes_of(given: Mapping[str, Any]) -> Changes:
    """Return what is to be changed in a section."""
    spec = given.get("drawn")
    return Changes(
        title=given.get("title"),
        prompt=given.get("prompt"),
        words=given.get("words"),
        text=given.get("text"),
        drawn=Spec(spec["planilla"], tuple(spec["columns"]), spec["by"], spec["of"], spec["shape"])
        if spec
        else None,
    )


def of_template(template: Template) -> dict[str, Any]:
    """Return a template as programs are sent it."""
    sections = [
        {"title": each.title, "prompt": each.prompt, "words": each.words, "kind": each.kind}
        for each in template.parts
    ]
    names = ("id", "rev", "name", "purpose", "ready_made")
    fields = {name: getattr(template, name) for name in names} | {"sections": sections}
    return dict(ReportTemplateShape(fields).data)


def of_entry(entry: Entry) -> dict[str, Any]:
    """Return a report as a list has it."""
    return dict(ReportShape(_facts(entry)).data)


def of_whole(entry: Entry) -> dict[str, Any]:
    """Return a report with its sections and its sources."""
    sources = [
        {
            "title": each.title,
            "document_id": each.document_id,
            "planilla_id": each.planilla_id,
            "sha256": each.sha256,
            "is_stale": each.is_stale,
        }
        for each in entry.sources
    ]
    sections = [_section(each) for each in entry.sections]
    return dict(WholeReport({**_facts(entry), "sections": sections, "sources": sources}).data)


def _facts(entry: Entry) -> dict[str, Any]:
    report = entry.report
    names = (
        "rev", "title", "instructions", "state", "error_code", "error_detail", "created_at", "drafted_at",
        "approved_at",
    )  # fmt: skip
    is_told = entry.is_at_work and entry.progress is not None
    return {
        **{name: getattr(report, name) for name in names},
        "id": report.pk,
        "template_id": report.template_id,
        "progress": entry.progress.progress if is_told and entry.progress else None,
        "waits": entry.progress.waits if is_told and entry.progress else "",
    }


def _section(row: Section) -> dict[str, Any]:
    told: Mapping[str, Any] = row.told
    made: Mapping[str, Any] | None = row.drawn.get("made")
    spec = drawn.spec_of(row.drawn)
    names = ("rev", "title", "prompt", "words", "kind", "state", "text", "edited_at", "drafted_at")
    return {
        **{name: getattr(row, name) for name in names},
        "id": row.pk,
        "notes": [{"sha256": "", **each} for each in row.citations],
        "unsupported": told.get("unsupported", []),
        "reason": told.get("reason", ""),
        "engine": told.get("engine", ""),
        "drawn": spec.to_json() if spec else None,
        "data": dict(made) if made else None,
    }
