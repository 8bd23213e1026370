"""Appendix A.2: where G(r, m) is largest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.expansion.asymptotics import PEAK, peak
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
    ]


Place = Callable[[int], Any]


def _near_the_peak(place: Place, context: Context) -> Outcome:
    """The largest G(r, m) and T(r, m) lie within two of the place, m = 10, 15, ..., 60 (quick) or 150 (full)."""
    for m in range(10, context.pick(quick=61, full=151), 5):
        for zero_types in (False, True):
            if abs(peak(m, zero_types) - place(m)) > 2:
                return decided(False, m=m, found=peak(m, zero_types))
    m = 100
    ratio = sp.Rational(T(peak(m), m), G(peak(m), m))
    return decided(True, T_over_G_at_100=float(ratio))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.figA3",
        Kind.FIGURE,
        "The largest G(r, m) is at r ≈ 0.72 m",
        Source(PAPER, "Figure 3 of the appendix", "A.2"),
        r"$\arg\max_r G(r, m) / m \to 1/(2 \ln 2) = 0.7213\dots$; the same for $T$.",
        relation=lambda: PEAK,
        uses=("simsek.prop4.5a", "simsek.prop4.5b"),
        evidence=(
            Derivation("the pole of the generating function", _pole),
            enumeration(
                "the largest of G(1, m), ..., G(m, m) and of T, m up to 60 (quick) or 150 (full)",
                lambda: lambda m: PEAK * m,
                _near_the_peak,
                [
                    Control("0.65 m", lambda place: lambda m: sp.Rational(13, 20) * m),
                    Control("0.78 m", lambda place: lambda m: sp.Rational(39, 50) * m),
                ],
            ),
        ),
    ),
)
