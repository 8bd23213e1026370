"""Exact two-layer networks on which the map of eq. (6) is tried, and curves that leave the domain of its continuity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import sympy as sp

from quadrics.connectivity.approximate_action import Sigma, TwoLayerWeights, leaky_relu

from ..check import Context
from ..evidence import Outcome, decided

LEAKY = leaky_relu(sp.Rational(1, 10))


def identity(z: Any) -> Any:
    """The identity, for which the map keeps every output."""
    return z


def cubic(z: Any) -> Any:
    """z + z³: smooth, increasing, odd, and exact on rationals."""
    return z + z**3


SIGMAS: tuple[Sigma, ...] = (LEAKY, identity, cubic)

ELEMENTS = {
    1: [sp.Matrix([[-1]]), sp.Matrix([[3]])],
    2: [sp.Matrix([[1, 1], [0, 1]]), sp.Matrix([[0, -1], [2, 1]])],
    3: [sp.Matrix([[1, 0, 1], [0, -1, 0], [0, 1, 1]]), sp.Matrix([[0, 1, 0], [0, 0, 1], [-2, 1, 0]])],
}


class Instance(NamedTuple):
    """Weights, inputs and an activation."""

    weights: TwoLayerWeights
    X: Any
    sigma: Sigma

    @property
    def features(self) -> Any:
        """σ(VX), h by k."""
        return self.weights.features(self.X, self.sigma)


def instances(shapes: tuple[tuple[int, int], ...] = ((1, 2), (2, 3), (2, 2), (3, 2), (3, 3))) -> Iterator[Instance]:
    """Networks with h hidden neurons on k inputs, for each (h, k): generic ones, and one with U in the column space."""
    for h, k in shapes:
        X = sp.Matrix([[1, -2, 3], [2, 1, -1]])[:, :k]
        V = sp.Matrix([[1, -1], [2, 2], [0, -1]])[:h, :]
        for sigma in SIGMAS:
            generic = TwoLayerWeights(sp.Matrix(1, h, lambda i, j: j * j + 1), V)
            yield Instance(generic, X, sigma)
            S = generic.features(X, sigma)
            yield Instance(TwoLayerWeights((S * sp.ones(k, 1)).T, V), X, sigma)


Interval = tuple[Any, Any]


def continuous_along(interval: Interval, context: Context) -> Outcome:
    """Whether t ↦ g_t·(U, V) has no pole for t in an interval within [0, 1/2]: h = k = 2, leaky ReLU, g_t = I + t E.

    There VX = (-2, 1; 1, -2) and g_t VX = (t - 2, 1 - 2t; 1, -2), with fixed signs. The pseudo-inverse of σ(g_t VX) is
    its inverse while the determinant, linear in t, is not zero; where it is, U(t) tends to infinity.
    """
    t = sp.Symbol("t", real=True)
    tenth = sp.Rational(1, 10)
    S0 = sp.Matrix([[-2, 1], [1, -2]]).applyfunc(LEAKY)
    S = sp.Matrix([[(t - 2) * tenth, 1 - 2 * t], [1, -2 * tenth]])
    at = sp.Rational(1, 4)
    if (sp.Matrix([[1, at], [0, 1]]) * sp.Matrix([[-2, 1], [1, -2]])).applyfunc(LEAKY) != S.subs(t, at):
        return decided(None, reason="the signs are not as written")
    U = sp.Matrix([[1, 0]]) * S0 * S.inv()
    poles = sp.Poly(S.det(), t)
    if poles.count_roots(*interval) == 0:
        return decided(True)
    pole = next(iter(poles.real_roots()))
    grows = any(sp.limit(abs(sp.simplify(entry)), t, pole) == sp.oo for entry in U)
    return decided(not grows, pole=str(pole))


Condition = Callable[[Instance], bool]
