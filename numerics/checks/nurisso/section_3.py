"""Measurements for section 3: homogeneity, invariance, eq. (9) by automatic differentiation, conservation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise, product
from typing import Any

import sympy
import torch
from torch import Tensor
from torch.nn import functional

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.activation import Activation, absolute_value, leaky_relu, relu
from quadrics.forms import form
from quadrics.network import Parameters, TwoLayer
from quadrics.symmetry import rescale

from ...batch import Batch
from ...bridge import torch_function
from ...losses import LossName
from ...objective import Gradient, Objective
from ...optimizers import GradientDescent
from ...training import train
from ..flows import Conserved, conserved
from ..sampling import EPS, Sigma, autograd, forward, generator, mean_losses, networks, sample, size_of_terms

TENTH = sympy.Rational(1, 10)
ACTIVATIONS: dict[str, Activation] = {
    "relu": relu,
    "leaky relu": leaky_relu(TENTH),
    "absolute value": absolute_value,
    "(2.3, 0.7)": Activation(sympy.Rational(23, 10), sympy.Rational(7, 10)),
}


def on_tensors(activation: Activation) -> Sigma:
    """The SymPy activation as a function of tensors, through the bridge."""
    z = sympy.Symbol("z", real=True)
    return torch_function(activation(z), z)


def steepest(activation: Activation) -> float:
    """The largest slope."""
    return max(abs(float(activation.alpha)), abs(float(activation.beta)))


def printed_leaky_relu(z: Tensor) -> Tensor:
    """max{z, γ} at γ = 1/10, as the paper prints it."""
    return z.clamp(min=0.1)


# -- homogeneity ------------------------------------------------------------------------------------------------------
def _euler(statement: dict[str, Sigma], context: Context) -> Outcome:
    """z σ'(z) = σ(z), σ' by autograd; z σ'(z) and σ(z) are one rounded product each: within 2 eps |σ(z)|."""
    z = torch.randn(10_000, generator=generator(context, "homog"), dtype=torch.float64, requires_grad=True)
    worst: dict[str, float] = {}
    for name, sigma in statement.items():
        value = sigma(z)
        (slope,) = torch.autograd.grad(value.sum(), z)
        gap = (z * slope - value).abs() / (2 * EPS * value.abs()).clamp(min=torch.finfo(torch.float64).tiny)
        worst[name] = float(gap.detach().max())
    return decided(max(worst.values()) <= 1, worst_in_tolerances=worst)


def _torchs_own() -> dict[str, Sigma]:
    found = {name: on_tensors(activation) for name, activation in ACTIVATIONS.items()}
    return {**found, "torch relu": torch.relu, "torch leaky relu": lambda z: functional.leaky_relu(z, 0.1)}


# -- invariance -------------------------------------------------------------------------------------------------------
Act = Callable[[Batch, Tensor], Batch]


@lru_cache(maxsize=1)
def _action() -> tuple[Any, Any]:
    """Eq. (3) on one weight: what `rescale` does to an input and to an output weight, for tensors."""
    theta = TwoLayer(1, 1).symbols()
    alpha = sympy.Symbol("alpha", positive=True)
    moved = rescale(theta, [alpha])
    return tuple(torch_function(new[0], (old[0], alpha)) for new, old in ((moved.W1, theta.W1), (moved.W2, theta.W2)))  # type: ignore[return-value]


def rescaled(batch: Batch, alpha: Tensor) -> Batch:
    """T_α on a batch, alpha (n, l)."""
    inward, outward = _action()
    b1 = None if batch.b1 is None else inward(batch.b1, alpha)
    return batch.replace(
        inward(batch.W1, alpha[..., None].expand_as(batch.W1)),
        outward(batch.W2, alpha[:, None, :].expand_as(batch.W2)),
        b1,
        batch.b2,
    )


def _keeps_output(act: Act, context: Context) -> Outcome:
    """f(x; T_α θ) = f(x; θ), to rounding: 2(d + l + 8) eps times the sum of the sizes of the terms of f."""
    source = generator(context, "eq3")
    worst = 0.0
    for activation, (d, e, bias) in product(ACTIVATIONS.values(), ((1, 1, False), (5, 3, False), (4, 2, True))):
        batch = networks(source, 50, 6, d, e, bias, activation, context.device)
        x = torch.randn(40, d, generator=source, dtype=torch.float64).to(batch.W1)
        alpha = (8 * torch.rand(50, 6, generator=source, dtype=torch.float64) + 0.125).to(batch.W1)
        gap = (act(batch, alpha).output(x) - batch.output(x)).abs()
        reach = x.abs() @ batch.W1.abs().transpose(1, 2)
        if batch.b1 is not None:
            reach = reach + batch.b1.abs()[:, None, :]
        sizes = steepest(activation) * reach @ batch.W2.abs().transpose(1, 2)
        if batch.b2 is not None:
            sizes = sizes + batch.b2.abs()[:, None, :]
        worst = max(worst, float((gap / (2 * (d + 6 + 8) * EPS * sizes)).max()))
    return decided(worst <= 1, worst_in_tolerances=worst)


def _outputs_not_divided(act: Act) -> Act:
    def mutant(batch: Batch, alpha: Tensor) -> Batch:
        moved = act(batch, alpha)
        return moved.replace(moved.W1, batch.W2, moved.b1, moved.b2)

    return mutant


def _flat_along_orbits(act: Act, context: Context) -> Outcome:
    """d/dα L(T_α θ) = 0 at α = 1 by autograd through T_α, at trained parameters; the tolerance is that of eq. (9)."""
    source, size, worst = generator(context, "eq8"), 32, 0.0
    for activation, (d, e, bias) in product(ACTIVATIONS.values(), ((1, 1, False), (4, 2, True))):
        start = networks(source, 20, 5, d, e, bias, activation, context.device)
        data = sample(source, size, d, e, "mse", context.device)
        batch = train(start, Objective(data.x, data.y), GradientDescent(0.01), 50).batch
        alpha = torch.ones(20, 5, dtype=torch.float64, device=batch.device, requires_grad=True)
        sigma = on_tensors(activation)
        losses = mean_losses(forward(act(batch, alpha), data.x, sigma), data)
        (slope,) = torch.autograd.grad(losses.sum(), alpha)
        _, residuals = autograd(batch, data, sigma)
        sizes = size_of_terms(batch, data.x, residuals, steepest(activation))
        worst = max(worst, float((slope.abs() / (2 * (size + d + e + 8) * EPS * sizes).clamp(min=1e-300)).max()))
    return decided(worst <= 1, worst_in_tolerances=worst)


# -- eq. (9) ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Balance:
    """⟨⟨θ, g⟩⟩_k = 0 for networks with these activations (functions of tensors, largest slopes)."""

    activations: dict[str, tuple[Sigma, float]]
    degree: int = 1
    sign: int = 1


@lru_cache(maxsize=8)
def _form_function(d: int, e: int, bias: bool, degree: int) -> Any:
    theta, g = TwoLayer(d, 1, e, bias=bias).symbols(), TwoLayer(d, 1, e, bias=bias).symbols("g")
    used = [*theta.neuron(0).w, *theta.neuron(0).a, *g.neuron(0).w, *g.neuron(0).a]
    if theta.b1 is not None and g.b1 is not None:
        used += [theta.b1[0], g.b1[0]]
    return torch_function(form(theta, g, 0, degree), used)


def balance(batch: Batch, gradient: Gradient, degree: int = 1, sign: int = 1) -> Tensor:
    """Return (n, l): the SymPy form ⟨⟨θ, g⟩⟩_k of each neuron, through the bridge."""
    columns = [*batch.W1.unbind(2), *batch.W2.unbind(1)]
    columns += [*gradient.W1.unbind(2), *(sign * gradient.W2).unbind(1)]
    if batch.b1 is not None and gradient.b1 is not None:
        columns += [batch.b1, gradient.b1]
    value: Tensor = _form_function(batch.d_in, batch.d_out, batch.b1 is not None, degree)(*columns)
    return value


SETTINGS: tuple[tuple[int, int, int, LossName, bool], ...] = (
    (1, 1, 1, "mse", False),
    (4, 6, 3, "mse", True),
    (3, 5, 1, "bce", False),
    (2, 4, 2, "bce", True),
    (4, 6, 3, "ce", False),
    (4, 6, 3, "ce", True),
)


def balanced(statement: Balance, context: Context) -> Outcome:
    """Eq. (9) by autograd, at random parameters, on kinks, and at parameters trained in this run.

    Tolerance: the sums on either side have at most N + d + e + 8 roundings each, of terms of known size.
    """
    source = generator(context, "eq9")
    size = 32
    worst: dict[str, float] = {}
    for name, (sigma, slope) in statement.activations.items():
        for d, width, e, loss, bias in SETTINGS:
            own = ACTIVATIONS.get(name, relu)  # what the network is trained with
            start = networks(source, context.pick(quick=20, full=200), width, d, e, bias, own, context.device)
            data = sample(source, size, d, e, loss, context.device)
            # The first input is orthogonal to every input weight (or cancels the bias): pre-activations of exactly 0.
            kinked = replace(start, W1=start.W1.round(), b1=None if start.b1 is None else torch.zeros_like(start.b1))
            on_kink = data._replace(x=torch.cat([torch.zeros_like(data.x[:1]), data.x[1:]]))
            steps = GradientDescent(0.01)
            trained = train(
                start, Objective(data.x, data.y, loss, classes=e if loss == "ce" else None), steps, 50
            ).batch
            for batch, points in ((start, data), (kinked, on_kink), (trained, data)):
                gradient, residuals = autograd(batch, points, sigma)
                tolerance = (size + d + e + 8) * EPS * 2 * size_of_terms(batch, points.x, residuals, slope)
                gap = balance(batch, gradient, statement.degree, statement.sign).abs()
                worst[name] = max(worst.get(name, 0.0), float((gap / tolerance.clamp(min=1e-300)).max()))
    return decided(max(worst.values()) <= 1, worst_in_tolerances=worst)


def homogeneous(activations: dict[str, Activation] | None = None, degree: int = 1) -> Balance:
    """The true statement."""
    chosen = ACTIVATIONS if activations is None else activations
    return Balance({name: (on_tensors(a), degree * steepest(a)) for name, a in chosen.items()}, degree)


def _flows(statement: Conserved, context: Context) -> Outcome:
    return conserved(statement, context, "eq11")


# -- deep networks ----------------------------------------------------------------------------------------------------
def _deep(sign: int, context: Context) -> Outcome:
    """w·g - a·g for every hidden neuron of 4-5-6-3-2 networks, by autograd; the tolerance as for eq. (9), by layers."""
    widths, size = (4, 5, 6, 3, 2), 32
    source = generator(context, "deep")
    worst = 0.0
    for _ in range(context.pick(quick=20, full=200)):
        weights = [
            torch.randn(o, i, generator=source, dtype=torch.float64).to(context.device).requires_grad_(True)
            for i, o in pairwise(widths)
        ]
        data = sample(source, size, widths[0], widths[-1], "mse", context.device)
        value, below, upstream = data.x, [], []
        for layer, W in enumerate(weights):
            below.append(value)
            z = value @ W.T
            z.retain_grad()
            upstream.append(z)
            value = z if layer == len(weights) - 1 else torch.relu(z)
        functional.mse_loss(value, data.y).backward()  # type: ignore[no-untyped-call]
        for layer, (W, V) in enumerate(pairwise(weights)):
            delta = upstream[layer + 1].grad
            assert W.grad is not None
            assert V.grad is not None
            assert delta is not None
            gap = ((W * W.grad).sum(1) - sign * (V * V.grad).sum(0)).detach().abs()
            reach = below[layer].detach().abs() @ W.detach().abs().T
            sizes = ((delta.abs() @ V.detach().abs()) * reach).sum(0)
            tolerance = 2 * (size + W.shape[1] + V.shape[0] + 8) * EPS * sizes
            worst = max(worst, float((gap / tolerance).max()))
    return decided(worst <= 1, worst_in_tolerances=worst)


# -- observational equivalence ----------------------------------------------------------------------------------------
def _one_function(masses: tuple[float, ...], context: Context) -> Outcome:
    """Σ relu(u_r·x) = Σ m_r relu(-u_r·x) on random inputs, to 2(d + l + 4) eps times the size of the terms."""
    u = sympy.Matrix([[1, 0], [0, 1], [-1, -1]])
    first = Parameters(u, [[1, 1, 1]])
    second = Parameters(-u, [[sympy.Rational(m) for m in masses]])
    batch = Batch.from_parameters([first, second], device=context.device)
    x = torch.randn(1000, 2, generator=generator(context, "obs"), dtype=torch.float64).to(batch.W1)
    values = batch.output(x)
    gap = (values[0] - values[1]).abs()
    return decided(float((gap / (18 * EPS * 4 * x.abs().sum(1, keepdim=True))).max()) <= 1)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.homog": (
        measurement(
            "z σ'(z) = σ(z) at 10^4 points, σ' by autograd",
            _torchs_own,
            _euler,
            [
                Control("GELU", lambda found: {**found, "gelu": functional.gelu}),
                Control("leaky ReLU as printed", lambda found: {**found, "max(z, 0.1)": printed_leaky_relu}),
            ],
        ),
    ),
    "nurisso.eq3": (
        measurement(
            "outputs of 600 random networks before and after rescaling by factors from 1/8 to 8",
            lambda: rescaled,
            _keeps_output,
            [Control("output weights not divided", _outputs_not_divided)],
        ),
    ),
    "nurisso.eq8": (
        measurement(
            "the loss along the orbits of trained networks, by autograd through the rescaling",
            lambda: rescaled,
            _flat_along_orbits,
            [Control("output weights not divided", _outputs_not_divided)],
        ),
    ),
    "nurisso.eq9": (
        measurement(
            "autograd at random, kinked and trained parameters; ReLU, leaky ReLU, |z|, (2.3, 0.7); MSE, BCE, CE; "
            "with and without biases",
            homogeneous,
            balanced,
            [
                Control("GELU", lambda s: Balance({"gelu": (functional.gelu, 1.2)})),
                Control("leaky ReLU as printed", lambda s: Balance({"max(z, 0.1)": (printed_leaky_relu, 1.0)})),
                Control("a plus for the minus", lambda s: replace(s, sign=-1)),
                Control("the form of degree 2", lambda s: replace(s, degree=2)),
            ],
        ),
    ),
    "nurisso.eq11": (
        measurement(
            "flows of leaky ReLU networks by DOP853, gradients by autograd",
            lambda: Conserved(leaky_relu(TENTH)),
            _flows,
            [
                Control("|w|² - 2|a|²", lambda s: replace(s, degree=2)),
                Control("GELU", lambda s: replace(s, sigma=functional.gelu)),
            ],
        ),
        measurement(
            "learning rates 1 and 1/4 on the layers: |w|² - 4|a|² is kept",
            lambda: Conserved(relu, learning_rates=(1.0, 0.25), weights=(1.0, 0.25)),
            _flows,
            [Control("the form without weights", lambda s: replace(s, weights=(1.0, 1.0)))],
        ),
    ),
    "nurisso.eq11.deep": (
        measurement(
            "autograd on ReLU networks 4-5-6-3-2",
            lambda: 1,
            _deep,
            [Control("a plus for the minus", lambda sign: -sign)],
        ),
    ),
    "nurisso.obs-vs-rp": (
        measurement(
            "the two networks on 1000 random inputs",
            lambda: (1.0, 1.0, 1.0),
            _one_function,
            [Control("one mass doubled", lambda _: (1.0, 1.0, 2.0))],
        ),
    ),
}
