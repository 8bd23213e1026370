"""Rules of real analysis: the sign of a function by its derivatives, the order of integrals, limits by squeezing.

Nothing here is taken on trust: each rule recomputes derivatives, limits and signs with SymPy, and says *undecided*
when SymPy cannot tell. A function that is shown to be negative somewhere is *violated*.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from .evidence import Outcome, decided, undecided
from .exact import same
from .rules import Rule

_POINTS = (sp.Rational(1, 1000), sp.Rational(1, 3), sp.Integer(1), sp.Integer(7), sp.Integer(500))


def nonnegative(symbol: Any, start: Any = 0, depth: int = 2) -> Rule:
    """Whether ``before`` is >= 0 for all ``symbol`` > ``start``; ``after`` is the answer, ``True`` or ``False``.

    Shown by SymPy's assumptions on the expression itself or, up to ``depth`` derivatives deep, because its value at
    ``start`` is >= 0 and so is its derivative from there on.

    >>> z = sp.Symbol("z", positive=True)
    >>> nonnegative(z).decide(z - sp.log(1 + z), True).truth
    <Truth.HOLDS: 'holds'>
    >>> nonnegative(z).decide(z - z**2, True).truth
    <Truth.VIOLATED: 'violated'>
    """

    def decide(before: Any, after: Any) -> Outcome:
        z = sp.Dummy("z", positive=True)
        shifted = sp.sympify(before).subs(symbol, z + start)
        negative_at = _negative_point(shifted, z)
        if negative_at is not None:
            return decided(not after, negative_at=str(negative_at + start))
        return decided(bool(after)) if _by_derivatives(shifted, z, depth) else undecided(of=str(before))

    return Rule(f"nonnegative for {symbol} > {start}: value and derivatives", decide, "is")


def _by_derivatives(expression: Any, z: Any, depth: int) -> bool:
    simple = sp.factor(sp.simplify(expression))
    if simple.is_nonnegative or sp.expand(simple).is_nonnegative:
        return True
    if depth == 0:
        return False
    at_start = sp.simplify(sp.limit(simple, z, 0, "+"))
    return bool(at_start.is_nonnegative) and _by_derivatives(sp.diff(expression, z), z, depth - 1)


def _negative_point(expression: Any, z: Any) -> Any:
    """A point where 30 digits show a negative value, other symbols at fixed values that their assumptions allow."""
    others = sorted(expression.free_symbols - {z}, key=str)
    for shift, point in enumerate(_POINTS):
        values = {s: -sp.Integer(2 + shift) if s.is_negative else sp.Integer(2 + shift) for s in others}
        value = sp.N(expression.subs({z: point, **values}), 30)
        if value.is_number and value.is_real and value < -(sp.Float(10) ** -20):
            return point
    return None


def _interchange(before: Any, after: Any) -> Outcome:
    """Tonelli: the integrals of a function that is nowhere negative may be taken in either order."""
    if not (isinstance(before, sp.Integral) and isinstance(after, sp.Integral)):
        return undecided(reason="expected two double integrals")
    if len(before.limits) != 2 or after.limits != before.limits[::-1]:
        return decided(False, reason="expected the same limits in the other order")
    variables = {limits[0] for limits in before.limits}
    if any(variables & bound.free_symbols for limits in before.limits for bound in limits[1:]):
        return undecided(reason="the limits depend on the variables")
    if not before.function.is_nonnegative:
        return undecided(reason=f"the sign of {before.function} is not known")
    return decided(same(before.function, after.function))


tonelli = Rule("Tonelli: the other order of integration, the integrand being nonnegative", _interchange)
"""A double integral over fixed limits with its limits swapped."""


def change_variable(old: Any, replacement: Any, new: Any) -> Rule:
    """The integral in the variable ``new``, where ``old`` = ``replacement``(``new``) grows with ``new``."""

    def decide(before: Any, after: Any) -> Outcome:
        if not (isinstance(before, sp.Integral) and isinstance(after, sp.Integral)):
            return undecided(reason="expected integrals")
        slope = sp.diff(replacement, new)
        (_, low, high), (_, new_low, new_high) = before.limits[0], after.limits[0]
        if not slope.is_positive:
            return undecided(reason=f"the sign of {slope} is not known")
        ends = same((replacement.subs(new, new_low), replacement.subs(new, new_high)), (low, high))
        if not ends or after.limits[0][0] != new:
            return decided(False, reason="the ends do not fit")
        return decided(same(before.function.subs(old, replacement) * slope, after.function))

    return Rule(f"substitute {old} = {replacement}", decide)


@cache
def _limit(expression: Any, symbol: Any, point: Any) -> Any:
    return sp.limit(expression, symbol, point)


def squeeze(symbol: Any, point: Any) -> Rule:
    """The common limit of a lower and an upper bound (``before``, a pair), which is then that of all between."""

    def decide(before: Any, after: Any) -> Outcome:
        found = [_limit(bound, symbol, point) for bound in before]
        answers = [same(one, after) if sp.sympify(one).is_finite else bool(one == after) for one in found]
        truth = False if False in answers else None if None in answers else True
        return Outcome(decided(truth).truth, {"limits": [str(one) for one in found]})

    return Rule(f"squeezed as {symbol} -> {point}", decide, "tends to")
