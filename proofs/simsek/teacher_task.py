"""The task of figures 1 (c) and 5: a teacher with four hidden neurons, its inputs, and the two activations."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Rational

from quadrics.expansion.reduction import as_irreducible
from quadrics.network import Parameters
from quadrics.smooth_activation import SmoothActivation, sigmoid, soft_sigmoid

ACTIVATIONS: dict[str, SmoothActivation] = {"sigmoid": sigmoid, "soft": soft_sigmoid(1, 4)}
"""Figure 1 (c) has the sigmoid; figure 5 has g_{1,4}, to which Theorem 4.2 applies."""

SIDE = 20
"""Inputs are the points (i/4, j/4) with |i|, |j| at most this."""


def teacher() -> Parameters:
    """The teacher, irreducible, with outgoing weights 1.

    >>> teacher().W1.T, teacher().W2
    (Matrix([
    [3/5, -1/2, -1/5, 1/10],
    [1/2,  1/2, -3/5, -3/5]]), Matrix([[1, 1, 1, 1]]))
    """
    rows = [(6, 5), (-5, 5), (-2, -6), (1, -6)]
    return as_irreducible(Parameters([[Rational(v, 10) for v in row] for row in rows], [[1, 1, 1, 1]]))


def inputs() -> Iterator[tuple[Rational, Rational]]:
    """The 1681 points of the grid on [-5, 5]².

    >>> points = list(inputs())
    >>> len(points), points[0], points[-1]
    (1681, (-5, -5), (5, 5))
    """
    steps = range(-SIDE, SIDE + 1)
    return ((Rational(i, 4), Rational(j, 4)) for i in steps for j in steps)
