"""Whether something was made from what a member may not see: one rule for planillas and reports."""

from collections.abc import Collection as Some
from typing import Any
from uuid import UUID

from django.db.models import Exists, Q, QuerySet


def was_read(sources: QuerySet[Any], allowed: Some[UUID]) -> Q:
    """Return the condition that one of these sources stands, or stood when it was read, on a shelf not allowed.

    `sources`: rows of Source or ReportSource, tied to the outer query. What is known of neither shelf is hidden too.
    """
    now = sources.filter(document__isnull=False).exclude(document__collection_id__in=allowed)
    then = sources.filter(document__isnull=True).exclude(collection_id__in=allowed)
    gone = sources.filter(document__isnull=True, collection__isnull=True)
    return Q(Exists(now)) | Q(Exists(then)) | Q(Exists(gone))
