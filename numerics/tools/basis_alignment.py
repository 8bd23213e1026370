r"""Linear networks have more symmetries: any change of basis g of the hidden layer, (W_1, W_2) ↦ (g W_1, W_2 g^{-1}).

To align B to A, g is the least-squares solution of :math:`g W_1^A = W_1^B` (biases as one more column), and B becomes
:math:`g^{-1} \cdot B`. If B = h·A for a first layer of full row rank, then g = h and the aligned network is A. If A's
first layer is square and invertible, the equation has an exact solution for every B: the aligned network then has A's
first layer, its outputs run along a straight line on the segment, and a convex loss has no barrier there at all. If the
first layer has not full row rank, g is not determined, and no basis change is made.

Where det g > 0 the curve :math:`(g^t W_1, W_2 g^{-t})` joins the two inside one function (eq. 5 of Zhao et al., 2024),
here with :math:`g^t = O^t P^t` for the polar factors g = O P, which have real powers even where g has no real
logarithm. Where det g < 0 there is no such curve: GL has two components.

>>> A = Layers(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 2.0]]), None, None)
>>> B = Layers(torch.tensor([[0.0, -2.0], [1.0, 0.0]]), torch.tensor([[-1.0, 1.0]]), None, None)
>>> change = align_basis(A, B)
>>> change.g.round(12).tolist(), change.second.W2.numpy().round(12).tolist(), change.determinant_sign
([[0.0, -2.0], [1.0, 0.0]], [[1.0, 2.0]], 1)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import torch

from quadrics.connectivity.symmetry_curves import transport
from quadrics.errors import DimensionError, DisconnectedError, SymmetryError

from ..modules import Layers
from .alignment import Array, check_comparable

__all__ = ["LARGEST_CONDITION", "BasisChange", "align_basis", "rotation_power"]

LARGEST_CONDITION = 2.0**26
"""Of W_1 and of g: the inverse square root of the last digit; beyond it half of the digits are lost."""


@dataclass(frozen=True, eq=False)
class BasisChange:
    """The second network after a change of basis, in double precision, and the change.

    Attributes:
        second: g^{-1}·B.
        target: B.
        g: (l, l).
        magnification: cond(g) times ‖W_1‖_F/σ_min(W_1) of the first network: how much more than the rounding of stored
            weights the aligned ones may be off.
    """

    second: Layers
    target: Layers
    g: Array
    magnification: float

    @property
    def determinant_sign(self) -> int:
        """The component of GL that g is in."""
        return int(np.linalg.slogdet(self.g)[0])

    def distance(self, first: Layers) -> float:
        """Return how far ``second`` is from the first network: |ΔW_1|/|W_1| + |ΔW_2|/|W_2|, Frobenius."""
        pairs = [(_first_layer(layers), layers.W2.double().numpy()) for layers in (first, self.second)]
        return sum(_relative(one, other) for one, other in zip(*pairs, strict=True))

    def curve(self, t: float) -> Layers:
        """Return the point g^t·second, at time t in [0, 1] of a curve of one function from ``second`` to ``target``.

        Raises:
            DimensionError: t is outside [0, 1].
            DisconnectedError: det g < 0.
        """
        if not 0 <= t <= 1:
            raise DimensionError(f"t: got {t}; expected a number between 0 and 1")
        if self.determinant_sign < 0:
            raise DisconnectedError("g: got a negative determinant; expected det g > 0 (no curve leads from I to g)")
        if t in (0, 1):
            return self.target if t else self.second
        rotation, stretch = scipy.linalg.polar(self.g)
        sizes, axes = np.linalg.eigh(stretch)
        turn = rotation_power(rotation, t)
        power = turn @ (axes * sizes**t) @ axes.T
        inverse = (axes * sizes**-t) @ axes.T @ turn.T
        return _moved(self.second, power, inverse)


def align_basis(first: Layers, second: Layers) -> BasisChange:
    """Return the second network (linear, of the first one's width) in the basis nearest to the first.

    Raises:
        SymmetryError: g is not determined: different widths, or a first layer without full row rank, or (to half of
            the digits) no inverse.
        ShapeError, DimensionError: as :func:`numerics.tools.alignment.check_comparable`.

    >>> wide = Layers(torch.ones(2, 1), torch.ones(1, 2), None, None)
    >>> align_basis(wide, wide)
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: basis: got a first layer of 2 neurons on 1 inputs of condition inf; expected \
independent rows, so that the change of basis is determined
    """
    check_comparable(first, second)
    A, B = (_first_layer(layers) for layers in (first, second))
    if len(A) != len(B):
        raise SymmetryError(f"basis: got {len(A)} and {len(B)} hidden neurons; expected as many in both")
    for matrix in (A, B):
        if not _condition(matrix) < LARGEST_CONDITION:
            raise SymmetryError(
                f"basis: got a first layer of {len(A)} neurons on {first.W1.shape[1]} inputs of condition "
                f"{_condition(matrix):.3g}; expected independent rows, so that the change of basis is determined"
            )
    g: Array = np.linalg.lstsq(A.T, B.T, rcond=None)[0].T.astype(np.float64)
    condition = _condition(g)
    if not condition < LARGEST_CONDITION:
        raise SymmetryError(
            f"basis: got a least-squares change of basis of condition {condition:.3g}; expected one that can be undone "
            f"(below {LARGEST_CONDITION:.3g}): the two first layers see different parts of the input"
        )
    target = Layers(*(None if t is None else t.detach().cpu().double() for t in second))  # type: ignore[arg-type]
    magnification = condition * float(np.linalg.norm(A) * np.linalg.norm(np.linalg.pinv(A), 2))
    return BasisChange(_moved(target, np.linalg.inv(g).astype(np.float64), g), target, g, magnification)


def rotation_power(rotation: Array, t: float) -> Array:
    """Return O^t for an orthogonal O with det O = 1: each plane turns by t times its angle, pairs of -1 by π t.

    >>> rotation_power(-np.eye(2), 0.5).round(12) + 0.0
    array([[ 0., -1.],
           [ 1.,  0.]])

    Raises ``DisconnectedError`` if det O < 0.

    >>> rotation_power(np.diag([1.0, -1.0]), 0.5)
    Traceback (most recent call last):
    ...
    quadrics.errors.DisconnectedError: rotation: got det = -1; expected 1 (no curve leads from I to a reflection)
    """
    T, Q = scipy.linalg.schur(rotation, output="real")
    power, turned, i = np.zeros_like(T), [], 0
    while i < len(T):
        if i + 1 < len(T) and T[i + 1, i] != 0:
            angle = np.arctan2(T[i + 1, i] - T[i, i + 1], T[i, i] + T[i + 1, i + 1])
            _turn(power, i, i + 1, t * angle)
            i += 2
        else:
            power[i, i] = 1.0
            turned += [i] if T[i, i] < 0 else []
            i += 1
    if len(turned) % 2:
        raise DisconnectedError("rotation: got det = -1; expected 1 (no curve leads from I to a reflection)")
    for one, other in zip(turned[::2], turned[1::2], strict=True):
        _turn(power, one, other, t * np.pi)
    return np.asarray(Q @ power @ Q.T, float)


def _turn(matrix: Array, i: int, j: int, angle: float) -> None:
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[j, i] = np.sin(angle)
    matrix[i, j] = -matrix[j, i]


def _relative(one: Array, other: Array) -> float:
    size, apart = np.linalg.norm(one), np.linalg.norm(other - one)
    return float(apart / size) if size else (0.0 if apart == 0 else np.inf)


def _first_layer(layers: Layers) -> Array:
    W = layers.W1.detach().cpu().double()
    return np.asarray((W if layers.b1 is None else torch.cat([W, layers.b1.double()[:, None]], 1)).numpy(), float)


def _condition(matrix: Array) -> float:
    """The quotient of the extreme singular values on the left; infinite for dependent rows."""
    if matrix.shape[0] > matrix.shape[1]:
        return np.inf
    sizes = np.linalg.svd(matrix, compute_uv=False)
    return float(sizes[0] / sizes[-1]) if sizes[-1] > 0 else np.inf


def _moved(layers: Layers, move: Array, inverse: Array) -> Layers:
    """g·W for W = ([W_1 b_1], W_2)."""
    first, last = transport([move], [inverse], [_first_layer(layers), layers.W2.numpy()])
    d: Any = layers.W1.shape[1]
    b1 = None if layers.b1 is None else torch.tensor(first[:, d])
    return Layers(torch.tensor(first[:, :d]), torch.tensor(last), b1, layers.b2)
