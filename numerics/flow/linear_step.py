"""Steps along straight lines, by gradients: what gradient descent and Runge-Kutta methods have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from quadrics.errors import ShapeError

from ..batch import Batch
from ..gradient import Gradient, LossFunction
from .result import FlowResult, check_positive, check_rates, check_times
from .stepping import Progress, Trial, follow

__all__ = ["GradientFlow", "gradient_steps", "motion", "moved", "one_step"]

Rates = tuple[float, float]
Advance = Callable[[Batch, LossFunction, Tensor, Gradient, Rates], Batch]
"""From networks, objective, h (n,), gradient at the networks and rates to the networks after a step."""


def moved(batch: Batch, gradient: Gradient, h: Tensor, rates: Rates) -> Batch:
    """Return the networks moved by ``-h rate gradient``, h (n,)."""

    def line(value: Tensor | None, slope: Tensor | None, rate: float) -> Tensor | None:
        if value is None or slope is None:
            return None
        return value - (h * rate).view(-1, *[1] * (value.ndim - 1)) * slope

    W1, W2 = line(batch.W1, gradient.W1, rates[0]), line(batch.W2, gradient.W2, rates[1])
    assert W1 is not None
    assert W2 is not None
    return batch.replace(W1, W2, line(batch.b1, gradient.b1, rates[0]), line(batch.b2, gradient.b2, rates[1]))


def motion(gradient: Gradient, rates: Rates) -> Tensor:
    """Return (n, p): how fast the parameters move against a gradient, up to the sign, as ``Batch.flatten`` has them."""
    W1, W2, b1, b2 = gradient
    parts = ((W1, rates[0]), (W2, rates[1]), (b1, rates[0]), (b2, rates[1]))
    moving = ((part.flatten(1), rate) for part, rate in parts if part is not None)
    return torch.cat([part if rate == 1 else part * rate for part, rate in moving], 1)


def one_step(
    advance: Advance, batch: Batch, objective: LossFunction, h: float | Tensor, *, rates: Rates = (1.0, 1.0)
) -> Batch:
    """Return the networks after one step of length h, a number or one for each network.

    Raises:
        NonFiniteError: h or a rate is not positive and finite.
        ShapeError: h has another shape.
    """
    times = torch.as_tensor(h, dtype=batch.dtype, device=batch.device)
    if times.shape not in ((), (batch.n,)):
        raise ShapeError(f"h: got shape {tuple(times.shape)}; expected a number or ({batch.n},)")
    check_positive(h=float(times.min()), longest_h=float(times.max()))
    check_rates(rates)
    with torch.no_grad():
        return advance(batch, objective, times.expand(batch.n), objective.gradient(batch), rates)


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """A method that follows gradients with steps of a given length, as ``follow`` takes it."""

    step: Advance
    objective: LossFunction
    rates: Rates
    h: float
    evaluations: int

    def slope(self, batch: Batch) -> Gradient:
        """Return the gradients."""
        return self.objective.gradient(batch)

    def norm(self, batch: Batch, slope: Gradient) -> Tensor:
        """Return the norms of the gradients."""
        return slope.squared_norm().sqrt()

    def first_step(self, batch: Batch, slope: Gradient) -> Tensor:
        """Return h for each network."""
        return torch.full((batch.n,), self.h, dtype=torch.float64, device=batch.device)

    def limit(self, slope: Gradient) -> Tensor | None:
        """Return None: nothing limits a step."""
        return None

    def advance(self, batch: Batch, slope: Gradient, h: Tensor) -> Trial:
        """Return the networks after a step."""
        return Trial(self.step(batch, self.objective, h.to(batch.dtype), slope, self.rates))

    def select(self, index: Tensor) -> Self:
        """Return the method itself: it has nothing of single networks."""
        return self


def gradient_steps(
    advance: Advance,
    evaluations: int,
    batch: Batch,
    objective: LossFunction,
    times: Sequence[float] | Tensor,
    *,
    h: float,
    rates: Rates = (1.0, 1.0),
    tolerance: float | None = None,
    max_steps: int = 1_000_000,
    progress: Progress | None = None,
) -> FlowResult:
    """Follow the flow with steps of length h, shortened evenly so that each of the times is met.

    Args:
        rates: ``(eta_1, eta_2)``: the flow is ``-eta_1 grad`` for W1, b1 and ``-eta_2 grad`` for W2, b2.
        tolerance, max_steps, progress: see :func:`numerics.flow.stepping.follow`.
    """
    at = check_times(times)
    check_positive(h=h)
    check_rates(rates)
    flow = GradientFlow(advance, objective, rates, h, evaluations)
    return follow(flow, batch, at, tolerance=tolerance, max_steps=max_steps, progress=progress)
