"""The prefixes that families of models want, under the names that Ollama and fastembed give them."""

import pytest

from engines import prefixes


@pytest.mark.parametrize(
    ("model", "query", "index"),
    [
        ("intfloat/multilingual-e5-large", "query: ", "passage: "),
        ("multilingual-e5-small", "query: ", "passage: "),
        ("nomic-embed-text:v1.5", "search_query: ", "search_document: "),
        ("nomic-ai/nomic-embed-text-v1.5-Q", "search_query: ", "search_document: "),
        ("google/embeddinggemma-300m", "task: search result | query: ", "title: none | text: "),
        ("snowflake-arctic-embed2", "query: ", ""),
        ("bge-m3", "", ""),
        ("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", "", ""),
    ],
)
def test_a_family_is_known_by_the_models_name(model: str, query: str, index: str) -> None:
    assert prefixes.of(model) == prefixes.Prefixes(query, index)


def test_instructions_stand_before_questions_alone() -> None:
    for model in ("Qwen/Qwen3-Embedding-0.6B", "qwen3-embedding:0.6b", "multilingual-e5-large-instruct"):
        found = prefixes.of(model)
        assert found.query.endswith("\nQuery: ")
        assert not found.index
