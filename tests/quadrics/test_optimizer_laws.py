"""The laws of momentum, ℓ1 penalties and sign descent against the updates themselves, in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.discretization import discrete_imbalance, gradient_step
from quadrics.errors import NonFiniteError, ShapeError
from quadrics.forms import form, imbalance
from quadrics.network import Parameters
from quadrics.optimizer_laws import l1_rate, momentum_amplification, momentum_imbalance, sign_rate, step_imbalance

fractions = st.fractions(min_value=-3, max_value=3, max_denominator=4)
weights = st.lists(fractions, min_size=2, max_size=2)


def neuron(w: list[Fraction], a: Fraction) -> Parameters:
    return Parameters([w], [[a]])


@settings(max_examples=30)
@given(weights, fractions, weights, fractions, fractions, fractions)
def test_any_step(
    w: list[Fraction], a: Fraction, u: list[Fraction], last: Fraction, h: Fraction, decay: Fraction
) -> None:
    theta, step = neuron(w, a), neuron(u, last)
    after = gradient_step(gradient_step(theta, theta, h * decay), step, h)
    along, square = form(theta, step, 0), form(step, step, 0)
    assert imbalance(after)[0] == step_imbalance(imbalance(theta)[0], along, square, h, decay)


@settings(max_examples=30)
@given(weights, fractions, st.lists(weights, min_size=3, max_size=3), fractions, fractions, st.booleans())
def test_momentum(
    w: list[Fraction], a: Fraction, pulls: list[list[Fraction]], h: Fraction, beta: Fraction, nesterov: bool
) -> None:
    theta, velocity, b = neuron(w, a), neuron([Fraction(0)] * 2, Fraction(0)), sympy.Integer(0)
    for v in pulls:
        last = sum(sympy.Rational(x) * y for x, y in zip(theta.W1, map(sympy.Rational, v), strict=True))
        g = Parameters([[theta.W2[0] * sympy.Rational(x) for x in v]], [[last]])  # satisfies eq. (9)
        velocity = gradient_step(g, velocity, -beta)
        forms = form(g, g, 0), form(g, velocity, 0), form(velocity, velocity, 0)
        c, b = momentum_imbalance(imbalance(theta)[0], b, *forms, h, beta, nesterov)
        theta = gradient_step(theta, gradient_step(g, velocity, -beta) if nesterov else velocity, h)
        assert (c, b) == (imbalance(theta)[0], form(theta, velocity, 0))


def test_without_momentum_it_is_the_law_of_gradient_descent() -> None:
    c, g1, g2, h = sympy.symbols("c G1 G2 h")
    square = g1 - g2
    for nesterov in (False, True):
        assert momentum_amplification(0, nesterov) == 1
        said, b = momentum_imbalance(c, 0, square, square, square, h, 0, nesterov)
        assert sympy.expand(said - discrete_imbalance(c, g1, g2, h)) == 0
        assert b == -h * square


@settings(max_examples=30)
@given(weights, fractions, fractions)
def test_l1_rate_is_the_derivative_of_the_flow(w: list[Fraction], a: Fraction, lam: Fraction) -> None:
    t = sympy.Symbol("t")

    def moving(x: Fraction) -> sympy.Expr:
        return sympy.Rational(x) - t * sympy.Rational(lam) * sympy.sign(sympy.Rational(x))

    c = sum(moving(x) ** 2 for x in w) - moving(a) ** 2
    assert sympy.diff(c, t).subs(t, 0) == l1_rate(w, [a], lam)
    if lam >= 0 and sum(x**2 for x in w) <= a**2:
        size = sympy.sqrt(sum(sympy.Rational(x) ** 2 for x in w)) + sympy.Abs(sympy.Rational(a))
        level = sum(sympy.Rational(x) ** 2 for x in w) - sympy.Rational(a) ** 2
        assert l1_rate(w, [a], lam) * size + 2 * sympy.Rational(lam) * level <= 0


@settings(max_examples=30)
@given(weights, fractions, weights)
def test_sign_rate_is_the_derivative_of_the_flow(w: list[Fraction], a: Fraction, v: list[Fraction]) -> None:
    t = sympy.Symbol("t")
    W, V, A = [[sympy.Rational(x) for x in row] for row in (w, v)] + [sympy.Rational(a)]
    last = sympy.sign(sum(x * y for x, y in zip(W, V, strict=True)))
    moved = [x - t * sympy.sign(A * y) for x, y in zip(W, V, strict=True)]
    c = sum(x**2 for x in moved) - (A - t * last) ** 2
    assert sympy.diff(c, t).subs(t, 0) == sign_rate(w, a, v)


def test_bad_input_is_named() -> None:
    with pytest.raises(ShapeError, match="got 1 weights and 2 entries"):
        sign_rate([1], 1, [1, 2])
    with pytest.raises(NonFiniteError):
        l1_rate([sympy.oo], [1], 1)
    with pytest.raises(NonFiniteError):
        step_imbalance(1, 1, 1, sympy.nan)
