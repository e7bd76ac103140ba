"""Learn the weights of a linear choice: which row of each table is the right one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped,unused-ignore]  # no types; a stub may be near

from engines.matching import Matrix

_L2 = 1e-3  # keeps weights small that the cases do not ask for


def learn(
    tables: Sequence[Matrix], rights: Sequence[NDArray[np.bool_]], *, fixed: dict[int, float] | None = None
) -> list[float]:
    """Return the weights, none negative, that make the right rows likeliest (softmax over each table's rows).

    `rights`: per table, which rows are right, one at least. `fixed`: weights given by hand, by column.
    """
    given = fixed or {}
    sizes = np.array([len(table) for table in tables])
    starts = np.cumsum(sizes) - sizes
    rows = np.concatenate(list(tables))
    right = np.concatenate(list(rights)).astype(np.float64)

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        scores = rows @ weights
        raised = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), sizes))
        totals, rightly = np.add.reduceat(raised, starts), np.add.reduceat(raised * right, starts)
        excess = raised / np.repeat(totals, sizes) - raised * right / np.repeat(rightly, sizes)
        slope = rows.T @ excess / len(tables) + 2 * _L2 * weights
        return float(np.mean(np.log(totals / rightly)) + _L2 * weights @ weights), slope

    width = rows.shape[1]
    bounds = [(given[at], given[at]) if at in given else (0.0, None) for at in range(width)]
    start = np.array([given.get(at, 0.0) for at in range(width)])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return [round(float(weight), 2) for weight in found.x]
