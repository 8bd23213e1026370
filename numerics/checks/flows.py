"""Measurements along gradient flows: what an integrator at a known tolerance can say about a conserved quantity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy
import torch
from torch import Tensor

from proofs import Context, Outcome, decided, undecided
from quadrics.activation import Activation
from quadrics.forms import imbalance
from quadrics.network import TwoLayer

from ..activation import sigma_of
from ..batch import Batch
from ..bridge import torch_function
from ..flow import gradient_flow
from ..status import Status
from .sampling import Autograd, Sigma, generator, networks, sample

STAGES = 11
"""Gradients that a step of DOP853 takes at least."""
RTOL, ATOL = 1e-6, 1e-8
WIDTH, SAMPLES = 2, 4
BUDGET = 600
"""Gradients after which a flow is given up."""


@dataclass(frozen=True)
class Conserved:
    """Along the flow of networks with this activation, this form obeys ``q(t) = q(0) e^(-2 rate λ t)``.

    ``learning_rates`` are those of the flow, ``weights`` those in the form; ``sigma`` stands in for the activation.
    """

    activation: Activation
    degree: int = 1
    learning_rates: tuple[float, float] = (1.0, 1.0)
    weights: tuple[float, float] = (1.0, 1.0)
    decay: float = 0.0
    rate: float = 1.0
    sigma: Sigma | None = None


@lru_cache(maxsize=32)
def _form(d: int, e: int, bias: bool, degree: int, weights: tuple[float, float]) -> Any:
    theta = TwoLayer(d, 1, e, bias=bias).symbols()
    exact = tuple(sympy.Rational(w) for w in weights)
    expression = imbalance(theta, degree, exact)[0]
    used = [*theta.neuron(0).w, *theta.neuron(0).a, *([] if theta.b1 is None else [theta.b1[0]])]
    return torch_function(expression, used)


def quantity(batch: Batch, degree: int = 1, weights: tuple[float, float] = (1.0, 1.0)) -> Tensor:
    """Return (n, l): the SymPy form ⟨⟨θ, θ⟩⟩_k with this degree and these learning rates, through the bridge."""
    columns = [*batch.W1.unbind(2), *batch.W2.unbind(1), *([] if batch.b1 is None else [batch.b1])]
    value: Tensor = _form(batch.d_in, batch.d_out, batch.b1 is not None, degree, weights)(*columns)
    return value


def conserved(statement: Conserved, context: Context, name: str) -> Outcome:
    """Integrate flows by DOP853, gradients by autograd, and follow the form.

    Tolerance: an accepted step errs by at most √p (atol + rtol |θ|) in norm, which moves q by at most
    2 |θ| max(weights) times that; a step takes at least 11 gradients, which bounds the number of steps.
    """
    source = generator(context, name)
    sigma = statement.sigma or sigma_of(statement.activation).__call__
    times = torch.linspace(0, 0.25, 3)
    worst, followed, broken = 0.0, 0, 0
    for d, e, bias in ((2, 1, False), (2, 2, True)):
        n = context.pick(quick=3, full=30)
        batch = networks(source, n, WIDTH, d, e, bias, statement.activation)
        data = sample(source, SAMPLES, d, e, "mse")
        objective = Autograd(data, sigma, statement.decay)
        flow = gradient_flow(
            batch, objective, times, rtol=RTOL, atol=ATOL, rates=statement.learning_rates, max_evaluations=BUDGET
        )
        # Where a neuron slides along a kink of the loss the integrator takes ever smaller steps: left out.
        finished = (flow.status == Status.FINISHED).nonzero()[:, 0]
        followed, broken = followed + len(finished), broken + n - len(finished)
        if not len(finished):
            continue
        batch, states = batch.select(finished), [state.select(finished) for state in flow.states]
        start = quantity(batch, statement.degree, statement.weights)
        p = batch.flatten().shape[1]
        largest = torch.stack([state.flatten().norm(dim=1) for state in states]).amax(0)
        steps = flow.evaluations[finished] / STAGES
        scale = statement.degree * max(1 / w for w in statement.weights)
        tolerance = steps * 2 * scale * largest * p**0.5 * (ATOL + RTOL * largest)
        for t, state in zip(times.tolist(), states, strict=True):
            factor = float(torch.exp(torch.tensor(-2 * statement.rate * statement.decay * t)))
            gap = (quantity(state, statement.degree, statement.weights) - factor * start).abs()
            worst = max(worst, float((gap / tolerance[:, None]).nan_to_num(nan=float("inf")).max()))
    if followed < 2:
        return undecided(followed=followed, broken=broken)
    return decided(worst <= 1, worst_in_tolerances=worst, followed=followed, broken=broken)
