"""Measurements for the methods: orders of convergence, changes of sheet, and the certificate that there were none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from math import ceil
from typing import Any

import sympy
import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.activation import linear
from quadrics.boost import boost
from quadrics.cayley import cayley

from ..batch import Batch
from ..bridge import torch_function
from ..flow import (
    FlowResult,
    commutator_free,
    gradient_descent,
    gradient_flow,
    lie_euler,
    lie_midpoint,
    projected,
    runge_kutta,
)
from ..objective import Gradient, Objective
from ..optimizers import GradientDescent
from ..recorder import Recorder
from ..training import train
from .beyond_nurisso_boost import FlowStep
from .discrete import squares
from .sampling import EPS, generator, networks, sample

TIME = 0.25
STEPS = {1: (16, 32, 64), 2: (32, 64, 128), 4: (32, 48, 64)}
"""Steps in the time 1/max|v_k|, at which methods of each order are followed: far from rounding, and asymptotic."""
SLOPE = 0.1
"""What is left of the next power of h in a slope at these steps."""


@dataclass(frozen=True)
class Converges:
    """The error at a fixed time is of this order in the step size, by method."""

    methods: dict[str, tuple[Callable[..., FlowResult], int]]


class _SmoothProblem:
    """Networks without kinks, their data, and where they end; what has been computed is kept in the context."""

    def __init__(self, context: Context, d: int, e: int, bias: bool) -> None:
        source = generator(context, f"order {d}")
        batch = networks(source, context.pick(quick=2, full=40), 3, d, e, bias, linear, context.device)
        self.batch = batch.unflatten(batch.flatten() / 2)
        data = sample(source, 12, d, e, "mse", context.device)
        self.objective = Objective(data.x, data.y / 2)
        self.speed = max(1.0, float(self.objective.field(self.batch).squared_norm().sqrt().max()))
        self.context, self.key = context, ("smooth problem", d, e, bias)
        self.end: Tensor = context.once((*self.key, "end"), self._end)

    def _end(self) -> Tensor:
        return gradient_flow(self.batch, self.objective, [0.0, TIME], rtol=1e-12, atol=1e-14).batch.flatten()

    def errors(self, integrate: Callable[..., FlowResult], h: list[float]) -> list[float]:
        """The root mean square of the error, by step size."""

        def error(step: float) -> float:
            end = integrate(self.batch, self.objective, [0.0, TIME], h=step).batch.flatten()
            return float((end - self.end).square().mean().sqrt())

        key = (*self.key, integrate.__module__)
        return [self.context.once((*key, step), partial(error, step)) for step in h]


def slopes(statement: Converges, context: Context) -> Outcome:
    """Fit log(error) against log(h) on a smooth problem (linear activation), against DOP853 at 1e-12.

    The error is the root mean square over parameters and networks at time 1/4; the fitted slope must be within 0.1 of
    the order.
    """
    details: dict[str, Any] = {}
    right = True
    for d, e, bias in ((2, 1, False), (3, 2, True)):
        problem = _SmoothProblem(context, d, e, bias)
        for name, (integrate, order) in statement.methods.items():
            h = [TIME / ceil(TIME * problem.speed * steps) for steps in STEPS[order]]
            errors = problem.errors(integrate, h)
            x, y = torch.tensor(h).double().log(), torch.tensor(errors).double().log()
            slope = float(((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum())
            details[f"{name}, e = {e}"] = {"errors": errors, "slope": slope}
            right = right and abs(slope - order) <= SLOPE
    return decided(right, **details)


CONVERGING: dict[str, tuple[Callable[..., FlowResult], int]] = {
    "Lie-Euler": (lie_euler.integrate, 1),
    "Lie midpoint": (lie_midpoint.integrate, 2),
    "commutator-free": (commutator_free.integrate, 4),
}


def _taken_for(name: str, order: int) -> Control[Converges]:
    return Control(
        f"{name} taken for order {order}",
        lambda s: replace(s, methods={name: (s.methods[name][0], order)}),
    )


def _instead(name: str, other: Callable[..., FlowResult]) -> Control[Converges]:
    order = CONVERGING[name][1]
    return Control(
        f"{other.__module__.split('.')[-1]} for {name}", lambda s: replace(s, methods={name: (other, order)})
    )


@dataclass(frozen=True)
class Projects:
    """A step keeps c to rounding, and changes the signs of output weights exactly where a gradient step does."""

    step: FlowStep


def follows_the_signs(statement: Projects, context: Context) -> Outcome:
    """Compare single steps, of lengths for which h|v| is often above 1, with gradient steps.

    Tolerance: α of eq. (23) has a relative error of at most 16 eps, which moves c by 32 eps (|w|² + |a|²) of what it
    gives, and norms carry d + 3 roundings.
    """
    source = generator(context, "projection")
    worst, flips, right = 0.0, 0, True
    for h in (0.1, 0.5, 2.0):
        batch = networks(source, context.pick(quick=200, full=5000), 6, 2, device=context.device)
        data = sample(source, 16, 2, 1, "mse", context.device)
        objective = Objective(data.x, data.y)
        after = statement.step(batch, objective, h)
        plain = gradient_descent.step(batch, objective, h)
        size = after.imbalance() + 2 * after.W2.square().sum(1) + batch.imbalance().abs()
        gap = (after.imbalance() - batch.imbalance()).abs() / (EPS * 40 * size)
        worst = max(worst, float(gap.max()))
        right = right and bool((after.signs() == plain.signs()).all())
        flips += int((plain.signs() != batch.signs()).sum())
    return decided(worst <= 1 and right and flips > 0, worst_in_tolerances=worst, flips=flips)


Planar = Callable[[Any, Any, Any, Any], tuple[list[Any], Any]]


@dataclass(frozen=True)
class ChangesSheet:
    """For c < 0 this step (in SymPy, one output) keeps c, and changes the sign of a exactly where h|v| > threshold."""

    step: Planar
    threshold: float


@lru_cache(maxsize=4)
def _planar(step: Planar) -> Any:
    w, v = sympy.symbols("w1:3", real=True), sympy.symbols("v1:3", real=True)
    a, h = sympy.symbols("a h", real=True)
    after, last = step(w, a, v, h)
    return torch_function(sympy.Matrix([*after, last]), (*w, a, *v, h))


def sheets(statement: ChangesSheet, context: Context) -> Outcome:
    """Take steps from random points with c < 0 under random pulls in the plane.

    Left out is what lies within 1e-6 of the threshold 2 of Cayley's transform, where its denominator D = 1 - h²|v|²/4
    vanishes. Tolerance of c: 40 roundings of |w|² + |a|² after the step, and those of D, relative to it, twice.
    """
    source = generator(context, "sheets")
    n = context.pick(quick=2000, full=200_000)
    w, v = (torch.randn(n, 2, generator=source, dtype=torch.float64) for _ in range(2))
    a = (w.square().sum(1) + torch.rand(n, generator=source, dtype=torch.float64) + 1e-3).sqrt()
    h = torch.rand(n, generator=source, dtype=torch.float64) * 4
    x = h * v.norm(dim=1)
    clear = (x - 2).abs() > 1e-6
    w1, w2, last = (
        column.squeeze(-1)
        for column in _planar(statement.step)(*w.unbind(1), a, *v.unbind(1), h).squeeze(-1).split(1, dim=-1)
    )
    size = w1.square() + w2.square() + last.square() + w.square().sum(1) + a.square()
    drift = (w1.square() + w2.square() - last.square()) - (w.square().sum(1) - a.square())
    D = (1 - x.square() / 4).abs()
    worst = float((drift.abs() / (EPS * size * (40 + 4 * (1 + x.square()) / D)))[clear].max())
    flipped = last < 0
    agree = bool((flipped == (x > statement.threshold))[clear].all())
    return decided(worst <= 1 and agree, flips=int(flipped.sum()), steps=n, worst_in_tolerances=worst)


@dataclass(frozen=True)
class Certified:
    """No output weight changed its sign where |c_k(0)| > share · h² Σ_t |∇_k L|² (and c_k(0) < 0)."""

    share: float = 1.0
    pathological: bool = True


def _runs(context: Context) -> list[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Runs of gradient descent: c at the start, |w|² + |a|² there, whether the sign changed, and h² Σ_t |∇_k L|²."""
    source = generator(context, "certificate")
    n, steps, d = context.pick(quick=300, full=3000), context.pick(quick=100, full=300), 2

    def spent(net: Batch, gradient: Gradient) -> Tensor:
        first, second = squares(gradient)
        return first + second

    found = []
    for h in (0.003, 0.03, 0.3):
        batch = networks(source, n, 6, d, device=context.device)
        data = sample(source, 16, d, 1, "mse", context.device)
        recorder = Recorder(every=1, keep=["signs"], extra={"spent": spent})
        train(batch, Objective(data.x, data.y), GradientDescent(h), steps, recorder)
        signs, c = recorder["signs"], batch.imbalance()
        total = h**2 * recorder["spent"][:-1].sum(0)
        found.append((c, c + 2 * batch.W2.square().sum(1), (signs != signs[0]).any(0), total))
    return found


def none_flipped(statement: Certified, context: Context) -> Outcome:
    """Train by gradient descent, and look at the signs of the neurons that the certificate names.

    A margin of 1e-12 relative to the sizes of the weights takes care of rounding, which is smaller by far.
    """
    flips = certified = 0
    for c, size, flipped, total in context.once("certified runs", lambda: _runs(context)):
        named = (c.abs() > statement.share * total + 1e-12 * size) & torch.isfinite(total)
        if statement.pathological:
            named &= c < 0
        certified += int(named.sum())
        flips += int((named & flipped).sum())
    return decided(flips == 0 and certified > 0, certified=certified, flips=flips)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "beyond.nurisso.boost-orders": (
        measurement(
            "slopes of the error at time 1/4 on a smooth problem, e = 1 and 2",
            lambda: Converges(CONVERGING),
            slopes,
            [
                _taken_for("Lie-Euler", 2),
                _taken_for("Lie midpoint", 4),
                _taken_for("commutator-free", 2),
                _instead("Lie midpoint", gradient_descent.integrate),
                _instead("Lie midpoint", runge_kutta.integrate),
            ],
        ),
    ),
    "beyond.nurisso.projected-descent": (
        measurement(
            "c and signs after single projected steps",
            lambda: Projects(projected.step),
            follows_the_signs,
            [
                Control("not projected", lambda _: Projects(gradient_descent.step)),
                Control("a boost", lambda _: Projects(lie_euler.step)),
            ],
        ),
    ),
    "beyond.nurisso.cayley": (
        measurement(
            "c and signs after random steps in the plane, by the formula itself",
            lambda: ChangesSheet(cayley, 2.0),
            sheets,
            [
                Control("h|v| > 1", lambda s: replace(s, threshold=1.0)),
                Control("h|v| > 4", lambda s: replace(s, threshold=4.0)),
                Control("a boost", lambda s: replace(s, step=boost)),
            ],
        ),
    ),
    "beyond.nurisso.no-flip-certificate": (
        measurement(
            "signs of the certified neurons in 900 runs of gradient descent",
            Certified,
            none_flipped,
            [
                Control("every pathological neuron", lambda s: replace(s, share=0.0)),
                Control("any sign of c_k(0)", lambda s: replace(s, pathological=False)),
            ],
        ),
    ),
}
