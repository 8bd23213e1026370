"""Rules for differential inequalities: a function that grows no faster, or shrinks no faster, than an exponential.

>>> from quadrics.expansion.losses.rough import TIME as t
>>> q, k = sp.Function("q"), sp.Symbol("k")
>>> slow = sp.Ge(sp.Derivative(q(t), t), -k * q(t))
>>> gronwall.decide(slow, sp.Ge(q(t), q(0) * sp.exp(-k * t))).truth
<Truth.HOLDS: 'holds'>
>>> gronwall.decide(slow, sp.Ge(q(t), q(0) * sp.exp(-k * t / 2))).truth
<Truth.VIOLATED: 'violated'>
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..evidence import Outcome, Truth, decided, undecided
from ..exact import same
from ..rules import Rule
from ..smt import valid


def _gronwall(before: Any, after: Any) -> Outcome:
    """Multiply by the inverse of the bound: the product has a derivative of one sign, so it is monotone.

    ``before`` is q'(t) >= r q(t) (or <=), ``after`` is q(t) >= q(0) E(t) with E(0) = 1. The derivative of q / E is
    (q' - q E'/E) / E; z3 decides whether ``before`` gives it the sign.
    """
    if type(before) not in (sp.Ge, sp.Le) or not isinstance(after, sp.Rel):
        return undecided(reason="expected inequalities")
    if type(before) is not type(after):
        return decided(False, reason="q = q(0) E may be: no strict inequality follows, nor one in the other direction")
    value = after.lhs
    q, t = value.func, value.args[0]
    bound = after.rhs / q(0)
    if bound.has(q) or not same(bound.subs(t, 0), sp.Integer(1)):
        return decided(False, reason="the bound does not start at q(0)")
    rate = sp.simplify(sp.diff(bound, t) / bound)
    if rate.has(t):
        return undecided(reason="the bound is no exponential")
    level, slope = sp.Symbol("q"), sp.Symbol("q'")
    known = before.xreplace({sp.Derivative(value, t): slope}).xreplace({value: level})
    return valid(sp.Implies(known, type(before)(slope - rate * level, 0)))


gronwall = Rule("Grönwall: q/E is monotone, its derivative having one sign", _gronwall, "implies")
"""From q' >= r q to q(t) >= q(0) exp(r t), and the same with <=; r does not depend on t."""


def nondecreasing(t: Any, *known: Any) -> Rule:
    """Whether a function of t > 0 does not decrease, given relations between functions of t and their derivatives.

    ``after`` is the answer, ``True`` or ``False``: z3 decides whether the relations give the derivative its sign, for
    all values of the functions and derivatives at one t (*False*: they do not give it).

    >>> t, q = sp.Symbol("t", positive=True), sp.Function("q")
    >>> nondecreasing(t, sp.Ge(sp.Derivative(q(t), t), 0)).decide(t * q(t), True).truth
    <Truth.VIOLATED: 'violated'>
    >>> nondecreasing(t, sp.Ge(sp.Derivative(q(t), t), 0), sp.Ge(q(t), 0)).decide(t * q(t), True).truth
    <Truth.HOLDS: 'holds'>
    """

    def decide(before: Any, after: Any) -> Outcome:
        above, below = sp.together(sp.diff(before, t)).as_numer_denom()
        formula = sp.Implies(sp.And(*known), sp.Ge(above * below, 0))
        slopes = {d: sp.Dummy("slope") for d in formula.atoms(sp.Derivative)}
        formula = formula.xreplace(slopes)
        values = {f: sp.Symbol(f.func.__name__) for f in formula.atoms(sp.core.function.AppliedUndef)}
        values |= {d: sp.Symbol(f"{key.args[0].func.__name__}'") for key, d in slopes.items()}
        answer = valid(formula.xreplace(values))
        return answer if bool(after) or answer.truth is Truth.UNDECIDED else decided(answer.truth is Truth.VIOLATED)

    return Rule("nondecreasing: its derivative is never negative", decide, "is")
