"""Chords of orbits of basis changes, and distances of their middles from all factorizations."""

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Rational

from quadrics.connectivity.balanced_distance import (
    balanced,
    distance_to_diagonal,
    is_farther_than,
    lower_bound,
    middle_factor,
    nearest_factors,
    squared_distance,
    stationary_quartic,
)
from quadrics.connectivity.chords import chord_defect, chord_error, is_straight, scalar_barrier
from quadrics.errors import DimensionError, NonFiniteError, ShapeError, SymmetryError

positive = st.fractions(min_value="1/10", max_value=30, max_denominator=10).map(Rational)
kappas = st.fractions(min_value=1, max_value=12, max_denominator=10).map(Rational)


@st.composite
def squares(draw, n, invertible=False):
    matrix = sympy.ImmutableDenseMatrix(n, n, draw(st.lists(st.integers(-3, 3), min_size=n * n, max_size=n * n)))
    if invertible:
        assume(matrix.det() != 0)
    return matrix


@settings(deadline=None, max_examples=50)
@given(st.data(), st.fractions(0, 1, max_denominator=9).map(Rational))
def test_the_chord_error(data, alpha):
    n = data.draw(st.integers(1, 3))
    W1, W2, g = data.draw(squares(n)), data.draw(squares(n)), data.draw(squares(n, invertible=True))
    middle = ((1 - alpha) * W2 + alpha * W2 * g.inv()) * ((1 - alpha) * W1 + alpha * g * W1)
    assert middle - W2 * W1 == chord_error(W2, W1, g, alpha)
    assert chord_defect(g) == (g - sympy.eye(n)) ** 2 * g.inv()
    if is_straight(g):
        assert middle == W2 * W1


@given(st.integers(-(10**6), 10**6))
def test_shears_are_straight(s):
    assert is_straight([[1, s, 0], [0, 1, 0], [0, 0, 1]])
    assert is_straight([[1, s], [0, -1]]) is False


@given(positive)
def test_scalars(m):
    assert scalar_barrier(m) == chord_defect(sympy.Matrix([[m]]))[0] / 4 == scalar_barrier(1 / m)


@settings(deadline=None, max_examples=60)
@given(kappas, st.lists(positive, min_size=1, max_size=3))
def test_the_distance_is_reached(kappa, values):
    pairs = nearest_factors(kappa, values)
    assert all(sympy.expand(x * y) == s for (x, y), s in zip(pairs, values, strict=True))
    assert sympy.simplify(distance_to_diagonal(kappa, pairs) - squared_distance(kappa, sum(values))) == 0


@settings(deadline=None, max_examples=60)
@given(kappas, positive)
def test_one_dimension_by_sturm(kappa, a):
    # W = (√a, √a) is rational for a square: κW = (κr, κr).
    square = squared_distance(kappa, a**2)
    assume(square > 0)
    low = Rational(sympy.floor(sympy.sqrt(square) * 10**6), 10**6)
    assert is_farther_than(low - Rational(1, 10**6), kappa * a, kappa * a, a**2)
    assert not is_farther_than(low + Rational(2, 10**6), kappa * a, kappa * a, a**2)


@settings(deadline=None, max_examples=60)
@given(positive, positive, st.integers(2, 400))
def test_the_lower_bound_in_one_dimension(x, y, beta):
    kappa, a = middle_factor(beta), x * y
    bound = lower_bound(kappa, sympy.sqrt(x**2 + y**2), a)
    below = Rational(str(sympy.N(bound, 20))) * Rational(999999, 10**6)
    assert is_farther_than(below, kappa * x, kappa * y, a)


def test_the_quartic_finds_the_nearest_point():
    p, q, a = 5, 3, 2
    x = sympy.Symbol("x", real=True)
    roots = sympy.Poly(stationary_quartic(p, q, a), x).nroots(n=30)
    nearest = min(abs(r - p) ** 2 + abs(a / r - q) ** 2 for r in roots if abs(sympy.im(r)) < 1e-20)
    below, above = (Rational(str(sympy.sqrt(nearest))) * f for f in (Rational(99, 100), Rational(101, 100)))
    assert is_farther_than(below, p, q, a)
    assert not is_farther_than(above, p, q, a)


def test_the_two_formulas_meet():
    assert squared_distance(2, 7) == 14
    symbolic = squared_distance(sympy.Symbol("kappa", positive=True), 1)
    assert [symbolic.subs(sympy.Symbol("kappa", positive=True), v) for v in (Rational(3, 2), 3)] == [Rational(1, 2), 7]
    assert balanced(sympy.Matrix([[0, 1], [2, 0]]), sympy.Matrix([[2, 0], [0, 1]]))


def test_bad_input_is_named():
    with pytest.raises(ShapeError):
        chord_defect(sympy.Matrix([[1, 2]]))
    with pytest.raises(SymmetryError):
        chord_defect(sympy.zeros(2))
    with pytest.raises(SymmetryError):
        is_straight([[0]])
    for bad in (0, Rational(1, 2), -3):
        with pytest.raises(DimensionError):
            squared_distance(bad, 1)
    with pytest.raises(DimensionError):
        squared_distance(3, 0)
    with pytest.raises(DimensionError):
        nearest_factors(3, [1, -1])
    with pytest.raises(DimensionError):
        middle_factor(0)
    with pytest.raises(NonFiniteError):
        squared_distance("3", 1)
    with pytest.raises(NonFiniteError):
        lower_bound(float("nan"), 1, 1)
    with pytest.raises(NonFiniteError, match="rational"):
        is_farther_than(sympy.sqrt(2), 1, 1)
