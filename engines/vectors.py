"""Whether what an engine gave are vectors that may be stored."""

from collections.abc import Sequence

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import ArrayLike

from engines.base import BadAnswer, Engine, Misconfigured, Vectors


def checked(given: Sequence[ArrayLike], *, engine: Engine, count: int) -> Vectors:
    """Return the vectors with length 1, (count, engine.dimension).

    Raises BadAnswer when they are too few or many, uneven, not numbers or all zeros, and Misconfigured when
    all have one size, but not the one that the entry names: then it is the entry that is wrong.
    """
    if len(given) != count:
        raise BadAnswer(f"{len(given)} vectors for {count} texts", engine=engine.name)
    if not count:
        return np.empty((0, engine.dimension), dtype=np.float32)
    try:
        vectors = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadAnswer("vectors of uneven size or not of numbers", engine=engine.name) from error
    if vectors.ndim != 2 or not vectors.size:
        raise BadAnswer(f"shape {vectors.shape}", engine=engine.name)
    if vectors.shape[1] != engine.dimension:
        raise Misconfigured(
            _("el modelo da vectores de %d números.") % vectors.shape[1], entry=engine.name, key="dimension"
        )
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise BadAnswer("a vector with no direction: not a number, infinite, or zeros", engine=engine.name)
    return np.asarray(vectors / lengths, dtype=np.float32)
