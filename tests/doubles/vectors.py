"""Vectors that say something: texts that share words are near each other, as with a real model; and spoiled ones."""

from collections.abc import Callable
from typing import Any
from zlib import crc32

DIMENSION = 8


def vector(text: str) -> list[float]:
    """Return the vector of a text: its words, counted by hash."""
    values = [0.01] * DIMENSION
    for word in text.lower().split():
        values[crc32(word.encode()) % DIMENSION] += 3.0  # not of length 1: that is our side's work
    return values


def spoiled(fault: str, rows: list[list[float]]) -> list[Any]:
    """Return the rows with a fault of base.EMBED_FAULTS, or one of a few more; as they are for any other."""
    return _SPOILED.get(fault, list)(rows)


_SPOILED: dict[str, Callable[[list[list[float]]], list[Any]]] = {
    "too_few": lambda rows: rows[:-1],
    "too_many": lambda rows: [*rows, rows[0]],
    "wrong_size": lambda rows: [row[:-1] for row in rows],
    "uneven": lambda rows: [rows[0][:-1], *rows[1:]],
    "not_a_number": lambda rows: [[float("nan"), *rows[0][1:]], *rows[1:]],
    "infinite": lambda rows: [[float("inf"), *rows[0][1:]], *rows[1:]],
    "null": lambda rows: [[None, *rows[0][1:]], *rows[1:]],
    "zeros": lambda rows: [[0.0] * DIMENSION, *rows[1:]],
}
