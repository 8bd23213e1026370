"""Beyond Şimşek et al.: when two affine subspaces of an expansion meet, and exact counts near the diagonal."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations_with_replacement
from math import factorial
from random import Random
from typing import Any

import sympy as sp

from quadrics.expansion.configurations import Configuration
from quadrics.expansion.counts import G, T
from quadrics.expansion.enumeration import affine_subspaces
from quadrics.expansion.intersections import intersect, intersection_dimension, join
from quadrics.expansion.near_diagonal import G_polynomial, T_polynomial
from quadrics.expansion.subspaces import ExpansionSubspace

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, Scope, decided
from ..rules import equal
from ..simsek.expansion_checks import cores

Rule = Callable[[Configuration, Configuration, int, int], Any]


def _one_component() -> list[Step]:
    C, p, q, d_in, d_out = sp.symbols("C P Q d_in d_out", integer=True, positive=True)
    a = sp.symbols("a1:5")
    by_first, by_second = (a[0] + a[1], a[2] + a[3]), (a[0] + a[1] + a[2], a[3])
    return [
        argued(
            "On a component of the join all incoming weights agree. If it has label t in P, they are w_t and all the "
            "outgoing weights add up to a_t ≠ 0 by P's blocks (a second label would ask for another w); by Q's blocks "
            "they add up to the a_t' of Q's labels there. So P and Q have the same label there, and no other; then "
            "the equations have solutions."
        ),
        step(
            equal,
            sp.Add(*by_first),
            sp.Add(*by_second),
            "the block sums of P and of Q have one relation, both add up to the sum over the component",
        ),
        argued("and no other: the graph of P's and Q's blocks with positions as edges is connected"),
        step(
            equal,
            d_out * C - d_out * (p + q - 1) + d_in,
            d_out * (C - p - q + 1) + d_in,
            "|C| d_out outgoing weights, #P + #Q - 1 independent sums; without a label, d_in incoming weights are free",
        ),
    ]


def _against_linear_algebra(rule: Rule, context: Context) -> Outcome:
    """Sampled pairs of echelon forms of four irreducible points, one with outgoing weights that cancel."""
    random, pairs_checked, empty = Random(context.seed_for("intersections")), 0, 0
    for core, m in cores(context):
        spaces = {P: ExpansionSubspace(core, P).affine() for P in affine_subspaces(core.width, m)}
        pairs = list(combinations_with_replacement(spaces, 2))
        for P, Q in random.sample(pairs, min(len(pairs), context.pick(quick=60, full=1500))):
            common = spaces[P].intersection(spaces[Q])
            found = None if common is None else common.dimension
            if found != rule(P, Q, core.d_in, core.d_out):
                return decided(False, P=P.word, Q=Q.word, found=found)
            pairs_checked += 1
            empty += found is None
    return decided(True, pairs=pairs_checked, empty=empty)


def _every_label_is_shared(P: Configuration, Q: Configuration, d_in: int, d_out: int) -> Any:
    """A mutant: labelled blocks must have a position in common, and nothing more."""
    shared = all(set(a) & set(b) for a, b in zip(P.labelled_blocks, Q.labelled_blocks, strict=True))
    if not shared:
        return None
    return intersection_dimension(P, Q, d_in, d_out) if intersect(P, Q) else 0


def _without_the_relation(P: Configuration, Q: Configuration, d_in: int, d_out: int) -> Any:
    """A mutant: the relation between the two families of sums is forgotten."""
    found = intersection_dimension(P, Q, d_in, d_out)
    return None if found is None else found - d_out * len(join(P, Q))


Factored = Callable[[Any], dict[tuple[str, int], Any]]


def _factored(m: Any) -> dict[tuple[str, int], Any]:
    """G(m - k, m)/m! and T(m - k, m)/m! for k = 1, 2, 3, written out."""
    return {
        ("G", 1): (m - 1) / 2,
        ("T", 1): (m + 1) / 2,
        ("G", 2): (m - 2) * (3 * m - 5) / 24,
        ("T", 2): (3 * m**2 + m + 10) / 24,
        ("G", 3): (m - 3) ** 2 * (m - 2) / 48,
        ("T", 3): (m**3 - 2 * m**2 + 11 * m - 2) / 48,
    }


def _written_out() -> list[Step]:
    m = sp.Symbol("m")
    package = {"G": G_polynomial, "T": T_polynomial}
    return [
        argued(
            "By Lemma 4.6 G(m-k, m)/m! = Σ_n b(k, n) (m-k)_n/(n+k)!, b(k, n) the partitions of n + k things into n "
            "blocks of at least two, and T(m-k, m)/m! is the sum of those of G(m-k, m-u) with B(u)/u!: polynomials of "
            "degree k, written out:"
        ),
        *(step(equal, package[name](k, m), said, f"{name}(m - {k}, m)/m!") for (name, k), said in _factored(m).items()),
    ]


def _values(factored: Factored, context: Context) -> Outcome:
    """More widths than the degree asks for."""
    counts = {"G": G, "T": T}
    for n in range(3, context.pick(quick=15, full=40)):
        for (name, k), value in factored(sp.Integer(n)).items():
            if counts[name](n - k, n) != factorial(n) * value:
                return decided(False, name=name, k=k, m=n)
    return decided(True)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.simsek.intersections",
        Kind.THEOREM,
        "When two affine subspaces of an expansion meet",
        Source("simsek", "beyond Theorem 3.1", "3"),
        r"Let $P$, $Q$ be partitions of $[m]$ with $r$ labelled blocks. Their subspaces meet exactly if in the join of "
        r"the partitions, for every label, its block in $P$ and its block in $Q$ lie in one component, and these $r$ "
        r"components are distinct. Then $\dim(P \cap Q) = \sum_C [d_{out}(|C| - \#P(C) - \#Q(C) + 1) + d_{in} "
        r"\mathbb 1\{C \text{ has no label}\}]$. So the graph of the subspaces depends on $r$ and $m$ alone.",
        uses=("simsek.def3.2", "simsek.thm3.1a"),
        evidence=(
            Derivation("solutions on one component, for all sizes", _one_component),
            enumeration(
                "sampled pairs of echelon forms for four irreducible points (outgoing weights of one of them cancel)",
                lambda: lambda P, Q, d_in, d_out: intersection_dimension(P, Q, d_in, d_out),
                _against_linear_algebra,
                [
                    Control("labelled blocks that share a position", lambda rule: _every_label_is_shared),
                    Control("one relation fewer", lambda rule: _without_the_relation),
                    Control("d_in and d_out exchanged", lambda rule: lambda P, Q, d, e: rule(P, Q, e, d)),
                ],
                scope=Scope.SAMPLE,
            ),
        ),
    ),
    Claim(
        "beyond.simsek.near-diagonal",
        Kind.THEOREM,
        "Exact counts near the diagonal",
        Source("simsek", "beyond Lemma 4.6", "4.3"),
        r"$G(m-1, m) = m!\,\frac{m-1}2$, $T(m-1, m) = m!\,\frac{m+1}2$; $G(m-2, m) = m!\,\frac{(m-2)(3m-5)}{24}$, "
        r"$T(m-2, m) = m!\,\frac{3m^2+m+10}{24}$; $G(m-3, m) = m!\,\frac{(m-3)^2(m-2)}{48}$, $T(m-3, m) = "
        r"m!\,\frac{m^3-2m^2+11m-2}{48}$; polynomials of degree $k$ for every $k$.",
        uses=("simsek.lem4.6",),
        evidence=(
            Derivation("from associated Stirling numbers", _written_out),
            enumeration(
                "exact counts, m up to 14 (quick) or 39 (full)",
                lambda: _factored,
                _values,
                [
                    Control(
                        "a coefficient changed",
                        lambda factored: lambda m: factored(m) | {("T", 3): (m**3 - 2 * m**2 + 11 * m + 2) / 48},
                    )
                ],
            ),
        ),
    ),
)
