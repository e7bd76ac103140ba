"""In whose name a planilla is filled or a report is written, and whether that person may still read for it.

Such work ends with the person's place in the school, with their right, or with their sight of a source, at its next
batch; see docs/decisions/0022-what-ends-with-a-person.md.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from pipeline.stages import Cancelled, Impossible, LeaseLost
from schools.admission import Member, member_of
from schools.ids import SchoolId, UserId
from schools.roles import Can
from schools.scope import school_scope

# What is asked at every record, and while an engine writes, is looked up this often.
LOOK_EVERY_S = 0.5


class NoLonger(Impossible):
    """Whoever asked for the work may not have it done any more; another person may go on with it."""


@dataclass(slots=True)
class Standing:
    """The person in whose name work is done. `is_seen`: whether a member may know of its subject, inside a scope."""

    school_id: SchoolId
    user_id: UUID | None
    created_by: UUID | None
    is_seen: Callable[[Member], bool]
    _looked_at: float = field(default=float("-inf"))

    def look(self) -> Member:
        """Return the member as they stand now; raise NoLonger. Inside a scope."""
        self._looked_at = time.monotonic()
        if self.user_id is None:
            raise _no_longer("nobody", _("Quien lo pidió ya no tiene cuenta."))
        member = member_of(self.school_id, UserId(self.user_id))
        if member is None:
            raise _no_longer("asker_gone", _("Quien lo pidió ya no tiene acceso a la escuela."))
        if not (member.may(Can.FILL) and (member.may(Can.APPROVE) or self.created_by == self.user_id)):
            raise _no_longer("asker_lost_right", _("Quien lo pidió ya no tiene permiso para hacerlo."))
        if not self.is_seen(member):
            raise _no_longer("asker_sees_less", _("Quien lo pidió ya no puede ver todas las fuentes."))
        return member

    def check(self) -> None:
        """Raise NoLonger where it was looked up a while ago and does not stand; outside a scope."""
        if time.monotonic() - self._looked_at >= LOOK_EVERY_S:
            with school_scope(self.school_id):
                self.look()


@dataclass(slots=True)
class Wanted:
    """Whether work is still wanted, asked often while an engine is at it; what `look` raised is raised again after."""

    look: Callable[[], None]
    ended: Exception | None = None

    def __call__(self) -> bool:
        """Say whether to go on."""
        try:
            self.look()
        except (Cancelled, LeaseLost, NoLonger) as ended:
            self.ended = ended
        return self.ended is None

    def check(self) -> None:
        """Raise what ended it."""
        if self.ended is not None:
            raise self.ended


def _no_longer(code: str, why: str) -> NoLonger:
    more = _("Lo que se alcanzó a hacer queda como está, y otra persona puede seguir desde ahí.")
    return NoLonger(f"{why} {more}", code=code)
