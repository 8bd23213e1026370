"""Continuity as a checked step: an expression built from continuous pieces, nowhere dividing by zero.

The rule looks at how an expression is made. Sums, products and powers of continuous functions are continuous where
they are defined; a root needs a base that is not negative, a quotient a denominator that does not vanish. Those two
conditions are what can go wrong, and z3 (or SymPy's assumptions) decides them on the stated domain.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from .evidence import Outcome, Truth, decided, undecided
from .rules import Rule
from .smt import valid

_EVERYWHERE = (sp.sin, sp.cos, sp.exp, sp.Abs, sp.Max, sp.Min)


def continuous(*domain: Any) -> Rule:
    """Whether the expressions in ``before`` are defined and continuous wherever all of ``domain`` holds.

    ``after`` is the answer, ``True`` or ``False``.

    >>> x, y = sp.symbols("x y")
    >>> continuous(x > 0).decide([y / x, sp.sqrt(x + y**2)], True).truth
    <Truth.HOLDS: 'holds'>
    >>> continuous(x >= 0).decide([y / x], True).truth
    <Truth.VIOLATED: 'violated'>
    """
    where = sp.And(*domain)

    def decide(before: Any, after: Any) -> Outcome:
        answers = [_is_continuous(sp.sympify(e), where) for e in before]
        if False in answers:
            return decided(not after)
        if None in answers:
            return undecided(of=str(before[answers.index(None)]))
        return decided(bool(after))

    return Rule(f"continuous where {where}", decide, "is")


def _is_continuous(expression: Any, where: Any) -> bool | None:
    if expression.is_Symbol or expression.is_number:
        return True
    if expression.is_Add or expression.is_Mul or isinstance(expression, _EVERYWHERE):
        return _all(_is_continuous(part, where) for part in expression.args)
    if expression.is_Pow and expression.exp.is_Rational:
        base, exponent = expression.args
        inside = _is_continuous(base, where)
        if exponent.is_Integer:
            needed = True if exponent > 0 else _shown(sp.Ne(base, 0), base, where)
        else:
            needed = _shown(base >= 0 if exponent > 0 else base > 0, base, where)
        return _all([inside, needed])
    return None


def _shown(condition: Any, base: Any, where: Any) -> bool | None:
    if condition in (sp.true, sp.false):
        return bool(condition)
    numerator, denominator = sp.together(base).as_numer_denom()
    if denominator != 1:
        # The sign of a quotient is the sign of the product; the denominator itself was looked at inside the base.
        condition = condition.func(numerator * denominator, 0)
    truth = valid(sp.Implies(where, condition)).truth
    return None if truth is Truth.UNDECIDED else truth is Truth.HOLDS


def _all(answers: Any) -> bool | None:
    answers = list(answers)
    return False if False in answers else None if None in answers else True
