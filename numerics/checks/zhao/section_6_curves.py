"""Section 6.1, measured: curves on level sets, real logarithms, and the map of eq. (6) on networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy
import torch
import xarray as xr
from scipy import linalg
from torch import Tensor

from proofs.check import Check, Context, Control, measurement
from proofs.evidence import Outcome, decided
from quadrics.activation import relu
from quadrics.connectivity.real_powers import has_real_logarithm
from quadrics.connectivity.symmetry_curves import transport
from quadrics.smooth_activation import sigmoid

from ...activation import AnyActivation
from ...experiments.zhao.approximate_symmetries import drawn, moved_along, projection_rounding
from ...experiments.zhao.figure_3 import FULL, LEAKY, QUICK, run
from ..sampling import EPS, generator
from .homogeneous_pairs import largest

norm = torch.linalg.matrix_norm

Inverse = Callable[[Tensor], Tensor]
"""From tM to the matrix that undoes exp(tM)."""


def _on_level_set(inverse: Inverse, context: Context) -> Outcome:
    """The product of three layers at 1000 times on [0, 1], for random generators M, N of norm 1.

    torch's exponential is backward stable: off by a small multiple of h ε |tM| e^{|tM|} (Higham, 2005), so that each of
    the four exponentials has a relative error of at most 10 h ε e^{2|M|}, and so has the product, relative to the sizes
    of its factors, |W_3| |e^{-tN}| |e^{tN}| |W_2| |e^{-tM}| |e^{tM}| |W_1| <= e^{2|M|+2|N|} |W_3| |W_2| |W_1|.
    """
    source = generator(context, "zhao.eq4")
    times = torch.linspace(0, 1, 1000, dtype=torch.float64)[:, None, None]
    worst = 0.0
    for d, h1, h2, e in ((3, 4, 5, 2), (6, 8, 3, 4)):
        W = [torch.randn(*shape, generator=source, dtype=torch.float64) for shape in ((h1, d), (h2, h1), (e, h2))]
        M, N = (torch.randn(h, h, generator=source, dtype=torch.float64) for h in (h1, h2))
        M, N = (one / norm(one, ord=2) for one in (M, N))
        moves = [torch.linalg.matrix_exp(times * one) for one in (M, N)]
        curve = transport(moves, [inverse(times * one) for one in (M, N)], W)
        gap = norm(curve[2] @ curve[1] @ curve[0] - W[2] @ W[1] @ W[0]).max()
        sizes = torch.exp(2 * norm(M, ord=2) + 2 * norm(N, ord=2)) * norm(W[0]) * norm(W[1]) * norm(W[2])
        worst = max(worst, largest(gap / (4 * 10 * max(h1, h2) * EPS * torch.exp(2 * norm(M, ord=2)) * sizes)))
    return decided(worst <= 1, worst=worst)


Exists = Callable[[Any], bool]


def _logarithms(exists: Exists, context: Context) -> Outcome:
    """Matrices with entries normal and rounded to eighths: the exact decision against eigenvalues in floating point.

    Simple eigenvalues: a real logarithm exists exactly when none is negative. Matrices with an eigenvalue whose
    imaginary part is not clearly zero or nonzero, or of a size near zero, are left out (1e-6, far above rounding).
    """
    source = np.random.default_rng(context.seed_for("zhao.eq5"))
    seen = agree = 0
    with_logarithm = dict.fromkeys((2, 3, 4), 0)
    for h in with_logarithm:
        for _ in range(context.pick(quick=40, full=300)):
            g = np.round(8 * source.standard_normal((h, h))) / 8
            values = np.linalg.eigvals(g)
            apart = np.abs(values[:, None] - values[None, :]) + np.eye(h)
            imaginary = np.abs(values.imag)
            if apart.min() < 1e-6 or np.abs(values).min() < 1e-6 or ((imaginary > 0) & (imaginary < 1e-6)).any():
                continue
            wanted = not ((imaginary == 0) & (values.real < 0)).any()
            found = exists(sympy.Matrix(h, h, [sympy.Rational(float(x)) for x in g.ravel()]))
            seen += 1
            agree += found == wanted
            with_logarithm[h] += wanted
    return decided(agree == seen, matrices=seen, with_logarithm={str(h): n for h, n in with_logarithm.items()})


def _polar(order: str, context: Context) -> Outcome:
    """exp(t log O) exp(t log P) for 30 random g with det g > 0, h up to 8: both ends, and det > 0 between.

    The logarithm of O comes from its real Schur form (rotations, pairs of -1 as half turns), that of P from its
    eigenvalues. The ends agree to 100 h ε |g|: a Schur form, an eigendecomposition and their products.
    """
    source = np.random.default_rng(context.seed_for("zhao.eq5.polar"))
    worst, least = 0.0, np.inf
    for _ in range(30):
        h = int(source.integers(2, 9))
        g = source.standard_normal((h, h))
        if np.linalg.det(g) < 0:
            g[0] *= -1
        O, P = linalg.polar(g, side="right" if order == "OP" else "left")
        curve = [_turned(O, t) @ _stretched(P, t) for t in np.linspace(0, 1, 21)]
        off = np.linalg.norm(curve[-1] - g) / (100 * h * EPS * np.linalg.norm(g))
        worst = max(worst, largest(torch.as_tensor(off)))
        least = min(least, min(float(np.linalg.slogdet(one)[0]) for one in curve))
    return decided(worst <= 1 and least > 0, worst=worst)


def _turned(O: np.ndarray, t: float) -> np.ndarray:
    """O^t for a rotation: its Schur form is block diagonal, with rotations by angles, ones, and pairs of -1."""
    T, Z = linalg.schur(O, output="real")
    h, k, singles = len(O), 0, []
    power = np.eye(h)
    while k < h:
        if k + 1 < h and abs(T[k + 1, k]) > 1e-8:
            angle = t * np.arctan2(T[k + 1, k], T[k, k])
            power[k : k + 2, k : k + 2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
            k += 2
            continue
        if T[k, k] < 0:
            singles.append(k)
        k += 1
    for a, b in zip(singles[::2], singles[1::2], strict=True):
        power[np.ix_([a, b], [a, b])] = [
            [np.cos(np.pi * t), -np.sin(np.pi * t)],
            [np.sin(np.pi * t), np.cos(np.pi * t)],
        ]
    return np.asarray(Z @ power @ Z.T)


def _stretched(P: np.ndarray, t: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(P)
    return np.asarray((vectors * values**t) @ vectors.T)


Criterion = Callable[[int, int, int], bool]
"""From the rank of σ(VX), h and k."""


def _axioms(criteria: dict[str, Criterion], context: Context) -> Outcome:
    """id·w = w exactly where σ(VX) has rank h; (g_1 g_2)·w = g_1·(g_2·w) and the output stays where it has rank k.

    120 random networks, (h, k) = (3, 6), (6, 6), (6, 3), sigmoid and leaky ReLU. Equal means: to the rounding of
    the projections, relative to the sizes that occur; anything else here is larger by orders of magnitude.
    """
    source = generator(context, "zhao.eq6")
    seen = 0
    for activation in (sigmoid, LEAKY):
        for h, k in ((3, 6), (6, 6), (6, 3)):
            for _ in range(20):
                problem, w = drawn(source, 4, h, 5, k, activation)
                g1, g2 = (torch.randn(h, h, generator=source, dtype=torch.float64) for _ in range(2))
                rank = int(torch.linalg.matrix_rank(problem.features(w[1])))
                fixed = moved_along(problem, w, torch.eye(h, dtype=torch.float64))
                once, both = moved_along(problem, w, g2), moved_along(problem, w, g1 @ g2)
                twice = moved_along(problem, once.weights, g1)
                steps = (fixed, once, both, twice)
                error = sum(float(projection_rounding(one.features)) for one in steps)
                size = max(float(norm(one.weights[0]).max()) for one in steps) + float(norm(w[0]))
                close = {
                    "identity": float(norm(fixed.weights[0] - w[0])) <= error * size,
                    "composition": float(norm(twice.weights[0] - both.weights[0])) <= error * size,
                    "output": float(norm(problem.output(once.weights) - problem.output(w)))
                    <= error * float(norm(problem.output(w))),
                }
                for name, criterion in criteria.items():
                    if close[name] != criterion(rank, h, k):
                        return decided(False, criterion=name, h=h, k=k)
                seen += 1
    return decided(True, networks=seen)


def _criteria() -> dict[str, Criterion]:
    return {
        "identity": lambda rank, h, k: rank == h,
        "composition": lambda rank, h, k: rank == k,
        "output": lambda rank, h, k: rank == k,
    }


def _below_its_norm(factor: float, context: Context) -> Outcome:
    """The change of the output over its norm, in the Frobenius and spectral norm, for 400 networks and g.

    A fourth of them attains it: ReLU with VX > 0 and g = -I, where σ(gVX) = 0. Rounding: that of the projection.
    """
    source = generator(context, "zhao.prop6.1")
    worst = -np.inf
    cases: list[tuple[AnyActivation, int]] = [(sigmoid, 0), (LEAKY, 0), (relu, 0), (relu, 1)]
    for number in range(context.pick(quick=400, full=2000)):
        activation, flipped = cases[number % 4]
        m, h, n, k = torch.randint(1, 9, (4,), generator=source).tolist()
        problem, w = drawn(source, m, h, n, k, activation)
        g = torch.randn(h, h, generator=source, dtype=torch.float64)
        if flipped:
            problem = type(problem)(problem.X.abs(), problem.Y, activation)
            w, g = (w[0], w[1].abs()), -torch.eye(h, dtype=torch.float64)
        moved = moved_along(problem, w, g)
        before, after = problem.output(w), problem.output(moved.weights)
        values = torch.linalg.svdvals(moved.features)
        rounding = float(projection_rounding(moved.features)) if values[0] > 0 else 0.0
        for order in ("fro", 2):
            size = float(norm(before, ord=order))
            worst = max(worst, largest(norm(before - after, ord=order) - factor * size - rounding * size))
    return decided(worst <= 0, worst=worst)


def _figure(context: Context) -> xr.Dataset:
    size = context.pick(quick=QUICK, full=FULL)
    return context.once("zhao.fig3", lambda: run(seed=context.seed, size=size, device=context.device))


def _above_the_diagonal(statement: tuple[float, Callable[[xr.Dataset], Any]], context: Context) -> Outcome:
    """All points above y = x, and no change exactly where the condition says so."""
    slope, unchanged = statement
    data = _figure(context)
    above = (data.change <= slope * data.norm + data.rounding).values
    zero = (data.change <= data.rounding).values
    return decided(
        bool(above.all() and (zero == np.asarray(unchanged(data))).all()),
        networks=len(zero),
        unchanged=int(zero.sum()),
        largest=float((data.change / data.norm).max()),
    )


def _losses_on_curves(batch: int, context: Context) -> Outcome:
    """With this many inputs: constant on γ, to rounding, while the segments rise above by more than that."""
    data = _figure(context).sel(batch=batch)
    moved = abs(data.loss - data.trained) <= data.output_rounding
    barrier = float((data.straight - data.trained).max())
    return decided(bool(moved.all()) and barrier > float(data.output_rounding.max()), barrier=barrier)


def _lower_than_segments(compared: tuple[str, str], context: Context) -> Outcome:
    """Between the ends, the mean loss on the curves is below that on the segments, and below the bound of Prop. 6.1."""
    low, high = compared
    inner = _figure(context).isel(t=slice(1, -1))
    means = {name: inner[name].mean("curve") for name in (low, high)}
    bounded = inner.loss <= inner.trained + inner.output_norm + inner.output_rounding
    # With 8 inputs both may be zero to rounding near the ends of a short curve; the rest is compared as it is.
    slack = inner.output_rounding.max("curve")
    return decided(bool((means[low] <= means[high] + slack).all()) and bool(bounded.all()))


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "zhao.eq4": (
        measurement(
            "products of three layers at 1000 points of random curves",
            lambda: lambda tM: torch.linalg.matrix_exp(-tM),
            _on_level_set,
            [Control("exp(tM) for its inverse", lambda inverse: torch.linalg.matrix_exp)],
        ),
    ),
    "zhao.eq5": (
        measurement(
            "the exact criterion against eigenvalues, random 2 by 2 to 4 by 4 matrices",
            lambda: has_real_logarithm,
            _logarithms,
            [Control("positive determinant", lambda exists: lambda g: bool(g.det() > 0))],
        ),
        measurement(
            "curves exp(t log O) exp(t log P) up to 8 by 8: the ends and the determinant",
            lambda: "OP",
            _polar,
            [Control("the factors in the other order", lambda order: "PO")],
        ),
    ),
    "zhao.eq6": (
        measurement(
            "identity, composition and output by ranks, 120 random networks",
            _criteria,
            _axioms,
            [
                Control("id·w = w always", lambda c: {**c, "identity": lambda rank, h, k: True}),
                Control("an action always", lambda c: {**c, "composition": lambda rank, h, k: True}),
                Control("the output always stays", lambda c: {**c, "output": lambda rank, h, k: True}),
            ],
        ),
    ),
    "zhao.prop6.1": (
        measurement(
            "Frobenius and spectral norms, 400 (quick) or 2000 networks and group elements",
            lambda: 1.0,
            _below_its_norm,
            [Control("nine tenths of the norm", lambda factor: 0.9)],
        ),
    ),
    "zhao.fig3a": (
        measurement(
            "trained networks: above y = x, no change exactly where h >= k",
            lambda: (1.0, lambda data: data.h >= data.k),
            _above_the_diagonal,
            [
                Control("above y = 2x", lambda statement: (0.5, statement[1])),
                Control("no change where n >= k", lambda statement: (1.0, lambda data: data.n >= data.k)),
            ],
        ),
    ),
    "zhao.fig3bc": (
        measurement(
            "the paper's sizes, k = 8: constant loss on the curves",
            lambda: 8,
            _losses_on_curves,
            [Control("with 48 inputs", lambda batch: 48)],
        ),
        measurement(
            "all batches: below the segments, and below the bound of Proposition 6.1",
            lambda: ("loss", "straight"),
            _lower_than_segments,
            [Control("segments below curves", lambda compared: compared[::-1])],
        ),
    ),
}
