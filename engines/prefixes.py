"""The words that some embedding models want before a text; leaving them out costs much quality."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prefixes:
    """What stands before a question and before a passage."""

    query: str = ""
    index: str = ""


_SEARCHING = "Represent this sentence for searching relevant passages: "
_FAMILIES: tuple[tuple[str, Prefixes], ...] = (
    # From the model cards. The first name found in the model's own wins.
    ("e5-mistral", Prefixes("Instruct: Given a question, retrieve passages that answer it\nQuery: ")),
    ("e5-large-instruct", Prefixes("Instruct: Given a question, retrieve passages that answer it\nQuery: ")),
    ("e5-", Prefixes("query: ", "passage: ")),
    ("nomic-embed", Prefixes("search_query: ", "search_document: ")),
    ("embeddinggemma", Prefixes("task: search result | query: ", "title: none | text: ")),
    ("qwen3-embedding", Prefixes("Instruct: Given a question, retrieve passages that answer it\nQuery: ")),
    ("arctic-embed2", Prefixes("query: ")),
    ("arctic-embed-l-v2", Prefixes("query: ")),
    ("arctic-embed-m-v2", Prefixes("query: ")),
    ("arctic-embed", Prefixes(_SEARCHING)),
    ("mxbai-embed", Prefixes(_SEARCHING)),
)


def of(model: str) -> Prefixes:
    """Return the prefixes of a model by its name, empty for a family that wants none (bge-m3) or is new."""
    name = model.lower()
    return next((prefixes for family, prefixes in _FAMILIES if family in name), Prefixes())
