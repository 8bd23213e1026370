"""The largest rise and the turning points against their definitions, on exact and on floating-point numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Rational

from quadrics.errors import DimensionError, NonFiniteError
from quadrics.turning_points import largest_rise, rise_at, turning_points

runs = st.lists(st.integers(1, 9).map(Fraction), min_size=2, max_size=9)


@given(runs)
def test_the_largest_rise_is_the_largest_quotient_of_a_later_by_an_earlier_value(run: list[Fraction]) -> None:
    pairs = [(s, t) for t in range(len(run)) for s in range(t)]
    best = max(run[t] / run[s] for s, t in pairs)
    assert largest_rise(run) == best
    assert rise_at(run) == min((p for p in pairs if run[p[1]] / run[p[0]] == best), key=lambda p: (p[1], p[0]))
    assert (largest_rise(run) <= 1) == (run == sorted(run, reverse=True))


@given(runs, st.integers(1, 20))
def test_units_and_squares(run: list[Fraction], unit: int) -> None:
    assert largest_rise([unit * g for g in run]) == largest_rise(run)
    assert largest_rise([g**2 for g in run]) == largest_rise(run) ** 2
    assert turning_points([unit * g for g in run]) == turning_points([g**2 for g in run]) == turning_points(run)


@given(runs)
def test_turning_points_are_the_extrema_inside(run: list[Fraction]) -> None:
    moves = [g for i, g in enumerate(run) if i == 0 or g != run[i - 1]]
    inside = sum((b - a) * (c - b) < 0 for a, b, c in zip(moves, moves[1:], moves[2:], strict=False))
    assert turning_points(run) == inside == turning_points(run[::-1])


def test_floats_and_exact_numbers_agree() -> None:
    exact: list[Any] = [Rational(3, 7), Rational(1, 9), Rational(2, 11), Rational(1, 50), Rational(1, 3)]
    assert largest_rise(exact) == Rational(50, 3)
    assert largest_rise([float(g) for g in exact]) == pytest.approx(50 / 3)
    assert turning_points(exact) == 3


@pytest.mark.parametrize("short", [[], [1.0]])
def test_short_runs_are_refused(short: list[float]) -> None:
    with pytest.raises(DimensionError, match="at least 2"):
        largest_rise(short)
    with pytest.raises(DimensionError, match="at least 2"):
        turning_points(short)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0, -1.0])
def test_values_that_have_no_quotient_are_refused(value: float) -> None:
    with pytest.raises(NonFiniteError, match="positive"):
        largest_rise([1.0, value])
    with pytest.raises(NonFiniteError, match="positive"):
        largest_rise([value, 1.0])


def test_turning_points_need_finite_values_of_any_sign() -> None:
    assert turning_points([0, -1, 5]) == 1
    for value in (float("nan"), float("-inf")):
        with pytest.raises(NonFiniteError, match="finite"):
            turning_points([1.0, value])
