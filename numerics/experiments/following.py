"""Recorders that watch every single step: sign changes neuron by neuron, excursions of c, the exact discrete law."""

from __future__ import annotations

import sympy
import torch
from torch import Tensor

from quadrics.discretization import discrete_imbalance

from ..batch import Batch
from ..bridge import torch_function
from ..objective import Gradient
from ..recorder import Recorder

__all__ = ["Excursions", "Flips", "Law"]


class Flips(Recorder):
    """Counts, in ``flips`` (n, l), the sign changes of every output weight over the whole run.

    >>> from ..optimizers import GradientDescent
    >>> from ..objective import Objective
    >>> from ..training import train
    >>> start = Batch(torch.ones(1, 1, 1), torch.ones(1, 1, 1))
    >>> watched = Flips(steps=[0])
    >>> target = Objective(torch.tensor([[1.0]]), torch.tensor([-5.0]))
    >>> _ = train(start, target, GradientDescent(0.1), 20, watched)
    >>> watched.flips  # a step of this size is no approximation of gradient flow, which would keep the sign
    tensor([[1]])
    """

    def start(self, batch: Batch, steps: int) -> None:
        super().start(batch, steps)
        self.flips = torch.zeros(batch.n, batch.width, dtype=torch.int64, device=batch.device)

    @property
    def is_capturable(self) -> bool:
        return True

    def after_step(self, rows: Tensor, before: Batch, after: Batch, gradient: Gradient) -> None:
        super().after_step(rows, before, after, gradient)
        self.flips[rows] += (before.W2 < 0)[:, 0] ^ (after.W2 < 0)[:, 0]


class Excursions(Flips):
    """Also follows how far each ``c_k`` gets from where it started: ``first`` and ``largest`` (n, l)."""

    def start(self, batch: Batch, steps: int) -> None:
        super().start(batch, steps)
        self.first = batch.imbalance()
        self.largest = torch.zeros_like(self.first)

    def after_step(self, rows: Tensor, before: Batch, after: Batch, gradient: Gradient) -> None:
        super().after_step(rows, before, after, gradient)
        self.largest[rows] = torch.maximum(self.largest[rows], (after.imbalance() - self.first[rows]).abs())


class Law(Recorder):
    """Compares every step of size ``h`` with ``c' = c + h^2 (|g1|^2 - |g2|^2)``: ``residual`` is the largest distance.

    Raises:
        DimensionError, ResultsError: as ``Recorder`` does.
    """

    def __init__(self, h: float, every: int, keep: tuple[str, ...] = ("loss", "parameters")) -> None:
        super().__init__(every=every, keep=keep)
        symbols = sympy.symbols("c A B h", real=True)
        self.law = torch_function(discrete_imbalance(*symbols), symbols)
        self.h = h
        self.residual = 0.0

    def after_step(self, rows: Tensor, before: Batch, after: Batch, gradient: Gradient) -> None:
        super().after_step(rows, before, after, gradient)
        squares = gradient.W1.square().sum(2), gradient.W2.square().sum(1)
        distance = (after.imbalance() - self.law(before.imbalance(), *squares, self.h)).abs()
        self.residual = max(self.residual, float(distance.max()))
