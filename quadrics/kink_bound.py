r"""How far a network must stay from a target with kinks of a sign that its output weights lack: a lower bound.

On a convex cone of the plane where no neuron of negative output weight has its kink, a network with one output is a
linear function plus positive multiples of σ(u·x): in the coordinate s = x₂/x₁ (or any other that orders the rays of the
cone) it is x₁ times a convex function of s. A target that is linear there but for one kink of negative mass is x₁
times a concave one. Among all convex functions the nearest to a concave one, in the mean square over any samples, is
the linear fit: so the residual of that fit, which :func:`linear_fit_residual` gives, bounds the loss on the cone from
below, and bounds on disjoint cones add up.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from .errors import ShapeError
from .validation import Expr, as_dimension, as_real

__all__ = ["free_splits", "linear_fit_residual", "second_difference"]


def linear_fit_residual(second: Sequence[Expr], mixed: Sequence[Expr], square: Expr) -> Expr:
    """Return ``min over b of E (y - b·x)²`` from moments over the samples in the plane, a quotient of determinants.

    Parameters
    ----------
    second : E x₁x₁, E x₁x₂, E x₂x₂
    mixed : E x₁y, E x₂y
    square : E y²

    Raises
    ------
    ShapeError
        for another number of moments.

    Examples
    --------
    Samples (1, 0), (0, 1), (1, 1) with y = 0, 0, 1 and weight 1/3 each: the fit is (x₁ + x₂)/3.

    >>> third = sympy.Rational(1, 3)
    >>> linear_fit_residual((2 * third, third, 2 * third), (third, third), third)
    1/9
    """
    if len(second) != 3 or len(mixed) != 2:
        raise ShapeError(f"linear_fit_residual: got {len(second)} and {len(mixed)} moments; expected 3 and 2")
    a, b, d = (as_real(v, "second") for v in second)
    p, q = (as_real(v, "mixed") for v in mixed)
    full = sympy.Matrix([[a, b, p], [b, d, q], [p, q, as_real(square, "square")]])
    return full.det() / (a * d - b**2)


def second_difference(s: Sequence[Expr], values: Sequence[Expr]) -> Expr:
    """Return ``det [1, s_i, g(s_i)]`` of three points: at least 0 for every convex g where s₁ < s₂ < s₃.

    >>> second_difference((0, 1, 3), (0, 1, 9)), second_difference((0, 1, 3), (0, 1, 3))
    (6, 0)
    """
    if len(s) != 3 or len(values) != 3:
        raise ShapeError(f"second_difference: got {len(s)} points and {len(values)} values; expected 3 and 3")
    points = [as_real(v, "s") for v in s]
    heights = [as_real(v, "values") for v in values]
    return sympy.Matrix([[1, x, y] for x, y in zip(points, heights, strict=True)]).det()


def free_splits(positive_signs: int, l_minus: int, free: int) -> list[tuple[int, int]]:
    """Return the numbers (positive, negative) of output weights that a component allows, neurons of free sign included.

    A target of P positive and N negative kinks is in reach if and only if one of them has at least P and N.

    >>> free_splits(positive_signs=2, l_minus=3, free=1)
    [(2, 2), (3, 1)]
    >>> from quadrics.reachability import KinkTarget
    >>> KinkTarget(3, 1).missing_signs(2, 3) <= 1, KinkTarget(3, 2).missing_signs(2, 3) <= 1
    (True, False)
    """
    l_minus, free = as_dimension(l_minus, "l_minus", 0), as_dimension(free, "free", 0)
    p = as_dimension(positive_signs, "positive_signs", 0, l_minus)
    return [(p + up, l_minus - p + free - up) for up in range(free + 1)]
