"""The acta of a recording: made from what was said and a template, then a person's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from documents import library
from documents.versions import day_of
from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope
from transcription import acta_content, acta_templates, exporting, transcripts
from transcription.acta_content import Written
from transcription.acta_draft import Heard, draft
from transcription.acta_templates import Template
from transcription.exports import acta_docx, acta_md, acta_pdf
from transcription.exports.acta import Minutes
from transcription.exports.told import Told
from transcription.models import Acta, Action, ActionState, Speaker
from transcription.recordings import Listed

# What a person has accepted; the rest is a proposal and stands in no acta.
ACCEPTED = (ActionState.OPEN.value, ActionState.DONE.value)
FORMATS = {"docx": acta_docx, "pdf": acta_pdf, "md": acta_md}


class NoActa(Refused):
    """The recording has no acta yet."""

    code = "no_acta"
    status = 404


class ActaExists(Refused):
    """There is an acta already, and to make it anew was not asked for."""

    code = "acta_exists"
    status = 409


class Overtaken(Refused):
    """Somebody else changed the acta meanwhile; `latest` is what it says now."""

    code = "acta_changed"
    status = 409

    def __init__(self, detail: str, *, latest: "Entry") -> None:
        super().__init__(detail)
        self.latest = latest


@dataclass(frozen=True, slots=True)
class Entry:
    """An acta with its recording."""

    row: Acta
    listed: Listed
    proposed: int  # tasks that nobody has accepted or rejected

    @property
    def written(self) -> Written:
        """Return what it says."""
        return acta_content.of_row(self.row)

    @property
    def sections(self) -> tuple[str, ...]:
        """Return its sections, in order."""
        return acta_content.sections_of(self.row)

    @property
    def missing(self) -> list[str]:
        """Return what is still to be completed, in words."""
        return acta_content.missing(self.written, self.sections)

    @property
    def is_outdated(self) -> bool:
        """Say whether the transcript was corrected after the acta was made."""
        recording = self.listed.recording
        return recording is not None and int(self.row.content.get("revision", 0)) < recording.revision


def find(member: Member, recording_id: UUID) -> Entry | None:
    """Return a recording's acta, None where there is none; raise NoSuchRecording."""
    listed = transcripts.get(member, recording_id)
    with school_scope(member.school_id):
        row = Acta.objects.filter(recording_id=recording_id).select_related("edited_by", "template").first()
        return _entry(row, listed) if row else None


def get(member: Member, recording_id: UUID) -> Entry:
    """Return a recording's acta; raise NoSuchRecording or NoActa."""
    entry = find(member, recording_id)
    if entry is None:
        raise NoActa(_("Esta grabación todavía no tiene un acta."), field="acta")
    return entry


def make(
    member: Member,
    recording_id: UUID,
    *,
    template_id: UUID | None = None,
    anew: bool = False,
    began_from: int | None = None,
) -> Entry:
    """Make the acta out of the transcript, its summary and its accepted tasks.

    `anew`: in place of the one there is, with all that was written in it; `began_from`: only where that is still the
    revision that was seen. Raises NoSuchRecording, library.NotYours, NoSuchTemplate, exporting.NoTranscriptYet or
    NothingSaid, ActaExists or Overtaken.
    """
    listed = _changeable(member, recording_id)
    template = acta_templates.chosen(member, template_id)
    told = exporting.gather(member, recording_id)
    written = _drafted(member, listed, told, template)
    with school_scope(member.school_id):
        recording = transcripts.recording_of(recording_id)  # two who make it at once come one after the other
        row = Acta.objects.select_for_update().filter(recording=recording).first()
        if row is not None and not anew:
            raise ActaExists(_("Esta grabación ya tiene un acta. Volver a armarla reemplaza lo que dice."))
        if row is not None and began_from is not None and row.rev != began_from:
            raise Overtaken(
                _("Otra persona cambió el acta: conviene leerla antes de volver a armarla."),
                latest=_entry(row, listed),
            )
        if row is None:
            row = Acta(recording=recording, rev=0)
        row.template_id, row.rev = template.id, row.rev + 1
        row.edited_by, row.edited_at, row.made_at = None, None, timezone.now()
        row.content = {
            "sections": list(template.sections),
            "opening_from": template.opening,
            "closing_from": template.closing,
            "revision": recording.revision,
        }
        acta_content.put(row, written)
        row.save()
    return get(member, recording_id)


def change(member: Member, recording_id: UUID, written: Written, *, began_from: int) -> Entry:
    """Keep what a person wrote; `began_from`: the revision they saw.

    An opening or closing that nobody touched follows date, place and attendance. Raises NoSuchRecording,
    library.NotYours, NoActa, acta_content.BadActa, or Overtaken, and then nothing is changed.
    """
    listed = _changeable(member, recording_id)
    checked = acta_content.check(written)
    with school_scope(member.school_id):
        row = Acta.objects.select_for_update().filter(recording_id=recording_id).first()
        if row is None:
            raise NoActa(_("Esta grabación todavía no tiene un acta."), field="acta")
        if row.rev != began_from:
            raise Overtaken(
                _("Mientras se escribía, otra persona cambió el acta."), latest=_entry(row, listed)
            )
        acta_content.put(row, _following(row, checked, member.school_name))
        row.rev += 1
        row.edited_by_id, row.edited_at = member.user_id, timezone.now()
        row.save()
    return get(member, recording_id)


def export(member: Member, recording_id: UUID, fmt: str) -> exporting.File:
    """Return the acta as a file; raise NoSuchRecording, NoActa or exporting.UnknownFormat."""
    entry = get(member, recording_id)
    if fmt not in FORMATS:
        raise exporting.UnknownFormat(
            _("Formato desconocido. Los que hay: %s.") % ", ".join(FORMATS), field="fmt"
        )
    module, written = FORMATS[fmt], entry.written
    minutes = Minutes(
        written=written,
        school=member.school_name,
        sections=entry.sections,
        recording=entry.listed.entry.document.title,
        missing=tuple(entry.missing),
    )
    return exporting.File(exporting.file_name(written.title, fmt), module.MEDIA_TYPE, module.render(minutes))


def _changeable(member: Member, recording_id: UUID) -> Listed:
    listed = transcripts.get(member, recording_id)
    if not listed.entry.may_change:
        raise library.NotYours(
            _("Solo quien subió el documento, o quien administra la biblioteca, puede hacer esto.")
        )
    return listed


def _entry(row: Acta, listed: Listed) -> Entry:
    """Return an acta with its recording. Inside a scope."""
    proposed = Action.objects.filter(recording_id=row.recording_id, state=ActionState.PROPOSED).count()
    return Entry(row, listed, proposed)


def _drafted(member: Member, listed: Listed, told: Told, template: Template) -> Written:
    document = listed.entry.document
    with school_scope(member.school_id):
        speakers = list(Speaker.objects.filter(recording_id=document.pk).order_by("number"))
    said = [(each.number, each.from_s, each.text) for each in told.segments]
    title = told.title if _names_an_acta(told.title) else f"{template.heading}: {told.title}"
    written = draft(
        title=title,
        held_on=day_of(document.created_at, member),
        speakers=[
            _heard(each, said) for each in speakers if any(number == each.number for number, *_ in said)
        ],
        said=said,
        summary=told.summary,
        tasks=[each for each in told.tasks if each.state_code in ACCEPTED],
    )
    return acta_content.filled(
        written, member.school_name, opening=template.opening, closing=template.closing
    )


def _names_an_acta(title: str) -> bool:
    return title.casefold().startswith(("acta ", "acta:"))


def _heard(speaker: Speaker, said: Sequence[tuple[int | None, float, str]]) -> Heard:
    from_s = min((second for number, second, _text in said if number == speaker.number), default=None)
    return Heard(speaker.number, speaker.name, speaker.shown, from_s)


def _following(row: Acta, written: Written, school: str) -> Written:
    """Return what was written, its untouched opening and closing made anew with the facts as they are now."""
    opening, closing = str(row.content.get("opening_from", "")), str(row.content.get("closing_from", ""))
    before = acta_content.filled(acta_content.of_row(row), school, opening=opening, closing=closing)
    after = acta_content.filled(written, school, opening=opening, closing=closing)
    return replace(
        written,
        opening=after.opening if opening and written.opening == before.opening.strip() else written.opening,
        closing=after.closing if closing and written.closing == before.closing.strip() else written.closing,
    )
