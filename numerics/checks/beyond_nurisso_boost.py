"""Measurements for the boost: the exact frozen flow, c to rounding at any step size, and sheets that are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.activation import Activation, leaky_relu, relu

from ..batch import Batch
from ..field import Field
from ..flow import commutator_free, gradient_descent, lie_euler, lie_midpoint, projected, runge_kutta
from ..flow.boosting import Boosts
from ..objective import Objective
from .discrete import activation_of_degree
from .flows import quantity
from .sampling import EPS, generator, networks, sample

FrozenStep = Callable[[Batch, Field, Tensor], Batch]
"""(networks, field, h (n,)) -> the networks after time h with the field frozen."""
FlowStep = Callable[..., Batch]
"""(networks, objective, h (n,)) -> the networks after one step of an integrator."""

SHAPES: tuple[tuple[int, int, bool], ...] = ((2, 1, False), (3, 1, True), (3, 2, True), (2, 3, False))
"""d, e, biases."""
LENGTHS = (1e-3, 0.1, 1.0, 4.0)


def frozen(batch: Batch, field: Field, h: Tensor) -> Batch:
    """The boost."""
    return Boosts.of(batch).boosted(batch, field, h)


def frozen_gradient_step(batch: Batch, field: Field, h: Tensor) -> Batch:
    """A gradient step under the same field."""
    gradient = field.gradient(batch)
    b1 = None if batch.b1 is None or gradient.b1 is None else batch.b1 - h[:, None] * gradient.b1
    W1, W2 = (w - h[:, None, None] * g for w, g in ((batch.W1, gradient.W1), (batch.W2, gradient.W2)))
    return batch.replace(W1, W2, b1, batch.b2)


def _with_field(change: float, times: float) -> Callable[[FrozenStep], FrozenStep]:
    def mutate(step: FrozenStep) -> FrozenStep:
        def mutant(batch: Batch, field: Field, h: Tensor) -> Batch:
            bias = None if field.bias is None else change * field.bias
            return step(batch, Field(change * field.v, bias, field.b2), times * h)

        return mutant

    return mutate


def _problem(source: torch.Generator, context: Context, d: int, e: int, bias: bool) -> tuple[Batch, Objective]:
    n = context.pick(quick=20, full=400)
    batch = networks(source, n, 5, d, e, bias, leaky_relu(0) if d == 2 else relu, context.device)
    data = sample(source, 16, d, e, "mse", context.device)
    return batch, Objective(data.x, data.y)


def _rows(batch: Batch) -> Tensor:
    """(n, l, d + 1 + e): each neuron's w, b (0 where there is none) and a."""
    b = torch.zeros_like(batch.W1[..., 0]) if batch.b1 is None else batch.b1
    return torch.cat([batch.W1, b[..., None], batch.W2.transpose(1, 2)], 2)


def solves(step: FrozenStep, context: Context) -> Outcome:
    """Compare a step with exp(hM)(w, a), M = -[[0, Vᵀ], [V, 0]], through the eigenvectors of the symmetric matrix M.

    Tolerance: the eigenvectors are those of a matrix within p² eps |M| of M (p its size), which changes exp(hM) by at
    most h p² eps |M| e^(h|M|); products and boosts add 8 p roundings, which are stretched by e^(h|M|) at most.
    """
    source = generator(context, "frozen flow")
    worst = 0.0
    for d, e, bias in SHAPES:
        batch, objective = _problem(source, context, d, e, bias)
        field = objective.field(batch)
        edge = torch.zeros_like(field.v[..., :1]) if field.bias is None else field.bias[..., None]
        V = torch.cat([field.v, edge], 3)
        p = d + 1 + e
        M = V.new_zeros(*V.shape[:2], p, p)
        M[..., : d + 1, d + 1 :], M[..., d + 1 :, : d + 1] = -V.transpose(2, 3), -V
        values, vectors = torch.linalg.eigh(M)
        y = _rows(batch)[..., None]
        size = y.norm(dim=2)
        for h in LENGTHS:
            expected = vectors @ (torch.exp(h * values)[..., None] * (vectors.transpose(2, 3) @ y))
            found = _rows(step(batch, field, torch.full_like(batch.W1[:, 0, 0], h)))
            rapidity = h * values.abs().amax(2, keepdim=True)
            tolerance = EPS * (p**2 * rapidity + 8 * p) * rapidity.exp() * size
            gap = (found - expected[..., 0]).norm(dim=2, keepdim=True) / tolerance
            worst = max(worst, float(gap.nan_to_num(nan=torch.inf).max()))
    return decided(worst <= 1, worst_in_tolerances=worst)


def _allowed(batch: Batch, size: Tensor, boosts: float = 1) -> Tensor:
    """Rounding of c: d + e + 4 for the norms, and 16 for each of the e boosts of a step, of |w|² + |a|²."""
    return EPS * (batch.d_in + batch.d_out + 4 + 16 * boosts * batch.d_out) * size


def _size(batch: Batch) -> Tensor:
    return batch.imbalance() + 2 * batch.W2.square().sum(1)


def conserves(step: FrozenStep, context: Context) -> Outcome:
    """Compare c after a step of any length with c before it; see ``_allowed`` for the tolerance."""
    source = generator(context, "frozen conservation")
    worst = 0.0
    for d, e, bias in SHAPES:
        batch, objective = _problem(source, context, d, e, bias)
        field = objective.field(batch)
        for h in (*LENGTHS, 20.0):
            after = step(batch, field, torch.full_like(batch.W1[:, 0, 0], h))
            finite = torch.isfinite(_size(after))
            gap = (after.imbalance() - batch.imbalance()).abs() / _allowed(batch, _size(batch) + _size(after))
            worst = max(worst, float(gap[finite].max()))
    return decided(worst <= 1, worst_in_tolerances=worst)


@dataclass(frozen=True)
class OnTheSet:
    """Steps of any length keep c (to rounding) and, where c <= 0, the signs of the output weights."""

    steps: dict[str, FlowStep]
    c: bool = True
    signs: bool = True
    pathological: bool = True


def stays(statement: OnTheSet, context: Context) -> Outcome:
    """Count changes of sign and compare c, step by step, with step sizes of each network's own and minibatches.

    Signs are looked at where c < -(d + 4) eps (|w|² + |a|²), so that c is negative in spite of rounding. Networks whose
    weights exceed 1e15 are left out from then on. For the tolerance of c see ``_allowed``; a step of the methods here
    has at most 7 boosts. Their intermediate states are not known here: c is compared where the rapidities h|v_k| at the
    start of the step are at most 1, so that a state between two boosts is no more than e³ < 20 times the last one.
    """
    source = generator(context, "on the set")
    n, steps, d = context.pick(quick=60, full=1000), context.pick(quick=25, full=200), 2
    flips = compared = 0
    worst = 0.0
    for step in statement.steps.values():
        batch = networks(source, n, 6, d, device=context.device)
        data = sample(source, 24, d, 1, "mse", context.device)
        objective = Objective(data.x, data.y)
        h = torch.rand(n, generator=source, dtype=torch.float64).to(context.device) * 1.5 + 0.01
        for _ in range(steps):
            part = objective.subset(torch.randperm(24, generator=source)[:8])
            after = step(batch, part, h)
            size, new_size = _size(batch), _size(after)
            calm = h[:, None] * part.field(batch).squared_norm().sqrt() <= 1
            gap = (after.imbalance() - batch.imbalance()).abs() / _allowed(batch, size + 20 * new_size, 7)
            usable = (new_size < 1e30).all(1)[:, None] & torch.isfinite(new_size)
            if bool((usable & calm).any()):
                worst = max(worst, float(gap[usable & calm].max()))
            below = batch.imbalance() < -(d + 4) * EPS * size if statement.pathological else torch.ones_like(calm)
            compared += int((usable & below).sum())
            flips += int((usable & below & (batch.signs() != after.signs())).sum())
            keep = usable[:, 0].nonzero()[:, 0]
            if not len(keep):
                break
            batch, h = after.select(keep), h[keep]
    kept = (worst <= 1 or not statement.c) and (flips == 0 or not statement.signs)
    return decided(kept and compared > 0, flips=flips, neurons=compared, worst_in_tolerances=worst)


LIE: dict[str, FlowStep] = {
    "Lie-Euler": lie_euler.step,
    "Lie midpoint": lie_midpoint.step,
    "commutator-free": commutator_free.step,
}


def _other(name: str, step: FlowStep, **changes: Any) -> Control[OnTheSet]:
    return Control(name, lambda statement: replace(statement, steps={name: step}, **changes))


@dataclass(frozen=True)
class Weighted:
    """Lie-Euler steps at these rates of the layers keep the form with these weights, for this degree."""

    rates: tuple[float, float]
    weights: tuple[float, float]
    activation: Activation
    degree: int


def keeps_weighted_form(statement: Weighted, context: Context) -> Outcome:
    """Compare the form of the SymPy side, through the bridge, before and after steps of any length.

    Tolerance as ``_allowed``, with the weights and the degree in the sizes.
    """
    source = generator(context, "weighted form")
    worst = 0.0
    for d, e, bias in SHAPES:
        n = context.pick(quick=20, full=400)
        batch = networks(source, n, 5, d, e, bias, statement.activation, context.device)
        data = sample(source, 16, d, e, "mse", context.device)
        objective = Objective(data.x, data.y)
        form = partial(quantity, degree=statement.degree, weights=statement.weights)
        for h in (0.01, 0.1, 0.5):
            after = lie_euler.step(batch, objective, h, rates=statement.rates, neuron_cap=5.0)
            largest = statement.degree * max(1 / rate for rate in statement.rates)
            size = largest * (_rows(batch).square().sum(2) + _rows(after).square().sum(2))
            gap = (form(after) - form(batch)).abs() / _allowed(batch, size)
            worst = max(worst, float(gap.nan_to_num(nan=torch.inf).max()))
    return decided(worst <= 1, worst_in_tolerances=worst)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "beyond.nurisso.boost": (
        measurement(
            "against the exponential of the frozen generator; e = 1, 2, 3, with and without biases, h from 0.001 to 4",
            lambda: frozen,
            solves,
            [
                Control("the sign of V", _with_field(-1.0, 1.0)),
                Control("twice the time", _with_field(1.0, 2.0)),
                Control("a gradient step", lambda _: frozen_gradient_step),
            ],
        ),
        measurement(
            "c after steps of length 0.001 to 20",
            lambda: frozen,
            conserves,
            [Control("a gradient step", lambda _: frozen_gradient_step)],
        ),
    ),
    "beyond.nurisso.boost-sheet": (
        measurement(
            "signs of pathological output weights under Lie-Euler steps of length 0.01 to 1.5",
            lambda: OnTheSet({"Lie-Euler": lie_euler.step}, c=False),
            stays,
            [
                _other("gradient descent", gradient_descent.step),
                _other("gradient descent, projected", projected.step),
                Control("all neurons", lambda s: replace(s, pathological=False)),
            ],
        ),
    ),
    "beyond.nurisso.boost-composition": (
        measurement(
            "c and signs under three integrators, minibatches, and step sizes of each network's own",
            lambda: OnTheSet(LIE),
            stays,
            [
                _other("gradient descent", gradient_descent.step, signs=False),
                _other("classical Runge-Kutta", runge_kutta.step, signs=False),
                _other("classical Runge-Kutta, signs alone", runge_kutta.step, c=False),
            ],
        ),
    ),
    "beyond.nurisso.boost-rates": (
        measurement(
            "the weighted form under Lie-Euler steps at the rates (1/2, 3), degree 1 and biases",
            lambda: Weighted((0.5, 3.0), (0.5, 3.0), relu, 1),
            keeps_weighted_form,
            [Control("the plain form", lambda s: replace(s, weights=(1.0, 1.0)))],
        ),
        measurement(
            "the same for an activation of degree 2",
            lambda: Weighted((2.0, 0.5), (2.0, 0.5), activation_of_degree(2), 2),
            keeps_weighted_form,
            [Control("the form of degree 1", lambda s: replace(s, degree=1))],
        ),
    ),
}
