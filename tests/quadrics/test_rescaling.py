"""Eq. (22) and (23): the selected root solves the quartic, exactly; degenerate neurons; the stable form."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import ImbalanceError, QuadricsError, RescalingError, ShapeError
from quadrics.forms import imbalance
from quadrics.network import Parameters
from quadrics.rescaling import (
    RescalingCase,
    quartic,
    rescale_to,
    rescaling_case,
    rescaling_factor,
    squared_roots,
    stable_rescaling_factor,
)

positives = st.fractions(min_value="1/6", max_value=6, max_denominator=6)
reals = st.fractions(min_value=-6, max_value=6, max_denominator=6)


@settings(max_examples=40)
@given(positives, positives, reals)
def test_factor_solves_the_quartic_exactly(A: Fraction, C: Fraction, c: Fraction) -> None:
    for factor in (rescaling_factor(A, C, c), stable_rescaling_factor(A, C, c)):
        assert factor.is_positive
        assert sympy.simplify(quartic(A, C, c, factor)) == 0


@given(positives, positives, positives)
def test_it_is_the_factor_that_was_applied(A: Fraction, C: Fraction, alpha: Fraction) -> None:
    c = A * alpha**2 - C / alpha**2
    assert rescaling_factor(A, C, c) == alpha
    assert stable_rescaling_factor(A, C, c) == alpha


def test_symbolic_root_is_the_printed_formula() -> None:
    (A, C, c), positive, negative = squared_roots()
    assert sympy.simplify(positive - (c + sympy.sqrt(c**2 + 4 * A * C)) / (2 * A)) == 0
    assert sympy.simplify(positive * negative + C / A) == 0


def test_stable_form_is_the_same_number() -> None:
    (A, C, c), positive, _ = squared_roots()
    branches = stable_rescaling_factor(A, C, c)
    assert isinstance(branches, sympy.Piecewise)
    for branch, _condition in branches.args:
        assert sympy.simplify(branch**2 - positive) == 0


def test_stable_form_survives_rounding_over_twelve_decades() -> None:
    for exponent in range(-12, 13):
        exact = rescaling_factor(1, sympy.Rational(10) ** exponent, -1).n(30)
        rounded = stable_rescaling_factor(1.0, 10.0**exponent, -1.0)
        assert abs(rounded / exact - 1) < 16 * 2.0**-52


@pytest.mark.parametrize(
    ("A", "C", "c", "case"),
    [
        (1, 1, -2, "unique"),
        (1, 1, 0, "unique"),
        (0, 1, -1, "unique"),
        (0, 1, 0, "none"),
        (0, 1, 1, "none"),
        (1, 0, 1, "unique"),
        (1, 0, 0, "none"),
        (1, 0, -1, "none"),
        (0, 0, 0, "every"),
        (0, 0, 1, "none"),
        (0, 0, -1, "none"),
    ],
)
def test_degenerate_table(A: int, C: int, c: int, case: str) -> None:
    assert rescaling_case(A, C, c) is RescalingCase(case)
    if case == "unique":
        factor, stable = rescaling_factor(A, C, c), stable_rescaling_factor(A, C, c)
        assert sympy.simplify(quartic(A, C, c, factor)) == 0
        assert sympy.simplify(factor**2 - stable**2) == 0
    else:
        for function in (rescaling_factor, stable_rescaling_factor):
            with pytest.raises(RescalingError, match="expected"):
                function(A, C, c)


@settings(max_examples=30)
@given(st.data())
def test_rescale_to_lands_on_the_invariant_set(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 2))
    bias = data.draw(st.booleans())
    W1 = [[data.draw(positives), data.draw(reals)] for _ in range(width)]
    W2 = [[data.draw(positives) for _ in range(width)], [data.draw(reals) for _ in range(width)]]
    b1 = [data.draw(reals) for _ in range(width)] if bias else None
    c = [data.draw(reals) for _ in range(width)]
    moved = rescale_to(Parameters(W1, W2, b1), c)
    for got, wanted in zip(imbalance(moved), c, strict=True):
        assert sympy.simplify(got - wanted) == 0


def test_rescale_to_takes_one_number_for_all_and_leaves_zero_neurons() -> None:
    theta = Parameters([[0], [1]], [[0, 2]])
    assert imbalance(rescale_to(theta, 0)) == [0, 0]
    assert rescale_to(theta, sympy.Matrix([0, -3])) == theta


def test_rescale_to_names_the_neuron() -> None:
    theta = Parameters([[1], [0]], [[1, 1]])
    with pytest.raises(RescalingError, match="neuron 1"):
        rescale_to(theta, [1, 1])
    with pytest.raises(ShapeError, match="expected 2"):
        rescale_to(theta, [1])


@pytest.mark.parametrize("bad", ["1", sympy.I, float("nan"), float("inf"), None])
def test_imbalances_must_be_real(bad: object) -> None:
    for call in (lambda: rescaling_factor(1, 1, bad), lambda: rescale_to(Parameters([[1]], [[1]]), [bad])):
        with pytest.raises(ImbalanceError):
            call()


def test_squares_are_not_negative_and_signs_must_be_known() -> None:
    with pytest.raises(RescalingError, match="nonnegative"):
        rescaling_factor(-1, 1, 1)
    with pytest.raises(RescalingError, match="sign is known"):
        rescaling_factor(0, 1, sympy.Symbol("c", real=True))
    with pytest.raises(QuadricsError):
        rescaling_factor("1", 1, 1)
