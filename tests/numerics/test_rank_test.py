"""The rank test against counting all orders."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest

from numerics.rank_test import chance_of_lying_below
from quadrics.errors import DimensionError, NonFiniteError


@pytest.mark.parametrize("seed", range(6))
def test_it_is_the_share_of_orders_that_are_as_extreme(seed: int) -> None:
    rng = np.random.default_rng(seed)
    low, high = rng.normal(size=4), rng.normal(0.7, size=5)
    pooled = np.r_[low, high]

    def below(places: tuple[int, ...]) -> int:
        rest = [i for i in range(9) if i not in places]
        return sum(int(pooled[i] < pooled[j]) for i in places for j in rest)

    seen = below((0, 1, 2, 3))
    share = sum(below(places) >= seen for places in combinations(range(9), 4)) / comb(9, 4)
    assert chance_of_lying_below(low, high) == pytest.approx(share)


def test_false_alarms_are_as_rare_as_it_says() -> None:
    rng = np.random.default_rng(0)
    found = np.array([chance_of_lying_below(*rng.normal(size=(2, 8))) for _ in range(4000)])
    # Of 4000 draws from one law, no more than 10 percent plus six standard errors come out below 0.1.
    assert (found <= 0.1).mean() < 0.1 + 6 * (0.1 * 0.9 / 4000) ** 0.5
    assert (found <= 0.1).mean() > 0.05


def test_ties_count_against_the_claim() -> None:
    assert chance_of_lying_below([1, 2], [2, 3]) == chance_of_lying_below([1, 2.5], [2, 3]) > 1 / comb(4, 2)
    assert chance_of_lying_below([0, 0], [0, np.inf]) > 1 / comb(4, 2)


def test_bad_samples_are_refused() -> None:
    for low, high in (([], [1]), ([1], []), ([[1]], [1]), ([1] * 401, [1])):
        with pytest.raises(DimensionError, match="samples"):
            chance_of_lying_below(low, high)
    with pytest.raises(NonFiniteError):
        chance_of_lying_below([np.nan], [1])
