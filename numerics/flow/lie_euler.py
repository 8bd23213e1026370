"""Lie-Euler: one boost of every neuron a step, by the field at its start. Order 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from quadrics.lie_methods import LIE_EULER

from ..batch import Batch
from ..field import FieldFunction
from .lie import lie_flow, lie_step
from .result import FlowResult

__all__ = ["integrate", "step"]


def step(batch: Batch, objective: FieldFunction, h: float | Tensor, **options: Any) -> Batch:
    """Return the networks after one step (options and errors as :func:`numerics.flow.lie.lie_step`).

    >>> import torch
    >>> from numerics.objective import Objective
    >>> batch = Batch(torch.tensor([[[1.0]]]).double(), torch.tensor([[[-2.0]]]).double())
    >>> data = Objective(torch.ones(1, 1).double(), torch.full((1,), 5.0).double())
    >>> after = step(batch, data, 0.2)
    >>> after.imbalance().round(), after.W2 < 0
    (tensor([[-3.]], dtype=torch.float64), tensor([[[True]]]))

    Gradient descent with the same step makes the imbalance large and positive, and changes the sign:

    >>> from numerics.flow import gradient_descent
    >>> after = gradient_descent.step(batch, data, 0.2)
    >>> after.imbalance().sign(), after.W2 < 0
    (tensor([[1.]], dtype=torch.float64), tensor([[[False]]]))
    """
    return lie_step(LIE_EULER, batch, objective, h, **options)


def integrate(batch: Batch, objective: FieldFunction, times: Sequence[float] | Tensor, **options: Any) -> FlowResult:
    """Follow gradient flow with steps ``h=...`` (options as :func:`numerics.flow.lie.lie_flow`)."""
    return lie_flow(LIE_EULER, batch, objective, times, **options)
