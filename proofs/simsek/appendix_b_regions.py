"""Appendix B.1: replicant regions, how permutations move them, and which walls a flow meets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import factorial
from typing import Any

import sympy as sp

from quadrics.expansion.losses.regions import (
    compose,
    crossings,
    image_of_region,
    in_region,
    regions_of,
    send_units,
)
from quadrics.expansion.losses.rough import TIME, flow_residual, leaving_path, rough_loss
from quadrics.expansion.losses.symmetric import UnitLoss, permute_units, units
from quadrics.symmetry import inverse_permutation

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..exact import is_zero
from ..rules import entails, equal
from .differential_inequalities import gronwall
from .expansion_checks import PAPER
from .region_checks import (
    apart,
    blocks_in_common,
    corrected_link,
    images,
    intersections,
    inverse_link,
    linked,
    opposite_pair,
    orbit_sizes,
    partner_in_region,
    printed_link,
    walls,
    zeros,
)
from .symmetric_flow import LIPSCHITZ, Regular, U, continuous_gradient


def _kept_order() -> list[Step]:
    u, slope, level, rate = sp.symbols("u u' v Lambda")
    below = sp.Function("v")
    E, start, end = sp.symbols("E v_0 v_t")
    speed = sp.Derivative(below(TIME), TIME)
    x = sp.Symbol("x", real=True)
    return [
        step(equal, sp.diff(x**2, x), 2 * x, "v = min(u, 0)² has the derivative 2 min(u, 0) by u: u² below 0"),
        step(equal, sp.limit(2 * x, x, 0, "-"), sp.Integer(0), "0 above, and the two meet at 0"),
        step(
            entails,
            sp.And(rate >= 0, slope**2 <= rate**2 * u**2, sp.Eq(level, sp.Min(u, 0) ** 2)),
            sp.Le(2 * sp.Min(u, 0) * slope, 2 * rate * level),
            "|u'| ≤ Λ |u| for u = θ_i - θ_j (Lemma 2.1, D = 1), so that v' ≤ 2 Λ v",
            mutants=(sp.Le(2 * sp.Min(u, 0) * slope, rate * level),),
        ),
        step(
            gronwall,
            sp.Le(speed, 2 * rate * below(TIME)),
            sp.Le(below(TIME), below(0) * sp.exp(2 * rate * TIME)),
            "v grows no faster",
        ),
        step(
            entails,
            sp.And(sp.Eq(start, 0), end >= 0, end <= start * E),
            sp.Eq(end, 0),
            "u(0) ≥ 0 means v(0) = 0: then v stays 0, so u ≥ 0. For neighbours in the order π: ρ stays in R_π",
        ),
    ]


def _stays_in_region(regular: Regular, context: Context) -> Outcome:
    """The hypotheses hold, and a flow from R_(2,1) is not in R_(2,1) later."""
    loss, path = rough_loss(-1), leaving_path()
    if not regular(loss.at(sp.Matrix([U, 0]))):
        return decided(True, reason="the hypotheses do not hold")
    is_flow = bool(is_zero(flow_residual(loss, path)))
    started, later = (in_region(path.subs(TIME, time), (1, 0)) for time in (0, 1))
    return decided(not (is_flow and started and not later))


def _impossible(asked: Callable[[Any], bool], context: Context) -> Outcome:
    """ρ(0) in R_π and ρ(1) in another R_π' is impossible; ``asked`` is what is asked of ρ(0) besides.

    The instance: a smooth symmetric loss at rest in a point with two equal units.
    """
    w = units(3, 1)
    loss = UnitLoss(sum((x - 1) ** 2 * (x - 2) ** 2 for x in w), w)
    rest = sp.Matrix([1, 1, 2])
    at_rest = loss.is_symmetric() and loss.gradient_at(rest).is_zero_matrix
    regions = list(regions_of(rest))
    return decided(not (at_rest and asked(rest) and len(regions) > 1), regions=str(regions))


_REMARK = Claim(
    "simsek.remB.1",
    Kind.REMARK,
    "In one dimension a flow stays in its region",
    Source(PAPER, "Remark B.1", "B.1"),
    r"Let $D = 1$, $L$ symmetric, and $\nabla L$ have a Lipschitz constant between $\rho$ and its mirror images up to "
    r"time $t$. If $\rho(0) \in \mathcal R_\pi$, then $\rho(t) \in \mathcal R_\pi$: the signs of all $\vartheta_i - "
    r"\vartheta_j$ are kept, ties included.",
    hypotheses=(r"as in Lemma 2.1; a locally Lipschitz $\nabla L$ has such a constant for every $t$",),
    uses=("simsek.lem2.1", "simsek.defB.1"),
    evidence=(Derivation("the negative part of a difference, by Grönwall's inequality", _kept_order),),
)
_REMARK_PRINTED = Claim(
    "simsek.remB.1.printed",
    Kind.REMARK,
    r"The remark for losses that are only $C^1$",
    Source(PAPER, "Remark B.1", "B.1"),
    r"For every symmetric $C^1$ loss on one-dimensional units, a flow from $\mathcal R_\pi$ stays in $\mathcal R_\pi$.",
    label=Label.FALSE,
    erratum=r"As for Lemma 2.1, a locally Lipschitz gradient is needed: under $-|\vartheta_1 - \vartheta_2|^{3/2}$ "
    r"the origin, in $\mathcal R_{(2, 1)}$, has a flow into the interior of $\mathcal R_{(1, 2)}$.",
    uses=("simsek.remB.1", "simsek.lem2.1.printed"),
    evidence=(
        counterexample(
            "a flow out of a tie, for -|u|^{3/2}", lambda: continuous_gradient, _stays_in_region, [LIPSCHITZ]
        ),
    ),
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.B1.mult",
        Kind.THEOREM,
        "Partners of a point",
        Source(PAPER, "text before equation (B.1)", "B.1"),
        "A point with distinct units has $m!$ images under $S_m$, itself and $m! - 1$ partners of equal loss, "
        r"critical if it is. With groups of $k_1, k_2, \dots$ equal units there are $m! / (k_1! k_2! \cdots)$.",
        uses=("simsek.def2.1",),
        evidence=(
            enumeration(
                "orbits of points with every pattern of ties, up to 5 (quick) or 7 units",
                lambda: lambda sizes: factorial(sum(sizes)) // int(sp.prod([factorial(k) for k in sizes])),
                orbit_sizes,
                [Control("m! always", lambda size: lambda sizes: factorial(sum(sizes)))],
            ),
            enumeration(
                "the zeros of a symmetric polynomial loss, by Gröbner bases, up to 3 (quick) or 4 units",
                lambda: factorial,
                zeros,
                [
                    Control("m^m", lambda size: lambda m: m**m),
                    Control("partners only", lambda size: lambda m: size(m) - 1),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.defB.1",
        Kind.DEFINITION,
        "Replicant regions",
        Source(PAPER, "Definition B.1", "B.1"),
        r"$\mathcal R_\pi = \{\vartheta_{\pi(1)} \ge \dots \ge \vartheta_{\pi(m)}\}$ in the lexicographic order. The "
        r"$m!$ regions cover the space; $\mathcal P_\pi \mathcal R_\rho = \mathcal R_{\pi^{-1} \circ \rho}$, so that "
        r"$\mathcal P_\pi$ takes $\mathcal R_0$ to $\mathcal R_{\pi^{-1}}$. Two regions meet in a cone, which spans "
        "a symmetry subspace ($D = 1$): its blocks end where both orders have listed the same units.",
        uses=("simsek.def2.2",),
        evidence=(
            enumeration(
                "all regions and permutations of up to 4 units, in one and two dimensions",
                lambda: image_of_region,
                images,
                [
                    Control("π ∘ ρ", lambda rule: compose),
                    Control("ρ ∘ π⁻¹", lambda rule: lambda pi, rho: compose(rho, inverse_permutation(pi, len(pi)))),
                ],
            ),
            enumeration(
                "all pairs of regions of 2 and 3 (quick) or up to 4 units",
                lambda: blocks_in_common,
                intersections,
                [Control("always all units equal", lambda common: lambda pair: 1)],
            ),
            enumeration(
                "Figure A6: P_(1 2) takes R_(3,2,1) to R_(3,1,2)",
                lambda: (2, 0, 1),
                lambda region, context: decided(image_of_region((1, 0, 2), (2, 1, 0)) == region),
                [Control("R_(2,3,1)", lambda region: (1, 2, 0))],
            ),
        ),
    ),
    Claim(
        "simsek.defB.1.printed",
        Kind.DEFINITION,
        "The link between partners, as printed",
        Source(PAPER, "text after Definition B.1", "B.1"),
        r"For $\theta \in \mathcal R_0$ the partner $\theta_\pi = \mathcal P_\pi \theta$ lies in $\mathcal R_\pi$, "
        r"and $\mathcal P_{\pi' \circ \pi^{-1}} \theta_\pi = \theta_{\pi'}$.",
        label=Label.TYPO,
        erratum=r"Both hold for the action that sends unit $i$ to place $\pi(i)$. For the paper's $(\mathcal P_\pi "
        r"\theta)_i = \vartheta_{\pi(i)}$, $\theta_\pi \in \mathcal R_{\pi^{-1}}$ (2 of the 6 permutations of three "
        r"units violate the first line), and $\mathcal P_{\pi^{-1} \circ \pi'} \theta_\pi = \theta_{\pi'}$ (18 of 36 "
        "pairs violate the second).",
        uses=("simsek.defB.1",),
        evidence=(
            counterexample(
                "all partners of a point of R_0, three units",
                lambda: permute_units,
                partner_in_region,
                [Control("unit i sent to place π(i)", lambda act: send_units)],
            ),
            counterexample(
                "all pairs of partners, three units",
                lambda: (permute_units, permute_units, printed_link),
                linked,
                [
                    Control("π⁻¹ ∘ π'", lambda link: (permute_units, permute_units, corrected_link)),
                    Control("unit i sent to place π(i)", lambda link: (send_units, send_units, printed_link)),
                ],
            ),
            counterexample(
                "the same with θ_π read as the partner that lies in R_π",
                lambda: (send_units, permute_units, printed_link),
                linked,
                [Control("its inverse, π ∘ π'⁻¹", lambda link: (send_units, permute_units, inverse_link))],
            ),
        ),
    ),
    Claim(
        "simsek.B1.codim",
        Kind.THEOREM,
        "Symmetry subspaces are walls in one dimension only",
        Source(PAPER, "text before Lemma B.1", "B.1"),
        r"For $D = 1$ every path between interiors of different regions meets some $\mathcal H_{ij}$. For $D > 1$ "
        r"the $\mathcal H_{ij}$ have codimension $D$, and any two points outside of them are joined by two segments "
        "that meet none.",
        uses=("simsek.def2.2", "simsek.defB.1"),
        evidence=(
            enumeration(
                "D = 1: different orders of up to 5 (quick) or 6 units have a pair the other way round, whose "
                "difference changes sign",
                lambda: any,
                opposite_pair,
                [Control("all pairs", lambda every: all)],
            ),
            enumeration(
                "exact segments between points in all pairs of regions, 2 and 3 (quick) or up to 4 units, D = 1, 2, 3",
                lambda: apart,
                walls,
                [
                    Control(
                        "walls in every dimension", lambda apart: lambda D, start, end: apart(1, start[:, 0], end[:, 0])
                    ),
                    Control("no walls", lambda apart: lambda D, start, end: False),
                ],
            ),
        ),
    ),
    _REMARK,
    _REMARK_PRINTED,
    Claim(
        "simsek.remB.1.proof",
        Kind.REMARK,
        "A visit of another region is a contradiction",
        Source(PAPER, "proof of Remark B.1", "B.1"),
        r"$\rho(0) \in \mathcal R_\pi$ and $\rho(1) \in \mathcal R_{\pi'}$ with $\pi' \ne \pi$ contradict Lemma 2.1.",
        label=Label.GAP,
        erratum="Regions share their boundaries: a flow at rest in a point with equal units is in several at all "
        r"times. The argument works for $\rho(0)$ in the interior, where Lemma 2.1 applies; ties are kept by its "
        r"first half. (The inequalities of $\mathcal R_{\pi'}$ are printed at time 0 instead of 1.)",
        uses=("simsek.remB.1",),
        evidence=(
            counterexample(
                "a flow at rest on the boundary of two regions",
                lambda: lambda start: True,
                _impossible,
                [Control("ρ(0) has distinct units", lambda asked: lambda start: not crossings(start, start))],
            ),
        ),
    ),
    replace(_REMARK, id="simsek.remB.2", source=Source(PAPER, "Remark B.2", "B.1"), uses=("simsek.remB.1",)),
    replace(
        _REMARK_PRINTED,
        id="simsek.remB.2.printed",
        source=Source(PAPER, "Remark B.2", "B.1"),
        uses=("simsek.remB.1.printed",),
    ),
)
