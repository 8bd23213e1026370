"""Homogeneous activations: the relations that define them, their derivatives, and what they refuse."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from quadrics.activation import Activation, absolute_value, leaky_relu, linear, relu, relu_power
from quadrics.errors import DimensionError, NonFiniteError

rationals = st.fractions(min_value=-5, max_value=5, max_denominator=7)


@given(rationals, rationals, rationals, st.integers(1, 3))
def test_activation_satisfies_euler(alpha: Fraction, beta: Fraction, z: Fraction, degree: int) -> None:
    sigma = Activation(alpha, beta, degree)
    assert z * sigma.derivative(z) == degree * sigma(z)


@given(rationals, st.fractions(min_value="1/7", max_value=5, max_denominator=7))
def test_activation_is_positively_homogeneous(z: Fraction, factor: Fraction) -> None:
    for sigma, degree in (
        (relu, 1),
        (leaky_relu(Fraction(1, 3)), 1),
        (absolute_value, 1),
        (relu_power(3), 3),
    ):
        assert sigma(factor * z) == factor**degree * sigma(z)


def test_piecewise_agrees_with_numbers() -> None:
    z = sympy.Symbol("z", real=True)
    for sigma in (relu, leaky_relu(Fraction(1, 10)), absolute_value, Activation(2, 5, 2)):
        for value in (-2, 0, 3):
            assert sigma(z).subs(z, value) == sigma(value)
            assert sigma.derivative(z).subs(z, value) == sigma.derivative(value)


def test_derivative_is_the_derivative() -> None:
    p, n = sympy.Symbol("p", positive=True), sympy.Symbol("n", negative=True)
    for sigma in (relu, leaky_relu(Fraction(1, 10)), absolute_value, linear, Activation(2, 5, 3)):
        for z in (p, n):
            assert sympy.expand(sympy.diff(sigma(z), z) - sigma.derivative(z)) == 0


def test_linear_is_recognised_and_needs_no_cases() -> None:
    z = sympy.Symbol("z", real=True)
    assert linear.is_linear
    assert linear(z) == z
    assert not relu.is_linear
    assert not Activation(1, 1, 2).is_linear


def test_leaky_relu_is_the_maximum() -> None:
    for gamma in (0, Fraction(1, 10), 1):
        for z in (-3, 0, 2):
            assert leaky_relu(gamma)(z) == max(z, gamma * z)
    for bad in (-1, 2):
        with pytest.raises(DimensionError):
            leaky_relu(bad)


def test_prints_as_latex() -> None:
    assert relu._repr_latex_().startswith("$\\displaystyle")
    assert "z_{+}" in sympy.latex(relu)


@pytest.mark.parametrize("bad", [float("nan"), sympy.zoo, 1j, "1", None, True])
def test_slopes_and_degree_must_be_real_and_finite(bad: object) -> None:
    for arguments in ((bad, 0), (1, bad), (1, 0, bad)):
        with pytest.raises(NonFiniteError, match="expected"):
            Activation(*arguments)
