"""Minima of small deep networks with smooth activations, on data that they do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from scipy.optimize import least_squares
from torch import Tensor

from proofs import Context
from quadrics.smooth_activation import SmoothActivation, sigmoid, tanh

from ...expansion_sampling import Weights, random_core
from ...network_rounding import Majorant, derivatives, flatten, hessian, loss_of, outputs, unflatten
from ..sampling import generator

SHAPES: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((2,), (4,)),
    ((1, 2), (2, 4)),
    ((1, 1, 1), (2, 2, 2)),
)
SAMPLES = 12


@dataclass(frozen=True, eq=False)
class CriticalNetwork:
    """A narrow network at a critical point of its loss on data that it does not fit."""

    weights: Weights
    x: Tensor
    y: Tensor
    sigma: SmoothActivation
    gradient: Tensor


def critical_network(sizes: Sequence[int], sigma: SmoothActivation, source: torch.Generator) -> CriticalNetwork | None:
    """Fit a random network to its own outputs with noise, from where it is; ``None`` if that finds no good minimum.

    Accepted are points where the computed gradient is within its rounding error, weights are below 20, and the
    Hessian has no eigenvalue below 1e-6, so that an exact critical point is near. (Where weights run off to infinity
    the gradient vanishes as well.)
    """
    start = [W[0] for W in random_core(sizes, 1, source)]
    x = torch.randn(SAMPLES, sizes[0], generator=source, dtype=torch.float64)
    noise = torch.randn(SAMPLES, sizes[-1], generator=source, dtype=torch.float64)
    y = outputs(start, x, sigma) + 0.3 * noise

    found = least_squares(
        lambda v: (outputs(unflatten(torch.from_numpy(v), start), x, sigma) - y).flatten().numpy(),
        flatten(start).numpy(),
        jac=lambda v: _jacobian(unflatten(torch.from_numpy(v), start), x, sigma).numpy(),
        max_nfev=100,
    )
    loss = loss_of(start, x, y, sigma)
    gradient, second = torch.func.grad(loss), hessian(loss)
    theta = torch.from_numpy(found.x)
    for _ in range(4):  # Newton's steps: the last digits
        theta = theta - torch.linalg.lstsq(second(theta), gradient(theta)[:, None]).solution[:, 0]
    weights = unflatten(theta, start)
    if not bool(theta.isfinite().all()) or float(theta.abs().max()) > 20:
        return None
    g = gradient(theta)
    within = bool((g.abs() <= Majorant(weights, x, sigma).gradient_error(y)).all())
    isolated = float(torch.linalg.eigvalsh(second(theta)).abs().min()) > 1e-6
    return CriticalNetwork(weights, x, y, sigma, g) if within and isolated else None


def _jacobian(weights: Weights, x: Tensor, sigma: SmoothActivation) -> Tensor:
    """The derivatives (N e, p) of all outputs by all weights, by back-propagation."""
    value, slope = derivatives(sigma)[:2]
    values, slopes = [x], []
    for W in weights[:-1]:
        z = values[-1] @ W.T
        values.append(value(z))
        slopes.append(slope(z))
    delta = torch.eye(weights[-1].shape[0], dtype=x.dtype).expand(len(x), -1, -1)
    parts: list[Tensor] = []
    for layer in reversed(range(len(weights))):
        parts.insert(0, torch.einsum("noi,nj->noij", delta, values[layer]).flatten(2))
        if layer:
            delta = (delta @ weights[layer]) * slopes[layer - 1][:, None, :]
    return torch.cat(parts, 2).flatten(0, 1)


def critical_networks(context: Context) -> list[tuple[tuple[int, ...], CriticalNetwork]]:
    """Some for each shape, found once in a run; each with the widths to which it is expanded."""

    def compute() -> list[tuple[tuple[int, ...], CriticalNetwork]]:
        source, found = generator(context, "deep critical points"), []
        for r, m in SHAPES:
            wanted = context.pick(quick=2, full=8)
            for i in range(20 * wanted):
                one = critical_network((2, *r, 2), (tanh, sigmoid)[i % 2], source)
                if one is not None:
                    found.append((m, one))
                    wanted -= 1
                if not wanted:
                    break
        return found

    return context.once("deep critical points", compute)
