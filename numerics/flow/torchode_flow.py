"""Gradient flow by torchode, for comparison: each network has its own step, and all go on until the last is done."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..batch import Batch
from ..gradient import LossFunction
from .outside import RightHandSide, check_arguments, load, solve_in_groups
from .result import FlowResult
from .stepping import Progress

__all__ = ["integrate"]

SOLVERS = {"dopri5": "Dopri5", "tsit5": "Tsit5", "heun": "Heun"}


def integrate(
    batch: Batch,
    objective: LossFunction,
    times: Sequence[float] | Tensor,
    *,
    solver: str = "dopri5",
    rtol: float = 1e-6,
    atol: float = 1e-8,
    rates: tuple[float, float] = (1.0, 1.0),
    max_evaluations: int = 1_000_000,
    progress: Progress | None = None,
) -> FlowResult:
    """Follow gradient flow by one of torchode's adaptive solvers.

    Where it gives up, which it does for all networks when it does for one, those that are to blame are found and tried
    alone (:func:`numerics.flow.outside.solve_in_groups`).

    Args:
        solver: dopri5, tsit5 or heun.
        rtol, atol: tolerances of each network's own steps, as a root mean square over its parameters and its padding.
        rates, max_evaluations, progress: see :func:`numerics.flow.torchdiffeq_flow.integrate`.

    Raises:
        MissingPackageError: torchode is not installed.
        DimensionError: times that do not increase, an unknown solver, or no evaluations allowed.
        NonFiniteError: a rate or tolerance that is not positive and finite.
    """
    torchode = load("torchode")
    at = check_arguments(times, solver, SOLVERS, rtol, atol, rates, max_evaluations)

    def solve(side: RightHandSide, rows: Tensor) -> Tensor | None:
        term = torchode.ODETerm(side)
        method = getattr(torchode, SOLVERS[solver])(term=term)
        controller = torchode.IntegralController(atol=atol, rtol=rtol, term=term)
        problem = torchode.InitialValueProblem(y0=rows, t_eval=at.to(rows).expand(len(rows), -1))
        found = torchode.AutoDiffAdjoint(method, controller).solve(problem)
        states: Tensor = found.ys.transpose(0, 1)
        good = bool((found.status == 0).all()) and bool(torch.isfinite(states).all())
        return states if good else None

    return solve_in_groups(solve, batch, objective, at, rates, max_evaluations, progress)
