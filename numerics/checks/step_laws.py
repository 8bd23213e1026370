"""Comparing every step of training with what a law says of it; the laws themselves are in modules of their own.

A law about the next c is exact up to eq. (9), which holds up to rounding: every product of the gradient's two sides is
known to (N + d + 8) eps of the sum of its terms' sizes, norms and their differences to (d + 7) eps of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import sympy
import torch
from torch import Tensor

from proofs import Context, Outcome, decided
from quadrics.optimizer_laws import step_imbalance

from ..batch import Batch
from ..bridge import torch_function
from ..objective import Gradient, Objective
from ..optimizers import Optimizer
from ..recorder import Recorder
from ..training import train
from .sampling import EPS, Sample, generator, networks, sample, size_of_terms

WIDTH, INPUTS, SAMPLES = 5, 3, 32
"""Of the networks that are trained, all with one output and no biases."""

Point = Sequence[Tensor]
"""Weights, a gradient or a velocity: its tensors (n, l, d) and (n, 1, l)."""


def pairing(x: Point, y: Point) -> Tensor:
    """Return (n, l): the form ⟨⟨x, y⟩⟩ of each neuron."""
    return (x[0] * y[0]).sum(2) - (x[1] * y[1]).sum(1)


def squared(x: Point) -> Tensor:
    """Return (n, l): the squared norm of each neuron's part."""
    return x[0].square().sum(2) + x[1].square().sum(1)


@lru_cache(maxsize=1)
def step_on_tensors() -> Any:
    """c' in c, ⟨⟨θ, u⟩⟩, ⟨⟨u, u⟩⟩ and h."""
    symbols = sympy.symbols("c b q h", real=True)
    return torch_function(step_imbalance(*symbols), symbols)


class Compared(Recorder):
    """Compares each step with what is ``said(before, gradient)`` of it, in units of the tolerance.

    ``said`` returns pairs (predicted, function of the next batch that measures it, tolerance without the rounding of
    eq. (9) in h ⟨⟨θ, g⟩⟩, factor of that rounding).
    """

    def __init__(
        self, data: Sample, said: Callable[[Batch, Gradient], list[tuple[Tensor, Any, Tensor, float]]]
    ) -> None:
        super().__init__(steps=[0], keep=[])
        self.data, self.said, self.worst = data, said, 0.0

    def after_step(self, rows: Tensor, before: Batch, after: Batch, gradient: Gradient) -> None:
        super().after_step(rows, before, after, gradient)
        residual = 2 * (before.output(self.data.x) - self.data.y) / self.data.x.shape[0]
        terms = (SAMPLES + INPUTS + 8) * size_of_terms(before, self.data.x, residual, 1.0)
        for predicted, measure, plain, factor in self.said(before, gradient):
            tolerance = 2 * EPS * ((INPUTS + 7) * plain + factor * terms)
            gap = (measure(after) - predicted).abs() / tolerance
            self.worst = max(self.worst, float(gap.nan_to_num(nan=torch.inf).max()))


def run(context: Context, name: str, optimizer: Optimizer, said: Any, steps: int) -> Outcome:
    """Train random networks on random data, comparing each step."""
    source = generator(context, name)
    batch = networks(source, context.pick(quick=30, full=300), WIDTH, INPUTS, device=context.device)
    data = sample(source, SAMPLES, INPUTS, 1, "mse", context.device)
    recorder = Compared(data, said)
    train(batch, Objective(data.x, data.y), optimizer, steps, recorder)
    return decided(recorder.worst <= 1, worst_in_tolerances=recorder.worst, steps=steps)
