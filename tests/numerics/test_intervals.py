"""Confidence intervals against direct binomial sums and against the coverage they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from numerics.intervals import LEVEL, Interval, mean_interval, median_interval, proportion_interval
from quadrics.errors import DimensionError, NonFiniteError


@pytest.mark.parametrize(("successes", "trials"), [(0, 1), (1, 1), (3, 10), (370, 2000), (2000, 2000)])
@pytest.mark.parametrize("level", [0.9, LEVEL])
def test_proportion_ends_have_the_tails_they_should(successes: int, trials: int, level: float) -> None:
    interval = proportion_interval(successes, trials, level)
    tail = (1 - level) / 2
    if successes > 0:
        assert stats.binom.sf(successes - 1, trials, interval.low) == pytest.approx(tail, rel=1e-5)
    else:
        assert interval.low == 0
    if successes < trials:
        assert stats.binom.cdf(successes, trials, interval.high) == pytest.approx(tail, rel=1e-5)
    else:
        assert interval.high == 1


def test_mean_interval_is_scipys() -> None:
    sample = np.random.default_rng(0).normal(3, 2, 40)
    expected = stats.ttest_1samp(sample, 0).confidence_interval(0.99)
    found = mean_interval(sample, 0.99)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_median_interval_covers_at_least_as_often_as_promised() -> None:
    rng = np.random.default_rng(1)
    for n in (20, 21, 100):
        hits = [median_interval(rng.exponential(size=n), 0.9).contains(np.log(2)) for _ in range(2000)]
        # At least 0.9 by construction; five standard errors of the estimate below it.
        assert np.mean(hits) > 0.9 - 5 * np.sqrt(0.09 / 2000)


def test_median_interval_uses_the_order_statistics_of_the_definition() -> None:
    interval = median_interval(np.arange(1, 51), 0.95)
    below = int(interval.low) - 1
    assert stats.binom.cdf(below, 50, 0.5) < 0.025 < stats.binom.cdf(below + 1, 50, 0.5)
    assert interval == Interval(25.5, interval.low, 51 - interval.low)


def test_bad_samples_are_refused() -> None:
    with pytest.raises(DimensionError, match="trials"):
        proportion_interval(3, 2)
    with pytest.raises(DimensionError, match="trials"):
        proportion_interval(-1, 2)
    with pytest.raises(DimensionError, match="at least 2"):
        mean_interval([1.0])
    with pytest.raises(DimensionError, match="in a row"):
        median_interval([[1.0, 2.0]])
    with pytest.raises(NonFiniteError, match="finite"):
        mean_interval([1.0, np.nan])
