"""Measurements of output weights along gradient flows: which signs change, and how close to zero the weights come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from proofs import Context
from quadrics.quadric import Quadric

from ..batch import Batch
from ..flow import FlowResult, gradient_flow
from ..sampling import random_parameters
from .sampling import Autograd, Sample, generator

TIMES = torch.linspace(0, 2, 41)
RTOL, ATOL = 1e-6, 1e-8
STAGES = 11
"""Gradients that a step of DOP853 takes at least."""


@dataclass(frozen=True, eq=False)
class Trajectories:
    """Networks along their flows, at ``TIMES``, from the imbalances c (l,).

    ``drift`` (n, 1) is how far the integrator may have moved c.
    """

    states: list[Batch]
    objective: Autograd
    c: Tensor
    drift: Tensor

    @property
    def W2(self) -> Tensor:
        """(T, n, e, l)."""
        return torch.stack([state.W2 for state in self.states])

    def flipped(self) -> Tensor:
        """(n, e, l): whether an output weight had both signs at some times."""
        found: Tensor = (self.W2 > 0).any(0) & (self.W2 < 0).any(0)
        return found

    def smallest_square(self) -> Tensor:
        """(n, l): the smallest |a_k|² on the way."""
        found: Tensor = self.W2.square().sum(2).amin(0)
        return found


def flows(c: Sequence[float], d_out: int, n: int, context: Context, name: str) -> Trajectories:
    """Integrate n networks of these imbalances whose first output signs are wrong for the data; gradients by autograd.

    The inputs lie in the positive quadrant, the targets of the first output are negative (as in the obstructed task of
    section 6), and all weights start positive: the first output weights are driven down, and change sign if they can.
    Further outputs have positive targets, which keep the neurons alive.
    """
    return context.once(("sign flows", name, tuple(c), d_out, n), lambda: _run(c, d_out, n, context, name))


def _run(c: Sequence[float], d_out: int, n: int, context: Context, name: str) -> Trajectories:
    source = generator(context, name)
    W1, W2, *_ = random_parameters([Quadric(2, d_out, value) for value in c], n, 0.5, source)
    batch = Batch(W1.abs(), W2.abs())
    x = torch.rand(4, 2, generator=source, dtype=torch.float64)
    y = 2 * x.sum(1, keepdim=True) * torch.tensor([-1.0] + [1.0] * (d_out - 1), dtype=torch.float64)
    objective = Autograd(Sample(x, y, "mse"), torch.relu)
    flow = gradient_flow(batch, objective, TIMES, rtol=RTOL, atol=ATOL)
    return Trajectories(flow.states, objective, torch.tensor(list(c), dtype=torch.float64), _drift(flow))


def _drift(flow: FlowResult) -> Tensor:
    """(n, 1): an accepted step errs by at most √p (atol + rtol |θ|), which moves c by at most 2 |θ| times that."""
    rows = torch.stack([state.flatten() for state in flow.states])
    largest = rows.norm(dim=2).amax(0)
    steps = flow.evaluations / STAGES
    bound: Tensor = steps * 2 * largest * rows.shape[2] ** 0.5 * (ATOL + RTOL * largest)
    return bound[:, None]


def as_numbers(found: Trajectories) -> dict[str, Any]:
    """For the ledger: how many weights changed sign, by neuron."""
    return {
        "c": found.c.tolist(),
        "flips": found.flipped().sum((0, 1)).tolist(),
        "smallest |a|": found.smallest_square().sqrt().amin(0).tolist(),
    }
