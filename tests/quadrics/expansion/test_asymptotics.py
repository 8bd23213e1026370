"""Lemma 4.6 and eq. (5) with their error terms, against exact counts."""

from fractions import Fraction
from math import factorial

import pytest
import sympy

from quadrics.errors import DimensionError
from quadrics.expansion.asymptotics import (
    PEAK,
    bonferroni,
    fixed_r_bounds,
    level_ratio,
    level_ratio_error,
    level_ratio_function,
    level_ratio_leading,
    near_diagonal_expansion,
    peak,
)
from quadrics.expansion.counts import G, T

m, r = sympy.symbols("m r", positive=True)


@pytest.mark.parametrize("k", range(1, 5))
@pytest.mark.parametrize("zero_types", [False, True])
def test_the_expansion_ends_and_is_exact(k, zero_types):
    exact = near_diagonal_expansion(k, m, k + 1, zero_types)
    count = T if zero_types else G
    for n in (k, k + 3, 40):
        scale = Fraction(n**k * factorial(n), 2**k * factorial(k))
        assert exact.subs(m, n) == Fraction(count(n - k, n)) / scale
    assert near_diagonal_expansion(k, m, 1, zero_types) == 1


@pytest.mark.parametrize(("k", "h"), [(1, 0), (1, 2), (2, 2), (3, 1), (0, 2)])
def test_equation_5(k, h):
    function = level_ratio_function(k, h, r)
    for n in range(k, k + 5):
        assert function.subs(r, n) == level_ratio(k, n, n + h)
    relative = function / level_ratio_leading(k, h, r)
    assert sympy.limit(relative, r, sympy.oo) == 1
    assert sympy.limit(r * (relative - 1), r, sympy.oo) == level_ratio_error(k, h)


def test_slow_convergence_as_printed_in_tables():
    at = {(0, 1): 300, (2, 2): 300, (5, 3): 300}
    found = {
        (h, k): float(level_ratio_function(k, h, r).subs(r, n) / level_ratio_leading(k, h, r).subs(r, n))
        for (h, k), n in at.items()
    }
    assert {key: round(value, 3) for key, value in found.items()} == {(0, 1): 0.997, (2, 2): 0.966, (5, 3): 0.91}


@pytest.mark.parametrize("n", range(1, 8))
def test_bonferroni(n):
    for width in range(n, n + 12):
        low, high = fixed_r_bounds(n, width)
        assert low <= G(n, width) <= high
        sums = [bonferroni(n, width, terms) for terms in range(1, n + 2)]
        assert all((s - G(n, width)) * (-1) ** i >= 0 for i, s in enumerate(sums))
        assert sums[-1] == G(n, width)


def test_the_peak_is_where_figure_A3_has_it():
    assert abs(peak(120) / 120 - float(PEAK)) < 0.01
    assert round(float(PEAK), 4) == 0.7213
    assert [peak(n) for n in range(1, 8)] == [1, 2, 2, 3, 4, 5, 5]


@pytest.mark.parametrize(
    "call",
    [
        lambda: level_ratio(1, 5, 4),
        lambda: level_ratio(6, 5, 8),
        lambda: fixed_r_bounds(0, 3),
        lambda: near_diagonal_expansion(1, m, 0),
        lambda: peak(0),
    ],
)
def test_bad_sizes(call):
    with pytest.raises(DimensionError):
        call()
