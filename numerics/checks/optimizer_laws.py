"""Measurements of the laws of momentum, ℓ1 penalties and sign descent, step by step along training.

A law about the next c is exact up to eq. (9), which holds up to rounding: every product of the gradient's two sides is
known to (N + d + 8) eps of the sum of its terms' sizes, norms and their differences to (d + 7) eps of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sympy
import torch
from torch import Tensor

from proofs import Context, Outcome, decided
from quadrics.optimizer_laws import l1_rate, momentum_imbalance, sign_rate, step_imbalance

from ..batch import Batch
from ..bridge import torch_function
from ..initialize import rescale
from ..objective import Gradient, Objective
from ..optimizers import Adam, GradientDescent, Optimizer
from ..recorder import Recorder
from ..training import train
from .discrete import drifts
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
def momentum_on_tensors() -> Any:
    """(c', b') in c, b, ⟨⟨g, g⟩⟩, ⟨⟨g, m⟩⟩, ⟨⟨m, m⟩⟩, h and β, for both kinds of step, through the bridge."""
    symbols = sympy.symbols("c b A B C h beta", real=True)
    c, b, gg, gm, mm, h, beta = symbols
    both = [
        torch_function(sympy.Matrix([momentum_imbalance(c, b, gg, gm, mm, h, beta, nesterov)]), symbols)
        for nesterov in (False, True)
    ]
    return lambda *values, nesterov: both[nesterov].entries(*values)


@lru_cache(maxsize=1)
def l1_on_tensors() -> Any:
    """dc/dt in w (.., d), a and λ."""
    w, a, weight = sympy.symbols(f"w1:{INPUTS + 1}", real=True), sympy.Symbol("a", real=True), sympy.Symbol("lambda")
    return torch_function(l1_rate(w, [a], weight), (*w, a, weight))


@lru_cache(maxsize=1)
def sign_on_tensors() -> Any:
    """dc/dt in the entries of w, a and the entries of v."""
    w, v = (sympy.symbols(f"{name}1:{INPUTS + 1}", real=True) for name in "wv")
    a = sympy.Symbol("a", real=True)
    return torch_function(sign_rate(w, a, v), (*w, a, *v))


@lru_cache(maxsize=1)
def step_on_tensors() -> Any:
    """c' in c, ⟨⟨θ, u⟩⟩, ⟨⟨u, u⟩⟩ and h."""
    symbols = sympy.symbols("c b q h", real=True)
    return torch_function(step_imbalance(*symbols), symbols)


class Compared(Recorder):
    """Compares each step with what is ``said(before, gradient, state)`` of it, in units of the tolerance.

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


@dataclass
class MomentumLaw:
    """Each step with momentum takes (c, b) to law(c, b, ⟨⟨g, g⟩⟩, ⟨⟨g, m⟩⟩, ⟨⟨m, m⟩⟩, h, β)."""

    law: Any = field(default_factory=momentum_on_tensors)
    nesterov: bool = False
    momentum: float = 0.9


def follows_momentum(statement: MomentumLaw, context: Context) -> Outcome:
    """Compare c and b = ⟨⟨θ, m⟩⟩ after every step; the velocity m is kept here, apart from the optimizer's."""
    h, beta = 0.004, statement.momentum
    velocity: list[Tensor] = []

    def said(before: Batch, gradient: Gradient) -> list[tuple[Tensor, Any, Tensor, float]]:
        theta, g = before.parameters, gradient.parameters
        old = velocity or [torch.zeros_like(t) for t in g]
        m = [beta * v + t for v, t in zip(old, g, strict=True)]
        forms = pairing(g, g), pairing(g, m), pairing(m, m)
        c = before.imbalance()
        values = (c, pairing(theta, old), *forms, torch.full_like(c, h), torch.full_like(c, beta))
        next_c, next_b = statement.law(*values, nesterov=statement.nesterov)
        velocity[:] = m
        pull = (squared(g).sqrt() + squared(m).sqrt() + squared(old).sqrt()) * 2
        size = squared(theta)
        tolerance = size + 2 * h * size.sqrt() * pull + (h * pull) ** 2
        turned = size.sqrt() * pull + h * pull**2
        return [
            (next_c, lambda after: after.imbalance(), tolerance, 2 * h),
            (next_b, lambda after: pairing(after.parameters, m), turned, 1.0),
        ]

    optimizer = GradientDescent(h, momentum=beta, nesterov=statement.nesterov)
    return run(context, "momentum law", optimizer, said, context.pick(quick=100, full=1000))


@dataclass(frozen=True)
class Amplification:
    """In the limit of small steps c drifts so many times as fast as by gradient descent at the rate h/(1 - β)."""

    factor: Callable[[float], float]
    beta: float = 0.8
    nesterov: bool = False


def amplifies(statement: Amplification, context: Context) -> Outcome:
    """The ratio of the drifts over a fixed time at two step sizes, extrapolated to none.

    What differs at finite steps (a transient of 1/(1 - β) steps, and the change of the gradient over as many) is of
    order h in the limit, so that the extrapolated ratio neglects less than the last halving of h still changed.
    """
    beta, nesterov, rates = statement.beta, statement.nesterov, (0.002, 0.001)

    def with_momentum(h: float) -> Optimizer:
        return GradientDescent(h * (1 - beta), momentum=beta, nesterov=nesterov)

    plain = context.once(("drifts", 0.0, False), lambda: drifts(GradientDescent, context, rates))
    driven = context.once(("drifts", beta, nesterov), lambda: drifts(with_momentum, context, rates))
    coarse, fine = (p / q for p, q in zip(driven, plain, strict=True))
    limit, error, said = 2 * fine - coarse, abs(fine - coarse), statement.factor(beta)
    return decided(abs(limit - said) <= error, ratios=[coarse, fine], limit=limit, within=error, claimed=said)


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
    h, weight, steps = 1e-3, 0.3, context.pick(quick=2000, full=10_000)
    source = generator(context, "l1 barrier")
    batch = networks(source, context.pick(quick=60, full=300), WIDTH, INPUTS, device=context.device)
    target = statement.sign * torch.empty(batch.n, WIDTH, dtype=torch.float64).uniform_(0.05, 0.5, generator=source)
    batch = rescale(batch, target.to(batch.device))
    data = sample(source, SAMPLES, INPUTS, 1, "mse", context.device)
    recorder = Excess(h, weight)
    end = train(batch, Objective(data.x, data.y), GradientDescent(h, l1=weight), steps, recorder).batch
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
