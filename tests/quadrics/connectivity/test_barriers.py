"""Barriers between rescaled minima: exact losses against the formulas, with permutations too, and bounded copies."""

from itertools import pairwise, permutations

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Rational

from quadrics.activation import Activation, leaky_relu, linear, relu, relu_power
from quadrics.connectivity.barriers import (
    FACTOR,
    barrier,
    between,
    factor_exceeding,
    loss,
    loss_between,
    output,
    output_factor,
    peak,
    peak_factor,
    rescale_last,
    squared_norm,
    zero_loss_curve,
)
from quadrics.connectivity.bounded_barrier import factor_range, loss_bound
from quadrics.connectivity.permuted_barriers import (
    awaken,
    barrier_at,
    has_silent_permutation,
    leading_coefficient,
    middle_output,
    permuted_copy,
    smallest_barrier,
    spread,
)
from quadrics.errors import DimensionError, NonFiniteError, ShapeError, SymmetryError
from quadrics.symmetry import permutation_matrix

HALF = Rational(1, 2)
ACTIVATIONS = [linear, relu, leaky_relu(Rational(1, 4)), relu_power(2), Activation(2, -1, 3)]
factors = st.fractions(min_value="1/20", max_value=20, max_denominator=20).filter(lambda m: m != 1).map(Rational)
times = st.fractions(min_value=0, max_value=1, max_denominator=12).map(Rational)


def matrices(rows, cols):
    entries = st.lists(st.integers(-4, 4), min_size=rows * cols, max_size=rows * cols)
    return entries.map(lambda listed: sympy.ImmutableDenseMatrix(rows, cols, listed))


@st.composite
def networks(draw):
    depth = draw(st.integers(2, 3))
    sizes = [draw(st.integers(1, 3)) for _ in range(depth + 1)]
    weights = [draw(matrices(after, before)) for before, after in pairwise(sizes)]
    return weights, draw(matrices(sizes[0], draw(st.integers(1, 3)))), draw(st.sampled_from(ACTIVATIONS))


@settings(deadline=None, max_examples=60)
@given(networks(), factors, times)
def test_the_loss_on_the_segment(drawn, m, alpha):
    weights, X, activation = drawn
    Y, k = output(weights, X, activation), activation.degree
    middle = between(weights, rescale_last(weights, m, k), alpha)
    norm = sympy.sqrt(squared_norm(Y))
    assert loss(middle, X, Y, activation) == loss_between(alpha, m, k, norm)
    assert loss(middle, X, Y, activation) <= barrier(m, k, norm)


@settings(deadline=None, max_examples=40)
@given(networks(), st.integers(1, 6), st.integers(0, 4))
def test_the_curve_stays_in_the_minimum(drawn, root, quarter):
    weights, X, activation = drawn
    moved = zero_loss_curve(weights, Rational(quarter, 4), root**4, activation.degree)
    assert output(moved, X, activation) == output(weights, X, activation)
    assert zero_loss_curve(weights, 1, root**4, activation.degree) == rescale_last(weights, root**4, activation.degree)


@settings(deadline=None, max_examples=60)
@given(factors, st.sampled_from([1, 2, 3, HALF]), times)
def test_the_peak_is_the_highest_point(m, k, alpha):
    gap = output_factor(peak(m, k), m, k) - peak_factor(m, k)
    assert gap == 0 if k != HALF else abs(sympy.N(gap, 40)) < sympy.Float(10) ** -35
    assert 0 < peak(m, k) < 1
    assert output_factor(alpha, m, k) <= peak_factor(m, k)
    assert output_factor(alpha, m, k) >= 1


@settings(deadline=None, max_examples=30)
@given(factors, factors, st.sampled_from([1, 2, 3]))
def test_the_barrier_grows_with_the_factor(m, p, k):
    small, large = sorted((m, p), key=lambda f: abs(sympy.log(f)))
    assume((small > 1) == (large > 1))
    assert peak_factor(small, k) <= peak_factor(large, k)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 10**6), st.integers(1, 50), st.sampled_from([HALF, 1, 2, 3]))
def test_every_bound_is_exceeded(b, norm, k):
    assert loss_between(HALF, factor_exceeding(b, norm, k), k, norm) > b


def test_the_known_heights():
    assert [barrier(m, squared=False) for m in (2, 5, 10, 100)] == [
        Rational(1, 8),
        Rational(4, 5),
        Rational(81, 40),
        Rational(9801, 400),
    ]
    assert (peak(1, 3), peak_factor(1, 3), barrier(1)) == (HALF, 1, 0)
    assert peak_factor(Rational(1, 7)) == peak_factor(7)
    assert sympy.limit(peak_factor(FACTOR, 2) / FACTOR**2, FACTOR, sympy.oo) == Rational(4, 27)
    assert sympy.series(peak_factor(1 + FACTOR, 2), FACTOR, 0, 3).removeO().coeff(FACTOR, 2) == Rational(6, 8)


@settings(deadline=None, max_examples=15)
@given(networks(), times, st.integers(1, 9))
def test_bounded_copies_stay_below_the_bound(drawn, alpha, tenth):
    weights, X, activation = drawn
    Y, k = output(weights, X, activation), activation.degree
    assume(any(Y))
    A, B, N = (sympy.sqrt(squared_norm(v)) for v in (weights[-2], weights[-1], Y))
    c = A + B
    low, high = factor_range(A, B, c, k)
    m = Rational(str(sympy.N(low + (high - low) * Rational(tenth, 10), 15)))
    copy = rescale_last(weights, m, k)
    assert squared_norm(copy[-1]) < c**2
    assert squared_norm(copy[-2]) < c**2
    assert sympy.N(loss(between(weights, copy, alpha), X, Y, activation) - loss_bound(A, B, c, N, k), 30) <= 0


# -- permutations -----------------------------------------------------------------------------------------------------
@st.composite
def last_layers(draw, most=3):
    n, e = draw(st.integers(1, most)), draw(st.integers(1, 2))
    return draw(matrices(e, n)), draw(matrices(n, draw(st.integers(1, 2)))), draw(st.sampled_from(ACTIVATIONS))


@settings(deadline=None, max_examples=40)
@given(last_layers(), factors, st.data())
def test_a_permuted_copy_computes_the_same(drawn, m, data):
    V, Z, activation = drawn
    p = data.draw(st.permutations(range(V.cols)))
    other, below = permuted_copy(V, Z, m, p, activation.degree)
    assert other * below.applyfunc(activation) == V * Z.applyfunc(activation)
    assert barrier_at(V, Z, activation, 0, m, p) == barrier_at(V, Z, activation, 1, m, p) == 0
    P = permutation_matrix(p)
    hidden = ((sympy.eye(V.cols) + m * P.T) * Z).applyfunc(activation)
    missed = V * Z.applyfunc(activation) - middle_output(V, hidden, P, m, activation.degree)
    assert squared_norm(missed) == barrier_at(V, Z, activation, HALF, m, p)


@settings(deadline=None, max_examples=30)
@given(last_layers())
def test_repaired_minima_have_barriers_for_all_permutations(drawn):
    V, Z, activation = drawn
    Y = V * Z.applyfunc(activation)
    assume(any(Y))
    V, Z = spread(*awaken(V, Z, activation), 7, activation)
    assert V * Z.applyfunc(activation) == Y
    assert not has_silent_permutation(V, Z, activation)
    m = Rational(10) ** 12
    smallest = smallest_barrier(V, Z, activation, HALF, m)
    leading = min(leading_coefficient(V, Z, activation, p) for p in permutations(range(V.cols)))
    assert smallest > leading * m ** (2 * activation.degree) / 4


def test_bad_input_is_named():
    W, X = [sympy.Matrix([[1]]), sympy.Matrix([[2]])], sympy.Matrix([[1]])
    with pytest.raises(ShapeError, match="W_2"):
        output([W[0], sympy.Matrix([[1, 2]])], X)
    for bad in (0, -1):
        with pytest.raises(SymmetryError):
            rescale_last(W, bad)
    with pytest.raises(DimensionError, match="at least 2"):
        rescale_last(W[:1], 2)
    for call in (peak, peak_factor, barrier):
        with pytest.raises(DimensionError):
            call(-2)
        with pytest.raises(NonFiniteError):
            call(sympy.nan)
        with pytest.raises(NonFiniteError):
            call("2")
    with pytest.raises(DimensionError, match="norm"):
        factor_exceeding(1, 0)
    with pytest.raises(DimensionError, match="bound"):
        factor_range(1, 1, 0)
    with pytest.raises(NonFiniteError):
        loss_bound(1, 1, float("inf"), 1)
    V, Z = sympy.Matrix([[1, 2]]), sympy.Matrix([[1]])
    for call in (awaken, has_silent_permutation):
        with pytest.raises(ShapeError):
            call(V, Z, relu)
    with pytest.raises(DimensionError, match="at most 8"):
        has_silent_permutation(sympy.ones(1, 9), sympy.ones(9, 1), relu)
    with pytest.raises(DimensionError, match="none"):
        awaken(sympy.Matrix([[0, 1]]), sympy.Matrix([[1], [-1]]), relu)
