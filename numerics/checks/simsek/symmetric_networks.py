"""Small smooth networks along gradient descent and gradient flow, with bounds on how fast two neurons part or meet.

Two neurons (w, a) of one network share its residuals r_n, so that their gradients differ by at most Λ times their
distance, with

    Λ = mean_n |r_n| (max_i |a_i| s2 |x_n|² + s1 |x_n|),

s1 and s2 being the largest |σ'| and |σ''|: the norm of [[A, B], [B, 0]] is at most A + B. All else follows from
Lemma 2.1's inequalities, step by step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.integrate
import sympy
import torch
from torch import Tensor

from quadrics.smooth_activation import Z, tanh

from ...bridge import torch_function
from ..sampling import EPS

SLOPE = 1.0
"""The largest |tanh'|, at 0."""
CURVATURE = float(4 * sympy.sqrt(3) / 9)
"""The largest |tanh''| = 2|t|(1 - t²) for t = tanh z, at t² = 1/3."""


@lru_cache(maxsize=1)
def _sigma() -> Any:
    return torch_function(tanh.formula, Z)


@dataclass(frozen=True)
class Networks:
    """Networks f(x) = Σ a_i tanh(w_i·x) on one sample, L = mean (f - y)²/2 + lopsided |(w_1, a_1)|²/2.

    Parameters are tensors (n, m, d + 1), a unit a row, its last entry a. With ``lopsided`` not 0 the loss is not
    symmetric.
    """

    x: Tensor
    y: Tensor
    lopsided: float = 0.0

    @classmethod
    def drawn(cls, source: torch.Generator, size: int = 6, d: int = 2, lopsided: float = 0.0) -> Networks:
        """Return standard normal data."""
        x = torch.randn(size, d, generator=source, dtype=torch.float64)
        return cls(x, torch.randn(size, generator=source, dtype=torch.float64), lopsided)

    def residuals(self, theta: Tensor) -> Tensor:
        """Return f(x_n) - y_n, (n, N)."""
        hidden: Tensor = _sigma()(theta[..., :-1] @ self.x.T)
        found: Tensor = (theta[..., -1:] * hidden).sum(-2) - self.y
        return found

    def loss(self, theta: Tensor) -> Tensor:
        """Return the losses (n,)."""
        fit = self.residuals(theta).square().mean(-1) / 2
        found: Tensor = fit + self.lopsided * theta[..., 0, :].square().sum(-1) / 2
        return found

    def gradient(self, theta: Tensor) -> Tensor:
        """Return torch's gradients, of the same shape."""
        leaf = theta.detach().clone().requires_grad_(True)
        (found,) = torch.autograd.grad(self.loss(leaf).sum(), leaf)
        return found

    def lipschitz(self, theta: Tensor, loss: Tensor | None = None, time: Tensor | float = 0.0) -> Tensor:
        """Return Λ (n,) at θ; with ``loss``, for the flow's next ``time``, along which L and so mean r² do not grow.

        There mean_n |r_n| v_n <= sqrt(2 L) sqrt(mean v_n²), and a_i moves by at most sqrt(t L) (the bound of eq. 1).
        """
        length = self.x.norm(dim=1)
        largest = theta[..., -1].abs().amax(-1)
        if loss is None:
            rates = largest[..., None] * CURVATURE * length**2 + SLOPE * length
            now: Tensor = (self.residuals(theta).abs() * rates).mean(-1)
            return now
        largest = largest + (time * loss).sqrt()
        rates = largest[..., None] * CURVATURE * length**2 + SLOPE * length
        later: Tensor = (2 * loss).sqrt() * rates.square().mean(-1).sqrt()
        return later

    def rounding(self, theta: Tensor, rate: float) -> Tensor:
        """Return (n,): how far rounding moves a unit in a step of gradient descent.

        Sums of N, d and m terms, of sizes |r_n| (1 + |a|)(1 + |x_n|) at most, as |tanh|, |tanh'| <= 1; torch's tanh and
        autograd's 1 - t² err by a few eps, counted among the 8.
        """
        N, d = self.x.shape
        largest = theta.abs().amax((-1, -2))
        sizes = (self.residuals(theta).abs() * (1 + self.x.norm(dim=1))).mean(-1) * (1 + largest)
        moved: Tensor = 2 * (N + d + theta.shape[-2] + 8) * EPS * (largest + rate * sizes) * (d + 1) ** 0.5
        return moved


@dataclass(frozen=True, eq=False)
class Path:
    """A flow at the integrator's own steps: times (T,), parameters (T, m, d + 1), the local errors allowed (T,)."""

    t: Tensor
    theta: Tensor
    error: Tensor


def flow_path(networks: Networks, start: Tensor, time: float, rtol: float = 1e-8, atol: float = 1e-10) -> Path:
    """Integrate the flow of one network by DOP853.

    The path consists of pieces of exact flows with jumps between them: a step's jump is at most √p (atol + rtol |θ|).
    """
    shape = start.shape

    def field(t: float, state: Any) -> Any:
        return -networks.gradient(torch.as_tensor(state).view(shape)).flatten().numpy()

    found = scipy.integrate.solve_ivp(field, (0.0, time), start.flatten().numpy(), "DOP853", rtol=rtol, atol=atol)
    theta = torch.as_tensor(np.ascontiguousarray(found.y.T)).view(-1, *shape)
    largest = theta.abs().amax((-1, -2))
    return Path(torch.as_tensor(found.t), theta, start.numel() ** 0.5 * (atol + rtol * largest))


def distances(theta: Tensor) -> Tensor:
    """Return |θ_i - θ_j| for all pairs i < j, (..., m (m - 1) / 2)."""
    m = theta.shape[-2]
    first, second = torch.triu_indices(m, m, 1)
    found: Tensor = (theta[..., first, :] - theta[..., second, :]).norm(dim=-1)
    return found
