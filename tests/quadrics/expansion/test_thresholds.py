"""Equation (6): sharp thresholds, and the crossings of figure 6."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError
from quadrics.expansion.counts import G, T
from quadrics.expansion.thresholds import (
    critical_count,
    crossover,
    holds_for,
    holds_for_all,
    most_critical_points,
    threshold,
    total_ratio,
)

M_0 = [3, 5, 7, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 30, 32, 34, 37, 39, 41, 44, 46, 48, 51, 53, 56, 58, 61, 63, 66]


def test_thresholds():
    assert [threshold(r) for r in range(2, 31)] == M_0


@pytest.mark.parametrize("r", range(2, 10))
def test_the_threshold_is_sharp(r):
    for m in range(r, threshold(r) + 8):
        assert holds_for_all(r, m) == (m >= threshold(r)) == holds_for(most_critical_points(r), m)
        # T(r, m + 1) >= (r + 1) T(r, m): the quotient by r^m grows
        assert T(r, m + 1) >= (r + 1) * T(r, m)


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 9), st.integers(0, 6), st.data())
def test_fewer_critical_points_never_hurt(r, extra, data):
    a = [data.draw(st.integers(0, most)) for most in most_critical_points(r)]
    m = threshold(r) + extra
    assert holds_for(a, m)
    assert critical_count(a, m) <= critical_count(most_critical_points(r), m) == (r - 1) ** m


def test_one_critical_point_a_width():
    for r, last in [(5, 7), (10, 15), (20, 31), (30, 47)]:
        assert [m for m in range(r, last + 4) if not holds_for([1] * (r - 1), m)] == list(range(r, last + 1))


def test_figure_6():
    assert [crossover(30, k) for k in (1, 2, 3)] == [37, 38, 38]
    assert [crossover(r) for r in (10, 20, 30)] == [13, 28, 42]
    for m, quotient in [(40, 3.57), (60, 1.258), (90, 1.054), (120, 1.016)]:
        assert abs(float(total_ratio(30, m)) / float(critical_count([1] + [0] * 28, m) / T(30, m)) - quotient) < 0.005
    assert total_ratio(4, 5) * T(4, 5) == sum(G(i, 5) for i in (1, 2, 3))


@pytest.mark.parametrize("call", [lambda: threshold(1), lambda: holds_for([1, 1], 2), lambda: total_ratio(4, 3)])
def test_bad_sizes(call):
    with pytest.raises(DimensionError):
        call()
