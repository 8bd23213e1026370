"""Gradient descent, which is Euler's method for gradient flow. Order 1; it changes c by ``h^2 (|g_1|^2 - |g_2|^2)``."""

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
    return moved(batch, gradient, h, rates)


def step(batch: Batch, objective: LossFunction, h: float | Tensor, **options: Any) -> Batch:
    """Return the networks after one step (options and errors as :func:`numerics.flow.linear_step.one_step`)."""
    return one_step(_advance, batch, objective, h, **options)


def integrate(batch: Batch, objective: LossFunction, times: Sequence[float] | Tensor, **options: Any) -> FlowResult:
    """Follow gradient flow with steps ``h=...`` (options as :func:`numerics.flow.linear_step.gradient_steps`)."""
    return gradient_steps(_advance, 0, batch, objective, times, **options)
