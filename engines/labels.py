"""How sensitive a text is, and the strictest of several: what decides which engines may see it."""

from collections.abc import Iterable
from enum import StrEnum


class Label(StrEnum):
    """From the least to the most sensitive. Values are those of documents.models.Sensitivity."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    MINORS = "minors"


_ORDER = tuple(Label)
# What may ever leave the school's machines, whatever a file or a director says.
MOST_OUTSIDE = Label.INTERNAL


def of(text: str | None) -> Label:
    """Return the label that a stored word stands for; what is unknown or unlabelled counts as confidential."""
    try:
        return Label(text or "")
    except ValueError:
        return Label.CONFIDENTIAL


def strictest(labels: Iterable[Label]) -> Label:
    """Return the most sensitive of the labels; confidential when there is none."""
    return max(labels, key=_ORDER.index, default=Label.CONFIDENTIAL)


def allows(most: Label, label: Label) -> bool:
    """Say whether one who may see up to `most` may see this."""
    return _ORDER.index(label) <= _ORDER.index(most)
