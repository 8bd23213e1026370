"""Section 4.3: the closed forms of G and T (Proposition 4.5) and their growth (Lemma 4.6)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from math import comb, factorial
from typing import Any

import sympy as sp

from quadrics.expansion.asymptotics import bonferroni, fixed_r_bounds
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
    block_types,
    counts_from,
    rows_of_G,
    rows_of_T,
    type_count,
)
from quadrics.expansion.near_diagonal import G_polynomial, T_polynomial, leading_term

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, Scope, decided
from ..rules import equal, limit
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


def _near_the_diagonal() -> list[Step]:
    k = sp.Symbol("k", integer=True, positive=True)
    m = sp.Symbol("m", positive=True)

    def matchings(n: Any) -> Any:
        return sp.factorial(2 * n) / (2**n * sp.factorial(n))

    steps = [
        argued(
            "A partition of [m] into m - k blocks has n blocks of more than one element, n ≤ k, which hold n + k "
            "elements: G(m-k, m)/m! = Σ_n b(k, n) (m-k)_n/(n+k)!, a polynomial in m whose degree is k, from n = k."
        ),
        step(
            equal,
            matchings(k),
            (2 * k - 1) * matchings(k - 1),
            "for n = k all blocks are pairs: b(k, k) = (2k-1) b(k-1, k-1) perfect matchings",
        ),
        step(
            equal,
            matchings(k) / sp.factorial(2 * k),
            1 / (2**k * sp.factorial(k)),
            "the leading coefficient, for every k",
        ),
        argued(
            "T(m-k, m)/m! = Σ_u [G(n-(k-u), n)/n!]_{n = m-u} B(u)/u!, and only u = 0 has degree k: the same leading "
            "coefficient."
        ),
    ]
    for n in range(1, 4):
        for name, polynomial in (("G", G_polynomial), ("T", T_polynomial)):
            ratio = polynomial(n, m) / leading_term(n, m)
            steps.append(step(limit(m, sp.oo, "-"), ratio, sp.Integer(1), f"{name}(m-{n}, m), exactly"))
    q = sp.Symbol("q", positive=True)
    r = sp.Symbol("r", positive=True)
    steps += [
        argued("Bonferroni: r^m - r (r-1)^m ≤ G(r, m) ≤ r^m, so |G(r, m)/r^m - 1| ≤ r e^(-qm), q = -log(1 - 1/r) > 0."),
        step(limit(m, sp.oo, "-"), r * sp.exp(-q * m), sp.Integer(0), "for fixed r ≥ 1"),
    ]
    return steps


Polynomials = Callable[[int, Any], tuple[Any, Any]]


def _polynomials(both: Polynomials, context: Context) -> Outcome:
    """G(m-k, m) and T(m-k, m) for k up to 4 (quick) or 8 (full) at more widths than the degree, and bounds for G."""
    m = sp.Symbol("m")
    for k in range(context.pick(quick=5, full=9)):
        polynomials = [sp.Poly(p, m) for p in both(k, m)]
        for n in range(k, 2 * k + 6):
            if [factorial(n) * p.eval(n) for p in polynomials] != [G(n - k, n), T(n - k, n)]:
                return decided(False, k=k, m=n)
        if any(p.degree() != k or p.LC() * m**k != leading_term(k, m) for p in polynomials):
            return decided(False, k=k)
    for r in range(1, 6):
        for n in range(r, r + 10):
            low, high = fixed_r_bounds(r, n)
            if not low <= G(r, n) <= high:
                return decided(False, r=r, m=n)
    return decided(True)


Quotient = Callable[[int], bool]  # does G(r, m)/r^m tend to 1 for this r?


def _quotients_exist(tends_to_one: Quotient, context: Context) -> Outcome:
    """r = 0, 1, 2: G(r, m)/r^m at m = 10, ..., 60."""
    for r in range(3):
        quotients = [sp.Rational(G(r, m)) / sp.Integer(r) ** m for m in (10, 30, 60)]
        near = all(q.is_finite and abs(q - 1) <= sp.Rational(1, 100) for q in quotients)
        if near != tends_to_one(r):
            return decided(False, r=r, quotients=[str(q) for q in quotients])
    return decided(True)


LargestPart = Callable[[int, int], int]  # of n and k: the last index of c = (c_2, c_3, ...)


def _equation_15(largest: LargestPart, context: Context) -> Outcome:
    """G(r, r + 2), r = 1, ..., 4, as the sum over the number n of blocks of two and more elements, and their sizes."""
    k, sums = 2, []
    for r in range(1, 5):
        total = 0
        for n in range(1, k + 1):
            for c in block_types(n, n + k):
                if min(c) >= 2 and max(c) <= largest(n, k):
                    # C(r, n) choices of labels; n! labellings of the blocks of these sizes, the rest are singletons
                    total += comb(r, n) * factorial(n) * type_count(c) * factorial(r + k) // factorial(n + k)
        sums.append(total)
    return decided(sums == [G(r, r + k) for r in range(1, 5)], found=str(sums))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.prop4.5a",
        Kind.THEOREM,
        "The closed form of G",
        Source(PAPER, "Proposition 4.5, Proposition B.11, equations (3), (5)-(10)", "4.3"),
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
        Source(PAPER, "Proposition 4.5, Proposition B.13, equations (4), (13)", "4.3"),
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
    Claim(
        "simsek.lem4.6",
        Kind.THEOREM,
        "G and T near the diagonal, and G for fixed r",
        Source(PAPER, "Lemma 4.6, Lemma B.14", "4.3"),
        r"$G(m-k, m) \sim T(m-k, m) \sim \frac{m^k}{2^k k!} m!$ for fixed $k \ge 0$: both are $m!$ times a polynomial "
        r"of degree $k$ in $m$. For fixed $r \ge 1$, $G(r, m) = r^m (1 + O((1 - 1/r)^m))$.",
        uses=("simsek.prop4.5a", "simsek.prop4.5b"),
        evidence=(
            Derivation("the leading coefficient for every k, and the polynomials for k ≤ 3", _near_the_diagonal),
            enumeration(
                "the polynomials at k + 6 widths, k up to 4 (quick) or 8 (full); bounds of G(r, m) for r ≤ 5",
                lambda: lambda k, m: (G_polynomial(k, m), T_polynomial(k, m)),
                _polynomials,
                [
                    Control("G's for T", lambda both: lambda k, m: (both(k, m)[0], both(k, m)[0])),
                    Control("m + 1 for m", lambda both: lambda k, m: both(k, m + 1)),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.lem4.6.printed",
        Kind.THEOREM,
        "G for fixed r, r = 0 included",
        Source(PAPER, "Lemma 4.6, Lemma B.14", "4.3"),
        r"For any fixed $r \ge 0$, $G(r, m)/r^m \to 1$.",
        label=Label.TYPO,
        erratum=r"$r \ge 1$ is needed: $G(0, m) = 0 = 0^m$ for $m \ge 1$, and $0/0$ is no number.",
        uses=("simsek.lem4.6",),
        evidence=(
            counterexample(
                "r = 0, 1, 2 at m = 10, 30, 60",
                lambda: lambda r: True,
                _quotients_exist,
                [Control("r ≥ 1", lambda tends: lambda r: r >= 1)],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "simsek.lem4.6.proof",
        Kind.THEOREM,
        "The index range of c in equations (15) and (16)",
        Source(PAPER, "proof of Lemma B.14", "B.5"),
        r"$G(r, r+k)$ is a sum over the number $n$ of blocks of at least two elements and over the numbers "
        r"$c = (c_2, \dots, c_n)$ of blocks of each size.",
        label=Label.TYPO,
        erratum=r"A block may have up to $k + 1$ elements: $c = (c_2, \dots, c_{k+1})$. As printed the term $n = 1$ "
        r"vanishes, and $k = 2$ gives 0, 6, 90, 1080 in place of 1, 14, 150, 1560 for $r = 1, \dots, 4$. Equation (14) "
        "and the lemma are not affected.",
        uses=("simsek.lem4.6",),
        evidence=(
            counterexample(
                "G(r, r + 2) for r = 1, ..., 4",
                lambda: lambda n, k: n,
                _equation_15,
                [Control("sizes up to k + 1", lambda largest: lambda n, k: k + 1)],
            ),
        ),
    ),
)
