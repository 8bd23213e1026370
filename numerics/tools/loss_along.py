r"""The loss along a path between two networks, and the barrier that it climbs.

The *barrier* is the largest excess of the loss over the straight line between the losses at the ends,

.. math:: \max_{0 \le t \le 1} L(\theta_t) - (1 - t) L(\theta_0) - t L(\theta_1) ,

found on a grid and refined around its local maxima. On a straight segment between linear networks the mean squared
error is a polynomial of degree 4 in t, and the maximum is found from the roots of its derivative.

>>> one, other = (Layers(torch.tensor([[w]]), torch.tensor([[1 / w]]), None, None) for w in (1.0, 4.0))
>>> data = Objective(torch.ones(1, 1).double(), torch.ones(1).double())
>>> found = follow("scalar", segment(one, other), data, linear, quartic=True)
>>> from quadrics.connectivity.barriers import barrier
>>> found.at, bool(abs(found.barrier - barrier(4)) < 1e-12)
(0.5, True)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize_scalar

from quadrics.activation import linear
from quadrics.errors import DimensionError, NonFiniteError

from ..activation import AnyActivation
from ..batch import Batch
from ..modules import Layers
from ..objective import Objective
from .alignment import Array

__all__ = ["GRID", "Path", "Profile", "follow", "segment"]

GRID = 101
"""Points on a path before refinement."""

REFINED = 3
"""Around so many of the highest local maxima on the grid the maximum is refined."""

ROUNDING = 64 * np.finfo(float).eps
"""What rounding may do to a loss, relatively: below that there is no maximum to look for."""

NUMBERS = 2**24
"""Weights of networks on a path that are held at a time."""

Path = Callable[[float], Layers]


@dataclass(frozen=True, eq=False)
class Profile:
    """The loss along a path.

    Attributes:
        name: of the path.
        t, loss: on the grid.
        barrier: the largest excess over the line between the ends; 0 if there is none.
        at: where.
        exact: whether it was found from the roots of a polynomial rather than on the grid.
    """

    name: str
    t: Array
    loss: Array
    barrier: float
    at: float
    exact: bool = False

    @property
    def ends(self) -> tuple[float, float]:
        """The losses at the two ends."""
        return float(self.loss[0]), float(self.loss[-1])

    @property
    def spread(self) -> float:
        """The difference of the largest and the smallest loss."""
        return float(self.loss.max() - self.loss.min())

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "path": self.name,
            "barrier": self.barrier,
            "at": self.at,
            "exact": self.exact,
            "t": self.t.tolist(),
            "loss": self.loss.tolist(),
        }


def segment(start: Layers, end: Layers) -> Path:
    """Return the straight segment between two networks of one width, in double precision.

    >>> one, other = (Layers(torch.tensor([[w]]), torch.tensor([[1.0]]), None, None) for w in (1.0, 3.0))
    >>> segment(one, other)(0.25).W1.tolist()
    [[1.5]]
    """

    def at(t: float) -> Layers:
        pairs = zip(start, end, strict=True)
        return Layers(*(None if a is None or b is None else torch.lerp(a.double(), b.double(), t) for a, b in pairs))  # type: ignore[arg-type]

    return at


def follow(
    name: str,
    path: Path,
    objective: Objective,
    activation: AnyActivation = linear,
    quartic: bool = False,
    grid: int = GRID,
) -> Profile:
    """Return the loss along a path, and its barrier.

    Args:
        name: of the path.
        path: from [0, 1] to networks.
        objective: in double precision.
        activation: of the networks.
        quartic: whether the loss is known to be a polynomial of degree 4 in t.
        grid: number of points before refinement; at least 5, which determine a quartic.

    Raises:
        DimensionError: a coarser grid.
        NonFiniteError: the loss overflows.
    """
    if grid < 5:
        raise DimensionError(f"grid: got {grid} points; expected at least 5")
    t = np.linspace(0, 1, grid)
    loss = _losses(path, t, objective, activation)
    if not np.isfinite(loss).all():
        raise NonFiniteError(f"loss: got an overflow on the path {name!r}; expected networks of finite losses")
    line = loss[0] + t * (loss[-1] - loss[0])
    excess = loss - line
    best = int(excess.argmax())
    height, at = float(excess[best]), float(t[best])

    def fall(s: float) -> float:
        value = _losses(path, np.array([s]), objective, activation)[0]
        return float(loss[0] + s * (loss[-1] - loss[0]) - value)

    if np.ptp(loss) <= ROUNDING * np.abs(loss).max():
        candidates = []  # nothing but rounding: the loss is constant
    elif quartic:
        candidates = _stationary(t, excess)
    else:
        candidates = []
        for i in _local_maxima(excess):
            around = (t[max(i - 1, 0)], t[min(i + 1, grid - 1)])
            candidates.append(float(minimize_scalar(fall, bounds=around, method="bounded", options={"xatol": 1e-6}).x))
    for s in candidates:
        found = -fall(s)
        if found > height:
            height, at = found, s
    return Profile(name, t, loss, max(height, 0.0), at, quartic)


def _local_maxima(values: Array) -> list[int]:
    """The highest of the points that are no lower than their neighbours."""
    padded = np.pad(values, 1, constant_values=-np.inf)
    places = np.flatnonzero((values >= padded[:-2]) & (values >= padded[2:]))
    found: list[int] = places[np.argsort(-values[places], kind="stable")][:REFINED].tolist()
    return found


def _stationary(t: Array, excess: Array) -> list[float]:
    """Where a polynomial of degree 4 through these values is stationary in (0, 1)."""
    fitted = np.polynomial.Polynomial.fit(t, excess, 4, domain=[0, 1])
    if not np.any(fitted.coef):
        return []
    # A double root may come out as a complex pair; whatever is proposed here is evaluated afterwards.
    roots = np.real(fitted.deriv().roots()).tolist()
    return [float(root) for root in roots if 0 < root < 1]


def _losses(path: Path, times: Sequence[float] | Array, objective: Objective, activation: AnyActivation) -> Array:
    """The loss at every time, some networks at once."""
    first = path(float(times[0]))
    size = max(1, NUMBERS // (first.W1.numel() + first.W2.numel()))
    found = []
    for k in range(0, len(times), size):
        networks = [path(float(t)) for t in times[k : k + size]]
        b1, b2 = (
            None if getattr(first, name) is None else torch.stack([getattr(one, name) for one in networks])
            for name in ("b1", "b2")
        )
        W1, W2 = torch.stack([one.W1 for one in networks]), torch.stack([one.W2 for one in networks])
        found.append(objective.loss(Batch(W1, W2, b1, b2, activation=activation)).numpy())
    return np.concatenate(found)
