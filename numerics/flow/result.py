"""What a flow gives back, and the checks of what every flow is given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from quadrics.errors import DimensionError, NonFiniteError

from ..batch import Batch
from ..status import Status

__all__ = ["FlowResult", "Path", "check_positive", "check_rates", "check_times", "real_entries"]


@dataclass(frozen=True, eq=False)
class FlowResult:
    """Networks along their gradient flows.

    Attributes:
        times: (T,) the times asked for.
        states: the batch at each of these times; a network whose flow broke off has NaN from then on.
        status: (n,) int8 of ``Status``.
        evaluations: (n,) how often each network's gradient was computed.
        final: each network where it ended, with its last finite parameters.
        reached: (n,) the time at which that was.
    """

    times: Tensor
    states: list[Batch]
    status: Tensor
    evaluations: Tensor
    final: Batch
    reached: Tensor

    @property
    def batch(self) -> Batch:
        """The networks at the last time."""
        return self.states[-1]


class Path:
    """A ``FlowResult`` in the making: networks arrive at times, and end."""

    def __init__(self, batch: Batch, times: Tensor) -> None:
        self.times = times
        self.status = torch.full((batch.n,), Status.FINISHED, dtype=torch.int8, device=batch.device)
        self.evaluations = torch.zeros(batch.n, dtype=torch.int64, device=batch.device)
        self.reached = times[0].to(batch.device).repeat(batch.n)
        self.final = batch.clone()
        real = real_entries(batch)
        missing = batch.unflatten(torch.zeros_like(batch.flatten()).masked_fill(real, math.nan))
        self.states = [batch.clone(), *(missing.clone() for _ in range(len(times) - 1))]

    def arrive(self, goal: Tensor, rows: Tensor, batch: Batch, which: Tensor) -> None:
        """Enter the networks ``rows`` of which ``which`` holds as the states at the times with the numbers ``goal``."""
        for number in sorted(set(goal[which].tolist())):
            _put(self.states[number], rows, batch, which & (goal == number))

    def stop(self, rows: Tensor, batch: Batch, at: Tensor, status: Status, which: Tensor) -> None:
        """End the networks ``rows`` of which ``which`` holds where they are."""
        ending = rows[which]
        self.status[ending], self.reached[ending] = int(status), at[which]
        _put(self.final, rows, batch, which)

    def settle(self, goal: Tensor, rows: Tensor, batch: Batch, at: Tensor, which: Tensor) -> None:
        """End the networks of which ``which`` holds at a point that they will not leave."""
        self.stop(rows, batch, at, Status.CONVERGED, which)
        for number in range(1, len(self.states)):
            _put(self.states[number], rows, batch, which & (goal <= number))

    def result(self) -> FlowResult:
        """Return what has been entered; networks that were not stopped are where they arrived last."""
        index = (self.status == Status.FINISHED).nonzero()[:, 0]
        self.reached[index] = self.times[-1].to(self.reached)
        for kept, last in zip(self.final.parameters, self.states[-1].parameters, strict=True):
            kept[index] = last[index]
        return FlowResult(self.times, self.states, self.status, self.evaluations, self.final, self.reached)


def _put(target: Batch, rows: Tensor, source: Batch, which: Tensor) -> None:
    index = which.nonzero()[:, 0]
    entered = rows[index]
    for kept, new in zip(target.parameters, source.parameters, strict=True):
        kept[entered] = new[index]


def real_entries(batch: Batch) -> Tensor:
    """Return (n, p) bool: which entries of ``flatten()`` belong to real neurons (and output biases)."""
    mask = batch.mask
    marked = batch.replace(
        mask[:, :, None].expand_as(batch.W1),
        mask[:, None, :].expand_as(batch.W2),
        None if batch.b1 is None else mask,
        None if batch.b2 is None else torch.ones_like(batch.b2, dtype=torch.bool),
    )
    return marked.flatten()


def check_times(times: Sequence[float] | Tensor) -> Tensor:
    """Return the times as (T,) float64.

    Raises:
        DimensionError: no times, or times that do not increase.
        NonFiniteError: an infinite time.
    """
    at = torch.as_tensor(times, dtype=torch.float64).cpu()
    if at.ndim != 1 or len(at) == 0 or not bool((at.diff() > 0).all()) or bool(at.isnan().any()):
        raise DimensionError(f"times: got {at.tolist()}; expected at least one number, increasing")
    if not bool(torch.isfinite(at).all()):
        raise NonFiniteError(f"times: got {at.tolist()}; expected finite numbers")
    return at


def check_positive(**numbers: float | None) -> None:
    """Check that the numbers, where they are given, are positive and finite.

    Raises:
        NonFiniteError: one is not.

    >>> check_positive(h=-0.5)
    Traceback (most recent call last):
    ...
    quadrics.errors.NonFiniteError: h: got -0.5; expected a positive, finite number
    """
    for name, value in numbers.items():
        if value is not None and not 0 < value < math.inf:
            raise NonFiniteError(f"{name}: got {value}; expected a positive, finite number")


def check_rates(rates: tuple[float, float]) -> None:
    """Check the learning rates of the two layers (errors as ``check_positive``, and ``DimensionError``)."""
    if len(rates) != 2:
        raise DimensionError(f"rates: got {len(rates)} numbers; expected two, (eta_1, eta_2)")
    check_positive(**{f"rates[{i}]": rate for i, rate in enumerate(rates)})
