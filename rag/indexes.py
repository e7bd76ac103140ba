"""Which index answers, which is being built, and the change from one to the other."""

import logging

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from documents.models import Document, Status
from engines import router, spanish
from pipeline import runs
from rag import chunk, store
from rag.models import Index, IndexState, Placement
from schools.ids import SchoolId
from schools.models import School
from schools.scope import school_scope

log = logging.getLogger(__name__)

# How many documents of one school are asked to be indexed anew at a time, so that uploads do not wait behind them.
REBUILD_AT_ONCE = 20


def wanted_name() -> str:
    """Return the name of the index that today's analyser, cut and embedder make.

    When one of them changes, every document is cut and indexed anew beside the index that answers meanwhile.
    """
    embedder = router.embedder()
    name = f"{settings.QDRANT_PREFIX}_a{spanish.VERSION}c{chunk.VERSION}"
    return name + (f"_{embedder.fingerprint}" if embedder else "")


def ensure() -> None:
    """Make sure that the wanted index exists: active when it is the first, else being built beside the active one."""
    name = wanted_name()
    if Index.objects.filter(name=name, state__in=(IndexState.ACTIVE, IndexState.BUILDING)).exists():
        return
    embedder = router.embedder()
    dimension = embedder.dimension if embedder else None
    store.ensure(name, dimension=dimension)
    with transaction.atomic():
        first = not Index.objects.select_for_update().filter(state=IndexState.ACTIVE).exists()
        Index.objects.filter(state=IndexState.BUILDING).update(state=IndexState.RETIRED)
        Index.objects.update_or_create(
            name=name,
            defaults={
                "fingerprint": embedder.fingerprint if embedder else "",
                "dimension": dimension,
                "state": IndexState.ACTIVE if first else IndexState.BUILDING,
                "activated_at": timezone.now() if first else None,
            },
        )


def live() -> list[Index]:
    """Return the indexes that documents are written to: the active one, and the one being built if any.

    One whose embedder is no longer configured gets no new documents; it answers until the other takes over.
    """
    found = _live()
    if not any(index.state == IndexState.ACTIVE for index in found):
        ensure()
        found = _live()
    return [each for each in found if not each.fingerprint or router.embedder(fingerprint=each.fingerprint)]


def standing() -> list[Index]:
    """Return the indexes that hold points: the active one and the one being built, whatever engines there are."""
    live()
    return _live()


def active() -> Index:
    """Return the index that answers."""
    index = Index.objects.filter(state=IndexState.ACTIVE).first()
    if index is None:
        ensure()
        index = Index.objects.get(state=IndexState.ACTIVE)
    return index


def keep_up() -> None:
    """Bring the wanted index nearer to whole, and let it take over when it is. Called by the scheduler."""
    ensure()
    building = Index.objects.filter(state=IndexState.BUILDING).first()
    if building is not None:
        # Every school is asked, not only up to the first that misses something.
        missing = sum(_ask_for_missing(school_id, building) for school_id in schools())
        if not missing:
            _take_over(building)
    for index in Index.objects.filter(state=IndexState.RETIRED):
        store.drop(index.name)
        for school_id in schools():
            with school_scope(school_id):
                Placement.objects.filter(index=index).delete()
        index.delete()


def _ask_for_missing(school_id: SchoolId, building: Index) -> bool:
    """Start work on some of a school's documents that the index lacks; say whether any is missing."""
    with school_scope(school_id):
        placed = Placement.objects.filter(index=building).values("document_id")
        missing = (
            Document.objects.filter(deleted_at=None, status__in=(Status.READY, Status.PARTIAL))
            .exclude(pk__in=placed)
            .values_list("pk", flat=True)[:REBUILD_AT_ONCE]
        )
        found = list(missing)
        for document_id in found:
            runs.start("reindexing", document_id)
    return bool(found)


def _take_over(building: Index) -> None:
    with transaction.atomic():
        Index.objects.filter(state=IndexState.ACTIVE).update(state=IndexState.RETIRED)
        Index.objects.filter(pk=building.pk).update(state=IndexState.ACTIVE, activated_at=timezone.now())
    log.info("index %s answers now", building.name)


def schools() -> list[SchoolId]:
    """Return every school."""
    return [SchoolId(pk) for pk in School.objects.values_list("pk", flat=True)]


def _live() -> list[Index]:
    return list(Index.objects.exclude(state=IndexState.RETIRED).order_by("state"))
