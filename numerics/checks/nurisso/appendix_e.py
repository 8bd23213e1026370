"""Measurements for appendix E: networks with biases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.forms import form
from quadrics.network import TwoLayer
from quadrics.quadric import Quadric

from ...batch import Batch
from ...bridge import torch_function
from ...objective import Objective
from ...optimizers import GradientDescent
from ...sampling import random_points
from ...training import train
from ..nets import betti_numbers_agree_with_biases, components_agree
from ..sampling import EPS, autograd, generator, networks, sample, size_of_terms
from .section_3 import rescaled
from .section_4 import library_count, zero_as_negative

# -- rescaling ---------------------------------------------------------------------------------------------------------
Act = Callable[[Batch, Tensor], Batch]


def _keeps_output(act: Act, context: Context) -> Outcome:
    """f(x; T_α θ) = f(x; θ) with biases, to 2(d + l + 10) eps times the sum of the sizes of the terms of f."""
    source = generator(context, "eq27")
    worst = 0.0
    for d, e in ((1, 1), (3, 2), (5, 3)):
        batch = networks(source, 50, 6, d, e, bias=True, device=context.device)
        x = torch.randn(40, d, generator=source, dtype=torch.float64).to(batch.W1)
        alpha = (8 * torch.rand(50, 6, generator=source, dtype=torch.float64) + 0.125).to(batch.W1)
        gap = (act(batch, alpha).output(x) - batch.output(x)).abs()
        assert batch.b1 is not None
        assert batch.b2 is not None
        reach = x.abs() @ batch.W1.abs().transpose(1, 2) + batch.b1.abs()[:, None, :]
        sizes = reach @ batch.W2.abs().transpose(1, 2) + batch.b2.abs()[:, None, :]
        worst = max(worst, float((gap / (2 * (d + 16) * EPS * sizes)).max()))
    return decided(worst <= 1, worst_in_tolerances=worst)


def _hidden_biases_kept(act: Act) -> Act:
    return lambda batch, alpha: act(batch, alpha).replace(
        act(batch, alpha).W1, act(batch, alpha).W2, batch.b1, batch.b2
    )


def _output_bias_rescaled(act: Act) -> Act:
    def mutant(batch: Batch, alpha: Tensor) -> Batch:
        moved = act(batch, alpha)
        assert batch.b2 is not None
        return moved.replace(moved.W1, moved.W2, moved.b1, alpha[:, :1] * batch.b2)

    return mutant


# -- eq. (28) ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Form:
    """⟨⟨θ, g⟩⟩_k with these coefficients of the bias and output parts (1 and 1 in eq. 28)."""

    bias: int = 1
    output: int = 1


@lru_cache(maxsize=8)
def _pairing(d: int, e: int) -> Any:
    theta, g = TwoLayer(d, 1, e, bias=True).symbols(), TwoLayer(d, 1, e, bias=True).symbols("g")
    assert theta.b1 is not None
    assert g.b1 is not None
    used = [*theta.neuron(0).w, *theta.neuron(0).a, theta.b1[0], *g.neuron(0).w, *g.neuron(0).a, g.b1[0]]
    return torch_function(form(theta, g, 0), used)


def _vanishes_on_gradients(statement: Form, context: Context) -> Outcome:
    """⟨⟨θ, g⟩⟩_k = 0 with g by autograd, at random and at trained networks with biases.

    Both sides add up N e (d + 1) products through chains of d + e + 8 roundings: the tolerance is that many eps times
    the sum of the sizes of the terms.
    """
    source = generator(context, "eq28")
    worst = 0.0
    for d, e in ((2, 1), (3, 2), (4, 3)):
        size = 20
        data = sample(source, size, d, e, "mse", context.device)
        start = networks(source, context.pick(quick=20, full=500), 5, d, e, bias=True, device=context.device)
        trained = train(start, Objective(data.x, data.y), GradientDescent(0.05), 100).batch
        for batch in (start, trained):
            g, residuals = autograd(batch, data, torch.relu)
            assert batch.b1 is not None
            assert g.b1 is not None
            pair = _pairing(d, e)
            value = pair(
                *batch.W1.unbind(2),
                *batch.W2.unbind(1),
                batch.b1,
                *g.W1.unbind(2),
                *(statement.output * g.W2).unbind(1),
                statement.bias * g.b1,
            )
            tolerance = (size * e + 2 * d + 2 * e + 12) * EPS * size_of_terms(batch, data.x, residuals, 1.0)
            worst = max(worst, float((value.abs() / tolerance.clamp(min=EPS**2)).max()))
    return decided(worst <= 1, worst_in_tolerances=worst)


# -- Proposition 5 -----------------------------------------------------------------------------------------------------
Dimension = Callable[[int, int], int]


def _measured_dimension(model: Dimension, context: Context) -> Outcome:
    """The dimension of Q(-1) with bias from points near a point of it, by singular values.

    Points δ away in the chart span the tangent space at scale δ and bend away from it by at most δ² (curvature 1 at
    |c| = 1, to a factor below 10): singular values above and below δ^(3/2) count and do not count.
    """
    source = generator(context, "prop5")
    delta = 1e-6
    found = {}
    for d, e in ((1, 1), (2, 1), (1, 2), (3, 2), (2, 3)):
        Q = Quadric(d, e, -1, bias=True)
        centre = random_points(Q, 1, 1.0, source)
        moved = centre + delta * torch.randn(400, centre.shape[1], generator=source, dtype=torch.float64)
        # Back onto Q(-1) along the output weights: |a|² = 1 + |w|² + b².
        along, around = moved[:, : d + 1], moved[:, d + 1 :]
        length = (1 + along.square().sum(1, keepdim=True)).sqrt() / around.norm(dim=1, keepdim=True)
        points = torch.cat([along, length * around], 1)
        singular = torch.linalg.svdvals(points - points.mean(0)) / 400**0.5
        found[f"d={d}, e={e}"] = dimension = int((singular > delta**1.5).sum())
        if model(d, e) != dimension:
            return decided(False, d=d, e=e, measured=dimension, claimed=model(d, e))
    return decided(True, **found)


def _library_dimension(d: int, e: int) -> int:
    Q = Quadric(d, e, -1, bias=True)
    return int(Q.euclidean_dimension + Q.sphere_dimension)


def library_betti_with_bias(d: int, e: int, c: int) -> list[int]:
    """Proposition 6 for one neuron, as the library has it."""
    return Quadric(d, e, c, bias=True).homotopy_type.betti_numbers()


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.eq27": (
        measurement(
            "outputs of 150 random networks with biases before and after rescaling",
            lambda: rescaled,
            _keeps_output,
            [
                Control("hidden biases left as they are", _hidden_biases_kept),
                Control("the output bias rescaled too", _output_bias_rescaled),
            ],
        ),
    ),
    "nurisso.eq28": (
        measurement(
            "autograd at random and trained networks with biases: the library's form of θ and the gradient",
            Form,
            _vanishes_on_gradients,
            [
                Control("the biases left out", lambda s: replace(s, bias=0)),
                Control("a plus for the minus", lambda s: replace(s, output=-1)),
            ],
        ),
    ),
    "nurisso.prop5": (
        measurement(
            "the dimension of Q(-1) with bias near sampled points, by singular values",
            lambda: _library_dimension,
            _measured_dimension,
            [Control("R^d × S^{e-1}, as printed", lambda _: lambda d, e: d + e - 1)],
        ),
    ),
    "nurisso.prop6": (
        measurement(
            "persistent homology of sampled quadrics with bias",
            lambda: library_betti_with_bias,
            betti_numbers_agree_with_biases,
            [Control("the bias forgotten", lambda _: lambda d, e, c: Quadric(d, e, c).homotopy_type.betti_numbers())],
        ),
    ),
    "nurisso.cor4": (
        measurement(
            "union-find on sampled invariant sets with biases, d = 1, e <= 2 and l <= 3",
            lambda: library_count,
            lambda count, context: components_agree(count, context, "components with biases", bias=True),
            [
                Control("the bias forgotten", lambda f: lambda d, e, c, bias: f(d, e, c, False)),
                Control("c = 0 counted as c < 0", zero_as_negative),
                Control("one component too many", lambda f: lambda d, e, c, bias: f(d, e, c, bias) + 1),
            ],
        ),
    ),
}
