"""The rules of a derivation: each recomputes a result, or decides that it equals the claimed one, exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from .evidence import Outcome, decided, holds, undecided
from .exact import same
from .smt import valid


@dataclass(frozen=True)
class Rule:
    """A named way from ``before`` to ``after``; ``decide(before, after)`` recomputes or decides, never trusts."""

    name: str
    decide: Callable[[Any, Any], Outcome]
    sign: str = "="


equal = Rule("equal: exact zero difference", lambda before, after: decided(same(before, after)))
"""``after`` equals ``before``, as expressions, matrices, equations (side by side) or lists of them."""


def equal_modulo(*relations: Any) -> Rule:
    """Equal once the polynomial ``relations`` (expressions that are zero, or equations) are used.

    >>> x, y = sp.symbols("x y")
    >>> equal_modulo(sp.Eq(x**2 + y**2, 1)).decide(x**4 - y**4, x**2 - y**2).truth
    <Truth.HOLDS: 'holds'>
    """
    zeros = [r.lhs - r.rhs if isinstance(r, sp.Eq) else r for r in relations]

    def decide(before: Any, after: Any) -> Outcome:
        numerator = sp.together(sp.sympify(before) - sp.sympify(after)).as_numer_denom()[0]
        generators = sorted(set().union(numerator.free_symbols, *(z.free_symbols for z in zeros)), key=str)
        basis = sp.groebner(zeros, *generators, order="grevlex")
        return decided(basis.contains(sp.expand(numerator)), modulo=[str(z) for z in zeros])

    return Rule("equal modulo " + ", ".join(f"{z} = 0" for z in zeros), decide)


def recompute(name: str, function: Callable[[Any], Any], sign: str = "gives") -> Rule:
    """``after`` is what ``function(before)`` gives when it is computed again."""
    return Rule(name, lambda before, after: decided(same(function(before), after)), sign)


def differentiate(*symbols: Any) -> Rule:
    """The derivative by the given symbols."""
    return recompute(f"differentiate by {', '.join(map(str, symbols))}", lambda e: sp.diff(e, *symbols))


def integrate(*limits: Any) -> Rule:
    """The integral, over ``(x, a, b)`` or by a symbol."""
    return recompute("integrate", lambda e: sp.integrate(e, *limits))


def substitute(replacements: dict[Any, Any]) -> Rule:
    """Symbols replaced by expressions, all at once."""
    named = ", ".join(f"{k} -> {v}" for k, v in replacements.items())
    return recompute(f"substitute {named}", lambda e: e.subs(replacements, simultaneous=True))


def limit(symbol: Any, point: Any, direction: str = "+") -> Rule:
    """The limit of an expression as ``symbol`` tends to ``point``."""
    return recompute(f"limit {symbol} -> {point}", lambda e: sp.limit(e, symbol, point, direction))


def solve_for(symbol: Any) -> Rule:
    """All solutions of an equation, as a list in any order."""

    def decide(before: Any, after: Any) -> Outcome:
        found = sp.solve(before, symbol)
        if len(found) != len(after):
            return decided(False, found=[str(f) for f in found])
        unmatched = list(found)
        for claimed in after:
            match = next((f for f in unmatched if same(f, claimed)), None)
            if match is None:
                return decided(False, found=[str(f) for f in found])
            unmatched.remove(match)
        return holds()

    return Rule(f"solve for {symbol}", decide, "gives")


def _entails(before: Any, after: Any) -> Outcome:
    return valid(sp.Implies(before, after))


entails = Rule("entails: decided by z3", _entails, "implies")
"""``before`` implies ``after`` for all values of the symbols, by z3."""


def divide(divisor: Any) -> Rule:
    """Both sides of an equation divided by ``divisor``. State ``divisor != 0`` among the step's conditions."""

    def decide(before: Any, after: Any) -> Outcome:
        if not (isinstance(before, sp.Eq) and isinstance(after, sp.Eq)):
            return undecided(reason="divide works on equations")
        return decided(same((before.lhs / divisor, before.rhs / divisor), (after.lhs, after.rhs)))

    return Rule(f"divide by {divisor}", decide, "implies")
