"""Imbalances as exact numbers, and signs that are decided, never guessed."""

from __future__ import annotations

import sympy
from sympy import Rational

from .errors import ImbalanceError
from .validation import Expr, as_real


def as_imbalance(value: object, name: str = "c") -> Expr:
    """Return a real number, exact (a float becomes the binary fraction that it is), or a real expression.

    Raises ``ImbalanceError`` for text, NaN, infinities, complex numbers and what is no number.

    >>> as_imbalance(0.5), as_imbalance(sympy.sqrt(2))
    (1/2, sqrt(2))
    >>> as_imbalance(float("nan"))
    Traceback (most recent call last):
    ...
    quadrics.errors.ImbalanceError: c: got nan; expected a finite number
    """
    expr = as_real(value, name, ImbalanceError)
    return expr.replace(lambda e: e.is_Float, lambda e: Rational(e)) if expr.has(sympy.Float) else expr


def sign_of(expr: Expr, name: str = "c") -> int:
    """Return the sign -1, 0 or 1 of a real expression, decided and never guessed.

    Raises ``ImbalanceError`` if SymPy does not know it.

    >>> sign_of(sympy.sqrt(2) - 1), sign_of(sympy.Symbol("c", negative=True))
    (1, -1)
    >>> sign_of(sympy.Symbol("c", real=True))
    Traceback (most recent call last):
    ...
    quadrics.errors.ImbalanceError: c: got c, whose sign is not known; expected a number, or a symbol declared \
positive=True or negative=True
    """
    known = known_sign(expr)
    if known is None:
        raise ImbalanceError(
            f"{name}: got {expr}, whose sign is not known; expected a number, or a symbol declared "
            "positive=True or negative=True"
        )
    return known


def known_sign(expr: Expr) -> int | None:
    """Return the sign -1, 0 or 1 of a real expression, or None if SymPy does not know it.

    >>> known_sign(sympy.sqrt(8) - 2 * sympy.sqrt(2)), known_sign(sympy.Symbol("c", real=True))
    (0, None)
    """
    for value in (expr, None):
        value = sympy.simplify(expr) if value is None else value
        if value.is_zero:
            return 0
        if value.is_positive:
            return 1
        if value.is_negative:
            return -1
    return None
