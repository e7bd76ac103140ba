"""The Spanish analyser that indexing, search, reranking and quoting share: words, stems, sparse vectors.

The IDF half of BM25 belongs to the vector store (per school), so documents carry the saturated term frequency
and queries the weight of each term. Indices are stable hashes: a change here asks for a new index version.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
import Stemmer
from numpy.typing import NDArray

from engines import codes, kinds, sentences
from engines.analysis import LIMIT, VERSION, Analysis

__all__ = [
    "VERSION",
    "Analysis",
    "Indexed",
    "QueryVectors",
    "Sparse",
    "Word",
    "fold",
    "index",
    "query",
    "vectors",
    "words",
]

K1 = 0.9
B = 0.75
# Fixed, so that a chunk's vector does not depend on its neighbours; about a 900-character paragraph.
AVERAGE_STEMS = 75.0
AVERAGE_GRAMS = 850.0
GRAM = 4
SYNONYM_WEIGHT = 0.4

_WORD = re.compile(r"[^\W_ºª]+")
_ORDINAL = re.compile(r"(\d{1,2})(?:er|ro|do|to|mo|vo|no|ra|da|ta|ma|va|na)$")
_STEMMER = Stemmer.Stemmer("spanish", 0)  # its own cache is off: `look_up` keeps whole words
_FOLDED = str.maketrans("áàâäãåéèêëíìîïóòôöõúùûüñçýÿ", "aaaaaaeeeeiiiiooooouuuuncyy")

STOPWORDS = sentences.set_of(
    "a al algo algun alguna algunas alguno algunos ante antes aquel aquella aquellas aquello aquellos asi "
    "aun aunque bajo bien cada como con contra cual cuales cualquier cualquiera cuando cuanta cuantas cuanto "
    "cuantos cuya cuyas cuyo cuyos da dar de debe deben del desde dicha dichas dicho dichos donde dos e el "
    "ella ellas ello ellos en entre era eran es esa esas ese eso esos esta estaba estaban estan estar estas "
    "este esto estos fue fueron ha haber habia habian haya hay han hace hacen hacer hacia hasta he hizo la "
    "las le les lo los mas me mi mis misma mismas mismo mismos mucho muchos muy nada ni no nos nosotros "
    "nuestra nuestras nuestro nuestros o os otra otras otro otros para pero poco por porque puede pueden "
    "pues que quien quienes se sea sean segun ser si sido siendo sin sino sobre solo son su sus tal tales "
    "tambien tan tanto te tener tiene tienen toda todas todo todos tras tu tus u un una unas uno unos usted "
    "ustedes y ya yo"
)


class Word(NamedTuple):
    """A word form as the analyser knows it; `signature` has one bit set per pair of letters."""

    folded: str
    stem: int
    signature: int
    is_stop: bool
    kinds: int


@dataclass(frozen=True, slots=True)
class Sparse:
    """A sparse vector: distinct indices (uint32), values (float32)."""

    indices: NDArray[np.uint32]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Indexed:
    """All that the index keeps of one chunk."""

    stems: Sparse
    grams: Sparse
    analysis: Analysis


@dataclass(frozen=True, slots=True)
class QueryVectors:
    """A question as the two sparse vectors; IDF is the store's part."""

    stems: Sparse
    grams: Sparse


def fold(text: str) -> str:
    """Return the text in lower case without accents; "ñ" becomes "n", as hurried keyboards write it."""
    low = text.lower()
    if low.isascii():
        return low
    low = low.translate(_FOLDED)
    if low.isascii():
        return low
    return "".join(c for c in unicodedata.normalize("NFKD", low) if not unicodedata.combining(c))


def hash_term(term: str) -> int:
    """Return the term's index: CRC-32 of its UTF-8 bytes, the same on every machine."""
    return crc32(term.encode())


@lru_cache(maxsize=1 << 16)
def look_up(form: str) -> Word:
    """Return what the analyser knows of one word form, as written."""
    folded = fold(form)
    return Word(
        folded, hash_term(stem(folded)), _signature(folded), folded in STOPWORDS, kinds.of_word(form, folded)
    )


@lru_cache(maxsize=1 << 12)
def stem(folded: str) -> str:
    """Return the stem of a folded word; "5to" is "5", as "5.º" is.

    Snowball twice: once leaves "regularidad" and "regular" apart ("regular", "regul").
    """
    if folded[0].isdigit():
        ordinal = _ORDINAL.match(folded)
        return ordinal[1] if ordinal else folded
    once: str = _STEMMER.stemWord(folded)
    return fold(_STEMMER.stemWord(once))


def words(text: str) -> list[Word]:
    """Return the words of the text in order."""
    return [look_up(form) for form in _WORD.findall(_composed(text))]


def kinds_of(sentence: str, found: Sequence[Word]) -> int:
    """Return the kinds (engines/kinds) that a sentence holds; the capital of its first word says nothing."""
    held = kinds.of_marks(sentence)
    for word in found[1:]:
        held |= word.kinds
    return held | (found[0].kinds & ~kinds.NAME) if found else held


def index(text: str, *, heading: str = "") -> Indexed:
    """Return vectors and analysis of a chunk; `heading` (title, heading path) counts in the vectors only."""
    found, analysis, code_hashes = _read(text)
    return Indexed(*_vectors(found, code_hashes, heading), analysis=analysis)


def vectors(text: str, *, heading: str = "") -> tuple[Sparse, Sparse]:
    """Return the two vectors of `index` alone, stems and 4-grams, in half the time."""
    return _vectors(words(text), [hash_term(code) for code in codes.find(_composed(text))], heading)


def analyse(text: str) -> Analysis:
    """Return the analysis of a text alone, without vectors."""
    return _read(text)[1]


def grams(text: str) -> NDArray[np.uint32]:
    """Return the distinct 4-grams of a text."""
    return np.unique(_grams([word.folded for word in words(text)]))


def _read(text: str) -> tuple[list[Word], Analysis, list[int]]:
    spans = sentences.split(text)[:LIMIT]
    is_composed = unicodedata.is_normalized("NFC", text)
    found: list[Word] = []
    starts: list[int] = []
    held: list[int] = []
    for start, end in spans:
        piece = text[start:end] if is_composed else unicodedata.normalize("NFC", text[start:end])
        here = list(map(look_up, _WORD.findall(piece)))
        starts.append(min(len(found), LIMIT))
        held.append(kinds_of(piece, here))
        found.extend(here)
    code_hashes = [hash_term(code) for code in codes.find(_composed(text))]
    return found, _analysis(found, code_hashes, starts, spans, held), code_hashes


def query(text: str, *, synonyms: bool = True) -> QueryVectors:
    """Return a question's vectors: weight 1 for its own terms, `SYNONYM_WEIGHT` for their synonyms."""
    found = words(text)
    kept = [word for word in found if not word.is_stop] or found
    weights: dict[int, float] = {}
    if synonyms:
        for word in kept:
            for other in synonyms_of(word.stem):
                weights[other] = SYNONYM_WEIGHT
    weights.update({hash_term(code): 1.0 for code in codes.find(_composed(text))})
    weights.update({word.stem: 1.0 for word in kept})
    gram_ids = np.unique(_grams([word.folded for word in found]))
    return QueryVectors(
        stems=Sparse(np.fromiter(weights, np.uint32), np.fromiter(weights.values(), np.float32)),
        grams=Sparse(gram_ids, np.ones(len(gram_ids), np.float32)),
    )


def synonyms_of(stem_hash: int) -> tuple[int, ...]:
    """Return the hashes of the stems that schools use for the same thing; empty when none is listed."""
    return _synonyms().get(stem_hash, ())


@lru_cache(maxsize=1)
def _synonyms() -> dict[int, tuple[int, ...]]:
    groups: dict[int, set[int]] = {}
    for line in (Path(__file__).parent / "synonyms.txt").read_text("utf-8").splitlines():
        ring = {look_up(word).stem for word in line.partition("#")[0].split()}
        for one in ring:
            groups.setdefault(one, set()).update(ring - {one})
    return {one: tuple(sorted(others)) for one, others in groups.items()}


def _composed(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _signature(folded: str) -> int:
    padded = f"^{folded}$"
    bits = 0
    for at in range(len(padded) - 1):
        bits |= 1 << (crc32(padded[at : at + 2].encode()) & 63)
    return bits


def _vectors(found: Sequence[Word], code_hashes: list[int], heading: str) -> tuple[Sparse, Sparse]:
    around = words(heading) if heading else []
    around_codes = [hash_term(code) for code in codes.find(_composed(heading))] if heading else []
    return (
        _saturated_stems([*found, *around], code_hashes + around_codes),
        _saturated_grams([word.folded for word in (*around, *found)]),
    )


def _saturated_stems(found: Sequence[Word], code_hashes: Iterable[int]) -> Sparse:
    counts = Counter([word.stem for word in found if not word.is_stop])
    length = counts.total()
    counts.update(code_hashes)
    ids = np.fromiter(counts, np.uint32, len(counts))
    return Sparse(
        ids, _saturate(np.fromiter(counts.values(), np.float32, len(counts)), length / AVERAGE_STEMS)
    )


def _saturated_grams(folded: Sequence[str]) -> Sparse:
    grams = _grams(folded)
    ids, counts = np.unique(grams, return_counts=True)
    return Sparse(ids, _saturate(counts.astype(np.float32), len(grams) / AVERAGE_GRAMS))


def _saturate(counts: NDArray[np.float32], relative_length: float) -> NDArray[np.float32]:
    """Return BM25's term frequency part."""
    saturated: NDArray[np.float32] = counts * (K1 + 1) / (counts + K1 * (1 - B + B * relative_length))
    return saturated.astype(np.float32)


def _grams(folded: Sequence[str]) -> NDArray[np.uint32]:
    """Return the hash of every 4 neighbouring characters, a space between words and around all of them."""
    letters = np.frombuffer(f" {' '.join(folded)} ".encode("utf-32-le"), np.uint32)
    if len(letters) < GRAM:
        return np.empty(0, np.uint32)
    mixed = np.zeros(len(letters) - GRAM + 1, np.uint32)
    for at in range(GRAM):
        mixed = mixed * np.uint32(0x01000193) + letters[at : len(letters) - GRAM + 1 + at]
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(0x2C1B3C6D)
    mixed ^= mixed >> np.uint32(12)
    return mixed


def _analysis(
    found: Sequence[Word],
    code_hashes: Sequence[int],
    starts: Sequence[int],
    spans: Sequence[tuple[int, int]],
    held: Sequence[int],
) -> Analysis:
    kept = found[:LIMIT]
    by_form = {word.folded: word for word in kept}
    places = {form: place for place, form in enumerate(by_form)}
    return Analysis(
        stems=np.array([word.stem for word in by_form.values()], np.uint32),
        signatures=np.array([word.signature for word in by_form.values()], np.uint64),
        words=np.array([places[word.folded] for word in kept], np.uint16),
        codes=np.unique(np.array(code_hashes, np.uint32))[:LIMIT],
        sentence_words=np.array(starts, np.uint16),
        sentence_spans=np.array(spans, np.uint32).reshape(-1, 2),
        sentence_kinds=np.array(held, np.uint8),
    )
