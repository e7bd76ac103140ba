"""Every index against the chunks that Postgres has: what is missing, left over, on another shelf, or another school's.

Points and chunks are read side by side in the order of their ids, a page at a time, so that a million of them cost no
memory. What looks wrong is asked for again before anything is done, since work goes on meanwhile.
"""

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from django.db.models import Exists, OuterRef

from documents.models import Document, Status
from pipeline.differences import at_work, mend_by
from rag import fence, indexes, store
from rag.models import Chunk, Index, Placement
from rag.store import Stored
from schools.differences import Look, Outcome
from schools.ids import SchoolId
from schools.models import School
from schools.scope import school_scope

log = logging.getLogger(__name__)

PAGE = 2_000
BATCH = 500
AT_ONCE = 20  # documents that are indexed anew at a time, so that uploads do not wait behind them
# Whose an unknown point may be is asked of every school; beyond so many it goes as one of nobody's.
ASKED_MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Cut:
    """A chunk, and where its point should say that it stands."""

    id: UUID
    document_id: UUID
    collection_id: UUID
    is_placed: bool  # this index holds its document's chunks


@dataclass(slots=True)
class _Found:
    """What is to be mended in one index, by document: how many points are wrong, and how."""

    index: Index
    anew: dict[UUID, dict[str, int]] = field(default_factory=dict)
    shelved: dict[UUID, int] = field(default_factory=dict)
    asked: int = 0

    def again(self, code: str, document_id: UUID) -> None:
        """Have a document indexed anew."""
        codes = self.anew.setdefault(document_id, {})
        codes[code] = codes.get(code, 0) + 1


def check(school_id: SchoolId, look: Look) -> None:
    """Compare a school's chunks with its points in every index, and mend what differs."""
    for index in indexes.standing():
        if look.mends:
            store.ensure(index.name, dimension=index.dimension)
        found = _Found(index)
        strangers: list[Stored] = []
        missing: list[_Cut] = []
        for point, cut in _side_by_side(school_id, index):
            if cut is None and point is not None:
                strangers.append(point)
            elif point is None and cut is not None:
                missing += [cut] if cut.is_placed else []
            elif point is not None and cut is not None:
                _compare(point, cut, found)
            if len(strangers) >= BATCH:
                _settle_strangers(school_id, strangers, found, look)
                strangers = []
            if len(missing) >= BATCH:
                _settle_missing(school_id, missing, found, look)
                missing = []
        _settle_strangers(school_id, strangers, found, look)
        _settle_missing(school_id, missing, found, look)
        _look_for_unplaced(school_id, found)
        _mend(school_id, found, look)


def check_strays(school_ids: Collection[SchoolId], look: Look) -> None:
    """Find and delete the points that stand in the name of no school there is; once, for all schools."""
    for index in indexes.standing():
        strays = store.strays(index.name, schools=school_ids)
        while batch := list(islice(strays, BATCH)):
            # A school may have been opened since, and points come after their school.
            schools = [*school_ids, *_schools_among({each.school_id for each in batch})]
            foreign = [each for each in batch if _as_id(each.school_id) not in schools]
            for each in foreign:
                look.note("foreign_point", look.mended, each.id)
                _alarm(index.name, str(each.id), each.school_id, "there is no such school")
            if look.mends and foreign:
                store.purge(index.name, schools=schools, ids=[each.id for each in foreign])


def _side_by_side(school_id: SchoolId, index: Index) -> Iterator[tuple[Stored | None, _Cut | None]]:
    """Yield every point with the chunk of its id; alone, where the other is missing."""
    points, cuts = store.scan(index.name, school_id=school_id), _cuts(school_id, index)
    point, cut = next(points, None), next(cuts, None)
    while point is not None or cut is not None:
        if point is not None and (isinstance(point.id, int) or cut is None or point.id < cut.id):
            yield point, None
            point = next(points, None)
        elif cut is not None and (point is None or cut.id < point.id):  # type: ignore[operator]  # no int: see above
            yield None, cut
            cut = next(cuts, None)
        else:
            yield point, cut
            point, cut = next(points, None), next(cuts, None)


def _cuts(school_id: SchoolId, index: Index) -> Iterator[_Cut]:
    last = UUID(int=0)
    while True:
        with school_scope(school_id):
            placed = Exists(Placement.objects.filter(document_id=OuterRef("document_id"), index=index))
            rows = Chunk.objects.filter(pk__gt=last, document__deleted_at=None).order_by("pk")
            page = [
                _Cut(*row)
                for row in rows.annotate(placed=placed).values_list(
                    "pk", "document_id", "document__collection_id", "placed"
                )[:PAGE]
            ]
        yield from page
        if not page:
            return
        last = page[-1].id


def _compare(point: Stored, cut: _Cut, found: _Found) -> None:
    if point.document_id != str(cut.document_id):
        found.again("wrong_payload", cut.document_id)
    elif point.collection_id != str(cut.collection_id):
        found.shelved[cut.document_id] = found.shelved.get(cut.document_id, 0) + 1


def _settle_missing(school_id: SchoolId, missing: list[_Cut], found: _Found, look: Look) -> None:
    """Count the chunks that still have no point, and whose points another school's name stands on."""
    if not missing:
        return
    with school_scope(school_id):
        busy = at_work({cut.document_id for cut in missing})
        there = set(Chunk.objects.filter(pk__in=[cut.id for cut in missing]).values_list("pk", flat=True))
    left = {cut.id: cut for cut in missing if cut.document_id not in busy and cut.id in there}
    if not left:
        return
    name = found.index.name
    present = store.present(name, school_id=school_id, ids=left)
    held = store.elsewhere(name, school_id=school_id, ids=left)
    for chunk_id, holder in held.items():
        found.anew.setdefault(left[chunk_id].document_id, {})
        _alarm(name, str(chunk_id), holder, f"the chunk is school {school_id}'s")
        look.note("foreign_point", look.mended, chunk_id)
        if look.mends:
            for other in _schools_among([holder]):
                with school_scope(other):
                    moment = fence.now(other)
                store.discard(name, school_id=other, ids=[chunk_id], fence=moment)
    for chunk_id, cut in left.items():
        if chunk_id not in present and chunk_id not in held:
            found.again("missing_point", cut.document_id)


def _settle_strangers(school_id: SchoolId, points: list[Stored], found: _Found, look: Look) -> None:
    """Delete the points that still belong to no chunk of the school."""
    if not points:
        return
    documents = {each.document_id: as_id for each in points if (as_id := _as_id(each.document_id))}
    ids = [each.id for each in points if isinstance(each.id, UUID)]
    with school_scope(school_id):
        moment = fence.now(school_id)
        busy = at_work(documents.values())
        known = set(
            Document.objects.filter(pk__in=documents.values(), deleted_at=None).values_list("pk", flat=True)
        )
        cut = set(Chunk.objects.filter(pk__in=ids, document__deleted_at=None).values_list("pk", flat=True))
    points = [each for each in points if each.id not in cut and documents.get(each.document_id) not in busy]
    foreign: set[UUID] = set()
    if points and found.asked < ASKED_MOST:
        found.asked += len(points)
        asked = [
            as_id for each in points if (as_id := documents.get(each.document_id)) and as_id not in known
        ]
        foreign = _of_others(school_id, [each.id for each in points if isinstance(each.id, UUID)], asked)
    for each in points:
        document_id = documents.get(each.document_id)
        if each.id in foreign or document_id in foreign:
            _alarm(
                found.index.name,
                str(each.id),
                str(school_id),
                "the chunk or its document is another school's",
            )
            look.note("foreign_point", look.mended, each.id)
        else:
            look.note("stale_point" if document_id in known else "orphan_point", look.mended, each.id)
    if look.mends and points:
        ids_now = [each.id for each in points]
        store.discard(found.index.name, school_id=school_id, ids=ids_now, fence=moment)


def _of_others(school_id: SchoolId, chunks: Iterable[UUID], documents: Iterable[UUID]) -> set[UUID]:
    """Return which of these ids are chunks or documents of some other school."""
    chunks, documents = list(chunks), list(documents)
    theirs: set[UUID] = set()
    for other in indexes.schools():
        if other != school_id:
            with school_scope(other):
                theirs |= set(Chunk.objects.filter(pk__in=chunks).values_list("pk", flat=True))
                theirs |= set(Document.objects.filter(pk__in=documents).values_list("pk", flat=True))
    return theirs


def _look_for_unplaced(school_id: SchoolId, found: _Found) -> None:
    """Find the documents that are read and stand in no index that answers."""
    if found.index.state != "active":
        return  # the one being built is brought on by the scheduler
    with school_scope(school_id):
        placed = Placement.objects.filter(document_id=OuterRef("pk"), index=found.index)
        lacking = Document.objects.filter(
            ~Exists(placed), deleted_at=None, status__in=(Status.READY, Status.PARTIAL)
        )
        ids = list(lacking.order_by("pk").values_list("pk", flat=True))
        busy = at_work(ids)
    for document_id in ids:
        if document_id not in busy:
            found.again("not_indexed", document_id)


def _mend(school_id: SchoolId, found: _Found, look: Look) -> None:
    for document_id, count in found.shelved.items():
        if document_id not in found.anew:
            outcome = _by_run(school_id, "shelving", [document_id], look).get(document_id)
            if outcome is not None:
                look.note("wrong_shelf", outcome, document_id, times=count)
    waiting = iter(list(found.anew))
    while batch := list(islice(waiting, AT_ONCE)):
        for document_id, outcome in _by_run(school_id, "reindexing", batch, look).items():
            for code, count in found.anew[document_id].items():
                look.note(code, outcome, document_id, times=count)


def _by_run(
    school_id: SchoolId, kind: str, document_ids: Collection[UUID], look: Look
) -> dict[UUID, Outcome]:
    """Mend documents by a run each, those left out that are gone or taken up meanwhile."""
    with school_scope(school_id):
        there = Document.objects.filter(pk__in=document_ids, deleted_at=None).values_list("pk", flat=True)
        free = sorted(set(there) - at_work(document_ids))
    if not look.mends:
        return dict.fromkeys(free, Outcome.FOUND)
    return mend_by(school_id, kind, free)


def _alarm(index: str, point: str, holder: str, why: str) -> None:
    log.error(
        "[foreign_point] point %s of index %s stood in the name of school %r: %s", point, index, holder, why
    )


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _schools_among(names: Iterable[str]) -> list[SchoolId]:
    ids = [found for name in names if (found := _as_id(name))]
    return [SchoolId(pk) for pk in School.objects.filter(pk__in=ids).values_list("pk", flat=True)]
