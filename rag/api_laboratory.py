"""The API of the laboratory: how documents were cut, how a question is searched."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from documents import places
from documents.api_shapes import PlaceField
from documents.blocks import Kind
from documents.places import Place
from rag import laboratory
from rag.answer import WhyNot
from rag.laboratory import LISTS, Candidate, Cut, Trial
from rag.retrieve import QUESTION_MOST_CHARS, Passage
from schools.admission import in_school
from schools.openapi import describe
from schools.paging import page_by_ordinal
from schools.roles import Can
from schools.shapes import Call, Shape, ids, page_of, read


class LaboratoryQuery(Shape):
    """A question to try; `at_date`: what ruled that day counts as in force, today's without it."""

    query = serializers.CharField(max_length=QUESTION_MOST_CHARS)
    collections = ids()
    at_date = serializers.DateField(required=False, allow_null=True)


class TracedPassage(Shape):
    """A passage and its place."""

    chunk_id = serializers.UUIDField()
    document_id = serializers.UUIDField()
    title = serializers.CharField()
    heading_path = serializers.ListField(child=serializers.CharField())
    text = serializers.CharField()
    place = PlaceField()


class FoundBy(Shape):
    """That a list of the store brought a passage, at which rank among what one may read."""

    by = serializers.ChoiceField(LISTS)
    rank = serializers.IntegerField()
    score = serializers.FloatField()


class PointShape(Shape):
    """What one feature added; `measured` times `weight`, both null where they cannot be told apart."""

    name = serializers.CharField()
    measured = serializers.FloatField(allow_null=True)
    weight = serializers.FloatField(allow_null=True)
    points = serializers.FloatField()


class CandidateShape(TracedPassage):
    """A passage that was found. `n`: its number among the sources; null: not given to the engine, for `why_not`."""

    rank = serializers.IntegerField()
    score = serializers.FloatField()
    prior = serializers.FloatField()
    support = serializers.FloatField(allow_null=True)
    found = FoundBy(many=True)
    points = PointShape(many=True)
    n = serializers.IntegerField(allow_null=True)
    why_not = serializers.ChoiceField([each.value for each in WhyNot], allow_null=True)


class AsideShape(TracedPassage):
    """A passage that steps back because its document does not rule."""

    why = serializers.CharField()


class SourceShape(Shape):
    """What the engine would be given under a number."""

    n = serializers.IntegerField()
    title = serializers.CharField()
    heading = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    validity = serializers.CharField(allow_blank=True, help_text="what it is told of the source's force")


class TrialShape(Shape):
    """A question searched, up to the moment at which the engine would be called."""

    query = serializers.CharField()
    words = serializers.ListField(child=serializers.CharField())
    index = serializers.CharField()
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="passages that each list brought"
    )
    candidates = CandidateShape(many=True)
    set_aside = AsideShape(many=True)
    elsewhere = TracedPassage(many=True, help_text="would be given if every collection were searched")
    sources = SourceShape(many=True)
    engine = serializers.CharField()
    reason = serializers.CharField()


class PartShape(Shape):
    """The words of one block that a chunk holds. `doubts`: those recognised with little certainty."""

    block = serializers.IntegerField()
    kind = serializers.ChoiceField([kind.value for kind in Kind])
    level = serializers.IntegerField()
    text = serializers.CharField()
    is_whole = serializers.BooleanField()
    doubts = serializers.ListField(child=serializers.CharField())


class ChunkShape(Shape):
    """A chunk as it is searched. `tokens`: estimated; `added`: a table's header that it repeats."""

    id = serializers.UUIDField()
    ordinal = serializers.IntegerField()
    text = serializers.CharField()
    heading_path = serializers.ListField(child=serializers.CharField())
    tokens = serializers.IntegerField()
    place = PlaceField(allow_null=True)
    parts = PartShape(many=True)
    added = serializers.CharField(allow_blank=True)


class Search(APIView):
    """`laboratory/search`"""

    @describe("try_question", area="laboratory", takes=LaboratoryQuery, gives=TrialShape)
    @in_school(Can.INSPECT)
    def post(self, request: Call) -> Response:
        """Return how a question is searched, what of it an engine would be given, and why not the rest."""
        given = read(LaboratoryQuery, request)
        trial = laboratory.search(
            request.member,
            given["query"],
            collections=given.get("collections"),
            at_date=given.get("at_date"),
        )
        return Response(of_trial(trial))


class Chunks(APIView):
    """`documents/{id}/chunks/`"""

    @describe(
        "list_chunks",
        area="laboratory",
        gives=page_of(ChunkShape),
        query=(
            OpenApiParameter("limit", int, description="1 to 200, 50 when left out"),
            OpenApiParameter("after", int, description="the ordinal after which to go on"),
        ),
    )
    @in_school(Can.INSPECT)
    def get(self, request: Call, document_id: UUID) -> Response:
        """Return a document's chunks in order, each with the blocks that it was made of."""

        def fetch(after: int, limit: int) -> list[Cut]:
            return laboratory.chunks(request.member, document_id, after=after, limit=limit)

        return Response(page_by_ordinal(request, fetch, of_cut))


def of_trial(trial: Trial) -> dict[str, Any]:
    """Return a trial."""
    shown = {
        "query": trial.question,
        "words": trial.words,
        "index": trial.index,
        "counts": trial.counts,
        "candidates": [_candidate(each) for each in trial.candidates],
        "set_aside": [{**_passage(each.passage, each.place), "why": each.why} for each in trial.aside],
        "elsewhere": [_passage(passage, place) for passage, place in trial.elsewhere],
        "sources": trial.sources,
        "engine": trial.engine,
        "reason": trial.reason,
    }
    return dict(TrialShape(shown).data)


def of_cut(cut: Cut) -> dict[str, Any]:
    """Return a chunk."""
    facts = ("ordinal", "text", "heading_path", "tokens", "added")
    parts = [
        {
            "block": part.ordinal,
            **{name: getattr(part, name) for name in ("kind", "level", "text", "is_whole", "doubts")},
        }
        for part in cut.parts
    ]
    shown = {
        **{name: getattr(cut, name) for name in facts},
        "id": cut.chunk_id,
        "place": places.to_json(cut.place) if cut.place else None,
        "parts": parts,
    }
    return dict(ChunkShape(shown).data)


def _candidate(candidate: Candidate) -> dict[str, Any]:
    passage = candidate.passage
    return {
        **_passage(passage, candidate.place),
        "rank": candidate.rank,
        "score": passage.score,
        "prior": passage.prior,
        "support": passage.support,
        "found": candidate.found,
        "points": candidate.points,
        "n": candidate.n,
        "why_not": candidate.why_not,
    }


def _passage(passage: Passage, place: Place) -> dict[str, Any]:
    facts = ("chunk_id", "document_id", "title", "heading_path", "text")
    return {**{name: getattr(passage, name) for name in facts}, "place": places.to_json(place)}
