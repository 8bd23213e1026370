"""Section 6.2, measured: curvature against automatic differentiation, and the bounds on chords of random curves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
import torch
from torch import Tensor
from torch.func import jvp, vmap

from proofs.check import Check, Context, Control, measurement
from proofs.evidence import Outcome, decided
from quadrics.connectivity.chord_bounds import (
    CHORD,
    CURVATURE,
    LENGTH,
    REACH,
    length_bound,
    printed_bound,
    reach_bound,
    turning_bound,
)
from quadrics.connectivity.curvature import DEGREE, INNER, OUTER, TAU, curvature_from, rescaling_curvature

from ...bridge import torch_function
from ...experiments.zhao.approximate_symmetries import EPS
from ..sampling import generator
from .homogeneous_pairs import largest
from .random_curves import TIMES, Curve, derivatives, linear_network, normal, products, random_curves, to_nearest

TIME = sympy.Symbol("t", nonnegative=True)
PRODUCTS = sympy.symbols("V C D", positive=True)
# -- curvature --------------------------------------------------------------------------------------------------------
Formula = Callable[[Tensor, Tensor, Tensor], Tensor]


def _by_direction(formula: Formula, context: Context) -> Outcome:
    """κ from inner products against |T'|/|γ'|, T' by differentiating γ'/|γ'| itself, on 20 orbits of linear networks.

    κ² |γ'|⁴ is the difference V D - C² over V: its rounding, some p ε V D for p coordinates, is relative to that
    difference, and a square root halves it. The derivatives are exact to about as many roundings.
    """
    source = generator(context, "zhao.def.kappa")
    t = torch.linspace(-1, 1, 9, dtype=torch.float64)
    worst = 0.0
    for _ in range(context.pick(quick=8, full=40)):
        curve, _ = linear_network(source)

        def direction(s: Tensor, curve: Curve = curve) -> Tensor:
            first = jvp(curve, (s,), (torch.ones_like(s),))[1]
            return first / first.norm()  # type: ignore[no-any-return]

        V, C, D = products(curve, t)
        turn = vmap(lambda s, f=direction: jvp(f, (s,), (torch.ones_like(s),))[1])(t)
        wanted = turn.norm(dim=-1) / V.sqrt()
        tolerance = 100 * curve(t[0]).numel() * EPS * V * D / (V * D - C**2)
        worst = max(worst, largest((formula(V, C, D) / wanted - 1).abs() / tolerance))
    return decided(worst <= 1, worst=worst)


def _rescaling(formula: Callable[..., Tensor], context: Context) -> Outcome:
    """The closed form along orbits of random layers, degrees 1/2 to 3, against automatic differentiation."""
    source = generator(context, "beyond.zhao.rescaling-curvature")
    tau = torch.linspace(-1, 1, 9, dtype=torch.float64)
    from_products = _bound(curvature_from(*PRODUCTS), *PRODUCTS)
    worst = 0.0
    for degree in (0.5, 1.0, 2.0, 3.0):
        W, Z = normal(source, 12), normal(source, 20)

        def curve(s: Tensor, k: float = degree, W: Tensor = W, Z: Tensor = Z) -> Tensor:
            return torch.cat([s.exp() * W, (-k * s).exp() * Z])

        V, C, D = products(curve, tau)
        wanted = from_products(V, C, D)
        tolerance = 100 * 32 * EPS * V * D / (V * D - C**2)
        found = formula(degree, float(W @ W), float(Z @ Z), tau)
        worst = max(worst, largest((found / wanted - 1).abs() / tolerance))
    return decided(worst <= 1, worst=worst)


def _turning_rate(factor: float, context: Context) -> Outcome:
    """κ|γ'| over the norm of M, on 60 (quick) or 300 orbits of one hidden layer; rounding as for κ.

    A rotation in the plane of two neurons, with weights in it, attains the norm.
    """
    source = generator(context, "beyond.zhao.curvature")
    t = torch.linspace(-1, 1, 9, dtype=torch.float64)
    J = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)
    plane = normal(source, 2, 3)

    def rotation(s: Tensor) -> Tensor:
        turned: Tensor = torch.linalg.matrix_exp(s * J) @ plane
        return turned.reshape(-1)

    turning = _bound(curvature_from(*PRODUCTS) * sympy.sqrt(PRODUCTS[0]), *PRODUCTS)
    orbits = [(rotation, J)] + [linear_network(source, k % 2 == 1) for k in range(context.pick(quick=60, full=300))]
    most = 0.0
    for curve, M in orbits:
        V, C, D = products(curve, t)
        rate = turning(V, C, D)
        slack = 1 + 100 * curve(t[0]).numel() * EPS * V * D / (V * D - C**2)
        most = max(most, largest(rate / (torch.linalg.matrix_norm(M, ord=2) * slack)))
    return decided(most <= factor, largest=most)


# -- chords of random curves ------------------------------------------------------------------------------------------
Bound = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From K (n, 1), chord (n, 1), length (n, 1) to a bound, (n, 1) or (n, 21)."""


def _curves_below(bound: Bound, turning: tuple[float, float], context: Context) -> Outcome:
    """Whether no chord is farther from its curve than the bound.

    The nearest point of the curve, at distance d, has a sampled point within δ = Λ/(2N) along the curve. The squared
    distance f from w has f' = 0 there, or it is an end, which is sampled; and f'' = 2 - 2<w - γ, γ''>. So the sampled
    distance is at most √(d² + δ² (1 + K (d + δ))). Points are off by some N ε times the length.
    """
    source = generator(context, f"chords {turning}")
    n = context.pick(quick=150, full=1500)
    worst = -torch.inf
    for d in (2, 3, 4, 7):
        sample = random_curves(source, n, d, turning)
        K, Lam = sample.K[:, None], sample.length[:, None]
        chord = (sample.points[:, -1] - sample.points[:, 0]).norm(dim=-1, keepdim=True)
        found, limit = to_nearest(sample.points), bound(K, chord, Lam)
        delta = Lam / (2 * 400)
        allowed = torch.sqrt(limit**2 + delta**2 * (1 + K * (limit + delta))) + 100 * 400 * EPS * Lam
        excess = torch.where(limit.isfinite(), found / allowed, torch.zeros_like(found))
        worst = max(worst, largest(excess))
    return decided(worst <= 1, worst=worst, curves=4 * n)


LONG = (0.2, 15.0)
HALF_CIRCLE = (0.2, 3.14)


def _bound(formula: Any, *symbols: Any) -> Callable[..., Tensor]:
    return torch_function(formula, symbols)


def _length_bound() -> Bound:
    f = _bound(length_bound(CURVATURE, LENGTH, TIME), CURVATURE, LENGTH, TIME)
    return lambda K, chord, Lam: f(K, Lam, TIMES)


def _turning_bound() -> Bound:
    f = _bound(turning_bound(), CURVATURE, LENGTH)
    return lambda K, chord, Lam: f(K, Lam)


def _printed_bound() -> Bound:
    f = _bound(printed_bound(), CURVATURE, CHORD)
    return lambda K, chord, Lam: f(
        K,
        chord,
    )


def _for_curves_that_turn(statement: tuple[Bound, tuple[float, float]], context: Context) -> Outcome:
    """A bound, and how far the curves turn; where it is not real (d_max for K l > 2) it says nothing."""
    bound, turning = statement
    return _curves_below(bound, turning, context)


def _linear_networks(factor: float, context: Context) -> Outcome:
    """Bound (A) for orbits of linear networks: |γ(t) - w(t)| <= t(1-t)/2 times the largest |γ''| on [0, 1].

    γ''(t + s) = exp(sM)·γ''(t) is at most e^{|M||s|} times larger: the largest of 41 values, times e^{|M|/80}, bounds
    all of them. A segment of small M makes the bound nearly sharp.
    """
    source = generator(context, "zhao.rem6.2b")
    fine = torch.linspace(0, 1, 41, dtype=torch.float64)
    most = 0.0
    for _ in range(context.pick(quick=30, full=200)):
        curve, M = linear_network(source)
        scale = float(torch.rand((), generator=source, dtype=torch.float64)) ** 2 * 3

        def scaled(t: Tensor, curve: Curve = curve, scale: float = scale) -> Tensor:
            return curve(scale * t)

        points = vmap(scaled)(fine)
        chord = points[:1] + fine[:, None] * (points[-1:] - points[:1])
        _, second = derivatives(scaled, fine)
        m = scale * float(torch.linalg.matrix_norm(M, ord=2))
        top = float(second.norm(dim=-1).max()) * torch.exp(torch.tensor(m / 80)).item()
        allowed = fine * (1 - fine) / 2 * top + 1000 * EPS * float(points.norm(dim=-1).max())
        most = max(most, largest((points - chord).norm(dim=-1) / allowed))
    return decided(most <= factor, largest=most)


Reach = Callable[[Tensor, Tensor, Tensor], Tensor]


def _ellipses(bound: Reach, context: Context) -> Outcome:
    """Bound (C) for chords of ellipses with half-axes a >= b: reach b²/a, the least radius of curvature.

    The ellipse is sampled at 2000 equal angles, less than δ = π a / 2000 from each point; as for curves, a sampled
    distance is at most √(d² + δ² (1 + (d + δ)/r)).
    """
    source = generator(context, "beyond.zhao.chord-reach")
    angles = torch.linspace(0, 2 * torch.pi, 2001, dtype=torch.float64)[:-1]
    worst = 0.0
    for number in range(context.pick(quick=25, full=100)):
        b = 1.0
        a = 1.0 if number == 0 else 1 + 2 * float(torch.rand((), generator=source, dtype=torch.float64))
        r = torch.tensor(b**2 / a, dtype=torch.float64)
        ellipse = torch.stack([a * angles.cos(), b * angles.sin()], -1)
        pairs = torch.randint(0, 2000, (60, 2), generator=source)
        ends = ellipse[pairs]
        chord = (ends[:, 1] - ends[:, 0]).norm(dim=-1, keepdim=True)
        near = ((chord < 2 * r) & (chord > 0))[:, 0]
        if not bool(near.any()):
            continue
        w = ends[near, :1] + TIMES[:, None] * (ends[near, 1:] - ends[near, :1])
        found = torch.cdist(w, ellipse.expand(len(w), -1, -1)).amin(-1)
        limit = bound(r, chord[near], TIMES)
        delta = torch.pi * a / 2000
        allowed = torch.sqrt(limit**2 + delta**2 * (1 + (limit + delta) / r))
        worst = max(worst, largest(found / allowed))
    return decided(worst <= 1, worst=worst)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "zhao.def.kappa": (
        measurement(
            "inner products against the derivative of the direction, orbits of linear networks",
            lambda: _bound(curvature_from(*PRODUCTS), *PRODUCTS),
            _by_direction,
            [
                Control(
                    "without the part along γ'",
                    lambda f: _bound(sympy.sqrt(PRODUCTS[2]) / PRODUCTS[0] + 0 * PRODUCTS[1], *PRODUCTS),
                ),
                Control("|γ'|² below", lambda f: lambda V, C, D: f(V, C, D) * V.sqrt()),
            ],
        ),
    ),
    "beyond.zhao.rescaling-curvature": (
        measurement(
            "the closed form against automatic differentiation, degrees 1/2, 1, 2, 3",
            lambda: _bound(rescaling_curvature(), DEGREE, INNER, OUTER, TAU),
            _rescaling,
            [Control("layers exchanged", lambda f: lambda k, A, B, tau: f(k, B, A, tau))],
        ),
    ),
    "beyond.zhao.curvature": (
        measurement(
            "turning rate over the norm of the generator, random orbits of one hidden layer",
            lambda: 1.0,
            _turning_rate,
            [Control("nine tenths of the norm", lambda factor: 0.9)],
        ),
    ),
    "beyond.zhao.chord-length": (
        measurement(
            "600 (quick) or 6000 random curves in 2 to 7 dimensions, turning by up to 15",
            _length_bound,
            lambda bound, context: _curves_below(bound, LONG, context),
            [
                Control("half the bound", lambda bound: lambda K, chord, Lam: bound(K, chord, Lam) / 2),
                Control("d_max as printed", lambda bound: _printed_bound()),
            ],
        ),
    ),
    "beyond.zhao.chord-turning": (
        measurement(
            "600 (quick) or 6000 random curves in 2 to 7 dimensions, turning by at most π",
            _turning_bound,
            lambda bound, context: _curves_below(bound, HALF_CIRCLE, context),
            [Control("0.95 times the bound", lambda bound: lambda K, chord, Lam: 0.95 * bound(K, chord, Lam))],
        ),
    ),
    "zhao.thm6.2": (
        measurement(
            "d_max on 600 (quick) or 6000 random curves with K Λ <= π",
            lambda: (_printed_bound(), HALF_CIRCLE),
            _for_curves_that_turn,
            [Control("without the bound on the length", lambda bounds: (bounds[0], LONG))],
        ),
    ),
    "beyond.zhao.chord-reach": (
        measurement(
            "chords of ellipses, the circle among them",
            lambda: _bound(reach_bound(REACH, CHORD, TIME), REACH, CHORD, TIME),
            _ellipses,
            [Control("0.95 times the bound", lambda f: lambda r, chord, t: 0.95 * f(r, chord, t))],
        ),
    ),
    "zhao.rem6.2b": (
        measurement(
            "chords of orbits of linear networks against their acceleration",
            lambda: 1.0,
            _linear_networks,
            [Control("half the bound", lambda factor: 0.5)],
        ),
    ),
}
