"""Measurements of the law of momentum step by step, and of how much faster c drifts with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sympy
import torch
from torch import Tensor

from proofs import Context, Outcome, decided
from quadrics.optimizer_laws import momentum_imbalance

from ..batch import Batch
from ..bridge import torch_function
from ..objective import Gradient
from ..optimizers import GradientDescent, Optimizer
from .discrete import drifts
from .step_laws import pairing, run, squared


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
