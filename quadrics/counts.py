"""Numbers of neurons l_+, l_-, l_0 and dimensions as integers or SymPy symbols: the arguments of every closed form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sympy

from .neuron_types import signs_of
from .validation import Expr, as_count


def number_of_neurons(c: Sequence[object]) -> tuple[int, int, int]:
    """Return (l_+, l_-, l_0): how many c_k are positive, negative, zero.

    Raises ``ImbalanceError`` for text, an empty sequence, and entries whose sign is not known.

    >>> number_of_neurons([-1, 3, -2, 0])
    (1, 2, 1)
    """
    signs = Counter(signs_of(c))
    return signs[1], signs[-1], signs[0]


def as_counts(l_plus: object, l_minus: object, l_zero: object) -> tuple[Expr, Expr, Expr]:
    """Return three counts of neurons as SymPy integers or symbols, checked by :func:`quadrics.validation.as_count`."""
    plus, minus, zero = as_count(l_plus, "l_plus"), as_count(l_minus, "l_minus"), as_count(l_zero, "l_zero")
    return sympy.sympify(plus), sympy.sympify(minus), sympy.sympify(zero)


def as_number(expr: Expr) -> Expr:
    """Return a Python ``int`` for a SymPy integer, and anything else as it is."""
    return int(expr) if expr.is_Integer else expr
