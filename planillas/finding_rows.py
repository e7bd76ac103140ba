"""The rows that running text names, found by an engine: each with the words that name it, none twice."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from planillas import fill_prompt, gathering, identity, passages, proof, quoting, readings
from planillas.asking import Answer, Unusable
from planillas.columns import Column, Kind
from planillas.filling import Filling
from planillas.models import Row
from planillas.passages import Passage
from planillas.proof import Proved
from planillas.records import Record, Said
from planillas.showing import Shown
from schools.scope import school_scope

MOST_CALLS = 200
CONFIDENCE = 0.8
LEAST_CHARS = 40  # of a window: less names nobody


def find(filling: Filling, shown: Shown) -> None:
    """Ask for the rows that the text names, window by window; raise asking.Stopped.

    Not where the rules found enough. A window whose answer was kept is not asked about again.
    """
    engine = filling.filled.engine
    if not shown.unread or _has_enough(filling):
        return
    windows = [
        each for each in passages.windows(shown.unread) if sum(len(one.text) for one in each) >= LEAST_CHARS
    ]
    # By source: which of them an engine may see is another matter the next time.
    seen: Counter[str] = Counter()
    for at, window in enumerate(windows[:MOST_CALLS]):
        document = str(window[0].document_id)
        seen[document] += 1
        if seen[document] <= engine.windows.get(document, 0):
            continue
        filling.report()
        filling.done = filling.lines * (0.5 + 0.2 * at / len(windows))
        records = _records(filling, window)
        engine.windows[document] = seen[document]
        with filling.writing() as rev:
            held, _missed = gathering.put(filling.known, records, rev=rev)
            engine.rows += sum(one.is_new for one in held)
        gathering.learn(filling.known, held)
    if len(windows) > MOST_CALLS:
        engine.stopped = _("El texto de las fuentes es demasiado largo para buscar filas en todo él.")


def identifying(columns: Sequence[Column]) -> list[Column]:
    """Return the columns that tell one row from another: the keys and documents, else the first."""
    ways = identity.ways(tuple(columns))
    told = (*ways.declared, *ways.rest, *ways.documents, *ways.names)
    kept = [each for each in columns if each.is_key or each.kind == Kind.IDENTITY or each in told]
    return kept or list(columns[:1])


def prove(
    filling: Filling,
    claims: object,
    shown: Sequence[Passage],
    columns: Sequence[Column],
    is_meant: Callable[[Passage, Proved], bool] = lambda _passage, _proved: True,
) -> Mapping[str, Said]:
    """Return what of an engine's claims the passages prove, with the exact places; the rest is counted.

    `is_meant`: whether those words speak of what was asked.
    """
    by_key = {each.key: each for each in columns}
    found: dict[str, tuple[Passage, Proved]] = {}
    told = [each for each in proof.claims(claims) if each.column in by_key]
    for claim in told:
        passage = shown[claim.passage - 1] if 1 <= claim.passage <= len(shown) else None
        proved = proof.prove(claim, by_key[claim.column], passage.text) if passage else None
        if proved is not None and passage is not None and is_meant(passage, proved):
            found.setdefault(claim.column, (passage, proved))
    # The blocks as they stand now: they may have been read again since they were shown.
    wanted: dict[UUID, set[int]] = {}
    for passage, _span in found.values():
        wanted.setdefault(passage.document_id, set()).add(passage.block)
    blocks = {each: readings.some(filling.school_id, each, ordinals) for each, ordinals in wanted.items()}
    said: dict[str, Said] = {}
    for key, (passage, proved) in found.items():
        block = blocks[passage.document_id].get(passage.block)
        start, end = passage.start + proved.start, passage.start + proved.end
        if block is not None and block.block.text[start:end] == passage.text[proved.start : proved.end]:
            evidence = quoting.quote(passage.document_id, block, start, end)
            said[key] = Said(proved.value, evidence, CONFIDENCE)
    filling.filled.engine.unproved += len({each.column for each in told} - set(said))
    return said


def _records(filling: Filling, window: Sequence[Passage]) -> list[Record]:
    """Return the rows that a window names; of one whose answer is of no use, those of its halves."""
    try:
        answer = _ask(filling, window)
    except Unusable:
        halves = (window[: len(window) // 2], window[len(window) // 2 :])
        found: list[Record] = []
        for half in halves if len(window) > 1 else (window,):
            try:
                found += _proved(filling, _ask(filling, half), half)
            except Unusable:
                filling.filled.engine.unusable += 1
        return found
    return _proved(filling, answer, window)


def _ask(filling: Filling, window: Sequence[Passage]) -> Answer:
    request = fill_prompt.for_rows(filling.sheet, identifying(filling.columns), window)
    filling.filled.engine.calls += 1
    return filling.ask(request, filling.desk.errand({each.document_id for each in window}))


def _proved(filling: Filling, answer: Answer, window: Sequence[Passage]) -> list[Record]:
    """Return the entries that the window proves and that can be told from others."""
    rows = answer.content.get("rows")
    found: list[Record] = []
    seen: set[tuple[str, ...]] = set()
    for each in rows[: fill_prompt.MOST_ENTITIES] if isinstance(rows, list) else ():
        claims = each.get("cells") if isinstance(each, dict) else None
        said = prove(filling, claims, window, identifying(filling.columns))
        record = Record(said, is_row=True, engine=answer.engine)
        keys = tuple(filling.known.keys(record) or (f"{key}:{one.value}" for key, one in said.items()))
        if said and keys not in seen:
            seen.add(keys)
            found.append(record)
    return found


def _has_enough(filling: Filling) -> bool:
    """Say whether the rules found all rows, or some where nobody said what a row is: an engine would only guess."""
    expected = filling.planilla.rows_expected
    if filling.filled.engine.windows or not (expected or not filling.planilla.row_is):
        return False
    with school_scope(filling.school_id):
        there = Row.objects.filter(planilla_id=filling.planilla.pk, deleted_at=None).count()
    return there >= (expected or 1)
