"""What lands in a school's watched folder: taken when it has stopped growing, processed, and told of when it is done.

A file stays in `input/` until its fate is known, so that no crash can lose it; the same bytes twice are one document.
"""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from documents import collections, reading, unread, uploads
from documents.folders import Folder, Found, LocalFolder
from documents.models import Arrival, ArrivalState, Collection, Document, Status, Watch
from pipeline import runs
from pipeline.stages import Stage, Work
from schools.admission import Member, as_member
from schools.ids import SchoolId
from schools.models import Membership, School
from schools.refusals import Refused
from schools.roles import Can
from schools.scope import school_scope

log = logging.getLogger(__name__)

AT_ONCE = 200  # of one run; the next look starts another
COLLECTION_MOST_CHARS = 100
_UNDER_WAY = (ArrivalState.SEEN, ArrivalState.TAKEN)
_ENDS = (Status.READY, Status.PARTIAL, Status.FAILED)
# Schools with an empty folder and nothing under way when this process last looked: Postgres is not asked about them
# until a file comes, as only this look begins an arrival. With a thousand folders it would be, thousands of times.
_at_rest: set[SchoolId] = set()


def folder_of(slug: str) -> LocalFolder:
    """Return the watched folder of a school, which may not be there."""
    return LocalFolder(settings.FOLDERS_DIR / slug)


# --- by hand ----------------------------------------------------------------------------------------------------------


def watch(member: Member, *, is_on: bool) -> Watch:
    """Begin or cease to watch the school's folder; its files come in in the name of whoever began."""
    with school_scope(member.school_id):
        row = Watch.objects.first() or Watch()
        if is_on or row._state.adding:
            row.user_id = member.user_id
        row.is_on = is_on
        row.save()
    if is_on:
        folder_of(member.slug).make()
    return row


def watched(member: Member) -> Watch | None:
    """Return whether the school's folder is watched, and in whose name; None when nobody ever asked for it."""
    with school_scope(member.school_id):
        return Watch.objects.select_related("user").first()


def latest(member: Member, *, most: int = 50) -> list[Arrival]:
    """Return the newest arrivals, those under way first; a document that the member may not see is not named."""
    with school_scope(member.school_id):
        rows = Arrival.objects.select_related("document")
        under_way = list(rows.filter(state__in=_UNDER_WAY).order_by("-pk")[:most])
        done = list(rows.filter(state=ArrivalState.TOLD).order_by("-pk")[:most])
    return [each for each in [*under_way, *done][:most] if _may_know(member, each)]


def _may_know(member: Member, arrival: Arrival) -> bool:
    return arrival.document is None or member.sees(arrival.document.collection_id)


# --- by itself --------------------------------------------------------------------------------------------------------


def look() -> None:
    """Look into every watched folder and start work on those that have any. Called by the scheduler."""
    try:
        slugs = [each.name for each in settings.FOLDERS_DIR.iterdir() if each.is_dir()]
    except FileNotFoundError:
        return
    for school in School.objects.filter(slug__in=slugs, is_active=True).only("pk", "slug"):
        school_id, folder = SchoolId(school.pk), folder_of(school.slug)
        try:
            found = folder.files()
            if found or school_id not in _at_rest:
                _look_into(school_id, found)
        except OSError:
            # One school's unreadable disk must not keep the others from their turn.
            log.exception("the watched folder of %s", school.slug)


def _look_into(school_id: SchoolId, found: list[Found]) -> None:
    _at_rest.discard(school_id)
    with school_scope(school_id):
        row = Watch.objects.filter(is_on=True).first()
        if row is None:
            return
        _note(found)
        can_take = in_whose_name(school_id, row) is not None
        if (can_take and _still().exists()) or _ended().exists():
            runs.start("arrivals", row.pk)
        is_at_rest = not found and not Arrival.objects.filter(state__in=_UNDER_WAY).exists()
    if is_at_rest:
        _at_rest.add(school_id)


def _note(found: list[Found]) -> None:
    """Keep what was found, and since when it has not changed. Inside a scope."""
    known = {row.path: row for row in Arrival.objects.filter(state__in=_UNDER_WAY)}
    now = timezone.now()
    for each in found:
        row = known.get(each.path)
        if row is None:
            Arrival.objects.create(
                path=each.path, size_bytes=each.size_bytes, modified_ns=each.modified_ns, seen_at=now
            )
        elif row.state == ArrivalState.SEEN and (row.size_bytes, row.modified_ns) != (
            each.size_bytes,
            each.modified_ns,
        ):
            row.size_bytes, row.modified_ns, row.seen_at = each.size_bytes, each.modified_ns, now
            row.save(update_fields=["size_bytes", "modified_ns", "seen_at"])
    # Taken away again before it was taken in: nothing happened.
    gone = set(known) - {each.path for each in found}
    Arrival.objects.filter(state=ArrivalState.SEEN, path__in=gone).delete()


def _still() -> QuerySet[Arrival]:
    """Return the files that have not changed for so long that they must have been copied to the end. Inside a scope."""
    since = timezone.now() - timedelta(seconds=settings.FOLDERS_STILL_S)
    return Arrival.objects.filter(state=ArrivalState.SEEN, seen_at__lte=since)


def _ended() -> QuerySet[Arrival]:
    """Return the arrivals whose documents have come to an end. Inside a scope."""
    taken = Arrival.objects.filter(state=ArrivalState.TAKEN)
    return taken.filter(document__status__in=_ENDS) | taken.filter(document=None)


def take(work: Work) -> None:
    """Take in the files that have stopped growing, and tell what came of those that were processed."""
    school = School.objects.only("pk", "slug").get(pk=work.school_id)
    folder = folder_of(school.slug)
    with school_scope(work.school_id):
        row = Watch.objects.filter(pk=work.subject_id, is_on=True).first()
        ready = list(_still().order_by("pk")[:AT_ONCE])
        ended = list(_ended().select_related("document").order_by("pk")[:AT_ONCE])
    if row is None:
        return
    member = in_whose_name(work.school_id, row)
    ready = ready if member else []  # in nobody's name: they wait, and the page says why
    for done, arrival in enumerate(_each(ready, ended), start=1):
        if member is not None and arrival.state == ArrivalState.SEEN:
            _take_in(work, folder, arrival, member)
        else:
            _tell(work, folder, arrival, slug=school.slug)
        work.report(done, len(ready) + len(ended))


def _each(ready: list[Arrival], ended: list[Arrival]) -> Iterator[Arrival]:
    """Yield what is done before what is new: whoever waits for a result has waited longer."""
    yield from ended
    yield from ready


def in_whose_name(school_id: SchoolId, row: Watch) -> Member | None:
    """Return the member in whose name files come in; None when they were sent away or may not upload any more."""
    membership = (
        Membership.objects.select_related("school")
        .defer("school__logo")
        .filter(school_id=school_id, user_id=row.user_id, is_active=True, user__is_active=True)
        .first()
    )
    member = as_member(membership) if membership else None
    return member if member and member.may(Can.UPLOAD) else None


def _take_in(work: Work, folder: Folder, arrival: Arrival, member: Member) -> None:
    found = _found(arrival)
    try:
        with folder.open(found) as file:
            shelf = _collection(member, found.path)
            received = uploads.receive(
                member, _Upload(file, found), facts=uploads.Facts(collection_id=shelf.pk if shelf else None)
            )
    except FileNotFoundError:
        return  # gone, or still growing: the next look sees which
    except Refused as error:
        folder.reject(found, error.detail)
        _keep(work, arrival, state=ArrivalState.TOLD, error_code=error.code, error_detail=error.detail)
        return
    _keep(work, arrival, state=ArrivalState.TAKEN, document_id=received.document_id)


def _tell(work: Work, folder: Folder, arrival: Arrival, *, slug: str) -> None:
    document = arrival.document
    if document is None or document.deleted_at is not None:
        code, reason = "deleted", _("El documento se borró antes de terminar.")
    elif document.status == Status.FAILED:
        code, reason = document.error_code, document.error_detail or _("El proceso se canceló.")
    else:
        folder.tell(arrival.path, _result(document, slug=slug))
        folder.clear(_found(arrival))
        _keep(work, arrival, state=ArrivalState.TOLD)
        return
    folder.reject(_found(arrival), reason)
    _keep(work, arrival, state=ArrivalState.TOLD, error_code=code, error_detail=reason)


def _keep(work: Work, arrival: Arrival, **values: Any) -> None:
    now = timezone.now()
    values |= {"told_at": now} if values["state"] == ArrivalState.TOLD else {"taken_at": now}
    with school_scope(work.school_id):
        work.hold()
        Arrival.objects.filter(pk=arrival.pk).update(**values)


def _result(document: Document, *, slug: str) -> str:
    """Return what is told of a document that was processed, as JSON that a person can read too."""
    missed = [group for group in unread.groups(document) if not group.is_ignored]
    told = {
        "message": _("Se leyó en parte: ver «unreadable».") if missed else _("Se leyó entero."),
        "document_id": str(document.pk),
        "title": document.title,
        "file": document.filename,
        "status": document.status,
        "pages": document.pages,
        "unreadable": [{"place": group.place_label, "reason": group.reason} for group in missed],
        "url": settings.PUBLIC_URL + reading.address(slug, document.pk, None),
        "processed_at": timezone.now().isoformat(timespec="seconds"),
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _found(arrival: Arrival) -> Found:
    return Found(arrival.path, arrival.size_bytes, arrival.modified_ns)


def _collection(member: Member, path: str) -> Collection | None:
    """Return the collection that a sub-folder stands for, made on first need; None for what lies in no sub-folder."""
    names = path.split("/")[:-1]
    if not names:
        return None
    name = " ".join(" / ".join(names).split())[:COLLECTION_MOST_CHARS].rstrip()
    with school_scope(member.school_id):
        row = Collection.objects.filter(name__iexact=name).first()
    if row is not None:
        # Whoever the files come in for may have lost sight of the shelf meanwhile.
        return collections.get(member, row.pk)
    return collections.create(member, name=name)


class _Upload(File):  # type: ignore[type-arg]  # django-stubs' File is generic, Django's is not
    """A file that was found, as uploads take one."""

    def __init__(self, file: BinaryIO, found: Found) -> None:
        super().__init__(file, name=found.path.rsplit("/", 1)[-1])
        self.size = found.size_bytes


TAKE = Stage(name="take", version=1, queue="fast", run=take, attempts=1000)
