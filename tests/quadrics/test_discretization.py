"""The exact discrete laws against the update itself, in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.conservation import gradient, symbolic_gradient
from quadrics.discretization import (
    decayed_imbalance,
    discrete_imbalance,
    discrete_imbalances,
    gradient_step,
    lagrange_imbalance,
)
from quadrics.errors import ShapeError
from quadrics.forms import form, imbalance
from quadrics.network import Parameters, TwoLayer

fractions = st.fractions(min_value=-3, max_value=3, max_denominator=4)


@settings(max_examples=30)
@given(st.data())
def test_law_is_the_update(data: st.DataObject) -> None:
    d, width, e, n = (data.draw(st.integers(1, 2)) for _ in range(4))
    degree, bias = data.draw(st.integers(1, 2)), data.draw(st.booleans())

    def rows(r: int, c: int) -> list[list[Fraction]]:
        return [[data.draw(fractions) for _ in range(c)] for _ in range(r)]

    theta = Parameters(rows(width, d), rows(e, width), rows(width, 1) if bias else None, rows(e, 1) if bias else None)
    g = gradient(theta, rows(d, n), rows(width, n), rows(e, n), degree)
    h, decay = data.draw(fractions), data.draw(fractions)
    after = imbalance(gradient_step(theta, g, h, decay), degree)
    assert discrete_imbalances(theta, g, h, degree, decay) == after


def test_law_for_a_symbolic_network() -> None:
    theta = TwoLayer(2, 1, 2, bias=True).symbols()
    g = symbolic_gradient(theta, 1)
    h, decay = sympy.symbols("h lambda", real=True)
    after = imbalance(gradient_step(theta, g, h, decay))
    assert sympy.expand(after[0] - discrete_imbalances(theta, g, h, weight_decay=decay)[0]) == 0


@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("bias", [False, True])
def test_lagrange_form_is_the_law_on_the_quadric(degree: int, bias: bool) -> None:
    theta = TwoLayer(3, 1, 1, bias=bias).symbols()
    x = sympy.Matrix(3, 2, sympy.symbols("x1:7", real=True))
    D, r = sympy.Matrix([sympy.symbols("D1:3", real=True)]), sympy.Matrix([sympy.symbols("r1:3", real=True)])
    g, h = gradient(theta, x, D, r, degree), sympy.Symbol("h", real=True)
    weighted = sympy.matrix_multiply_elementwise(D, r)
    v = [*(weighted * x.T), *([sum(weighted)] if bias else [])]
    w = [*theta.neuron(0).w, *([theta.neuron(0).b] if bias else [])]
    c = imbalance(theta, degree)[0]
    assert sympy.expand(lagrange_imbalance(w, v, c, h, degree) - discrete_imbalances(theta, g, h, degree)[0]) == 0


@given(st.lists(fractions, min_size=2, max_size=2), st.lists(fractions, min_size=2, max_size=2), fractions, fractions)
def test_negative_imbalances_never_decrease(w: list[Fraction], v: list[Fraction], c: Fraction, h: Fraction) -> None:
    after = lagrange_imbalance([sympy.sympify(i) for i in w], [sympy.sympify(i) for i in v], c, sympy.sympify(h))
    if c <= 0:
        assert after >= c
    elif h**2 * sum(i * i for i in v) <= 1:
        assert after >= 0


def test_weight_decay_solves_its_equation() -> None:
    c, decay, t = sympy.symbols("c lambda t", real=True)
    q = decayed_imbalance(c, decay, t)
    assert sympy.simplify(sympy.diff(q, t) + 2 * decay * q) == 0
    assert q.subs(t, 0) == c
    # The discrete law is its Euler step up to O(h²).
    h = sympy.Symbol("h")
    step = discrete_imbalance(c, 0, 0, h, decay)
    assert sympy.series(step - decayed_imbalance(c, decay, h), h, 0, 2).removeO() == 0


def test_refusals() -> None:
    theta = Parameters([[1]], [[1]])
    with pytest.raises(ShapeError, match="architecture"):
        gradient_step(theta, Parameters([[1]], [[1]], b1=[1]), 1)
    with pytest.raises(ShapeError, match="architecture"):
        gradient_step(theta, Parameters([[1, 2]], [[1]]), 1)
    with pytest.raises(ShapeError, match="as many"):
        lagrange_imbalance([1], [1, 2], 0, sympy.Integer(1))
    assert form(theta, theta, 0) == 0
