"""Appendix A.2: where G(r, m) is largest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.expansion.asymptotics import PEAK, mean_labels_limit, peak
from quadrics.expansion.counts import G, T

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..rules import equal, solve_for, substitute
from .expansion_checks import PAPER


def _pole() -> list[Step]:
    u, rho = sp.symbols("u rho", positive=True)
    place = sp.log(1 + 1 / u)
    return [
        step(
            solve_for(rho),
            sp.Eq(u * (sp.exp(rho) - 1), 1),
            [sp.log((u + 1) / u)],
            "Σ_r u^r (e^x - 1)^r has a pole there",
        ),
        argued(
            "it is simple and the nearest one, so the number of labels of a random surjection is asymptotically normal "
            "with mean m times -u ρ'(u)/ρ(u) at u = 1 (Bender), and the largest G(r, m) is near the mean"
        ),
        step(
            substitute({u: sp.Integer(1)}),
            -u * sp.diff(place, u) / place,
            1 / (2 * sp.log(2)),
            "the mean",
            mutants=(1 / sp.log(2), sp.log(2)),
        ),
        step(equal, PEAK, 1 / (2 * sp.log(2)), "which is what the package has"),
        *_mean(),
    ]


def _mean() -> list[Step]:
    """The mean itself, from sums weighted by r: each is a combination of the plain sums for m + 1 and for m."""
    x = sp.Symbol("x", real=True)
    m, ratio = sp.symbols("m q", positive=True)
    y = sp.exp(x) - 1
    surjections, all_maps = 1 / (1 - y), sp.exp(y) / (1 - y)
    return [
        step(
            equal,
            y / (1 - y) ** 2,
            (sp.diff(surjections, x) - surjections) / 2,
            "Σ_r r G(r, m) has the generating function y/(1 - y)² with y = e^x - 1; so the mean is (q - 1)/2, q the "
            "quotient of Σ_r G(r, m + 1) by Σ_r G(r, m),",
            mutants=((sp.diff(surjections, x) + surjections) / 2,),
        ),
        step(
            equal,
            y * sp.exp(y) / (1 - y) ** 2,
            (sp.diff(all_maps, x) - 3 * all_maps + sp.exp(y)) / 2,
            "and for T it is (q - 3)/2, up to the Bell number that e^y adds, which has no pole;",
            mutants=((sp.diff(all_maps, x) - all_maps + sp.exp(y)) / 2,),
        ),
        step(
            substitute({ratio: (m + 1) / sp.log(2)}),
            (ratio - 1) / 2,
            mean_labels_limit(m),
            "the simple pole at ln 2 makes q approach (m + 1)/ln 2, exponentially fast",
            mutants=(mean_labels_limit(m, zero_types=True), PEAK * m),
        ),
    ]


Place = Callable[[int, bool], Any]


def _near_the_peak(place: Place, context: Context) -> Outcome:
    """The largest G(r, m) and T(r, m) are less than 1 away from the place, m from 3 to 60 (quick) or 150 (full).

    For G this is Darroch's theorem on sums with real roots.
    """
    for m in range(3, context.pick(quick=61, full=151)):
        for zero_types in (False, True):
            if abs(peak(m, zero_types) - place(m, zero_types)) >= 1:
                return decided(False, m=m, zero_types=zero_types, found=peak(m, zero_types))
    m = 100
    ratio = sp.Rational(T(peak(m), m), G(peak(m), m))
    return decided(True, T_over_G_at_100=float(ratio))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.figA3",
        Kind.FIGURE,
        "The largest G(r, m) is at r ≈ 0.72 m",
        Source(PAPER, "Figure 3 of the appendix", "A.2"),
        r"$\arg\max_r G(r, m) / m \to 1/(2 \ln 2) = 0.7213\dots$, and it is less than 1 away from "
        r"$(m + 1)/(2 \ln 2) - \tfrac12$; the same for $T$ with $\tfrac32$.",
        relation=lambda: PEAK,
        uses=("simsek.prop4.5a", "simsek.prop4.5b"),
        evidence=(
            Derivation("the pole of the generating function", _pole),
            enumeration(
                "the largest of G(1, m), ..., G(m, m) and of T, m up to 60 (quick) or 150 (full)",
                lambda: mean_labels_limit,
                _near_the_peak,
                [
                    Control("0.72 m", lambda place: lambda m, zero_types: sp.Rational(18, 25) * m),
                    Control("the same place for G and T", lambda place: lambda m, zero_types: place(m, False)),
                    Control("one more", lambda place: lambda m, zero_types: place(m, zero_types) + 1),
                ],
            ),
        ),
    ),
)
