"""Section 4.3: the closed forms of G and T (Proposition 4.5)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from math import comb, factorial
from typing import Any

import sympy as sp

from quadrics.expansion.asymptotics import bonferroni
from quadrics.expansion.counts import G, T
from quadrics.expansion.enumeration import affine_subspaces, critical_subspaces
from quadrics.expansion.formulas import (
    G_by_definition,
    G_by_stirling,
    G_generating_function,
    T_by_bell,
    T_by_charlier,
    T_by_definition,
    T_by_stirling,
    T_by_touchard,
    T_generating_function,
    counts_from,
    rows_of_G,
    rows_of_T,
)

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..rules import equal
from .expansion_checks import PAPER, Count, sizes

Form = Callable[[int, int], Any]


def _inclusion_exclusion(r: int, m: int) -> int:
    return bonferroni(r, m, r + 1)


def _equation_4(r: int, m: int) -> int:
    """Eq. (4) with g(u) = Σ_j G(j, u)/j!, as printed."""
    g = [sum(sp.Rational(G(j, u), factorial(j)) for j in range(1, u + 1)) for u in range(m - r + 1)]
    return int(G(r, m) + sum(comb(m, u) * G(r, m - u) * g[u] for u in range(1, m - r + 1)))


def _agree(listing: Callable[[int, int], Any], forms: tuple[Form, ...], rows: Any, egf: Any) -> Any:
    """A decision: the count, the listing, all forms, the recurrence and the generating function agree."""

    def decide(count: Count, context: Context) -> Outcome:
        top = context.pick(quick=6, full=8)
        for r, m in sizes(top):
            found = {"listed": sum(1 for _ in listing(r, m))} if m <= 6 else {}
            found |= {form.__name__: form(r, m) for form in forms}
            if any(value != count(r, m) for value in found.values()):
                return decided(False, r=r, m=m, found=str(found))
        for m, row in enumerate(islice(rows(), context.pick(quick=12, full=25))):
            if any(value != count(r, m) for r, value in enumerate(row) if r):
                return decided(False, m=m)
        for r in (1, 2):
            if counts_from(egf(r), 5) != [count(r, m) for m in range(6)]:
                return decided(False, r=r, form="generating function")
        return decided(True)

    return decide


def _G_recurrence() -> list[Step]:
    r, i, m, x, u = sp.symbols("r i m x u", positive=True)
    b = sp.binomial
    return [
        argued(
            "Position m + 1 of a map onto r labels repeats a label or is the only one that has its own: "
            "G(r, m+1) = r (G(r, m) + G(r-1, m)), with G(0, m) = [m = 0]."
        ),
        step(
            equal,
            sp.diff(u**r, u) * (1 + u),
            r * u**r + r * u ** (r - 1),
            "so has the generating function: u^r with u = e^x - 1, du/dx = 1 + u",
        ),
        step(
            equal,
            i * b(r, i) - r * b(r, i) + r * b(r - 1, i),
            sp.Integer(0),
            "the sum of (-1)^(r-i) C(r, i) i^m satisfies it term by term, for every r and m",
        ),
        step(
            equal,
            b(r, m) * b(m, i),
            b(r, i) * b(r - i, m - i),
            "hence the sum inverts r^m = Σ C(r, l) G(l, m): Σ_l (-1)^(l-i) C(r, l) C(l, i) = (1 - 1)^(r-i)",
        ),
        step(equal, (1 + u).subs(u, sp.exp(x) - 1) ** r, sp.exp(r * x), "in terms of generating functions"),
    ]


def _T_recurrence() -> list[Step]:
    r, u, x = sp.symbols("r u x", positive=True)

    def F(k: Any) -> Any:
        return u**k * sp.exp(u)

    return [
        argued(
            "A partition with r labelled blocks is a map of some positions onto the labels and a partition of the "
            "others: T(r, m) = Σ_u C(m, u) G(r, m-u) B(u); B(u) = Σ_j G(j, u)/j!, as j unlabelled blocks have j! "
            "labellings. So the generating functions multiply; that of B is exp(e^x - 1)."
        ),
        step(
            equal,
            T_generating_function(r, x),
            F(r).subs(u, sp.exp(x) - 1),
            "the product, with u = e^x - 1",
        ),
        step(
            equal,
            sp.diff(F(r), u) * (1 + u),
            r * F(r - 1) + (r + 1) * F(r) + F(r + 1),
            "du/dx = 1 + u: T(r, m+1) = r T(r-1, m) + (r+1) T(r, m) + T(r+1, m), for every r and m",
        ),
    ]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.prop4.5a",
        Kind.THEOREM,
        "The closed form of G",
        Source(PAPER, "Proposition 4.5, equations (3), (5)-(10) of appendix B", "4.3"),
        r"$G(r, m) = \sum_{i=0}^r (-1)^{r-i} \binom ri i^m = r!\, S(m, r) = \Delta^r[x^m](0)$, with the exponential "
        r"generating function $(e^x - 1)^r$ and $G(r, m+1) = r\,(G(r, m) + G(r-1, m))$.",
        relation=lambda: sp.Eq(
            sp.Function("G")(*sp.symbols("r m")),
            sp.Sum(
                (-1) ** (sp.Symbol("r") - sp.Symbol("i"))
                * sp.binomial(*sp.symbols("r i"))
                * sp.Symbol("i") ** sp.Symbol("m"),
                (sp.Symbol("i"), 0, sp.Symbol("r")),
            ),
        ),
        evidence=(
            Derivation("from the recurrence, for every r and m", _G_recurrence),
            enumeration(
                "subspaces listed, definition, inclusion-exclusion, Stirling numbers, recurrence, generating function",
                lambda: lambda r, m: G(r, m),
                _agree(
                    critical_subspaces,
                    (G_by_definition, G_by_stirling, _inclusion_exclusion),
                    rows_of_G,
                    G_generating_function,
                ),
                [
                    Control("signs dropped", lambda count: lambda r, m: sum(comb(r, i) * i**m for i in range(r + 1))),
                    Control("S(m, r) without r!", lambda count: lambda r, m: count(r, m) // factorial(r)),
                    Control("r^m", lambda count: lambda r, m: r**m),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.prop4.5b",
        Kind.THEOREM,
        "The closed form of T",
        Source(PAPER, "Proposition 4.5, equations (4), (13) of appendix B", "4.3"),
        r"$T(r, m) = G(r, m) + \sum_{u=1}^{m-r} \binom mu G(r, m-u)\, g(u)$, where $g(u) = \sum_j G(j, u)/j!$ is the "
        r"Bell number; equivalently $\sum_k S(m, k) (k)_r$, the $r$-th derivative of Touchard's polynomial at 1, with "
        r"the generating function $(e^x - 1)^r e^{e^x - 1}$ and "
        r"$T(r, m+1) = r\,T(r-1, m) + (r+1)\,T(r, m) + T(r+1, m)$.",
        uses=("simsek.thm3.1a", "simsek.prop4.5a", "simsek.lemB.12"),
        evidence=(
            Derivation("from the generating function, for every r and m", _T_recurrence),
            enumeration(
                "subspaces listed, definition, eq. (4), Stirling, Bell, Touchard, Charlier, recurrence, power series",
                lambda: lambda r, m: T(r, m),
                _agree(
                    affine_subspaces,
                    (T_by_definition, _equation_4, T_by_stirling, T_by_bell, T_by_touchard, T_by_charlier),
                    rows_of_T,
                    T_generating_function,
                ),
                [
                    Control("G in place of T", lambda count: lambda r, m: G(r, m)),
                    Control("g(u) = 1", lambda count: lambda r, m: sum(comb(m, u) * G(r, m - u) for u in range(m))),
                ],
            ),
        ),
    ),
)
