"""Measurements of the law of an ℓ1 penalty step by step, and of which side of zero c stays on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sympy
import torch
from torch import Tensor

from proofs import Context, Outcome, decided
from quadrics.optimizer_laws import l1_rate

from ..batch import Batch
from ..bridge import torch_function
from ..initialize import rescale
from ..objective import Gradient, Objective
from ..optimizers import GradientDescent
from ..recorder import Recorder
from ..training import train
from .sampling import generator, networks, sample
from .step_laws import INPUTS, SAMPLES, WIDTH, pairing, run, squared, step_on_tensors


@lru_cache(maxsize=1)
def l1_on_tensors() -> Any:
    """dc/dt in w (.., d), a and λ."""
    w, a, weight = sympy.symbols(f"w1:{INPUTS + 1}", real=True), sympy.Symbol("a", real=True), sympy.Symbol("lambda")
    return torch_function(l1_rate(w, [a], weight), (*w, a, weight))


@dataclass
class L1Law:
    """Each step with an ℓ1 penalty takes c to c + h·rate + h²⟨⟨u, u⟩⟩, u being all that is subtracted, over h."""

    rate: Any = field(default_factory=l1_on_tensors)


def follows_l1(statement: L1Law, context: Context) -> Outcome:
    """Compare c after every step with the law."""
    h, weight = 0.02, 0.1

    def said(before: Batch, gradient: Gradient) -> list[tuple[Tensor, Any, Tensor, float]]:
        theta = before.parameters
        u = [g + weight * p.sign() for g, p in zip(gradient.parameters, theta, strict=True)]
        c = before.imbalance()
        rate = statement.rate(*before.W1.unbind(2), before.W2[:, 0], torch.full_like(c, weight))
        predicted = step_on_tensors()(c, -rate / 2, pairing(u, u), torch.full_like(c, h))
        size = (squared(theta).sqrt() + h * squared(u).sqrt()) ** 2
        return [(predicted, lambda after: after.imbalance(), size, 2 * h)]

    return run(context, "l1 law", GradientDescent(h, l1=weight), said, context.pick(quick=100, full=1000))


@dataclass(frozen=True)
class Barrier:
    """Under an ℓ1 penalty no neuron whose c starts with this sign gets to the other side."""

    sign: int = -1


def stays(statement: Barrier, context: Context) -> Outcome:
    """Train with small steps and look at c at the end.

    Tolerance: c moves by the flow's rate, which points away from the other side, plus h²⟨⟨u, u⟩⟩ a step, added up; and
    a neuron smaller than a step (|w| + |a| < 2hλ), which the rate may carry across, has |c| below (2hλ + h|u|)².
    """
    # Up to the time 2: later the penalty has taken healthy neurons, too, to zero.
    h, weight, time = context.pick(quick=1e-3, full=2e-4), 0.3, 2.0
    source = generator(context, "l1 barrier")
    batch = networks(source, context.pick(quick=60, full=300), WIDTH, INPUTS, device=context.device)
    target = statement.sign * torch.empty(batch.n, WIDTH, dtype=torch.float64).uniform_(0.05, 0.5, generator=source)
    batch = rescale(batch, target.to(batch.device))
    data = sample(source, SAMPLES, INPUTS, 1, "mse", context.device)
    recorder = Excess(h, weight)
    end = train(batch, Objective(data.x, data.y), GradientDescent(h, l1=weight), round(time / h), recorder).batch
    beyond = -statement.sign * end.imbalance() - recorder.room
    crossed = int((beyond > 0).sum())
    return decided(crossed == 0, crossed=crossed, neurons=beyond.numel(), largest_room=float(recorder.room.max()))


class Excess(Recorder):
    """Adds up h²|u|² of every neuron over the steps, and what a vanishing neuron may have beyond: ``room`` (n, l)."""

    def __init__(self, h: float, weight: float) -> None:
        super().__init__(steps=[0], keep=[])
        self.h, self.weight = h, weight

    def start(self, batch: Batch, steps: int) -> None:
        super().start(batch, steps)
        self.room = torch.zeros_like(batch.imbalance())

    def after_step(self, rows: Tensor, before: Batch, after: Batch, gradient: Gradient) -> None:
        super().after_step(rows, before, after, gradient)
        u = [g + self.weight * p.sign() for g, p in zip(gradient.parameters, before.parameters, strict=True)]
        step = self.h**2 * squared(u)
        self.room[rows] += step + (self.room[rows] == 0) * (2 * self.h * self.weight + step.sqrt()) ** 2
