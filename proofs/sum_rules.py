"""Finite sums of any length: expanded term by term, with what does not depend on the index taken out.

A :class:`~sympy.Sum` over j = 1, ..., k with a symbol k stands for every number of terms at once. Its normal form is a
combination of sums of monomials; two expressions with the same normal form are equal for all k.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import sympy as sp

from .evidence import Outcome, decided, holds, undecided
from .rules import Rule

_LENGTH = 3


def normal_form(expression: Any) -> Any:
    """The expression with every sum expanded into sums of monomials in what depends on the index.

    >>> j, k = sp.symbols("j k", integer=True, positive=True)
    >>> b, c = sp.IndexedBase("b"), sp.Symbol("c")
    >>> normal_form(sp.Sum(c * (b[j] + 2), (j, 1, k)))
    2*c*k + c*Sum(b[j], (j, 1, k))
    """
    expression = sp.sympify(expression)
    found = _sums_in(expression)
    outermost = [s for s in found if not any(s in _sums_in(other) - {other} for other in found)]
    return sp.expand(expression.xreplace({one: _split(one) for one in outermost}))


def _sums_in(expression: Any) -> set[Any]:
    return set(expression.atoms(sp.Sum))


def _split(total: Any) -> Any:
    *inner, (index, low, high) = total.limits
    function = sp.Sum(total.function, *inner) if inner else total.function
    result = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(normal_form(function))):
        outside, inside = term.as_independent(index, as_Add=False)
        result += outside * ((high - low + 1) if inside == 1 else sp.Sum(inside, (index, low, high)))
    return result


def sums(named: Mapping[Any, Any] | None = None) -> Rule:
    """Equal as sums of any length, once each sum in ``named`` (symbol: sum) is written as its symbol.

    Violated when the two sides differ for some integers in place of the terms, at length three.

    >>> j, k = sp.symbols("j k", integer=True, positive=True)
    >>> b, q, B = sp.IndexedBase("b"), sp.Symbol("q"), sp.Symbol("B")
    >>> rule = sums({B: sp.Sum(b[j], (j, 2, k))})
    >>> rule.decide((1 - B) * q + sp.Sum(b[j] * q, (j, 2, k)), q).truth
    <Truth.HOLDS: 'holds'>
    >>> rule.decide(sp.Sum(b[j] * q, (j, 2, k)), q).truth
    <Truth.VIOLATED: 'violated'>
    """
    names = dict(named or {})
    short = {normal_form(total): name for name, total in names.items()}

    def decide(before: Any, after: Any) -> Outcome:
        difference = sp.sympify(before) - sp.sympify(after)
        left = sp.expand(normal_form(difference).xreplace(short))
        if left == 0:
            return holds()
        if any(_instance(difference.xreplace(names), Random(seed)) != 0 for seed in range(3)):
            return decided(False, left=str(left))
        return undecided(left=str(left))

    where = "".join(f", {name} = {total}" for name, total in names.items())
    return Rule(f"sums of any length{where}", decide)


def second_derivative(symbol: Any) -> Rule:
    """The second derivative at zero, under the sum signs."""

    def decide(before: Any, after: Any) -> Outcome:
        return sums().decide(sp.diff(before, symbol, 2).doit().subs(symbol, 0), after)

    return Rule(f"second derivative by {symbol} at 0", decide, "gives")


def derivative_of_sums(symbol: Any) -> Rule:
    """The derivative, under the sum signs."""

    def decide(before: Any, after: Any) -> Outcome:
        return sums().decide(sp.diff(before, symbol).doit(), after)

    return Rule(f"derivative by {symbol}", decide, "gives")


def _instance(expression: Any, random: Random) -> Any:
    """The value at sums of length three, with integers for everything that is free."""
    bounds = {
        s for total in _sums_in(expression) for limits in total.limits for s in sp.sympify(limits[2]).free_symbols
    }
    value = expression.subs({bound: sp.Integer(_LENGTH) for bound in bounds}).doit()
    for kind in (sp.Indexed, sp.Function, sp.Symbol):
        atoms = sorted(value.atoms(kind), key=str)
        value = value.xreplace({atom: sp.Integer(random.randint(2, 99)) for atom in atoms})
    return sp.expand(value)
