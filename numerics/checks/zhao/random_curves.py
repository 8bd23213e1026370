"""Random curves: orbits of linear networks with their derivatives, and smooth curves of bounded curvature as points."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import jvp, vmap

from ...experiments.zhao.approximate_symmetries import linear_curve

Curve = Callable[[Tensor], Tensor]
"""From t to a point (p,)."""


def normal(source: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=source, dtype=torch.float64)


def derivatives(curve: Curve, t: Tensor) -> tuple[Tensor, Tensor]:
    """Return γ'(t) and γ''(t), by forward differentiation, for times (n,)."""

    def velocity(s: Tensor) -> Tensor:
        return jvp(curve, (s,), (torch.ones_like(s),))[1]  # type: ignore[no-any-return]

    return vmap(velocity)(t), vmap(lambda s: jvp(velocity, (s,), (torch.ones_like(s),))[1])(t)


def products(curve: Curve, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    first, second = derivatives(curve, t)
    return (first * first).sum(-1), (first * second).sum(-1), (second * second).sum(-1)


def linear_network(source: torch.Generator, orthogonal: bool = False) -> tuple[Curve, Tensor]:
    """The curve (W_2 e^{-tM}, e^{tM} W_1) of a random network of 3 to 5 neurons, and M (skew if orthogonal)."""
    m, h, n = 3, int(torch.randint(3, 6, (), generator=source)), 4
    W2, W1, M = normal(source, m, h), normal(source, h, n), normal(source, h, h) / h**0.5
    M = (M - M.T) / 2 if orthogonal else M

    def curve(t: Tensor) -> Tensor:
        U, V = linear_curve(M, (W2, W1), t.reshape(1))
        return torch.cat([U.reshape(-1), V.reshape(-1)])

    return curve, M


class Sampled(NamedTuple):
    """Curves as rows of points (n, N + 1, d), with curvature at most K (n,) and length (n,)."""

    points: Tensor
    K: Tensor
    length: Tensor


def random_curves(source: torch.Generator, n: int, d: int, turning: tuple[float, float], steps: int = 400) -> Sampled:
    """Return curves of circular arcs joined smoothly, K Λ uniform in ``turning``; their points are exact to rounding.

    T turns at a rate of at most K: in each step towards a normal that wanders, by a share of K that wanders too. A
    fifth of the curves are plane and turn with all of K, as circles do. T is Lipschitz, which is all that (A) and (B)
    use.
    """
    low, high = turning
    K = 0.5 + 2 * torch.rand(n, generator=source, dtype=torch.float64)
    length = (low + (high - low) * torch.rand(n, generator=source, dtype=torch.float64)) / K
    h = (length / steps)[:, None]
    T, N = torch.linalg.qr(normal(source, n, d, 2)).Q.unbind(-1)
    tight = torch.arange(n)[:, None] % 5 == 0
    drift = 3 * torch.rand(n, 1, generator=source, dtype=torch.float64)
    place, points = torch.zeros(n, d, dtype=torch.float64), []
    points.append(place)
    for _ in range(steps):
        wandering = N + drift * steps**-0.5 * normal(source, n, d)
        N = torch.where(tight, N, wandering)
        N = N - (N * T).sum(-1, keepdim=True) * T
        N = N / N.norm(dim=-1, keepdim=True)
        share = torch.where(tight, 1.0, torch.rand(n, 1, generator=source, dtype=torch.float64) ** 0.2)
        kappa = share * K[:, None]
        angle = kappa * h
        place = place + (torch.sin(angle) * T + (1 - torch.cos(angle)) * N) / kappa
        T, N = torch.cos(angle) * T + torch.sin(angle) * N, torch.cos(angle) * N - torch.sin(angle) * T
        points.append(place)
    return Sampled(torch.stack(points, 1), K, length)


TIMES = torch.linspace(0, 1, 21, dtype=torch.float64)


def chord(points: Tensor) -> Tensor:
    """Return points (n, 21, d) of the chords."""
    first, last = points[:, :1], points[:, -1:]
    return first + TIMES[:, None] * (last - first)


def to_nearest(points: Tensor) -> Tensor:
    """Return (n, 21): the distance from the points of the chord to the nearest sampled point of the curve."""
    return torch.cdist(chord(points), points).amin(-1)
