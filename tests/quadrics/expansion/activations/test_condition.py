"""Assumption A: decided against closed forms, and against the first twenty derivatives."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError, NonFiniteError, UnknownActivationError
from quadrics.expansion.activations.condition import assumption_a
from quadrics.expansion.activations.derivatives_at_zero import (
    CLOSED_FORMS,
    derivative_at_zero,
    soft_sigmoid_derivative_at_zero,
)
from quadrics.expansion.activations.parts import (
    even_part,
    is_analytic,
    not_a_polynomial,
    odd_part,
    taylor_coefficients,
    vanishes,
)
from quadrics.smooth_activation import NAMED, SmoothActivation, Z, activation_named, sigmoid, soft_sigmoid, softplus

E = sympy.exp
# name -> (sigma(0) != 0, infinitely many even, infinitely many odd), from the known identities
KNOWN = {
    "sigmoid": (True, False, True),
    "softplus": (True, True, False),
    "tanh": (False, False, True),
    "erf": (False, False, True),
    "gelu": (False, True, False),
    "silu": (False, True, False),
    "soft_sigmoid": (True, True, True),
}
OTHERS = {
    E(Z): (True, True, True),
    E(Z) - 1: (False, True, True),
    E(-(Z**2)) + Z: (True, True, False),
    sympy.cos(Z) + sympy.sin(Z): (True, True, True),
    sympy.sqrt(1 + Z**2) + Z: (True, True, False),
    sympy.atan(Z) + 1: (True, False, True),
    Z * sympy.tanh(softplus.formula): (False, True, True),
    Z**15 + Z**2 + 3: (True, False, False),
}
QUICK_SERIES = [f for f in OTHERS if not f.has(sympy.log)]  # that of z tanh(softplus(z)) takes SymPy minutes


def answers(activation):
    found = assumption_a(activation)
    return found.nonzero_at_zero, found.infinitely_many_even, found.infinitely_many_odd


def test_every_name_is_decided():
    assert set(KNOWN) == set(NAMED)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_named_activations(name):
    assert answers(activation_named(name)) == KNOWN[name]
    assert assumption_a(activation_named(name)).holds == all(KNOWN[name])


@pytest.mark.parametrize("formula", OTHERS, ids=str)
def test_other_formulas(formula):
    assert answers(formula) == OTHERS[formula]


@pytest.mark.parametrize("formula", [*(s.formula for s in NAMED.values()), *QUICK_SERIES], ids=str)
def test_the_first_derivatives_agree(formula):
    """A polynomial part has its coefficients in the series and no others; the other part goes on and on."""
    series = taylor_coefficients(formula, 20)
    for part, start in ((even_part(formula), 0), (odd_part(formula), 1)):
        orders = range(start, 21, 2)
        nonzero = {k: series[k] for k in orders if series[k] != 0}
        if part.is_polynomial:
            assert nonzero == part.coefficients
        else:
            assert sum(k > 10 for k in nonzero) >= 2


@pytest.mark.parametrize("name", sorted(CLOSED_FORMS))
def test_closed_forms(name):
    series = taylor_coefficients(activation_named(name).formula, 20)
    for n in range(21):
        assert sympy.simplify(derivative_at_zero(name, n) - sympy.factorial(n) * series[n]) == 0


@settings(deadline=None, max_examples=6)
@given(
    st.fractions(min_value="1/5", max_value=5, max_denominator=5),
    st.fractions(min_value="1/5", max_value=5, max_denominator=5),
)
def test_soft_sigmoid_for_random_parameters(alpha, gamma):
    a, g = sympy.Rational(alpha), sympy.Rational(gamma)
    activation = soft_sigmoid(a, g)
    assert assumption_a(activation).holds
    for n in range(6):
        difference = soft_sigmoid_derivative_at_zero(n, a, g) - activation.derivative(0, n)
        assert sympy.simplify(difference) == 0


@pytest.mark.parametrize(
    ("alpha", "gamma", "expected"),
    [
        (0, 3, (True, True, False)),
        (-1, sympy.sqrt(2), (True, True, True)),
        (-2 * sympy.log(2), 3, (False, True, True)),
        (5, 0, (True, True, False)),
        (1, -2, (True, True, True)),
    ],
)
def test_soft_sigmoid_beyond_positive_parameters(alpha, gamma, expected):
    assert answers(soft_sigmoid(alpha, gamma)) == expected


def test_soft_sigmoid_for_all_parameters_at_once():
    alpha, gamma = sympy.symbols("alpha gamma", positive=True)
    formula = softplus.formula + alpha * sigmoid.formula.subs(Z, gamma * Z)
    assert assumption_a(formula).holds
    unsigned = sympy.Symbol("beta", real=True)
    with pytest.raises(UnknownActivationError):
        assumption_a(Z**2 + unsigned * sympy.tanh(Z))


@settings(deadline=None, max_examples=10)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9))
def test_polynomials_are_found_out(coefficients):
    formula = sympy.Add(*(c * Z**k for k, c in enumerate(coefficients)))
    assert not_a_polynomial(formula) is None
    expected = {k: c for k, c in enumerate(coefficients) if c}
    assert {**even_part(formula).coefficients, **odd_part(formula).coefficients} == expected


def test_rewriting():
    assert vanishes(softplus.formula - softplus.formula.subs(Z, -Z) - Z)
    assert not vanishes(softplus.formula - softplus.formula.subs(Z, -Z) - 2 * Z)
    assert not is_analytic(sympy.sqrt(Z))
    assert not is_analytic(sympy.sign(Z))
    assert is_analytic(sympy.log(1 + Z**2))


def test_what_cannot_be_decided_is_refused():
    for formula in (abs(Z), sympy.Max(Z, 0), 1 / Z, sympy.log(Z)):
        with pytest.raises(UnknownActivationError, match="not seen to be analytic"):
            assumption_a(SmoothActivation("kinked", formula))
    with pytest.raises(UnknownActivationError, match="expected one of erf"):
        derivative_at_zero("swish", 1)
    with pytest.raises(DimensionError):
        derivative_at_zero("sigmoid", -1)
    for bad in ("exp(z)", None, sympy.nan, sympy.oo):
        with pytest.raises(NonFiniteError):
            assumption_a(bad)
    with pytest.raises(DimensionError):
        taylor_coefficients(Z, 10**9)
