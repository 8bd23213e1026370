"""The classical Runge-Kutta method of order 4: what one would take if nothing were conserved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from ..batch import Batch
from ..gradient import Gradient, LossFunction
from .linear_step import Rates, gradient_steps, moved, one_step
from .result import FlowResult

__all__ = ["integrate", "step"]


def _advance(batch: Batch, objective: LossFunction, h: Tensor, gradient: Gradient, rates: Rates) -> Batch:
    second = objective.gradient(moved(batch, gradient, h / 2, rates))
    third = objective.gradient(moved(batch, second, h / 2, rates))
    fourth = objective.gradient(moved(batch, third, h, rates))
    slopes = zip(gradient, second, third, fourth, strict=True)
    mean = Gradient(*(None if a is None else (a + 2 * b + 2 * c + d) / 6 for a, b, c, d in slopes))  # type: ignore
    return moved(batch, mean, h, rates)


def step(batch: Batch, objective: LossFunction, h: float | Tensor, **options: Any) -> Batch:
    """Return the networks after one step (options and errors as :func:`numerics.flow.linear_step.one_step`)."""
    return one_step(_advance, batch, objective, h, **options)


def integrate(batch: Batch, objective: LossFunction, times: Sequence[float] | Tensor, **options: Any) -> FlowResult:
    """Follow gradient flow with steps ``h=...`` (options as :func:`numerics.flow.linear_step.gradient_steps`)."""
    return gradient_steps(_advance, 3, batch, objective, times, **options)
