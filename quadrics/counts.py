"""Numbers of neurons l_+, l_-, l_0 and dimensions as integers or SymPy symbols: the arguments of every closed form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sympy

from .errors import DimensionError
from .neuron_types import signs_of
from .validation import Expr, as_dimension


def number_of_neurons(c: Sequence[object]) -> tuple[int, int, int]:
    """Return (l_+, l_-, l_0): how many c_k are positive, negative, zero.

    Raises ``ImbalanceError`` for text, an empty sequence, and entries whose sign is not known.

    >>> number_of_neurons([-1, 3, -2, 0])
    (1, 2, 1)
    """
    signs = Counter(signs_of(c))
    return signs[1], signs[-1], signs[0]


def as_count(value: object, name: str, minimum: int = 0) -> Expr:
    """Return an integer of at least ``minimum``, or a SymPy expression that may be one.

    Raises ``DimensionError`` for anything else.

    >>> as_count(3, "l_plus"), as_count(sympy.Symbol("n", integer=True), "l_plus")
    (3, n)
    >>> as_count(sympy.Symbol("n", negative=True), "l_plus")
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: l_plus: got n; expected an integer of at least 0, or a symbol for one
    """
    if isinstance(value, sympy.Expr) and not value.is_number:
        if value.is_integer is False or (value - minimum).is_negative:
            raise DimensionError(f"{name}: got {value}; expected an integer of at least {minimum}, or a symbol for one")
        return value
    return sympy.Integer(as_dimension(value, name, minimum))


def as_counts(l_plus: object, l_minus: object, l_zero: object) -> tuple[Expr, Expr, Expr]:
    """Return three counts of neurons, checked as by :func:`as_count`."""
    return as_count(l_plus, "l_plus"), as_count(l_minus, "l_minus"), as_count(l_zero, "l_zero")


def as_number(expr: Expr) -> Expr:
    """Return a Python ``int`` for a SymPy integer, and anything else as it is."""
    return int(expr) if expr.is_Integer else expr
