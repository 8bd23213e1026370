"""Section 4.3: how G and T grow (Lemma 4.6)."""

from __future__ import annotations

from collections.abc import Callable
from math import comb, factorial
from typing import Any

import sympy as sp

from quadrics.expansion.asymptotics import fixed_r_bounds
from quadrics.expansion.counts import G, T
from quadrics.expansion.formulas import block_types, type_count
from quadrics.expansion.near_diagonal import G_polynomial, T_polynomial, leading_term

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, Scope, decided
from ..rules import equal, limit
from .expansion_checks import PAPER


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
        "simsek.lem4.6",
        Kind.THEOREM,
        "G and T near the diagonal, and G for fixed r",
        Source(PAPER, "Lemma 4.6", "4.3"),
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
