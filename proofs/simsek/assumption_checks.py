"""Assumption A and Remark 4.1: how they are decided, by identities, limits, and coefficients of Taylor series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.expansion.activations.condition import assumption_a
from quadrics.expansion.activations.parts import taylor_coefficients
from quadrics.smooth_activation import (
    NAMED,
    Z,
    sigmoid,
    softplus,
)

from ..check import Context
from ..derivation import Step, argued, step
from ..evidence import Outcome, decided
from ..rules import equal
from .function_checks import (
    is_polynomial,
    is_positive,
    same_function,
)

Table = dict[str, tuple[bool, bool, bool]]  # σ(0) ≠ 0, infinitely many even derivatives, infinitely many odd ones


def table() -> Table:
    found = {name: assumption_a(activation) for name, activation in NAMED.items()}
    return {k: (a.nonzero_at_zero, a.infinitely_many_even, a.infinitely_many_odd) for k, a in found.items()}


def agrees_with_series(table: Table, context: Context) -> Outcome:
    """The coefficients of z^4, ..., z^12 (or z^20) of one parity: none where finitely many are claimed, else some."""
    top = context.pick(quick=12, full=20)
    for name, claimed in table.items():
        series = taylor_coefficients(NAMED[name].formula, top)
        found = (
            series[0] != 0,
            *(any(series[k] != 0 for k in range(start, top + 1, 2)) for start in (top - 4, top - 3)),
        )
        none = [all(series[k] == 0 for k in range(start, top + 1, 2)) for start in (4, 5)]
        if found != claimed or none != [not claimed[1], not claimed[2]]:
            return decided(False, name=name, found=found)
    return decided(True, activations=len(table))


ALPHA, GAMMA = sp.symbols("alpha gamma", positive=True)
G = softplus.formula + ALPHA * sigmoid.formula.subs(Z, GAMMA * Z)


def parts(formula: Any) -> tuple[Any, Any]:
    mirrored = formula.subs(Z, -Z)
    return (formula + mirrored) / 2, (formula - mirrored) / 2


def soft_sigmoid_steps() -> list[Step]:
    even, odd = parts(G)
    nice_even = sp.log(2 * sp.cosh(Z / 2)) + ALPHA / 2
    nice_odd = Z / 2 + ALPHA * sp.tanh(GAMMA * Z / 2) / 2
    return [
        step(is_positive, G.subs(Z, 0), True, "σ(0) = ln 2 + α/2"),
        step(same_function, even, nice_even, "the even part, for all α, γ > 0"),
        step(is_polynomial, nice_even, False, "its derivative tends to 1/2 and is 0 at 0: infinitely many even ones"),
        step(same_function, odd, nice_odd, "the odd part"),
        step(is_polynomial, nice_odd, False, "its derivative tends to 1/2 and is 1/2 + αγ/4 at 0: as many odd ones"),
        step(same_function, parts(sigmoid.formula)[0], sp.Rational(1, 2), "sigmoid: the even part is constant"),
        step(same_function, parts(softplus.formula)[1], Z / 2, "softplus: the odd part is linear"),
        step(is_polynomial, Z / 2, True, "a polynomial"),
        argued(
            "an analytic function on the line with finitely many nonzero derivatives at 0 is a polynomial: so both "
            "parts of g have infinitely many"
        ),
        step(
            equal,
            sigmoid.formula,
            1 - 1 / (sp.exp(Z) - 1) + 2 / (sp.exp(2 * Z) - 1),
            "the derivatives of the sigmoid, from x/(e^x - 1), x = z and 2 z",
        ),
        argued(
            "which is Σ B_n x^n/n!: the coefficient of z^n/n! is s_n = (2^(n+1) - 1) B_(n+1)/(n+1) for n ≥ 1; softplus "
            "is a primitive of the sigmoid, so that its derivative of order n is s_(n-1)"
        ),
    ]


Derivatives = Callable[[int, Any, Any], Any]


def first_derivatives(formula: Derivatives, context: Context) -> Outcome:
    for n in range(context.pick(quick=8, full=13)):
        found = sp.diff(G, Z, n).subs(Z, 0)
        if sp.simplify(found - formula(n, ALPHA, GAMMA)) != 0:
            return decided(False, n=n, found=str(found))
    return decided(True)
