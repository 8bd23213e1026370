"""The rank test of two samples: whether one law lies below another, whatever the laws."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from quadrics.errors import DimensionError, NonFiniteError

__all__ = ["chance_of_lying_below"]

MOST = 400
"""More values than this in a sample are not counted exactly in a reasonable time."""


def chance_of_lying_below(low: ArrayLike, high: ArrayLike) -> float:
    """Return how likely chance alone puts ``low`` as far below ``high`` as it is (Mann and Whitney, exact).

    Under the hypothesis that both are independent draws from one law, all orders are equally likely. Values that tie
    are counted as if ``low`` lay above, so that the number is never too small.

    Raises:
        DimensionError: a sample is empty, no row of numbers, or longer than 400.
        NonFiniteError: NaN among the values (infinities have a place in the order, and are allowed).

    >>> from math import comb, isclose
    >>> isclose(chance_of_lying_below([1, 2, 3], [4, 5, 6, 7]), 1 / comb(7, 3))
    True
    >>> chance_of_lying_below([1, 1, 1], [1, 1, 1])
    1.0

    Reference: H. Mann, D. Whitney, Annals of Mathematical Statistics 18 (1947) 50-60.
    """
    x, y = (np.asarray(sample, dtype=np.float64) for sample in (low, high))
    if not all(v.ndim == 1 and 1 <= len(v) <= MOST for v in (x, y)):
        raise DimensionError(f"samples: got shapes {x.shape} and {y.shape}; expected 1 to {MOST} values in a row")
    if np.isnan(x).any() or np.isnan(y).any():
        raise NonFiniteError("samples: got NaN; expected numbers")
    order = np.lexsort((np.r_[np.ones(len(x)), np.zeros(len(y))], np.r_[x, y]))  # at a tie, y first
    ranks = np.argsort(order)
    found = stats.mannwhitneyu(ranks[: len(x)], ranks[len(x) :], alternative="less", method="exact")
    return float(found.pvalue)
