"""Lie midpoint: a boost by the field that half a Lie-Euler step leads to. Order 2, two gradients a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from quadrics.lie_methods import LIE_MIDPOINT

from ..batch import Batch
from ..field import FieldFunction
from .lie import lie_flow, lie_step
from .result import FlowResult

__all__ = ["integrate", "step"]


def step(batch: Batch, objective: FieldFunction, h: float | Tensor, **options: Any) -> Batch:
    """Return the networks after one step (options and errors as :func:`numerics.flow.lie.lie_step`)."""
    return lie_step(LIE_MIDPOINT, batch, objective, h, **options)


def integrate(batch: Batch, objective: FieldFunction, times: Sequence[float] | Tensor, **options: Any) -> FlowResult:
    """Follow gradient flow with steps ``h=...`` (options as :func:`numerics.flow.lie.lie_flow`)."""
    return lie_flow(LIE_MIDPOINT, batch, objective, times, **options)
