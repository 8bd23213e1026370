"""Measurements along discrete training: the exact law step by step, drifts, and sign flips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy
import torch
from torch import Tensor

from proofs import Context, Outcome, decided
from quadrics.activation import Activation, leaky_relu, relu
from quadrics.discretization import discrete_imbalance

from ..batch import Batch
from ..bridge import torch_function
from ..objective import Gradient, Objective
from ..optimizers import Adam, GradientDescent, Optimizer
from ..recorder import Recorder
from ..training import train
from .sampling import EPS, generator, networks, sample

Law = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


@lru_cache(maxsize=4)
def law_on_tensors(weight_decay: float = 0.0) -> Law:
    """c' in c, |g1|², |g2|² and h, through the bridge."""
    c, g1, g2, h = sympy.symbols("c g1 g2 h", real=True)
    return torch_function(discrete_imbalance(c, g1, g2, h, sympy.Rational(weight_decay)), (c, g1, g2, h))


def squares(gradient: Gradient) -> tuple[Tensor, Tensor]:
    """Return |g1_k|² (the bias's derivative among it) and |g2_k|², (n, l) each."""
    first = gradient.W1.square().sum(2)
    if gradient.b1 is not None:
        first = first + gradient.b1.square()
    return first, gradient.W2.square().sum(1)


@dataclass(frozen=True)
class LawAlongRuns:
    """Each step of this optimizer takes c to law(c, |g1|², |g2|², h)."""

    law: Law
    momentum: float = 0.0
    minibatch: int | None = None


def follows(statement: LawAlongRuns, context: Context) -> Outcome:
    """Compare c after every step of training with the law.

    Tolerance of a step: norms and their differences carry d + e + 6 roundings of |w|² + |a|² + h²(|g1|² + |g2|²), and
    the term of order h, eq. (9), is zero up to N + d + e + 8 roundings of Σ_i |a||r_i||w||x_i| on either side.
    """
    source = generator(context, "law")
    h, steps, size = 0.02, context.pick(quick=100, full=2000), 32
    worst = worst_absolute = 0.0
    for d, e, bias, activation in (
        (2, 1, False, relu),
        (3, 1, True, leaky_relu(sympy.Rational(1, 10))),
        (3, 2, True, relu),
    ):
        batch = networks(source, context.pick(quick=30, full=300), 5, d, e, bias, activation, context.device)
        data = sample(source, size, d, e, "mse", context.device)

        def predicted(net: Batch, gradient: Gradient) -> Tensor:
            first, second = squares(gradient)
            return statement.law(net.imbalance(), first, second, torch.full_like(first, h))

        def rounding(
            net: Batch, gradient: Gradient, d: int = d, e: int = e, x: Tensor = data.x, y: Tensor = data.y
        ) -> Tensor:
            first, second = squares(gradient)
            outer = net.W2.square().sum(1)
            inner = net.imbalance() + 2 * outer  # |w|² + b² + |a|²
            residual = 2 * (net.output(x) - y).norm(dim=2) / size
            reach = residual @ torch.cat([x, torch.ones_like(x[:, :1])], 1).norm(dim=1)
            sums = reach[:, None] * (outer * inner).sqrt()
            if statement.minibatch:
                sums = sums * size / statement.minibatch  # a mean over fewer samples
            plain = (d + e + 6) * (inner + h**2 * (first + second))
            bound: Tensor = 2 * EPS * (plain + 2 * h * (size + d + e + 8) * sums)
            return bound

        recorder = Recorder(every=1, keep=["imbalance"], extra={"predicted": predicted, "rounding": rounding})
        optimizer = GradientDescent(h, momentum=statement.momentum)
        train(
            batch,
            Objective(data.x, data.y),
            optimizer,
            steps,
            recorder,
            minibatch=statement.minibatch,
            generator=generator(context, "minibatches"),
        )
        gap = (recorder["imbalance"][1:] - recorder["predicted"][:-1]).abs()
        worst = max(worst, float((gap / recorder["rounding"][:-1]).max()))
        worst_absolute = max(worst_absolute, float(gap.max()))
    return decided(worst <= 1, worst_in_tolerances=worst, worst=worst_absolute, steps=steps)


@dataclass(frozen=True)
class Drift:
    """|c(T) - c(0)| at a fixed time T is of this order in the step size."""

    optimizers: dict[str, Callable[[float], Optimizer]]
    order: dict[str, int]


def drifts(optimizer: Callable[[float], Optimizer], context: Context, rates: tuple[float, ...]) -> list[float]:
    """Return the root mean square of the drift of c at time 1, for each of the step sizes."""
    found = []
    for h in rates:
        source = generator(context, "drift")
        batch = networks(source, context.pick(quick=50, full=1000), 5, 3, 1, device=context.device)
        data = sample(source, 32, 3, 1, "mse", context.device)
        end = train(batch, Objective(data.x, data.y), optimizer(h), round(1 / h)).batch
        found.append(float((end.imbalance() - batch.imbalance()).square().mean().sqrt()))
    return found


def orders(statement: Drift, context: Context) -> Outcome:
    """The local order log2(drift(h)/drift(h/2)) at the smallest steps is nearest to the stated integer.

    Orders are integers here (0 or 1), with corrections that vanish with h: being nearest decides.
    """
    rates = context.pick(quick=(0.02, 0.01, 0.005), full=(0.01, 0.005, 0.0025, 0.00125))
    details: dict[str, Any] = {}
    right = True
    for name, optimizer in statement.optimizers.items():
        sizes = drifts(optimizer, context, rates)
        local = float(torch.log2(torch.tensor(sizes[-2] / sizes[-1])))
        details[name] = {"drift": sizes, "local order": local}
        right = right and abs(local - statement.order[name]) < 0.5
    return decided(right, **details)


OPTIMIZERS: dict[str, Callable[[float], Optimizer]] = {
    "gradient descent": lambda h: GradientDescent(h),
    "momentum 0.9": lambda h: GradientDescent(h / 10, momentum=0.9),
    "Adam": lambda h: Adam(h),
}


@dataclass(frozen=True)
class NoFlips:
    """Under c < 0 (if ``pathological``) and h|v| <= bound, no step changes the sign of an output weight."""

    bound: float = 1.0
    pathological: bool = True


def flips(statement: NoFlips, context: Context) -> Outcome:
    """Count sign changes of output weights, step by step, among the neurons that meet the hypotheses at that step.

    Hypotheses are taken with a margin for rounding: c < -(d + 4) eps (|w|² + a²), and h|v| a factor 1 + 8 eps below.
    """
    source = generator(context, "flips")
    n, steps, d = context.pick(quick=200, full=5000), context.pick(quick=150, full=500), 2
    flipped = meeting = 0
    for h in (0.01, 0.1, 0.4):
        batch = networks(source, n, 6, d, device=context.device)
        data = sample(source, 16, d, 1, "mse", context.device)

        def push(net: Batch, gradient: Gradient) -> Tensor:
            outer = net.W2.square().sum(1)
            return torch.where(outer > 0, gradient.W1.square().sum(2) / outer, torch.inf).sqrt()

        def size(net: Batch, gradient: Gradient) -> Tensor:
            return net.W1.square().sum(2) + net.W2.square().sum(1)

        recorder = Recorder(every=1, keep=["imbalance", "signs"], extra={"push": push, "size": size})
        train(batch, Objective(data.x, data.y), GradientDescent(h), steps, recorder)
        c, signs = recorder["imbalance"], recorder["signs"]
        meets = h * recorder["push"] * (1 + 8 * EPS) <= statement.bound
        if statement.pathological:
            meets &= c < -(d + 4) * EPS * recorder["size"]
        alive = meets[:-1] & (signs[:-1] != 0) & torch.isfinite(c[1:])
        meeting += int(alive.sum())
        flipped += int((alive & (signs[1:] != signs[:-1])).sum())
    return decided(flipped == 0, flips=flipped, steps_of_neurons=meeting)


@dataclass(frozen=True)
class Decay:
    """c(t) = formula(c(0), λ, t) in the limit of small steps."""

    formula: Callable[[Tensor, Tensor, Tensor], Tensor]


def decays(statement: Decay, context: Context) -> Outcome:
    """Train with weight decay and compare c(t), t = h · steps, with the formula.

    Tolerance: by the exact law c is (1 - hλ)^(2 steps) c(0) up to the sum of h²(|g1|² + |g2|²) over the steps, which is
    recorded; and (1 - hλ)^(2 steps) differs from e^(-2λt) by a known amount. Rounding is smaller by far: 1e-12.
    """
    source = generator(context, "decay")
    lam, h, steps = 0.2, 1e-3, context.pick(quick=2000, full=10_000)
    batch = networks(source, 50, 5, 3, 1, True, device=context.device)
    data = sample(source, 32, 3, 1, "mse", context.device)
    recorder = Recorder(steps=[0, steps], keep=["imbalance", "squared_gradients"])
    train(batch, Objective(data.x, data.y), GradientDescent(h, weight_decay=lam), steps, recorder)
    before, after = recorder["imbalance"]
    t = torch.full_like(before, h * steps)
    expected = statement.formula(before, torch.full_like(before, lam), t)
    euler = (1 - h * lam) ** (2 * steps)
    exponential = float(torch.exp(torch.tensor(-2 * lam * h * steps, dtype=torch.float64)))
    tolerance = h**2 * recorder["squared_gradients"][-1][:, None] + abs(euler - exponential) * before.abs() + 1e-12
    worst = float(((after - expected).abs() / tolerance).max())
    return decided(worst <= 1, worst_in_tolerances=worst)


def activation_of_degree(degree: int) -> Activation:
    """A generic activation of this degree."""
    return Activation(1, sympy.Rational(-1, 2), degree)
