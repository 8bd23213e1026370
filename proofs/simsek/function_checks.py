"""What the claims on global minima are decided with: small networks, and equality of functions by Taylor series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product
from math import prod
from typing import Any

import sympy as sp

from quadrics.expansion.activations.parts import not_a_polynomial, taylor_coefficients, vanishes
from quadrics.network import Parameters
from quadrics.smooth_activation import SmoothActivation, Z

from ..evidence import Outcome, decided, holds, undecided
from ..exact import is_zero
from ..rules import Rule

ORDER = 12
EXP = SmoothActivation("exp", sp.exp(Z))
EXP_MINUS_ONE = SmoothActivation("exp - 1", sp.exp(Z) - 1)


def same_by_series(theta: Parameters, teacher: Parameters, activation: SmoothActivation) -> bool:
    """Whether two functions have the same Taylor polynomials of degree 12, for inputs of any dimension.

    That decides equality for at most 5 distinct |W·t|: then the even and the odd orders up to 12 whose derivatives are
    not zero (at least 5 of each, or all that there are) give generalized Vandermonde matrices of positive nodes.
    """
    total: dict[tuple[Fraction, ...], list[Fraction]] = {}
    for sign, network in ((1, theta), (-1, teacher)):
        for i in range(network.width):
            entry = total.setdefault(tuple(map(_fraction, network.W1.row(i))), [Fraction(0)] * network.d_out)
            for k in range(network.d_out):
                entry[k] += sign * _fraction(network.W2[k, i])
    for order, c in enumerate(taylor_coefficients(activation.formula, ORDER)):
        if c == 0:
            continue
        for which in combinations_with_replacement(range(theta.d_in), order):
            monomials = [prod((w[d] for d in which), start=Fraction(1)) for w in total]
            for k in range(theta.d_out):
                if sum(a[k] * x for a, x in zip(total.values(), monomials, strict=True)) != 0:
                    return False
    return True


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def networks(width: int, incoming: Sequence[Any], outgoing: Sequence[Any]) -> Iterator[Parameters]:
    """All networks of a width with one output, and incoming vectors and outgoing weights from two lists."""
    for ws in product(incoming, repeat=width):
        for as_ in product(outgoing, repeat=width):
            yield Parameters([list(w) for w in ws], [list(as_)])


def irreducible_networks(width: int, incoming: Sequence[Any], outgoing: Sequence[Any]) -> Iterator[Parameters]:
    """Those with distinct incoming vectors, in one order, and outgoing weights that are not zero."""
    for ws in combinations(incoming, width):
        for as_ in product([a for a in outgoing if a], repeat=width):
            yield Parameters([list(w) for w in ws], [list(as_)])


def _same_function(before: Any, after: Any) -> Outcome:
    difference = sp.sympify(before - after)
    at = {symbol: sp.Rational(k + 2, 3) for k, symbol in enumerate(sorted(difference.free_symbols, key=str))}
    value = sp.N(difference.subs(at), 40)
    if value.is_number and abs(value) > sp.Float(10) ** -30:
        return decided(False, at=str(at))
    return holds() if vanishes(difference) else decided(is_zero(difference))


same_function = Rule(
    "equal functions of z: equal at 0, with derivatives that exact rewriting makes equal", _same_function
)
"""Two formulas in ``Z`` are the same function."""


def _is_polynomial(before: Any, after: Any) -> Outcome:
    reason = not_a_polynomial(before)
    if reason is not None:
        return decided(not after, reason=reason)
    return decided(bool(after)) if sp.expand(before).is_polynomial(Z) else undecided(of=str(before))


is_polynomial = Rule("a polynomial in z, or not: its limit at infinity, or an eigenfunction", _is_polynomial, "is")
"""Whether an analytic formula is a polynomial; if not, infinitely many of its derivatives at 0 are not zero."""


def _is_positive(before: Any, after: Any) -> Outcome:
    return decided(None if before.is_positive is None else before.is_positive == after)


is_positive = Rule("positive, by the signs of the symbols", _is_positive, "is")
"""Whether an expression is positive for all values that the assumptions on its symbols allow."""
