"""The commutator-free Lie group method of order 4 of Celledoni, Marthinsen and Owren: four gradients, five boosts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from quadrics.lie_methods import COMMUTATOR_FREE_4

from ..batch import Batch
from ..field import FieldFunction
from .lie import lie_flow, lie_step
from .result import FlowResult

__all__ = ["integrate", "step"]


def step(batch: Batch, objective: FieldFunction, h: float | Tensor, **options: Any) -> Batch:
    """Return the networks after one step (options and errors as :func:`numerics.flow.lie.lie_step`)."""
    return lie_step(COMMUTATOR_FREE_4, batch, objective, h, **options)


def integrate(batch: Batch, objective: FieldFunction, times: Sequence[float] | Tensor, **options: Any) -> FlowResult:
    """Follow gradient flow with steps ``h=...`` (options as :func:`numerics.flow.lie.lie_flow`)."""
    return lie_flow(COMMUTATOR_FREE_4, batch, objective, times, **options)
