"""The toy family: critical points and types against independent numbers, for the paper's four and any others."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import NonFiniteError
from quadrics.expansion.losses.toy import (
    W1,
    W2,
    CriticalType,
    ToyLoss,
    W,
    diagonal_curvatures,
    sign_at_root,
    toy_discrepancy,
    toy_figures,
    toy_loss,
)

coefficients = st.fractions(-8, 8, max_denominator=4)


def numbers(loss):
    return [(float(p.w1), float(p.w2)) for p in loss.critical_points()]


@settings(deadline=None, max_examples=60)
@given(coefficients, coefficients)
def test_points_and_types_against_floating_point(a, b):
    loss = ToyLoss(a, b)
    points = loss.critical_points()
    a, b = float(a), float(b)
    values = []
    for point in points:
        u, v = float(point.w1), float(point.w2)
        s, p = u + v - a, u * v - b
        size = 1 + abs(u) + abs(v)
        assert np.allclose([s + p * v, s + p * u], 0, atol=1e-10 * size**3)
        H = np.array([[1 + v * v, 1 + u * v + p], [1 + u * v + p, 1 + u * u]])
        eigenvalues = np.linalg.eigvalsh(H)
        values.append((s * s + p * p) / 2)
        if min(abs(eigenvalues)) > 1e-6:
            assert (eigenvalues[0] < 0) == (point.kind is CriticalType.SADDLE)
            assert sorted(np.sign(eigenvalues)) == sorted(point.signs)
    lowest = min(values)
    for point, value in zip(points, values, strict=True):
        assert (point.kind is CriticalType.GLOBAL_MINIMUM) == (value < lowest + 1e-9 * (1 + lowest))


@settings(deadline=None, max_examples=25)
@given(coefficients, coefficients)
def test_no_critical_point_is_missing(a, b):
    """The real roots of an eliminant in u = w1 + 3 w2, which tells the points apart, are as many as the points."""
    loss = ToyLoss(a, b)
    F = toy_discrepancy(loss.a, loss.b)
    u = sympy.Symbol("u")
    equations = [sympy.expand(sympy.diff(F, w).subs(W1, u - 3 * W2)) for w in (W1, W2)]
    eliminant = sympy.Poly(sympy.groebner(equations, W2, u, order="lex").exprs[-1], u)
    assert eliminant.count_roots() == len({p.w1 + 3 * p.w2 for p in loss.critical_points()})


def test_the_four_of_the_paper():
    kinds = {
        name: [p.kind.value for p in loss.critical_points() if p.on_diagonal] for name, loss in toy_figures().items()
    }
    assert kinds == {
        "1st": ["saddle"],
        "2nd": ["local minimum", "saddle", "saddle"],
        "3rd": ["saddle"],
        "4th": ["saddle"],
    }
    assert numbers(toy_figures()["3rd"])[:2] == [(-20.0, -0.1), (-0.1, -20.0)]


@pytest.mark.parametrize(("a", "b"), [(2, 1), (-4, 4), (0, 0)])
def test_at_the_bifurcation(a, b):
    """At a² = 4b the partners meet at w = a/2, where the curvature across the diagonal vanishes."""
    points = ToyLoss(a, b).critical_points()
    assert all(p.on_diagonal for p in points)
    meeting = next(p for p in points if p.w1 == sympy.Rational(a, 2))
    assert meeting.kind is CriticalType.GLOBAL_MINIMUM
    assert meeting.signs[1] == 0


def test_two_lowest_points_by_symmetry_and_a_degenerate_one():
    kinds = [p.kind for p in ToyLoss(0, 3).critical_points()]
    assert kinds == [CriticalType.GLOBAL_MINIMUM, CriticalType.SADDLE, CriticalType.GLOBAL_MINIMUM]
    # 4(b - 2)^3 = 27 a^2 with a double root: b = 5, a = 2, w = -1
    assert [(p.w1, p.kind) for p in ToyLoss(2, 5).critical_points()] == [
        (-1, CriticalType.DEGENERATE),
        (2, CriticalType.GLOBAL_MINIMUM),
    ]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=4), st.integers(2, 30))
def test_signs_at_roots(coefficients, n):
    polynomial = sum(c * W**k for k, c in enumerate(coefficients))
    for factor, _ in sympy.factor_list(W**2 - n, W)[1]:
        for root in sympy.real_roots(sympy.Poly(factor, W)):
            assert sign_at_root(polynomial, root, factor) == sympy.sign(sympy.expand(polynomial.subs(W, root)))


def test_the_curvatures_are_the_eigenvalues():
    b = sympy.Symbol("b", real=True)
    a = W**3 + (2 - b) * W
    a_const = sympy.Symbol("a", real=True)
    H = sympy.hessian(toy_discrepancy(a_const, b), (W1, W2)).subs({W1: W, W2: W}).subs(a_const, a)
    along, across = diagonal_curvatures(b)
    assert sympy.expand((H * sympy.Matrix([1, 1]))[0] - along) == 0
    assert sympy.expand((H * sympy.Matrix([1, -1]))[0] - across) == 0


def test_bad_input():
    for bad in (0.1, "3", sympy.pi, sympy.Symbol("a"), None, sympy.nan):
        with pytest.raises(NonFiniteError):
            ToyLoss(bad, 2)
    with pytest.raises(NonFiniteError):
        toy_loss(1, 2, "w", 3)
