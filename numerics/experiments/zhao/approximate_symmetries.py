"""Two-layer networks U σ(VX), their descent, and the map of eq. (6) of Zhao et al. on them, batched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from quadrics.connectivity.approximate_action import moved_weights
from quadrics.connectivity.symmetry_curves import transport

from ...activation import AnyActivation, sigma_of

__all__ = ["Moved", "Problem", "descend", "drawn", "linear_curve", "moved_along", "projection_rounding", "segment"]

EPS = torch.finfo(torch.float64).eps

Weights = tuple[Tensor, Tensor]
"""U (..., m, h) and V (..., h, n)."""


def applied(activation: AnyActivation, Z: Tensor) -> Tensor:
    """Return σ(Z), elementwise."""
    values: Tensor = sigma_of(activation)(Z)
    return values


@dataclass(frozen=True)
class Problem:
    """Inputs X (n, k), targets Y (m, k), and the activation."""

    X: Tensor
    Y: Tensor
    activation: AnyActivation

    def features(self, V: Tensor) -> Tensor:
        """Return σ(VX), (..., h, k)."""
        return applied(self.activation, V @ self.X)

    def output(self, weights: Weights) -> Tensor:
        """Return U σ(VX), (..., m, k)."""
        U, V = weights
        return U @ self.features(V)

    def loss(self, weights: Weights) -> Tensor:
        """Return \\|U σ(VX) - Y\\|, not squared, one for each network."""
        found: Tensor = torch.linalg.matrix_norm(self.output(weights) - self.Y)
        return found


def drawn(
    source: torch.Generator, m: int, h: int, n: int, k: int, activation: AnyActivation
) -> tuple[Problem, Weights]:
    """Return a problem with standard normal data, and weights of variance 1 over the number of incoming ones.

    >>> from quadrics.activation import relu
    >>> problem, (U, V) = drawn(torch.Generator().manual_seed(0), 2, 3, 4, 5, relu)
    >>> problem.output((U, V)).shape
    torch.Size([2, 5])
    """

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=source, dtype=torch.float64)

    return Problem(normal(n, k), normal(m, k), activation), (normal(m, h) / h**0.5, normal(h, n) / n**0.5)


def descend(
    problem: Problem, weights: Weights, steps: int, rate: float, momentum: float = 0.9, scale: float = 1.0
) -> Weights:
    """Return the weights after gradient descent on \\|U σ(VX) - Y\\|² / scale, the whole batch at each step.

    >>> from quadrics.activation import relu
    >>> problem, start = drawn(torch.Generator().manual_seed(0), 2, 40, 4, 3, relu)
    >>> bool(problem.loss(descend(problem, start, 500, 0.02)) < problem.loss(start) / 100)
    True
    """
    sigma = sigma_of(problem.activation)
    U, V = (W.clone() for W in weights)
    speed_U, speed_V = torch.zeros_like(U), torch.zeros_like(V)
    for _ in range(steps):
        Z = V @ problem.X
        S = sigma(Z)
        residual = (U @ S - problem.Y) * (2 / scale)
        gradient_V = ((U.T @ residual) * sigma.derivative(Z)) @ problem.X.T
        speed_U = momentum * speed_U - rate * residual @ S.T
        speed_V = momentum * speed_V - rate * gradient_V
        U, V = U + speed_U, V + speed_V
    return U, V


class Moved(NamedTuple):
    """The weights g·w, and σ(gVX)."""

    weights: Weights
    features: Tensor


def moved_along(problem: Problem, weights: Weights, g: Tensor) -> Moved:
    """Return g·w of eq. (6) for a batch g (..., h, h) of matrices."""
    U, V = weights
    moved = moved_weights(g, U, V, problem.X, partial(applied, problem.activation), torch.linalg.pinv)
    return Moved(moved, problem.features(moved[1]))


def linear_curve(generator: Tensor, weights: Weights, times: Tensor) -> Weights:
    """Return (U e^{-tM}, e^{tM} V) for the times t, with the times as the first dimension.

    >>> U, V, M = torch.ones(1, 2).double(), torch.ones(2, 1).double(), torch.eye(2).double()
    >>> moved = linear_curve(M, (U, V), torch.tensor([0.0, 1.0]).double())
    >>> torch.allclose(moved[0] @ moved[1], U @ V)
    True
    """
    U, V = weights
    forth = torch.linalg.matrix_exp(times[:, None, None] * generator)
    back = torch.linalg.matrix_exp(-times[:, None, None] * generator)
    V_moved, U_moved = transport([forth], [back], [V, U])
    return U_moved, V_moved


def segment(start: Weights, end: Weights, times: Tensor) -> Weights:
    """Return (1-t) start + t end for the times t, which come first among the dimensions."""
    U, V = (a + times.reshape(-1, *(1,) * a.ndim) * (b - a) for a, b in zip(start, end, strict=True))
    return U, V


def projection_rounding(features: Tensor) -> Tensor:
    """Return how far rounding moves A S⁺S from A S⁺S, relative to |A|, for S (..., h, k): 10 max(h, k) ε cond(S).

    A pseudo-inverse by singular values is off by a small multiple of max(h, k) ε cond(S) relative to its own norm
    (Wedin), and |S⁺| |S| = cond(S). Singular values that count as zero are left out, as ``pinv`` leaves them out.
    """
    values = torch.linalg.svdvals(features)
    size = max(features.shape[-2:])
    kept = torch.where(values > size * EPS * values[..., :1], values, values[..., :1])
    relative: Tensor = 10 * size * EPS * values[..., 0] / kept.amin(-1)
    return relative
