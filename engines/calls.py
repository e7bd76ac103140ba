"""The calls that were made for something: who, when, how long, for how much."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from engines import amounts
from engines.models import Charge, ChargeState
from schools.ids import SchoolId
from schools.scope import school_scope


def made_for(school_id: SchoolId, subject_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Return every call for these subjects in order, as an evidence pack tells it."""
    with school_scope(school_id):
        rows = list(
            Charge.objects.filter(decision__subject_id__in=list(subject_ids))
            .order_by("pk")
            .select_related("decision")
        )
    return [
        {
            "decision_id": str(row.decision_id),
            "subject_id": str(row.decision.subject_id),
            "at": row.created_at.isoformat(timespec="seconds"),
            "ended_at": row.settled_at.isoformat(timespec="seconds") if row.settled_at else None,
            "task": row.task,
            "purpose": row.purpose,
            "label": row.decision.label,
            "engine": row.engine,
            "model": row.model,
            "runs": row.runs,
            "outcome": row.outcome,
            "tokens_in": row.tokens_in,
            "tokens_out": row.tokens_out,
            "seconds": row.seconds,
            "cost": {
                "amount": amounts.exact(row.actual_u) if row.state == ChargeState.SETTLED else "0",
                "currency": row.currency,
            },
        }
        for row in rows
    ]
