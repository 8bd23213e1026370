"""Confidence intervals: how far a sample can be from the truth.

Measurements that decide something use the level 1 - 1e-6: a sample of a true statement is then rejected once in a
million runs, whatever its size, and a smaller sample only widens the interval.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from quadrics.errors import DimensionError, NonFiniteError

__all__ = ["LEVEL", "Interval", "mean_interval", "median_interval", "proportion_interval"]

LEVEL = 1 - 1e-6
"""The confidence level of every decision."""


class Interval(NamedTuple):
    """A closed interval around an estimate.

    >>> Interval(0.2, 0.1, 0.4).contains(0.4), Interval(0.2, 0.1, 0.4).contains(0.5)
    (True, False)
    """

    estimate: float
    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Whether ``value`` is compatible with the sample."""
        return bool(self.low <= value <= self.high)

    def __str__(self) -> str:
        return f"{self.estimate:.4g} [{self.low:.4g}, {self.high:.4g}]"


def proportion_interval(successes: int, trials: int, level: float = LEVEL) -> Interval:
    """The exact (Clopper-Pearson) interval of a probability, from ``successes`` in ``trials``.

    Raises:
        DimensionError: no trials, or a number of successes that they cannot have.

    >>> print(proportion_interval(0, 1000, level=0.95))
    0 [0, 0.003682]
    >>> proportion_interval(5, 0)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: got 5 successes in 0 trials; expected 0 <= successes <= trials and trials >= 1

    Reference: C. Clopper, E. Pearson, Biometrika 26 (1934) 404-413.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise DimensionError(
            f"got {successes} successes in {trials} trials; expected 0 <= successes <= trials and trials >= 1"
        )
    found = stats.binomtest(int(successes), int(trials)).proportion_ci(confidence_level=level, method="exact")
    return Interval(successes / trials, float(found.low), float(found.high))


def mean_interval(sample: ArrayLike, level: float = LEVEL) -> Interval:
    """Student's interval of the mean of independent values; exact for normal ones, asymptotic otherwise.

    >>> interval = mean_interval([1.0, 2.0, 3.0, 4.0], level=0.95)
    >>> f"{interval}"
    '2.5 [0.4457, 4.554]'
    """
    values = _values(sample, least=2)
    half = stats.t.isf((1 - level) / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    mean = values.mean()
    return Interval(float(mean), float(mean - half), float(mean + half))


def median_interval(sample: ArrayLike, level: float = LEVEL) -> Interval:
    """The distribution-free interval of the median, between two order statistics.

    The number of values below the median is binomial (n, 1/2). With too few values for the level the interval is
    infinite:

    >>> median_interval([1.0, 2.0, 3.0])
    Interval(estimate=2.0, low=-inf, high=inf)
    >>> str(median_interval(range(101), level=0.95))
    '50 [40, 60]'
    """
    values = np.sort(_values(sample, least=1))
    n = len(values)
    below = int(stats.binom.ppf((1 - level) / 2, n, 0.5)) - 1  # P(Bin <= below) < (1 - level)/2
    median = float(np.median(values))
    if below < 0:
        return Interval(median, -np.inf, np.inf)
    return Interval(median, float(values[below]), float(values[n - 1 - below]))


def _values(sample: ArrayLike, least: int) -> np.ndarray:
    values = np.asarray(sample, dtype=np.float64)
    if values.ndim != 1 or len(values) < least:
        raise DimensionError(f"got a sample of shape {values.shape}; expected at least {least} values in a row")
    if not np.isfinite(values).all():
        raise NonFiniteError("got NaN or infinity in the sample; expected finite values")
    return values
