"""Kinks of functions of the plane, found from values of the function alone."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..batch import Batch
from .sampling import EPS

CELLS = 2**12


class Kinks(NamedTuple):
    """(n,) numbers of lines through the origin with a positive and a negative kink; whether they stand apart."""

    positive: Tensor
    negative: Tensor
    resolved: Tensor


def kinks(batch: Batch) -> Kinks:
    """Count the kinks of networks R² -> R without biases, on the half circle.

    On the circle such a function is A cos φ + B sin φ between its kinks, where ``f(φ + h) + f(φ - h) = 2 cos(h) f(φ)``
    exactly; a kink in (φ - h, φ + h) adds its jump times a positive number. So each kink shows in the one or two
    windows that contain it, with its sign. Where two kinks share a window but not a cell, ``resolved`` is False; two in
    one cell look like one, so that the counts are lower bounds. The residual of a window without kinks is rounding:
    l + 4 operations on terms whose sizes add up to at most S, so that 4(l + 4) eps S bounds it.

    >>> one = Batch(torch.tensor([[[0.3, 0.7], [0.3, -0.7]]]).double(), torch.tensor([[[1.0, -2.0]]]).double())
    >>> [int(v) for v in kinks(one)]
    [1, 1, 1]
    """
    h = torch.pi / CELLS
    phi = (torch.arange(CELLS + 2, dtype=torch.float64, device=batch.device) - 0.5) * h
    x = torch.stack([phi.cos(), phi.sin()], 1)
    f = batch.output(x)[:, :, 0]
    residual = f[:, 2:] + f[:, :-2] - 2 * torch.cos(torch.tensor(h, dtype=torch.float64)) * f[:, 1:-1]
    size = (batch.W1.norm(dim=2) * batch.W2.abs().sum(1)).sum(1, keepdim=True)
    sign = residual.sign() * (residual.abs() > 4 * (batch.width + 4) * EPS * size)
    # A run of windows of one sign is one kink if it is at most two long. On the half circle that follows it repeats.
    before = sign.roll(1, dims=1)
    starts = (sign != before) & (sign != 0)
    longer = (sign != 0) & (sign == before) & (sign == sign.roll(2, dims=1))
    touching = starts & (before != 0)
    resolved = ~(longer | touching).any(1)
    return Kinks(((sign > 0) & starts).sum(1), ((sign < 0) & starts).sum(1), resolved)
