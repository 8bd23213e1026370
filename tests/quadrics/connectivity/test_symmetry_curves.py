"""Curves that symmetries induce: real logarithms against square roots, exact curves, named errors."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.connectivity.real_powers import (
    has_real_logarithm,
    negative_jordan_blocks,
    polar_power,
    real_logarithm,
    real_power,
)
from quadrics.connectivity.symmetry_curves import bezier, polyline, symmetry_curve, transport
from quadrics.errors import DimensionError, DisconnectedError, NonFiniteError, ShapeError, SymmetryError

t = sympy.Symbol("t", real=True)
entries = st.lists(st.integers(-5, 5), min_size=4, max_size=4)
unimodular = sympy.Matrix([[1, 2, 0, 1], [0, 1, 1, 0], [0, 0, 1, 3], [0, 0, 0, 1]])


def jordan(value, *sizes):
    return sympy.diag(*(sympy.jordan_cell(value, k) for k in sizes))


@given(entries)
@settings(max_examples=100, deadline=None)
def test_a_logarithm_exists_exactly_when_a_square_root_does(values):
    g = sympy.Matrix(2, 2, values)
    if g.det() == 0:
        return
    scalar = g == g[0, 0] * sympy.eye(2)
    root = g.det() > 0 and (scalar or bool(g.trace() + 2 * sympy.sqrt(g.det()) > 0))
    assert has_real_logarithm(g) == root


@pytest.mark.parametrize(
    ("sizes", "exists"),
    [
        ((1, 1), True),
        ((2,), False),
        ((1,), False),
        ((2, 2), True),
        ((1, 1, 2), False),
        ((1, 3), False),
        ((1,) * 4, True),
    ],
)
@pytest.mark.parametrize("value", [-1, -3])
def test_blocks_of_a_negative_eigenvalue_must_come_in_pairs(sizes, exists, value):
    J = jordan(value, *sizes)
    S = unimodular[: J.rows, : J.rows]
    g = S * J * S.inv()
    found = negative_jordan_blocks(g)
    assert found == {sympy.Symbol("x") - value: {k: sizes.count(k) for k in sorted(set(sizes))}}
    assert has_real_logarithm(g) == exists


@pytest.mark.parametrize(
    "g",
    [
        [[-1, 0], [0, -1]],
        [[2, 1], [0, 2]],
        [[0, -1], [1, 0]],
        [[3, 1], [1, 3]],
        jordan(-2, 2, 2),
        jordan(1, 3),
        sympy.diag(jordan(-1, 1, 1), 5),
    ],
)
def test_powers_are_powers(g):
    matrix = sympy.Matrix(g)
    n = matrix.rows
    assert real_power(g, 0) == sympy.eye(n)
    assert sympy.simplify(real_power(g, 1) - matrix) == sympy.zeros(n)
    half = real_power(g, sympy.Rational(1, 2))
    assert sympy.simplify(half * half - matrix) == sympy.zeros(n)
    log = real_logarithm(g)
    assert sympy.simplify(real_power(g, t).diff(t) - log * real_power(g, t)) == sympy.zeros(n)


@pytest.mark.parametrize("g", [[[-1, 0], [0, -2]], [[-1, 1], [0, -1]], [[1, 1], [-1, 1]], [[4, 0], [0, 4]], [[3]]])
def test_polar_powers_lead_from_the_identity_to_g(g):
    matrix = sympy.Matrix(g)
    assert polar_power(g, 0) == sympy.eye(matrix.rows)
    assert sympy.simplify(polar_power(g, 1) - matrix) == sympy.zeros(matrix.rows)
    determinant = sympy.simplify(polar_power(g, sympy.Rational(1, 3)).det())
    assert sympy.simplify(determinant - sympy.cbrt(matrix.det())) == 0


def test_curves_keep_the_product_and_join_w_to_g_w():
    W1, W2, W3 = (sympy.Matrix(m) for m in ([[1, 2, 0], [3, 5, 1]], [[2, -1], [0, 1]], [[1, 1]]))
    g = [sympy.Matrix([[1, 1], [0, 1]]), sympy.Matrix([[-1, 0], [0, -1]])]
    curve = symmetry_curve(g, [W1, W2, W3], t)
    assert sympy.simplify(curve[2] * curve[1] * curve[0]) == W3 * W2 * W1
    assert symmetry_curve(g, [W1, W2, W3], 1) == transport(g, [one.inv() for one in g], [W1, W2, W3])
    half = symmetry_curve([[[-1, 0], [0, -2]]], [W2, W3], sympy.Rational(1, 2), polar_power)
    assert sympy.simplify(half[1] * half[0]) == W3 * W2


def test_curves_for_comparison():
    points = [[sympy.Matrix([k, 1])] for k in (0, 3, 1)]
    assert [polyline(points, sympy.Rational(k, 2))[0][0] for k in range(3)] == [0, 3, 1]
    ends = [bezier(points, k)[0] for k in (0, 1)]
    assert ends == [points[0][0], points[2][0]]
    assert all(bezier(points, sympy.Rational(k, 7))[0][1] == 1 for k in range(8))


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: real_power([[-1, 0], [0, 1]], t), DisconnectedError),
        (lambda: real_power([[-1, 0], [0, -2]], t), SymmetryError),
        (lambda: real_power(sympy.Matrix([[0, 0, 2], [1, 0, 0], [0, 1, 0]]), t), DimensionError),
        (lambda: real_power([[1, 2], [2, 4]], t), SymmetryError),
        (lambda: real_power([[1, 2]], t), ShapeError),
        (lambda: real_power([[1, float("nan")], [0, 1]], t), NonFiniteError),
        (lambda: real_power([[1]], "t"), NonFiniteError),
        (lambda: has_real_logarithm("1"), ShapeError),
        (lambda: has_real_logarithm(sympy.eye(13)), DimensionError),
        (lambda: polar_power([[1, 0], [0, -1]], t), DisconnectedError),
        (lambda: polar_power(sympy.eye(3), t), DimensionError),
        (lambda: symmetry_curve([sympy.eye(2)], [sympy.eye(3), sympy.eye(3)], t), ShapeError),
        (lambda: symmetry_curve([], [sympy.eye(2), sympy.eye(2)], t), ShapeError),
        (lambda: polyline([[sympy.eye(2)]], 0), ShapeError),
        (lambda: polyline([[sympy.eye(2)]] * 2, 2), DimensionError),
        (lambda: bezier([], t), ShapeError),
    ],
)
def test_bad_input_gets_a_named_error(call, error):
    with pytest.raises(error):
        call()
