"""Section 5 and appendix B.6: counting the affine subspaces of deep networks, and how they hang together."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial, prod
from typing import Any

import sympy as sp

from quadrics.expansion.counts import G, T
from quadrics.expansion.deep.blocks import Family
from quadrics.expansion.deep.counts import number_of_components, number_of_critical_subspaces, number_of_subspaces
from quadrics.expansion.deep.manifold import DeepCriticalUnion
from quadrics.expansion.deep.paths import connect, most_segments

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, Scope, decided
from ..rules import equal
from .expansion_checks import PAPER
from .multilayer_checks import (
    Widths,
    components,
    core_of,
    expansions,
    manifold,
    subspaces,
)

CountOfLayers = Callable[[Widths, Widths], Any]


def _distinct(count: CountOfLayers, context: Context) -> Outcome:
    """The number of different echelon forms."""
    for r, m in expansions(context):
        found = len({S.factors() for S in subspaces(r, m, Family.LAST_TO_FIRST)})
        if found != count(r, m):
            return decided(False, r=r, m=m, found=found)
    return decided(True)


def _two_layers_of_different_widths(count: CountOfLayers, context: Context) -> Outcome:
    """(1, 2) expanded to (2, 3): different echelon forms."""
    found = len({S.factors() for S in subspaces((1, 2), (2, 3), Family.LAST_TO_FIRST)})
    return decided(found == count((1, 2), (2, 3)), found=found, said=count((1, 2), (2, 3)))


WIDTHS: tuple[tuple[Widths, Widths], ...] = (
    ((1, 1), (1, 1)),
    ((1, 1), (2, 1)),
    ((1, 2), (1, 2)),
    ((1, 2), (1, 3)),
    ((2, 1), (2, 2)),
    ((2, 2), (2, 2)),
    ((2, 2), (3, 2)),
    ((2, 2), (2, 3)),
    ((1, 2, 1), (2, 2, 2)),
    ((1, 1, 1), (2, 2, 2)),
)


def _components(count: CountOfLayers, context: Context) -> Outcome:
    """Components of the union of affine subspaces, by exact intersections."""
    for r, m in (*WIDTHS, *context.pick(quick=(((1, 2), (2, 3)),), full=(((1, 2), (2, 3)), ((2, 2), (3, 3))))):
        found = components(r, m, Family.LAST_TO_FIRST)
        if found != count(r, m):
            return decided(False, r=r, m=m, found=found)
    return decided(True)


def _one_move() -> list[Step]:
    a, f, other, rest, t = sp.symbols("a f_t f_free rest t", real=True)
    before = a * f + rest
    return [
        step(
            equal,
            a * f + 0 * other + rest,
            before,
            "1. a neuron without outgoing weights takes the incoming weights of a token: no neuron above notices",
        ),
        step(equal, (1 - t) * a * f + t * a * f + rest, before, "2. for every neuron above, weight is handed over"),
        argued(
            "at the start all outgoing weight of a block moves to one of its neurons, its token, in every layer; then "
            "tokens move one at a time, as in two-layer networks (Theorem 3.1), in each layer that has an extra neuron"
        ),
        argued(
            "in a layer without an extra neuron every block is a single neuron, and on a path each keeps its label, "
            "since different labels mean different functions: r_l! orders that are not connected"
        ),
    ]


Bound = Callable[[Widths], int]


def _paths(bound: Bound, context: Context) -> Outcome:
    """Paths between all pairs of some subspaces' points, with all directions' coefficients different."""
    longest = 0
    for r, m in (((1, 2), (2, 3)), ((1, 1, 1), (2, 2, 2)), ((2, 2), (3, 3))):
        Theta = manifold(r, m, Family.LAST_TO_FIRST)
        spaces = subspaces(r, m, Family.LAST_TO_FIRST)
        ends = [S.point([sp.Rational(3 * i + 2, 7) for i in range(S.dimension)]) for S in spaces]
        some = context.pick(quick=4, full=10)
        chosen = ends[:: max(len(ends) // some, 1)]
        for start, end in ((a, b) for a in chosen for b in reversed(chosen)):
            path = connect(Theta, start, end)
            longest = max(longest, path.number_of_segments)
            if path.number_of_segments > bound(r) or not path.stays_inside():
                return decided(False, r=r, m=m, segments=path.number_of_segments)
    return decided(True, longest=longest)


def _critical_count(count: CountOfLayers, context: Context) -> Outcome:
    """The subspaces listed: different, of one dimension, without common points."""
    for r, m in (((1, 1), (2, 3)), ((2, 1), (3, 2)), ((1, 2), (2, 3)), ((1, 1, 1), (2, 2, 2))):
        spaces = [S.affine() for S in DeepCriticalUnion(core_of(r), m).subspaces()]
        if len(set(spaces)) != count(r, m) or {S.dimension for S in spaces} != {sum(m) - sum(r)}:
            return decided(False, r=r, m=m, found=len(set(spaces)))
        if any(one.intersection(other) for i, one in enumerate(spaces) for other in spaces[:i]):
            return decided(False, r=r, m=m, reason="two of them meet")
    return decided(True)


Picture = Callable[[Widths], dict[str, Any]]


def _picture(r: Widths) -> dict[str, Any]:
    """One neuron more in the first hidden layer, none or one in the second."""
    r1, r2 = r
    return {
        "components": factorial(r2),
        "subspaces of each": T(r1, r1 + 1),
        "components with a neuron more": 1,
        "subspaces with a neuron more": T(r1, r1 + 1) * T(r2, r2 + 1),
    }


def _three_layers(picture: Picture, context: Context) -> Outcome:
    """The subspaces and their components, by exact intersections."""
    for r in ((1, 1), (2, 1), (1, 2), *context.pick(quick=(), full=((2, 2), (1, 3)))):
        m, more = (r[0] + 1, r[1]), (r[0] + 1, r[1] + 1)
        number = components(r, m, Family.LAST_TO_FIRST)
        found = {
            "components": number,
            "subspaces of each": sp.Rational(len(subspaces(r, m, Family.LAST_TO_FIRST)), number),
            "components with a neuron more": components(r, more, Family.LAST_TO_FIRST),
            "subspaces with a neuron more": len({S.factors() for S in subspaces(r, more, Family.LAST_TO_FIRST)}),
        }
        if found != picture(r):
            return decided(False, r=r, found=str(found))
    return decided(True)


ML_COUNT = r"$\prod_{l=1}^{L-1} T(r_l, m_l)$"


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.ml.count",
        Kind.THEOREM,
        "The number of affine subspaces of a deep network's expansion",
        Source(PAPER, "text after equation (8)", "5"),
        r"The expansion manifold of widths $r$ in widths $m$ consists of " + ML_COUNT + " distinct affine subspaces.",
        uses=("simsek.eq8", "simsek.thm3.1a"),
        evidence=(
            enumeration(
                "distinct echelon forms, up to three hidden layers, 36 (quick) or 144 (full) subspaces",
                lambda: number_of_subspaces,
                _distinct,
                [
                    Control("the first layer's factor for all", lambda count: lambda r, m: T(r[0], m[0]) ** len(r)),
                    Control("a sum over the layers", lambda count: lambda r, m: sum(map(T, r, m))),
                    Control("G for T", lambda count: number_of_critical_subspaces),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.ml.count.printed",
        Kind.THEOREM,
        "The number of affine subspaces as the appendix prints it",
        Source(PAPER, "last formula", "B.6"),
        r"With $n_l$ extra neurons there are $\prod_{l=1}^{L-1} T(r_1, r_1 + n_1)$ affine subspaces.",
        label=Label.TYPO,
        erratum=r"The factors are $T(r_l, r_l + n_l)$, as in section 5: for $r = (1, 2)$ and one extra neuron in both "
        r"layers there are $3 \cdot 12 = 36$ subspaces, not $3 \cdot 3$.",
        uses=("simsek.ml.count",),
        evidence=(
            counterexample(
                "(1, 2) expanded to (2, 3): echelon forms",
                lambda: lambda r, m: prod(T(r[0], m[0]) for _ in r),
                _two_layers_of_different_widths,
                [Control("the index l in place of 1", lambda count: lambda r, m: prod(map(T, r, m)))],
            ),
        ),
    ),
    Claim(
        "simsek.ml.connect",
        Kind.THEOREM,
        "The expansion of a deep network is connected",
        Source(PAPER, "text after equation (8)", "5"),
        r"With $m_l > r_l$ in every hidden layer the expansion manifold is connected: any two points are joined by at "
        r"most $3 + \sum_l 2 \lfloor 3 r_l / 2 \rfloor$ line segments inside it. In general it has as many components "
        r"as the product of $r_l!$ over the layers with $m_l = r_l$.",
        uses=("simsek.eq8", "simsek.thm3.1d"),
        evidence=(
            Derivation("a token moves to a free neuron of its layer", _one_move),
            enumeration(
                "components of the union by exact intersections, up to three hidden layers",
                lambda: number_of_components,
                _components,
                [
                    Control(
                        "connected if some layer has an extra neuron",
                        lambda count: lambda r, m: 1 if any(map(int.__gt__, m, r)) else count(r, m),
                    ),
                    Control(
                        "r! of the first layer only", lambda count: lambda r, m: number_of_components(r[:1], m[:1])
                    ),
                    Control(
                        "r_l in place of r_l!",
                        lambda count: lambda r, m: prod(a if a == b else 2 for a, b in zip(r, m, strict=True)),
                    ),
                ],
            ),
            enumeration(
                "explicit paths between points of three expansions, exact",
                lambda: most_segments,
                _paths,
                [Control("three segments", lambda bound: lambda r: 3)],
            ),
        ),
    ),
    Claim(
        "simsek.ml.crit-count",
        Kind.THEOREM,
        "The number of critical subspaces of a deep network",
        Source(PAPER, "Symmetry-induced critical points", "5"),
        r"The networks of copies of an irreducible $\theta^r$ form $\prod_l G(r_l, m_l)$ disjoint affine subspaces of "
        r"dimension $\sum_l (m_l - r_l)$.",
        uses=("simsek.ml.crit", "simsek.prop4.5a"),
        evidence=(
            enumeration(
                "the subspaces listed: distinct, disjoint, of one dimension",
                lambda: number_of_critical_subspaces,
                _critical_count,
                [
                    Control("T for G", lambda count: number_of_subspaces),
                    Control("the first layer alone", lambda count: lambda r, m: G(r[0], m[0])),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.B6.three",
        Kind.REMARK,
        "Three layers: an extra neuron in the first hidden layer, then in the second",
        Source(PAPER, "Multi-Layer ANNs", "B.6"),
        r"With $m = (r_1 + 1, r_2)$ there are $r_2!$ components of $T(r_1, r_1 + 1)$ affine subspaces each; one neuron "
        r"more in the second hidden layer makes one component of $T(r_1, r_1 + 1)\,T(r_2, r_2 + 1)$ subspaces.",
        uses=("simsek.ml.count", "simsek.ml.connect"),
        evidence=(
            enumeration(
                "exact intersections for r up to (1, 2) and (2, 1) (quick), (2, 2) and (1, 3) (full)",
                lambda: _picture,
                _three_layers,
                [
                    Control("r_1! components", lambda p: lambda r: p(r) | {"components": factorial(r[0])}),
                    Control("disconnected", lambda p: lambda r: p(r) | {"components with a neuron more": r[1]}),
                    Control("T(r, r + 1) of the other layer", lambda p: lambda r: p(r[::-1])),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
