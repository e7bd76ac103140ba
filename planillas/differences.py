"""Planillas against their files and their runs."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import Model

from documents import stored
from documents.stored import Kept
from pipeline.differences import at_work, mend_by
from planillas.models import Planilla, Report, State, Template, Version
from schools.differences import Look, Outcome
from schools.ids import SchoolId
from schools.scope import school_scope

PAGE = 500
_OURS = ("planillas", "planilla-templates")


def check(school_id: SchoolId, look: Look) -> None:
    """Compare a school's planillas and their templates with what is stored of them, and with promised work."""
    for template in _all(school_id, Template):
        if template.format and template.deleted_at is None:
            _verify(template.file_key, template.sha256, look)
    for version in _all(school_id, Version):
        _verify(version.file_key, version.sha256, look)
    for planilla in _all(school_id, Planilla):
        if (
            planilla.format
            and planilla.deleted_at is None
            and not default_storage.exists(planilla.template_key)
        ):
            look.note("missing_file", Outcome.LEFT, planilla.template_key)
        _check_work(school_id, planilla, look, kind="planilla", removal="planilla_removal")
    for report in _all(school_id, Report):
        _check_work(school_id, report, look, kind="report", removal="report_removal")
    _check_folders(school_id, look)


def _verify(key: str, sha256: str, look: Look) -> None:
    if stored.verify(key, sha256, look) == Kept.GONE:
        look.note("missing_file", Outcome.LEFT, key)


def _check_work(school_id: SchoolId, subject: Any, look: Look, *, kind: str, removal: str) -> None:
    code = ""
    if subject.deleted_at is not None:
        code, kind = "removal_not_begun", removal
    elif subject.state == State.FILLING:
        code = "work_not_begun"
    if code:
        with school_scope(school_id):
            is_busy = bool(at_work([subject.pk]))
        if is_busy:
            look.busy += 1
            return
        outcome = mend_by(school_id, kind, [subject.pk])[subject.pk] if look.mends else Outcome.FOUND
        look.note(code, outcome, subject.pk)


def _all(school_id: SchoolId, model: Any) -> Iterator[Any]:
    """Yield every row of a kind, page by page."""
    last = UUID(int=0)
    while True:
        with school_scope(school_id):
            page: list[Model] = list(model.objects.filter(pk__gt=last).order_by("pk")[:PAGE])
        yield from page
        if not page:
            return
        last = page[-1].pk


def _check_folders(school_id: SchoolId, look: Look) -> None:
    home = stored.folder_of(school_id)
    folders, files = stored.within(home)
    for folder in _OURS:
        for key in stored.below(f"{home}/{folder}"):
            if stored.is_settled(key, look) and not _is_named(school_id, key.removeprefix(f"{home}/")):
                stored.take_away(key, look)
    unknown = [name for name in folders if name not in _OURS and stored.as_id(name) is None]
    for name in [*unknown, *files]:
        look.note("unknown_file", Outcome.LEFT, f"{home}/{name}")


def _is_named(school_id: SchoolId, path: str) -> bool:
    """Say whether a row names this file, now."""
    folder, _slash, rest = path.partition("/")
    owner = stored.as_id(rest.partition("/")[0])
    if owner is None:
        return False
    with school_scope(school_id):
        if folder == "planilla-templates":
            named = [each.file_key for each in Template.objects.filter(pk=owner)]
        else:
            named = [each.template_key for each in Planilla.objects.filter(pk=owner)]
            named += [each.file_key for each in Version.objects.filter(planilla_id=owner)]
    return f"{stored.folder_of(school_id)}/{path}" in named
