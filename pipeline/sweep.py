"""The sweep: sends again whatever has no live lease, so that no message, worker or Redis can lose work."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from pipeline import jobs
from pipeline.models import Due
from schools.ids import RunId, SchoolId

log = logging.getLogger(__name__)

# How long a message may lie in a queue before it is sent once more; one that Redis would not take, before the next try.
AGAIN_AFTER = timedelta(seconds=60)
UNSENT_AGAIN_AFTER = timedelta(seconds=10)
MOST_AT_ONCE = 500


def sweep() -> int:
    """Send a message for every run whose time has come; return how many. Two sweeps at once share the work."""
    now = timezone.now()
    with transaction.atomic():
        late = list(
            Due.objects.select_for_update(skip_locked=True)
            .filter(next_at__lte=now)
            .order_by("next_at")[:MOST_AT_ONCE]
        )
        Due.objects.filter(pk__in=[due.pk for due in late]).update(next_at=now + AGAIN_AFTER)
    # A long queue must not grow by what stands in it already.
    there = {queue: jobs.waiting(queue) for queue in {due.queue for due in late}}
    late = [due for due in late if due.run_id not in there[due.queue]]
    sent = 0
    for due in late:
        if not jobs.send(SchoolId(due.school_id), RunId(due.run_id), queue=due.queue):
            break  # the others would wait as long for the same answer
        sent += 1
    if sent < len(late):
        unsent = [due.pk for due in late[sent:]]
        Due.objects.filter(pk__in=unsent, next_at=now + AGAIN_AFTER).update(next_at=now + UNSENT_AGAIN_AFTER)
    if late:
        log.info("sweep: %d of %d runs sent again", sent, len(late))
    return sent
