"""Stable forms: equal to what they replace, and right to the last digits where the formula as written is not."""

import mpmath
import pytest
import sympy
import torch

from numerics.bridge import torch_function
from numerics.stable import Sigmoid, Softplus, stable
from quadrics.smooth_activation import NAMED, Z, soft_sigmoid

EPS = 2.0**-53
POINTS = [
    -700.0,
    -300.5,
    -40.0,
    -19.25,
    -3.0,
    -0.7,
    -1e-9,
    0.0,
    1e-9,
    0.3,
    1.0,
    5.5,
    20.5,
    36.9,
    41.0,
    250.0,
    709.0,
    5e4,
]
S = 1 / (1 + sympy.exp(-Z))
FORMULAS = [
    S,
    sympy.log(1 + sympy.exp(Z)),
    sympy.log(1 + sympy.exp(-3 * Z)) / 3,
    sympy.exp(Z) / (1 + sympy.exp(Z)),
    sympy.exp(Z) / (1 + sympy.exp(Z)) ** 2,
    sympy.exp(2 * Z) / (1 + sympy.exp(Z)) ** 3,
    5 * sympy.exp(-2 * Z) / (1 + sympy.exp(-2 * Z)) ** 2,
    1 - sympy.tanh(Z) ** 2,
    3 - 3 * sympy.tanh(2 * Z) ** 2,
    1 + sympy.erf(Z),
    2 - 2 * sympy.erf(Z / 3),
]


def reference(expr, value):
    """The value at 60 digits, with enough more for what cancels."""
    with mpmath.workdps(2000):
        return mpmath.mpf(sympy.lambdify(Z, expr, "mpmath")(mpmath.mpf(value)))


@pytest.mark.parametrize("expr", FORMULAS, ids=str)
def test_relative_accuracy_everywhere(expr):
    """One function of a few units in the last place, of arguments rounded by EPS: |u| EPS more, as exp(u) magnifies."""
    got = torch_function(expr, Z)(torch.tensor(POINTS, dtype=torch.float64)).tolist()
    for value, found in zip(POINTS, got, strict=True):
        exact = reference(expr, value)
        # erfc(u) ~ exp(-u^2) magnifies the rounding of u by 2 u^2, a sigmoid by |u| (three factors at most here)
        magnified = 2 * value**2 if expr.has(sympy.erf) else 9 * abs(value)
        bound = (64 + magnified) * EPS * abs(exact) + 5e-324
        assert abs(exact) < 1e-300 or abs(found - exact) <= bound, (value, found, exact)


@pytest.mark.parametrize("expr", FORMULAS, ids=str)
def test_a_stable_form_is_equal_to_the_formula(expr):
    rewritten = stable(expr)
    assert rewritten != expr
    back = rewritten.rewrite(sympy.exp)
    for value in (-2, sympy.Rational(1, 3), 4):
        assert abs((back - expr).subs(Z, value).evalf(50)) < 1e-45


@pytest.mark.parametrize("activation", NAMED.values(), ids=lambda a: a.name)
@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_derivatives_of_stable_forms_are_those_of_the_formula(activation, order):
    found = stable(activation.formula).diff(Z, order)
    for value in (-2, sympy.Rational(1, 3), 4):
        assert abs(found.subs(Z, value).evalf(50) - activation.derivative(value, order).evalf(50)) < 1e-45


@pytest.mark.parametrize(
    "expr",
    [
        sympy.log(2 + sympy.exp(Z)),
        1 / (3 + sympy.exp(Z)),
        2 - sympy.tanh(Z) ** 2,
        2 + sympy.erf(Z),
        Z + 1,
        sympy.exp(Z),
    ],
)
def test_what_is_none_of_the_patterns_is_left_alone(expr):
    assert stable(expr) == expr


def test_as_written_these_fail():
    """The control: without the rules the same formulas overflow, or lose all their digits."""
    z = torch.tensor(800.0, dtype=torch.float64)
    assert torch.log(1 + torch.exp(z)).isinf()
    assert (torch.exp(z) / (1 + torch.exp(z)) ** 2).isnan()
    assert 1 - torch.tanh(torch.tensor(20.0, dtype=torch.float64)) ** 2 == 0
    assert torch_function(1 - sympy.tanh(Z) ** 2, Z)(20.0) > 0


def test_gradients_flow_through():
    z = torch.tensor(POINTS, dtype=torch.float64, requires_grad=True)
    torch_function(soft_sigmoid().formula, Z)(z).sum().backward()
    slope = torch_function(stable(soft_sigmoid().formula).diff(Z), Z)(z.detach())
    torch.testing.assert_close(z.grad, slope, rtol=1e-13, atol=1e-300)


def test_nan_stays_nan():
    z = torch.tensor(float("nan"), dtype=torch.float64)
    assert all(torch_function(expr, Z)(z).isnan() for expr in FORMULAS)


def test_both_functions_evaluate_and_differentiate():
    assert Sigmoid(sympy.Integer(1)).evalf(30) == (1 / (1 + sympy.exp(-1))).evalf(30)
    assert Softplus(sympy.Integer(1)).evalf(30) == sympy.log(1 + sympy.E).evalf(30)
    assert Softplus(2 * Z).diff(Z) == 2 * Sigmoid(2 * Z)
