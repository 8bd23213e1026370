"""Section 3: Theorem 3.1 on the affine subspaces: how many, none inside another, their dimensions; T(r, r) = r!."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.expansion.affine import AffineSpace
from quadrics.expansion.configurations import Configuration
from quadrics.expansion.counts import G, T
from quadrics.expansion.enumeration import affine_subspaces
from quadrics.expansion.formulas import T_by_definition
from quadrics.expansion.subspaces import ExpansionSubspace
from quadrics.network import Parameters

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..rules import entails, equal
from .expansion_checks import (
    CORES,
    PAPER,
    Count,
    Family,
    at_sizes,
    by_length,
    by_multiplicity,
    cores,
    distinct,
    listed_by_definition,
    ordered_sum,
    sizes,
    spaces_of,
)


def _counted(count: Count, context: Context) -> Outcome:
    """The definition, listed; the generator, listed further."""
    for r, m in sizes(context.pick(quick=4, full=6)):
        if listed_by_definition(r, m) != count(r, m):
            return decided(False, r=r, m=m, found=listed_by_definition(r, m))
    for r, m in sizes(context.pick(quick=6, full=7)):
        if sum(1 for _ in affine_subspaces(r, m)) != count(r, m):
            return decided(False, r=r, m=m)
    return decided(True)


def _none_inside(family: Family, context: Context) -> Outcome:
    """No space of the family includes another."""
    pairs = 0
    for core, m in cores(context):
        spaces = family(core, m)
        if len(spaces) > 40:
            continue
        for a in spaces:
            for b in spaces:
                pairs += 1
                if a is not b and a.dimension >= b.dimension and a.includes(b):
                    return decided(False, r=core.width, m=m)
    return decided(True, pairs=pairs)


def _with_zero_outputs(core: Parameters, m: int) -> list[AffineSpace]:
    """A mutant family: besides the subspaces, the one with all zero-type neurons of outgoing weight zero."""
    spaces = spaces_of(core, m)
    if m < core.width + 2:
        return spaces
    word = (*range(1, core.width + 1), *(-1,) * (m - core.width))
    S = ExpansionSubspace(core, Configuration(core.width, word))
    return [*spaces, AffineSpace.through(_coordinates(S), S.direction_vectors()[: core.d_in])]


def _coordinates(S: ExpansionSubspace) -> list[Any]:
    base = S.base_point
    return [*base.W1, *base.W2.T]


def _one_configuration_twice(core: Parameters, m: int) -> list[AffineSpace]:
    """A mutant family: copies with a single outgoing weight, for splits of a_t that are not needed."""
    S = ExpansionSubspace(core, next(affine_subspaces(core.width, m)))
    return [*spaces_of(core, m), AffineSpace.through(_coordinates(S), [])] if m > core.width else spaces_of(core, m)


Bounds = Callable[[int, int, int], tuple[int, int]]  # of m - r, d_in, d_out


def _bounds() -> list[Step]:
    a, j, d, e = sp.symbols("a j d_in d_out", integer=True)
    sizes_ = sp.And(a >= 0, j >= 0, d >= 1, e >= 1)
    dimension = a * e + j * d
    return [
        step(
            entails, sizes_, sp.Ge(dimension, sp.Min(d, e) * (a + j)), "a = m - r - j blocks' worth of outgoing weights"
        ),
        step(entails, sizes_, sp.Le(dimension, sp.Max(d, e) * (a + j)), "and at most"),
        step(entails, sizes_, sp.Ge(dimension, a + j), "so at least m - r, as d_in and d_out are at least 1"),
        step(equal, dimension.subs(j, 0), e * a, "without zero-type groups: d_out (m - r)"),
        step(
            equal, dimension.subs(a, 0), d * j, "with m - r groups of one neuron: d_in (m - r); one of the two is least"
        ),
    ]


def _least_and_greatest(bounds: Bounds, context: Context) -> Outcome:
    """The least and greatest rank over all subspaces."""
    for core, m in cores(context):
        found = [space.dimension for space in spaces_of(core, m)]
        if (min(found), max(found)) != bounds(m - core.width, core.d_in, core.d_out):
            return decided(False, r=core.width, m=m, found=(min(found), max(found)))
    return decided(True)


def _at_the_diagonal() -> list[Step]:
    one, others, zeros, j, d, e = sp.symbols("k_t-1 others B j d_in d_out", integer=True)
    k, t, r = sp.symbols("k t r", integer=True, positive=True)
    return [
        step(
            entails,
            sp.And(one >= 0, others >= 0, j >= 0, zeros >= j, sp.Eq(one + others + zeros, 0)),
            sp.And(sp.Eq(one, 0), sp.Eq(j, 0)),
            "the sizes less one of the labelled blocks, k_t - 1 and those of the others, and the sizes of the j groups "
            "add up to m - r = 0: so k_t = 1, for every t, and there are no groups",
        ),
        step(
            equal,
            sp.factorial(r) / sp.Product(sp.factorial(k), (t, 1, r)).subs(k, 1).doit(),
            sp.factorial(r),
            "the only term of the sum is r!/(1! ... 1!)",
        ),
        step(equal, ((r - r - j) * e + j * d).subs(j, 0), sp.Integer(0), "of dimension (m - r - j) d_out + j d_in"),
    ]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.thm3.1a",
        Kind.THEOREM,
        "The number of affine subspaces",
        Source(PAPER, "Theorem 3.1", "3"),
        r"For $r \le m$, $\Theta_{r \to m}(\theta^r)$ consists of exactly $T(r, m) = \sum_j \sum_{k, b} "
        r"\binom{m}{k_1, \dots, k_r, b_1, \dots, b_j} \frac{1}{c_1! \cdots c_{m-r}!}$ distinct affine subspaces, the "
        r"inner sum over $k_i \ge 1$ and $b_1 \ge \dots \ge b_j \ge 1$ of total $m$: one for each partition of $[m]$ "
        r"with $r$ labelled blocks.",
        uses=("simsek.def3.3",),
        evidence=(
            enumeration(
                "all permutations of all tuples up to m = 4 (quick) or 6 (full), labelled partitions up to m = 6 or 7",
                lambda: lambda r, m: T(r, m),
                _counted,
                [
                    Control("G in place of T", lambda count: lambda r, m: G(r, m)),
                    Control("T(r, m) - [m > r]", lambda count: lambda r, m: count(r, m) - (m > r)),
                    Control("ordered tuples b", lambda count: ordered_sum(by_multiplicity)),
                ],
            ),
            enumeration(
                "the displayed sum, over unordered b",
                lambda: lambda r, m: T_by_definition(r, m),
                _counted,
                [Control("one more", lambda count: lambda r, m: count(r, m) + 1)],
            ),
            enumeration(
                "distinct echelon forms, four irreducible points, widths up to 3 (quick) or 4 (full), 1 more for r = 3",
                lambda: lambda r, m: T(r, m),
                distinct,
                [Control("one more", lambda count: lambda r, m: count(r, m) + 1)],
            ),
        ),
    ),
    Claim(
        "simsek.thm3.1a.printed",
        Kind.THEOREM,
        "The number of affine subspaces, summed over ordered tuples",
        Source(PAPER, "Theorem 3.1, Proposition B.3", "3"),
        r"The sum over all tuples $s = (k_1, \dots, k_r, b_1, \dots, b_j)$ (ordered, as in Definition 3.2), divided by "
        r"$c_1! \cdots c_{m-r}!$, counts the affine subspaces.",
        label=Label.FALSE,
        erratum=r"Groups of *different* sizes may be exchanged as well: sum over $b_1 \ge \dots \ge b_j$, or divide by "
        r"$j!$. As printed the sum is too large as soon as $m \ge r + 3$: 49, not 37, for (1, 4), 380, not "
        "320, for (2, 5). The closed form of Proposition 4.5 is right.",
        uses=("simsek.thm3.1a",),
        evidence=(
            counterexample(
                "(r, m) = (1, 4), (2, 5): all permutations of all tuples, listed",
                lambda: ordered_sum(by_multiplicity),
                at_sizes((1, 4), (2, 5)),
                [
                    Control("unordered tuples", lambda count: lambda r, m: T_by_definition(r, m)),
                    Control("ordered tuples, divided by j!", lambda count: ordered_sum(by_length)),
                ],
            ),
            enumeration(
                "the two readings agree up to m = r + 2",
                lambda: ordered_sum(by_multiplicity),
                at_sizes((1, 3), (2, 4), (3, 3)),
                [Control("without any denominator", lambda count: ordered_sum(lambda b: 1))],
            ),
        ),
    ),
    Claim(
        "simsek.thm3.1b",
        Kind.THEOREM,
        "No affine subspace includes another",
        Source(PAPER, "Theorem 3.1", "3"),
        r"Of two different affine subspaces of $\Theta_{r \to m}(\theta^r)$ none includes the other.",
        uses=("simsek.def3.3",),
        evidence=(
            enumeration(
                "all pairs of echelon forms (at most 40 subspaces) of four irreducible points, widths up to 3 (quick) "
                "or 4 (full), one more for r = 3",
                lambda: spaces_of,
                _none_inside,
                [
                    Control(
                        "with the part of a subspace where all zero-type outputs vanish", lambda f: _with_zero_outputs
                    ),
                    Control("with a single point of a subspace", lambda f: _one_configuration_twice),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.thm3.1c",
        Kind.THEOREM,
        "The dimensions of the affine subspaces",
        Source(PAPER, "Theorem 3.1", "3"),
        r"Each affine subspace has a dimension between $\min(d_{in}, d_{out})(m - r)$ and "
        r"$\max(d_{in}, d_{out})(m - r)$; both occur.",
        uses=("simsek.def3.2",),
        evidence=(
            Derivation("bounds for all sizes, and where they are attained", _bounds),
            enumeration(
                "least and greatest rank for four irreducible points, widths up to 3 (quick) or 4 (full)",
                lambda: lambda h, d_in, d_out: (min(d_in, d_out) * h, max(d_in, d_out) * h),
                _least_and_greatest,
                [
                    Control("h alone", lambda bounds: lambda h, d_in, d_out: (h, h)),
                    Control("the sum of d_in and d_out", lambda bounds: lambda h, d, e: (min(d, e) * h, (d + e) * h)),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.T_rr",
        Kind.THEOREM,
        "At equal width there are r! points",
        Source(PAPER, "proof sketch of Theorem 3.1", "3"),
        r"$T(r, r) = r!$, and the subspaces are points.",
        uses=("simsek.thm3.1a", "simsek.thm3.1c"),
        evidence=(
            Derivation("a single tuple of sizes, for every r", _at_the_diagonal),
            enumeration(
                "all permutations listed, r up to 4 (quick) or 6 (full)",
                lambda: lambda r, m: sp.factorial(r),
                lambda count, context: at_sizes(*((r, r) for r in range(1, context.pick(quick=5, full=7))))(
                    count, context
                ),
                [Control("r^r", lambda count: lambda r, m: r**m)],
            ),
        ),
    ),
    Claim(
        "simsek.fig3",
        Kind.FIGURE,
        "A point of an affine subspace",
        Source(PAPER, "Figure 3", "3"),
        r"$\Gamma_s$ for $s = (2, 1, 2)$, $r = 2$: two copies of the first neuron, one of the second, and a zero-type "
        "pair.",
        uses=("simsek.def3.2",),
        evidence=(
            enumeration(
                "the dimension of that subspace for two irreducible points",
                lambda: lambda d_in, d_out: 2 * d_out + d_in,
                lambda dimension, context: decided(
                    all(
                        ExpansionSubspace(core, Configuration.standard([2, 1], [2])).affine().dimension
                        == dimension(core.d_in, core.d_out)
                        for core in CORES
                        if core.width == 2
                    )
                ),
                [Control("no pair", lambda dimension: lambda d_in, d_out: d_out + d_in)],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
