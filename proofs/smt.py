"""SymPy formulas of real or integer arithmetic, decided by z3.

The translation covers polynomials with rational coefficients, maxima and minima, comparisons, and the logical
connectives. A quotient is refused: multiply it out, and say on which side of zero the denominator lies.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
import z3
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, BooleanFalse, BooleanTrue, Equivalent, Implies, Not, Or

from quadrics.errors import ClaimError

from .evidence import Outcome, holds, undecided, violated

_COMPARE: dict[type[Any], Any] = {
    sp.Eq: lambda a, b: a == b,
    sp.Ne: lambda a, b: a != b,
    sp.Lt: lambda a, b: a < b,
    sp.Le: lambda a, b: a <= b,
    sp.Gt: lambda a, b: a > b,
    sp.Ge: lambda a, b: a >= b,
}
_CONNECT: dict[type[Any], Any] = {
    And: lambda *args: z3.And(*args),
    Or: lambda *args: z3.Or(*args),
    Not: lambda a: z3.Not(a),
    Implies: lambda a, b: z3.Implies(a, b),
    Equivalent: lambda a, b: a == b,
}


def to_z3(expression: Any) -> Any:
    """Translate a SymPy formula; integer symbols become z3 integers, all others reals.

    Give symbols no ``real=True``: SymPy itself then decides sums of squares, and nothing is left to certify.

    >>> x = sp.Symbol("x")
    >>> to_z3(x**2 > 0)
    x*x > 0

    Raises
    ------
    ClaimError
        For anything but polynomial arithmetic and propositional logic.
    """
    if isinstance(expression, BooleanTrue | BooleanFalse):
        return z3.BoolVal(bool(expression))
    if isinstance(expression, Relational):
        return _COMPARE[expression.func](to_z3(expression.lhs), to_z3(expression.rhs))
    if type(expression) in _CONNECT:
        return _CONNECT[type(expression)](*(to_z3(a) for a in expression.args))
    if isinstance(expression, sp.Symbol):
        return z3.Int(expression.name) if expression.is_integer else z3.Real(expression.name)
    if isinstance(expression, sp.Integer):
        return int(expression)  # z3 takes a Python integer as an integer or a real, as its neighbours need
    if isinstance(expression, sp.Rational):
        return z3.RealVal(f"{expression.p}/{expression.q}")
    if isinstance(expression, sp.Add):
        total, *rest = (to_z3(a) for a in expression.args)
        for term in rest:
            total = total + term
        return total
    if isinstance(expression, sp.Mul):
        product, *rest = (to_z3(a) for a in expression.args)
        for term in rest:
            product = product * term
        return product
    if isinstance(expression, sp.Pow) and expression.exp.is_Integer and expression.exp > 0:
        base = to_z3(expression.base)
        power = base
        for _ in range(int(expression.exp) - 1):
            power = power * base
        return power
    if isinstance(expression, sp.Max | sp.Min):
        larger = isinstance(expression, sp.Max)
        extreme, *rest = (to_z3(a) for a in expression.args)
        for other in rest:
            extreme = z3.If(extreme >= other if larger else extreme <= other, extreme, other)
        return extreme
    raise ClaimError(
        f"z3 was given {expression!r} ({type(expression).__name__}); expected polynomials, Max, Min, comparisons and "
        "logic. Multiply out quotients and roots, stating the sign of what you multiply by."
    )


def _assumptions(formula: Any) -> list[Any]:
    """The signs that SymPy symbols carry as assumptions, as z3 constraints."""
    constraints = []
    for symbol in formula.free_symbols:
        z = to_z3(symbol)
        if symbol.is_positive:
            constraints.append(z > 0)
        elif symbol.is_negative:
            constraints.append(z < 0)
        elif symbol.is_nonnegative:
            constraints.append(z >= 0)
        elif symbol.is_nonpositive:
            constraints.append(z <= 0)
        elif symbol.is_nonzero:
            constraints.append(z != 0)
    return constraints


def valid(formula: Boolean | bool, milliseconds: int = 10_000) -> Outcome:
    """Decide whether a formula holds for all values of its symbols (which keep the signs SymPy assumes of them).

    >>> a, b = sp.symbols("a b")
    >>> valid(a**2 + b**2 >= 2*a*b).truth
    <Truth.HOLDS: 'holds'>

    A formula that fails comes with values for which it does:

    >>> valid(sp.Implies(a**2 > 1, a > 1)).truth
    <Truth.VIOLATED: 'violated'>
    """
    formula = sp.sympify(formula)
    solver = z3.Solver()
    solver.set("timeout", milliseconds)
    solver.add(*_assumptions(formula), z3.Not(to_z3(formula)))
    answer = solver.check()
    if answer == z3.unsat:
        return holds(engine=f"z3 {z3.get_version_string()}")
    if answer == z3.sat:
        model = solver.model()
        return violated(
            engine=f"z3 {z3.get_version_string()}",
            at={str(d): str(model[d]) for d in sorted(model.decls(), key=str)},
        )
    return undecided(engine=f"z3 {z3.get_version_string()}", reason=solver.reason_unknown())
