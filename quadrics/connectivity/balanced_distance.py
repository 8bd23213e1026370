r"""How far a segment between two factorizations runs from all factorizations (Zhao et al., Proposition 5.5).

For A with singular values :math:`s_i` let :math:`S = \{(W_1, W_2) : W_1 W_2 = A\}`. The points
:math:`(W_1/\beta, \beta W_2)` and :math:`(\beta W_1, W_2/\beta)` of S have the middle :math:`\kappa W`,
:math:`\kappa = (\beta + 1/\beta)/2`. From a *balanced* W (:math:`W_1^T W_1 = W_2 W_2^T`) the distance is known:

.. math:: \operatorname{dist}(\kappa W, S)^2 = (\kappa^2 - 2)\,\lVert A \rVert_* \quad (\kappa \ge 2), \qquad
   2 (\kappa - 1)^2\, \lVert A \rVert_* \quad (1 \le \kappa \le 2),

with the nuclear norm :math:`\lVert A \rVert_* = \sum_i s_i` and the Frobenius distance. It is reached at diagonal
factors in the singular basis, :math:`x_i + y_i = \kappa \sqrt{s_i}, x_i y_i = s_i`. From any W in S,

.. math:: D \ge \sqrt{\kappa^2 M^2 + 2(\kappa^2 - 1) \lVert A \rVert_*} - \kappa M, \qquad
   M^2 = \lVert W_1 \rVert^2 + \lVert W_2 \rVert^2 ,

so that D grows without bound with β.

>>> squared_distance(3, 2), squared_distance(sympy.Rational(3, 2), 2)
(14, 1)
>>> point = nearest_factors(3, [4, 9])
>>> [sympy.expand(x * y) for x, y in point]
[4, 9]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from ..errors import DimensionError, NonFiniteError
from ..validation import Expr, as_real

__all__ = [
    "balanced",
    "distance_to_diagonal",
    "is_farther_than",
    "lower_bound",
    "middle_factor",
    "nearest_factors",
    "squared_distance",
    "stationary_quartic",
]

_x = sympy.Symbol("x", real=True)


def middle_factor(beta: object) -> Expr:
    """Return κ = (β + 1/β)/2.

    >>> middle_factor(2)
    5/4
    """
    b = _positive(beta, "beta")
    return (b + 1 / b) / 2


def squared_distance(kappa: object, nuclear_norm: object) -> Expr:
    """Return the squared distance of κW from S for balanced W: (κ²-2)‖A‖_* for κ >= 2, 2(κ-1)²‖A‖_* below.

    Raises
    ------
    DimensionError
        for κ < 1 (no middle has it), or a nuclear norm that is not positive.

    Examples
    --------
    >>> squared_distance(2, 5) == 2 * (2 - 1) ** 2 * 5
    True
    >>> squared_distance(sympy.Rational(1, 2), 1)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: kappa: got 1/2; expected a number of at least 1, as (β + 1/β)/2 is
    """
    k, norm = _kappa(kappa), _positive(nuclear_norm, "nuclear norm")
    far, near = (k**2 - 2) * norm, 2 * (k - 1) ** 2 * norm
    if k.is_number:
        return far if k >= 2 else near
    return sympy.Piecewise((far, k >= 2), (near, True))


def nearest_factors(kappa: object, singular_values: Sequence[object]) -> tuple[tuple[Expr, Expr], ...]:
    """Return the diagonal factors (x_i, y_i), x_i y_i = s_i, nearest to κ(√s_i, √s_i).

    For κ <= 2 these are (√s_i, √s_i); above, the two roots of x² - κ√s_i x + s_i, in either order.

    >>> nearest_factors(2, [4])
    ((2, 2),)
    >>> x, y = nearest_factors(3, [4])[0]
    >>> sympy.expand((x - 6) ** 2 + (y - 6) ** 2) == squared_distance(3, 4)
    True
    """
    k = _kappa(kappa)
    return tuple(_nearest(k, _positive(s, "singular value")) for s in singular_values)


def distance_to_diagonal(kappa: object, pairs: Sequence[tuple[Any, Any]]) -> Expr:
    """Return Σ (x_i - κ√(x_i y_i))² + (y_i - κ√(x_i y_i))², the squared distance of κW from diagonal factors."""
    k = _kappa(kappa)
    roots = [sympy.sqrt(sympy.expand(x * y)) for x, y in pairs]
    return sympy.Add(*((x - k * r) ** 2 + (y - k * r) ** 2 for (x, y), r in zip(pairs, roots, strict=True)))


def lower_bound(kappa: object, size: object, nuclear_norm: object) -> Expr:
    """Return √(κ²M² + 2(κ²-1)‖A‖_*) - κM, no more than the distance of κW from S, for every W in S of size M.

    >>> lower_bound(1, 3, 2)
    0
    >>> lower_bound(4, 2, 2) <= sympy.sqrt(squared_distance(4, 2))
    True
    """
    k, M, norm = _kappa(kappa), _positive(size, "size"), _positive(nuclear_norm, "nuclear norm")
    return sympy.sqrt(k**2 * M**2 + 2 * (k**2 - 1) * norm) - k * M


def balanced(W1: Any, W2: Any) -> bool:
    """Whether W_1^T W_1 = W_2 W_2^T.

    >>> balanced(sympy.Matrix([[2]]), sympy.Matrix([[-2]])), balanced(sympy.Matrix([[1]]), sympy.Matrix([[2]]))
    (True, False)
    """
    return bool(W1.T * W1 == W2 * W2.T)


def stationary_quartic(p: Any, q: Any, a: Any) -> Expr:
    """Return x⁴ - p x³ + a q x - a², zero where (x, a/x) is a stationary point of the distance to (p, q); n = 1.

    >>> sympy.factor(stationary_quartic(3, 3, 2))
    (x - 2)*(x - 1)*(x**2 - 2)
    """
    return _x**4 - p * _x**3 + a * q * _x - a**2


def is_farther_than(radius: object, p: object, q: object, a: object = 1) -> bool:
    """Whether all points (x, a/x) are farther than ``radius`` from (p, q); decided by Sturm's theorem; n = 1.

    Raises ``NonFiniteError`` for numbers that are not rational.

    >>> is_farther_than(sympy.Rational(26, 10), 3, 3), is_farther_than(sympy.Rational(27, 10), 3, 3)
    (True, False)
    """
    r, u, v, c = (as_real(value, name) for value, name in ((radius, "radius"), (p, "p"), (q, "q"), (a, "a")))
    for value in (r, u, v, c):
        if not value.is_Rational:
            raise NonFiniteError(f"got {value}; expected rational numbers, to decide exactly")
    gap = sympy.Poly(_x**2 * ((_x - u) ** 2 - r**2) + (c - v * _x) ** 2, _x)
    return bool(gap.count_roots() == 0)


def _nearest(k: Expr, s: Expr) -> tuple[Expr, Expr]:
    root = sympy.sqrt(s)
    if k <= 2:
        return root, root
    half = sympy.sqrt(k**2 - 4) / 2
    return root * (k / 2 + half), root * (k / 2 - half)


def _kappa(value: object) -> Expr:
    k = as_real(value, "kappa")
    if (k - 1).is_negative or not k.is_extended_real:
        raise DimensionError(f"kappa: got {k}; expected a number of at least 1, as (β + 1/β)/2 is")
    return k


def _positive(value: object, name: str) -> Expr:
    number = as_real(value, name)
    if not number.is_positive:
        raise DimensionError(f"{name}: got {number}; expected a positive number, or a symbol declared positive")
    return number
