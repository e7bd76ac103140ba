"""The contract with Qdrant, through its own unmodified client: the embedded server keeps it as a real one."""

import os
import warnings
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

pytestmark = pytest.mark.skipif("QDRANT_URL" not in os.environ, reason="runs under ./preceptor test")

IDS = [f"00000000-0000-4000-8000-{number:012d}" for number in range(6)]


@pytest.fixture(scope="module")
def client() -> Iterator[QdrantClient]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the key travels over plain HTTP, on the loopback interface only
        made = QdrantClient(
            url=os.environ["QDRANT_URL"], api_key=os.environ.get("QDRANT_API_KEY"), timeout=10
        )
    yield made
    made.close()


@pytest.fixture
def shelf(client: QdrantClient) -> Iterator[str]:
    """Six points: school a holds 0–3, school b 4–5; word 1 in all, word 10+n in point n only."""
    name = f"contract-{uuid4().hex}"
    client.create_collection(
        name,
        vectors_config={"dense": models.VectorParams(size=3, distance=models.Distance.COSINE)},
        sparse_vectors_config={
            "stems": models.SparseVectorParams(modifier=models.Modifier.IDF),
            "grams": models.SparseVectorParams(modifier=models.Modifier.IDF),
        },
    )
    client.create_payload_index(
        name, "school_id", models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
    )
    client.create_payload_index(name, "document_id", models.PayloadSchemaType.KEYWORD)
    points = [
        models.PointStruct(
            id=IDS[number],
            vector={
                "stems": models.SparseVector(indices=[1, 10 + number], values=[1.0, 1.0]),
                "dense": [1.0, float(number), 0.0],
            },
            payload={"school_id": "a" if number < 4 else "b", "document_id": f"d{number % 2}"},
        )
        for number in range(6)
    ]
    client.upsert(name, points, wait=True)
    yield name
    client.delete_collection(name)


def of_school(school: str) -> models.Filter:
    return models.Filter(must=[models.FieldCondition(key="school_id", match=models.MatchValue(value=school))])


def words(*indices: int) -> models.SparseVector:
    return models.SparseVector(indices=list(indices), values=[1.0] * len(indices))


def found(response: models.QueryResponse) -> set[str]:
    return {str(point.id) for point in response.points}


# Collections


def test_collection_is_there_until_deleted(client: QdrantClient) -> None:
    name = f"contract-{uuid4().hex}"
    assert client.collection_exists(name) is False
    assert (
        client.create_collection(name, sparse_vectors_config={"stems": models.SparseVectorParams()}) is True
    )
    assert client.collection_exists(name) is True
    assert name in {one.name for one in client.get_collections().collections}
    assert client.delete_collection(name) is True
    assert client.collection_exists(name) is False


def test_collection_is_not_made_twice(client: QdrantClient, shelf: str) -> None:
    with pytest.raises(UnexpectedResponse) as caught:
        client.create_collection(shelf, sparse_vectors_config={"stems": models.SparseVectorParams()})
    assert caught.value.status_code == 409


def test_collection_tells_its_shape(client: QdrantClient, shelf: str) -> None:
    info = client.get_collection(shelf)
    assert info.status == models.CollectionStatus.GREEN
    assert info.points_count == 6
    assert set(info.payload_schema) == {"school_id", "document_id"}
    assert info.payload_schema["school_id"].data_type == models.PayloadSchemaType.KEYWORD
    sparse = info.config.params.sparse_vectors
    assert sparse is not None
    assert sparse["stems"].modifier == models.Modifier.IDF
    dense = info.config.params.vectors
    assert isinstance(dense, dict)
    assert dense["dense"].size == 3


def test_missing_collection_is_an_error_and_not_empty(client: QdrantClient) -> None:
    with pytest.raises(UnexpectedResponse) as caught:
        client.query_points("nowhere", query=words(1), using="stems")
    assert caught.value.status_code == 404
    with pytest.raises(UnexpectedResponse):
        client.count("nowhere")


# Search


def test_search_stays_within_the_filter(client: QdrantClient, shelf: str) -> None:
    answer = client.query_points(shelf, query=words(1), using="stems", query_filter=of_school("b"), limit=10)
    assert found(answer) == {IDS[4], IDS[5]}


def test_filter_of_nobody_finds_nothing(client: QdrantClient, shelf: str) -> None:
    assert client.query_points(shelf, query=words(1), using="stems", query_filter=of_school("z")).points == []


def test_rare_words_weigh_more_within_the_school(client: QdrantClient, shelf: str) -> None:
    school = of_school("b")
    answer = client.query_points(
        shelf,
        query=words(1, 14),
        using="stems",
        query_filter=school,
        search_params=models.SearchParams(idf=models.IdfCorpusParams(corpus=school)),
        limit=10,
    )
    assert [str(point.id) for point in answer.points] == [IDS[4], IDS[5]]
    # ln((N - n + 0.5) / (n + 0.5) + 1) over the two points of this school
    assert answer.points[0].score == pytest.approx(0.1823 + 0.6931, abs=1e-3)
    assert answer.points[1].score == pytest.approx(0.1823, abs=1e-3)


def test_idf_of_the_whole_collection_differs(client: QdrantClient, shelf: str) -> None:
    answer = client.query_points(shelf, query=words(14), using="stems", query_filter=of_school("b"))
    assert answer.points[0].score == pytest.approx(1.5404, abs=1e-3)


def test_dense_search(client: QdrantClient, shelf: str) -> None:
    answer = client.query_points(shelf, query=[1.0, 3.0, 0.0], using="dense", limit=1)
    assert [str(point.id) for point in answer.points] == [IDS[3]]
    assert answer.points[0].score == pytest.approx(1.0)


def test_batch_answers_in_order(client: QdrantClient, shelf: str) -> None:
    answers = client.query_batch_points(
        shelf,
        requests=[
            models.QueryRequest(
                query=words(10), using="stems", filter=of_school("a"), limit=5, with_payload=False
            ),
            models.QueryRequest(
                query=[1.0, 5.0, 0.0], using="dense", filter=of_school("b"), limit=1, with_payload=True
            ),
        ],
    )
    assert [found(answer) for answer in answers] == [{IDS[0]}, {IDS[5]}]
    assert answers[0].points[0].payload is None
    assert answers[1].points[0].payload == {"school_id": "b", "document_id": "d1"}


def test_fusion_of_prefetched_rankings(client: QdrantClient, shelf: str) -> None:
    answer = client.query_points(
        shelf,
        prefetch=[
            models.Prefetch(query=words(1, 12), using="stems", filter=of_school("a"), limit=4),
            models.Prefetch(query=[1.0, 2.0, 0.0], using="dense", filter=of_school("a"), limit=4),
        ],
        query=models.FusionQuery(fusion=models.Fusion.RRF),
        limit=1,
    )
    assert found(answer) == {IDS[2]}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            models.Filter(
                must=[models.FieldCondition(key="school_id", match=models.MatchAny(any=["b", "c"]))]
            ),
            {4, 5},
        ),
        (
            models.Filter(
                must_not=[models.FieldCondition(key="school_id", match=models.MatchValue(value="a"))]
            ),
            {4, 5},
        ),
        (
            models.Filter(
                should=[
                    models.FieldCondition(key="document_id", match=models.MatchValue(value="d1")),
                    models.HasIdCondition(has_id=[IDS[0]]),
                ]
            ),
            {0, 1, 3, 5},
        ),
        (models.Filter(must=[models.HasIdCondition(has_id=[IDS[1], IDS[2]])]), {1, 2}),
        (models.Filter(must=[models.HasIdCondition(has_id=[])]), set()),
        (models.Filter(must=[of_school("a"), models.HasIdCondition(has_id=[IDS[1], IDS[5]])]), {1}),
    ],
)
def test_filters(client: QdrantClient, shelf: str, condition: models.Filter, expected: set[int]) -> None:
    wanted = {IDS[number] for number in expected}
    assert found(client.query_points(shelf, query=words(1), using="stems", query_filter=condition)) == wanted
    assert client.count(shelf, count_filter=condition).count == len(wanted)
    assert {str(one.id) for one in client.scroll(shelf, scroll_filter=condition, limit=10)[0]} == wanted


def test_limit_offset_and_threshold(client: QdrantClient, shelf: str) -> None:
    answer = client.query_points(shelf, query=[1.0, 0.0, 0.0], using="dense", limit=2, offset=1)
    assert [str(point.id) for point in answer.points] == [IDS[1], IDS[2]]
    strict = client.query_points(shelf, query=[1.0, 0.0, 0.0], using="dense", score_threshold=0.9)
    assert found(strict) == {IDS[0]}


# Reading and writing


def test_upsert_replaces_and_never_doubles(client: QdrantClient, shelf: str) -> None:
    point = models.PointStruct(id=IDS[0], vector={"stems": words(77)}, payload={"school_id": "a"})
    for _ in range(2):
        client.upsert(shelf, [point], wait=True)
    assert client.count(shelf).count == 6
    assert found(client.query_points(shelf, query=words(77), using="stems")) == {IDS[0]}
    assert client.query_points(shelf, query=words(10), using="stems").points == []


def test_upsert_under_a_condition_leaves_what_does_not_meet_it(client: QdrantClient, shelf: str) -> None:
    """What the fence of rag.store rests on: a new point goes in, an old one only where the condition holds."""

    def write(fence: int, *numbers: int) -> None:
        written = models.FieldCondition(key="fence", range=models.Range(lte=fence))
        unmarked = models.IsEmptyCondition(is_empty=models.PayloadField(key="fence"))
        points = [
            models.PointStruct(id=IDS[n], vector={"stems": words(n)}, payload={"fence": fence})
            for n in numbers
        ]
        client.upsert(shelf, points, wait=True, update_filter=models.Filter(should=[written, unmarked]))

    client.delete(shelf, [IDS[5]], wait=True)
    write(1_764_000_000_000_002, 0, 1)
    write(1_764_000_000_000_001, 1, 2, 5)
    found = {str(one.id): (one.payload or {}).get("fence") for one in client.scroll(shelf, limit=10)[0]}
    assert found == {
        IDS[0]: 1_764_000_000_000_002,
        IDS[1]: 1_764_000_000_000_002,
        IDS[2]: 1_764_000_000_000_001,
        IDS[3]: None,
        IDS[4]: None,
        IDS[5]: 1_764_000_000_000_001,
    }


def test_scroll_goes_by_id(client: QdrantClient, shelf: str) -> None:
    """What reconcile's reading side by side rests on."""
    client.upsert(
        shelf,
        [models.PointStruct(id=str(uuid4()), vector={"stems": words(1)}, payload={}) for _ in range(50)],
        wait=True,
    )
    ids = [UUID(str(one.id)) for one in client.scroll(shelf, limit=100)[0]]
    assert len(ids) == 56 and ids == sorted(ids)


def test_retrieve_gives_payload_and_vectors_of_those_that_exist(client: QdrantClient, shelf: str) -> None:
    records = client.retrieve(shelf, ids=[IDS[5], str(uuid4())], with_vectors=True)
    assert [str(record.id) for record in records] == [IDS[5]]
    assert records[0].payload == {"school_id": "b", "document_id": "d1"}
    vectors = records[0].vector
    assert isinstance(vectors, dict)
    assert vectors["stems"] == words(1, 15)
    assert UUID(str(records[0].id)) == UUID(IDS[5])


def test_scroll_walks_every_point_once(client: QdrantClient, shelf: str) -> None:
    seen: list[str] = []
    offset = None
    while True:
        records, offset = client.scroll(shelf, limit=4, offset=offset, with_payload=False)
        seen += [str(record.id) for record in records]
        if offset is None:
            break
    assert sorted(seen) == IDS


def test_set_payload_changes_only_what_it_names(client: QdrantClient, shelf: str) -> None:
    client.set_payload(shelf, payload={"document_id": "new"}, points=[IDS[0]], wait=True)
    client.set_payload(shelf, payload={"collection_id": "c"}, points=of_school("b"), wait=True)
    payloads = {str(one.id): one.payload for one in client.scroll(shelf, limit=10)[0]}
    assert payloads[IDS[0]] == {"school_id": "a", "document_id": "new"}
    assert payloads[IDS[4]] == {"school_id": "b", "document_id": "d0", "collection_id": "c"}


def test_delete_by_ids_and_by_filter(client: QdrantClient, shelf: str) -> None:
    client.delete(shelf, points_selector=[IDS[0], str(uuid4())], wait=True)
    assert client.count(shelf).count == 5
    client.delete(shelf, points_selector=models.FilterSelector(filter=of_school("b")), wait=True)
    assert {str(one.id) for one in client.scroll(shelf, limit=10)[0]} == {IDS[1], IDS[2], IDS[3]}
    assert client.query_points(shelf, query=words(1), using="stems", query_filter=of_school("b")).points == []


# Refusals


def test_wrong_vectors_are_refused_and_leave_nothing(client: QdrantClient, shelf: str) -> None:
    new = str(uuid4())
    wrong: list[models.VectorStruct] = [{"dense": [1.0]}, {"unheard": [1.0]}, {"stems": [1.0, 2.0, 3.0]}]
    for vector in wrong:
        with pytest.raises(UnexpectedResponse) as caught:
            client.upsert(shelf, [models.PointStruct(id=new, vector=vector, payload={})], wait=True)
        assert caught.value.status_code in (400, 422)
    assert client.retrieve(shelf, ids=[new]) == []


def test_search_in_an_unknown_vector_is_an_error(client: QdrantClient, shelf: str) -> None:
    with pytest.raises(UnexpectedResponse) as caught:
        client.query_points(shelf, query=words(1), using="unheard")
    assert caught.value.status_code == 400


def test_wrong_key_is_refused(shelf: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stranger = QdrantClient(url=os.environ["QDRANT_URL"], api_key="wrong", check_compatibility=False)
    with pytest.raises(UnexpectedResponse) as caught:
        stranger.count(shelf)
    assert caught.value.status_code in (401, 403)
    stranger.close()


def test_server_and_client_are_of_compatible_versions(client: QdrantClient) -> None:
    assert client.info().version.startswith("1.")


def test_every_answer_is_an_answer(client: QdrantClient, shelf: str) -> None:
    try:
        groups = client.query_points_groups(shelf, group_by="document_id", query=words(1), using="stems")
    except (UnexpectedResponse, ResponseHandlingException):
        return  # not implemented here, and says so
    assert groups.groups, "an empty success is worse than an error"
