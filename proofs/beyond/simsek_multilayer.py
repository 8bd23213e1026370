"""Beyond Şimşek et al.: all expansions of a deep network at once, whatever the order of the layers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.polys.domains import QQ
from sympy.polys.matrices import DomainMatrix

from quadrics.expansion.configurations import Configuration
from quadrics.expansion.deep.blocks import Family
from quadrics.expansion.deep.counts import number_of_components, number_of_subspaces
from quadrics.expansion.deep.gradient import gradient
from quadrics.expansion.deep.manifold import DeepExpansionManifold
from quadrics.expansion.deep.networks import DeepParameters
from quadrics.expansion.deep.subspaces import DeepSubspace, dimension_of
from quadrics.smooth_activation import SmoothActivation, Z

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, Scope, decided
from ..rules import equal
from ..simsek.multilayer_checks import (
    LINE,
    Widths,
    components,
    core_of,
    expansions,
    small_networks,
    subspaces,
    sums_over_blocks,
)

RATIONAL = SmoothActivation("rational", (3 + 5 * Z) / (7 + Z + Z**2))
"""An activation that takes rational numbers to rational numbers, without poles, and neither even nor odd (nor so up to
a constant or a linear function, as sigmoid and softplus are)."""

Member = Callable[[DeepParameters], bool]
DimensionOf = Callable[[Any], Any]
CountOfLayers = Callable[[Widths, Widths], Any]


# -- the networks -----------------------------------------------------------------------------------------------------
def _values(theta: DeepParameters) -> list[Fraction]:
    """The outputs of a network 1-...-1 at five rational inputs, exactly."""
    sigma = _compiled()
    found = []
    for x in (Fraction(1), Fraction(-2), Fraction(1, 3), Fraction(5), Fraction(-7, 2)):
        value = [x]
        for layer, W in enumerate(theta.weights, start=1):
            z = [sum((int(W[i, j]) * v for j, v in enumerate(value)), Fraction(0)) for i in range(W.rows)]
            value = z if layer == theta.number_of_layers else [sigma(v) for v in z]
        found += value
    return found


@lru_cache(maxsize=1)
def _compiled() -> Callable[[Fraction], Fraction]:
    function: Callable[[Fraction], Fraction] = sp.lambdify(Z, RATIONAL.formula, "math")
    return function


def _same_function(theta: DeepParameters) -> bool:
    return _values(theta) == _values(LINE)


def _union_is_the_fibre(member: Member, context: Context) -> Outcome:
    """All networks 1-2-2-1 with small weights: in one of the nine subspaces exactly if a member."""
    inside = 0
    for theta, belongs in small_networks(context):
        if belongs[Family.FULL] != member(theta):
            return decided(False, weights=str(theta.entries()))
        inside += belongs[Family.FULL]
    return decided(True, inside=inside, networks=len(small_networks(context)))


def _reduces(family: Family) -> Member:
    return DeepExpansionManifold(LINE, (2, 2), family).contains


# -- the subspaces ----------------------------------------------------------------------------------------------------
def _all_sizes() -> list[Step]:
    m, r, z, n, s, y, g, q = sp.symbols("m r z m_below r_below z_below g n_below", integer=True, positive=True)
    b = sp.IndexedBase("b")
    in_groups = sp.Sum(b[g], (g, 1, z))
    equations = (m - in_groups) * q + sp.Sum(b[g] * q - q, (g, 1, z))
    full = dimension_of([(n, s, y), (m, r, z)])
    return [
        *sums_over_blocks(),
        step(
            equal,
            equations,
            (m - z) * q,
            "a labelled neuron has n_below prescribed sums, all but one neuron of a zero-type group those of the first",
        ),
        step(equal, m * n - (m - z) * (s + y), full, "every sum has weights of its own: the rest is free"),
        step(
            equal,
            full - dimension_of([(n, s, y), (m, r, z)], Family.LAST_TO_FIRST),
            z * y,
            "more than in eq. (8): what zero-type groups see of zero-type groups",
        ),
        argued(
            "conversely, merge the neurons of equal functions from the first layer to the last and leave out those "
            "that nothing kept depends on from the last to the first: if the core is left, the classes are blocks with "
            "these sums. Different tuples of configurations have different generic classes, so no subspace is inside "
            "another"
        ),
    ]


def _ranks(dimension: DimensionOf, context: Context) -> Outcome:
    """Ranks of all subspaces; both orders of expansion inside."""
    for r, m in expansions(context):
        for S in subspaces(r, m, Family.FULL):
            found = sum(factor.dimension for factor in S.factors())
            if found != dimension([(P.m, P.r, P.number_of_zero_groups) for P in S.layers]):
                return decided(False, r=r, m=m, words=[P.word for P in S.configurations], found=found)
            for family in (Family.LAST_TO_FIRST, Family.FIRST_TO_LAST):
                if not S.includes(DeepSubspace(S.core, S.configurations, family)):
                    return decided(False, r=r, m=m, outside=family)
    return decided(True)


def _distinct(count: CountOfLayers, context: Context) -> Outcome:
    """Echelon forms: different, and (up to 40 of them) none inside another."""
    for r, m in expansions(context):
        spaces = subspaces(r, m, Family.FULL)
        if len({S.factors() for S in spaces}) != count(r, m):
            return decided(False, r=r, m=m)
        if len(spaces) <= 40 and any(a.includes(b) for a in spaces for b in spaces if a is not b):
            return decided(False, r=r, m=m, reason="one inside another")
    return decided(True)


def _connected(count: CountOfLayers, context: Context) -> Outcome:
    """Components of the union, by exact intersections."""
    more = context.pick(quick=(), full=(((2, 2), (3, 3)),))
    for r, m in (((2, 2), (2, 2)), ((2, 2), (3, 2)), ((2, 2), (2, 3)), ((1, 2), (2, 3)), ((1, 2, 1), (2, 2, 2)), *more):
        if components(r, m, Family.FULL) != count(r, m):
            return decided(False, r=r, m=m, found=components(r, m, Family.FULL))
    return decided(True)


# -- nothing more -----------------------------------------------------------------------------------------------------
Nullity = Callable[[DeepSubspace], int]


def _derivatives(theta: DeepParameters, inputs: list[Any]) -> DomainMatrix:
    """The derivatives of the output by all weights at each input: a rational matrix."""
    slope = sp.diff(RATIONAL.formula, Z)
    rows = []
    for x in inputs:
        found = gradient(theta, [([x], [1])], lambda v: RATIONAL.formula.subs(Z, v), lambda v: slope.subs(Z, v))
        rows.append([QQ(int(v.p), int(v.q)) for g in found for v in g])
    return DomainMatrix(rows, (len(rows), len(rows[0])), QQ)


def _exact_nullity(S: DeepSubspace) -> int:
    """The nullity at a point with all coefficients different, for more inputs than weights."""
    theta = S.point([sp.Rational((-1) ** i * (2 * i + 3), i + 2) for i in range(S.dimension)])
    count = theta.number_of_parameters
    J = _derivatives(theta, [sp.Rational(2 * n + 1, 3) * (-1) ** n for n in range(count + 2)])
    return int(count - J.rank())


def _single_neurons(r: Widths, m: Widths) -> DeepSubspace:
    """The subspace of the first neurons as the core's, all others zero-type groups of one neuron."""
    P = tuple(Configuration(a, (*range(1, a + 1), *(-1 - i for i in range(b - a)))) for a, b in zip(r, m, strict=True))
    return DeepSubspace(core_of(r), P)


SINGLES: tuple[tuple[Widths, Widths], ...] = (((1,), (3,)), ((1, 1), (2, 2)), ((2, 1), (3, 2)), ((1, 1, 1), (2, 2, 2)))


def _no_more(nullity: Nullity, context: Context) -> Outcome:
    """The exact nullity of the derivative of the function at a generic point, against the claimed one."""
    more = context.pick(quick=(), full=(((1, 1), (3, 3)), ((1, 2), (2, 4)), ((2, 2), (3, 3))))
    for r, m in (*SINGLES, *more):
        S = _single_neurons(r, m)
        found = context.once(("nullity", r, m), lambda S=S: _exact_nullity(S))  # type: ignore[misc]
        if found != nullity(S):
            return decided(False, r=r, m=m, found=found, said=nullity(S))
    return decided(True)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.simsek.multilayer-family",
        Kind.THEOREM,
        "All networks that reduce to a deep core",
        Source("simsek", "beyond equation (8)", "5"),
        r"The networks of widths $m$ that reduce to an irreducible deep network of widths $r$ form "
        r"$\prod_l T(r_l, m_l)$ distinct affine subspaces, one for each choice of configurations: the sums of a "
        r"labelled neuron's incoming weights over the blocks below are the core's, and 0 over zero-type groups; the "
        r"neurons of a zero-type group have any common sums. With $n_l = r_l + z_l$ blocks the dimension is "
        r"$\sum_{l=1}^L m_l (m_{l-1} - n_{l-1}) + z_l n_{l-1}$. They include the expansions in either order, have as "
        r"many components, and every point computes the core's function. Where all groups are single neurons there is "
        "nothing more to first order: the derivative of the function has no larger kernel.",
        hypotheses=("the last sentence: at generic points, for activations without identities of their own",),
        uses=("simsek.eq8", "simsek.ml.count", "simsek.ml.order", "simsek.reduce"),
        evidence=(
            Derivation("the sums over the blocks, and how many weights they leave free, for all sizes", _all_sizes),
            enumeration(
                "networks 1-2-2-1 with small weights: in a subspace exactly if they compute the core's function with a "
                "rational activation, at five inputs, exact",
                lambda: _same_function,
                _union_is_the_fibre,
                [
                    Control("expanded from the last layer to the first", lambda member: _reduces(Family.LAST_TO_FIRST)),
                    Control("expanded from the first layer to the last", lambda member: _reduces(Family.FIRST_TO_LAST)),
                ],
            ),
            enumeration(
                "networks 1-2-2-1 with small weights: in a subspace exactly if they reduce to the core",
                lambda: _reduces(Family.FULL),
                _union_is_the_fibre,
                [
                    Control(
                        "a single pass from the first layer to the last", lambda member: _reduces(Family.LAST_TO_FIRST)
                    )
                ],
            ),
            enumeration(
                "ranks of all subspaces, and both orders inside, up to three hidden layers",
                lambda: dimension_of,
                _ranks,
                [
                    Control(
                        "zero-type groups not seen",
                        lambda dimension: lambda sizes: dimension_of(sizes, Family.LAST_TO_FIRST),
                    ),
                    Control(
                        "copies with equal rows",
                        lambda dimension: lambda sizes: dimension_of(sizes, Family.FIRST_TO_LAST),
                    ),
                ],
            ),
            enumeration(
                "echelon forms, distinct and none inside another, up to three hidden layers",
                lambda: number_of_subspaces,
                _distinct,
                [Control("one more", lambda count: lambda r, m: count(r, m) + 1)],
            ),
            enumeration(
                "components by exact intersections, up to three hidden layers",
                lambda: number_of_components,
                _connected,
                [
                    Control("always connected", lambda count: lambda r, m: 1),
                    Control("the layers' numbers added", lambda count: lambda r, m: sum(m) - sum(r)),
                ],
            ),
            enumeration(
                "the derivative of the function with a rational activation at generic rational points, exact rank, up "
                "to three hidden layers",
                lambda: lambda S: S.dimension,
                _no_more,
                [
                    Control(
                        "the dimension of the expansion from the last layer to the first",
                        lambda nullity: (
                            lambda S: DeepSubspace(S.core, S.configurations, Family.LAST_TO_FIRST).dimension
                        ),
                    ),
                    Control("one direction more", lambda nullity: lambda S: nullity(S) + 1),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
