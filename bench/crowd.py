"""Schools full of chunks, written in bulk: rows in Postgres and points in Qdrant, as the pipeline would leave them."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.questions import load_dist, load_squad

if TYPE_CHECKING:
    from rag.models import Chunk
    from schools.admission import Member

CHUNKS_A_DOCUMENT = 50
_POINTS_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text with all that is made of it once, however many schools are given it."""

    text: str
    analysis: bytes
    stems: Any
    grams: Any


def prepare(data: Path, *, count: int) -> list[Prepared]:
    """Return so many different texts: paragraphs of the question sets, then the same with sentences changed about."""
    from engines import spanish

    paragraphs = [*load_squad(data).paragraphs, *load_dist(data).paragraphs]
    texts = [*paragraphs, *_variations(paragraphs)][:count] if count > len(paragraphs) else paragraphs[:count]
    while len(texts) < count:
        texts.extend(_variations(paragraphs, seed=len(texts)))
    made = [(text, spanish.index(text)) for text in texts[:count]]
    return [Prepared(text, found.analysis.to_bytes(), found.stems, found.grams) for text, found in made]


def fill(member: "Member", texts: Sequence[Prepared]) -> None:
    """Give a school documents of the texts, ready to be found."""
    from documents import collections
    from rag import indexes, store
    from schools.ids import ChunkId, CollectionId, DocumentId

    shelf = collections.visible(member)[0]
    index = indexes.active().name
    for number, start in enumerate(range(0, len(texts), CHUNKS_A_DOCUMENT)):
        part = texts[start : start + CHUNKS_A_DOCUMENT]
        chunks = _write_rows(member, shelf.pk, number, part)
        points = [
            store.Point(ChunkId(chunk.pk), one.stems, one.grams)
            for chunk, one in zip(chunks, part, strict=True)
        ]
        for first in range(0, len(points), _POINTS_AT_ONCE):
            store.upsert(
                index,
                school_id=member.school_id,
                collection_id=CollectionId(shelf.pk),
                document_id=DocumentId(chunks[0].document_id),
                points=points[first : first + _POINTS_AT_ONCE],
            )


def _write_rows(member: "Member", shelf: Any, number: int, part: Sequence[Prepared]) -> "list[Chunk]":
    from documents.models import Block, Document, Status
    from rag.cut import chunk_id
    from rag.models import Chunk
    from schools.bulk import insert
    from schools.scope import school_scope

    with school_scope(member.school_id):
        name = f"Documento {number}"
        document = Document.objects.create(
            collection_id=shelf,
            title=name,
            filename=f"{name}.txt",
            format="text",
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            size_bytes=sum(len(one.text) for one in part),
            status=Status.READY,
        )
        blocks, chunks, at = [], [], 0
        for ordinal, one in enumerate(part):
            end = at + len(one.text)
            place = {"kind": "text", "from": at, "to": end}
            blocks.append(
                Block(document=document, ordinal=ordinal, kind="paragraph", text=one.text, place=place)
            )
            chunks.append(
                Chunk(
                    id=chunk_id(document.pk, ordinal, one.text),
                    document=document,
                    ordinal=ordinal,
                    text=one.text,
                    spans=[[ordinal, 0, 0, len(one.text)]],
                    analysis=one.analysis,
                )
            )
            at = end + 1
        insert(blocks)
        insert(chunks)
    return chunks


def _variations(paragraphs: Sequence[str], *, seed: int = 1) -> Iterator[str]:
    """Yield as many texts again: a paragraph's sentences in another order, one of them from another paragraph."""
    chance = random.Random(seed)
    for paragraph in paragraphs:
        sentences = paragraph.split(". ")
        foreign = chance.choice(paragraphs).split(". ")
        sentences[chance.randrange(len(sentences))] = chance.choice(foreign)
        chance.shuffle(sentences)
        yield f"{chance.randrange(1_000, 9_999)}. {'. '.join(sentences)}"
