"""The bound of a linear fit against exact least squares, and the convexity that it rests on."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError, ShapeError
from quadrics.kink_bound import free_splits, linear_fit_residual, second_difference
from quadrics.reachability import KinkTarget

fractions = st.fractions(min_value=-3, max_value=3, max_denominator=4)


@settings(max_examples=30)
@given(st.lists(st.tuples(fractions, fractions, fractions), min_size=3, max_size=5))
def test_the_residual_is_that_of_least_squares(rows: list[tuple[Fraction, Fraction, Fraction]]) -> None:
    X = sympy.Matrix([[sympy.Rational(a), sympy.Rational(b)] for a, b, _ in rows])
    y = sympy.Matrix([sympy.Rational(c) for _, _, c in rows])
    gram = X.T * X
    assume(gram.det() != 0)
    left = y - X * gram.LUsolve(X.T * y)
    second, mixed = (gram[0, 0], gram[0, 1], gram[1, 1]), list(X.T * y)
    assert linear_fit_residual(second, mixed, (y.T * y)[0]) == (left.T * left)[0]


@settings(max_examples=30)
@given(
    st.lists(st.tuples(fractions, st.fractions(min_value=Fraction(1, 4), max_value=2)), min_size=3, max_size=6),
    fractions,
    fractions,
)
def test_no_hinge_is_nearer_to_a_concave_kink_than_the_linear_fit(
    samples: list[tuple[Fraction, Fraction]], kink: Fraction, other: Fraction
) -> None:
    """⟨L - F, hinge⟩ >= 0 for the residual of F = -(s - kink)_+, with any weights."""
    s = [sympy.Rational(x) for x, _ in samples]
    weights = [sympy.Rational(x) for _, x in samples]
    X = sympy.Matrix([[1, x] for x in s])
    W = sympy.diag(*weights)
    gram = X.T * W * X
    assume(gram.det() != 0)
    F = sympy.Matrix([-sympy.Max(x - sympy.Rational(kink), 0) for x in s])
    residual = X * gram.LUsolve(X.T * W * F) - F
    for hinge in (lambda x: sympy.Max(x - sympy.Rational(other), 0), lambda x: sympy.Max(sympy.Rational(other) - x, 0)):
        assert sum(w * r * hinge(x) for w, r, x in zip(weights, residual, s, strict=True)) >= 0


@given(st.lists(fractions, min_size=3, max_size=3, unique=True), fractions)
def test_hinges_have_second_differences_of_one_sign(points: list[Fraction], kink: Fraction) -> None:
    s = sorted(points)
    assert second_difference(s, [max(x - kink, Fraction(0)) for x in s]) >= 0
    assert second_difference(s, [-max(x - kink, Fraction(0)) for x in s]) <= 0


def test_splits_say_what_is_in_reach() -> None:
    for l_minus, free, P, N in product(range(4), range(4), range(4), range(4)):
        for p in range(l_minus + 1):
            enough = any(up >= P and down >= N for up, down in free_splits(p, l_minus, free))
            assert enough == (KinkTarget(P, N).missing_signs(p, l_minus) <= free)
            assert all(up + down == l_minus + free for up, down in free_splits(p, l_minus, free))
    assert len(list(combinations(free_splits(1, 2, 3), 2))) == 6  # all different


def test_bad_input_is_named() -> None:
    with pytest.raises(ShapeError, match="got 2 and 2 moments"):
        linear_fit_residual((1, 2), (1, 2), 1)
    with pytest.raises(ShapeError, match="expected 3 and 3"):
        second_difference((1, 2), (1, 2))
    with pytest.raises(DimensionError):
        free_splits(3, 2, 1)
