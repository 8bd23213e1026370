"""Smooth activations: against mpmath's values, and what they refuse."""

from __future__ import annotations

import mpmath
import pytest
import sympy

from quadrics.errors import NonFiniteError, UnknownActivationError
from quadrics.smooth_activation import NAMED, SmoothActivation, Z, activation_named, soft_sigmoid, softplus

REFERENCE = {
    "sigmoid": lambda t: (1 + mpmath.tanh(t / 2)) / 2,
    "softplus": lambda t: t / 2 + mpmath.log(2 * mpmath.cosh(t / 2)),
    "tanh": lambda t: (mpmath.exp(2 * t) - 1) / (mpmath.exp(2 * t) + 1),
    "erf": lambda t: 2 / mpmath.sqrt(mpmath.pi) * mpmath.quad(lambda s: mpmath.exp(-(s**2)), [0, t]),
    "gelu": lambda t: t * mpmath.ncdf(t),
    "silu": lambda t: t * (1 + mpmath.tanh(t / 2)) / 2,
    "soft_sigmoid": lambda t: t / 2 + mpmath.log(2 * mpmath.cosh(t / 2)) + (1 + mpmath.tanh(2 * t)) / 2,
}


def test_every_name_has_a_reference():
    assert set(REFERENCE) == set(NAMED)


@pytest.mark.parametrize("name", sorted(NAMED))
@pytest.mark.parametrize("at", [sympy.Rational(-7, 3), sympy.Integer(0), sympy.Rational(1, 5), sympy.Integer(4)])
def test_values_and_derivatives(name, at):
    sigma = activation_named(name)
    with mpmath.workdps(30):
        point = mpmath.mpf(at.p) / at.q
        assert mpmath.almosteq(sigma(at).evalf(30)._to_mpmath(100), REFERENCE[name](point), 1e-25)
        slope = mpmath.diff(REFERENCE[name], point)
        assert mpmath.almosteq(sigma.derivative(at).evalf(30)._to_mpmath(100), slope, 1e-12)


def test_text_is_looked_up_and_never_evaluated():
    with pytest.raises(UnknownActivationError, match="expected one of erf"):
        activation_named("__import__('os').system('true')")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1", None])
def test_bad_arguments(value):
    for call in (softplus, softplus.derivative, lambda v: soft_sigmoid(v, 4)):
        with pytest.raises(NonFiniteError):
            call(value)
    with pytest.raises(NonFiniteError, match="expected z alone"):
        SmoothActivation("two symbols", Z + sympy.Symbol("y"))


def test_prints_as_latex():
    assert softplus._repr_latex_() == r"$\displaystyle z \mapsto \log{\left(e^{z} + 1 \right)}$"
