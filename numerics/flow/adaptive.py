"""The commutator-free method of order 4 with an estimate of its error: each network has steps of its own.

The estimate is the distance from the Lie midpoint method, whose field is that of the second stage: a pair of orders
4(2) at four gradients a step, or three more after a rejected one. Along a kinked loss it is the right one: where a
neuron's sign on a sample changes within a step, every method errs by the step times the jump of the field, and only an
estimate that looks at the middle of the step sees it. On smooth stretches the error is below the tolerance by far.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from torch import Tensor

from quadrics.errors import NonFiniteError
from quadrics.lie_methods import COMMUTATOR_FREE_4

from ..batch import Batch
from ..field import Field, FieldFunction
from .boosting import Boosts
from .lie import LieFlow, lie_stages, with_field
from .linear_step import moved
from .result import FlowResult, check_positive, check_times, real_entries
from .stepping import Trial, follow, is_finite

__all__ = ["integrate"]

ORDER_OF_ESTIMATE = 3
"""The estimate is of order h^3: a step of the right length is this root of tolerance/estimate times as long."""
SAFETY, SHRINK, GROW = 0.9, 0.2, 5.0
SMALLEST = 100
"""The smallest relative tolerance, in roundings."""


@dataclass(frozen=True, eq=False)
class _Adaptive(LieFlow):
    """A Lie flow that chooses its steps (h is the longest); ``rates`` are those of the layers.

    ``counts`` (m,) are the numbers of real parameters, over which the error is averaged.
    """

    rates: tuple[float, float]
    rtol: float
    atol: float
    counts: Tensor

    def first_step(self, batch: Batch, slope: Field) -> Tensor:
        """Return the time in which the networks move by a hundredth of themselves."""
        y = batch.flatten()
        motion = y - moved(batch, slope.gradient(batch), y.new_ones(batch.n), self.rates).flatten()
        size, speed = self._norm(y, y), self._norm(motion, y)
        h = (0.01 * size / speed).to(torch.float64)
        return h.where((h > 0) & torch.isfinite(h), 1e-6).clamp(max=self.h)

    def advance(self, batch: Batch, slope: Field, h: Tensor) -> Trial:
        """Try a step, and propose the next one."""
        step = h.to(batch.dtype)
        new, fields = lie_stages(self.method, batch, self.objective, step, self.boosts, slope)
        midpoint = self.boosts.boosted(batch, fields[1], step)
        y, z = batch.flatten(), new.flatten()
        error = self._norm(midpoint.flatten() - z, torch.maximum(y.abs(), z.abs())).to(torch.float64)
        error = error.where(is_finite(new), torch.inf).nan_to_num(nan=torch.inf)
        factor = (SAFETY * error ** (-1 / ORDER_OF_ESTIMATE)).clamp(SHRINK, GROW)
        return Trial(new, error <= 1, (h * factor).clamp(max=self.h))

    def select(self, index: Tensor) -> Self:
        """Return the method for the networks at ``index``."""
        return replace(super().select(index), counts=self.counts[index])

    def _norm(self, rows: Tensor, size: Tensor) -> Tensor:
        """Return (m,): the root mean square of the entries of ``rows``, in tolerances at entries of this size."""
        scaled = rows / (self.atol + self.rtol * size.abs())
        return (scaled.square().sum(1) / self.counts).sqrt()


def integrate(
    batch: Batch,
    objective: FieldFunction,
    times: Sequence[float] | Tensor,
    *,
    rtol: float = 1e-6,
    atol: float = 1e-8,
    longest_step: float = math.inf,
    rates: tuple[float, float] = (1.0, 1.0),
    neuron_cap: float | None = None,
    network_cap: float | None = None,
    **options: Any,
) -> FlowResult:
    """Follow gradient flow with steps that each network chooses for itself.

    A step is accepted when the estimate is at most ``atol + rtol |theta|``, as a root mean square over the parameters
    of the network. The imbalances are kept to rounding whatever the tolerance.

    Args:
        rtol, atol: tolerances of a step's error.
        longest_step: a bound on the steps.
        rates: ``(eta_1, eta_2)``: the flow is ``-eta_1 grad`` for W1, b1 and ``-eta_2 grad`` for W2, b2.
        neuron_cap, network_cap: see :class:`numerics.flow.boosting.Boosts`.
        options: those of :func:`numerics.flow.stepping.follow`.

    Raises:
        DimensionError: times that do not increase.
        NonFiniteError: a tolerance below the rounding of the batch's type, or another number out of range.

    >>> from numerics.objective import Objective
    >>> batch = Batch(torch.tensor([[[2.0]]]).double(), torch.tensor([[[1.0]]]).double())
    >>> data = Objective(torch.tensor([[1.0]]).double(), torch.tensor([5.0]).double())
    >>> flow = integrate(batch, data, [0.0, 0.1, 10.0])
    >>> flow.batch.imbalance(), data.loss(flow.batch) < 1e-12
    (tensor([[3.0000]], dtype=torch.float64), tensor([True]))
    >>> integrate(batch, data, [0.0, 1.0], rtol=1e-20)
    Traceback (most recent call last):
    ...
    quadrics.errors.NonFiniteError: rtol: got 1e-20; expected at least 2.22e-14, 100 roundings of torch.float64
    """
    at = check_times(times)
    check_positive(rtol=rtol, atol=atol)
    rounding = torch.finfo(batch.dtype).eps
    if rtol < SMALLEST * rounding:
        raise NonFiniteError(
            f"rtol: got {rtol}; expected at least {SMALLEST * rounding:.3g}, {SMALLEST} roundings of {batch.dtype}"
        )
    if not longest_step > 0:
        raise NonFiniteError(f"longest_step: got {longest_step}; expected a positive number")
    boosts = Boosts.of(batch, rates, neuron_cap, network_cap)
    counts = real_entries(batch).sum(1)
    flow = _Adaptive(COMMUTATOR_FREE_4, with_field(objective), boosts, longest_step, rates, rtol, atol, counts)
    return follow(flow, batch, at, **options)
