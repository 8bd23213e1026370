"""Gradient descent that is rescaled back to its imbalances after each step (eq. 23): c is kept, the sheet is not.

Rescaling multiplies w and divides a by a positive factor, so a step that has changed the sign of an output weight stays
so. For activations of degree 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from torch import Tensor

from quadrics.boost import scales
from quadrics.errors import RescalingError

from ..activation import homogeneous_sigma_of
from ..batch import Batch
from ..gradient import Gradient, LossFunction
from ..initialize import rescale
from .linear_step import GradientFlow, Rates, moved, one_step
from .result import FlowResult, check_positive, check_rates, check_times
from .stepping import Trial, follow, is_finite, merged

__all__ = ["project", "integrate", "step"]


def project(batch: Batch, c: Tensor, rates: Rates = (1.0, 1.0)) -> Batch:
    """Return the networks rescaled to ``(|w|^2 + b^2)/eta_1 - |a|^2/eta_2 = c`` (n, l).

    A neuron that no rescaling takes there (without input or without output weights), and a network that is not
    finite, stay as they are.

    Raises:
        RescalingError: an activation of another degree than 1.
    """
    degree = homogeneous_sigma_of(batch.activation, "projection").degree
    if degree != 1:
        raise RescalingError(f"projection: got an activation of degree {degree}; expected degree 1")
    inward, outward = (float(scale) for scale in scales(1, rates))

    def scaled(some: Batch, first: float, second: float) -> Batch:
        return some.replace(some.W1 * first, some.W2 * second, None if some.b1 is None else some.b1 * first, some.b2)

    finite = is_finite(batch)
    zeros = batch.unflatten(torch.zeros_like(batch.flatten()))
    safe = batch if bool(finite.all()) else merged(finite, batch, zeros)
    unit = scaled(safe, 1 / inward, 1 / outward)
    A, C = unit.W1.square().sum(2), unit.W2.square().sum(1)
    if unit.b1 is not None:
        A = A + unit.b1.square()
    impossible = ((A == 0) & (c >= 0)) | ((C == 0) & (c <= 0)) | ~finite[:, None]
    back = scaled(rescale(unit, torch.where(impossible, A - C, c)), inward, outward)
    return merged(finite, back, batch)


def _imbalance(batch: Batch, rates: Rates) -> Tensor:
    square = batch.W1.square().sum(2)
    if batch.b1 is not None:
        square = square + batch.b1.square()
    return square / rates[0] - batch.W2.square().sum(1) / rates[1]


def _straight(batch: Batch, objective: LossFunction, h: Tensor, gradient: Gradient, rates: Rates) -> Batch:
    return moved(batch, gradient, h, rates)


def step(batch: Batch, objective: LossFunction, h: float | Tensor, *, rates: Rates = (1.0, 1.0)) -> Batch:
    """Return the networks after one step, with the imbalances that they had (errors as ``one_step``)."""
    return project(one_step(_straight, batch, objective, h, rates=rates), _imbalance(batch, rates), rates)


@dataclass(frozen=True, eq=False)
class _ProjectedFlow(GradientFlow):
    """The imbalances ``c`` (m, l) are those at the start of the flow."""

    c: Tensor

    def advance(self, batch: Batch, slope: Gradient, h: Tensor) -> Trial:
        """Return the networks after a step."""
        return Trial(project(super().advance(batch, slope, h).batch, self.c, self.rates))

    def select(self, index: Tensor) -> Self:
        """Return the method for the networks at ``index``."""
        return replace(self, c=self.c[index])


def integrate(
    batch: Batch,
    objective: LossFunction,
    times: Sequence[float] | Tensor,
    *,
    h: float,
    rates: Rates = (1.0, 1.0),
    **options: Any,
) -> FlowResult:
    """Follow gradient flow with steps of length h (options as :func:`numerics.flow.linear_step.gradient_steps`)."""
    at = check_times(times)
    check_positive(h=h)
    check_rates(rates)
    flow = _ProjectedFlow(_straight, objective, rates, h, 0, _imbalance(batch, rates))
    return follow(flow, batch, at, **options)
