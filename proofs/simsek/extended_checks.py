"""Remark B.3: how the minima of sigmoid, softplus and tanh networks are decided, by exact Taylor series."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import sympy as sp

from quadrics.expansion.activations.extended_manifold import computes_same_function, excess
from quadrics.expansion.activations.parts import vanishes
from quadrics.expansion.reduction import output
from quadrics.network import Parameters
from quadrics.smooth_activation import NAMED, SmoothActivation, Z, sigmoid, softplus, tanh

from ..check import Context
from ..derivation import Step, argued, step
from ..evidence import Outcome, decided
from ..rules import equal
from .function_checks import same_by_series, same_function
from .null_function_checks import (
    scaled,
)

# -- Remark B.3 -------------------------------------------------------------------------------------------------------
Member = Callable[[Parameters, Parameters, SmoothActivation], bool]
TEACHER = Parameters([[1]], [[1]])


def students() -> Iterator[Parameters]:
    """Neurons at 1, -1, 2, -2 and 0 with many outgoing weights: equal, opposite and unpaired ones."""
    pairs = ((0, 0), (1, 0), (1, 1), (1, -1), (-1, 1), (2, -1), (3, -2), (2, 1))
    for (a, b), (c, d), e in product(pairs, pairs, (0, 1, -2, 3)):
        yield Parameters([[1], [-1], [2], [-2], [0]], [[a, b, c, d, e]])


def zero_loss_by_series(member: Member, context: Context) -> Outcome:
    """Membership against equality of the exact Taylor series, for six activations."""
    found: dict[str, int] = {}
    names = ("sigmoid", "tanh", "softplus", "gelu", "erf", "silu")
    for name in names[: context.pick(quick=4, full=6)]:
        for theta in students():
            same = same_by_series(theta, TEACHER, NAMED[name])
            found[name] = found.get(name, 0) + same
            if member(theta, TEACHER, NAMED[name]) != same:
                return decided(False, activation=name, W2=str(list(theta.W2)))
    return decided(min(found.values()) > 1, minima=found)


def by_library(theta: Parameters, teacher: Parameters, activation: SmoothActivation) -> bool:
    return computes_same_function(theta, teacher, activation).same


def without_the_sum(theta: Parameters, teacher: Parameters, activation: SmoothActivation) -> bool:
    """A mutant: Σ A_W = 0 is forgotten for the sigmoid."""
    if activation.name != "sigmoid":
        return by_library(theta, teacher, activation)
    total = excess(theta, teacher)
    return all(a == total.get((-w[0],), (0,)) for w, a in total.items())


def without_the_moment(theta: Parameters, teacher: Parameters, activation: SmoothActivation) -> bool:
    """A mutant: Σ A_W W = 0 is forgotten for softplus."""
    if activation.name != "softplus":
        return by_library(theta, teacher, activation)
    total = excess(theta, teacher)
    return all(a[0] == -total.get((-w[0],), (0,))[0] for w, a in total.items())


def classical(theta: Parameters, teacher: Parameters, activation: SmoothActivation) -> bool:
    """A mutant: the expansion manifold alone."""
    return all(a == (0,) for a in excess(theta, teacher).values())


def sufficient_steps() -> list[Step]:
    """The conditions are sufficient for any finite set of pairs ±W, z_i = W_i·x."""
    i, p = sp.symbols("i p", integer=True, positive=True)
    S, D, E, O = (sp.IndexedBase(name) for name in ("S", "D", "E", "O"))
    A0, s0 = sp.symbols("A_0 sigma_0", real=True)
    a, b, u = sp.symbols("A_plus A_minus u", real=True)
    total = A0 * s0 + sp.Sum(S[i] * E[i] + D[i] * O[i], (i, 1, p))
    sigma = sp.Function("sigma")
    even, odd = (sigma(u) + sigma(-u)) / 2, (sigma(u) - sigma(-u)) / 2
    half, W = sp.Rational(1, 2), sp.IndexedBase("W")
    return [
        step(equal, a * sigma(u) + b * sigma(-u), (a + b) * even + (a - b) * odd, "S = A_W + A_-W, D = A_W - A_-W"),
        step(same_function, (sigmoid.formula + scaled(sigmoid, -1)) / 2, half, "sigmoid: even part 1/2"),
        step(
            equal,
            total.replace(D, sp.IndexedBase("zero")).func(A0 * half, sp.Sum(S[i] * half, (i, 1, p))),
            half * (A0 + sp.Sum(S[i], (i, 1, p))),
            "with D = 0: the sum is half of Σ A_W, W = 0 included",
        ),
        step(same_function, (tanh.formula + scaled(tanh, -1)) / 2, sp.Integer(0), "tanh: even part 0, and σ(0) = 0"),
        step(same_function, (softplus.formula - scaled(softplus, -1)) / 2, Z / 2, "softplus: odd part z/2"),
        step(
            equal,
            sp.Sum(D[i] * W[i] * u / 2, (i, 1, p)),
            u / 2 * sp.Sum(D[i] * W[i], (i, 1, p)),
            "with S = 0 and A_0 = 0: each coordinate of Σ A_W W must vanish (bilinear if the W move)",
        ),
        argued("necessary: the part that is no polynomial gives D = 0 or S = 0 by peeling, as for Lemma B.5"),
    ]


Rule = Callable[[Parameters], bool]
FREE_PAIRS = Parameters([[1], [2], [-2], [3], [-3]], [[1, 5, 5, -5, -5]])


def constrains(rule: Rule, context: Context) -> Outcome:
    """σ sigmoid: (1, 2, -2, 3, -3; 1, 5, 5, -5, -5) computes the function of (1; 1), exactly. Does it obey the rule?"""
    difference = output(FREE_PAIRS, [Z], sigmoid)[0] - output(TEACHER, [Z], sigmoid)[0]
    if not vanishes(difference):
        return decided(True, reason="not a zero-loss point")
    return decided(rule(FREE_PAIRS))


def plus_or_minus_the_teachers(theta: Parameters) -> bool:
    """Every w is ±w of the small network."""
    return all(w in (1, -1) for w in theta.W1)


def sums_obey(theta: Parameters) -> bool:
    """A_W = A_{-W} for W ≠ 0 and Σ A_W = 0."""
    total = {w[0]: a[0] for w, a in excess(theta, TEACHER).items()}
    return all(a == total.get(-w, 0) for w, a in total.items() if w) and sum(total.values()) == 0
