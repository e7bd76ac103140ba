"""What the index keeps of a chunk's words, so that reranking never reads the text again."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

VERSION = 3  # of everything stored: raise it when words, stems, hashes or the layout below change

LIMIT = 65_535  # words and sentences kept per chunk: what uint16 counts
_HEAD = struct.Struct("<HHHHH6x")


class Stale(Exception):
    """The stored analysis was written by another version of the analyser."""

    code = "stale_analysis"

    def __init__(self, version: int | None) -> None:
        super().__init__("El índice de este documento es de una versión anterior y debe rehacerse.")
        self.version = version


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """A chunk as numbers.

    `stems`, `signatures`: of each distinct word (a signature has one bit per pair of letters). `words`: the
    chunk's words in order, as positions in `stems`. `codes`: hashes of the codes. Per sentence:
    `sentence_words`, where it starts in `words`; `sentence_spans`, its first and last-plus-one characters;
    `sentence_kinds`, see engines/kinds.
    """

    stems: NDArray[np.uint32]
    signatures: NDArray[np.uint64]
    words: NDArray[np.uint16]
    codes: NDArray[np.uint32]
    sentence_words: NDArray[np.uint16]
    sentence_spans: NDArray[np.uint32]
    sentence_kinds: NDArray[np.uint8]

    def to_bytes(self) -> bytes:
        """Return the stored form: about 1.3 kB for a paragraph of 130 words."""
        head = _HEAD.pack(
            VERSION, len(self.stems), len(self.words), len(self.codes), len(self.sentence_words)
        )
        parts = (
            self.signatures,
            self.stems,
            self.codes,
            self.sentence_spans,
            self.words,
            self.sentence_words,
            self.sentence_kinds,
        )
        return head + b"".join(part.tobytes() for part in parts)

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Analysis":
        """Return the analysis out of its stored form; raise `Stale` when another version wrote it."""
        if len(stored) < _HEAD.size:
            raise Stale(None)
        version, n_stems, n_words, n_codes, n_sentences = _HEAD.unpack_from(stored)
        if version != VERSION:
            raise Stale(version)
        at = _HEAD.size
        signatures = np.frombuffer(stored, np.uint64, n_stems, at)
        at += 8 * n_stems
        stems = np.frombuffer(stored, np.uint32, n_stems, at)
        at += 4 * n_stems
        codes = np.frombuffer(stored, np.uint32, n_codes, at)
        at += 4 * n_codes
        spans = np.frombuffer(stored, np.uint32, 2 * n_sentences, at).reshape(-1, 2)
        at += 8 * n_sentences
        words = np.frombuffer(stored, np.uint16, n_words, at)
        at += 2 * n_words
        starts = np.frombuffer(stored, np.uint16, n_sentences, at)
        at += 2 * n_sentences
        return cls(
            stems, signatures, words, codes, starts, spans, np.frombuffer(stored, np.uint8, n_sentences, at)
        )
