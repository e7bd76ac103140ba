"""Read a question: its terms in order, their synonyms, its codes, and the kind of thing it asks for."""

import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines import codes, kinds, spanish


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The question's words that carry meaning, each stem once, in order.

    `places`: positions in the question. `is_name`: 1.0 for names and numbers. `wanted`: see engines/kinds.
    """

    forms: tuple[str, ...]
    stems: NDArray[np.uint32]
    signatures: NDArray[np.uint64]
    places: tuple[int, ...]
    is_name: NDArray[np.float64]
    synonyms: tuple[tuple[int, ...], ...]
    codes: NDArray[np.uint32]
    wanted: int


def read(question: str) -> Terms:
    """Return the question's terms; when all its words are stop words, all of them."""
    question = unicodedata.normalize("NFC", question)
    found = spanish.words(question)
    told = [place for place, word in enumerate(found) if not word.is_stop] or list(range(len(found)))
    first: dict[int, int] = {}
    for place in told:
        first.setdefault(found[place].stem, place)
    places = tuple(first.values())
    chosen = [found[place] for place in places]
    return Terms(
        forms=tuple(word.folded for word in chosen),
        stems=np.array([word.stem for word in chosen], np.uint32),
        signatures=np.array([word.signature for word in chosen], np.uint64),
        places=places,
        is_name=np.array(
            [bool(word.kinds & (kinds.NAME if place else 0) or word.folded[0].isdigit())
             for place, word in zip(places, chosen, strict=True)],
            np.float64,
        ),
        synonyms=tuple(spanish.synonyms_of(word.stem) for word in chosen),
        codes=np.unique(np.array([spanish.hash_term(code) for code in codes.find(question)], np.uint32)),
        wanted=kinds.wanted([word.folded for word in found]),
    )  # fmt: skip
