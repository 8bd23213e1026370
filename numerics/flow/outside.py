"""Solvers of other packages that take a whole batch at once and give it up as a whole."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Sequence
from typing import Any

import torch
from torch import Tensor

from quadrics.errors import DimensionError, MissingPackageError

from ..batch import Batch
from ..gradient import LossFunction
from ..status import Status
from .linear_step import Rates, motion
from .result import FlowResult, Path, check_positive, check_rates, check_times
from .stepping import Progress

__all__ = ["OutOfBudgetError", "RightHandSide", "check_arguments", "load", "solve_in_groups"]

Solve = Callable[["RightHandSide", Tensor], Tensor | None]
"""From a right-hand side and starting rows (m, p) to rows (T, m, p), or None where the solver gave up."""


class OutOfBudgetError(Exception):
    """More gradients than allowed: caught here."""


def load(package: str) -> Any:
    """Return a package of the extra ``flows``.

    Raises:
        MissingPackageError: it is not installed.

    >>> load("no_such_package")
    Traceback (most recent call last):
    ...
    quadrics.errors.MissingPackageError: no_such_package: got no such package; expected it installed \
(pip install 'quadrics[flows]')
    """
    try:
        return importlib.import_module(package)
    except ImportError:
        raise MissingPackageError(
            f"{package}: got no such package; expected it installed (pip install 'quadrics[flows]')"
        ) from None


def check_arguments(
    times: Sequence[float] | Tensor,
    solver: str,
    solvers: Collection[str],
    rtol: float,
    atol: float,
    rates: Rates,
    max_evaluations: int,
) -> Tensor:
    """Return the times as a tensor, after checking what every such solver is given.

    Raises:
        DimensionError: times that do not increase, an unknown solver, or no evaluations allowed.
        NonFiniteError: a rate or tolerance that is not positive and finite.
    """
    at = check_times(times)
    check_positive(rtol=rtol, atol=atol)
    check_rates(rates)
    if solver not in solvers:
        raise DimensionError(f"solver: got {solver!r}; expected one of {', '.join(solvers)}")
    if max_evaluations < 1:
        raise DimensionError(f"max_evaluations: got {max_evaluations}; expected at least 1")
    return at


class RightHandSide:
    """``f(t, rows) = -rate grad L`` for some networks of a batch; it notes which rows were not finite."""

    def __init__(self, networks: Batch, objective: LossFunction, rates: Rates, budget: int) -> None:
        self.networks, self.objective, self.rates, self.budget = networks, objective, rates, budget
        self.evaluations = 0
        self.finite = torch.ones(networks.n, dtype=torch.bool, device=networks.device)

    def __call__(self, t: Tensor, rows: Tensor) -> Tensor:
        """Return the velocities (m, p)."""
        if self.evaluations >= self.budget:
            raise OutOfBudgetError
        self.evaluations += 1
        velocity = -motion(self.objective.gradient(self.networks.unflatten(rows)), self.rates)
        self.finite &= torch.isfinite(velocity).all(1)
        return velocity


def solve_in_groups(
    solve: Solve,
    batch: Batch,
    objective: LossFunction,
    times: Tensor,
    rates: Rates,
    max_evaluations: int,
    progress: Progress | None,
) -> FlowResult:
    """Solve the whole batch; where the solver gives up, without those to blame, or in halves.

    So the networks that it cannot solve alone are left: they are ``NON_FINITE`` or ``FAILED``, with no state after the
    first.
    """
    path = Path(batch, times)
    waiting = [torch.arange(batch.n, device=batch.device)] if len(times) > 1 else []
    done = 0
    while waiting:
        rows = waiting.pop()
        group = batch.select(rows)
        side = RightHandSide(group, objective, rates, max_evaluations)
        try:
            with torch.no_grad():
                states = solve(side, group.flatten())
        except OutOfBudgetError:
            states = None
        path.evaluations[rows] += side.evaluations
        everyone = torch.ones_like(side.finite)
        if states is not None:
            for number in range(1, len(times)):
                goal = torch.full_like(rows, number)
                path.arrive(goal, rows, group.unflatten(states[number]), everyone)
        elif len(rows) > 1:
            lost = ~side.finite
            alone = bool(lost.any()) and not bool(lost.all())
            waiting += [part for part in ((rows[lost], rows[~lost]) if alone else rows.chunk(2)) if len(part)]
            continue
        else:
            ended = Status.FAILED if bool(side.finite) else Status.NON_FINITE
            path.stop(rows, group, times[:1].to(batch.device), ended, everyone)
        done += len(rows)
        if progress is not None:
            progress(done, batch.n)
    return path.result()
