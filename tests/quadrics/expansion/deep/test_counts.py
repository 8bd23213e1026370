"""Products over hidden layers."""

import pytest
import sympy

from quadrics.errors import DimensionError, ShapeError
from quadrics.expansion.asymptotics import level_ratio
from quadrics.expansion.deep.counts import (
    all_levels_ratio,
    is_connected,
    level_ratio_power,
    number_of_components,
    number_of_critical_subspaces,
    number_of_subspaces,
    subspaces,
)


@pytest.mark.parametrize(
    ("r", "m", "count"),
    [((1, 1), (2, 2), 9), ((2, 1), (3, 2), 36), ((1, 2), (2, 3), 36), ((2, 2), (3, 3), 144), ((1, 2), (3, 3), 120),
     ((1, 1), (3, 3), 100), ((), (), 1)],
)  # fmt: skip
def test_counts(r, m, count):
    found = list(subspaces(r, m))
    assert number_of_subspaces(r, m) == count == len(found) == len(set(found))
    assert sum(all(P.is_critical for P in choice) for choice in found) == number_of_critical_subspaces(r, m)


@pytest.mark.parametrize(("m", "components"), [((2, 2), 4), ((3, 2), 2), ((2, 3), 2), ((3, 3), 1)])
def test_components(m, components):
    assert number_of_components((2, 2), m) == components
    assert is_connected((2, 2), m) == (components == 1)


def test_mixed_levels_are_more_than_equal_ones():
    for r, m in [(3, 4), (4, 9)]:
        equal = sum(level_ratio_power(k, r, m, 2) for k in range(1, r))
        mixed = sympy.Add(*(level_ratio(i, r, m) * level_ratio(j, r, m) for i in range(r) for j in range(r) if i + j))
        assert all_levels_ratio(r, m, 2) == mixed > equal


def test_bad_input():
    with pytest.raises(ShapeError):
        number_of_subspaces([1], [2, 3])
    with pytest.raises(DimensionError):
        is_connected([2], [1])
    with pytest.raises(DimensionError, match="to list"):
        subspaces([5, 5], [9, 9])
