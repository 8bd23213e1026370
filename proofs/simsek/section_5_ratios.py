"""Section 5: critical subspaces against global minima in deep networks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import sympy as sp

from quadrics.expansion.asymptotics import level_ratio
from quadrics.expansion.counts import G, T
from quadrics.expansion.deep.counts import (
    all_levels_ratio,
    level_ratio_power,
    number_of_critical_subspaces,
    number_of_subspaces,
)
from quadrics.expansion.thresholds import threshold

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..rules import entails, equal, limit
from .expansion_checks import PAPER

Ratio = Callable[[int, int, int, int], Any]  # of k, r*, m, hidden layers
Total = Callable[[int, int, int], Any]  # of r*, m, hidden layers


def _ratios(ratio: Ratio, context: Context) -> Outcome:
    """The counts of section 5 divided by each other, for level k in every hidden layer."""
    for r in range(2, context.pick(quick=5, full=8)):
        for m in range(r, r + 4):
            for layers in (1, 2, 3):
                for k in range(r):
                    narrow, wide = [r - k] * layers, [m] * layers
                    found = sp.Rational(
                        number_of_critical_subspaces(narrow, wide), number_of_subspaces([r] * layers, wide)
                    )
                    if found != ratio(k, r, m, layers):
                        return decided(False, r=r, m=m, k=k, layers=layers)
    return decided(True)


def _mixed(total: Total, context: Context) -> Outcome:
    """All choices of a level 0, ..., r* - 1 for each hidden layer, not all 0, counted one by one."""
    for r in range(2, context.pick(quick=4, full=6)):
        for m in range(r, r + 3):
            for layers in (1, 2, 3):
                critical = sum(
                    number_of_critical_subspaces([r - k for k in levels], [m] * layers)
                    for levels in product(range(r), repeat=layers)
                    if any(levels)
                )
                if sp.Rational(critical, T(r, m) ** layers) != total(r, m, layers):
                    return decided(False, r=r, m=m, layers=layers)
    return decided(True)


def _in_depth() -> list[Step]:
    k, r = sp.symbols("k r", integer=True, positive=True)
    n, u = sp.symbols("n u", positive=True)
    R = sp.IndexedBase("R")
    S, R0, P, Q, X = sp.symbols("S R_0 P Q X")
    every = sp.Sum(R[k], (k, 0, r - 1))
    return [
        step(
            equal,
            sp.Sum(R[k] * X, (k, 0, r - 1)),
            X * every,
            "one hidden layer more: its level k with all choices X for the others. So n layers have (S + R_0)^n, S for "
            "the levels from 1 on, of which R_0^n has level 0 everywhere",
        ),
        step(
            entails,
            sp.And(S > 0, R0 > 0, P >= Q, Q > 0),
            sp.Ge((S + R0) * P, R0 * Q),
            "P = (S + R_0)^n is at least Q = R_0^n, by induction",
        ),
        step(
            equal,
            (S + R0) * P - R0 * Q - S * P,
            R0 * (P - Q),
            "so the total for n + 1 layers lies between S (S + R_0)^n and (S + R_0)^(n+1)",
        ),
        step(
            limit(n, sp.oo, "-"),
            (1 + u) ** -n,
            sp.Integer(0),
            "if S + R_0 = 1/(1 + u) < 1 both tend to 0; if S + R_0 = 1 + u > 1 their reciprocals do",
        ),
        step(limit(n, sp.oo, "-"), sp.Integer(1) ** n, sp.Integer(1), "if S + R_0 = 1 the total is at least S"),
        argued(
            "from m_0 of eq. (6) on, Σ_{k≥0} G(r-k, m) ≤ Σ_j C(r, j) G(j, m) = r^m ≤ T(r, m): what holds for the "
            "widths up to m_0 one by one holds for all"
        ),
    ]


Thresholds = Callable[[int], tuple[int, int]]
THRESHOLDS = {10: (12, 14), 20: (25, 29), 30: (38, 44)}


def _widths(thresholds: Thresholds, context: Context) -> Outcome:
    """All R_k < 1 for k ≥ 1, and Σ_{k≥0} R_k < 1, at every width up to m_0 of eq. (6).

    From m_0 on Σ_{k≥0} G(r-k, m) ≤ Σ_j C(r, j) G(j, m) = r^m ≤ T(r, m), so that both hold.
    """
    for r in (10, 20, 30):
        every, added = thresholds(r)
        for m in range(r, threshold(r) + context.pick(quick=1, full=60)):
            ratios = [level_ratio(k, r, m) for k in range(r)]
            if (max(ratios[1:]) < 1) != (m >= every) or (sum(ratios) < 1) != (m >= added):
                return decided(False, r=r, m=m)
    return decided(True, thresholds=str({r: thresholds(r) for r in (10, 20, 30)}))


Decreasing = Callable[[int, int], bool]  # of r*, m: does the total over all levels fall with depth?


def _depth(decreasing: Decreasing, context: Context) -> Outcome:
    """Totals for very deep networks of widths around the thresholds: they fall or rise with depth."""
    for r, (every, added) in THRESHOLDS.items():
        for m in sorted({r, every, every + 1, added - 1, added, added + 3}):
            deep = [all_levels_ratio(r, m, layers) for layers in (300, 301)]
            if (deep[1] < deep[0]) != decreasing(r, m):
                return decided(False, r=r, m=m, totals=[float(sp.log(t, 10)) for t in deep])
    return decided(True)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.ml.app",
        Kind.THEOREM,
        "Depth against width",
        Source(PAPER, "Application", "5"),
        r"With $m$ neurons in each of $L - 1$ hidden layers of a network of minimal widths $r^*$, the critical "
        r"subspaces of level $k$ in every layer and the affine subspaces of global minima have the ratio "
        r"$R_k(r^*, m)^{L-1}$. With one critical point for every choice of a level $0 \le k < r^*$ in each layer, "
        r"not 0 in all, the critical subspaces have the ratio $(\sum_{k \ge 0} R_k)^{L-1} - R_0^{L-1}$: it falls to "
        r"0 with depth exactly if $\sum_{k \ge 0} R_k < 1$, which is more than $R_k < 1$ for all $k \ge 1$. For "
        r"$r^* = 10, 20, 30$ the latter holds from $m = 12, 25, 38$ on, the former from $14, 29, 44$.",
        hypotheses=("the number of critical points of each level is 1, as in figure 6",),
        uses=("simsek.ml.count", "simsek.ml.crit-count", "simsek.eq5", "simsek.eq6"),
        evidence=(
            Derivation("the total over all choices of levels, as the depth grows", _in_depth),
            enumeration(
                "quotients of the counts, r* up to 4 (quick) or 7 (full), up to three hidden layers",
                lambda: level_ratio_power,
                _ratios,
                [
                    Control("not to the power L - 1", lambda ratio: lambda k, r, m, layers: ratio(k, r, m, 1)),
                    Control("to the power L", lambda ratio: lambda k, r, m, layers: ratio(k, r, m, layers + 1)),
                    Control("G below as well", lambda ratio: lambda k, r, m, n: sp.Rational(G(r - k, m), G(r, m)) ** n),
                ],
            ),
            enumeration(
                "all choices of levels, r* up to 3 (quick) or 5 (full), up to three hidden layers",
                lambda: all_levels_ratio,
                _mixed,
                [
                    Control(
                        "the same level in all layers",
                        lambda total: lambda r, m, n: sum(level_ratio_power(k, r, m, n) for k in range(1, r)),
                    ),
                    Control(
                        "levels from 1 on in all layers",
                        lambda total: lambda r, m, n: sum(level_ratio(k, r, m) for k in range(1, r)) ** n,
                    ),
                ],
            ),
            enumeration(
                "all widths up to m_0 of equation (6) for r* = 10, 20, 30, exact, and 60 more (full)",
                lambda: lambda r: THRESHOLDS[r],
                _widths,
                [
                    Control("one less for the sum", lambda found: lambda r: (found(r)[0], found(r)[1] - 1)),
                    Control("one more for each", lambda found: lambda r: (found(r)[0] + 1, found(r)[1])),
                    Control("the same width for both", lambda found: lambda r: (found(r)[0],) * 2),
                ],
            ),
            enumeration(
                "totals for 300 and 301 hidden layers, exact, at widths around the thresholds",
                lambda: lambda r, m: m >= THRESHOLDS[r][1],
                _depth,
                [Control("falling where all R_k < 1", lambda falls: lambda r, m: m >= THRESHOLDS[r][0])],
            ),
        ),
    ),
)
