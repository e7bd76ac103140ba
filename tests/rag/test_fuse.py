"""Fusing rankings by rank."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from rag.fuse import fuse
from schools.ids import ChunkId

IDS = [ChunkId(UUID(int=number)) for number in range(8)]
RANKINGS = st.lists(st.lists(st.sampled_from(IDS), unique=True), max_size=4)


@given(RANKINGS)
def test_every_id_comes_once(rankings: list[list[ChunkId]]) -> None:
    fused = fuse(rankings)
    assert len(set(fused)) == len(fused)
    assert set(fused) == {one for ranking in rankings for one in ranking}


@given(st.lists(st.sampled_from(IDS), unique=True))
def test_one_ranking_stays_as_it_is(ranking: list[ChunkId]) -> None:
    assert fuse([ranking]) == ranking
    assert fuse([ranking, ranking]) == ranking


def test_what_two_rankings_praise_comes_before_what_one_does() -> None:
    a, b, c = IDS[:3]
    assert fuse([[a, b], [c, b]]) == [b, a, c]
