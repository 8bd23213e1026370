r"""Rescaled copies of bounded norm: the barrier to them is bounded, explicitly (Zhao et al., Proposition 5.6).

For :math:`\lVert m W_{l-1} \rVert < c` and :math:`\lVert m^{-k} W_l \rVert < c` the factor lies between
:math:`(\lVert W_l \rVert / c)^{1/k}` and :math:`c / \lVert W_{l-1} \rVert`. For each α the factor φ(α, m) of the output
falls with m up to m = 1 and grows from there on, so that its largest values are at the two ends.

>>> factor_range(2, 3, bound=6), loss_bound(2, 3, bound=6, norm=1)
((1/2, 3), 1/9)
>>> loss_bound(2, 3, bound=6, norm=1) == barrier(3)
True
"""

from __future__ import annotations

import sympy

from ..errors import DimensionError
from ..validation import Expr, as_real
from .barriers import barrier

__all__ = ["factor_range", "loss_bound"]


def factor_range(below: object, last: object, bound: object, degree: object = 1) -> tuple[Expr, Expr]:
    """Return the ends of the interval of factors m with ‖m W_{l-1}‖ < c and ‖m^{-k} W_l‖ < c.

    ``below`` = ‖W_{l-1}‖ and ``last`` = ‖W_l‖; the interval is empty if the first end is not below the second.

    Raises ``DimensionError`` for a number that is not positive (Y ≠ 0 leaves no zero layer).

    >>> factor_range(1, 1, bound=4, degree=2)
    (1/2, 4)
    """
    A, B, c, k = (
        _positive(value, name)
        for value, name in ((below, "below"), (last, "last"), (bound, "bound"), (degree, "degree"))
    )
    return (B / c) ** (1 / k), c / A


def loss_bound(below: object, last: object, bound: object, norm: object, degree: object = 1) -> Expr:
    """Return a b with L <= b on all segments from W to copies m·W whose layers have norms below c.

    The larger barrier of the two ends of :func:`factor_range`; 0 if there are no such copies.

    >>> loss_bound(2, 3, bound=1, norm=5)
    0
    """
    low, high = factor_range(below, last, bound, degree)
    if (high - low).is_nonpositive:
        return sympy.Integer(0)
    return sympy.Max(barrier(low, degree, norm), barrier(high, degree, norm))


def _positive(value: object, name: str) -> Expr:
    number = as_real(value, name)
    if not number.is_positive:
        raise DimensionError(f"{name}: got {number}; expected a positive number")
    return number
