"""Exact equality of SymPy results: identically zero, or not, or undecided. Never "close"."""

from __future__ import annotations

from typing import Any

import sympy as sp


def is_zero(expression: Any) -> bool | None:
    """Decide whether a SymPy expression or matrix is identically zero; ``None`` when SymPy cannot tell.

    ``True`` comes from exact rewriting alone, ``False`` from an exact nonzero form or from a point where 40 digits
    differ from zero.

    >>> x = sp.Symbol("x", positive=True)
    >>> is_zero(sp.sqrt(x**2) - x), is_zero(sp.sin(x)**2 + sp.cos(x)**2 - 1), is_zero(x**2 - x)
    (True, True, False)
    """
    if isinstance(expression, sp.MatrixBase):
        answers = [is_zero(entry) for entry in expression]
        return False if False in answers else None if None in answers else True
    expression = sp.sympify(expression)
    if expression.is_zero:
        return True
    for rewrite in (
        sp.expand,
        lambda e: sp.expand(sp.together(e).as_numer_denom()[0]),
        sp.radsimp,
        sp.simplify,
    ):
        rewritten = rewrite(expression)
        if rewritten == 0:
            return True
        if rewritten.is_number and rewritten.is_zero is False:
            return False
    return False if _differs_somewhere(expression) else None


def _differs_somewhere(expression: Any) -> bool:
    """Whether 40 digits at a few fixed rational points show a nonzero value."""
    symbols = sorted(expression.free_symbols, key=str)
    for start in (3, 7, 11):
        point = {}
        for index, symbol in enumerate(symbols):
            value = sp.Integer(start + index) if symbol.is_integer else sp.Rational(start + 2 * index, 5 + index)
            point[symbol] = -value if symbol.is_negative else value
        value = sp.N(expression.subs(point), 40)
        if value.is_number and value.is_finite and abs(value) > sp.Float(10) ** -30:
            return True
    return False


def same(a: Any, b: Any) -> bool | None:
    """Whether two results (expressions, matrices, equations, collections) are the same mathematics."""
    if isinstance(a, list | tuple) or isinstance(b, list | tuple):
        if not (isinstance(a, list | tuple) and isinstance(b, list | tuple)) or len(a) != len(b):
            return False
        answers = [same(x, y) for x, y in zip(a, b, strict=True)]
        return False if False in answers else None if None in answers else True
    if isinstance(a, sp.Eq) and isinstance(b, sp.Eq):
        return same((a.lhs, a.rhs), (b.lhs, b.rhs))
    if isinstance(a, sp.MatrixBase) and isinstance(b, sp.MatrixBase):
        return is_zero(a - b) if a.shape == b.shape else False
    if isinstance(a, sp.Expr | int | float) and isinstance(b, sp.Expr | int | float):
        return is_zero(sp.sympify(a) - sp.sympify(b))
    return bool(a == b)
