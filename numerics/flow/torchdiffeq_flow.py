"""Gradient flow by torchdiffeq, for comparison: the whole batch is one system, with one step for all of it."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from ..batch import Batch
from ..gradient import LossFunction
from .outside import RightHandSide, check_arguments, load, solve_in_groups
from .result import FlowResult
from .stepping import Progress

__all__ = ["integrate"]

SOLVERS = ("dopri5", "dopri8", "bosh3", "adaptive_heun", "fehlberg2")


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
    """Follow gradient flow by one of torchdiffeq's adaptive solvers; every network takes the steps that all need.

    Where the solver gives up, the networks that are to blame are found and tried alone
    (:func:`numerics.flow.outside.solve_in_groups`).

    Args:
        solver: dopri5, dopri8, bosh3, adaptive_heun or fehlberg2.
        rtol, atol: tolerances, in torchdiffeq's norm over the batch.
        rates: ``(eta_1, eta_2)``: the flow is ``-eta_1 grad`` for W1, b1 and ``-eta_2 grad`` for W2, b2.
        max_evaluations: gradients after which the solver is stopped.
        progress: called with the number of networks done and of all.

    Raises:
        MissingPackageError: torchdiffeq is not installed.
        DimensionError: times that do not increase, an unknown solver, or no evaluations allowed.
        NonFiniteError: a rate or tolerance that is not positive and finite.
    """
    torchdiffeq = load("torchdiffeq")
    at = check_arguments(times, solver, SOLVERS, rtol, atol, rates, max_evaluations)

    def solve(side: RightHandSide, rows: Tensor) -> Tensor | None:
        try:
            states: Tensor = torchdiffeq.odeint(side, rows, at.to(rows.device), method=solver, rtol=rtol, atol=atol)
        except AssertionError:  # so it says that a step became too small
            return None
        return states

    return solve_in_groups(solve, batch, objective, at, rates, max_evaluations, progress)
