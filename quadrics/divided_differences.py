"""Divided differences: what is left of values at a few times when no polynomial of lower degree can explain them."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from .errors import DimensionError
from .validation import Expr, as_real

__all__ = ["divided_difference"]


def divided_difference(nodes: Sequence[Expr]) -> list[Expr]:
    """Return the weights whose sum with values at n + 1 nodes is the coefficient of t^n in their interpolant.

    The weight of node i is ``1/Π_{j≠i} (t_i - t_j)``. Polynomials of degree below n give 0; a jump between two nodes
    gives the jump times the sum of the weights beyond it.

    Raises ``DimensionError`` for two equal nodes, or none.

    >>> half = sympy.Rational(1, 2)
    >>> divided_difference((0, half, 1)), divided_difference((-1, 0, half, 1))
    ([2, -4, 2], [-1/3, 2, -8/3, 1])
    >>> sum(w * t**2 for w, t in zip(divided_difference((-1, 0, half, 1)), (-1, 0, half, 1)))
    0
    """
    at = [as_real(node, "node") for node in nodes]
    if not at or len(set(at)) < len(at):
        raise DimensionError(f"divided_difference: got the nodes {at}; expected at least one, all different")
    return [sympy.Integer(1) / sympy.prod([t - s for s in at if s != t]) for t in at]
