"""Section 5 and appendix B.6: deep networks, their expansion layer by layer, and its critical points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import factorial, prod
from typing import Any

import sympy as sp

from quadrics.expansion.counts import G, T
from quadrics.expansion.deep import DeepParameters, output, permuted_points
from quadrics.expansion.deep_blocks import Family
from quadrics.expansion.deep_gradient import gradient
from quadrics.expansion.deep_manifold import DeepCriticalSubspace, DeepCriticalUnion, DeepExpansionManifold
from quadrics.expansion.deep_paths import connect, most_segments
from quadrics.expansion.deep_subspaces import dimension_of
from quadrics.expansion.multilayer import number_of_components, number_of_critical_subspaces, number_of_subspaces

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, Scope, decided
from ..rules import entails, equal, substitute
from .expansion_checks import PAPER
from .multilayer_checks import (
    LINE,
    Widths,
    components,
    core_of,
    expansions,
    manifold,
    small_networks,
    subspaces,
    sums_over_blocks,
)

Number = Callable[[Widths], int]
CountOfLayers = Callable[[Widths, Widths], Any]


# -- equation (7) -----------------------------------------------------------------------------------------------------
def _permuted(number: Number, context: Context) -> Outcome:
    """All permutations of irreducible networks: distinct points, one function, d(r) weights."""
    x = sp.Symbol("x", real=True)
    for widths in ((2,), (2, 2), (3, 2), (2, 1, 2), *context.pick(quick=(), full=((3, 3), (2, 2, 2)))):
        core = core_of(widths)
        points = set(permuted_points(core))
        if len(points) != number(widths):
            return decided(False, widths=widths, found=len(points))
        if len({output(point, [x]) for point in points}) != 1:
            return decided(False, widths=widths, reason="another function")
        if len(core.entries()) != sum(a * b for a, b in pairwise(core.sizes)):
            return decided(False, widths=widths, reason="number of weights")
    return decided(True)


# -- equation (8) -----------------------------------------------------------------------------------------------------
Member = Callable[[DeepParameters], bool]


def _by_pairs(family: Family) -> Member:
    """Membership as eq. (8) has it: one pair of matrices after the other is a point of a two-layer expansion."""
    return DeepExpansionManifold(LINE, (2, 2), family).contains


def _union_of_subspaces(member: Member, context: Context) -> Outcome:
    """All networks 1-2-2-1 with small weights: in one of the nine subspaces exactly if a member."""
    inside = 0
    for theta, belongs in small_networks(context):
        if belongs[Family.LAST_TO_FIRST] != member(theta):
            return decided(False, weights=str(theta.entries()))
        inside += belongs[Family.LAST_TO_FIRST]
    return decided(True, inside=inside)


def _dimensions() -> list[Step]:
    d, e, m1, m2, r1, r2, z1, z2 = sp.symbols("d_in d_out m_1 m_2 r_1 r_2 z_1 z_2", integer=True, positive=True)
    m, r, z, n, s, y, g = sp.symbols("m r z m_below r_below z_below g", integer=True, positive=True)
    b = sp.IndexedBase("b")
    in_groups = sp.Sum(b[g], (g, 1, z))
    equations = (m - in_groups) * (s + y) + sp.Sum(b[g] * y + (b[g] - 1) * s, (g, 1, z))
    return [
        step(
            equal,
            equations,
            m * (s + y) - z * s,
            "a labelled neuron has s + y prescribed sums; of b neurons in a zero-type group each has y, and all but "
            "one s; every sum has weights of its own",
        ),
        step(
            equal,
            m * n - (m * (s + y) - z * s),
            dimension_of([(n, s, y), (m, r, z)], Family.LAST_TO_FIRST),
            "what is left of m m_below weights",
        ),
        step(
            equal,
            dimension_of([(d, d, 0), (m1, r1, z1), (m2, r2, z2), (e, e, 0)], Family.LAST_TO_FIRST),
            d * z1 + m2 * (m1 - r1 - z1) + r1 * z2 + e * (m2 - r2 - z2),
            "added up over the three matrices",
        ),
    ]


DimensionOf = Callable[[Any], Any]


def _ranks(dimension: DimensionOf, context: Context) -> Outcome:
    """The rank of the equations of every subspace."""
    for r, m in expansions(context):
        for S in subspaces(r, m, Family.LAST_TO_FIRST):
            found = sum(factor.dimension for factor in S.factors())
            if found != dimension([(P.m, P.r, P.number_of_zero_groups) for P in S.layers]):
                return decided(False, r=r, m=m, words=[P.word for P in S.configurations], found=found)
    return decided(True)


# -- counts -----------------------------------------------------------------------------------------------------------
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


# -- connectivity -----------------------------------------------------------------------------------------------------
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


# -- the order of the expansions --------------------------------------------------------------------------------------
def _differences() -> list[Step]:
    m, r, z, n, s, y = sp.symbols("m r z m_below r_below z_below", integer=True)
    inside = sp.And(r >= 1, z >= 0, m >= r + z, s >= 1, y >= 0, n >= s + y)

    def of_one_matrix(family: Family) -> Any:
        return dimension_of([(n, s, y), (m, r, z)], family)

    full, back, forth = (of_one_matrix(f) for f in (Family.FULL, Family.LAST_TO_FIRST, Family.FIRST_TO_LAST))
    return [
        step(equal, full - back, z * y, "last to first: the sums of zero-type neurons over zero-type groups are 0"),
        step(equal, full - forth, (m - r - z) * (n - s - y), "first to last: neurons of a block have equal rows"),
        step(entails, inside, sp.Ge(sp.expand(full - back), 0), "neither is more than the networks that reduce to it"),
        step(entails, inside, sp.Ge((m - r - z) * (n - s - y), 0), "nor the other"),
        step(
            equal,
            (forth - back).subs({m: r + z, n: s + y}),
            z * y,
            "single neurons everywhere: first to last has larger subspaces",
        ),
        step(
            equal,
            (back - forth).subs({z: 0, y: 0}),
            (m - r) * (n - s),
            "copies only: last to first has larger subspaces",
        ),
        argued(
            "so where two neighbouring layers have extra neurons, a generic point of a subspace of either kind lies in "
            "no subspace of the other: its functions determine the configurations, and the sums, or the rows, differ"
        ),
    ]


@dataclass(frozen=True)
class Order:
    """A claim on the networks made by two orders of expansion: is the first set inside the second?"""

    first: Family
    second: Family
    inside: bool


def _inside(statement: tuple[Order, ...], context: Context) -> Outcome:
    """All networks 1-2-2-1 with small weights that the first order makes of 1-1-1-1: does the second make them?"""
    for order in statement:
        outside = [b for _, b in small_networks(context) if b[order.first] and not b[order.second]]
        if order.inside != (not outside):
            return decided(False, first=order.first, second=order.second, outside=len(outside))
    return decided(True)


def _incomparable() -> tuple[Order, ...]:
    back, forth, full = Family.LAST_TO_FIRST, Family.FIRST_TO_LAST, Family.FULL
    return (
        Order(back, forth, False),
        Order(forth, back, False),
        Order(back, full, True),
        Order(forth, full, True),
        Order(full, back, False),
        Order(full, forth, False),
    )


w, w_free, u, v, a = sp.symbols("w w_prime u v a", real=True)
WITNESS = DeepParameters([[[w], [w_free]], [[1, 0], [u, v]], [[a, 0]]])


def _witness(bigger: Family, context: Context) -> Outcome:
    """(w, w'; (1, 0), (u, v); a, 0) with v ≠ 0: it computes a σ(σ(w x)); which expansions make it?"""
    core = DeepParameters([[[w]], [[1]], [[a]]])
    x = sp.Symbol("x", real=True)
    if output(WITNESS, [x]) != output(core, [x]):
        return decided(None, reason="another function")
    numbers = {w: 2, w_free: 5, u: 3, v: 7, a: -1}
    theta, at = (DeepParameters(tuple(W.subs(numbers) for W in one.weights)) for one in (WITNESS, core))
    spaces = list(DeepExpansionManifold(at, (2, 2), bigger).subspaces())
    made_first_to_last = DeepExpansionManifold(at, (2, 2), Family.FIRST_TO_LAST).contains(theta)
    return decided(made_first_to_last and any(S.contains(theta) for S in spaces), subspaces=len(spaces))


def _forward_pass(order_by_order: Family, context: Context) -> Outcome:
    """The networks with small weights that a forward pass up to equivalence makes, against those of one order."""
    for theta, belongs in small_networks(context):
        if belongs[Family.FULL] != belongs[order_by_order]:
            return decided(False, weights=str(theta.entries()))
    return decided(True)


# -- critical points --------------------------------------------------------------------------------------------------
def _induction() -> list[Step]:
    j, k = sp.symbols("j k", integer=True, positive=True)
    beta = sp.IndexedBase("beta")
    w_ = sp.Symbol("W_st", real=True)
    h, delta, slope, b_i, g = sp.symbols("h_t delta_s sigma_prime beta_i g_st", real=True)
    shares = sp.Sum(beta[j], (j, 1, k))
    one = {shares: sp.Integer(1)}
    return [
        step(
            equal,
            sp.Sum(w_ * beta[j] * h, (j, 1, k)),
            w_ * h * shares,
            "upwards: the copies of t contribute shares of W_st h_t to a copy of s, as h_j = h_t for each of them",
        ),
        step(substitute(one), w_ * h * shares, w_ * h, "which add up to the core's: so h_i = h_s, layer by layer"),
        step(
            equal,
            sp.Sum(w_ * b_i * (beta[j] * delta), (j, 1, k)),
            b_i * w_ * delta * shares,
            "downwards: the copies j of s have δ_j = β_j δ_s (at the top β = 1), and weights W_st β_i from copy i of t",
        ),
        step(
            substitute(one),
            slope * b_i * w_ * delta * shares,
            b_i * (slope * w_ * delta),
            "so δ_i = β_i δ_t one layer below: the same relation",
        ),
        step(equal, (b_i * delta) * h, b_i * (delta * h), "the derivative by V_ij is β_i times that by W_st"),
        step(substitute({g: sp.Integer(0)}), b_i * g, sp.Integer(0), "which vanishes where the core is critical"),
    ]


Factor = Callable[[Any, Any], Any]  # of the shares of the upper and the lower neuron


@dataclass(frozen=True)
class Gradient:
    """The derivative by V_ij is this factor times the core's, for shares that add up to ``total``."""

    factor: Factor
    total: int = 1


CRITICAL: tuple[tuple[Widths, Widths], ...] = (((1,), (2,)), ((1, 1), (2, 2)), ((1, 2), (2, 3)), ((2, 1, 1), (2, 2, 2)))


def _gradients(statement: Gradient, context: Context) -> Outcome:
    """Back-propagation with an unknown activation and residuals, at the general point of a subspace."""
    for r, m in (*CRITICAL, *context.pick(quick=(), full=(((1, 2), (3, 4)), ((2, 2), (3, 3))))):
        core = core_of(r, d_in=2, d_out=2)
        data = [(sp.symbols(f"x{n}_1:3", real=True), sp.symbols(f"e{n}_1:3", real=True)) for n in range(2)]
        wanted = gradient(core, data)
        spaces = list(DeepCriticalUnion(core, m).subspaces())
        for S in (spaces[0], spaces[-1]):
            theta, shares = _at_shares(S, statement.total)
            found = gradient(theta, data)
            rows = [[1] * core.d_in, *shares, [1] * core.d_out]
            words = [range(1, core.d_in + 1), *(P.word for P in S.configurations), range(1, core.d_out + 1)]
            for g, own, (below, above), (lower, upper) in zip(
                found, wanted, pairwise(rows), pairwise(words), strict=True
            ):
                for i, s in enumerate(upper):
                    for j, t in enumerate(lower):
                        claimed = statement.factor(above[i], below[j]) * own[s - 1, t - 1]
                        if sp.expand(g[i, j] - claimed) != 0:
                            return decided(False, r=r, m=m)
    return decided(True)


def _at_shares(S: DeepCriticalSubspace, total: int) -> tuple[DeepParameters, list[list[Any]]]:
    """A point with rational shares of this total in each block, and the shares of all neurons."""
    shares = []
    for P in S.configurations:
        own = [sp.Integer(0)] * P.m
        for block in P.labelled_blocks:
            rest = [sp.Rational(2 * n + 3, 5) for n in range(len(block) - 1)]
            for i, value in zip(block, [total - sum(rest), *rest], strict=True):
                own[i] = sp.sympify(value)
        shares.append(own)
    words = [range(1, S.core.d_in + 1), *(P.word for P in S.configurations), range(1, S.core.d_out + 1)]
    factors = [[1] * S.core.d_in, *shares]
    weights = tuple(
        sp.Matrix(len(upper), len(lower), lambda i, j, W=W, u=upper, low=lower, f=f: W[u[i] - 1, low[j] - 1] * f[j])
        for W, (lower, upper), f in zip(S.core.weights, pairwise(words), factors, strict=True)
    )
    return DeepParameters(weights), shares


def _critical_count(count: CountOfLayers, context: Context) -> Outcome:
    """The subspaces listed: different, of one dimension, without common points."""
    for r, m in (((1, 1), (2, 3)), ((2, 1), (3, 2)), ((1, 2), (2, 3)), ((1, 1, 1), (2, 2, 2))):
        spaces = [S.affine() for S in DeepCriticalUnion(core_of(r), m).subspaces()]
        if len(set(spaces)) != count(r, m) or {S.dimension for S in spaces} != {sum(m) - sum(r)}:
            return decided(False, r=r, m=m, found=len(set(spaces)))
        if any(one.intersection(other) for i, one in enumerate(spaces) for other in spaces[:i]):
            return decided(False, r=r, m=m, reason="two of them meet")
    return decided(True)


# -- appendix B.6 -----------------------------------------------------------------------------------------------------
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
        "simsek.eq7",
        Kind.DEFINITION,
        "Deep networks",
        Source(PAPER, "equation (7)", "5"),
        r"$f(x \mid \theta) = W^{(L)} \sigma(W^{(L-1)} \cdots \sigma(W^{(1)} x))$ with $d(r) = \sum_l r_{l-1} r_l$ "
        r"weights, irreducible if every pair $(W^{(l)}, W^{(l+1)})$ is. Permuting the hidden layers of an irreducible "
        r"network gives $r_1! \cdots r_{L-1}!$ distinct points of the same function.",
        uses=("simsek.net", "simsek.def3.1"),
        evidence=(
            enumeration(
                "all permutations of irreducible networks with up to three hidden layers, an unknown activation",
                lambda: lambda widths: prod(map(factorial, widths)),
                _permuted,
                [
                    Control("all neurons permuted together", lambda number: lambda widths: factorial(sum(widths))),
                    Control("the first hidden layer alone", lambda number: lambda widths: factorial(widths[0])),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.eq8",
        Kind.DEFINITION,
        "The expansion manifold of a deep network",
        Source(PAPER, "equation (8)", "5"),
        r"$\Theta_{r \to m}(\theta^r)$: expand the pair $(W^{(L-1)}, W^{(L)})$, then the pair below with its new "
        r"matrix, down to the first. It is a union of affine subspaces, one for each choice of a configuration in "
        r"every hidden layer; with $z_l$ zero-type groups and two hidden layers of dimension "
        r"$d_{in} z_1 + m_2 (m_1 - r_1 - z_1) + r_1 z_2 + d_{out} (m_2 - r_2 - z_2)$. The function is the same at all "
        "its points.",
        uses=("simsek.eq7", "simsek.def3.3"),
        evidence=(
            Derivation("the sums over blocks decide what a neuron computes, in any layer", sums_over_blocks),
            Derivation("the dimension, matrix by matrix", _dimensions),
            enumeration(
                "networks 1-2-2-1 with small weights: in one of nine subspaces exactly if pair after pair is expanded",
                lambda: _by_pairs(Family.LAST_TO_FIRST),
                _union_of_subspaces,
                [
                    Control("the opposite order", lambda member: _by_pairs(Family.FIRST_TO_LAST)),
                    Control("everything that reduces to the core", lambda member: _by_pairs(Family.FULL)),
                ],
            ),
            enumeration(
                "the rank of the equations of every subspace, up to three hidden layers",
                lambda: lambda sizes: dimension_of(sizes, Family.LAST_TO_FIRST),
                _ranks,
                [
                    Control("zero-type groups seen", lambda dimension: lambda sizes: dimension_of(sizes, Family.FULL)),
                    Control(
                        "copies with equal rows",
                        lambda dimension: lambda sizes: dimension_of(sizes, Family.FIRST_TO_LAST),
                    ),
                ],
            ),
        ),
    ),
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
        "simsek.ml.order",
        Kind.THEOREM,
        "The order of the expansions matters",
        Source(PAPER, "text after equation (8)", "5"),
        r"With extra neurons in two neighbouring hidden layers, expanding from the last layer to the first and from "
        r"the first to the last gives two sets of networks of which neither includes the other. Both lie in the set of "
        r"all networks that reduce to the core; for the same configurations its affine subspace has "
        r"$\sum_l z_l z_{l+1}$ dimensions more than that of (8), and $\sum_l (m_l - n_l)(m_{l-1} - n_{l-1})$ more than "
        r"that from first to last, where $n_l = r_l + z_l$.",
        uses=("simsek.eq8",),
        evidence=(
            Derivation("the dimensions of the three families, matrix by matrix", _differences),
            enumeration(
                "networks 1-2-2-1 with small weights: the inclusions that there are, and those that there are not",
                _incomparable,
                _inside,
                [
                    Control(
                        "the first order inside the second",
                        lambda orders: (Order(Family.FIRST_TO_LAST, Family.LAST_TO_FIRST, True), *orders[2:]),
                    ),
                    Control(
                        "the second order inside the first",
                        lambda orders: (Order(Family.LAST_TO_FIRST, Family.FIRST_TO_LAST, True), *orders[2:]),
                    ),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.ml.order.printed",
        Kind.THEOREM,
        "Expanding from the last layer to the first gives most",
        Source(PAPER, "text after equation (8)", "5"),
        r"Expanding from the last layer to the first gives the largest manifold; a forward pass that expands up to "
        "equivalence of incoming weight vectors gives the same.",
        label=Label.FALSE,
        erratum=r"With $v \ne 0$, $W^{(1)} = (w, w')^T$, $W^{(2)} = \begin{pmatrix} 1 & 0 \\ u & v \end{pmatrix}$, "
        r"$W^{(3)} = (a, 0)$ computes $a\,\sigma(\sigma(w x))$ and arises from the first layer to the last, but not "
        r"from the last to the first, where the zero-type neuron of layer 1 must not be seen by that of layer 2. A "
        r"forward pass up to equivalence (appendix B.6: incoming weights that produce the same neuron) gives all "
        r"networks that reduce to the core, a larger set than either.",
        uses=("simsek.ml.order",),
        evidence=(
            counterexample(
                "1-1-1-1 expanded to 1-2-2-1: a point of the first-to-last expansion, against the nine subspaces",
                lambda: Family.LAST_TO_FIRST,
                _witness,
                [Control("all networks that reduce to the core", lambda family: Family.FULL)],
            ),
            counterexample(
                "networks 1-2-2-1 with small weights that the forward pass makes, weights being equivalent if they "
                "produce the same neuron",
                lambda: Family.LAST_TO_FIRST,
                _forward_pass,
                [Control("all networks that reduce to the core", lambda family: Family.FULL)],
            ),
        ),
    ),
    Claim(
        "simsek.ml.crit",
        Kind.THEOREM,
        "Symmetry-induced critical points of deep networks",
        Source(PAPER, "Symmetry-induced critical points", "5"),
        r"If $\theta^r$ is critical, so is every network of copies, $V^l_{ij} = W^l_{t(i) t(j)} \beta^{l-1}_j$ with "
        r"shares $\beta$ that add up to 1 over the copies of a neuron: the derivative by $V^l_{ij}$ is $\beta^l_i$ "
        r"times that by $W^l_{t(i) t(j)}$.",
        uses=("simsek.eq7", "simsek.def4.1"),
        evidence=(
            Derivation("activations upwards and derivatives downwards, in any layer", _induction),
            enumeration(
                "back-propagation with an unknown activation, up to three hidden layers, two inputs and two outputs",
                lambda: Gradient(lambda above, below: above),
                _gradients,
                [
                    Control("the share of the lower neuron", lambda s: Gradient(lambda above, below: below)),
                    Control("both shares", lambda s: Gradient(lambda above, below: above * below)),
                    Control("shares that add up to 2", lambda s: Gradient(s.factor, total=2)),
                ],
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
