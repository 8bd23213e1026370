r"""Symmetric :math:`C^1` losses whose gradient flow leaves a symmetry subspace, or runs into one in finite time.

.. math:: L = c\,|\theta_1 - \theta_2|^{3/2}

is symmetric and continuously differentiable; its gradient is not Lipschitz where the units meet, and the theorem of
Picard and Lindelöf does not apply. With c = 1 the units meet in finite time, with c = -1 equal units separate.

>>> path = leaving_path()
>>> path.T, flow_residual(rough_loss(-1), path).T
(Matrix([[9*t**2/8, -9*t**2/8]]), Matrix([[0, 0]]))

The same path, run backward, is the other flow up to the meeting:

>>> flow_residual(rough_loss(1), path, backward=True).T
Matrix([[0, 0]])
"""

from __future__ import annotations

from typing import Any

import sympy

from ...errors import DimensionError
from ...validation import Expr, Matrix, as_matrix, as_real
from .symmetric import UnitLoss, units

TIME = sympy.Symbol("t", positive=True)
"""Time since the units parted, or until they meet."""
POWER = sympy.Rational(3, 2)


def rough_loss(c: object, power: object = POWER) -> UnitLoss:
    """Return c |θ_1 - θ_2|^power, two units of one dimension (with power 2 it is smooth).

    >>> rough_loss(-1).is_symmetric()
    True
    """
    theta = units(2, 1)
    return UnitLoss(as_real(c, "c") * sympy.Abs(theta[0] - theta[1]) ** as_real(power, "power"), theta)


def smoothness_at_tie(profile: Expr, u: Expr, most: int = 2) -> int:
    """Return how often a function of u is continuously differentiable at u = 0, counting up to ``most``.

    The k-th derivatives on either side must have one finite limit.

    >>> u = sympy.Symbol("u", real=True)
    >>> smoothness_at_tie(sympy.Abs(u) ** POWER, u), smoothness_at_tie(u**2, u), smoothness_at_tie(sympy.Abs(u), u)
    (1, 2, 0)
    """
    x = sympy.Dummy("x", positive=True)
    sides = [profile.subs(u, x), profile.subs(u, -x)]
    for order in range(1, most + 1):
        right, left = (
            sign**order * sympy.limit(sympy.diff(side, x, order), x, 0, "+")
            for side, sign in zip(sides, (1, -1), strict=True)
        )
        if not (right.is_finite and left.is_finite and sympy.simplify(right - left) == 0):
            return order - 1
    return most


def has_bounded_curvature_at_tie(profile: Expr, u: Expr) -> bool:
    """Whether the second derivatives on either side of u = 0 have finite limits: the gradient is then Lipschitz there.

    >>> u = sympy.Symbol("u", real=True)
    >>> has_bounded_curvature_at_tie(u * sympy.Abs(u), u), has_bounded_curvature_at_tie(sympy.Abs(u) ** POWER, u)
    (True, False)
    """
    x = sympy.Dummy("x", positive=True)
    return all(sympy.limit(sympy.diff(profile.subs(u, s * x), x, 2), x, 0, "+").is_finite for s in (1, -1))


def leaving_path() -> Matrix:
    """Return a flow of ``rough_loss(-1)`` from (0, 0), where another one stays for ever: a column in ``TIME``.

    >>> leaving_path().subs(TIME, 0).T
    Matrix([[0, 0]])
    """
    gap = (POWER * TIME) ** 2
    return sympy.ImmutableDenseMatrix([gap / 2, -gap / 2])


def merging_time(distance: object) -> Expr:
    """Return 2 sqrt(d) / 3, when the units of a flow of ``rough_loss(1)`` that start at distance d meet.

    >>> merging_time(9), leaving_path().subs(TIME, merging_time(9)).T
    (2, Matrix([[9/2, -9/2]]))
    """
    value = as_real(distance, "distance")
    if not value.is_positive:
        raise DimensionError(f"distance: got {value}; expected a positive number (or a positive symbol)")
    return sympy.sqrt(value) / POWER


def flow_residual(loss: UnitLoss, path: Any, backward: bool = False) -> Matrix:
    """Return θ'(t) + ∇L(θ(t)) along a path (m, D) in ``TIME``, zero exactly for a gradient flow.

    With ``backward`` the path is run the other way, θ'(t) - ∇L(θ(t)).
    """
    point = as_matrix(path, "path")
    velocity = -point.diff(TIME) if backward else point.diff(TIME)
    return (velocity + loss.gradient_at(point).doit()).applyfunc(sympy.simplify)


# -- inside the networks of the paper ---------------------------------------------------------------------------------
ROOT, A1, A2 = sympy.symbols("v a1 a2", positive=True)
"""The root of the first neuron's incoming weight, w_1 = v², and the two outgoing weights."""


def rough_activation(z: object) -> Expr:
    """Return σ(z) = 1 + 2/3 |z|^{3/2}: positive and continuously differentiable, as the paper asks.

    >>> rough_activation(0), rough_activation(1)
    (1, 5/3)
    """
    return 1 + sympy.Rational(2, 3) * sympy.Abs(as_real(z, "z")) ** POWER


def rough_network_loss(target: object = 3) -> UnitLoss:
    """Return the loss (f - y)²/2 of two neurons (w_i, a_i) with this activation, on the single input x = 1.

    >>> rough_network_loss().is_symmetric()
    True
    """
    theta = units(2, 2)
    f = sum((theta[i, 1] * rough_activation(theta[i, 0]) for i in range(2)), sympy.Integer(0))
    return UnitLoss((f - as_real(target, "target")) ** 2 / 2, theta)


def rough_network_field(target: object = 3) -> Matrix:
    """Return (v', a_1', a_2') for a flow of that network with w_1 = v², w_2 = 0: polynomial, so that it has a solution.

    At v = 0, a = (1, 1) the first entry is 1/2: the neurons are equal, and separate at once.

    >>> rough_network_field().subs({ROOT: 0, A1: 1, A2: 1}).T
    Matrix([[1/2, 1, 1]])
    """
    f = A1 * rough_activation(ROOT**2) + A2
    error = as_real(target, "target") - f
    field = [error * A1 / 2, error * rough_activation(ROOT**2), error]
    return sympy.ImmutableDenseMatrix([sympy.expand(entry) for entry in field])
