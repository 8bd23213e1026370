"""Bounds on chords: circles attain them, their order, their hypotheses."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.connectivity.chord_bounds import (
    acceleration_bound,
    length_bound,
    printed_bound,
    printed_bound_series,
    reach_bound,
    shortest_chord,
    turning_bound,
)
from quadrics.errors import HypothesisError, NonFiniteError

PI = sympy.pi
angles = st.integers(1, 100).map(lambda k: PI * sympy.Rational(k, 200))  # half the angle of an arc, up to π/2
radii = st.integers(1, 9).map(sympy.Integer)


@given(angles, radii)
@settings(max_examples=40, deadline=None)
def test_arcs_of_circles_attain_the_bounds(half, radius):
    K, Lam, chord = 1 / radius, 2 * half * radius, 2 * radius * sympy.sin(half)
    height = radius * (1 - sympy.cos(half))
    for bound in (
        turning_bound(K, Lam),
        printed_bound(K, chord),
        reach_bound(radius, chord) if half != PI / 2 else height,
    ):
        assert abs(sympy.N(bound - height, 30)) < 1e-25
    assert abs(sympy.N(shortest_chord(K, Lam) - chord, 30)) < 1e-25
    assert sympy.N(length_bound(K, Lam) - height, 30) > 0


@given(angles, st.integers(1, 100), radii)
@settings(max_examples=40, deadline=None)
def test_turning_is_below_the_printed_bound_for_every_possible_chord(half, longer, radius):
    K, Lam = 1 / radius, 2 * half * radius
    least, most = shortest_chord(K, Lam), min(Lam, 2 * radius)
    chord = least + (most - least) * sympy.Rational(longer, 100)
    assert sympy.N(printed_bound(K, chord) - turning_bound(K, Lam), 30) >= -(sympy.Float(10) ** -25)


@given(st.integers(0, 20), radii)
def test_bounds_vanish_at_the_ends_and_are_largest_in_the_middle(k, radius):
    s = sympy.Rational(k, 20)
    for bound in (length_bound(1, radius, s), reach_bound(radius, 1, s), acceleration_bound(radius, s)):
        assert bound >= 0
        assert (bound == 0) == (k in (0, 20))
    assert reach_bound(radius, 1, s) <= reach_bound(radius, 1)


def test_series():
    K, l = sympy.symbols("K l", positive=True)
    assert sympy.expand(sympy.series(printed_bound(K, l), l, 0, 8).removeO() - printed_bound_series(3, K, l)) == 0


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: printed_bound(1, 3), HypothesisError),
        (lambda: turning_bound(1, 4), HypothesisError),
        (lambda: shortest_chord(2, 2), HypothesisError),
        (lambda: reach_bound(1, 2), HypothesisError),
        (lambda: printed_bound(0, 1), NonFiniteError),
        (lambda: printed_bound(-1, 1), NonFiniteError),
        (lambda: printed_bound("1", 1), NonFiniteError),
        (lambda: printed_bound(1, float("nan")), NonFiniteError),
        (lambda: turning_bound(1, -1), NonFiniteError),
        (lambda: reach_bound(1, 1, 2), NonFiniteError),
        (lambda: length_bound(1, 1, -1), NonFiniteError),
        (lambda: acceleration_bound(float("inf")), NonFiniteError),
    ],
)
def test_hypotheses_and_numbers_are_checked(call, error):
    with pytest.raises(error):
        call()
