"""Gradient flow by scipy's integrators, network by network, each with steps of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.integrate
import torch
from torch import Tensor

from quadrics.errors import DimensionError, ShapeError

from ..batch import Batch
from ..objective import LossFunction
from ..status import Status
from .result import FlowResult, check_positive, check_rates, check_times, real_entries

__all__ = ["gradient_flow"]

METHODS = ("DOP853", "RK45", "RK23", "Radau", "BDF", "LSODA")


def gradient_flow(
    batch: Batch,
    objective: LossFunction,
    times: Sequence[float] | Tensor,
    method: str = "DOP853",
    rtol: float = 1e-8,
    atol: float = 1e-10,
    *,
    rates: tuple[float, float] = (1.0, 1.0),
    max_evaluations: int = 1_000_000,
    progress: Callable[[int, int], None] | None = None,
) -> FlowResult:
    """Integrate ``theta' = -grad L(theta)`` from the batch, which is the state at the first of the times.

    For piecewise linear activations the right-hand side jumps where a neuron's sign on a sample changes; a
    tight tolerance then spends its steps on finding these jumps.

    Args:
        objective: the loss, shared by all networks.
        times: increasing times (T,).
        method: one of scipy's: DOP853, RK45, RK23, Radau, BDF, LSODA.
        rtol, atol: local tolerances of each network's own steps.
        rates: ``(eta_1, eta_2)``: the flow is ``-eta_1 grad`` for W1, b1 and ``-eta_2 grad`` for W2, b2.
        max_evaluations: gradients after which a network's flow is given up (``FAILED``).
        progress: called after each network with the number done and of all.

    Raises:
        DimensionError: times that do not increase, an unknown method, or no evaluations allowed.
        NonFiniteError: times, rates or tolerances that are no positive, finite numbers.
        ShapeError: a batch that is not float64.

    >>> from numerics.objective import Objective
    >>> batch = Batch(torch.tensor([[[2.0]]]).double(), torch.tensor([[[1.0]]]).double())
    >>> data = Objective(torch.tensor([[1.0]]).double(), torch.tensor([5.0]).double())
    >>> flow = gradient_flow(batch, data, [0.0, 0.1, 10.0])
    >>> [round(state.imbalance().item(), 6) for state in flow.states]
    [3.0, 3.0, 3.0]
    >>> round(data.loss(flow.batch).item(), 6), Status(flow.status.item()).name
    (0.0, 'FINISHED')
    """
    at = check_times(times)
    _check(batch, method, rtol, atol, rates, max_evaluations)
    solver = getattr(scipy.integrate, method)
    keep = real_entries(batch)
    rows = batch.flatten()
    speed = batch.unflatten(torch.ones_like(rows))
    for layer, rate in ((speed.W1, 0), (speed.b1, 0), (speed.W2, 1), (speed.b2, 1)):
        if layer is not None:
            layer.fill_(rates[rate])
    speeds = speed.flatten()
    path = rows.new_full((len(at), *rows.shape), float("nan"))
    status = torch.full((batch.n,), Status.FINISHED, dtype=torch.int8, device=batch.device)
    evaluations = torch.zeros(batch.n, dtype=torch.int64, device=batch.device)
    last, reached = rows.clone(), at[0].repeat(batch.n).to(batch.device)
    for k in range(batch.n):
        flow = _Flow(batch.select(k), objective, keep[k], speeds[k], max_evaluations)
        values, ended = flow.run(solver, rows[k][keep[k]], at.numpy(), rtol, atol)
        path[:, k] = 0
        path[:, k, keep[k]] = torch.from_numpy(values).to(path)
        status[k], evaluations[k] = int(ended), flow.evaluations
        last[k, keep[k]], reached[k] = torch.from_numpy(flow.last).to(last), flow.reached
        if progress is not None:
            progress(k + 1, batch.n)
    states = [batch.unflatten(path[i]) for i in range(len(at))]
    return FlowResult(at, states, status, evaluations, batch.unflatten(last), reached)


class _OutOfBudget(Exception):
    pass


class _NonFinite(Exception):
    pass


class _Flow:
    """The flow of one network, as a vector field on its real (not padding) parameters."""

    def __init__(self, network: Batch, objective: LossFunction, keep: Tensor, speed: Tensor, budget: int) -> None:
        self.network, self.objective, self.keep, self.budget = network, objective, keep, budget
        self.speed = speed[keep].cpu().numpy()
        self.row = torch.zeros_like(network.flatten())
        self.evaluations = 0

    def field(self, t: float, y: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return ``-rate * grad L`` at the parameters ``y`` (p,)."""
        if self.evaluations >= self.budget:
            raise _OutOfBudget
        self.evaluations += 1
        self.row[0, self.keep] = torch.from_numpy(y).to(self.row)
        _, gradient = self.objective.loss_and_gradient(self.network.unflatten(self.row))
        out: np.ndarray[Any, Any] = -self.speed * gradient.flatten()[0, self.keep].cpu().numpy()
        if not np.isfinite(out).all():
            raise _NonFinite
        return out

    def run(
        self, solver: Any, start: Tensor, times: np.ndarray[Any, Any], rtol: float, atol: float
    ) -> tuple[np.ndarray[Any, Any], Status]:
        """Return the states (T, p) at the times, NaN from where the flow broke off, and how it ended."""
        y = start.cpu().numpy().copy()
        path = np.full((len(times), len(y)), np.nan)
        path[0] = y
        self.last, self.reached = y, float(times[0])
        if len(times) == 1:
            return path, Status.FINISHED
        done = 1
        try:
            steps = solver(self.field, times[0], y, times[-1], rtol=rtol, atol=atol)
            while steps.status == "running":
                steps.step()
                if steps.status == "failed":
                    return path, Status.FAILED
                self.last, self.reached = steps.y, float(steps.t)
                reached = int(np.searchsorted(times, steps.t, side="right"))
                if reached > done:
                    path[done:reached] = steps.dense_output()(times[done:reached]).T
                    done = reached
        except _OutOfBudget:
            return path, Status.FAILED
        except _NonFinite:
            return path, Status.NON_FINITE
        return path, Status.FINISHED


def _check(
    batch: Batch, method: str, rtol: float, atol: float, rates: tuple[float, float], max_evaluations: int
) -> None:
    if batch.dtype != torch.float64:
        raise ShapeError(f"batch: got {batch.dtype}; expected torch.float64 (use .to(dtype=torch.float64))")
    if method not in METHODS:
        raise DimensionError(f"method: got {method!r}; expected one of {', '.join(METHODS)}")
    if max_evaluations < 1:
        raise DimensionError(f"max_evaluations: got {max_evaluations}; expected at least 1")
    check_positive(rtol=rtol, atol=atol)
    check_rates(rates)
