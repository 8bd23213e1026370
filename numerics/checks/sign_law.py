"""Measurements of the law of sign descent step by step, and of Adam's tending to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sympy
import torch
from torch import Tensor

from proofs import Context, Outcome, decided
from quadrics.optimizer_laws import sign_rate

from ..batch import Batch
from ..bridge import torch_function
from ..objective import Gradient, Objective
from ..optimizers import Adam
from ..recorder import Recorder
from ..training import train
from .sampling import EPS, generator, networks, sample
from .step_laws import INPUTS, SAMPLES, WIDTH, pairing, run, squared, step_on_tensors


@lru_cache(maxsize=1)
def sign_on_tensors() -> Any:
    """dc/dt in the entries of w, a and the entries of v."""
    w, v = (sympy.symbols(f"{name}1:{INPUTS + 1}", real=True) for name in "wv")
    a = sympy.Symbol("a", real=True)
    return torch_function(sign_rate(w, a, v), (*w, a, *v))


@dataclass
class SignLaw:
    """Each step of sign descent takes c to c + h·rate(w, a, v) + h²⟨⟨u, u⟩⟩, u being the signs."""

    rate: Any = field(default_factory=sign_on_tensors)


def pull(before: Batch, gradient: Gradient) -> Tensor:
    """Return (n, l, d): v, from grad w = a v."""
    return gradient.W1 / before.W2[:, 0, :, None]


def follows_signs(statement: SignLaw, context: Context) -> Outcome:
    """Adam without memory (β = 0, ε = 1e-300) steps by the signs; compare c after every step.

    Steps whose ⟨w, v⟩ is rounding alone have no sign to compare, and are left out.
    """
    h = 0.002

    def said(before: Batch, gradient: Gradient) -> list[tuple[Tensor, Any, Tensor, float]]:
        theta, g = before.parameters, gradient.parameters
        v = pull(before, gradient)
        u = [t.sign() for t in g]
        c = before.imbalance()
        rate = statement.rate(*before.W1.unbind(2), before.W2[:, 0], *v.unbind(2))
        predicted = step_on_tensors()(c, -rate / 2, pairing(u, u), torch.full_like(c, h))
        reach = (before.W1.abs() * v.abs()).sum(2)
        clear = (before.W1 * v).sum(2).abs() > 8 * INPUTS * EPS * reach
        size = (squared(theta).sqrt() + 4 * h) ** 2
        return [(predicted, lambda after: after.imbalance(), torch.where(clear, size, torch.inf), 0.0)]

    optimizer = Adam(h, betas=(0.0, 0.0), eps=1e-300)
    return run(context, "sign law", optimizer, said, context.pick(quick=100, full=1000))


@dataclass(frozen=True)
class Limit:
    """The speed of c under Adam differs from the rate of sign descent by something of this order in the step size."""

    order: int = 1
    rate: Callable[..., Tensor] | None = None


def adam_tends_to_signs(statement: Limit, context: Context) -> Outcome:
    """Along Adam's own path over a fixed time: the median over neurons of the mean of |Δc/h - rate|, at two step sizes.

    The moments remember 1/(1 - β₂) = 5 steps, a time that shrinks with h; what differs within it is of that order, so
    the exponent is an integer in the limit, 1 (or 0 for a rate that is not the limit): the nearest one decides. The
    time is short, so that few neurons meet a change of a sign, around which no step size is small.
    """
    rate = statement.rate or sign_on_tensors()
    errors = []
    for h in (1e-4, 5e-5):
        source = generator(context, "adam and signs")
        batch = networks(source, context.pick(quick=40, full=400), WIDTH, INPUTS, device=context.device)
        data = sample(source, SAMPLES, INPUTS, 1, "mse", context.device)
        recorder = Speed(h, rate)
        steps = round(0.02 / h)
        train(batch, Objective(data.x, data.y), Adam(h, betas=(0.5, 0.8)), steps, recorder)
        errors.append(float(recorder.total.median()) / steps)
    exponent = float(torch.log2(torch.tensor(errors[0] / errors[1])))
    return decided(abs(exponent - statement.order) < 0.5, errors=errors, exponent=exponent)


class Speed(Recorder):
    """Adds up |Δc/h - rate| of each neuron: ``total`` (n, l)."""

    def __init__(self, h: float, rate: Callable[..., Tensor]) -> None:
        super().__init__(steps=[0], keep=[])
        self.h, self.rate = h, rate

    def start(self, batch: Batch, steps: int) -> None:
        super().start(batch, steps)
        self.total = torch.zeros_like(batch.imbalance())

    def after_step(self, rows: Tensor, before: Batch, after: Batch, gradient: Gradient) -> None:
        super().after_step(rows, before, after, gradient)
        said = self.rate(*before.W1.unbind(2), before.W2[:, 0], *pull(before, gradient).unbind(2))
        self.total[rows] += ((after.imbalance() - before.imbalance()) / self.h - said).abs()
