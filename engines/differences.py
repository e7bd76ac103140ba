"""Money that is held beyond its time."""

from django.utils import timezone

from engines import ledger
from engines.models import Charge, ChargeState
from schools.differences import Look
from schools.ids import SchoolId
from schools.scope import school_scope


def check(school_id: SchoolId, look: Look) -> None:
    """Settle, as the scheduler does, what a process that died left held."""
    now = timezone.now()
    with school_scope(school_id):
        late = Charge.objects.filter(state=ChargeState.HELD, expires_at__lt=now).order_by("pk")
        for charge_id in late.values_list("pk", flat=True):
            look.note("reservation_expired", look.mended, charge_id)
    if look.mends and look.found("reservation_expired"):
        ledger.expire_of(school_id, now)
