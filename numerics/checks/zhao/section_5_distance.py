"""Measurements for section 5.3: distances found by minimization, copies of bounded norm, chords, and dimensions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import sympy
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from proofs.zhao.section_5_distance import Sizes
from quadrics.activation import leaky_relu
from quadrics.connectivity.balanced_distance import lower_bound, squared_distance
from quadrics.connectivity.bounded_barrier import factor_range, loss_bound
from quadrics.connectivity.chords import chord_error

from ...activation import homogeneous_sigma_of
from ...experiments.zhao.rescaled_copies import rescaled, straight
from ..sampling import EPS, generator
from .homogeneous_pairs import largest, pairs

Array = NDArray[np.float64]
KAPPAS = (1.2, 1.6, 3.0, 5.0)


# -- distances --------------------------------------------------------------------------------------------------------
class Distance:
    """The squared distance of κ(W_1, W_2) from the factorizations (A M⁻¹, M), as a function of M."""

    def __init__(self, W1: Array, W2: Array, kappa: float) -> None:
        self.A, self.n = W1 @ W2, len(W1)
        self.first, self.second = kappa * W1, kappa * W2

    def __call__(self, flat: Array) -> tuple[float, Array]:
        """Return the value at M and its gradient."""
        M = flat.reshape(self.n, self.n)
        inverse = np.linalg.inv(M)
        X = self.A @ inverse
        a, b = X - self.first, M - self.second
        gradient = 2 * b - 2 * X.T @ a @ inverse.T
        return float((a * a).sum() + (b * b).sum()), gradient.ravel()

    def rounding(self, flat: Array) -> float:
        """What rounding may do to the value: A M⁻¹ is off by 4 n² eps times the condition number of M, relatively."""
        M = flat.reshape(self.n, self.n)
        X = self.A @ np.linalg.inv(M)
        off = 4 * self.n**2 * EPS * np.linalg.cond(M) * np.linalg.norm(X)
        value = self(flat)[0]
        return float(2 * np.sqrt(value) * off + off**2 + 8 * self.n**2 * EPS * value)

    def above_minimum(self, flat: Array) -> float:
        """Twice the Newton decrement: how far the value is above that of a regular minimum nearby, at most."""
        A, first, second = (torch.from_numpy(v) for v in (self.A, self.first, self.second))

        def value(m: Tensor) -> Tensor:
            M = m.reshape(self.n, self.n)
            total: Tensor = (A @ torch.linalg.inv(M) - first).square().sum() + (M - second).square().sum()
            return total

        point = torch.from_numpy(flat)
        hessian, gradient = torch.func.hessian(value)(point), torch.from_numpy(self(flat)[1])
        return float((gradient @ torch.linalg.solve(hessian, gradient)).abs())


def factors(random: np.random.Generator, n: int, balanced: bool) -> tuple[Array, Array, float, float]:
    """Return W_1, W_2 with a random product, its nuclear norm, and the size M of the pair.

    >>> W1, W2, nuclear, M = factors(np.random.default_rng(0), 3, balanced=True)
    >>> bool(np.allclose(W1.T @ W1, W2 @ W2.T)), bool(np.isclose(M**2, 2 * nuclear))
    (True, True)
    """
    if balanced:
        U, s, V = np.linalg.svd(random.standard_normal((n, n)))
        W1, W2 = U * np.sqrt(s), np.sqrt(s)[:, None] * V
    else:
        W1, W2 = random.standard_normal((2, n, n))
    size = float(np.sqrt((W1**2).sum() + (W2**2).sum()))
    return W1, W2, float(np.linalg.norm(W1 @ W2, "nuc")), size


def _found(random: np.random.Generator, distance: Distance, starts: int) -> Iterator[tuple[float, Array]]:
    """Local minima by BFGS from random starts, one of them at κW_2 itself."""
    for k in range(starts):
        start = distance.second + (random.standard_normal(distance.second.shape) if k else 0)
        result = minimize(distance, start.ravel(), jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 2000})
        if np.isfinite(result.fun):
            yield float(result.fun), result.x


Formula = Callable[[float, float], Any]


def _distance_is(formula: Formula, context: Context) -> Outcome:
    """Balanced factors: no minimum found is below the formula, and the lowest is not above it, but for rounding.

    The lowest found is above the true one by twice its Newton decrement at most. κ = 2 is left out, where the minimum
    is not regular.
    """
    random = np.random.default_rng(context.seed_for("balanced distance"))
    worst = 0.0
    for n in context.pick(quick=(1, 2, 3), full=(1, 2, 3, 4)):
        for kappa in KAPPAS:
            W1, W2, nuclear, _ = factors(random, n, balanced=True)
            distance, claimed = Distance(W1, W2, kappa), float(formula(kappa, nuclear))
            found = list(_found(random, distance, context.pick(quick=5, full=30)))
            for value, point in found:
                below = (claimed - value) / (distance.rounding(point) + 32 * n * EPS * claimed)
                worst = max(worst, below)
            value, point = min(found, key=lambda pair: pair[0])
            slack = distance.rounding(point) + distance.above_minimum(point) + 32 * n * EPS * claimed
            worst = max(worst, (value - claimed) / slack)
    return decided(worst <= 1, worst_in_tolerances=worst)


Bound = Callable[[float, float, float], Any]


def _never_nearer(bound: Bound, context: Context) -> Outcome:
    """Any factors, balanced or not: no minimum found is nearer than the lower bound, but for rounding."""
    random = np.random.default_rng(context.seed_for("distance bound"))
    nearest = np.inf
    for trial in range(context.pick(quick=16, full=200)):
        n, kappa = 1 + trial % 3, (2.0, 5.0, 20.0, 100.0)[trial % 4]
        W1, W2, nuclear, size = factors(random, n, balanced=trial % 2 == 0)
        distance, claimed = Distance(W1, W2, kappa), float(bound(kappa, size, nuclear))
        for value, point in _found(random, distance, 2):
            if np.sqrt(value) + distance.rounding(point) / np.sqrt(value) < claimed * (1 - 32 * EPS):
                return decided(False, n=n, kappa=kappa, distance=float(np.sqrt(value)), bound=claimed)
            nearest = min(nearest, np.sqrt(value) / claimed)
    return decided(True, smallest_ratio=float(nearest))


# -- Proposition 5.6 --------------------------------------------------------------------------------------------------
LossBound = Callable[[float, float, float, float, Any], Any]


def _bounded(bound: LossBound, context: Context) -> Outcome:
    """Random networks and five copies each with layers of norm below c: 21 points of each segment.

    Tolerance: the rounding of the output on the segment and at the minimum, as for the loss itself.
    """
    source, worst = generator(context, "prop5.6"), 0.0
    for chosen in pairs(source, context.pick(quick=8, full=200), device=context.device):
        Y = chosen.output()
        norms = [torch.linalg.matrix_norm(v).tolist() for v in (*chosen.weights, Y)]
        ends = [(A, B, 1.5 * max(A, B), N) for A, B, N in zip(*norms, strict=True)]
        ranges = [[float(v) for v in factor_range(A, B, c, chosen.degree)] for A, B, c, _ in ends]
        low, high = torch.tensor(ranges, dtype=torch.float64, device=Y.device).unbind(1)
        limit = [float(bound(A, B, c, N, chosen.degree)) for A, B, c, N in ends]
        top = torch.tensor(limit, dtype=torch.float64, device=Y.device).sqrt()
        for share in (0.001, 0.1, 0.5, 0.9, 0.999):
            copy = rescaled(chosen.weights, low + share * (high - low), chosen.degree)
            for a in torch.linspace(0, 1, 21, dtype=torch.float64).tolist():
                middle = straight(chosen.weights, copy, a)
                loss = torch.linalg.matrix_norm(Y - chosen.output(middle))
                slack = chosen.rounding(middle, (chosen.weights, copy)) + chosen.rounding()
                worst = max(worst, largest(loss / (top + slack + 64 * EPS * top)))
    return decided(worst <= 1, largest_ratio=worst)


# -- chords -----------------------------------------------------------------------------------------------------------
Chord = Callable[[Any, Any, Any, Any], Any]


def _chord_is(chord: Chord, context: Context) -> Outcome:
    """Integer layers and g of width 2 and 3: the product at α in floats, against the exact formula rounded once.

    Tolerance: 4 (h + 2) eps times the product of the sizes of both mixed layers, g⁻¹ being exact up to one rounding.
    """
    random = np.random.default_rng(context.seed_for("lmc"))
    worst = 0.0
    for trial in range(context.pick(quick=30, full=300)):
        h, alpha = 2 + trial % 2, sympy.Rational(1 + trial % 7, 8)
        W1, W2, g = (sympy.Matrix(h, h, random.integers(-3, 4, h * h).tolist()) for _ in range(3))
        if trial % 5 == 0:  # a shear
            g = sympy.eye(h) + int(random.integers(1, 1000)) * sympy.Matrix(h, h, lambda i, j: int((i, j) == (0, 1)))
        if g.det() == 0:
            continue
        first, second, move, back = (np.array(M.tolist(), dtype=float) for M in (W1, W2, g, g.inv()))
        a = float(alpha)
        below, above = (1 - a) * first + a * move @ first, (1 - a) * second + a * second @ back
        predicted = np.array(chord(W2, W1, g, alpha).tolist(), dtype=float)
        sizes = (np.abs(second) @ ((1 - a) * np.eye(h) + a * np.abs(back))) @ (
            ((1 - a) * np.eye(h) + a * np.abs(move)) @ np.abs(first)
        )
        gap = np.abs(above @ below - second @ first - predicted)
        tolerance = 8 * (h + 2) * EPS * (sizes + np.abs(second) @ np.abs(first))
        worst = max(worst, largest(torch.from_numpy(gap / np.maximum(tolerance, 1e-300))))
    return decided(worst <= 1, worst_in_tolerances=worst)


# -- dimensions -------------------------------------------------------------------------------------------------------
def _dimensions(sizes: Sizes, context: Context) -> Outcome:
    """The network of Figure 3 at Gaussian weights, its Jacobian by autograd, and rescalings inside its kernel.

    A singular value counts as zero below 2560 eps of the largest; there must be none between that and 10^6 times it.
    """
    found = context.once("zhao figure 3 dimensions", lambda: _measured_dimensions(context))
    if found is None:
        return decided(None, reason="singular values near rounding")
    return decided(found == (sizes.parameters, sizes.minimum, sizes.rescalings), found=found)


def _measured_dimensions(context: Context) -> tuple[int, int, int] | None:
    h, d, e, N = 32, 16, 64, 8
    source = generator(context, "rem5.large")
    W1, W2, X = (torch.randn(*shape, generator=source, dtype=torch.float64) for shape in ((h, d), (e, h), (d, N)))
    sigma = homogeneous_sigma_of(leaky_relu(sympy.Rational(1, 10)), "figure 3")

    def outputs(first: Tensor, second: Tensor) -> Tensor:
        return (second @ sigma(first @ X)).flatten()

    parts = torch.func.jacrev(outputs, argnums=(0, 1))(W1, W2)
    J = torch.cat([part.flatten(1) for part in parts], 1)
    values = torch.linalg.svdvals(J)
    zero = max(J.shape) * EPS * values[0]
    if bool(((values > zero) & (values < 1e6 * zero)).any()):
        return None
    tangents = torch.zeros(h, h * (d + e), dtype=torch.float64)
    for i in range(h):
        along_1, along_2 = torch.zeros_like(W1), torch.zeros_like(W2)
        along_1[i], along_2[:, i] = W1[i], -W2[:, i]
        tangents[i] = torch.cat([along_1.flatten(), along_2.flatten()])
    # A sum of at most as many products as there are parameters, each rounded.
    in_kernel = (J @ tangents.T).abs() <= J.shape[1] * EPS * (J.abs() @ tangents.T.abs())
    orbit = int(torch.linalg.matrix_rank(tangents)) if bool(in_kernel.all()) else 0
    return J.shape[1], J.shape[1] - int((values > zero).sum()), orbit


def _expected() -> Sizes:
    return Sizes(parameters=2560, minimum=2048, rescalings=32, image_of_6=512)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "zhao.prop5.5": (
        measurement(
            "distances from any factors by BFGS, κ from 2 to 100, against the lower bound",
            lambda: lower_bound,
            _never_nearer,
            [
                Control("twice the bound", lambda bound: lambda k, M, q: 2 * bound(k, M, q)),
                Control("κ√‖A‖_*", lambda bound: lambda k, M, q: k * q**0.5),
            ],
        ),
    ),
    "beyond.zhao.balanced-distance": (
        measurement(
            "distances by BFGS from several starts, n up to 3 (quick) or 4 (full), κ from 1.2 to 5",
            lambda: squared_distance,
            _distance_is,
            [
                Control("κ² - 1", lambda formula: lambda k, q: formula(k, q) + q),
                Control("10^-6 less", lambda formula: lambda k, q: formula(k, q) * (1 - 1e-6)),
                Control("2(κ - 1)² throughout", lambda formula: lambda k, q: 2 * (k - 1) ** 2 * q),
            ],
        ),
    ),
    "zhao.prop5.6": (
        measurement(
            "losses of random networks on segments to copies of bounded norm, degrees 1/2 to 3",
            lambda: loss_bound,
            _bounded,
            [
                Control("norms below c/1.4", lambda bound: lambda A, B, c, N, k: bound(A, B, c / 1.4, N, k)),
                Control("nine tenths of the bound", lambda bound: lambda *given: bound(*given) * sympy.Rational(9, 10)),
            ],
        ),
    ),
    "beyond.zhao.lmc": (
        measurement(
            "products of random layers at points of segments, shears among them",
            lambda: chord_error,
            _chord_is,
            [
                Control("g - g⁻¹", lambda chord: lambda W2, W1, g, a: a * (1 - a) * W2 * (g - g.inv()) * W1),
                Control("α² for α", lambda chord: lambda W2, W1, g, a: chord(W2, W1, g, a**2)),
            ],
        ),
    ),
    "zhao.rem5.large": (
        measurement(
            "the Jacobian of the network of Figure 3 at Gaussian weights",
            _expected,
            _dimensions,
            [
                Control("as many as equations", lambda s: Sizes(s.parameters, 512, s.rescalings, s.image_of_6)),
                Control("two a neuron", lambda s: Sizes(s.parameters, s.minimum, 64, s.image_of_6)),
            ],
        ),
    ),
}
