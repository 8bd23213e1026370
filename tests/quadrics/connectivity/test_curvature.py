"""Curvature: invariances, closed forms, orbits, and what has no curvature."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.connectivity.curvature import (
    curvature,
    is_regular,
    largest_rescaling_curvature,
    length,
    level_curvature,
    rescaling_curvature,
    rescaling_peak,
    total_curvature,
    turning_rate,
)
from quadrics.errors import DimensionError, NonFiniteError, ShapeError

t = sympy.Symbol("t", real=True)
coefficients = st.lists(st.integers(-4, 4), min_size=3, max_size=3)
positive = st.fractions(min_value="1/4", max_value=4, max_denominator=4).map(
    lambda q: sympy.Rational(q.numerator, q.denominator)
)


@given(st.lists(coefficients, min_size=2, max_size=4), positive)
@settings(max_examples=8, deadline=None)
def test_curvature_does_not_depend_on_the_speed_and_scales_with_the_size(rows, factor):
    curve = [a * t + b * t**2 + c * t**3 for a, b, c in rows]
    speed2 = sum(sympy.diff(x, t).subs(t, factor) ** 2 for x in curve)
    if speed2 == 0:
        return
    here = curvature(curve, t).subs(t, factor)
    assert sympy.simplify(curvature([x.subs(t, factor * t) for x in curve], t).subs(t, 1) - here) == 0
    assert sympy.simplify(curvature([3 * x for x in curve], t).subs(t, factor) - here / 3) == 0


@pytest.mark.parametrize("radius", [1, 5, sympy.Rational(1, 3)])
def test_circles(radius):
    circle = [sympy.Matrix([radius * sympy.cos(t)]), sympy.Matrix([radius * sympy.sin(t)])]
    assert curvature(circle, t) == 1 / sympy.sympify(radius)
    assert turning_rate(circle, t) == 1
    assert length(circle, t, 0, 2 * sympy.pi) == 2 * sympy.pi * radius
    assert total_curvature(circle, t, 0, sympy.pi) == sympy.pi


def test_level_curves_and_graphs_agree():
    x, y = sympy.symbols("x y", real=True)
    level = level_curvature(y - x**3, x, y)
    assert sympy.simplify(level.subs(x, 2) - curvature([t, t**3], t).subs(t, 2)) == 0


@given(st.sampled_from([1, 2, 3, sympy.Rational(1, 2)]), positive, positive, st.integers(-2, 2))
@settings(max_examples=12, deadline=None)
def test_rescaling_orbits(k, A, B, tau):
    orbit = [sympy.sqrt(A) * sympy.exp(t), sympy.sqrt(B) * sympy.exp(-k * t)]
    closed = rescaling_curvature(k, A, B, tau)
    assert abs(sympy.N(closed / curvature(orbit, t).subs(t, tau) - 1, 30)) < 1e-25
    top = largest_rescaling_curvature(k, A, B)
    peak = rescaling_peak(k, A, B)
    assert sympy.N(top - closed, 30) >= -(sympy.Float(10) ** -25)
    assert all(sympy.N(top - rescaling_curvature(k, A, B, peak + d), 30) > 0 for d in (-1, sympy.Rational(1, 100)))


def test_the_hyperbola_is_a_rescaling_orbit():
    hyperbola = curvature([t, 7 / t], t)
    assert sympy.simplify(hyperbola.subs(t, sympy.sqrt(7)) - largest_rescaling_curvature(1, 7, 7)) == 0


def test_regular_curves():
    assert is_regular([t, 0 * t], t, -1, 1)
    assert not is_regular([t**3, t**6], t, -1, 1)
    assert is_regular([t**3, t**6], t, 1, 2)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: curvature([sympy.Integer(1), sympy.Integer(2)], t), NonFiniteError),
        (lambda: curvature("t", t), ShapeError),
        (lambda: curvature([], t), ShapeError),
        (lambda: curvature(["t"], t), NonFiniteError),
        (lambda: is_regular([sympy.sin(t)], t, 0, 1), NonFiniteError),
        (lambda: rescaling_curvature(0, 1, 1, 0), DimensionError),
        (lambda: rescaling_curvature(1, -1, 1, 0), DimensionError),
        (lambda: rescaling_curvature(1, 1, 1, float("inf")), NonFiniteError),
        (lambda: length([t], t, 0, float("nan")), NonFiniteError),
    ],
)
def test_bad_input_gets_a_named_error(call, error):
    with pytest.raises(error):
        call()
