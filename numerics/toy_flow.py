"""Gradient flow of the toy losses: the SymPy formula through the bridge, scipy's integrators, where a flow ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import scipy.integrate
import sympy
import torch
from numpy.typing import NDArray

from quadrics.errors import DimensionError, NonFiniteError, ShapeError
from quadrics.expansion.losses.symmetric import UnitLoss
from quadrics.expansion.losses.toy import CriticalPoint, ToyLoss

from .bridge import TorchFunction, torch_function

__all__ = ["FlowLine", "PlaneFlow", "nearest", "toy_flow"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FlowLine:
    """A gradient flow in the plane, at the integrator's own steps.

    Attributes:
        t: (T,) the times.
        w: (T, 2) the weights.
        step_error: the largest local error that the integrator's tolerances allow a step, in norm.
        reached: whether the gradient fell below the tolerance before the time ran out.
    """

    t: Array
    w: Array
    step_error: float
    reached: bool

    @property
    def budget(self) -> float:
        """The sum of the local errors that were allowed: how far off the line may be where nearby flows converge."""
        return (len(self.t) - 1) * self.step_error

    @property
    def gap(self) -> Array:
        """(T,) the difference w1 - w2."""
        return np.asarray(self.w[:, 0] - self.w[:, 1])


class PlaneFlow:
    """The gradient flow of a loss of two units of one dimension, given as an expression.

    >>> flow = toy_flow(ToyLoss(3, 2))
    >>> line = flow.line((3.0, 0.5))
    >>> line.reached, line.w[-1].round(3).tolist()
    (True, [2.0, 1.0])

    Raises:
        ShapeError: the loss has other than two units of dimension 1.
    """

    def __init__(self, loss: UnitLoss) -> None:
        if (loss.m, loss.D) != (2, 1):
            raise ShapeError(f"loss: got {loss.m} units of dimension {loss.D}; expected two of dimension 1")
        self.value: TorchFunction = torch_function(loss.expression, list(loss.units))
        self._symbols = list(loss.units)
        self._slopes = sympy.ImmutableDenseMatrix(loss.gradient().doit())
        self._gradient = torch_function(self._slopes, self._symbols)

    @cached_property
    def _hessian(self) -> TorchFunction:
        return torch_function(self._slopes.jacobian(self._symbols), self._symbols)

    def gradient(self, w: Any) -> Array:
        """The gradient at points w (..., 2), of the same shape."""
        at = torch.as_tensor(np.asarray(w), dtype=torch.float64)
        return np.asarray(self._gradient(at[..., 0], at[..., 1])[..., 0].numpy())

    def hessian(self, w: Any) -> Array:
        """The Hessian at points w (..., 2), of shape (..., 2, 2)."""
        at = torch.as_tensor(np.asarray(w), dtype=torch.float64)
        return np.asarray(self._hessian(at[..., 0], at[..., 1]).numpy())

    def line(
        self,
        start: Sequence[float],
        time: float = 1e5,
        method: str = "LSODA",
        rtol: float = 1e-6,
        atol: float = 1e-8,
        stop: float = 1e-6,
    ) -> FlowLine:
        """Follow the flow from a point until the gradient's norm is below ``stop``, or for a time.

        Raises:
            ShapeError: a start that is no pair.
            NonFiniteError: NaN or infinity in it, or tolerances that are not positive.
            DimensionError: the integrator gave up.
        """
        w = np.asarray(start, dtype=np.float64)
        if w.shape != (2,):
            raise ShapeError(f"start: got shape {w.shape}; expected two weights")
        if not (np.isfinite(w).all() and all(np.isfinite(v) and v > 0 for v in (time, rtol, atol, stop))):
            raise NonFiniteError(
                f"got start {w}, time {time}, tolerances {(rtol, atol, stop)}; expected finite numbers"
            )

        def slow(t: float, w: Array) -> float:
            return float(np.linalg.norm(self.gradient(w))) - stop

        slow.terminal = True  # type: ignore[attr-defined]
        options = {} if method in ("DOP853", "RK45") else {"jac": lambda t, w: -self.hessian(w)}
        found = scipy.integrate.solve_ivp(
            lambda t, w: -self.gradient(w), (0.0, time), w, method, rtol=rtol, atol=atol, events=slow, **options
        )
        if not found.success:
            raise DimensionError(f"flow from {w}: got {found.message}; try another method or looser tolerances")
        largest = float(np.abs(found.y).max())
        return FlowLine(found.t, found.y.T, 2**0.5 * (atol + rtol * largest), found.status == 1)


@lru_cache(maxsize=16)
def toy_flow(loss: ToyLoss) -> PlaneFlow:
    """Return the flow of a toy loss."""
    return PlaneFlow(loss.as_unit_loss())


def nearest(points: Sequence[CriticalPoint], w: Any) -> tuple[int, float]:
    """Return which critical point is nearest to w, and how far it is.

    >>> nearest(ToyLoss(3, 2).critical_points(), (1.0, 2.5))
    (0, 0.5)
    """
    if not points:
        raise ShapeError("points: got none; expected critical points")
    places = np.array([[float(p.w1), float(p.w2)] for p in points])
    distances = np.linalg.norm(places - np.asarray(w, dtype=np.float64), axis=1)
    index = int(distances.argmin())
    return index, float(distances[index])
