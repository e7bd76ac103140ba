"""Approving a planilla: what stands in the way, and the version that is kept of it, never changed again."""

import gzip
import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import Max
from django.utils.translation import gettext as _

from planillas import cells, register, rows
from planillas.cells import Cells
from planillas.models import Planilla, State, Version
from planillas.register import Entry
from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope

NOTE_MOST_CHARS = 300
_IN_MEMORY_BYTES = 4_000_000


class NotReady(Refused):
    """Some cells ask for a decision, and the person did not say that the planilla is approved with them."""

    code = "not_ready"
    status = 409

    def __init__(self, pending: "Pending") -> None:
        super().__init__(
            _("Quedan celdas por resolver. Resolverlas, o aprobar la planilla sabiendo que quedan así.")
        )
        self.pending = pending

    @property
    def extra(self) -> dict[str, Any]:
        """Return how many cells are how."""
        each = self.pending
        return {
            "conflict": each.conflict,
            "stale": each.stale,
            "invalid": each.invalid,
            "required": dict(each.required),
        }


class MayNotApprove(Refused):
    """The member's role does not approve planillas."""

    code = "forbidden"
    status = 403


class CannotApprove(Refused):
    """The planilla is being filled, has no rows, or was changed while it was being written down."""

    code = "cannot_approve"
    status = 409


class NoSuchVersion(Refused):
    """The planilla has no such version."""

    code = "not_found"
    status = 404


@dataclass(frozen=True, slots=True)
class Pending:
    """How many cells stand in the way. `required`: columns that must be filled, each with its count of empty cells."""

    conflict: int
    stale: int
    invalid: int
    required: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """Return how many cells there are to look at."""
        return self.conflict + self.stale + self.invalid + sum(count for _key, count in self.required)


def pending(member: Member, planilla_id: UUID) -> Pending:
    """Return what stands in the way of approving; raise NoSuchPlanilla."""
    with school_scope(member.school_id):
        return _pending(register.get_within(member, planilla_id))


def approve(
    member: Member,
    planilla_id: UUID,
    note: str = "",
    *,
    knowingly: bool = False,
    began_from: int | None = None,
) -> Version:
    """Keep the planilla as it stands as its next version, and return it; approved twice alike it is one version.

    `knowingly`: also with cells that ask for a decision; raises NotReady without it. `began_from`: the rev that the
    person saw. Raises NoSuchPlanilla, MayNotApprove or CannotApprove.
    """
    with school_scope(member.school_id):
        entry = register.get_within(member, planilla_id)
        rev = _check(entry, knowingly=knowingly, began_from=began_from)
        known = _same(entry.planilla)
        number = _last(entry.planilla) + 1
    if known is not None:
        return known
    with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
        with school_scope(member.school_id):
            count = _write_down(entry.planilla, file)
        digest = _sha256(file)
        made = Version(
            school_id=member.school_id,
            planilla_id=planilla_id,
            number=number,
            rev=rev,
            note=" ".join(note.replace("\0", "").split())[:NOTE_MOST_CHARS],
            columns=entry.planilla.columns,
            rows=count,
            sha256=digest,
            approved_by_id=member.user_id,
        )
        # The file first: a version never points at nothing. Its name holds its hash, so that of two who approve at
        # once neither writes over the other's.
        if not default_storage.exists(made.file_key):
            file.seek(0)
            default_storage.save(made.file_key, File(file))
    with school_scope(member.school_id):
        planilla = register.get_within(member, planilla_id, lock=True).planilla
        if (planilla.rev, _last(planilla) + 1) != (rev, number):
            raise CannotApprove(_("La planilla cambió mientras se aprobaba. Revisarla y aprobarla de nuevo."))
        made.save(force_insert=True)
        Planilla.objects.filter(pk=planilla_id).update(
            state=State.APPROVED, version=made.number, approved_rev=rev
        )
    return made


def versions(member: Member, planilla_id: UUID) -> list[Version]:
    """Return the versions, newest first; raise NoSuchPlanilla."""
    with school_scope(member.school_id):
        entry = register.get_within(member, planilla_id)
        found = Version.objects.filter(planilla=entry.planilla).select_related("approved_by")
        return list(found.order_by("-number"))


def version(member: Member, planilla_id: UUID, number: int) -> Version:
    """Return a version; raise NoSuchPlanilla or NoSuchVersion."""
    with school_scope(member.school_id):
        entry = register.get_within(member, planilla_id)
        found = Version.objects.filter(planilla=entry.planilla, number=number).first()
    if found is None:
        raise NoSuchVersion(_("La planilla no tiene esa versión."))
    return found


def read(kept: Version) -> Iterator[tuple[UUID, Cells]]:
    """Yield a version's rows as they were approved. Outside a scope."""
    for told in lines(kept):
        yield UUID(told["id"]), cells.unpack(told["cells"], told["places"])


def lines(kept: Version) -> Iterator[dict[str, Any]]:
    """Yield a version's rows as they are stored: {"id", "cells", "places"}. Outside a scope."""
    with default_storage.open(kept.file_key, "rb") as file, gzip.open(file, "rt", encoding="utf-8") as told:
        for line in told:
            yield json.loads(line)


def _check(entry: Entry, *, knowingly: bool, began_from: int | None) -> int:
    """Return the rev that is approved, or raise why not. Inside a scope."""
    planilla = entry.planilla
    if not entry.may_approve:
        raise MayNotApprove(_("El rol en esta escuela no permite aprobar planillas."))
    is_busy = entry.progress is not None and entry.progress.finished_at is None  # also filled again
    if planilla.state == State.FILLING or is_busy:
        raise CannotApprove(_("La planilla todavía se está completando: se podrá aprobar cuando termine."))
    if not entry.counts.rows:
        raise CannotApprove(_("La planilla no tiene filas: agregar al menos una antes de aprobarla."))
    if began_from is not None and planilla.rev != began_from:
        raise CannotApprove(_("La planilla cambió mientras se aprobaba. Revisarla y aprobarla de nuevo."))
    if not knowingly and (waiting := _pending(entry)).total:
        raise NotReady(waiting)
    return planilla.rev


def _pending(entry: Entry) -> Pending:
    empty = rows.empty_in(entry.planilla, [each.key for each in entry.columns if each.is_required])
    return Pending(
        conflict=entry.counts.conflict,
        stale=entry.counts.stale,
        invalid=entry.counts.invalid,
        required=tuple((key, count) for key, count in empty.items() if count),
    )


def _same(planilla: Planilla) -> Version | None:
    if planilla.state != State.APPROVED or planilla.approved_rev != planilla.rev:
        return None
    return Version.objects.filter(planilla=planilla, number=planilla.version).first()


def _last(planilla: Planilla) -> int:
    """Return the number of the last version; 0: there is none. Inside a scope."""
    return Version.objects.filter(planilla=planilla).aggregate(last=Max("number"))["last"] or 0


def _write_down(planilla: Planilla, file: IO[bytes]) -> int:
    """Write the rows as JSON lines; return how many. Inside a scope."""
    count = 0
    # No time in it: the same rows are the same bytes.
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=5, mtime=0) as packed:
        for row_id, told, places in rows.as_stored(planilla):
            packed.write(f'{{"id":"{row_id}","cells":{told},"places":{places}}}\n'.encode())
            count += 1
    return count


def _sha256(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()
