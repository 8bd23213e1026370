"""Section 5: copies of the neurons of a critical deep network are critical."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy as sp

from quadrics.expansion.deep.gradient import gradient
from quadrics.expansion.deep.manifold import DeepCriticalSubspace, DeepCriticalUnion
from quadrics.expansion.deep.networks import DeepParameters

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..rules import equal, substitute
from .expansion_checks import PAPER
from .multilayer_checks import (
    Widths,
    core_of,
)


def _induction() -> list[Step]:
    j, k = sp.symbols("j k", integer=True, positive=True)
    beta = sp.IndexedBase("beta")
    w_ = sp.Symbol("W_st", real=True)
    h, delta, slope, b_i, g = sp.symbols("h_t delta_s sigma_prime beta_i g_st", real=True)
    shares = sp.Sum(beta[j], (j, 1, k))
    one = {shares: sp.Integer(1)}
    return [
        step(
            equal,
            sp.Sum(w_ * beta[j] * h, (j, 1, k)).subs(k, 1).doit().subs(beta[1], 1),
            w_ * h,
            "at the inputs, which are their own only copies (β = 1): as in the core",
        ),
        step(
            equal,
            sp.Sum(w_ * beta[j] * h, (j, 1, k)),
            w_ * h * shares,
            "upwards: the copies of t contribute shares of W_st h_t to a copy of s, as h_j = h_t for each of them",
        ),
        step(substitute(one), w_ * h * shares, w_ * h, "which add up to the core's: so h_i = h_s, layer by layer"),
        step(
            substitute({b_i: sp.Integer(1)}),
            b_i * delta,
            delta,
            "at the outputs β = 1 too, and they agree: so do the derivatives of the loss by them",
        ),
        step(
            equal,
            sp.Sum(w_ * b_i * (beta[j] * delta), (j, 1, k)),
            b_i * w_ * delta * shares,
            "downwards: the copies j of s have δ_j = β_j δ_s (at the top β = 1), and weights W_st β_i from copy i of t",
        ),
        step(
            substitute(one),
            slope * b_i * w_ * delta * shares,
            b_i * (slope * w_ * delta),
            "so δ_i = β_i δ_t one layer below: the same relation",
        ),
        step(equal, (b_i * delta) * h, b_i * (delta * h), "the derivative by V_ij is β_i times that by W_st"),
        step(substitute({g: sp.Integer(0)}), b_i * g, sp.Integer(0), "which vanishes where the core is critical"),
    ]


Factor = Callable[[Any, Any], Any]  # of the shares of the upper and the lower neuron


@dataclass(frozen=True)
class Gradient:
    """The derivative by V_ij is this factor times the core's, for shares that add up to ``total``."""

    factor: Factor
    total: int = 1


CRITICAL: tuple[tuple[Widths, Widths], ...] = (((1,), (2,)), ((1, 1), (2, 2)), ((1, 2), (2, 3)), ((2, 1, 1), (2, 2, 2)))


def _gradients(statement: Gradient, context: Context) -> Outcome:
    """Back-propagation with an unknown activation and residuals, at the general point of a subspace."""
    for r, m in (*CRITICAL, *context.pick(quick=(), full=(((1, 2), (3, 4)), ((2, 2), (3, 3))))):
        core = core_of(r, d_in=2, d_out=2)
        data = [(sp.symbols(f"x{n}_1:3", real=True), sp.symbols(f"e{n}_1:3", real=True)) for n in range(2)]
        wanted = gradient(core, data)
        spaces = list(DeepCriticalUnion(core, m).subspaces())
        for S in (spaces[0], spaces[-1]):
            theta, shares = _at_shares(S, statement.total)
            found = gradient(theta, data)
            rows = [[1] * core.d_in, *shares, [1] * core.d_out]
            words = [range(1, core.d_in + 1), *(P.word for P in S.configurations), range(1, core.d_out + 1)]
            for g, own, (below, above), (lower, upper) in zip(
                found, wanted, pairwise(rows), pairwise(words), strict=True
            ):
                for i, s in enumerate(upper):
                    for j, t in enumerate(lower):
                        claimed = statement.factor(above[i], below[j]) * own[s - 1, t - 1]
                        if sp.expand(g[i, j] - claimed) != 0:
                            return decided(False, r=r, m=m)
    return decided(True)


def _at_shares(S: DeepCriticalSubspace, total: int) -> tuple[DeepParameters, list[list[Any]]]:
    """A point with rational shares of this total in each block, and the shares of all neurons."""
    shares = []
    for P in S.configurations:
        own = [sp.Integer(0)] * P.m
        for block in P.labelled_blocks:
            rest = [sp.Rational(2 * n + 3, 5) for n in range(len(block) - 1)]
            for i, value in zip(block, [total - sum(rest), *rest], strict=True):
                own[i] = sp.sympify(value)
        shares.append(own)
    words = [range(1, S.core.d_in + 1), *(P.word for P in S.configurations), range(1, S.core.d_out + 1)]
    factors = [[1] * S.core.d_in, *shares]
    weights = tuple(
        sp.Matrix(len(upper), len(lower), lambda i, j, W=W, u=upper, low=lower, f=f: W[u[i] - 1, low[j] - 1] * f[j])
        for W, (lower, upper), f in zip(S.core.weights, pairwise(words), factors, strict=True)
    )
    return DeepParameters(weights), shares


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.ml.crit",
        Kind.THEOREM,
        "Symmetry-induced critical points of deep networks",
        Source(PAPER, "Symmetry-induced critical points", "5"),
        r"If $\theta^r$ is critical, so is every network of copies, $V^l_{ij} = W^l_{t(i) t(j)} \beta^{l-1}_j$ with "
        r"shares $\beta$ that add up to 1 over the copies of a neuron: the derivative by $V^l_{ij}$ is $\beta^l_i$ "
        r"times that by $W^l_{t(i) t(j)}$.",
        uses=("simsek.eq7", "simsek.def4.1"),
        evidence=(
            Derivation("activations upwards and derivatives downwards, in any layer", _induction),
            enumeration(
                "back-propagation with an unknown activation, up to three hidden layers, two inputs and two outputs",
                lambda: Gradient(lambda above, below: above),
                _gradients,
                [
                    Control("the share of the lower neuron", lambda s: Gradient(lambda above, below: below)),
                    Control("both shares", lambda s: Gradient(lambda above, below: above * below)),
                    Control("shares that add up to 2", lambda s: Gradient(s.factor, total=2)),
                ],
            ),
        ),
    ),
)
