"""Rules about curves: integrals of derivatives, signs of integrals, intermediate values, points of largest distance.

Each carries one theorem of analysis and decides its hypotheses: with z3 where they are polynomial, with SymPy's
assumptions or derivatives otherwise. The functions they speak of are C² by the hypothesis of the claims that use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from ..evidence import Outcome, Truth, decided, undecided
from ..exact import same
from ..matrix_rules import matrix_equal
from ..rules import Rule
from ..smt import valid


def antiderivative(function: Any) -> Rule:
    """An integral as the difference of ``function``, whose derivative is its integrand.

    >>> s, t = sp.symbols("s t")
    >>> f = sp.Function("f")
    >>> antiderivative(f(s)**2).decide(sp.Integral(2 * f(s) * f(s).diff(s), (s, 0, t)), f(t)**2 - f(0)**2).truth
    <Truth.HOLDS: 'holds'>
    """

    def decide(before: Any, after: Any) -> Outcome:
        symbol, low, high = before.limits[0]
        is_one = same(*map(_named, (sp.diff(function, symbol), before.function)))
        if not is_one:
            return decided(is_one, derivative=str(sp.diff(function, symbol)))
        return decided(same(*map(_named, (function.subs(symbol, high) - function.subs(symbol, low), after))))

    return Rule(f"fundamental theorem, {function}", decide)


def _named(expression: Any) -> Any:
    """Values of unknown functions and of their derivatives as symbols, so that polynomials in them can be compared."""
    expression = sp.sympify(expression).doit()
    for kind in (sp.Subs, sp.Derivative, AppliedUndef):
        atoms = sorted(expression.atoms(kind), key=str)
        expression = expression.xreplace({atom: sp.Symbol(f"[{atom}]", real=True) for atom in atoms})
    return expression


equal_values = Rule("equal: exact zero difference", lambda before, after: decided(same(_named(before), _named(after))))
"""Equal as expressions in the values of unknown functions.

>>> f = sp.Function("f")
>>> equal_values.decide(f(1) + f(1), 2 * f(1)).truth, equal_values.decide(f(1), f(0)).truth
(<Truth.HOLDS: 'holds'>, <Truth.VIOLATED: 'violated'>)
"""


def nonnegative_integral(*domain: Any) -> Rule:
    """Whether ``before``, an integral, is >= 0: its limits are in order, and no factor of the integrand is negative.

    ``after`` is the answer. A factor is a function that is assumed not to be negative, or a polynomial.

    >>> s, t = sp.symbols("s t")
    >>> q = sp.Function("q", nonnegative=True)
    >>> nonnegative_integral(t >= 0, t <= 1).decide(sp.Integral((1 - s) * q(s), (s, t, 1)), True).truth
    <Truth.HOLDS: 'holds'>
    >>> nonnegative_integral().decide(sp.Integral((1 - s) * q(s), (s, t, 1)), True).truth
    <Truth.VIOLATED: 'violated'>
    """

    def decide(before: Any, after: Any) -> Outcome:
        symbol, low, high = before.limits[0]
        inside = sp.And(*domain, low <= symbol, symbol <= high)
        answers = [valid(sp.Implies(sp.And(*domain), low <= high)).truth]
        for factor in sp.Mul.make_args(before.function):
            if not factor.is_nonnegative:
                answers.append(valid(sp.Implies(inside, factor >= 0)).truth)
        if Truth.UNDECIDED in answers:
            return undecided(of=str(before))
        return decided((Truth.VIOLATED not in answers) == bool(after))

    return Rule("integral of what is not negative", decide, "is")


def increasing(symbol: Any, low: Any, high: Any) -> Rule:
    """Whether ``before``, a function of one symbol, increases on an interval; ``after`` is the answer.

    >>> x = sp.Symbol("x", real=True)
    >>> increasing(x, -sp.pi / 2, sp.pi / 2).decide(sp.sin(x), True).truth
    <Truth.HOLDS: 'holds'>
    >>> increasing(x, 0, sp.pi).decide(sp.sin(x), True).truth
    <Truth.VIOLATED: 'violated'>
    """

    def decide(before: Any, after: Any) -> Outcome:
        y = sp.Symbol("y", real=True)
        shifted = before.subs(symbol, y + low)  # SymPy knows periodic functions best from 0 on
        slopes = [sp.diff(shifted, y).subs(y, (high - low) * sp.Rational(k, 8)) for k in range(1, 8)]
        if any(slope.is_negative for slope in slopes):
            return decided(not after)
        answer = sp.is_increasing(sp.expand_trig(shifted), sp.Interval(0, high - low), y)
        return undecided(of=str(before)) if answer is None else decided(bool(answer) == bool(after))

    return Rule(f"increasing on [{low}, {high}]", decide, "is")


def intermediate_value(*domain: Any) -> Rule:
    """Whether a continuous function whose values at the ends are ``before[0]`` and ``before[1]`` takes ``before[2]``.

    >>> t, l = sp.symbols("t l")
    >>> intermediate_value(l > 0, t >= 0, t <= 1).decide((0, l, t * l), True).truth
    <Truth.HOLDS: 'holds'>
    >>> intermediate_value(l > 0).decide((0, l, t * l), True).truth
    <Truth.VIOLATED: 'violated'>
    """

    def decide(before: Any, after: Any) -> Outcome:
        low, high, level = map(sp.sympify, before)
        truth = valid(sp.Implies(sp.And(*domain), sp.And(low <= level, level <= high))).truth
        return undecided() if truth is Truth.UNDECIDED else decided((truth is Truth.HOLDS) == bool(after))

    return Rule("intermediate value theorem", decide, "is")


def interior_maximum(*domain: Any) -> Rule:
    """Whether a C¹ function on an interval with values ``before[0]``, ``before[1]`` at the ends and largest value
    ``before[2]`` has derivative zero where it is largest: its values at the ends are smaller.

    >>> H = sp.Symbol("H")
    >>> interior_maximum(H > 0).decide((0, 0, H), True).truth, interior_maximum().decide((0, 0, H), True).truth
    (<Truth.HOLDS: 'holds'>, <Truth.VIOLATED: 'violated'>)
    """

    def decide(before: Any, after: Any) -> Outcome:
        first, last, largest = map(sp.sympify, before)
        truth = valid(sp.Implies(sp.And(*domain), sp.And(first < largest, last < largest))).truth
        return undecided() if truth is Truth.UNDECIDED else decided((truth is Truth.HOLDS) == bool(after))

    return Rule("a largest value inside: the derivative is zero there", decide, "is")


def products_given(replacements: Mapping[Any, Any]) -> Rule:
    """Equal as matrices of any size once products are multiplied out and replaced, one after the other.

    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> A, P = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("P", n, n)
    >>> products_given({P.T: P, P**2: P}).decide(A * P * (A * P).T, A * P * A.T).truth
    <Truth.HOLDS: 'holds'>
    """

    def flat(expression: Any) -> Any:
        expression = sp.expand(expression.doit()).doit()
        for old, new in replacements.items():
            expression = sp.expand(expression.subs(old, new).doit()).doit()
        return expression

    named = ", ".join(f"{old} = {new}" for old, new in replacements.items())
    return Rule(f"given {named}", lambda before, after: matrix_equal.decide(flat(before), flat(after)))
